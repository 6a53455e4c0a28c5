"""Statistics and what-if of the reference package's example: its own files, and what its documentation publishes."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from greensilk.indices.association import consistency, correlations, principal_components
from greensilk.indices.building import Built, build
from greensilk.indices.definition import Impute, Treat, Weigh
from greensilk.indices.description import availability, describe, treatments, vintages
from greensilk.indices.means import MEANS
from greensilk.indices.structure import aggregate, structure
from greensilk.indices.weighting import correlation_optimised, effective_weights, flat_tree, principal_loadings
from greensilk.indices.whatif import agreement, compare, removals, reweighed, with_steps, without

CONNECTIVITY = ("Physical", "ConEcFin", "Political", "Instit", "P2P")
SUSTAINABILITY = ("Environ", "Social", "SusEcFin")


@pytest.fixture(scope="module")
def built(asem: Any) -> Built:
    """The example as its authors build it: gaps filled by the mean of Europe or Asia."""
    filled = Impute(method="group_mean", group="EurAsia_group")
    return build(asem.table, asem.definition(impute=filled, treat=Treat()), asem.groups)


def same_to_three_digits(found: float, expected: float) -> bool:
    digit = 10 ** (np.floor(np.log10(abs(expected))) - 2) if expected else 1e-300
    return abs(found - expected) <= 0.5000001 * digit


def test_distribution_of_every_indicator(asem: Any, built: Built) -> None:
    found = describe(built.prepared.raw.values, built.prepared.raw.columns)
    expected = asem.read("stats_raw.csv")
    names = {
        "Min": "min", "Max": "max", "Mean": "mean", "Median": "median", "Std": "deviation", "Skew": "skewness",
        "Kurt": "kurtosis", "N.Avail": "available", "N.NonZero": "nonzero", "N.Unique": "unique", "N.Same": "same",
        "Frc.Avail": "share_available", "Frc.NonZero": "share_nonzero", "Frc.Unique": "share_unique",
        "Frc.Same": "share_same",
    }  # fmt: skip
    for theirs, ours in names.items():
        pairs = zip(found[ours], expected[theirs].cast(pl.Float64), strict=True)
        assert all(same_to_three_digits(own, rounded) for own, rounded in pairs), theirs
    flags = {"Flag.Avail": "low_availability", "Flag.NonZero": "low_nonzero", "Flag.Unique": "low_unique"}
    for theirs, ours in (flags | {"Flag.SkewKurt": "outliers"}).items():
        assert found[ours].to_list() == [value != "ok" for value in expected[theirs]], theirs


def test_correlations_across_levels_as_in_the_file(asem: Any) -> None:
    by_gdp = asem.definition(impute=Impute(method="group_mean", group="GDP_group"), treat=Treat())
    found = correlations(build(asem.table, by_gdp, asem.groups))
    for index, below, expected in asem.read("corr_levels.csv").iter_rows():
        row = found.filter(pl.col("first") == below, pl.col("second") == index)
        assert row["correlation"][0] == pytest.approx(float(expected), abs=1e-9)


def test_published_correlations_of_the_sub_indices(built: Built) -> None:
    found = correlations(built).filter(pl.col("second") == "Index", pl.col("first").is_in(["Conn", "Sust"]))
    assert dict(found.select("first", pl.col("correlation").round(7)).iter_rows()) == {
        "Conn": 0.9397805,
        "Sust": 0.8382873,
    }


def test_published_loadings(built: Built) -> None:
    published = {
        CONNECTIVITY: [0.5117970, 0.3049926, 0.3547671, 0.5081540, 0.5108455],
        SUSTAINABILITY: [0.6513188, -0.7443677, 0.1473108],
    }
    for members, loadings in published.items():
        values = built.scores.of(members)
        assert principal_loadings(values).round(7).tolist() == loadings
        components = principal_components(values)
        assert components.loadings[:, 0].round(7).tolist() == loadings
        assert components.variances.sum() == pytest.approx(len(members))


def test_published_optimised_weights_give_their_correlations_and_ours_balance_better(asem: Any, built: Built) -> None:
    theirs = reweighed(built, {"Conn": 0.3902439})
    found = correlations(build(asem.table, theirs, asem.groups)).filter(pl.col("second") == "Index")
    of = dict(found.select("first", "correlation").iter_rows())
    assert (round(of["Conn"], 4), round(of["Sust"], 4)) == (0.8971, 0.8925)
    ours = correlation_optimised(built.scores.of(("Conn", "Sust")))
    assert ours == pytest.approx([0.3902439, 0.6097561], abs=0.01)
    balanced = with_steps(built.definition, weigh=Weigh(method="optimised"))
    again = correlations(build(asem.table, balanced, asem.groups)).filter(pl.col("second") == "Index")
    ends = dict(again.select("first", "correlation").iter_rows())
    assert ends["Conn"] == pytest.approx(ends["Sust"], abs=1e-9)


def test_published_effects_of_leaving_elements_out(asem: Any, built: Built) -> None:
    found = removals(asem.table, built, [*CONNECTIVITY, *SUSTAINABILITY], asem.groups)
    assert found["mean_change"].round(6).to_list() == [
        1.529412, 2.627451, 2.901961, 1.176471, 1.686275, 3.098039, 3.960784, 2.627451,
    ]  # fmt: skip


def test_published_effective_weights(built: Built) -> None:
    effective = effective_weights(built.definition, built.weights)
    assert round(effective["Goods"], 4) == 0.02 and round(effective["Renew"], 4) == 0.0333
    for level in (1, 2, 3, 4):
        total = sum(effective[name] for name, own in built.definition.levels().items() if own == level)
        assert total == pytest.approx(1)


def test_gaps_and_years_of_each_unit(asem: Any, built: Built) -> None:
    found = availability(built)
    expected = asem.read("Denominated.csv").drop("uCode")
    assert (
        found["available"].to_list()
        == expected.select(49 - pl.sum_horizontal(pl.all().is_null())).to_series().to_list()
    )
    zeros = (
        asem.read("Denominated.csv").drop("uCode").cast(pl.Float64).select(pl.sum_horizontal(pl.all() == 0)).to_series()
    )
    assert (found["available"] - found["nonzero"]).to_list() == zeros.to_list() and zeros.sum() > 0
    assert found["missing"].to_numpy() == pytest.approx(built.results["missing"].to_numpy())
    assert found["Index"].to_numpy() == pytest.approx(1 - found["missing"].to_numpy())
    ages = vintages(built)
    assert set(ages["newest"]) == {2018.0} and set(ages["spread"]) == {0.0} and set(ages["mean_age"]) == {0.0}


def test_what_was_done_about_outliers(built: Built) -> None:
    found = treatments(built)
    assert found["indicator"].to_list() == list(built.imputed.columns)
    assert found["winsorised"].sum() == 35 and found["passed"].all() and set(found["transform"]) == {"none"}


def test_the_tree_as_arrays_gives_the_same_scores(built: Built) -> None:
    """Two ways through the same tree: element by element here, by matrix products for many sets of weights there."""
    names, parents, weights = flat_tree(built.definition, built.weights)
    tree = structure(parents, weights)
    levels = [own[None] for own in tree.weights]
    found = aggregate(built.normalised.values.T, tree, levels, [MEANS["arithmetic"]] * len(levels))
    assert names[-1] == "Index"
    assert found[0] == pytest.approx(built.scores.column("Index"), abs=1e-9)


def test_an_index_compared_with_itself_and_with_a_smaller_one(asem: Any, built: Built) -> None:
    same = agreement(compare(built, built))
    assert (same["mean_change"], same["units"]) == (0, 51) and same["kendall"] == pytest.approx(1)
    fewer = without(built.definition, ["Conn", "Renew"])
    assert [element.id for element in fewer.elements] == ["Environ", "Social", "SusEcFin", "Sust", "Index"]
    alone = build(asem.table, fewer, asem.groups)
    assert "Renew" not in alone.normalised.columns
    assert alone.results["Index"].to_list() == alone.results["Sust"].to_list()


def test_alpha_of_every_group_is_the_formula_over_its_members(built: Built) -> None:
    found = consistency(built)
    social = built.normalised.of(built.definition.children("Social"))
    k = social.shape[1]
    covariance = np.cov(social, rowvar=False)
    expected = k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())
    assert found.filter(pl.col("element") == "Social")["alpha"][0] == pytest.approx(expected)
