"""Values of many units of measurement on one scale, more always being better.

Each method takes (n, k) values that already point upwards (a column where less is better has its sign turned) and gives
(n, k) scores; NaN stays NaN.
source: OECD/JRC 2008, step 5 (normalisation); formulas as in COINr 1.1
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from greensilk.indices.definition import Goalposts, Indicator, Normalise
from greensilk.indices.grid import Floats
from greensilk.indices.moments import competition_ranks, counted, deviation, highest, lowest, mean


def min_max(values: Floats, low: float = 0.0, high: float = 100.0) -> Floats:
    """The least value becomes `low`, the greatest `high`: (x − min)/(max − min)·(high − low) + low.

    >>> import numpy as np
    >>> min_max(np.array([[2.0], [4.0], [3.0]]))[:, 0].tolist()
    [0.0, 100.0, 50.0]
    """
    least = lowest(values)
    return np.asarray((values - least) / (highest(values) - least) * (high - low) + low)


def z_score(values: Floats, to_mean: float = 0.0, to_deviation: float = 1.0) -> Floats:
    """Distance from the mean in sample standard deviations (n − 1).

    >>> import numpy as np
    >>> z_score(np.array([[1.0], [2.0], [3.0]]))[:, 0].tolist()
    [-1.0, 0.0, 1.0]
    """
    return np.asarray((values - mean(values)) / deviation(values) * to_deviation + to_mean)


def scaled(values: Floats, low: float = 0.0, high: float = 100.0) -> Floats:
    """The same shift and factor for every column: (x − low)/(high − low)·100."""
    return (values - low) / (high - low) * 100


def rank_scores(values: Floats) -> Floats:
    """Ranks, the greatest value having the greatest; ties share the least of their ranks."""
    return competition_ranks(values)


def borda(values: Floats) -> Floats:
    """How many units a unit is better than: its rank less one."""
    return competition_ranks(values) - 1


def percentile_rank(values: Floats) -> Floats:
    """The share of the other units that a unit is better than: (rank − 1)/(n − 1) of the n that have a value."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((competition_ranks(values) - 1) / (counted(values) - 1))


def distance_to_max(values: Floats) -> Floats:
    """1 − (max − x)/(max − min)."""
    best = highest(values)
    return np.asarray(1 - (best - values) / (best - lowest(values)))


def distance_to_target(values: Floats, targets: Floats, cap: bool = False) -> Floats:
    """1 − (target − x)/(target − min); `targets` (k,) point upwards like the values; cap: nothing is above 1.

    >>> import numpy as np
    >>> distance_to_target(np.array([[0.0], [5.0], [20.0]]), np.array([10.0]), cap=True)[:, 0].tolist()
    [0.0, 0.5, 1.0]
    """
    scores = 1 - (targets - values) / (targets - lowest(values))
    return np.asarray(np.where(scores > 1, 1.0, scores) if cap else scores)


def fraction_of_max(values: Floats) -> Floats:
    """x/max of positive values; a column where less is better is given as reciprocals, which makes it min/x."""
    return np.asarray(values / highest(values))


def goalpost_score(value: Floats, posts: Goalposts, direction: int) -> Floats:
    """Where values (n,) lie between two fixed ends, 0 to 1, nothing beyond them; the values are as measured.

    direction: 1 = the high end is 1, -1 = the low end is 1
    source: UNDP, Human Development Report, technical notes (income is taken as a logarithm)
    >>> import numpy as np
    >>> posts = Goalposts(low=0.0, high=10.0)
    >>> goalpost_score(np.array([1.0, 12.0]), posts, 1).tolist(), goalpost_score(np.array([1.0]), posts, -1).tolist()
    ([0.1, 1.0], [0.9])
    """
    low, high = (np.log(posts.low), np.log(posts.high)) if posts.log else (posts.low, posts.high)
    with np.errstate(invalid="ignore", divide="ignore"):
        measured = np.log(np.where(value > 0, value, 0.0)) if posts.log else value
    measured = np.where(np.isnan(value), np.nan, measured)
    share = np.clip((measured - low) / (high - low), 0.0, 1.0)
    return np.asarray(share if direction == 1 else 1 - share)


def _upwards(values: Floats, directions: Floats, spec: Normalise) -> Floats:
    if spec.method != "fraction_of_max":
        return values * directions
    reciprocal = np.divide(1.0, values, out=np.full(values.shape, np.nan), where=values > 0)
    return np.where(directions == 1, values, reciprocal)


SIMPLE: dict[str, Callable[[Floats], Floats]] = {
    "rank": rank_scores,
    "borda": borda,
    "percentile_rank": percentile_rank,
    "distance_to_max": distance_to_max,
    "fraction_of_max": fraction_of_max,
}


def normalise(values: Floats, indicators: Sequence[Indicator], spec: Normalise, units: Sequence[str]) -> Floats:
    """Columns of (n, k) values under one method.

    indicators: (k,) for direction, goalposts and target; units: (n,) names, for the reference unit, whose value is the
    mean of its rows where a panel gives it several
    """
    if spec.method in {"goalposts", "distance_to_target"}:
        return _against_fixed(values, indicators, spec)
    upwards = _upwards(values, np.array([float(indicator.direction or 1) for indicator in indicators]), spec)
    if spec.method in SIMPLE:
        return SIMPLE[spec.method](upwards)
    if spec.method == "min_max":
        return min_max(upwards, spec.low, spec.high)
    if spec.method == "z_score":
        return z_score(upwards, spec.mean, spec.deviation)
    if spec.method == "scaled":
        return scaled(upwards, spec.low, spec.high)
    own = np.array([unit == spec.reference for unit in units], dtype=np.bool_)
    return distance_to_target(upwards, mean(upwards[own]), spec.cap)


def _against_fixed(values: Floats, indicators: Sequence[Indicator], spec: Normalise) -> Floats:
    signs = [indicator.direction or 1 for indicator in indicators]
    if spec.method == "distance_to_target":
        targets = np.array([np.nan if i.target is None else i.target for i in indicators]) * signs
        return distance_to_target(values * np.array(signs, dtype=np.float64), targets, spec.cap)
    columns = [
        np.full(len(values), np.nan) if i.goalposts is None else goalpost_score(values[:, j], i.goalposts, signs[j])
        for j, i in enumerate(indicators)
    ]
    return np.column_stack(columns) * (spec.high - spec.low) + spec.low


def normalise_each(values: Floats, indicators: Sequence[Indicator], spec: Normalise, units: Sequence[str]) -> Floats:
    """(n, k) scores, an indicator with a method of its own going by that."""
    out = np.empty(values.shape)
    specs = [indicator.normalise or spec for indicator in indicators]
    for each in dict.fromkeys(specs):
        chosen = [j for j, own in enumerate(specs) if own == each]
        out[:, chosen] = normalise(values[:, chosen], [indicators[j] for j in chosen], each, units)
    return out
