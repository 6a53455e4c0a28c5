"""The tree of an index as arrays, and its aggregation for many sets of weights at once.

A level is aggregated by a quasi-arithmetic mean (a transform, a weighted mean, the way back), which is one matrix
product for all replications; levels in a row of the same mean are one product together. Any other function can take a
mean's place. It reads no definition: who asks brings the parent of every element and its weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from greensilk.errors import UsageError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROOT = -1
# Products up to this many multiplications OpenBLAS makes on the calling thread. Larger ones wake others, which for so
# little work costs more than it gains, and ten times as much on a machine that is busy.
ONE_THREAD = 2**18
MIN_ROWS = 8


@dataclass(frozen=True)
class Mean:
    """A quasi-arithmetic mean: back(Σ w · forth(x)) with weights that sum to one.

    positive: whether values must lie above zero
    """

    name: str
    forth: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]
    positive: bool


# (groups' children, replications, units) and weights (children, replications) -> (replications, units)
Aggregation = Mean | Callable[[Floats, Floats], Floats]

MEANS: Mapping[str, Mean] = MappingProxyType(
    {
        "arithmetic": Mean("arithmetic", lambda x: x, lambda x: x, positive=False),
        "geometric": Mean("geometric", np.log, np.exp, positive=True),
        "harmonic": Mean("harmonic", np.reciprocal, np.reciprocal, positive=True),
    }
)


@dataclass(frozen=True)
class Structure:
    """A tree whose leaves are all equally deep; level 0 are the indicators, the last level is one root.

    parents: per level below the root, (elements,) number of the parent in the level above
    weights: per level below the root, (elements,) as given, of any sum
    """

    parents: tuple[Ints, ...]
    weights: tuple[Floats, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many elements the levels below the root have."""
        return tuple(len(level) for level in self.parents)

    def ancestors(self, first: int, last: int) -> Ints:
        """For every element of level `first`, the number of its ancestor in level `last`."""
        found = np.arange(self.sizes[first])
        for level in range(first, last):
            found = self.parents[level][found]
        return found


def structure(parent: ArrayLike, weight: ArrayLike) -> Structure:
    """The levels of a tree given flat, leaves in the order in which they are given.

    parent: (elements,) number of each element's parent, -1 for the one root
    weight: (elements,) not negative; the root's is not read
    returns: a leaf less deep than others hangs on groups of one element, which change nothing
    raises: UsageError for no or several roots, a circle, a number out of range, or a group whose weights are all zero
    >>> structure([3, 3, 4, 4, -1], [1, 1, 2, 1, 1]).sizes
    (3, 2)
    """
    up, weights = np.asarray(parent, np.int64), np.asarray(weight, np.float64)
    if not ((up >= ROOT) & (up < len(up))).all():
        raise UsageError("uncertainty.parent_unknown", elements=_listed(np.flatnonzero((up < ROOT) | (up >= len(up)))))
    if (up == ROOT).sum() != 1:
        raise UsageError("uncertainty.one_root", count=int((up == ROOT).sum()))
    depth = _depths(up)
    _check_weights(up, weights)
    leaves = np.setdiff1d(np.arange(len(up)), up)
    parents, by_level = [], []
    current = leaves
    for level in range(int(depth.max()), 0, -1):
        waiting = depth[current] < level  # stands for itself until its own level is reached
        above = np.where(waiting, current, up[current])
        by_level.append(np.where(waiting, 1.0, weights[current]))
        current, number = np.unique(above, return_inverse=True)
        parents.append(number.astype(np.int64))
    return Structure(tuple(parents), tuple(by_level))


def _depths(up: Ints) -> Ints:
    """Steps from every element to the root."""
    depth, at = np.zeros(len(up), np.int64), np.arange(len(up))
    for _ in range(len(up)):
        below = up[at] != ROOT
        if not below.any():
            return depth
        depth += below
        at = np.where(below, up[at], at)
    raise UsageError("uncertainty.circle", elements=_listed(np.flatnonzero(up[at] != ROOT)))


def _check_weights(up: Ints, weights: Floats) -> None:
    child = up != ROOT
    bad = child & ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        raise UsageError("uncertainty.weight_impossible", elements=_listed(np.flatnonzero(bad)))
    sums = np.bincount(up[child], weights[child], len(up))
    empty = np.setdiff1d(up[child], np.flatnonzero(sums > 0))
    if len(empty):
        raise UsageError("uncertainty.weights_all_zero", elements=_listed(empty))


def _listed(numbers: Ints) -> str:
    return ", ".join(str(number) for number in numbers.tolist())


def weights_to_top(tree: Structure, weights: Sequence[Floats] | None = None) -> Floats:
    """What each indicator weighs in the index when all levels are aggregated arithmetically.

    weights: per level, (elements,) or (replications, elements) of any sum; the tree's own if left out
    returns: (indicators,) or (replications, indicators), each row summing to one
    >>> tree = structure([3, 3, 4, 4, -1], [1, 1, 1, 1, 1])
    >>> weights_to_top(tree).tolist()
    [0.25, 0.25, 0.5]
    """
    return weights_between(tree, tree.weights if weights is None else weights, 0, len(tree.sizes))


def weights_between(tree: Structure, weights: Sequence[Floats], first: int, last: int) -> Floats:
    """What elements of level `first` weigh in their ancestors of level `last`: (..., elements), sum one in each."""
    found = np.ones(tree.sizes[first])
    for level in range(first, last):
        own = tree.ancestors(first, level)
        found = found * shares(tree, level, weights[level])[..., own]
    return found


def shares(tree: Structure, level: int, weights: Floats) -> Floats:
    """Weights (..., elements) of a level divided by the sum of their group; a group of zeros gives NaN."""
    parents = tree.parents[level]
    members = np.zeros((len(parents), parents.max() + 1))
    members[np.arange(len(parents)), parents] = 1.0
    with np.errstate(invalid="ignore"):
        return np.asarray(weights / (weights @ members)[..., parents])


def aggregate(values: Floats, tree: Structure, weights: Sequence[Floats], means: Sequence[Aggregation]) -> Floats:
    """Scores of the index for many sets of weights.

    values: (indicators, units) normalised, NaN = missing
    weights: per level, (replications, elements), of any sum in a group
    means: per level, how its elements become their parents
    returns: (replications, units). A missing value leaves its group to the others, their weights rescaled; a group
    without any is missing itself, and so is the index
    raises: UsageError where a mean of positive values meets one that is not
    """
    current = values[:, None, :]  # one replication stands for all until weights come in
    level, top = 0, len(tree.sizes)
    complete = not np.isnan(values).any()
    while level < top:
        mean, last = means[level], level + 1
        while complete and isinstance(mean, Mean) and last < top and means[last] is mean:
            last += 1
        shared = np.ascontiguousarray(weights_between(tree, weights, level, last).T)
        groups = tree.ancestors(level, last)
        current = _step(current, shared, groups, (mean, level))
        level = last
    return np.asarray(current[0])


def _step(current: Floats, weights: Floats, groups: Ints, how: tuple[Aggregation, int]) -> Floats:
    """From (children, replications or 1, units) to (groups, replications, units)."""
    mean, level = how
    transformed = _forth(current, mean, level) if isinstance(mean, Mean) else current
    found = np.empty((int(groups.max()) + 1, weights.shape[1], current.shape[2]))
    for group in range(len(found)):
        of = np.flatnonzero(groups == group)
        if isinstance(mean, Mean):
            found[group] = _weighted(transformed[of], weights[of])
        else:
            found[group] = mean(np.broadcast_to(transformed[of], (len(of), *found.shape[1:])), weights[of])
    return mean.back(found) if isinstance(mean, Mean) else found


def _forth(current: Floats, mean: Mean, level: int) -> Floats:
    if mean.positive and np.nanmin(current, initial=np.inf) <= 0:
        raise UsageError("uncertainty.not_positive", mean=mean.name, level=level, value=float(np.nanmin(current)))
    return mean.forth(current)


def _weighted(values: Floats, weights: Floats) -> Floats:
    """Σ w·x over the first axis, by the sum of weights of what is there."""
    missing = np.isnan(values)
    if not missing.any():
        return _sum(values, weights)
    there = _sum(np.where(missing, 0.0, 1.0), weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(there > 0, _sum(np.where(missing, 0.0, values), weights) / there, np.nan)


def _sum(values: Floats, weights: Floats) -> Floats:
    if values.shape[1] == 1:  # the same values for all replications: a matrix product
        shared = values[:, 0, :]
        rows = max(MIN_ROWS, ONE_THREAD // shared.size)
        return np.concatenate([weights[:, a : a + rows].T @ shared for a in range(0, weights.shape[1], rows)])
    total = values[0] * weights[0][:, None]
    for one, weight in zip(values[1:], weights[1:], strict=True):
        total += one * weight[:, None]
    return np.asarray(total)
