"""TOPSIS against its definition, alone and in the place of a mean."""

from __future__ import annotations

import numpy as np

from greensilk.indices.perturbation import Within
from greensilk.indices.structure import structure
from greensilk.indices.topsis import topsis
from greensilk.indices.uncertainty import UncertainIndex, replicate, replications_from


def by_definition(matrix: np.ndarray, weights: np.ndarray) -> np.ndarray:
    weighted = matrix * weights / weights.sum()
    to_best = np.linalg.norm(weighted - weighted.max(axis=0), axis=1)
    to_worst = np.linalg.norm(weighted - weighted.min(axis=0), axis=1)
    return to_worst / (to_best + to_worst)


def test_in_every_replication_it_is_its_definition() -> None:
    rng = np.random.default_rng(1)
    index = UncertainIndex(
        structure([5] * 5 + [-1], [1, 2, 1, 4, 1, 1]), rng.normal(size=(2, 9, 5)), {"treatment": 2}, (Within(0.8),),
        ((topsis,),),
    )  # fmt: skip
    drawn = replications_from(index, rng.random((300, index.columns)))
    found = replicate(index, drawn).scores
    for scores, variant, weights in zip(found, drawn.variant, drawn.weights[0], strict=True):
        np.testing.assert_allclose(scores, by_definition(index.variants[variant], weights), rtol=1e-10)


def test_values_of_each_replication_are_taken_too() -> None:
    rng = np.random.default_rng(2)
    values, weights = rng.random((4, 3, 6)), rng.random((4, 3))
    weights /= weights.sum(axis=0)
    for i, scores in enumerate(topsis(values, weights)):
        np.testing.assert_allclose(scores, by_definition(values[:, i].T, weights[:, i]), rtol=1e-12)


def test_a_unit_that_misses_a_value_has_no_score_and_the_others_keep_theirs() -> None:
    matrix = np.array([[1.0, 5.0], [np.nan, 6.0], [3.0, 2.0], [2.0, 4.0]])
    weights = np.array([0.5, 0.5])
    found = topsis(matrix.T[:, None, :], weights[:, None])[0]
    assert np.isnan(found).tolist() == [False, True, False, False]
    apart = np.array([[1.0, 5.0], [3.0, 2.0], [2.0, 4.0], [1.0, 6.0]])  # the best and worst are the same
    np.testing.assert_allclose(found[[0, 2, 3]], by_definition(apart, weights)[:3])
