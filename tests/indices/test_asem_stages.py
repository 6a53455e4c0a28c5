"""Every stage of an index equals what COINr 1.1.14, the reference package, made of its example: to 1e-9."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from greensilk.indices.building import Built, build
from greensilk.indices.definition import Aggregate, Impute, Normalise, Screen, Treat
from greensilk.indices.moments import shape
from greensilk.indices.ranking import within_groups
from greensilk.indices.treatment import winsorise

TO = 1e-9
BY_GDP = {"impute": Impute(method="group_mean", group="GDP_group"), "treat": Treat()}
BY_REGION = {"impute": Impute(method="group_mean", group="EurAsia_group"), "treat": Treat()}


def built(asem: Any, **methods: Any) -> Built:
    return build(asem.table, asem.definition(**methods), asem.groups)


def test_stages_up_to_treatment(asem: Any) -> None:
    done = built(asem, **BY_GDP)
    assert asem.differ("Raw.csv", done.prepared.raw) < TO
    assert asem.differ("Denominated.csv", done.prepared.denominated) < TO
    assert asem.differ("Imputed.csv", done.imputed) < TO
    assert asem.differ("Treated.csv", done.treated) < TO


@pytest.mark.parametrize(
    ("file", "spec"),
    [
        ("Normalised.csv", Normalise()),
        ("Normalised_n_zscore.csv", Normalise(method="z_score")),
        ("Normalised_n_scaled.csv", Normalise(method="scaled")),
        ("Normalised_n_rank.csv", Normalise(method="rank")),
        ("Normalised_n_borda.csv", Normalise(method="borda")),
        ("Normalised_n_prank.csv", Normalise(method="percentile_rank")),
        ("Normalised_n_dist2max.csv", Normalise(method="distance_to_max")),
    ],
)
def test_every_normalisation(asem: Any, file: str, spec: Normalise) -> None:
    assert asem.differ(file, built(asem, **BY_GDP, normalise=spec).normalised) < TO


def test_arithmetic_scores_and_ranks(asem: Any) -> None:
    done = built(asem, **BY_GDP)
    assert asem.differ("Aggregated.csv", done.all_levels) < TO
    expected = asem.read("results.csv").sort("uCode")
    assert done.results["unit"].to_list() == expected["uCode"].to_list()
    assert done.results["rank"].to_list() == expected["Rank"].cast(pl.Float64).to_list()
    for column in expected.columns[2:]:
        assert np.abs(expected[column].to_numpy() - done.results[column].to_numpy()).max() < TO


def test_geometric_scores_on_a_scale_from_one(asem: Any) -> None:
    done = built(asem, **BY_GDP, normalise=Normalise(low=1.0), aggregate=Aggregate(method="geometric"))
    assert asem.differ("Aggregated_gmean_1_100.csv", done.all_levels) < TO


def test_published_index_with_gaps_filled_by_region(asem: Any) -> None:
    done = built(asem, **BY_REGION)
    best = done.results.sort("rank").head(10)
    assert best["unit"].to_list() == ["CHE", "NLD", "DNK", "NOR", "BEL", "SWE", "AUT", "LUX", "DEU", "MLT"]
    published = [68.38, 64.82, 64.80, 64.47, 63.54, 63.00, 61.90, 61.58, 60.75, 60.36]
    assert best["Index"].round(2).to_list() == published
    assert best["Conn"].round(2).to_list()[:5] == [62.79, 61.94, 57.10, 57.44, 63.99]
    assert best["Sust"].round(2).to_list()[:5] == [73.98, 67.70, 72.51, 71.50, 63.09]
    india = done.results.filter(pl.col("unit") == "IND").row(0, named=True)
    assert (round(india["Index"], 2), india["rank"]) == (39.79, 45)
    assert (round(india["Conn"], 2), round(india["Sust"], 2)) == (28.60, 50.99)


def test_published_number_of_values_pulled_in(asem: Any) -> None:
    done = built(asem, **BY_REGION)
    pulled = {i.id: t.winsorised for i, t in zip(asem.indicators, done.treatments[0], strict=True) if t.winsorised}
    assert pulled == {
        "Services": 4, "FDI": 2, "ForPort": 3, "CostImpEx": 1, "Tariff": 3, "StMob": 2, "CultServ": 3, "Flights": 1,
        "Bord": 3, "Gas": 3, "Forest": 2, "Poverty": 3, "NGOs": 3, "FemLab": 1, "PubDebt": 1,
    }  # fmt: skip
    assert all(treatment.passed for treatment in done.treatments[0])


def test_published_variant_without_imputation_and_with_a_screen(asem: Any) -> None:
    done = built(asem, treat=Treat(), screen=Screen(available=0.9))
    assert len(done.results) == 46 and len(done.prepared.left_out) == 5
    best = done.results.sort("rank").head(6)
    assert best["unit"].to_list() == ["CHE", "DNK", "NLD", "NOR", "BEL", "SWE"]
    assert best["Index"].round(2).to_list() == [68.33, 64.47, 64.46, 64.23, 63.11, 62.82]


def test_published_treatment_of_raw_values(asem: Any) -> None:
    """What the reference package's page on treatment prints: of raw values, before they are divided by anything."""
    raw = built(asem).prepared.raw.of(("Flights", "Goods", "Services"))
    skew, kurt = shape(raw)
    assert skew.round(6).tolist() == [2.103287, 2.649973, 1.701085]
    assert kurt.round(6).tolist() == [4.508879, 8.266610, 2.375656]
    calmed, pulled = winsorise(raw, Treat())
    skew, kurt = shape(calmed)
    assert pulled.tolist() == [1, 2, 0]
    assert skew.round(6).tolist() == [1.900658, 1.140608, 1.701085]
    assert kurt.round(6).tolist() == [3.336065, 0.157205, 2.375656]


def test_published_treatment_after_division(asem: Any) -> None:
    done = built(asem, **BY_REGION)
    before, after = (shape(grid.of(("Flights", "Services"))) for grid in (done.imputed, done.treated))
    assert before[0].round(6).tolist() == [2.243556, 3.950450] and before[1].round(6).tolist() == [6.298202, 17.647612]
    assert after[0].round(6).tolist() == [1.753812, 1.624775] and after[1].round(6).tolist() == [3.246922, 2.115543]


def test_ranks_within_groups(asem: Any) -> None:
    results = built(asem, **BY_REGION).results
    found = within_groups(results, asem.groups, "EurAsia_group", "Index")
    assert found["unit"].to_list() == results["unit"].to_list()
    for region, size in (("Europe", 30), ("Asia", 21)):
        part = found.filter(pl.col("group") == region).join(results, on="unit").sort("rank")
        assert part["rank_in_group"].to_list() == list(range(1, size + 1))
        assert part["group_median"].unique().to_list() == [pytest.approx(part["Index"].median())]
    nobody = within_groups(results.with_columns(rank=pl.lit(None, pl.Float64)), asem.groups, "EurAsia_group", "Index")
    assert nobody["rank_in_group"].null_count() == 51
