"""The tree of an index as arrays, and its aggregation for many sets of weights at once.

Levels in a row of the same mean are one matrix product together. It reads no definition: who asks brings the parent of
every element and its weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from greensilk.errors import UsageError
from greensilk.indices.means import Aggregation, Floats, Mean, weighted_sum

Ints = NDArray[np.int64]
LevelMeans = Aggregation | tuple[Aggregation, ...]  # of all elements of a level, or of each
ROOT = -1
SLACK = 1e-12  # shares of weight are sums, and 2/3 may come out a little less


@dataclass(frozen=True)
class Structure:
    """A tree whose leaves are all equally deep; level 0 are the indicators, the last level is one root.

    parents: per level below the root, (elements,) number of the parent in the level above
    weights: per level below the root, (elements,) as given, of any sum
    elements: per level, the root's included, (elements,) number of each in the flat tree; one that is there in the
    level above too only waits to be as high as its parent's other children
    """

    parents: tuple[Ints, ...]
    weights: tuple[Floats, ...]
    elements: tuple[Ints, ...]

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
    current = np.setdiff1d(np.arange(len(up)), up)  # the leaves
    parents, by_level, elements = [], [], [current]
    for level in range(int(depth.max()), 0, -1):
        waiting = depth[current] < level  # stands for itself until its own level is reached
        above = np.where(waiting, current, up[current])
        by_level.append(np.where(waiting, 1.0, weights[current]))
        current, number = np.unique(above, return_inverse=True)
        parents.append(number.astype(np.int64))
        elements.append(current)
    return Structure(tuple(parents), tuple(by_level), tuple(elements))


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


def aggregate(
    values: Floats, tree: Structure, weights: Sequence[Floats], means: Sequence[LevelMeans], available: float = 0.0
) -> Floats:
    """Scores of the index for many sets of weights.

    values: (indicators, units) normalised, NaN = missing
    weights: per level, (replications, elements), of any sum in a group
    means: per level, how its elements become their parents: one for all parents, or one for each in their order
    available: the least share of the weight in a group that must be there for it to have a score
    returns: (replications, units), NaN = none
    raises: UsageError where a mean that takes no negative values meets one
    """
    current = values[:, None, :]  # one replication stands for all until weights come in
    level = 0
    while level < len(tree.sizes):
        last = _reach(current, means, level)
        shared = np.ascontiguousarray(weights_between(tree, weights, level, last).T)
        current = _lifted(current, tree, shared, (means[level], level, last, available))
        level = last
    return np.asarray(current[0])


def _reach(current: Floats, means: Sequence[LevelMeans], level: int) -> int:
    """The level that one product reaches: over all that follow with the same mean, if nothing is missing."""
    last = level + 1
    if isinstance(means[level], Mean) and not np.isnan(current).any():
        while last < len(means) and means[last] is means[level]:
            last += 1
    return last


def _lifted(current: Floats, tree: Structure, weights: Floats, how: tuple[LevelMeans, int, int, float]) -> Floats:
    """From (elements, replications or 1, units) of a level to (elements, replications, units) of a higher one."""
    way, level, last, available = how
    ways = way if isinstance(way, tuple) else (way,) * len(tree.elements[last])
    waiting = np.isin(tree.elements[last], tree.elements[level])
    groups = tree.ancestors(level, last)
    above = np.empty((len(ways), weights.shape[1], current.shape[2]))
    for group, own in enumerate(ways):
        of = np.flatnonzero(groups == group)
        above[group] = current[of[0]] if waiting[group] else _group(current[of], weights[of], own, available)
    return above


def _group(values: Floats, weights: Floats, way: Aggregation, available: float) -> Floats:
    """(replications or 1, units) of one element, missing where too little is there."""
    found = way(values, weights)
    missing = np.isnan(values)
    if not missing.any():
        return found
    there = weighted_sum(np.where(missing, 0.0, 1.0), weights)
    return np.where((there > 0) & (there >= available - SLACK), found, np.nan)
