"""Ways to make the children of an element into its score, for many sets of weights at once.

All take values (children, replications or 1 for all, units), NaN = missing, and weights (children, replications), and
give (replications, units). What is missing leaves its weight to the others. How a group of one unit is done: see
aggregation.py, which these are held to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from greensilk.errors import UsageError

Floats = NDArray[np.float64]
Aggregation = Callable[[Floats, Floats], Floats]
# Products up to this many multiplications OpenBLAS makes on the calling thread. Larger ones wake others, which for so
# little work costs more than it gains, and ten times as much on a machine that is busy.
ONE_THREAD = 2**18
MIN_ROWS = 8
HUGE = 1e300  # stands for the transform of zero where that is infinite: times a weight of zero it is still nothing


@dataclass(frozen=True)
class Mean:
    """A quasi-arithmetic mean: back(Σ w · forth(x)) with weights that sum to one.

    Levels in a row of one such mean are one mean with the products of the weights.
    negative: whether it takes negative values
    """

    name: str
    forth: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]
    negative: bool = False

    def __call__(self, values: Floats, weights: Floats) -> Floats:
        """See the module.

        raises: UsageError for a negative value where it takes none
        """
        least = np.fmin.reduce(values, axis=None)
        if least < 0 and not self.negative:
            raise UsageError("uncertainty.negative", mean=self.name, value=float(least))
        return self.back(weighted_mean(self.forth(values), weights))


def weighted_mean(values: Floats, weights: Floats) -> Floats:
    """Σ w·x over the first axis, by the sum of the weights of what is there; NaN where nothing is."""
    missing = np.isnan(values)
    if not missing.any():
        return weighted_sum(values, weights)
    there = weighted_sum(np.where(missing, 0.0, 1.0), weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(there > 0, weighted_sum(np.where(missing, 0.0, values), weights) / there, np.nan)


def weighted_sum(values: Floats, weights: Floats) -> Floats:
    """Σ w·x over the first axis, nothing of it missing."""
    if values.shape[1] == 1:  # the same values for all replications: a matrix product
        shared = values[:, 0, :]
        rows = max(MIN_ROWS, ONE_THREAD // max(1, shared.size))
        return np.concatenate([weights[:, a : a + rows].T @ shared for a in range(0, weights.shape[1], rows)])
    total = values[0] * weights[0][:, None]
    for one, weight in zip(values[1:], weights[1:], strict=True):
        total += one * weight[:, None]
    return np.asarray(total)


def _logarithm(values: Floats) -> Floats:
    return np.where(values == 0, -HUGE, np.log(np.where(values == 0, 1.0, values)))


def generalised(power: float) -> Mean:
    """(Σ w·x^p)^(1/p): 1 arithmetic, towards 0 geometric, −1 harmonic.

    raises: UsageError for a power of zero
    >>> generalised(2.0)(np.array([[[3.0]], [[4.0]]]), np.array([[0.5], [0.5]])).round(4).tolist()
    [[3.5355]]
    """
    if power == 0 or not np.isfinite(power):
        raise UsageError("uncertainty.out_of_range", what="power", value=power, range="≠ 0")

    def forth(values: Floats) -> Floats:
        zero = (values == 0) & (power < 0)
        return np.where(zero, HUGE, np.where(zero, 1.0, values) ** power)

    return Mean(f"generalised {power:g}", forth, lambda x: np.asarray(x ** (1 / power)))


def least(values: Floats, weights: Floats) -> Floats:
    """The worst of what has weight."""
    return np.asarray(np.fmin.reduce(np.where(weights[:, :, None] > 0, values, np.nan), axis=0))


def mazziotta_pareto(values: Floats, weights: Floats) -> Floats:
    """M − S²/M, S² the weighted variance of what a unit has; NaN where the mean M is not above zero."""
    mean = weighted_mean(values, weights)
    variance = np.maximum(weighted_mean(values**2, weights) - mean**2, 0.0)
    return np.asarray(mean - np.divide(variance, mean, out=np.full(mean.shape, np.nan), where=mean > 0))


def one_by_one(function: Aggregation) -> Aggregation:
    """A function of one group, (units, children) scores and (children,) weights to (units,), in each replication.

    It is called once for each, so that what compares all pairs of units (Copeland) is slow at the level of indicators.
    """

    def each(values: Floats, weights: Floats) -> Floats:
        every = np.broadcast_to(values, (*weights.shape, values.shape[2]))
        return np.stack([function(every[:, i].T, weights[:, i]) for i in range(weights.shape[1])])

    return each


MEANS: Mapping[str, Aggregation] = MappingProxyType(
    {
        "arithmetic": Mean("arithmetic", lambda x: x, lambda x: x, negative=True),
        "geometric": Mean("geometric", _logarithm, np.exp),
        "harmonic": generalised(-1.0),
        "min": least,
        "mazziotta_pareto": mazziotta_pareto,
    }
)
