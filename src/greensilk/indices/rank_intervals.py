"""Ranks of units in many replications, and what they say: intervals, chances, when they stop moving.

Ranks are integers: 1 + the number of units above; equal scores share the better rank (1, 2, 2, 4). A unit without a
score has the rank 0, which means not ranked and is left out of every count.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from greensilk.errors import UsageError

Floats = NDArray[np.float64]
Ranks = NDArray[np.int32]
TIE_BITS = 40  # scores are compared on a grid of 2^-40 (about 1e-12) of the largest of their replication
SHARES = (0.05, 0.5, 0.95)
ROWS = 512


def ranks_of(scores: Floats) -> Ranks:
    """The rank of every unit in every replication, the highest score first.

    scores: (replications, units), NaN = none
    returns: (replications, units); scores that lie on one point of the grid (see TIE_BITS) are equal, for a sum of
    shares differs in its last digits with the order in which it is made; 0 where there is no score
    >>> ranks_of(np.array([[3.0, 5.0, 3.0, 1.0]])).tolist()
    [[2, 1, 2, 4]]
    """
    found = np.empty(scores.shape, np.int32)
    for start in range(0, len(scores), ROWS):
        _rank(scores[start : start + ROWS], found[start : start + ROWS])
    return found


def _rank(scores: Floats, into: Ranks) -> None:
    """Scores on the grid, with the unit's number in the lowest bits, are sorted as integers: no sort of indices."""
    rows, units = scores.shape
    missing = np.isnan(scores)
    known = np.where(missing, 0.0, scores) if missing.any() else scores
    _, exponent = np.frexp(np.abs(known).max(axis=1, initial=0.0))
    grid = np.rint(np.ldexp(known, (TIE_BITS - exponent)[:, None])).astype(np.int64)
    bits = max(1, (units - 1).bit_length())
    key = -grid
    key[missing] = 1 << (TIE_BITS + 1)  # below all others
    key = (key << bits) | np.arange(units)
    key.sort(axis=1)
    worse = np.ones(scores.shape, bool)
    worse[:, 1:] = key[:, 1:] >> bits != key[:, :-1] >> bits
    place = np.where(worse, np.arange(1, units + 1, dtype=np.int32), 0)
    np.maximum.accumulate(place, axis=1, out=place)
    unit = key & ((1 << bits) - 1)
    into.reshape(-1)[unit + np.arange(rows)[:, None] * units] = place
    into[missing] = 0


def rank_shares(ranks: Ranks) -> Floats:
    """In which share of its replications each unit has each rank.

    ranks: (replications, units)
    returns: (units, units), row = unit, column 0 = rank 1; rows of units never ranked are NaN
    """
    counts = _counts(ranks)[:, 1:]
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1), np.nan)


def _counts(ranks: Ranks) -> NDArray[np.int64]:
    """(units, 1 + units): in how many replications a unit has each rank, 0 being none."""
    units = ranks.shape[1]
    flat = ranks + np.arange(units) * (units + 1)
    return np.bincount(flat.reshape(-1), minlength=units * (units + 1)).reshape(units, units + 1)


@dataclass(frozen=True)
class RankIntervals:
    """Of each unit, (units,): its nominal rank, and bounds between which its rank lies in the replications.

    nominal: 0 where there is none; low, median, high: NaN where a unit is never ranked
    ranked_share: in which share of the replications it is ranked at all
    shares: which share of the replications lies at or below low, median and high
    """

    nominal: Ranks
    low: Floats
    median: Floats
    high: Floats
    mean: Floats
    ranked_share: Floats
    shares: tuple[float, float, float] = SHARES


def rank_intervals(ranks: Ranks, nominal: Ranks, shares: tuple[float, float, float] = SHARES) -> RankIntervals:
    """Rank intervals over the replications in which a unit is ranked.

    ranks: (replications, units); nominal: (units,) without perturbation
    returns: bounds that are ranks themselves: the smallest rank that at least this share does not exceed
    raises: UsageError for other shapes, or shares that are not in order between 0 and 1
    """
    if nominal.shape != ranks.shape[1:]:
        raise UsageError("uncertainty.shape", what="nominal", found=nominal.shape, expected=ranks.shape[1:])
    if not 0 < shares[0] <= shares[1] <= shares[2] <= 1:
        raise UsageError("uncertainty.out_of_range", what="shares", value=shares, range="0 < … ≤ 1")
    counts = _counts(ranks)
    low, median, high = _bounds(counts, shares)
    ranked = counts[:, 1:].sum(axis=1)
    with np.errstate(invalid="ignore"):
        mean = counts @ np.arange(counts.shape[1], dtype=np.float64) / np.where(ranked > 0, ranked, np.nan)
    return RankIntervals(nominal, low, median, high, mean, ranked / len(ranks), shares)


def _bounds(counts: NDArray[np.int64], shares: tuple[float, ...]) -> list[Floats]:
    below = counts[:, 1:].cumsum(axis=1)
    total = below[:, -1:]
    # a tenth of a count's room: 0.95 of 20 is 19, whatever the last digit of the product
    return [
        np.where(total[:, 0] > 0, (below < share * total - 1e-9 * total).sum(axis=1) + 1.0, np.nan) for share in shares
    ]


def chance_above(ranks: Ranks) -> Floats:
    """The share of replications in which the row's unit is above the column's, ties counted half.

    ranks: (replications, units)
    returns: (units, units), P + Pᵀ = 1, the diagonal 0.5; over replications in which both are ranked, NaN if none
    >>> chance_above(np.array([[1, 2], [1, 2], [1, 1], [2, 1]], np.int32)).tolist()
    [[0.5, 0.625], [0.375, 0.5]]
    """
    count, units = ranks.shape
    columns = np.ascontiguousarray(ranks.T).astype(np.min_scalar_type(units + 1))
    columns[columns == 0] = units + 1  # a unit not ranked is above none
    above = np.empty((units, units))
    for unit in range(units):
        above[unit] = np.add.reduce(columns[unit] < columns, axis=1, dtype=np.int32)
    both = np.full((units, units), float(count))
    there = (columns <= units).astype(np.float64)
    if not there.all():
        both = there @ there.T
        above -= there @ (1.0 - there).T  # ranked while the other is not: no comparison
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((above + (both - above - above.T) / 2) / both)


@dataclass(frozen=True)
class Convergence:
    """How the bounds of the intervals moved as replications were added.

    at: (steps,) replications so far; low, median, high: (steps, units) bounds then
    still_to_move: (steps,) ranks, the widest band in which any low or high bound lies from then to the end
    reached_at: replications from which on that band is no wider than the tolerance
    """

    at: NDArray[np.int64]
    low: Floats
    median: Floats
    high: Floats
    still_to_move: Floats
    tolerance_ranks: float
    reached_at: int

    @property
    def reached(self) -> bool:
        """Whether the second half of the replications moved no bound by more than the tolerance."""
        return 2 * self.reached_at <= int(self.at[-1])


def convergence(ranks: Ranks, tolerance_ranks: float = 1.0, steps: int = 20) -> Convergence:
    """Bounds of the rank intervals as they stand after each of `steps` equal parts of the replications.

    ranks: (replications, units) in the order in which they were drawn
    raises: UsageError for fewer replications than steps, or fewer than two steps
    """
    if not 2 <= steps <= len(ranks):
        raise UsageError("uncertainty.out_of_range", what="steps", value=steps, range=f"2–{len(ranks)}")
    at = np.linspace(0, len(ranks), steps + 1).round().astype(np.int64)
    running = np.cumsum([_counts(ranks[a:b]) for a, b in pairwise(at)], axis=0)
    low, median, high = (np.array(bound) for bound in zip(*(_bounds(one, SHARES) for one in running), strict=True))
    ahead = np.maximum(_band_ahead(low), _band_ahead(high)).max(axis=1)
    reached_at = int(at[1:][np.argmax(ahead <= tolerance_ranks)])  # the last band has no width
    return Convergence(at[1:], low, median, high, ahead, tolerance_ranks, reached_at)


def _band_ahead(bound: Floats) -> Floats:
    """(steps, units): the width of the band a bound keeps to from each step to the last."""
    back = bound[::-1]
    width = (np.maximum.accumulate(back) - np.minimum.accumulate(back))[::-1]
    never = np.isnan(bound[-1])
    return np.where(never, 0.0, np.where(np.isnan(width), np.inf, width))  # not ranked yet: anything may come
