"""Distinct corridors between places: sought over a coarse surface, each made anew on fine cells, kept if it holds.

In each round paths by way of a node are tried, cheapest first. What a coarse path promised and the finer look did not
bear out (a gap that is none, a tunnel that is too long) becomes dearer where it failed; so does what lies about the
corridors kept; then the next round begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from greensilk.geometry.arrays import Floats, Ints
from greensilk.geometry.geodesy import DEG, distance_m
from greensilk.routes.alternatives import ViaPaths, apart_share, near
from greensilk.routes.corridor import NOWHERE, Corridor, Failure, Maker, Reason, Wishes, stop_node
from greensilk.routes.grid import FARTHEST_LAT_DEG, METRES_PER_DEGREE, Lattice
from greensilk.routes.obstacles import Bools
from greensilk.routes.search import Network, network_of, path_cost
from greensilk.routes.surface import Areas, Ground, Surface, surface_of

MOST_COARSE_CELLS = 250_000
FINEST_CELL_M = 20.0
MARGIN_SHARE = 0.5  # of the way between the stops that is looked at to each side
MOST_ROUNDS, MOST_BARREN = 16, 4  # of all rounds; of rounds one after another that find nothing new
MOST_FAILURES, FAILURES_A_CORRIDOR = 30, 3
LESS_LIKED = 1.4  # how much dearer, more so in each round, it becomes about the corridors kept
DEARER = 4.0  # how much dearer a place becomes each time that a path failed there
BLAMED_SHARE = 0.25  # of the spacing: what lies so near to such a place becomes dearer with it

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Generated:
    """What was found, the cheapest first. dropped: how many paths gave no corridor, by reason; blocked: number
    of the stop that no line can leave, None = each can; joined: whether any path joins the stops; coarse: the
    lattice of the first search"""

    corridors: tuple[Corridor, ...]
    dropped: Mapping[Reason, int]
    coarse: Lattice
    joined: bool = True
    blocked: int | None = None


def way_m(stops: Floats) -> float:
    """Length of the way from stop to stop."""
    return float(distance_m(stops[:-1, 0], stops[:-1, 1], stops[1:, 0], stops[1:, 1]).sum())


def window_of(wishes: Wishes) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees of what is looked at, longitudes running on over ±180, once round at most."""
    lon, lat = wishes.stops.T
    margin = max(MARGIN_SHARE * way_m(wishes.stops), wishes.spacing_m * (wishes.count + 1) / 2)
    more = margin / METRES_PER_DEGREE
    south, north = max(lat.min() - more, -FARTHEST_LAT_DEG), min(lat.max() + more, FARTHEST_LAT_DEG)
    aside = more / float(np.cos(max(abs(south), abs(north)) * DEG))
    aside = min(aside, (360 - float(np.ptp(lon))) / 2)
    return float(lon.min() - aside), float(south), float(lon.max() + aside), float(north)


def coarse_lattice(wishes: Wishes, height_step_m: float) -> Lattice:
    """The lattice of the first search: as fine as the number of cells allows and the heights or the way are worth."""
    west, south, east, north = window = window_of(wishes)
    height = (north - south) * METRES_PER_DEGREE
    width = (east - west) * METRES_PER_DEGREE * float(np.cos((south + north) / 2 * DEG))
    worth = min(height_step_m, way_m(wishes.stops) / 400)
    return Lattice.over(window, max(float(np.sqrt(height * width / MOST_COARSE_CELLS)), worth, FINEST_CELL_M))


def generate(wishes: Wishes, ground: Ground, areas: Areas, progress: Progress = lambda share: None) -> Generated:
    """Up to wishes.count corridors, the cheapest first, each apart from all that were found before it.

    progress: told the share that is done
    """
    lattice = coarse_lattice(wishes, ground.height_step_m)
    every = np.arange(lattice.rows * lattice.columns, dtype=np.int64)
    coarse = surface_of(lattice, every, ground, areas, wishes.rules.partly_excluded_cost)
    search = _Search(wishes, Maker(lattice, ground, areas, wishes), coarse, progress)
    stops = [stop_node(lattice, coarse.cell, place) for place in wishes.stops]
    if min(stops) < 0:
        return Generated((), {}, lattice, blocked=stops.index(-1))
    joined = search.run(stops)
    return Generated(by_cost(search.found, wishes.spacing_m), dict(search.dropped), lattice, joined)


def by_cost(found: Sequence[Corridor], spacing_m: float) -> tuple[Corridor, ...]:
    """Corridors, the cheapest first, each with its share apart from those before it."""
    ordered = sorted(found, key=lambda one: one.cost_m)
    lines = [one.line for one in ordered]
    return tuple(replace(one, apart_share=apart_share(one.line, lines[:i], spacing_m)) for i, one in enumerate(ordered))


@dataclass
class _Search:
    """The search as it goes. times: (n,) how much dearer each coarse cell has become; lines: what is kept, as given."""

    wishes: Wishes
    maker: Maker
    coarse: Surface
    progress: Progress
    found: list[Corridor] = field(default_factory=list)
    kept: list[Ints] = field(default_factory=list)
    dropped: Counter[Reason] = field(default_factory=Counter)

    def run(self, stops: list[int]) -> bool:
        """Fills `found`; whether any path joins the stops."""
        blame = np.ones(len(self.coarse.cell))
        plain = network_of(self.coarse, self.wishes.steepness)
        limit, barren = np.inf, 0
        for number in range(MOST_ROUNDS):
            beside = self._near_kept(plain, self.wishes.spacing_m)
            dearer = self.coarse.dearer(np.where(beside, blame * LESS_LIKED**number, blame))
            paths = ViaPaths(network_of(dearer, self.wishes.steepness), stops)
            if not np.isfinite(paths.cheapest):
                return False
            if number == 0:
                limit = self.wishes.rules.dearest * paths.cheapest
            before = len(self.found)
            blamed = self._round(paths, plain, limit)
            barren = 0 if len(self.found) > before or blamed.any() else barren + 1
            if self._is_done() or barren >= MOST_BARREN:
                break
            blame = np.where(blamed, blame * DEARER, blame)
        return True

    def _is_done(self) -> bool:
        enough = len(self.found) >= self.wishes.count
        return enough or self.dropped.total() >= MOST_FAILURES + FAILURES_A_CORRIDOR * self.wishes.count

    def _near_kept(self, network: Network, radius_m: float) -> Bools:
        """(n,) which coarse cells lie near a path that is kept."""
        kept = np.concatenate([np.empty(0, dtype=np.int64), *self.kept])
        return near(network, kept, radius_m)

    def _round(self, paths: ViaPaths, plain: Network, limit: float) -> Bools:
        """Tries paths until there are enough, or no more; (n,) which coarse cells are to blame for failures."""
        blamed = np.zeros(len(self.coarse.cell), dtype=bool)
        # Both of two corridors may leave their paths, towards each other: the paths must lie so much farther apart.
        spacing = self.wishes.spacing_m + 2 * (self.maker.width_cells + 1) * self.coarse.lattice.step_m
        taken = self._near_kept(plain, spacing)
        paths.pass_over(taken)
        while not self._is_done() and (nodes := paths.next()) is not None:
            apart = np.mean(~taken[nodes]) >= self.wishes.rules.distinct_share
            if not apart or blamed[nodes].any() or path_cost(plain, nodes) > limit:
                paths.pass_over(near(plain, nodes, spacing / 2))
                continue
            failure = self._tried(nodes)
            if failure is None:
                taken |= near(plain, nodes, spacing)
                self.progress(len(self.found) / self.wishes.count)
            else:
                self.dropped[failure.reason] += 1
                blamed[self._cells_about(failure.places)] = True
            paths.pass_over(near(plain, nodes, spacing if failure is None else spacing / 2))
        return blamed

    def _tried(self, nodes: Ints) -> Failure | None:
        """Keeps the corridor of a path, or tells why not."""
        made = self.maker.corridor_of(self.coarse.cell[nodes])
        if isinstance(made, Failure):
            return made
        if (
            apart_share(made.line, [one.line for one in self.found], self.wishes.spacing_m)
            < self.wishes.rules.distinct_share
        ):
            return Failure("alike", NOWHERE)
        self.found.append(made)
        self.kept.append(nodes)
        return None

    def _cells_about(self, places: Floats) -> Ints:
        """The coarse cells, by their number in the surface, about some places."""
        lattice = self.coarse.lattice
        reach = max(1, round(BLAMED_SHARE * self.wishes.spacing_m / lattice.step_m))
        steps = np.arange(-reach, reach + 1)
        east, north = (axis.ravel() for axis in np.meshgrid(steps * lattice.dlon_deg, steps * lattice.dlat_deg))
        lon, lat = (places[:, :1] + east).ravel(), (places[:, 1:] + north).ravel()
        return np.flatnonzero(np.isin(self.coarse.cell, lattice.cell_of(lon, lat)))
