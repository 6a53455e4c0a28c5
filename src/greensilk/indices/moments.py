"""Moments and order statistics down the columns of an array with gaps; a column without numbers gives NaN."""

from __future__ import annotations

import numpy as np

from greensilk.indices.grid import Bools, Floats, Ints

ROUNDING = 1e-12  # a ratio of the same two numbers in every row differs in its last digits


def counted(values: Floats) -> Ints:
    """How many numbers each column has."""
    present: Ints = np.count_nonzero(~np.isnan(values), axis=0).astype(np.int64)
    return present


def lowest(values: Floats) -> Floats:
    """The least number of each column."""
    found: Floats = np.asarray(np.fmin.reduce(values, axis=0), dtype=np.float64)
    return found


def highest(values: Floats) -> Floats:
    """The greatest number of each column."""
    found: Floats = np.asarray(np.fmax.reduce(values, axis=0), dtype=np.float64)
    return found


def mean(values: Floats) -> Floats:
    """The mean of each column."""
    with np.errstate(invalid="ignore", divide="ignore"):
        total: Floats = np.asarray(np.nansum(values, axis=0) / counted(values))
    return total


def deviation(values: Floats) -> Floats:
    """The sample standard deviation (n − 1) of each column; NaN below two numbers."""
    with np.errstate(invalid="ignore", divide="ignore"):
        squares = np.nansum((values - mean(values)) ** 2, axis=0)
        spread: Floats = np.asarray(np.sqrt(squares / np.maximum(counted(values) - 1, 0)))
    return spread


def median(values: Floats) -> Floats:
    """The median of each column.

    >>> import numpy as np
    >>> median(np.array([[1.0, np.nan], [9.0, np.nan], [np.nan, 4.0], [2.0, 6.0]])).tolist()
    [2.0, 5.0]
    """
    ordered = np.sort(values, axis=0)  # NaN go last
    n = counted(values)
    low, high = (np.maximum(n - 1, 0) // 2)[None], (n // 2)[None]
    middle: Floats = (np.take_along_axis(ordered, low, axis=0) + np.take_along_axis(ordered, high, axis=0))[0] / 2
    return middle


def constant(values: Floats) -> Bools:
    """Which columns have no variance: every number in them is the same but for rounding, or there is none."""
    high, low = highest(values), lowest(values)
    same: Bools = ~(high - low > ROUNDING * np.fmax(np.abs(high), np.abs(low)))
    return same


def shape(values: Floats) -> tuple[Floats, Floats]:
    """Sample-adjusted skewness G1 and excess kurtosis G2 of each column.

    G1 = g1·√(n(n−1))/(n−2), g1 = m3/m2^1.5; G2 = ((n+1)·g2 + 6)(n−1)/((n−2)(n−3)), g2 = m4/m2² − 3
    returns: (k,) each; NaN without variance, and below three and four numbers
    source: Joanes and Gill 1998, Comparing measures of sample skewness and kurtosis, type 2
    >>> import numpy as np
    >>> [float(found[0].round(6)) for found in shape(np.array([[1.0], [2.0], [3.0], [4.0], [50.0]]))]
    [2.22064, 4.944867]
    """
    there = ~np.isnan(values)
    n = there.sum(axis=0).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.where(there, values - np.where(there, values, 0.0).sum(axis=0) / n, 0.0)
        squared = distance**2
        second, third, fourth = (each.sum(axis=0) / n for each in (squared, squared * distance, squared**2))
        skew = third / second**1.5 * np.sqrt(n * (n - 1)) / (n - 2)
        kurt = ((n + 1) * (fourth / second**2 - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
    same = constant(values)
    return np.where((n < 3) | same, np.nan, skew), np.where((n < 4) | same, np.nan, kurt)


def skewness(values: Floats) -> Floats:
    """The sample-adjusted skewness of each column: see `shape`."""
    return shape(values)[0]


def competition_ranks(values: Floats) -> Floats:
    """Ascending ranks down each column, 1 = least; ties share the least of their ranks; NaN stays NaN.

    >>> import numpy as np
    >>> competition_ranks(np.array([[5.0], [np.nan], [2.0], [5.0]]))[:, 0].tolist()
    [2.0, nan, 1.0, 2.0]
    """
    ranks = np.full(values.shape, np.nan)
    for j in range(values.shape[1]):
        column = values[:, j]
        there = ~np.isnan(column)
        ordered = np.sort(column[there])
        ranks[there, j] = np.searchsorted(ordered, column[there], side="left") + 1
    return ranks
