"""The columnar table of facts: null is unknown, and the long form carries all that is known of each value."""

from __future__ import annotations

import polars as pl
import pytest

from greensilk.facts import LONG_SCHEMA, FactColumn, FactTable, Origin, compacted
from greensilk.records import Label, Support

RAMSAR = {"ramsar": Label(en="Ramsar sites", zh="国际重要湿地")}


def column(name: str, values: pl.Series, **more: pl.Series) -> FactColumn:
    return FactColumn(name, values, Support.METRES, "made_up", "1", "by_hand", **more)


@pytest.fixture
def table() -> FactTable:
    columns = [
        column(
            "distance_port", pl.Series([12.5, None]), reasons=pl.Series([None, "no_data_here"]),
            features=pl.Series(["Sihanoukville", None]), accuracy_m=pl.Series([500.0, None]),
        ),
        column("overlap_ramsar", pl.Series([True, None])),
        column("effect_climate", pl.Series([0, 3], dtype=pl.Int8)),
    ]  # fmt: skip
    return FactTable(pl.Series(["a", "b"]), {one.name: one for one in columns}, RAMSAR)


def test_known_is_where_the_value_is_not_null(table: FactTable) -> None:
    assert table["distance_port"].known.tolist() == [True, False]
    assert table.get("distance_coast_1to10m") is None
    assert len(table) == 2


def test_the_long_form_has_one_row_a_project_and_fact(table: FactTable) -> None:
    long = table.long()
    assert dict(long.schema) == LONG_SCHEMA
    assert long.height == 6
    port = long.filter((pl.col("fact") == "distance_port") & (pl.col("project_id") == "b")).row(0, named=True)
    assert (port["number"], port["known"], port["reason"], port["unit"]) == (None, False, "no_data_here", "m")


def test_levels_and_truths_are_written_as_words(table: FactTable) -> None:
    long = table.long()
    assert long.filter(pl.col("fact") == "effect_climate")["text"].to_list() == ["contributes", "significant_harm"]
    assert long.filter(pl.col("fact") == "overlap_ramsar")["text"].to_list() == ["true", None]


def test_an_empty_table_keeps_the_schema() -> None:
    assert dict(FactTable(pl.Series([], dtype=pl.String), {}).long().schema) == LONG_SCHEMA


def test_more_columns_replace_those_of_the_same_name(table: FactTable) -> None:
    more = table.with_columns([column("distance_port", pl.Series([1.0, 2.0]))])
    assert more["distance_port"].values.to_list() == [1.0, 2.0]
    assert table["distance_port"].values.to_list() == [12.5, None]


def by_two() -> FactColumn:
    """A fact that a finer data set answers for the second of three projects."""
    fine = Origin("fine", "2", Support.METRES, "by_eye", confirmed=False)
    return FactColumn(
        "elevation", pl.Series([1.0, 2.0, None]), Support.KILOMETRES, "coarse", "1", "by_hand",
        others=(fine,), answered_by=pl.Series([0, 1, None], dtype=pl.UInt8),
    )  # fmt: skip


def test_each_value_has_the_origin_that_answered() -> None:
    found = by_two()
    assert [found.origin_at(i).dataset for i in range(3)] == ["coarse", "fine", "coarse"]
    assert found.of_origin(lambda one: one.support > Support.METRES).tolist() == [True, False, True]
    long = FactTable(pl.Series(["a", "b", "c"]), {"elevation": found}).long()
    assert dict(long.schema) == LONG_SCHEMA
    said = long.select("dataset", "version", "support", "method", "confirmed").rows()
    coarse = ("coarse", "1", "kilometres", "by_hand", True)
    assert said == [coarse, ("fine", "2", "metres", "by_eye", False), coarse]


def test_compacted_columns_keep_their_origins() -> None:
    found = compacted([by_two(), column("ruggedness", pl.Series([1.0, 2.0, None]))])
    assert found[0].origins == by_two().origins and found[0].answers.tolist() == [0, 1, 0]
    assert len(found[1].origins) == 1 and found[1].answers.tolist() == [0, 0, 0]
