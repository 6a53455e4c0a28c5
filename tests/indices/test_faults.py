"""A definition and a table give a result, or one message that lists every fault, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from greensilk.errors import DefinitionError, IndexDefinitionError
from greensilk.indices.building import build
from greensilk.indices.definition import (
    Aggregate,
    Element,
    Goalposts,
    Impute,
    IndexDefinition,
    Indicator,
    Normalise,
    Screen,
    Select,
    Weigh,
)
from greensilk.indices.faults import Faults
from greensilk.indices.preparation import check_definition
from greensilk.records import Label, load_file

NAME = Label(en="x", zh="x")
UNITS = ["AAA", "BBB", "CCC", "DDD"]


def leaf(name: str, parent: str = "p", **more: Any) -> Indicator:
    return Indicator(**({"id": name, "label": NAME, "unit": "", "parent": parent, "direction": 1} | more))


def element(name: str, parent: str | None = "top", **more: Any) -> Element:
    return Element(**({"id": name, "label": NAME, "parent": parent} | more))


def index(**parts: Any) -> IndexDefinition:
    whole = {
        "id": "tried",
        "label": NAME,
        "indicators": (leaf("a"), leaf("b"), leaf("c", "q")),
        "elements": (element("p"), element("q"), element("top", None)),
    }
    return IndexDefinition(**(whole | parts))


def table(**columns: list[float | None]) -> pl.DataFrame:
    values = {"a": [1.0, 2.0, 3.0, 4.0], "b": [4.0, 1.0, 2.0, 2.0], "c": [0.0, 5.0, 9.0, 1.0]} | columns
    rows = [(u, name, 2020, v) for name, column in values.items() for u, v in zip(UNITS, column, strict=True)]
    return pl.DataFrame(
        rows, schema={"unit": pl.String, "indicator": pl.String, "year": pl.Int64, "value": pl.Float64}, orient="row"
    )


def keys(definition: IndexDefinition, data: pl.DataFrame, groups: pl.DataFrame | None = None) -> list[str]:
    with pytest.raises(IndexDefinitionError) as caught:
        check_definition(definition, data, groups)
    faults = caught.value.values["faults"]
    assert isinstance(faults, Faults)
    for lang in ("en", "zh"):
        message = caught.value.message(lang)
        assert message.count("\n- ") == len(faults.listed) and "tried" in message
    return [fault.key.removeprefix("indices.fault_") for fault in faults.listed]


def test_a_sound_one_passes() -> None:
    check_definition(index(), table())


def test_everything_wrong_is_listed_at_once() -> None:
    indicators = (
        leaf("a", direction=None, weight=0.7),
        leaf("b", weight=0.2),
        leaf("absent", "q", weight=1.0),
        leaf("flat", "q", weight=-1.0),
        leaf("empty", "q", weight=1.0),
        leaf("posts", "q", weight=0.0, goalposts=Goalposts(low=9, high=1)),
    )
    elements = (element("p", weight=0.5), element("q", weight=0.5), element("top", None))
    data = table(flat=[3.0] * 4, empty=[None] * 4, posts=[1.0, 2.0, 3.0, float("inf")])
    data = pl.concat([data, data.filter(pl.col("unit") == "BBB", pl.col("indicator") == "a")])
    definition = index(indicators=indicators, elements=elements, weigh=Weigh(method="given"))
    assert sorted(keys(definition, data)) == [
        "all_missing", "all_missing", "constant", "direction", "goalposts", "infinite", "twice", "unknown",
        "weight_negative", "weight_sum",
    ]  # fmt: skip


TREES = {
    "parent": index(indicators=(leaf("a", "nowhere"), leaf("b"), leaf("c", "q"))),
    "empty": index(elements=(element("p"), element("q"), element("void"), element("top", None))),
    "ids": index(indicators=(leaf("a"), leaf("a"), leaf("b"), leaf("c", "q"))),
    "root": index(elements=(element("p", None), element("q"), element("top", None))),
    "cycle": index(elements=(element("p", "q"), element("q", "p"), element("top", None))),
}


@pytest.mark.parametrize("kind", TREES)
def test_trees_that_are_none(kind: str) -> None:
    assert kind in keys(TREES[kind], table())


METHODS = {
    "weight_unused": index(elements=(element("p", weight=0.5), element("q"), element("top", None))),
    "weight_missing": index(weigh=Weigh(method="given")),
    "experts": index(weigh=Weigh(method="budget")),
    "points": index(weigh=Weigh(method="budget", experts=({"a": 50, "b": 40, "c": 100, "p": 50, "q": 50},))),
    "points_missing": index(weigh=Weigh(method="budget", experts=({"a": 50, "b": 50, "p": 50, "q": 50},))),
    "judgements": index(weigh=Weigh(method="ahp", judgements={"p": ((1.0, 2.0),), "q": ((1.0,),)})),
    "reciprocal": index(weigh=Weigh(method="ahp", judgements={"p": ((1.0, 2.0), (2.0, 1.0)), "q": ((1.0,),)})),
    "power": index(aggregate=Aggregate(method="generalised")),
    "negative": index(aggregate=Aggregate(method="geometric"), normalise=Normalise(method="z_score")),
    "optimised": index(aggregate=Aggregate(method="geometric"), weigh=Weigh(method="optimised")),
    "goalposts_missing": index(normalise=Normalise(method="goalposts")),
    "goalposts_log": index(indicators=(leaf("a", goalposts=Goalposts(low=0, high=1, log=True)), leaf("c", "q"))),
    "target_missing": index(normalise=Normalise(method="distance_to_target")),
    "target": index(
        normalise=Normalise(method="distance_to_target"),
        indicators=(leaf("a", target=1.0), leaf("b", target=9.0), leaf("c", "q", target=1.0)),
    ),
    "reference_missing": index(normalise=Normalise(method="distance_to_reference")),
    "reference": index(normalise=Normalise(method="distance_to_reference", reference="ZZZ")),
    "reference_value": index(normalise=Normalise(method="distance_to_reference", reference="AAA")),
    "scale": index(normalise=Normalise(low=5, high=5)),
    "not_positive": index(normalise=Normalise(method="fraction_of_max")),
    "linear": index(impute=Impute(method="linear")),
    "group_missing": index(impute=Impute(method="group_mean")),
    "group": index(impute=Impute(method="group_mean", group="region")),
    "em": index(impute=Impute(method="em")),
    "reserved": index(indicators=(leaf("a"), leaf("rank"), leaf("c", "q"))),
    "strangers": index(weigh=Weigh(targets={"nobody": 2.0})),
    "years": index(select=Select(years=(2020, 2020))),
    "denominator": index(indicators=(leaf("a", denominator="people"), leaf("c", "q"))),
    "divisor": index(indicators=(leaf("a", denominator="c"), leaf("b", "q"))),
    "no_units": index(screen=Screen(available=1.0), indicators=(leaf("a"), leaf("b"), leaf("gappy", "q"))),
}


@pytest.mark.parametrize("kind", METHODS)
def test_methods_that_cannot_be(kind: str) -> None:
    assert kind in keys(METHODS[kind], table(gappy=[None] * 4))


def test_judgements_that_contradict_each_other() -> None:
    rows = ((1.0, 9.0, 1 / 9), (1 / 9, 1.0, 9.0), (9.0, 1 / 9, 1.0))
    definition = index(
        indicators=(leaf("a", "top"), leaf("b", "top"), leaf("c", "top")),
        elements=(element("top", None),),
        weigh=Weigh(method="ahp", judgements={"top": rows}),
    )
    assert keys(definition, table()) == ["inconsistent"]


def test_copeland_scores_below_a_geometric_mean() -> None:
    elements = (element("p", aggregate="copeland"), element("q"), element("top", None, aggregate="geometric"))
    assert keys(index(elements=elements), table()) == ["negative"]


def test_entropy_of_scores_that_may_be_negative() -> None:
    assert (
        keys(index(weigh=Weigh(method="entropy"), normalise=Normalise(method="z_score")), table()) == ["negative"] * 3
    )


def test_tables_that_are_none() -> None:
    assert keys(index(), table().drop("value")) == ["column"]
    assert keys(index(), table().with_columns(pl.col("year").cast(pl.String))) == ["column"]
    assert "no_rows" in keys(index(), table().clear())
    assert "keys" in keys(index(), pl.concat([table(), table().head(1).with_columns(unit=pl.lit(None, pl.String))]))
    assert keys(index(indicators=()), table())[0] == "no_indicators"


def test_a_unit_in_two_groups() -> None:
    groups = pl.DataFrame({"unit": ["AAA", "AAA"], "region": ["x", "y"]})
    assert keys(index(impute=Impute(method="group_mean", group="region")), table(), groups) == ["group_twice"]


def test_a_zero_divisor_is_no_value_and_the_year_of_another_table_is_told() -> None:
    assert keys(index(select=Select(years=(1990,))), table()) == ["all_missing"] * 3


def test_an_unknown_key_or_method_is_refused_when_read(tmp_path: Path) -> None:
    path = tmp_path / "tried.yaml"
    path.write_text("id: tried\nlabel: {en: x, zh: x}\nindicators: []\nelements: []\nuprating: cpi\n", "utf-8")
    with pytest.raises(DefinitionError, match="uprating"):
        load_file(IndexDefinition, path)


def test_names_beyond_the_first_few_are_counted() -> None:
    data = pl.concat([table(), table()])
    with pytest.raises(IndexDefinitionError, match=r"… \(12\)"):
        build(data, index())
