"""Exposure worked out by hand on a small portfolio, and kept whole for any."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import greensilk
from greensilk.appraisal import Dossier
from greensilk.appraisal.exposure import GROUPINGS, UNITS, WORST_FIRST, concentration, counted, exposure

ROWS = """id,name,lon,lat,type,lender,loan_id,investment,currency
a,Coal at sea,103.0,18.0,coal_power_new,Bank A,L1,100,USD
b,Sun of the same loan,104.0,18.0,solar_pv,Bank A,L1,100,USD
c,Sun,105.0,18.0,solar_pv,Bank A,L2,50,USD
d,Sun again,105.0,18.0,solar_pv,Bank B,L2,70,USD
e,Waste,2.35,48.85,waste_to_energy,Bank B,,30,EUR
f,Wind,2.35,48.85,wind_onshore,,,,
"""


@pytest.fixture
def dossier(tmp_path: Path) -> Dossier:
    path = tmp_path / "deals.csv"
    path.write_text(ROWS, "utf-8")
    return greensilk.screen(path, standards=["gdg_2020"], workers=1)


def by(dossier: Dossier, unit: str, group: str) -> dict[tuple[str, str, str], tuple[int, float | None]]:
    table = exposure(counted(dossier, "gdg_2020", unit), group)  # type: ignore[arg-type]
    return {(g, light, money): (number, amount) for g, light, money, number, amount in table.iter_rows()}


def test_projects_by_lender(dossier: Dossier) -> None:
    assert by(dossier, "project", "lender") == {
        ("Bank A", "RED", "USD"): (1, 100.0),
        ("Bank A", "GREEN_BY_TYPE", "USD"): (2, 150.0),
        ("Bank B", "GREEN_BY_TYPE", "USD"): (1, 70.0),
        ("Bank B", "YELLOW_BY_TYPE", "EUR"): (1, 30.0),
        ("", "GREEN_BY_TYPE", ""): (1, None),
    }


def test_a_loan_has_its_worst_light_and_its_amount_once(dossier: Dossier) -> None:
    loans = by(dossier, "loan", "lender")
    assert loans[("Bank A", "RED", "USD")] == (1, 100.0)  # L1, whose rows both say 100
    assert loans[("Bank A", "GREEN_BY_TYPE", "USD")] == (1, 50.0)  # L2, counted where its first project is
    assert loans[("Bank B", "GREEN_BY_TYPE", "USD")] == (0, 70.0)
    assert sum(number for number, _ in loans.values()) == 4


def test_a_row_that_gives_no_amount_does_not_make_a_loan_count_twice(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(ROWS.replace("c,Sun,105", "g,Grid,104.0,18.0,solar_pv,Bank A,L1,,USD\nc,Sun,105"), "utf-8")
    loans = by(greensilk.screen(path, standards=["gdg_2020"], workers=1), "loan", "lender")
    assert loans[("Bank A", "RED", "USD")] == (1, 100.0)


def test_a_place_has_its_worst_light(dossier: Dossier) -> None:
    places = by(dossier, "place", "country")
    assert places[("FRA", "YELLOW_BY_TYPE", "EUR")] == (1, 30.0) and ("FRA", "YELLOW_BY_TYPE", "") in places
    assert sum(number for number, _ in places.values()) == 4


def test_concentration_by_hand(dossier: Dossier) -> None:
    found = concentration(counted(dossier, "gdg_2020", "project"), "lender", "USD")
    assert found is not None and found.largest == "Bank A" and found.groups == 2
    assert found.largest_share == pytest.approx(250 / 320)
    assert found.effective_groups == pytest.approx(1 / ((250 / 320) ** 2 + (70 / 320) ** 2))
    assert concentration(counted(dossier, "gdg_2020", "project"), "lender", "CNY") is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["x", "y", None]), st.sampled_from(WORST_FIRST), st.sampled_from(["", "USD"]),
            st.one_of(st.none(), st.floats(0, 1e9)),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_nothing_is_lost(rows: list[tuple[str | None, str, str, float | None]]) -> None:
    table = pl.DataFrame(
        {
            "sector": [row[0] or "" for row in rows],
            "light": [row[1] for row in rows],
            "currency": [row[2] for row in rows],
            "amount": [row[3] for row in rows],
            "counts": [1] * len(rows),
        },
        schema={
            "sector": pl.String, "light": pl.String, "currency": pl.String, "amount": pl.Float64, "counts": pl.Int64,
        },
    )  # fmt: skip
    found = exposure(table, "sector")
    assert found["number"].sum() == len(rows)
    assert found["amount"].sum() == pytest.approx(sum(row[3] or 0 for row in rows))
    held = concentration(table, "sector")
    if held is not None:
        assert 1 <= held.effective_groups <= held.groups + 1e-9
        assert 1 / held.groups - 1e-9 <= held.largest_share <= held.top_five_share + 1e-9


def test_every_unit_and_grouping_of_the_example_sums_to_all(dossier: Dossier) -> None:
    for unit in UNITS:
        rows = counted(dossier, "gdg_2020", unit)
        for group in GROUPINGS:
            assert exposure(rows, group)["number"].sum() == rows["unit_id"].n_unique()


def rows_of(*rows: tuple[str, str, int, float | None]) -> pl.DataFrame:
    """Rows of (lender, light, counts, amount), all in one currency."""
    table = pl.DataFrame(rows, schema=["lender", "light", "counts", "amount"], orient="row")
    return table.with_columns(pl.lit("USD").alias("currency"), pl.col("amount").cast(pl.Float64))


def test_the_group_with_most_rated_units_comes_first_and_the_worst_light_within_it() -> None:
    table = rows_of(
        ("B", "GREEN", 1, 1.0), ("B", "RED", 1, None), ("A", "YELLOW", 1, 2.0), ("C", "YELLOW", 1, 2.0),
        ("Z", "NOT_APPLICABLE", 5, 9.0), ("C", "NOT_APPLICABLE", 1, None),
    )  # fmt: skip
    assert exposure(table, "lender").rows() == [
        ("B", "RED", "USD", 1, None),
        ("B", "GREEN", "USD", 1, 1.0),
        ("A", "YELLOW", "USD", 1, 2.0),
        ("C", "YELLOW", "USD", 1, 2.0),
        ("C", "NOT_APPLICABLE", "USD", 1, None),
        ("Z", "NOT_APPLICABLE", "USD", 5, 9.0),
    ]


def test_the_five_largest_groups_and_of_equal_ones_the_first_by_name() -> None:
    table = rows_of(*((name, "GREEN", 1, 10.0) for name in "GFEDCBA"), ("", "GREEN", 9, 99.0), ("H", "GREEN", 0, 0.0))
    for currency in (None, "USD"):
        found = concentration(table, "lender", currency)
        assert found is not None
        assert (found.groups, found.largest) == (7, "A")
        assert found.largest_share == pytest.approx(1 / 7) and found.top_five_share == pytest.approx(5 / 7)
        assert found.effective_groups == pytest.approx(7)
    assert concentration(rows_of(("", "GREEN", 1, 5.0)), "lender") is None


def test_places_and_loans_have_the_gravest_light_as_in_the_report() -> None:
    from greensilk.reports.marks import SEVERITY

    assert WORST_FIRST == SEVERITY
