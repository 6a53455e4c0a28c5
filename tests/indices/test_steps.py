"""Each step alone, against scipy, formulas and cases by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from greensilk.errors import IndexDefinitionError
from greensilk.indices import (
    aggregation,
    association,
    imputation,
    moments,
    normalisation,
    ranking,
    treatment,
    weighting,
)
from greensilk.indices.definition import Aggregate, Indicator, Normalise, Screen, Treat
from greensilk.indices.description import describe
from greensilk.indices.em import em_filled
from greensilk.indices.grid import Floats, Grid
from greensilk.indices.nonnegative import nonnegative_least_squares
from greensilk.indices.selection import enough, presence, select
from greensilk.records import Label

calm = settings(deadline=None, max_examples=50)
numbers = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
columns = st.lists(numbers, min_size=5, max_size=30).filter(lambda x: max(x) - min(x) > 1e-2)


def column(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)[:, None]


def random(seed: int, rows: int, width: int, gaps: float = 0.0) -> Floats:
    rng = np.random.default_rng(seed)
    values = rng.lognormal(size=(rows, width)) @ (np.eye(width) + 0.3)
    return np.where(rng.random((rows, width)) < gaps, np.nan, values)


def indicator(direction: int = 1, **more: object) -> Indicator:
    label = Label(en="x", zh="x")
    return Indicator(id="x", label=label, unit="", parent="p", direction=direction, **more)  # type: ignore[arg-type]


@calm
@given(columns, st.integers(0, 3))
def test_moments_are_those_of_scipy(values: list[float], gaps: int) -> None:
    with_gaps = column(*values, *[np.nan] * gaps)
    skew, kurt = moments.shape(with_gaps)
    assert skew[0] == pytest.approx(stats.skew(values, bias=False), rel=1e-6, abs=1e-9)
    assert kurt[0] == pytest.approx(stats.kurtosis(values, bias=False), rel=1e-6, abs=1e-9)
    assert moments.median(with_gaps)[0] == pytest.approx(np.median(values))
    assert moments.deviation(with_gaps)[0] == pytest.approx(np.std(values, ddof=1))


def test_moments_of_too_little_are_unknown() -> None:
    skew, kurt = moments.shape(np.array([[1.0, 5.0, np.nan], [2.0, 5.0, np.nan], [4.0, 5.0, np.nan]]))
    assert np.isfinite(skew[0]) and np.isnan([skew[1], skew[2], *kurt]).all()


@calm
@given(st.lists(st.integers(-5, 5), min_size=2, max_size=20))
def test_ranks_are_those_of_scipy(values: list[int]) -> None:
    scores = np.array(values, dtype=np.float64)
    assert moments.competition_ranks(scores[:, None])[:, 0].tolist() == stats.rankdata(values, "min").tolist()
    for ours, theirs in (("lowest", "min"), ("average", "average"), ("dense", "dense")):
        expected = stats.rankdata(-scores, theirs).tolist()
        assert ranking.rank(scores, ours).tolist() == expected  # type: ignore[arg-type]


def test_scores_that_differ_by_rounding_tie_and_the_ineligible_are_skipped() -> None:
    scores = np.array([0.1 + 0.2, 0.3, 0.4, 0.2])
    assert ranking.rank(scores).tolist() == [2, 2, 1, 4]
    found = ranking.rank(scores, eligible=np.array([True, True, False, True]))
    assert np.isnan(found[2]) and found[[0, 1, 3]].tolist() == [1, 1, 3]


@pytest.mark.parametrize("seed", range(4))
def test_likeliest_exponents_are_those_of_scipy(seed: int) -> None:
    values = np.random.default_rng(seed).lognormal(1, 0.8, 60)
    ours, exponent = treatment.transformed(values, "box_cox")
    theirs, expected = stats.boxcox(values)
    assert exponent == pytest.approx(expected, abs=1e-5) and ours == pytest.approx(theirs, rel=1e-4)
    centred = values - 3
    ours, exponent = treatment.transformed(centred, "yeo_johnson")
    theirs, expected = stats.yeojohnson(centred)
    assert exponent == pytest.approx(expected, abs=1e-5) and ours == pytest.approx(theirs, rel=1e-4)


def test_box_cox_of_values_that_are_not_positive_keeps_their_order() -> None:
    values = np.array([-3.0, 0.0, 1.0, 2.0, 900.0, np.nan])
    changed, _ = treatment.transformed(values, "box_cox")
    assert (np.diff(changed[:5]) > 0).all() and np.isnan(changed[5])


def test_a_column_moved_for_box_cox_has_its_least_value_at_a_hundredth_of_its_range() -> None:
    values = np.array([-40.0, 0.0, 10.0, 60.0])
    changed, exponent = treatment.transformed(values, "box_cox")
    assert exponent is not None and changed == pytest.approx(treatment.box_cox(values + 41, exponent))


def test_winsorising_takes_the_longer_tail_and_ties_together() -> None:
    base = list(np.linspace(1, 2, 20))
    low, pulled = treatment.winsorise(column(-99.0, -99.0, *base), Treat())
    assert pulled.tolist() == [2] and low[:2, 0].tolist() == [1.0, 1.0]
    high, pulled = treatment.winsorise(column(*base, 50.0, 400.0), Treat())
    assert pulled.tolist() == [2] and high[-2:, 0].tolist() == [2.0, 2.0]


def test_no_scores_give_no_ranks_and_no_neighbours_no_values() -> None:
    assert np.isnan(ranking.rank(np.array([np.nan, np.nan]))).all()
    alone = np.array([[1.0, np.nan], [np.nan, 2.0], [np.nan, 5.0]])
    assert np.isnan(imputation.nearest_filled(alone)[0, 1])


def test_the_cap_is_kept_and_then_the_original_is_transformed() -> None:
    values = column(*np.linspace(1, 2, 30), 50.0, 400.0)
    out, done = treatment.treat(values, Treat(winsorise=1))
    assert (done[0].winsorised, done[0].transform) == (0, "log")
    assert out == pytest.approx(np.log(values - 1 + 0.01 * 399))
    assert treatment.winsorise(values, Treat(winsorise=1))[1].tolist() == [1]


def test_a_column_that_would_lose_its_variance_is_not_winsorised() -> None:
    values = column(*[0.0] * 20, 7.0)
    out, done = treatment.treat(values, Treat(then="none"))
    assert out.tolist() == values.tolist() and not done[0].passed
    still, done = treatment.treat(column(3.0, 3.0, 3.0, 3.0), Treat())
    assert still[:, 0].tolist() == [3.0] * 4 and done[0].passed


def test_the_latest_value_within_the_years_allowed_is_taken() -> None:
    rows = [("LAO", "f", 2010, 1.0), ("LAO", "f", 2016, 2.0), ("LAO", "f", 2019, 3.0), ("KHM", "f", 2011, 4.0)]
    rows += [("KHM", "f", 2017, None), ("MMR", "g", 2018, 5.0)]
    table = pl.DataFrame(rows, schema=["unit", "indicator", "year", "value"], orient="row")
    grid, vintage = select(table, ("f",), (2016, 2018), 5)
    assert grid.units == ("KHM", "LAO", "MMR") * 2 and grid.years.tolist() == [2016] * 3 + [2018] * 3
    assert np.nan_to_num(grid.values[:, 0], nan=-1).tolist() == [4, 2, -1, -1, 2, -1]
    assert np.nan_to_num(vintage.values[:, 0], nan=-1).tolist() == [2011, 2016, -1, -1, 2016, -1]
    ever, _ = select(table, ("f",), (2030,), None)
    assert np.nan_to_num(ever.values[:, 0], nan=-1).tolist() == [4, 3, -1]


def test_the_screen_looks_at_gaps_and_zeros() -> None:
    values = np.array([[1.0, 2, 3], [1, np.nan, 3], [0, 0, 3], [np.nan, np.nan, np.nan]])
    assert presence(values).nonzero == pytest.approx([1, 1, 1 / 3, 0])
    assert presence(np.array([[np.nan, 4.0]])).nonzero.tolist() == [1]
    assert enough(values, Screen(available=2 / 3)).tolist() == [True, True, True, False]
    assert enough(values, Screen(available=0.9, nonzero=0.5)).tolist() == [True, False, False, False]


def test_normalisations_by_hand() -> None:
    values, units = column(2.0, 6.0, 10.0, np.nan), ["a", "b", "c", "d"]

    def scores(spec: Normalise, direction: int = 1, **more: object) -> list[float]:
        return normalisation.normalise(values, [indicator(direction, **more)], spec, units)[:3, 0].tolist()

    assert scores(Normalise()) == [0, 50, 100] and scores(Normalise(), -1) == [100, 50, 0]
    assert scores(Normalise(method="distance_to_reference", reference="b")) == [0, 1, 2]
    assert scores(Normalise(method="distance_to_reference", reference="b", cap=True)) == [0, 1, 1]
    assert scores(Normalise(method="distance_to_target"), target=18.0) == [0, 0.25, 0.5]
    assert scores(Normalise(method="distance_to_target"), -1, target=2.0) == [1, 0.5, 0]
    assert scores(Normalise(method="fraction_of_max")) == [0.2, 0.6, 1]
    assert scores(Normalise(method="fraction_of_max"), -1) == pytest.approx([1, 1 / 3, 0.2])
    assert scores(Normalise(method="scaled", low=2.0, high=10.0)) == [0, 50, 100]
    assert scores(Normalise(method="z_score", mean=10.0, deviation=4.0)) == [6, 10, 14]
    assert scores(Normalise(method="percentile_rank"), -1) == [1, 0.5, 0]
    posts = {"goalposts": {"low": 4.0, "high": 8.0}}
    assert scores(Normalise(method="goalposts"), **posts) == [0, 50, 100]
    assert scores(Normalise(method="goalposts"), -1, **posts) == [100, 50, 0]


def test_imputation_by_hand() -> None:
    values = np.array([[1.0, 5.0], [3.0, np.nan], [8.0, 7.0], [np.nan, 9.0]])
    assert imputation.centre_filled(values)[:, 0].tolist() == [1, 3, 8, 4]
    assert imputation.centre_filled(values, moments.median)[:, 0].tolist() == [1, 3, 8, 3]
    grouped = imputation.group_filled(values, ["a", "a", "b", "b"])
    assert grouped[3, 0] == 8 and grouped[1, 1] == 5
    assert np.isnan(imputation.group_filled(values, ["a", "a", "b", "c"])[3, 0])


def test_a_line_through_time_stays_within_its_ends() -> None:
    years = np.array([2000, 2001, 2002, 2004] * 2)
    values = column(1, np.nan, np.nan, 5, np.nan, 3, np.nan, np.nan)
    found = imputation.linear_filled(Grid(("a",) * 4 + ("b",) * 4, years, ("x",), values))[:, 0]
    assert found[:4].tolist() == [1, 2, 3, 5]
    assert found[5] == 3 and np.isnan(found[[4, 6, 7]]).all()


def test_neighbours_are_found_over_what_both_have() -> None:
    values = random(3, 25, 4, 0.15)
    standard = (values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0, ddof=1)
    found = imputation.nearest_filled(values, 3)
    for i, j in np.argwhere(np.isnan(values)):
        distance = [np.nanmean((standard[i] - standard[m]) ** 2) for m in range(25)]
        order = [m for m in np.argsort(distance) if m != i and not np.isnan(values[m, j])]
        assert found[i, j] == pytest.approx(values[order[:3], j].mean())


def test_expectation_maximisation_is_regression_where_one_column_has_gaps() -> None:
    """With gaps in one column only the likeliest parameters are known in closed form: Little and Rubin 2002, 7.2."""
    values = random(5, 40, 3)
    values[:9, 2] = np.nan
    there = values[9:]
    design = np.column_stack([np.ones(31), there[:, :2]])
    slope = np.linalg.lstsq(design, there[:, 2], rcond=None)[0]
    expected = np.column_stack([np.ones(9), values[:9, :2]]) @ slope
    assert em_filled(values)[:9, 2] == pytest.approx(expected, rel=1e-6)


def test_expectation_maximisation_ends_where_the_likelihood_of_what_is_there_is_greatest() -> None:
    values = np.log(random(7, 40, 2))
    values[:8, 0], values[8:15, 1] = np.nan, np.nan

    def parameters(found: Floats) -> tuple[Floats, Floats]:
        root = np.array([[np.exp(found[2]), 0.0], [found[3], np.exp(found[4])]])
        return found[:2], root @ root.T

    def unlikeliness(found: Floats) -> float:
        centre, covariance = parameters(found)
        return -sum(
            stats.multivariate_normal.logpdf(row[there], centre[there], covariance[np.ix_(there, there)])
            for row, there in zip(values, ~np.isnan(values), strict=True)
        )

    centre, covariance = parameters(optimize.minimize(unlikeliness, np.zeros(5), method="BFGS").x)
    filled = em_filled(values)
    slope = covariance[0, 1] / np.diag(covariance)
    assert filled[:8, 0] == pytest.approx(centre[0] + slope[1] * (values[:8, 1] - centre[1]), abs=1e-4)
    assert filled[8:15, 1] == pytest.approx(centre[1] + slope[0] * (values[8:15, 0] - centre[0]), abs=1e-4)
    assert np.array_equal(filled[~np.isnan(values)], values[~np.isnan(values)])


def test_expectation_maximisation_with_more_columns_than_rows_needs_its_prior() -> None:
    values = random(11, 8, 12, 0.1)
    filled = em_filled(values, prior_rows=5.0)
    assert np.isfinite(filled).all()


def test_expectation_maximisation_that_does_not_settle_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("greensilk.indices.em.MOST_STEPS", 2)
    with pytest.raises(IndexDefinitionError, match="2 steps"):
        em_filled(random(7, 60, 3, 0.2))


@pytest.mark.parametrize("seed", range(6))
def test_nonnegative_least_squares_is_that_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix, wanted = rng.normal(size=(12, 6)), rng.normal(size=12)
    assert nonnegative_least_squares(matrix, wanted) == pytest.approx(optimize.nnls(matrix, wanted)[0], abs=1e-9)


def test_weights_from_judgements() -> None:
    """Saaty's matrix of distances from Philadelphia (1980): weights and ratio as he prints them."""
    rows = [
        [1, 1 / 3, 8, 3, 3, 7],
        [3, 1, 9, 3, 3, 9],
        [1 / 8, 1 / 9, 1, 1 / 6, 1 / 5, 2],
        [1 / 3, 1 / 3, 6, 1, 1 / 3, 6],
        [1 / 3, 1 / 3, 5, 3, 1, 6],
        [1 / 7, 1 / 9, 1 / 2, 1 / 6, 1 / 6, 1],
    ]
    weights, ratio = weighting.analytic_hierarchy(np.array(rows))
    assert weights == pytest.approx(
        [0.263, 0.397, 0.033, 0.116, 0.164, 0.027], abs=0.0015
    )  # his are rounded on the way
    assert ratio == pytest.approx((6.45 - 6) / 5 / 1.24, abs=0.002)


def test_weights_from_entropy_by_hand() -> None:
    scores = np.array([[1.0, 1.0], [1.0, 3.0]])
    share = np.array([0.25, 0.75])
    apart = 1 + (share * np.log(share)).sum() / np.log(2)
    assert apart > 0 and weighting.entropy(scores) == pytest.approx([0, 1])
    three = np.column_stack([scores, [1.0, 3.0]])
    assert weighting.entropy(three) == pytest.approx([0, 0.5, 0.5])
    assert weighting.entropy(np.ones((4, 2))).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("seed", range(4))
def test_optimised_weights_balance_the_correlations(seed: int) -> None:
    scores = random(seed, 80, 4)
    targets = np.array([1.0, 1.0, 2.0, 1.5])
    weights = weighting.correlation_optimised(scores, targets)
    whole = scores @ weights
    found = np.array([np.corrcoef(member, whole)[0, 1] for member in scores.T])
    assert weights.min() >= 0 and weights.sum() == pytest.approx(1)
    if weights.min() > 1e-9:
        assert found / found.sum() == pytest.approx(targets / targets.sum())


def test_principal_weights_are_the_parts_of_the_first_variance() -> None:
    scores = random(2, 50, 5, 0.02)
    rows = scores[~np.isnan(scores).any(axis=1)]
    values, vectors = np.linalg.eigh(np.corrcoef(rows, rowvar=False))
    assert weighting.principal(scores) == pytest.approx(vectors[:, -1] ** 2)
    components = association.principal_components(scores)
    assert components.variances == pytest.approx(values[::-1]) and components.rows == len(rows)
    assert components.explained.sum() == pytest.approx(1) and components.above_one == (values > 1).sum()


def test_means_are_those_of_scipy() -> None:
    scores, weights = random(4, 30, 5), np.array([0.1, 0.3, 0.2, 0.15, 0.25])
    for row, ours in zip(scores, aggregation.geometric(scores, weights), strict=True):
        assert ours == pytest.approx(stats.gmean(row, weights=weights))
    for row, ours in zip(scores, aggregation.harmonic(scores, weights), strict=True):
        assert ours == pytest.approx(stats.hmean(row, weights=weights))
    for row, ours in zip(scores, aggregation.generalised(scores, weights, 2.5), strict=True):
        assert ours == pytest.approx(stats.pmean(row, 2.5, weights=weights))
    assert aggregation.arithmetic(scores, weights) == pytest.approx(scores @ weights)


def test_aggregation_goes_by_what_is_there_above_a_share() -> None:
    scores, weights = np.array([[0.0, 50.0, np.nan], [np.nan, np.nan, 4.0]]), np.array([0.2, 0.3, 0.5])
    half = Aggregate(available=0.5)
    assert aggregation.aggregate(scores, weights, "arithmetic", half).tolist() == [30, 4]
    assert aggregation.aggregate(scores, weights, "geometric", half).tolist() == pytest.approx([0, 4])
    assert aggregation.aggregate(scores, weights, "min", half).tolist() == [0, 4]
    assert np.isnan(aggregation.aggregate(scores, weights, "arithmetic", Aggregate(available=0.6))).all()
    thirds = np.array([[1.0, 3.0, np.nan], [1.0, np.nan, np.nan]])
    usual = aggregation.aggregate(thirds, np.ones(3), "arithmetic", Aggregate())
    assert usual[0] == 2 and np.isnan(usual[1])
    assert np.isnan(aggregation.aggregate(np.full((1, 3), np.nan), weights, "copeland", Aggregate(available=0.0)))[0]


def test_outranking_by_hand() -> None:
    scores, weights = np.array([[1.0, 2.0], [1.0, 1.0], [np.nan, 3.0]]), np.array([0.6, 0.4])
    support = aggregation.outranking(scores, weights)
    assert (support[0, 1], support[1, 0], support[0, 2], support[2, 1]) == pytest.approx((0.7, 0.3, 0.0, 1.0))
    assert aggregation.copeland(scores, weights).tolist() == [0, -2, 2]


def test_a_negative_score_has_no_geometric_mean() -> None:
    assert np.isnan(aggregation.geometric(np.array([[-1.0, 2.0]]), np.array([0.5, 0.5])))[0]


@pytest.mark.parametrize("gaps", [0.0, 0.25])
def test_correlations_are_those_of_scipy(gaps: float) -> None:
    values = random(9, 30, 4, gaps)
    values[:, 3] = np.round(values[:, 3])  # ties
    theirs = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}
    for kind, expected in theirs.items():
        found = association.KINDS[kind](values)  # type: ignore[index]
        for i in range(4):
            for j in range(4):
                both = ~np.isnan(values[:, i]) & ~np.isnan(values[:, j])
                assert found[i, j] == pytest.approx(expected(values[both, i], values[both, j]).statistic), kind


def test_columns_that_share_nothing_or_never_change_have_no_correlation() -> None:
    values = np.array([[1.0, np.nan, 5.0], [2.0, np.nan, 5.0], [np.nan, 3.0, 5.0], [np.nan, 4.0, 5.0]])
    for correlation in association.KINDS.values():
        found = correlation(values)
        assert np.isnan([found[0, 1], found[0, 2], found[2, 2]]).all() and found[0, 0] == pytest.approx(1)


def test_flags_of_an_indicator_are_raised_below_their_limits() -> None:
    values = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [3.0, 0.0, 2.0], [4.0, 4.0, 2.0]])
    found = describe(values, ("half", "quarter", "twins"))
    assert found["low_nonzero"].to_list() == [False, True, False]
    assert found["low_unique"].to_list() == [False, False, False] and found["share_unique"].to_list() == [
        0.75,
        0.5,
        0.5,
    ]
    gaps = describe(np.where(values == 0, np.nan, values), ("half", "quarter", "twins"))
    assert gaps["low_availability"].to_list() == [True, True, False]


def test_flags_of_correlations() -> None:
    flagged = [association.flag(value) for value in (0.95, 0.92, 0.5, 0.3, 0.29, -0.4, -0.41, float("nan"), None)]
    assert flagged == ["collinear", "collinear", "ok", "ok", "weak", "weak", "negative", "unknown", "unknown"]
