"""Ranks from scores: the best is first, and scores that differ only by rounding are a tie."""

from __future__ import annotations

import numpy as np

from greensilk.indices.definition import Ties
from greensilk.indices.grid import Bools, Floats

DIGITS = 1e12  # scores closer than a 10^12th of the greatest are the same number, computed in another order


def rank(scores: Floats, ties: Ties = "lowest", eligible: Bools | None = None) -> Floats:
    """Ranks of (n,) scores, 1 = the highest; NaN for those without a score and those not eligible.

    ties: lowest = 1, 2, 2, 4; average = 1, 2.5, 2.5, 4; dense = 1, 2, 2, 3
    >>> import numpy as np
    >>> rank(np.array([5.0, 9.0, 5.0, np.nan, 1.0])).tolist()
    [2.0, 1.0, 2.0, nan, 4.0]
    """
    ranks = np.full(len(scores), np.nan)
    there = ~np.isnan(scores) if eligible is None else ~np.isnan(scores) & eligible
    if not there.any():
        return ranks
    known = scores[there]
    largest = np.abs(known).max()
    rounded = np.round(-known / largest * DIGITS) if largest > 0 else -known
    ordered = np.sort(rounded)
    first = np.searchsorted(ordered, rounded, side="left") + 1.0
    if ties == "average":
        first = (first + np.searchsorted(ordered, rounded, side="right")) / 2
    if ties == "dense":
        first = np.searchsorted(np.unique(rounded), rounded) + 1.0
    ranks[there] = first
    return ranks
