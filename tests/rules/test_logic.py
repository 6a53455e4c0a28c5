"""Kleene's tables, cell by cell."""

from __future__ import annotations

import numpy as np

from greensilk.rules.logic import FALSE, NAMES, TRUE, UNKNOWN, conjunction, constant, disjunction, negation, truths

ALL = np.array([FALSE, UNKNOWN, TRUE], np.int8)
LEFT, RIGHT = np.repeat(ALL, 3), np.tile(ALL, 3)


def test_conjunction() -> None:
    assert conjunction([LEFT, RIGHT]).tolist() == [0, 0, 0, 0, 1, 1, 0, 1, 2]


def test_disjunction() -> None:
    assert disjunction([LEFT, RIGHT]).tolist() == [0, 1, 2, 1, 1, 2, 2, 2, 2]


def test_negation_keeps_the_unknown() -> None:
    assert negation(ALL).tolist() == [2, 1, 0]
    assert negation(ALL).dtype == np.int8


def test_truths() -> None:
    found = truths(np.array([True, False, True, False]), np.array([True, True, False, False]))
    assert found.tolist() == [2, 0, 1, 1]
    assert found.dtype == np.int8


def test_constant_and_names() -> None:
    assert constant(UNKNOWN, 3).tolist() == [1, 1, 1]
    assert [NAMES[value] for value in ALL] == ["false", "unknown", "true"]
