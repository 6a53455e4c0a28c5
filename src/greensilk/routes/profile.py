"""The vertical profile of a line: the cheapest one that keeps to the ruling gradient, and what it is built of.

An exact optimum over heights in steps, by dynamic programming along the line. Vertical curves, and the easing of the
gradient in curves and tunnels, are left to design.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Ints
from greensilk.routes.alignments import SegmentKind
from greensilk.routes.obstacles import Bools
from greensilk.routes.structures import StructureRules

STEPS_A_STATION = 2  # of height: the gradients at hand are 0, half and all of the ruling one, up and down
MOST_LEVELS, MOST_STATIONS = 6_000, 5_000
NOT_BUILT = 1_000.0  # cost of a metre of bridge that is higher than any: chosen only where nothing else is left
RELUCTANCE = 20.0  # how much dearer tunnels are made where the cheapest profile has one that is too long
SURFACE, CUT, FILL, BRIDGE, TUNNEL = range(5)
KINDS: tuple[SegmentKind, ...] = ("surface", "cut", "fill", "bridge", "tunnel")


@dataclass(frozen=True)
class Profile:
    """(n,) stations at equal distances. height_m: of the line; kind: index in KINDS; cost: (n,) of a metre."""

    spacing_m: float
    height_m: Floats
    kind: Ints
    cost: Floats

    @property
    def steepest_permille(self) -> float:
        """The steepest gradient between two stations."""
        return float(np.abs(np.diff(self.height_m)).max(initial=0.0) / self.spacing_m * 1000)

    def longest_m(self, kind: int) -> float:
        """Length of the longest run of one kind."""
        return max((end - start for start, end, found in self.runs() if found == kind), default=0.0)

    def runs(self) -> list[tuple[float, float, int]]:
        """Start, end in metres along the line and kind of each stretch, which change half way between stations."""
        change = np.flatnonzero(np.diff(self.kind)) + 1
        last = (len(self.kind) - 1) * self.spacing_m
        edges = [0.0, *((change - 0.5) * self.spacing_m).tolist(), last]
        first = [0, *change.tolist()]
        return [(edges[i], edges[i + 1], int(self.kind[at])) for i, at in enumerate(first)]


def cheapest_profile(
    ground_m: Floats, spacing_m: float, gradient: float, rules: StructureRules, *, reluctant: bool = False
) -> Profile | None:
    """The cheapest profile that begins and ends on the ground; None where the ruling gradient cannot join its ends.

    ground_m: (n,) heights of the ground; gradient: ruling, as a ratio; reluctant: with as little tunnel as can be
    """
    step = gradient * spacing_m / STEPS_A_STATION
    low, high = float(ground_m.min()), float(ground_m.max())
    levels = np.asarray(low + step * np.arange(int(np.ceil((high - low) / step)) + 2), np.float64)
    curve = _cost_curve(rules, RELUCTANCE if reluctant else 1.0)
    chosen = _best_levels(ground_m, levels, max(step, rules.surface_within_m), curve)
    if chosen is None:
        return None
    height: Floats = levels[chosen]
    depth = ground_m - height
    return Profile(spacing_m, height, kinds_of(depth, rules), np.interp(depth, *_cost_curve(rules, 1.0)))


def station_spacing_m(length_m: float, finest_m: float, climb_m: float, gradient: float) -> float:
    """How far stations lie apart so that neither they nor the heights between lowest and highest become too many.

    finest_m: what the heights of the ground are worth; climb_m: from the lowest to the highest place
    """
    wanted = max(finest_m, length_m / MOST_STATIONS, STEPS_A_STATION * climb_m / (gradient * MOST_LEVELS))
    return length_m / max(int(length_m / wanted), 2)


def kinds_of(depth_m: Floats, rules: StructureRules) -> Ints:
    """(n,) index in KINDS of a line so deep below the ground (above 0: below)."""
    kinds = [
        depth_m > rules.cut_deepest_m,
        depth_m > rules.surface_within_m,
        depth_m >= -rules.surface_within_m,
        depth_m >= -rules.fill_highest_m,
    ]
    return np.select(kinds, [TUNNEL, CUT, SURFACE, FILL], BRIDGE).astype(np.int64)


def over_water(profile: Profile, water: Bools, rules: StructureRules) -> Profile:
    """The same with a bridge wherever the line is over water and not in a tunnel."""
    wet = water & (profile.kind != TUNNEL) & (profile.kind != BRIDGE)
    cost = np.where(wet, np.maximum(profile.cost, rules.cost.bridge), profile.cost)
    return Profile(profile.spacing_m, profile.height_m, np.where(wet, BRIDGE, profile.kind), cost)


def _cost_curve(rules: StructureRules, tunnels_times: float) -> tuple[Floats, Floats]:
    """Depth below the ground in metres, increasing, and the cost of a metre there; straight between."""
    cost = rules.cost
    points = [
        (-rules.bridge_highest_m - 1, NOT_BUILT * tunnels_times),
        (-rules.bridge_highest_m, cost.bridge_highest),
        (-rules.fill_highest_m - 0.1, cost.bridge),
        (-rules.fill_highest_m, cost.fill),
        (-rules.surface_within_m, 1.0),
        (rules.surface_within_m, 1.0),
        (rules.cut_deepest_m, cost.cut),
        (rules.cut_deepest_m + 0.1, cost.tunnel * tunnels_times),
    ]
    depth, price = zip(*points, strict=True)
    return np.array(depth), np.array(price)


def _best_levels(ground_m: Floats, levels: Floats, tied_m: float, curve: tuple[Floats, Floats]) -> Ints | None:
    """(n,) the cheapest run of levels. tied_m: how far off the ground the ends may be at most"""
    n, count = len(ground_m), len(levels)
    steps = range(-STEPS_A_STATION, STEPS_A_STATION + 1)
    came = np.zeros((n, count), dtype=np.int8)
    cost: Floats = np.where(np.abs(levels - ground_m[0]) <= tied_m, 0.0, np.inf)
    for i in range(1, n):
        best: NDArray[np.float64] = np.full(count, np.inf)
        for step in steps:
            to, of = slice(max(step, 0), count + min(step, 0)), slice(max(-step, 0), count - max(step, 0))
            better = cost[of] < best[to]
            best[to][better] = cost[of][better]
            came[i, to][better] = step
        cost = best + np.interp(ground_m[i] - levels, *curve)
    cost[np.abs(levels - ground_m[-1]) > tied_m] = np.inf
    at = int(np.argmin(cost))
    if not np.isfinite(cost[at]):
        return None
    chosen = np.empty(n, dtype=np.int64)
    for i in range(n - 1, -1, -1):
        chosen[i] = at
        at -= int(came[i, at])
    return chosen
