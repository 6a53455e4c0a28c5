"""Scores of one group of indicators or elements made into one score per unit.

Every method takes (n, k) scores and (k,) weights, goes by what is there (weights of the rest brought to one) and gives
(n,) scores. Whether enough is there is decided once, in `aggregate`. All but the Mazziotta–Pareto index are monotone: a
unit that is at least as good in everything never comes out below.
source: OECD/JRC 2008, step 6 (weighting and aggregation)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from greensilk.indices.definition import Aggregate, AggregateMethod
from greensilk.indices.grid import Floats

SLACK = 1e-12


def _shares(scores: Floats, weights: Floats) -> Floats:
    """(n, k) weights of what is there, summing to one in each row; a row without anything is NaN."""
    there = np.where(np.isnan(scores), 0.0, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares: Floats = there / there.sum(axis=1, keepdims=True)
    return shares


def _weighted(scores: Floats, weights: Floats) -> Floats:
    # A sum along each row, not a matrix product: a unit's score must not depend, in its last digit, on where it stands.
    shares = _shares(scores, weights)
    total: Floats = np.where(shares > 0, scores, 0.0) * shares
    return np.asarray(np.ascontiguousarray(total).sum(axis=1))


def arithmetic(scores: Floats, weights: Floats) -> Floats:
    """Σ w·x: a bad score is made up for by a good one.

    >>> import numpy as np
    >>> arithmetic(np.array([[10.0, 40.0], [10.0, np.nan]]), np.array([0.5, 0.5])).tolist()
    [25.0, 10.0]
    """
    return _weighted(scores, weights)


def geometric(scores: Floats, weights: Floats) -> Floats:
    """Π x^w; one zero makes the whole zero, and with a negative score there is none.

    >>> import numpy as np
    >>> geometric(np.array([[10.0, 40.0]]), np.array([0.5, 0.5])).round(12).tolist()
    [20.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithms = np.where(scores < 0, np.inf, np.log(scores))
        out = np.exp(_weighted(logarithms, weights))
    return np.where(np.isposinf(out), np.nan, out)


def harmonic(scores: Floats, weights: Floats) -> Floats:
    """1/Σ(w/x) of scores that are not negative; one zero makes the whole zero.

    >>> import numpy as np
    >>> harmonic(np.array([[10.0, 40.0]]), np.array([0.5, 0.5])).tolist()
    [16.0]
    """
    with np.errstate(divide="ignore"):
        return 1 / _weighted(1 / scores, weights)


def generalised(scores: Floats, weights: Floats, power: float) -> Floats:
    """(Σ w·x^p)^(1/p) of scores that are not negative: p = 1 arithmetic, towards 0 geometric, −1 harmonic.

    >>> import numpy as np
    >>> generalised(np.array([[3.0, 4.0]]), np.array([0.5, 0.5]), 2.0).round(4).tolist()
    [3.5355]
    """
    with np.errstate(divide="ignore"):
        return np.asarray(_weighted(scores**power, weights) ** (1 / power))


def lowest_of(scores: Floats, weights: Floats) -> Floats:
    """The worst score of those that have weight: nothing makes up for it."""
    return np.asarray(np.fmin.reduce(np.where(weights > 0, scores, np.nan), axis=1))


def mazziotta_pareto(scores: Floats, weights: Floats) -> Floats:
    """M − S²/M: the mean, less a penalty for being uneven; S is the weighted standard deviation of the unit's scores.

    Scores must be positive, best on a scale such as 70–130 or with mean 100 and deviation 10; NaN where M is not.
    source: Mazziotta and Pareto 2016, On a generalized non-compensatory composite index
    >>> import numpy as np
    >>> mazziotta_pareto(np.array([[100.0, 100.0], [110.0, 90.0]]), np.array([0.5, 0.5])).tolist()
    [100.0, 99.0]
    """
    centre = _weighted(scores, weights)
    variance = _weighted((scores - centre[:, None]) ** 2, weights)
    penalty = np.divide(variance, centre, out=np.full(len(centre), np.nan), where=centre > 0)
    return np.asarray(centre - penalty)


def outranking(scores: Floats, weights: Floats) -> Floats:
    """(n, n) the share of weight for which row i is better than row j, ties counting half, over what both have.

    NaN where two rows share nothing, and on the diagonal.
    source: Munda and Nardo 2005, Non-compensatory composite indicators
    """
    n = len(scores)
    ahead, shared = np.zeros((n, n)), np.zeros((n, n))
    for column, weight in zip(scores.T, weights, strict=True):
        there = ~np.isnan(column)
        both = there[:, None] & there[None, :]
        better = (column[:, None] > column[None, :]) + 0.5 * (column[:, None] == column[None, :])
        ahead += weight * np.where(both, better, 0.0)
        shared += weight * both
    support: Floats = np.divide(ahead, shared, out=np.full((n, n), np.nan), where=shared > 0)
    np.fill_diagonal(support, np.nan)
    return support


def copeland(scores: Floats, weights: Floats) -> Floats:
    """How many units each one outranks, less how many outrank it; only order counts, not by how much.

    source: Munda and Nardo 2005; COINr 1.1
    >>> import numpy as np
    >>> copeland(np.array([[3.0, 1.0], [2.0, 9.0], [1.0, 0.0]]), np.array([0.6, 0.4])).tolist()
    [2.0, 0.0, -2.0]
    """
    support = outranking(scores, weights)
    won = (support > 0.5 + SLACK).sum(axis=1) - (support < 0.5 - SLACK).sum(axis=1)
    return np.where(np.isnan(support).all(axis=1), np.nan, won.astype(np.float64))


METHODS: dict[AggregateMethod, Callable[[Floats, Floats], Floats]] = {
    "arithmetic": arithmetic,
    "geometric": geometric,
    "harmonic": harmonic,
    "copeland": copeland,
    "mazziotta_pareto": mazziotta_pareto,
    "min": lowest_of,
}
NEED_POSITIVE: frozenset[AggregateMethod] = frozenset({"geometric", "harmonic", "generalised", "mazziotta_pareto"})


def aggregate(scores: Floats, weights: Floats, method: AggregateMethod, spec: Aggregate) -> Floats:
    """(n,) scores of a group; NaN where less than `spec.available` of the weight is there.

    scores: (n, k); weights: (k,) not negative, of any sum; spec: its power and its share, `method` being the group's
    """
    if method == "generalised":
        out = generalised(scores, weights, spec.power or 1.0)
    else:
        out = METHODS[method](scores, weights)
    present = np.where(np.isnan(scores), 0.0, weights).sum(axis=1) / weights.sum()
    return np.where((present > 0) & (present >= spec.available - SLACK), out, np.nan)
