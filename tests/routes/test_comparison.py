"""Alternatives compared: against a comparison by hand, and what must hold whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from greensilk.routes.comparison import outdone, ranking, standings

NUMBERS = st.sampled_from([0.0, 1.0, 2.0, 3.5, 7.0])
MAYBE = st.one_of(NUMBERS, st.just(float("nan")))


def tables(cells: st.SearchStrategy[float]) -> st.SearchStrategy[np.ndarray]:
    shape = st.tuples(st.integers(1, 7), st.integers(1, 4))
    return shape.flatmap(lambda s: arrays(np.float64, s, elements=cells))


def outdone_by_hand(a: np.ndarray, b: np.ndarray, margin: float) -> bool:
    """Whether b outdoes a, cell by cell."""
    better = False
    for mine, other in zip(a, b, strict=True):
        if np.isnan(mine) or np.isnan(other) or other > mine:
            return False
        better = better or other < mine - margin
    return better


@settings(max_examples=60, deadline=None)
@given(tables(MAYBE), st.sampled_from([0.0, 1.0]))
def test_who_outdoes_whom_is_as_by_hand(values: np.ndarray, margin: float) -> None:
    found = outdone(values, np.full(values.shape[1], margin))
    for i, a in enumerate(values):
        for j, b in enumerate(values):
            assert found[i, j] == outdone_by_hand(a, b, margin), (a, b)


@settings(max_examples=60, deadline=None)
@given(tables(NUMBERS))
def test_somebody_is_always_left_and_outdoes_all_others_with_the_rest(values: np.ndarray) -> None:
    found = standings(values, np.zeros(values.shape[1]))
    front = [i for i, one in enumerate(found) if one == "front"]
    by = outdone(values, np.zeros(values.shape[1]))
    assert front
    assert "open" not in found  # all is known
    assert all(by[i, front].any() for i, one in enumerate(found) if one == "outdone")


@settings(max_examples=60, deadline=None)
@given(tables(MAYBE), st.data())
def test_getting_worse_never_puts_an_alternative_ahead(values: np.ndarray, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(values) - 1))
    k = data.draw(st.integers(0, values.shape[1] - 1))
    worse = values.copy()
    worse[i, k] += 1.0
    margin = np.zeros(values.shape[1])
    before, after = outdone(values, margin), outdone(worse, margin)
    assert (before[:, i] >= after[:, i]).all()  # outdoes no more than before
    assert (after[i] >= before[i]).all()  # and is outdone by no fewer


def test_what_is_unknown_neither_outdoes_nor_is_outdone_and_that_is_told() -> None:
    values = np.array([[1.0, 1.0], [2.0, np.nan], [2.0, 2.0], [np.nan, np.nan]])
    none = np.zeros(2)
    assert standings(values, none) == ["front", "open", "outdone", "open"]
    assert not outdone(values, none)[:, [1, 3]].any() and not outdone(values, none)[[1, 3]].any()
    assert outdone(values, none, as_known=True)[1].tolist() == [True, False, True, True]


def test_what_is_unknown_is_never_to_the_credit_of_what_it_is_unknown_of() -> None:
    values = np.array([[1.0, 5.0], [1.0, np.nan], [np.nan, np.nan]])
    assert standings(values, np.zeros(2)) == ["front", "open", "open"]
    assert standings(np.array([[np.nan]]), np.zeros(1)) == ["front"]  # there is no other that may outdo it


def test_the_only_one_that_is_known_is_first_of_nobody() -> None:
    found = ranking(np.array([[3.0, 1.0], [np.nan, 1.0]]), np.ones(2), np.zeros(2))
    assert not found.ranked.any() and np.isnan(found.shares).all()


def test_a_difference_within_the_accuracy_proves_nothing() -> None:
    values = np.array([[10.0, 5.0], [10.4, 5.0], [12.0, 5.0]])
    assert standings(values, np.array([1.0, 0.0])) == ["front", "front", "outdone"]


def test_the_best_of_everything_is_first_whatever_the_weights() -> None:
    values = np.array([[1.0, 1.0, 1.0], [2.0, 3.0, 2.0], [5.0, 5.0, 5.0]])
    found = ranking(values, np.ones(3), np.zeros(3))
    assert found.nominal.tolist() == found.low.tolist() == found.high.tolist() == [1, 2, 3]
    assert found.shares.tolist() == np.eye(3).tolist()
    assert found.score[0] == 0.0 and found.score[2] == 1.0


def test_two_criteria_that_pull_apart_give_each_half_of_the_draws() -> None:
    found = ranking(np.array([[0.0, 1.0], [1.0, 0.0]]), np.ones(2), np.zeros(2), draws=4_000)
    # Every weighting is as likely: the share is that of a fair coin, within four standard errors.
    assert found.shares[0, 0] == pytest.approx(0.5, abs=4 * 0.5 / 4_000**0.5)
    assert found.low.tolist() == [1, 1] and found.high.tolist() == [2, 2]
    assert found.nominal.tolist() == [1, 1]  # equal at equal weights: they share the better rank


def test_a_heavy_weight_decides_more_often_than_a_light_one() -> None:
    values = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert ranking(values, np.array([9.0, 1.0]), np.zeros(2)).shares[0, 0] > 0.8
    assert ranking(values, np.array([1.0, 9.0]), np.zeros(2)).shares[0, 0] < 0.2


def test_what_is_unknown_widens_the_interval_and_too_much_of_it_leaves_no_rank() -> None:
    known = np.array([[0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [0.4, 0.4, 0.4, 0.4]])
    part = known.copy()
    part[2, 0] = np.nan
    most = known.copy()
    most[2, :2] = np.nan
    assert ranking(known, np.ones(4), np.zeros(4)).score[2] == pytest.approx(0.4)
    one, two = ranking(part, np.ones(4), np.zeros(4)), ranking(most, np.ones(4), np.zeros(4))
    assert one.unknown.tolist() == [0, 0, 0.25] and one.nominal[2] == 2
    assert two.nominal.tolist() == [1, 2, 0] and np.isnan(two.shares[2]).all() and not two.ranked[2]


@settings(max_examples=30, deadline=None)
@given(tables(NUMBERS), st.integers(0, 5))
def test_ranks_hold_together(values: np.ndarray, seed: int) -> None:
    weights = np.ones(values.shape[1])
    found = ranking(values, weights, weights / 2, draws=50, seed=seed)
    again = ranking(values * 3.0 + 10.0, weights, weights * 1.5, draws=50, seed=seed)  # another unit and origin
    np.testing.assert_array_equal(found.nominal, again.nominal)
    assert ((found.low <= found.nominal) & (found.nominal <= found.high)).all()
    assert found.ranked.all() or len(values) == 1
    if not found.ranked.all():
        return
    np.testing.assert_allclose(found.shares.sum(axis=1), 1.0)
    by = outdone(values, np.zeros(values.shape[1]))
    for i, j in zip(*np.nonzero(by), strict=True):
        assert found.nominal[j] <= found.nominal[i] and found.score[j] <= found.score[i]


def test_a_difference_within_the_margin_leaves_the_rank_open() -> None:
    near, far = np.array([[383.0], [383.4]]), np.array([[383.0], [390.0]])
    close = ranking(near, np.ones(1), np.ones(1))
    assert close.nominal.tolist() == [1, 2] and close.low.tolist() == [1, 1] and close.high.tolist() == [2, 2]
    # Two values drawn within 1 of 0 and 0.4: the second is the lower one in a share of (2 - 0.4)² / 8.
    assert close.shares[1, 0] == pytest.approx(0.32, abs=4 * 0.47 / 2_000**0.5)
    sure = ranking(far, np.ones(1), np.ones(1))
    assert sure.low.tolist() == sure.high.tolist() == [1, 2]
    assert ranking(np.ones((3, 1)), np.ones(1), np.ones(1)).high.tolist() == [1, 1, 1]


def test_the_same_seed_gives_the_same_draws() -> None:
    values = np.array([[0.0, 3.0, 1.0], [1.0, 0.0, 2.0], [2.0, 1.0, np.nan]])
    a, b = (ranking(values, np.array([1.0, 2.0, 1.0]), np.ones(3), seed=7) for _ in range(2))
    np.testing.assert_array_equal(a.shares, b.shares)


@pytest.mark.parametrize("weights", [[1.0, 0.0], [1.0, -1.0], [1.0, float("nan")]])
def test_a_weight_that_is_none_is_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weight"):
        ranking(np.ones((2, 2)), np.array(weights), np.zeros(2))


def test_a_criterion_known_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="value"):
        ranking(np.array([[1.0, np.nan], [2.0, np.nan]]), np.ones(2), np.zeros(2))
