"""One corridor from one coarse path: the way sought again on finer cells, its curves, its profile, its segments."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from greensilk.geometry.arrays import Floats, Ints
from greensilk.geometry.geodesy import distance_m
from greensilk.routes.alignments import SegmentKind
from greensilk.routes.alternatives import sampled
from greensilk.routes.grid import Lattice
from greensilk.routes.profile import (
    KINDS,
    TUNNEL,
    Profile,
    cheapest_profile,
    over_water,
    station_spacing_m,
)
from greensilk.routes.search import Steepness, network_of, tree_from
from greensilk.routes.smoothing import Corners, radii_m, rounded, simplified
from greensilk.routes.structures import StructureRules
from greensilk.routes.surface import Areas, Ground, surface_of

# Why no corridor comes of a path; each is a text.
Reason = Literal["barred", "radius", "no_height", "gradient", "tunnel", "bridge", "alike"]
FINER = 4  # fine cells in a coarse one, each way
WIDEST_CELLS = 4  # coarse cells to each side of the path that are looked at again, at most
WIDTH_SHARE = 0.25  # of the spacing: so wide is what is looked at again, so that neighbours stay apart
TOLERANCES = (1.0, 0.5, 2.0, 4.0)  # in fine cells: how far straights may leave the path, tried in turn
STOP_REACH_CELLS = 3  # a stop may lie so far from the nearest cell that a line may go through
ROUNDING_M = 1e-6


@dataclass(frozen=True)
class Wishes:
    """What is asked for. stops: (m, 2) degrees, longitudes running on over ±180, from the start by way of others to the
    end; count: how many corridors; spacing_m: how far apart; gradient: ruling, as a ratio"""

    stops: Floats
    count: int
    spacing_m: float
    gradient: float
    min_radius_m: float
    longest_tunnel_m: float
    rules: StructureRules

    @property
    def steepness(self) -> Steepness:
        """What climbing costs a path."""
        return Steepness(
            self.gradient,
            self.rules.cost.development,
            self.rules.cost.tunnel if self.longest_tunnel_m > 0 else np.inf,
        )


@dataclass(frozen=True)
class Corridor:
    """A line that can be driven. line: (k, 2) degrees, longitudes running on over ±180; segments: kind and (j, 2)
    places of each stretch; cost_m: length of plain line on open ground that costs as much; off_stops_m: (m,) of the
    line from each stop; apart_share: share of its length farther than the spacing from every cheaper corridor"""

    line: Floats
    segments: tuple[tuple[SegmentKind, Floats], ...]
    length_m: float
    cost_m: float
    smallest_radius_m: float
    steepest_permille: float
    longest_tunnel_m: float
    off_stops_m: Floats
    apart_share: float = 1.0

    def metres_of(self) -> dict[str, float]:
        """Length of each kind of segment."""
        found: dict[str, float] = {}
        for kind, line in self.segments:
            found[kind] = found.get(kind, 0.0) + line_length_m(line)
        return found


@dataclass(frozen=True)
class Failure:
    """Why a path gives no corridor, and (p, 2) the places that are to blame; none where no place is."""

    reason: Reason
    places: Floats


NOWHERE: Floats = np.empty((0, 2))


@dataclass(frozen=True)
class Maker:
    """Makes corridors of coarse paths. coarse: the lattice whose cells the paths are of."""

    coarse: Lattice
    ground: Ground
    areas: Areas
    wishes: Wishes

    def corridor_of(self, path: Ints) -> Corridor | Failure:
        """The corridor along a path, or why there is none; path: cells of the coarse lattice in order."""
        found = self._refined(path)
        if isinstance(found, Failure):
            return found
        corners, step_m = found
        for tolerance in TOLERANCES:
            straight = simplified(corners, tolerance * step_m, self.areas.hard)
            line = rounded(straight, self.wishes.min_radius_m, self.areas.hard)
            if line is not None:
                return self._built(line, step_m)
        return Failure("radius", NOWHERE)

    @property
    def width_cells(self) -> int:
        """Coarse cells to each side of a path that its corridor may use."""
        wanted = WIDTH_SHARE * self.wishes.spacing_m / self.coarse.step_m
        return int(min(max(wanted, 1), WIDEST_CELLS))

    def _refined(self, path: Ints) -> tuple[Corners, float] | Failure:
        """The least-cost path over fine cells about a coarse path, and the height of a cell in metres."""
        lattice, cell = finer_cells(self.coarse, path, self.width_cells)
        network = network_of(surface_of(lattice, cell, self.ground, self.areas), self.wishes.steepness)
        stops = [stop_node(lattice, network.cell, place) for place in self.wishes.stops]
        if min(stops) < 0:
            return Failure("barred", self._partly_excluded(path))
        places, fixed = [], []
        for start, (node, last) in zip(self.wishes.stops[:-1], pairwise(stops), strict=True):
            tree = tree_from(network, node)
            if not np.isfinite(tree.cost[last]):
                return Failure("barred", self._partly_excluded(path))
            inner = np.column_stack(lattice.places(network.cell[tree.path_to(last)]))
            places += [start[None], inner]
            fixed += [np.ones(1, dtype=bool), np.zeros(len(inner), dtype=bool)]
        corners = Corners(
            np.concatenate([*places, self.wishes.stops[-1:]]), np.concatenate([*fixed, np.ones(1, dtype=bool)])
        )
        return corners, lattice.step_m

    def _partly_excluded(self, path: Ints) -> Floats:
        """Where a path of coarse cells goes by exclusions: a way that the finer cells did not bear out."""
        return np.column_stack(self.coarse.places(path[self.areas.hard.touched(self.coarse, path)]))

    def _built(self, line: Floats, step_m: float) -> Corridor | Failure:
        """The line with its profile, if it keeps to what is asked."""
        wishes, rules = self.wishes, self.wishes.rules
        length = line_length_m(line)
        rough = self.ground.heights_m(*sampled(line, max(length / 500, step_m)).T)
        climb = float(np.ptp(rough[np.isfinite(rough)])) if np.isfinite(rough).any() else 0.0
        finest = max(step_m, min(self.ground.height_step_m, length / 200))
        stations = sampled(line, station_spacing_m(length, finest, climb, wishes.gradient))
        height = self.ground.heights_m(*stations.T)
        if not np.isfinite(height).all():
            return Failure("no_height", stations[~np.isfinite(height)])
        spacing = length / (len(stations) - 1)
        profile = cheapest_profile(height, spacing, wishes.gradient, rules)
        if profile is not None and profile.longest_m(TUNNEL) > wishes.longest_tunnel_m:
            profile = cheapest_profile(height, spacing, wishes.gradient, rules, reluctant=True)
        if profile is None:
            return Failure("gradient", stations)
        failure = self._not_allowed(profile, stations, height)
        return failure or self._corridor(
            line, stations, over_water(profile, self.ground.over_water(*stations.T), rules)
        )

    def _not_allowed(self, profile: Profile, stations: Floats, ground_m: Floats) -> Failure | None:
        long = [
            np.arange(int(start / profile.spacing_m), int(end / profile.spacing_m) + 1)
            for start, end, kind in profile.runs()
            if kind == TUNNEL and end - start > self.wishes.longest_tunnel_m
        ]
        if long:
            return Failure("tunnel", stations[np.concatenate(long)])
        high = profile.height_m - ground_m > self.wishes.rules.bridge_highest_m
        return Failure("bridge", stations[high]) if high.any() else None

    def _corridor(self, line: Floats, stations: Floats, profile: Profile) -> Corridor:
        factor = self.ground.factors(*stations.T)
        for obstacles, cost in self.areas.soft:
            factor = np.where(obstacles.holding(*stations.T), factor * cost, factor)
        land = np.where(profile.kind == TUNNEL, 0.0, np.nan_to_num(factor, nan=1.0) - 1)
        off = [_distance_from(line, stop) for stop in self.wishes.stops]
        return Corridor(
            line=line,
            segments=segments_of(line, profile, self.wishes.rules.portal_length_m),
            length_m=line_length_m(line),
            cost_m=float(np.mean(profile.cost + land) * line_length_m(line)),
            smallest_radius_m=float(radii_m(line).min(initial=np.inf)),
            steepest_permille=profile.steepest_permille,
            longest_tunnel_m=profile.longest_m(TUNNEL),
            off_stops_m=np.array(off),
        )


def finer_cells(coarse: Lattice, path: Ints, width: int) -> tuple[Lattice, Ints]:
    """A finer lattice about a path of coarse cells, and those of its cells no more coarse cells off than the width."""
    row, column = np.divmod(path, coarse.columns)
    south, north = max(row.min() - width, 0), min(row.max() + width + 1, coarse.rows)
    west, east = max(column.min() - width, 0), min(column.max() + width + 1, coarse.columns)
    near = np.zeros((north - south, east - west), dtype=bool)
    for i, j in zip((row - south).tolist(), (column - west).tolist(), strict=True):
        near[max(i - width, 0) : i + width + 1, max(j - width, 0) : j + width + 1] = True
    corner = coarse.west + west * coarse.dlon_deg, coarse.south + south * coarse.dlat_deg
    window = Lattice(*corner, coarse.dlon_deg, coarse.dlat_deg, near.shape[1], near.shape[0])
    return window.finer(FINER), np.flatnonzero(near.repeat(FINER, axis=0).repeat(FINER, axis=1))


def stop_node(lattice: Lattice, cell: Ints, place: Floats) -> int:
    """Which of some cells, in order, holds a stop, or is the nearest within a few cells; -1 where there is none."""
    if not len(cell):
        return -1
    lon, lat = lattice.places(cell)
    off = np.maximum(np.abs(lon - place[0]) / lattice.dlon_deg, np.abs(lat - place[1]) / lattice.dlat_deg)
    nearest = int(np.argmin(off))
    return nearest if off[nearest] <= STOP_REACH_CELLS else -1


def line_length_m(line: Floats) -> float:
    """Geodesic length of an (n, 2) line in degrees."""
    return float(distance_m(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1]).sum())


def segments_of(line: Floats, profile: Profile, portal_length_m: float) -> tuple[tuple[SegmentKind, Floats], ...]:
    """The line cut where its kind changes, with a portal before and after each tunnel that does not end the line."""
    stretches: list[tuple[float, float, SegmentKind]] = []
    runs = profile.runs()
    for i, (start, end, kind) in enumerate(runs):
        before = i > 0 and runs[i - 1][2] == TUNNEL
        after = i + 1 < len(runs) and runs[i + 1][2] == TUNNEL
        portal = min(portal_length_m, (end - start) / (before + after)) if before or after else 0.0
        if kind == TUNNEL or not portal:
            stretches.append((start, end, KINDS[kind]))
            continue
        edges = start + portal * before, end - portal * after
        parts: list[tuple[float, float, SegmentKind]] = [
            (start, edges[0], "portal"),
            (*edges, KINDS[kind]),
            (edges[1], end, "portal"),
        ]
        stretches += [part for part in parts if part[1] - part[0] > ROUNDING_M]
    lengths = distance_m(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1])
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    scale = along[-1] / runs[-1][1]
    return tuple((kind, _cut(line, along, start * scale, end * scale)) for start, end, kind in stretches)


def _cut(line: Floats, along: Floats, start_m: float, end_m: float) -> Floats:
    inner = (along > start_m + ROUNDING_M) & (along < end_m - ROUNDING_M)
    ends = np.column_stack([np.interp([start_m, end_m], along, line[:, axis]) for axis in (0, 1)])
    return np.concatenate([ends[:1], line[inner], ends[1:]])


def _distance_from(line: Floats, place: Floats) -> float:
    near = sampled(line, 50.0)
    return float(distance_m(near[:, 0], near[:, 1], place[0], place[1]).min())
