"""Least squares whose answer must not be negative."""

from __future__ import annotations

import numpy as np

from greensilk.indices.grid import Bools, Floats

TOLERANCE = 1e-12


def nonnegative_least_squares(matrix: Floats, wanted: Floats) -> Floats:
    """The x ≥ 0 for which |matrix·x − wanted|² is least, by active sets.

    matrix: (m, k); wanted: (m,); returns: (k,)
    source: Lawson and Hanson 1974, Solving Least Squares Problems, chapter 23
    >>> import numpy as np
    >>> nonnegative_least_squares(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([2.0, -3.0])).tolist()
    [2.0, 0.0]
    """
    k = matrix.shape[1]
    x, free = np.zeros(k), np.zeros(k, dtype=np.bool_)
    for _ in range(10 * k):
        gradient = matrix.T @ (wanted - matrix @ x)
        if free.all() or gradient[~free].max() <= TOLERANCE:
            break
        free[np.argmax(np.where(free, -np.inf, gradient))] = True
        x = _step(matrix, wanted, x, free)
    return x


def _solve(matrix: Floats, wanted: Floats, free: Bools) -> Floats:
    out = np.zeros(matrix.shape[1])
    out[free] = np.linalg.lstsq(matrix[:, free], wanted, rcond=None)[0]
    return out


def _step(matrix: Floats, wanted: Floats, x: Floats, free: Bools) -> Floats:
    """Towards the least squares of the free ones, as far as none becomes negative; those that reach zero are fixed."""
    goal = _solve(matrix, wanted, free)
    while free.any() and goal[free].min() <= 0:
        stops = free & (goal <= 0)
        share = np.min(x[stops] / np.maximum(x[stops] - goal[stops], TOLERANCE))
        x = x + share * (goal - x)
        free &= x > TOLERANCE
        x = np.where(free, x, 0.0)
        goal = _solve(matrix, wanted, free)
    return goal
