"""The Human Development Index as a definition: fixed goalposts, a logarithm, two ways to aggregate in one tree."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from greensilk.indices.building import build
from greensilk.indices.definition import IndexDefinition
from greensilk.records import load_file

NAMES = ["life_expectancy", "expected_schooling", "mean_schooling", "income"]
# As printed in the report (2021), rounded, and the index that it prints.
PRINTED = {
    "CHE": (84.0, 16.5, 13.9, 66933.0, 0.962),
    "NOR": (83.2, 18.2, 13.0, 64660.0, 0.961),
    "HKG": (85.5, 17.3, 12.2, 62607.0, 0.952),
    "URY": (75.4, 16.8, 9.0, 21269.0, 0.809),
    "CHN": (78.2, 14.2, 7.6, 17504.0, 0.768),
    "MNG": (71.0, 15.0, 9.4, 10588.0, 0.739),
    "LAO": (68.1, 10.1, 5.4, 7700.0, 0.607),
    "KHM": (69.6, 11.5, 5.1, 4079.0, 0.593),
    "SSD": (55.0, 5.5, 5.7, 768.0, 0.385),
}


@pytest.fixture(scope="module")
def hdi() -> IndexDefinition:
    return load_file(IndexDefinition, Path(__file__).parent / "data" / "hdi.yaml")


def table(countries: dict[str, tuple[float, ...]]) -> pl.DataFrame:
    rows = [
        (unit, name, 2021, value)
        for unit, values in countries.items()
        for name, value in zip(NAMES, values, strict=False)
    ]
    return pl.DataFrame(rows, schema=["unit", "indicator", "year", "value"], orient="row")


def test_countries_as_printed(hdi: IndexDefinition) -> None:
    found = build(table(PRINTED), hdi).results
    for unit, score in found.select("unit", "hdi").iter_rows():
        assert score == pytest.approx(PRINTED[unit][-1], abs=0.001)  # the inputs are printed with one decimal
    assert found.sort("rank")["unit"].to_list() == list(PRINTED)


def test_by_hand_with_a_cap(hdi: IndexDefinition) -> None:
    found = build(table({"A": (52.5, 9.0, 3.0, 100 * math.sqrt(750)), "B": (90.0, 20.0, 15.0, 90000.0)}), hdi)
    of = {row["unit"]: row for row in found.results.iter_rows(named=True)}
    assert of["A"]["health"] == pytest.approx(0.5) and of["A"]["education"] == pytest.approx((0.5 + 0.2) / 2)
    assert of["A"]["living_standard"] == pytest.approx(0.5)
    assert of["A"]["hdi"] == pytest.approx((0.5 * 0.35 * 0.5) ** (1 / 3))
    assert of["B"]["hdi"] == pytest.approx(1.0)


def test_a_country_without_one_of_four_is_not_scored(hdi: IndexDefinition) -> None:
    gap = table(PRINTED | {"PRK": (73.3, 10.8, float("nan"), 1700.0)})
    row = build(gap, hdi).results.filter(pl.col("unit") == "PRK").row(0, named=True)
    assert row["hdi"] is None and row["rank"] is None and row["status"] == "no_score"
    assert np.isclose(row["missing"], 0.25) and row["health"] is not None
