"""Replications against a slow loop, ranks and chances against their definitions, and what must not change anything."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from greensilk.errors import UsageError
from greensilk.indices import uncertainty as engine
from greensilk.indices.aggregation import aggregate as aggregate_one
from greensilk.indices.aggregation import copeland
from greensilk.indices.definition import Aggregate
from greensilk.indices.means import MEANS, generalised, one_by_one
from greensilk.indices.perturbation import Dirichlet, Within, log_gamma_quantile
from greensilk.indices.rank_intervals import chance_above, convergence, rank_intervals, rank_shares, ranks_of
from greensilk.indices.structure import Structure, aggregate, structure, weights_to_top
from greensilk.indices.uncertainty import UncertainIndex, nominal, replicate, replications_from, uncertainty

ARITHMETIC, GEOMETRIC = ("arithmetic",), ("arithmetic", "geometric", "harmonic")


def tree() -> Structure:
    """Seven indicators, three pillars, two halves, one index; weights of all sizes."""
    parent = [7, 7, 7, 8, 8, 9, 9, 10, 10, 11, 12, 12, -1]
    weight = [1, 2, 3, 1, 1, 0.5, 0.25, 2, 1, 1, 3, 1, 1]
    return structure(parent, weight)


def made_up(seed: int = 3, units: int = 9, missing: float = 0.0, **other: Any) -> UncertainIndex:
    rng = np.random.default_rng(seed)
    values = rng.uniform(1, 100, (2, 3, units, 7))
    values[rng.random(values.shape) < missing] = np.nan
    given = {"perturbed": (Within(0.5), None, Within(0.25)), "aggregations": (ARITHMETIC, GEOMETRIC)} | other
    return UncertainIndex(tree(), values, {"treatment": 2, "normalisation": 3}, **given)


def slow_mean(values: list[float], weights: list[float], name: str) -> float:
    there = [(v, w) for v, w in zip(values, weights, strict=True) if not np.isnan(v)]
    total = sum(w for _, w in there)
    if not there or total == 0:
        return np.nan
    if name == "geometric":
        return float(np.exp(sum(w * np.log(v) for v, w in there) / total))
    if name == "harmonic":
        return total / sum(w / v for v, w in there)
    return sum(w * v for v, w in there) / total


def slow_scores(index: UncertainIndex, drawn: engine.Replications) -> np.ndarray:
    found = np.empty((len(drawn), index.variants.shape[1]))
    for r, unit in itertools.product(range(found.shape[0]), range(found.shape[1])):
        means = index.aggregations[drawn.aggregation[r]]
        means = list(means) * 3 if len(means) == 1 else list(means)
        values = index.variants[drawn.variant[r], unit].tolist()
        for level, parents in enumerate(index.tree.parents):
            weights = drawn.weights[level][r]
            of = [np.flatnonzero(parents == group) for group in range(parents.max() + 1)]
            values = [slow_mean([values[i] for i in own], [weights[i] for i in own], means[level]) for own in of]
        found[r, unit] = values[0]
    return found


def slow_ranks(scores: np.ndarray) -> np.ndarray:
    above = (scores[:, None, :] > scores[:, :, None]).sum(axis=2)
    return np.where(np.isnan(scores), 0, 1 + above)


@pytest.mark.parametrize("missing", [0.0, 0.2, 0.7])
def test_replications_are_those_of_a_slow_loop(missing: float) -> None:
    index = made_up(missing=missing)
    drawn = replications_from(index, np.random.default_rng(5).random((60, index.columns)))
    assert len(np.unique(drawn.variant)) == 6 and len(np.unique(drawn.aggregation)) == 2
    outcome = replicate(index, drawn)
    expected = slow_scores(index, drawn)
    np.testing.assert_allclose(outcome.scores, expected, rtol=1e-12)
    np.testing.assert_array_equal(outcome.ranks, slow_ranks(expected))
    assert np.isnan(expected).any() == (missing == 0.7)


def test_the_nominal_replication_is_first_choices_and_own_weights() -> None:
    index = made_up()
    outcome = replicate(index, nominal(index))
    expected = index.normalised[0, 0] @ weights_to_top(index.tree)
    np.testing.assert_allclose(outcome.scores[0], expected, rtol=1e-13)


def test_weights_to_the_top_are_products_of_shares() -> None:
    # halves 0.75 and 0.25; pillars 2/3 and 1/3 in the first half, the third alone in the second
    expected = [*(0.5 * np.array([1, 2, 3]) / 6), 0.125, 0.125, 0.25 * 2 / 3, 0.25 / 3]
    np.testing.assert_allclose(weights_to_top(tree()), expected, rtol=1e-15)
    many = [np.stack([level, 5 * level]) for level in tree().weights]
    np.testing.assert_allclose(weights_to_top(tree(), many), [expected, expected], rtol=1e-15)


def test_a_leaf_nearer_to_the_root_hangs_on_groups_of_one() -> None:
    uneven = structure([3, 3, 4, 4, -1], [1, 1, 3, 1, 1])
    assert uneven.sizes == (3, 2)
    np.testing.assert_allclose(weights_to_top(uneven), [0.125, 0.125, 0.75])


@pytest.mark.parametrize(
    ("parent", "weight", "key"),
    [
        ([2, 9, -1], [1, 1, 1], "parent_unknown"),
        ([2, -1, -1], [1, 1, 1], "one_root"),
        ([1, 0, -1], [1, 1, 1], "circle"),
        ([2, 2, -1], [1, -1, 1], "weight_impossible"),
        ([2, 2, -1], [1, np.nan, 1], "weight_impossible"),
        ([2, 2, -1], [0, 0, 1], "weights_all_zero"),
    ],
)
def test_a_tree_that_is_none_is_refused(parent: list[int], weight: list[float], key: str) -> None:
    with pytest.raises(UsageError) as raised:
        structure(parent, weight)
    assert raised.value.key == f"uncertainty.{key}"
    assert raised.value.message("en") and raised.value.message("zh")


def test_any_function_can_take_the_place_of_a_mean() -> None:
    def least(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        assert values.shape[0] == weights.shape[0] and values.shape[1] in (1, weights.shape[1])
        return values.min(axis=0)

    index = made_up(aggregations=((least,),))
    drawn = replications_from(index, np.random.default_rng(5).random((300, index.columns)))
    np.testing.assert_array_equal(replicate(index, drawn).scores, index.variants[drawn.variant].min(axis=2))


SPEC = Aggregate(power=0.5, available=0.0)
SAME: dict[str, Any] = {**MEANS, "generalised": generalised(0.5), "copeland": one_by_one(copeland)}


@pytest.mark.parametrize("method", sorted(SAME))
@pytest.mark.parametrize("available", [0.0, 0.6])
def test_every_way_is_the_one_of_a_single_index(method: Any, available: float) -> None:
    rng = np.random.default_rng(8)
    values = rng.integers(0, 5, (7, 4)) * 25.0  # with zeros and ties
    values[rng.random(values.shape) < 0.3] = np.nan
    weights = np.array([[1.0, 2.0, 0.0, 0.5], [1.0, 1.0, 1.0, 1.0], [0.2, 3.0, 1.0, 0.1]])
    flat = structure([4, 4, 4, 4, -1], [1, 1, 1, 1, 1])
    found = aggregate(values.T, flat, [weights], (SAME[method],), available)
    for own, one in zip(found, weights, strict=True):
        spec = SPEC.model_copy(update={"available": available})
        np.testing.assert_allclose(own, aggregate_one(values, one, method, spec), rtol=1e-9, atol=1e-9)


def test_each_element_may_be_made_its_own_way() -> None:
    index = made_up(aggregations=((("geometric", "min", "harmonic"), "arithmetic", "arithmetic"),))
    values = index.normalised[0, 0]
    first = np.exp(np.log(values[:, :3]) @ np.array([1, 2, 3]) / 6)
    third = 0.75 / (0.5 / values[:, 5] + 0.25 / values[:, 6])
    expected = 0.75 * (2 * first + values[:, 3:5].min(axis=1)) / 3 + 0.25 * third
    np.testing.assert_allclose(replicate(index, nominal(index)).scores[0], expected, rtol=1e-12)


def test_a_leaf_that_waits_for_its_level_is_left_as_it_is() -> None:
    uneven = structure([3, 3, 4, 4, -1], [1, 1, 1, 1, 1])
    values = np.array([[1.0, 3.0, 5.0], [2.0, 6.0, 4.0], [7.0, 9.0, 2.0]])
    nowhere = one_by_one(copeland)
    found = aggregate(values.T, uneven, [level[None] for level in uneven.weights], (nowhere, MEANS["arithmetic"]))
    pair = copeland(values[:, :2], np.ones(2) / 2)
    np.testing.assert_allclose(found[0], (pair + values[:, 2]) / 2)


def test_units_that_are_not_eligible_are_scored_and_not_ranked() -> None:
    eligible = np.arange(9) % 2 == 0
    plain, screened = uncertainty(made_up(), 40), uncertainty(made_up(eligible=eligible), 40)
    np.testing.assert_array_equal(plain.outcome.scores, screened.outcome.scores)
    assert (screened.outcome.ranks[:, ~eligible] == 0).all() and screened.outcome.ranks.max() == 5
    assert np.isnan(screened.above[~eligible]).all()


@pytest.mark.parametrize("rows", [1, 2, 7, 33, 1000])
def test_nothing_depends_on_how_many_are_computed_at_once(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    index = made_up(units=40, missing=0.05)
    drawn = replications_from(index, np.random.default_rng(5).random((300, index.columns)))
    expected = replicate(index, drawn)
    monkeypatch.setattr(engine, "ROWS", rows)
    found = replicate(index, drawn)
    np.testing.assert_allclose(found.scores, expected.scores, rtol=1e-14)
    np.testing.assert_array_equal(found.ranks, expected.ranks)


def test_a_seed_gives_the_same_and_a_longer_run_begins_with_the_shorter() -> None:
    index = made_up(units=40)
    one, again, longer = uncertainty(index, 300, 7), uncertainty(index, 300, 7), uncertainty(index, 500, 7)
    np.testing.assert_array_equal(one.outcome.scores, again.outcome.scores)
    np.testing.assert_array_equal(one.outcome.ranks, longer.outcome.ranks[:300])
    assert (one.outcome.ranks != uncertainty(index, 300, 8).outcome.ranks).any()


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(9)))
def test_permuting_units_permutes_results(order: list[int]) -> None:
    index = made_up(missing=0.1)
    moved = UncertainIndex(
        index.tree, index.normalised[:, :, order], index.choices, index.perturbed, index.aggregations
    )
    one, other = uncertainty(index, 50), uncertainty(moved, 50)
    np.testing.assert_array_equal(one.outcome.ranks[:, order], other.outcome.ranks)
    np.testing.assert_array_equal(one.intervals.high[order], other.intervals.high)
    np.testing.assert_array_equal(one.above[np.ix_(order, order)], other.above)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 8), st.integers(0, 8), st.integers(0, 1000))
def test_a_unit_that_is_better_in_everything_is_never_below(better: int, worse: int, seed: int) -> None:
    index = made_up(seed=seed, aggregations=(ARITHMETIC, GEOMETRIC, ("min",)))
    values = index.normalised.copy()
    values[:, :, better] = values[:, :, worse] + (better != worse)
    ranks = uncertainty(
        UncertainIndex(index.tree, values, index.choices, index.perturbed, index.aggregations), 60, seed
    ).outcome.ranks
    assert (ranks[:, better] <= ranks[:, worse]).all()


def test_weights_not_perturbed_at_all_are_the_nominal_ones() -> None:
    index = made_up(perturbed=(Within(0.0),) * 3, aggregations=(ARITHMETIC,))
    drawn = replications_from(index, np.random.default_rng(1).random((30, index.columns)))
    expected = (index.variants @ weights_to_top(index.tree))[drawn.variant]
    np.testing.assert_allclose(replicate(index, drawn).scores, expected, rtol=1e-13)


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, (4, 6), elements=st.sampled_from([1.0, 1.5, 2.0, 50.0, -3.0, 0.0, 1e-3, np.nan])))
def test_ranks_are_one_and_the_number_above(scores: np.ndarray) -> None:
    np.testing.assert_array_equal(ranks_of(scores), slow_ranks(scores))


def test_ranks_of_many_scores_are_those_of_scipy() -> None:
    scores = np.random.default_rng(1).normal(size=(700, 83)) * np.logspace(-200, 200, 700)[:, None]
    expected = stats.rankdata(-scores, method="min", axis=1)
    np.testing.assert_array_equal(ranks_of(scores), expected)


def test_scores_that_differ_by_rounding_are_ties() -> None:
    assert ranks_of(np.array([[0.1 + 0.2, 0.3, 0.2999, 1.0]])).tolist() == [[2, 2, 4, 1]]


def test_intervals_are_quantiles_that_are_ranks() -> None:
    ranks = slow_ranks(np.random.default_rng(2).normal(size=(200, 11))).astype(np.int32)
    found = rank_intervals(ranks, ranks[0])
    for share, bound in zip(found.shares, (found.low, found.median, found.high), strict=True):
        np.testing.assert_array_equal(bound, np.quantile(ranks, share, axis=0, method="inverted_cdf"))
    np.testing.assert_allclose(found.mean, ranks.mean(axis=0))
    np.testing.assert_allclose(rank_shares(ranks).sum(axis=1), 1)
    assert (found.ranked_share == 1).all()


def test_intervals_leave_out_replications_without_a_rank() -> None:
    ranks = np.array([[1, 0, 2], [1, 0, 0], [2, 0, 1], [1, 0, 2]], np.int32)
    found = rank_intervals(ranks, np.array([1, 0, 2], np.int32))
    assert found.ranked_share.tolist() == [1, 0, 0.75]
    assert found.high.tolist()[0] == 2 and found.low.tolist()[2] == 1
    assert np.isnan([found.low[1], found.high[1], found.mean[1]]).all() and np.isnan(rank_shares(ranks)[1]).all()


@settings(max_examples=60, deadline=None)
@given(arrays(np.int32, (8, 5), elements=st.integers(0, 5)))
def test_chances_are_counted_over_what_can_be_compared(ranks: np.ndarray) -> None:
    found = chance_above(ranks)
    for a, b in itertools.product(range(5), repeat=2):
        both = [(x, y) for x, y in zip(ranks[:, a], ranks[:, b], strict=True) if x and y]
        if both:
            assert found[a, b] == pytest.approx(sum((x < y) + (x == y) / 2 for x, y in both) / len(both))
            assert found[a, b] + found[b, a] == pytest.approx(1, abs=1e-15)
        else:
            assert np.isnan(found[a, b])


def test_chances_of_many_units_do_not_overflow() -> None:
    ranks = np.tile(np.arange(1, 301, dtype=np.int32), (3, 1))
    assert (np.triu(chance_above(ranks), 1) == np.triu(np.ones((300, 300)), 1)).all()


def test_convergence_is_told_when_bounds_stop_moving() -> None:
    still = np.tile(np.arange(1, 6, dtype=np.int32), (100, 1))
    assert convergence(still).reached and convergence(still).reached_at == 5
    late = still.copy()
    late[70:] = late[70:, ::-1]
    found = convergence(late, steps=10)
    assert not found.reached and found.reached_at >= 70
    assert found.still_to_move[-1] == 0 and found.still_to_move[0] == 4
    for at, low, high in zip(found.at, found.low, found.high, strict=True):
        so_far = rank_intervals(late[:at], late[0])
        np.testing.assert_array_equal([low, high], [so_far.low, so_far.high])


def test_a_unit_that_is_ranked_late_has_not_converged() -> None:
    ranks = np.ones((40, 2), np.int32)
    ranks[:20, 1] = 0
    assert convergence(ranks, steps=4).reached_at == 30


def test_weights_within_a_share_are_uniform() -> None:
    numbers = np.random.default_rng(1).random((2_000, 2))
    found = Within(0.25).weights(numbers, np.array([4.0, 1.0]), np.zeros(2, np.int64))
    assert stats.kstest((found[:, 0] / 4 - 0.75) / 0.5, "uniform").pvalue > 0.01
    assert found.min() >= 0.75 and found[:, 0].max() <= 5


def test_dirichlet_weights_have_the_mean_and_variance_of_one() -> None:
    numbers = np.random.default_rng(1).random((40_000, 5))
    nominal_weights, parents = np.array([1.0, 2.0, 5.0, 0.0, 3.0]), np.array([0, 0, 0, 1, 1])
    found = Dirichlet(12.0).weights(numbers, nominal_weights, parents)
    first = found[:, :3] / found[:, :3].sum(axis=1, keepdims=True)
    share = np.array([1, 2, 5]) / 8
    np.testing.assert_allclose(first.mean(axis=0), share, atol=2e-3)
    np.testing.assert_allclose(first.var(axis=0), share * (1 - share) / 13, rtol=0.03)
    assert (found[:, 3] == 0).all() and (found[:, 4] > 0).all()
    tiny = Dirichlet(0.001).weights(np.array([[0.0] * 5, [0.5] * 5]), nominal_weights, parents)
    assert np.isfinite(tiny).all() and (tiny[:, :3].sum(axis=1) >= 1).all()


@pytest.mark.parametrize("shape", [0.05, 0.5, 1.0, 7.0, 300.0, 5_000.0])
def test_gamma_variates_are_those_of_scipy(shape: float) -> None:
    share = np.array([1e-9, 1e-3, 0.1, 0.3, 0.5, 0.9, 0.99, 0.9999])
    expected = stats.gamma.ppf(share, shape)
    seen = expected > 1e-300
    np.testing.assert_allclose(np.exp(log_gamma_quantile(share, shape))[seen], expected[seen], rtol=3e-4)


def test_inputs_name_what_is_open_and_nothing_else() -> None:
    index = made_up()
    assert [(one.name, len(one.columns), one.options) for one in index.inputs] == [
        ("treatment", 1, 2), ("normalisation", 1, 3), ("aggregation", 1, 2),
        ("weights 0", 7, None), ("weights 2", 2, None),
    ]  # fmt: skip
    each = made_up(each_weight=True, aggregations=(ARITHMETIC,))
    assert len(each.inputs) == 2 + 7 + 2 and each.columns == 11
    assert index.columns == 12


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="normalised"):
        UncertainIndex(tree(), np.ones((2, 4, 7)), {"treatment": 3}, (None,) * 3)
    with pytest.raises(UsageError, match="perturbed"):
        UncertainIndex(tree(), np.ones((4, 7)), {}, (None,))
    with pytest.raises(UsageError, match="no mean modest"):
        made_up(aggregations=(("modest",),))
    with pytest.raises(UsageError, match="aggregations"):
        made_up(aggregations=(("arithmetic", "geometric"),))
    with pytest.raises(UsageError, match="numbers"):
        replications_from(made_up(), np.ones((3, 2)))
    with pytest.raises(UsageError, match="takes none below zero"):
        flat = UncertainIndex(tree(), np.full((4, 7), -1.0), {}, (None,) * 3, (("geometric",),))
        replicate(flat, nominal(flat))
    with pytest.raises(UsageError, match="power"):
        generalised(0)
    with pytest.raises(UsageError, match="eligible"):
        UncertainIndex(tree(), np.ones((4, 7)), {}, (None,) * 3, eligible=np.ones(3, bool))
    with pytest.raises(UsageError, match="aggregations"):
        made_up(aggregations=((("arithmetic", "min"), "arithmetic", "arithmetic"),))
    with pytest.raises(UsageError, match="share"):
        Within(1.5)
    with pytest.raises(UsageError, match="concentration"):
        Dirichlet(0)
    with pytest.raises(UsageError, match="steps"):
        convergence(np.ones((5, 2), np.int32), steps=6)
    with pytest.raises(UsageError, match="count"):
        uncertainty(made_up(), 3)
    with pytest.raises(UsageError, match="nominal"):
        rank_intervals(np.ones((5, 2), np.int32), np.ones(3, np.int32))
    with pytest.raises(UsageError, match="shares"):
        rank_intervals(np.ones((5, 2), np.int32), np.ones(2, np.int32), (0.9, 0.5, 0.1))
