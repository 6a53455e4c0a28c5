"""Alternatives compared on several criteria: who is not outdone, who comes first, and how much that rests on weights.

Of every criterion less is better. NaN is unknown: of two alternatives of which only one is known on a criterion, or
neither, none outdoes the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Ints

Bools = NDArray[np.bool_]
Standing = Literal["front", "open", "outdone"]
DRAWS, SEED = 2_000, 20_261_123
SHARES = (0.05, 0.95)  # of the draws: bounds of a rank's interval
MOST_UNKNOWN = 1 / 3  # of the weight: an alternative with more of it unknown has no rank
_DECIMALS = 12  # sums of shares differ in their last digits with the order in which they are made


def outdone(values: Floats, margin: Floats, *, as_known: bool = False) -> Bools:
    """(n, n) whether the alternative of a column outdoes that of a row.

    values: (n, criteria), less is better; margin: (criteria,) a difference no larger than that proves nothing;
    as_known: whether it may: over the criteria that are known of both, and as if what is unknown of the one in the row
    were its worse side
    returns: no worse on any criterion, and better by more than the margin on one
    >>> outdone(np.array([[1.0, 2.0], [2.0, 2.0], [0.0, np.nan]]), np.zeros(2)).astype(int).tolist()
    [[0, 0, 0], [1, 0, 0], [0, 0, 0]]
    """
    n = len(values)
    no_worse, better = np.ones((n, n), dtype=bool), np.zeros((n, n), dtype=bool)
    for column, least in zip(values.T, margin, strict=True):
        row, other = column[:, None], column[None, :]
        no_worse &= ~(other > row) if as_known else other <= row  # no comparison holds with NaN
        better |= other < row - least
        if as_known:
            better |= np.isnan(row)
    return no_worse & better & ~np.eye(n, dtype=bool)


def standings(values: Floats, margin: Floats) -> list[Standing]:
    """(n,) of each alternative whether another outdoes it.

    front: none does; open: none can be shown to, as criteria are unknown, and one may; outdone
    values, margin: see `outdone`
    """
    sure, maybe = outdone(values, margin), outdone(values, margin, as_known=True)
    return ["outdone" if by.any() else "open" if if_known.any() else "front"
            for by, if_known in zip(sure, maybe, strict=True)]  # fmt: skip


@dataclass(frozen=True)
class Ranking:
    """Ranks by weighted criteria and how they move with the weights, (n,) each.

    nominal: at the weights as given, 0 = not ranked, as too much is unknown of it or of all others; low, high: nine
    in ten draws lie between, the nominal rank with them; shares: (n, n) share of draws at each rank, column 0 =
    rank 1, NaN for one not ranked; score: from 0, the best of each criterion, to 1, the worst of each, at the
    weights as given; unknown: share of the weight that is unknown
    """

    nominal: Ints
    low: Ints
    high: Ints
    shares: Floats
    score: Floats
    unknown: Floats

    @property
    def ranked(self) -> Bools:
        """(n,) which alternatives have a rank."""
        return np.asarray(self.nominal > 0)


def ranking(values: Floats, weights: Floats, margin: Floats, draws: int = DRAWS, seed: int = SEED) -> Ranking:
    """Ranks by the weighted sum of criteria, each scaled from its best to its worst value among the alternatives.

    values: (n, criteria), less is better, every criterion known of some alternative; weights: (criteria,) above 0;
    margin: (criteria,) values are drawn within it, and differences are scaled by it where all are smaller
    Weights are drawn from a Dirichlet distribution about those given; about equal ones it is the one under which every
    weighting is as likely. What is unknown is drawn with them, from the best to the worst known value; at the weights
    as given it lies midway.
    raises: ValueError for no criterion, a weight that is none, or a criterion known of nobody
    """
    n, count = values.shape
    if not count or np.isnan(values).all(axis=0).any() or not (np.isfinite(weights) & (weights > 0)).all():
        raise ValueError("every criterion needs a value and a weight above 0")
    share = weights / weights.sum()
    missing = np.isnan(values)
    unknown = missing @ share
    ranked = np.flatnonzero(unknown <= MOST_UNKNOWN + 1e-12)
    ranked = ranked if len(ranked) > 1 else ranked[:0]  # first of one would be no rank
    nominal, low, high = (np.zeros(n, dtype=np.int64) for _ in range(3))
    shares, score = np.full((n, n), np.nan), np.full(n, np.nan)
    if len(ranked):
        scaled, noise = _scaled(values, margin)
        score[ranked] = np.where(missing, 0.5, scaled)[ranked] @ share
        ranks = _drawn_ranks(scaled[ranked], (share, noise), draws, seed)
        nominal[ranked] = _ranks(score[None, ranked])[0]
        bounds = np.quantile(ranks, SHARES, axis=0, method="inverted_cdf").astype(np.int64)
        low[ranked], high[ranked] = np.minimum(bounds[0], nominal[ranked]), np.maximum(bounds[1], nominal[ranked])
        shares[ranked] = np.array([(ranks == place).mean(axis=0) for place in range(1, n + 1)]).T
    return Ranking(nominal, low, high, shares, score, unknown)


def _drawn_ranks(scaled: Floats, about: tuple[Floats, Floats], draws: int, seed: int) -> Ints:
    """(draws, n) ranks. about: (criteria,) shares that weights are drawn about, and noise within which values are."""
    share, noise = about
    chance = np.random.default_rng(seed)
    missing = np.isnan(scaled)
    scores = np.empty((draws, len(scaled)))
    for k, weights in enumerate(chance.dirichlet(share * len(share), size=draws)):
        drawn = chance.random(scaled.shape)
        scores[k] = np.where(missing, drawn, scaled + noise * (2 * drawn - 1)) @ weights
    return _ranks(scores)


def _scaled(values: Floats, margin: Floats) -> tuple[Floats, Floats]:
    """(n, criteria) from 0 at the best value of each criterion to 1 at the worst, and (criteria,) the margin so scaled.

    Where all lie within the margin the worst is below 1; where all are the same, all are 0 and nothing is drawn.
    """
    best, spread = np.nanmin(values, axis=0), np.nanmax(values, axis=0) - np.nanmin(values, axis=0)
    unit: Floats = np.where(spread > 0, np.maximum(spread, margin), 1.0)
    return np.asarray((values - best) / unit), np.where(spread > 0, margin / unit, 0.0)


def _ranks(scores: Floats) -> Ints:
    """(draws, n) ranks, the lowest score first; equal scores share the better rank (1, 2, 2, 4).

    >>> _ranks(np.array([[0.5, 0.2, 0.5, 0.9]])).tolist()
    [[2, 1, 2, 4]]
    """
    rounded = np.round(scores, _DECIMALS)
    order = np.argsort(rounded, axis=1, kind="stable")
    ascending = np.take_along_axis(rounded, order, axis=1)
    place = np.ones(scores.shape, dtype=np.int64)
    place[:, 1:] = np.where(np.diff(ascending, axis=1) > 0, np.arange(2, scores.shape[1] + 1), 0)
    ranks = np.empty_like(place)
    np.put_along_axis(ranks, order, np.maximum.accumulate(place, axis=1), axis=1)
    return ranks
