"""Sobol indices against formulas, scipy, a slow loop and full enumeration; and what must not change them."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from greensilk.errors import UsageError
from greensilk.indices import sensitivity as engine
from greensilk.indices.lattice import generator, shifted_lattice
from greensilk.indices.perturbation import Dirichlet, Within
from greensilk.indices.sensitivity import Base, Design, sensitivity, sobol_indices
from greensilk.indices.structure import structure
from greensilk.indices.uncertainty import Replications, UncertainIndex, replicate

ARITHMETIC, GEOMETRIC = ("arithmetic",), ("arithmetic", "geometric")


def ishigami(numbers: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * numbers - 1)
    return (np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))[:, None]


def alone(columns: int) -> list[list[int]]:
    return [[i] for i in range(columns)]


def made_up(units: int = 8, **other: Any) -> UncertainIndex:
    rng = np.random.default_rng(4)
    tree = structure([6, 6, 6, 7, 7, 7, 8, 8, -1], [1, 2, 1, 1, 1, 3, 1, 1, 1])
    values = rng.uniform(20, 80, (2, 3, units, 6))
    given: dict[str, Any] = {"perturbed": (Within(0.5), Dirichlet(20)), "aggregations": (ARITHMETIC, GEOMETRIC)}
    return UncertainIndex(tree, values, {"treatment": 2, "normalisation": 3}, **given | other)


def test_ishigami_has_the_indices_of_its_formula() -> None:
    # Variance 1/2 + a²/8 + b π⁴/5 + b² π⁸/18, of which a²/8 the second alone, 8 b² π⁸/225 the first with the third.
    a, b = 7.0, 0.1
    both = 8 * b**2 * np.pi**8 / 225
    alone_1, alone_2 = 0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8
    variance = alone_1 + alone_2 + both
    found = sobol_indices(ishigami, alone(3), Design(4_096))
    expected = np.array([alone_1, alone_2, 0.0]) / variance
    np.testing.assert_allclose(found.first[:, 0], expected, atol=0.005)
    np.testing.assert_allclose(found.total[:, 0], expected + np.array([both, 0, both]) / variance, atol=0.005)
    np.testing.assert_allclose(found.variance, variance, rtol=0.01)
    assert found.runs == 5 * 4_096


def test_the_g_function_has_the_indices_of_its_formula() -> None:
    a = np.array([0.0, 1, 4.5, 9, 99, 99])
    found = sobol_indices(
        lambda u: np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=1)[:, None], alone(6), Design(4_096)
    )
    own = 1 / (3 * (1 + a) ** 2)
    variance = np.prod(1 + own) - 1
    np.testing.assert_allclose(found.first[:, 0], own / variance, atol=0.005)
    np.testing.assert_allclose(found.total[:, 0], own * np.prod(1 + own) / (1 + own) / variance, atol=0.005)


def test_of_a_sum_both_orders_are_the_shares_of_variance_alone_and_in_groups() -> None:
    weights = np.array([[4.0, 2.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    share = weights**2 / (weights**2).sum(axis=1, keepdims=True)
    each = sobol_indices(lambda u: u @ weights.T, alone(4), Design(2_048))
    np.testing.assert_allclose(each.first.T, share, atol=0.01)
    np.testing.assert_allclose(each.total.T, share, atol=0.01)
    grouped = sobol_indices(lambda u: u @ weights.T, [[0, 3], [2, 1]], Design(2_048))
    np.testing.assert_allclose(
        grouped.first.T, np.stack([share[:, [0, 3]].sum(1), share[:, [1, 2]].sum(1)], 1), atol=0.01
    )
    assert grouped.runs == 4 * 2_048


@pytest.mark.parametrize("samples", [64, 256, 1_024])
def test_estimates_are_those_of_scipy_from_the_same_runs(samples: int) -> None:
    points = shifted_lattice(samples, 6, 5)
    first, second = points[:, :3], points[:, 3:]
    mixed = []
    for i in range(3):
        one = first.copy()
        one[:, i] = second[:, i]
        mixed.append(ishigami(one).T)
    runs = {"f_A": ishigami(first).T, "f_B": ishigami(second).T, "f_AB": np.array(mixed)}
    expected = stats.sobol_indices(func=runs, n=samples)
    found = sobol_indices(ishigami, alone(3), Design(samples, 5))
    np.testing.assert_allclose(found.first[:, 0], np.ravel(expected.first_order), atol=1e-12)
    np.testing.assert_allclose(found.total[:, 0], np.ravel(expected.total_order), atol=1e-12)


def enumerated(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both orders of each axis but the last, all combinations being as likely."""
    axes = range(outputs.ndim - 1)
    variance = outputs.var(axis=tuple(axes))
    first, total = [], []
    for axis in axes:
        others = tuple(one for one in axes if one != axis)
        first.append(outputs.mean(axis=others).var(axis=0) / variance)
        total.append(outputs.var(axis=axis).mean(axis=tuple(range(len(others)))) / variance)
    return np.array(first), np.array(total)


def test_of_choices_the_indices_are_those_of_full_enumeration() -> None:
    index = made_up(units=12, perturbed=(None, None))
    sets = list(itertools.product(range(2), range(3), range(2)))
    chosen = np.array(sets)
    weights = tuple(np.broadcast_to(level, (len(sets), len(level))) for level in index.tree.weights)
    every = replicate(index, Replications(chosen[:, 0] * 3 + chosen[:, 1], weights, chosen[:, 2]))
    found = sensitivity(index, Design(4_096))
    assert found.names == ("treatment", "normalisation", "aggregation")
    for own, outputs in ((found.ranks, every.ranks), (found.scores, every.scores)):
        moving = outputs.var(axis=0) > 1e-12
        first, total = enumerated(outputs[:, moving].reshape(2, 3, 2, -1))
        np.testing.assert_allclose(own.first[:, moving], first, atol=0.03)
        np.testing.assert_allclose(own.total[:, moving], total, atol=0.03)
        assert np.isnan(own.first[:, ~moving]).all()


def test_all_units_at_once_are_each_unit_alone() -> None:
    rng = np.random.default_rng(1)
    outputs = {key: rng.normal(size=(64, 5)) for key in ("first", "second", "mixed")}
    base = Base.of(np.concatenate([outputs["first"], outputs["second"]]))
    first, total, *_ = base.estimate(outputs["mixed"])
    for unit in range(5):
        a, b, ab = (outputs[key][:, unit].tolist() for key in ("first", "second", "mixed"))
        mean = sum(a + b) / 128
        variance = sum((x - mean) ** 2 for x in a + b) / 128
        assert first[unit] == pytest.approx(
            sum((y - mean) * (z - x) for x, y, z in zip(a, b, ab, strict=True)) / 64 / variance
        )
        assert total[unit] == pytest.approx(sum((z - x) ** 2 for x, z in zip(a, ab, strict=True)) / 128 / variance)


def test_errors_are_those_of_endless_resampling() -> None:
    rng = np.random.default_rng(1)
    points = rng.random((512, 6))
    mixed = points[:, :3].copy()
    mixed[:, 0] = points[:, 3]
    a, b, ab = ishigami(points[:, :3])[:, 0], ishigami(points[:, 3:])[:, 0], ishigami(mixed)[:, 0]
    base = Base.of(np.concatenate([a, b])[:, None])
    _, _, first_error, total_error = base.estimate(ab[:, None])
    drawn = rng.integers(0, 512, (4_000, 512))
    mean = np.concatenate([a, b]).mean()
    variance = np.concatenate([a[drawn], b[drawn]], axis=1).var(axis=1)
    first = ((b - mean) * (ab - a))[drawn].mean(axis=1) / variance
    total = ((ab - a) ** 2)[drawn].mean(axis=1) / 2 / variance
    assert first_error[0] == pytest.approx(1.96 * first.std(), rel=0.06)
    assert total_error[0] == pytest.approx(1.96 * total.std(), rel=0.06)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    weights = np.array([3.0, 2.0, 1.0])
    share = weights**2 / 14
    inside = []
    for seed in range(60):
        found = sobol_indices(lambda u: (u @ weights)[:, None], alone(3), Design(128, seed))
        inside.append(np.abs(found.total[:, 0] - share) <= found.total_error[:, 0])
    assert np.mean(inside) > 0.9


def test_shares_of_variance_are_bounded_and_complete() -> None:
    found = sensitivity(made_up(each_weight=True), Design(512))
    assert len(found.names) == 2 + 1 + 6 + 2
    for own in (found.ranks, found.scores, found.shift):
        known = ~np.isnan(own.variance / np.where(own.variance > 0, own.variance, np.nan))
        first, total = own.first[:, known], own.total[:, known]
        assert (total >= 0).all() and (
            first <= total + own.first_error[:, known] + own.total_error[:, known] + 0.05
        ).all()
        assert (first.sum(axis=0) < 1.15).all() and (total.sum(axis=0) > 0.85).all()


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(8)))
def test_permuting_units_permutes_indices(order: list[int]) -> None:
    index = made_up()
    moved = UncertainIndex(
        index.tree, index.normalised[:, :, order], index.choices, index.perturbed, index.aggregations
    )
    one, other = sensitivity(index, Design(64)), sensitivity(moved, Design(64))
    np.testing.assert_allclose(one.ranks.total[:, order], other.ranks.total, atol=1e-12)
    np.testing.assert_allclose(one.scores.first[:, order], other.scores.first, atol=1e-9)
    np.testing.assert_allclose(one.shift.total, other.shift.total, atol=1e-12)


@pytest.mark.parametrize("at_once", [1, 200, 100_000])
def test_nothing_depends_on_how_many_run_at_once(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = sensitivity(made_up(), Design(128, 3))
    monkeypatch.setattr(engine, "RUNS_AT_ONCE", at_once)
    found = sensitivity(made_up(), Design(128, 3))
    np.testing.assert_array_equal(found.ranks.total, expected.ranks.total)
    np.testing.assert_allclose(found.scores.first, expected.scores.first, atol=1e-12)
    assert (sensitivity(made_up(), Design(128, 4)).scores.first != found.scores.first).any()


def test_a_unit_that_does_not_move_or_is_not_always_ranked_has_no_indices() -> None:
    index = made_up()
    values = index.normalised.copy()
    values[..., 0, :] = 99.0  # always the first
    values[0, :, 1, :] = np.nan  # there under one treatment only
    found = sensitivity(UncertainIndex(index.tree, values, index.choices, index.perturbed), Design(64))
    assert np.isnan(found.ranks.first[:, :2]).all() and np.isnan(found.ranks.total_error[:, :2]).all()
    assert np.isnan(found.scores.total[:, :2]).all()
    assert not np.isnan(found.scores.total[:, 2:]).any() and not np.isnan(found.shift.total).any()


def test_what_cannot_be_done_is_refused() -> None:
    with pytest.raises(UsageError, match="Nothing of this index"):
        sensitivity(UncertainIndex(made_up().tree, np.ones((4, 6)), {}, (None, None)))
    with pytest.raises(UsageError, match="columns"):
        sobol_indices(ishigami, [[0], [0, 2]])
    with pytest.raises(UsageError, match="samples"):
        Design(4)


@pytest.mark.parametrize(("samples", "columns"), [(16, 3), (97, 12), (256, 40)])
def test_a_lattice_puts_one_point_into_every_interval_of_every_column(samples: int, columns: int) -> None:
    points = shifted_lattice(samples, columns, 1)
    assert points.shape == (samples, columns) and points.min() >= 0 and points.max() < 1
    for column in points.T:
        gaps = np.diff(np.sort(column))
        np.testing.assert_allclose(gaps, 1 / samples, atol=1e-12)
    assert (points != shifted_lattice(samples, columns, 2)).any()
    assert len(generator(samples, columns)) == columns


def test_a_lattice_integrates_better_than_random_points() -> None:
    def error(points: np.ndarray) -> float:
        return float((np.prod(1 + 0.3 * (np.abs(4 * points - 2) - 1), axis=1).mean() - 1) ** 2)

    lattice = [error(shifted_lattice(512, 10, seed)) for seed in range(20)]
    random = [error(np.random.default_rng(seed).random((512, 10))) for seed in range(20)]
    assert np.mean(lattice) < np.mean(random) / 10
