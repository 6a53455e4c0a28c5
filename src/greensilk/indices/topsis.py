"""TOPSIS, to compare an index with: how near each unit is to the best that any unit reaches in every element.

It takes a mean's place in an index of one level, and so runs in thousands of replications as means do.
"""

from __future__ import annotations

import numpy as np

from greensilk.indices.means import Floats, weighted_sum


def topsis(values: Floats, weights: Floats) -> Floats:
    """Closeness to the ideal: the distance from the worst by the sum of those from the worst and the best.

    values: (children, replications or 1 for all, units) normalised, more is better, NaN = missing
    weights: (children, replications) summing to one
    returns: (replications, units) from 0 to 1; a unit that misses a value has none, and neither have units all alike
    source: Hwang and Yoon 1981, Multiple Attribute Decision Making; best and worst are those found among the units
    >>> one = np.array([[[0.0, 1.0, 0.5]], [[0.0, 1.0, 0.5]]])
    >>> topsis(one, np.array([[0.5], [0.5]])).tolist()
    [[0.0, 1.0, 0.5]]
    """
    best, worst = np.fmax.reduce(values, axis=-1)[..., None], np.fmin.reduce(values, axis=-1)[..., None]
    squares = weights**2
    to_best, to_worst = (np.sqrt(weighted_sum((values - end) ** 2, squares)) for end in (best, worst))
    with np.errstate(invalid="ignore"):
        return np.asarray(to_worst / (to_worst + to_best))
