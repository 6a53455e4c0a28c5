"""Other ways than the cheapest: paths by way of a node, cheapest first, and how much of a line lies apart from others.

With a least-cost tree from every stop, the cheapest path by way of any node is at hand for each leg: it follows one
tree to the node and the next one from there. Nodes near paths already tried are passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.spatial import cKDTree

from greensilk.geometry.arrays import Floats, Ints
from greensilk.geometry.geodesy import DEG, FLATTENING, SEMI_MAJOR_M, distance_m
from greensilk.routes.grid import METRES_PER_DEGREE
from greensilk.routes.obstacles import Bools
from greensilk.routes.search import Network, tree_from

SAMPLES_A_SPACING = 20  # along a line whose distance from others is measured: what lies between is off by 1/3,200 of it


class ViaPaths:
    """Paths through all stops, cheapest first, each by way of a node away from those of earlier ones."""

    def __init__(self, network: Network, stops: Sequence[int]) -> None:
        """network: of the surface; stops: nodes."""
        self._trees = [tree_from(network, stop) for stop in stops]
        self._stops = list(stops)
        legs = np.array([before.cost[stop] for before, stop in zip(self._trees, stops[1:], strict=False)])
        self.cheapest = float(legs.sum())
        if np.isfinite(self.cheapest):
            # (legs, n) cost of all legs, one of them by way of a node
            ways = zip(legs, pairwise(self._trees), strict=True)
            self._cost = np.stack([legs.sum() - leg + a.cost + b.cost for leg, (a, b) in ways])

    def next(self) -> Ints | None:
        """The nodes of the cheapest path left; None where there are no more."""
        while np.isfinite(self.cheapest):
            leg, node = (int(at) for at in np.unravel_index(int(np.argmin(self._cost)), self._cost.shape))
            if not np.isfinite(self._cost[leg, node]):
                return None
            self._cost[leg, node] = np.inf
            by_way = self._leg(leg, node)
            if len(np.unique(by_way)) == len(by_way):  # else out to the node and back the same way
                return self._path(leg, by_way)
        return None

    def pass_over(self, near: Bools) -> None:
        """Paths by way of some of the (n,) nodes are not looked at any more."""
        self._cost[:, near] = np.inf

    def _leg(self, leg: int, node: int) -> Ints:
        out, back = self._trees[leg].path_to(node), self._trees[leg + 1].path_to(node)
        return np.concatenate([out, back[-2::-1]])

    def _path(self, leg: int, by_way: Ints) -> Ints:
        legs = [tree.path_to(stop) for tree, stop in zip(self._trees, self._stops[1:], strict=False)]
        legs[leg] = by_way
        return np.concatenate([legs[0], *(later[1:] for later in legs[1:])])


def places_on_sphere(lon: Floats, lat: Floats) -> Floats:
    """(n, 3) metres from the centre of the ellipsoid; straight distances are shorter by 1 part in 10,000 at 300 km."""
    e2 = FLATTENING * (2 - FLATTENING)
    x, y = np.asarray(lon) * DEG, np.asarray(lat) * DEG
    normal = SEMI_MAJOR_M / np.sqrt(1 - e2 * np.sin(y) ** 2)
    flat = normal * np.cos(y)
    return np.column_stack([flat * np.cos(x), flat * np.sin(x), normal * (1 - e2) * np.sin(y)])


def sampled(line: Floats, every_m: float) -> Floats:
    """(k, 2) places along an (n, 2) line in degrees, at most so many metres apart and no more than that."""
    lengths = distance_m(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1])
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    at = np.linspace(0, along[-1], max(int(np.ceil(along[-1] / every_m)), 1) + 1)
    return np.column_stack([np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])])


def apart_share(line: Floats, others: Sequence[Floats], spacing_m: float) -> float:
    """Share of the length of an (n, 2) line that lies farther than spacing_m from all others; 1 without others."""
    if not others:
        return 1.0
    every_m = spacing_m / SAMPLES_A_SPACING
    known = np.concatenate([sampled(other, every_m) for other in others])
    mine = sampled(line, every_m)
    near, _ = cKDTree(places_on_sphere(*known.T)).query(places_on_sphere(*mine.T), distance_upper_bound=spacing_m)
    return float(np.mean(~np.isfinite(near)))


def near(network: Network, nodes: Ints, radius_m: float) -> Bools:
    """(n,) which nodes lie no farther than a radius from some of them east or west and north or south.

    All others are farther off than the radius, whatever the direction
    """
    lattice = network.lattice
    middle = lattice.south + lattice.rows * lattice.dlat_deg / 2
    steps_m = np.array([lattice.dlat_deg, lattice.dlon_deg * np.cos(middle * DEG)]) * METRES_PER_DEGREE
    up, aside = (int(reach) for reach in np.ceil(radius_m / steps_m))
    tall, wide = 2 * up + 1, 2 * aside + 1
    marked = np.zeros((lattice.rows + tall, lattice.columns + wide), dtype=np.int32)
    row, column = np.divmod(network.cell[nodes], lattice.columns)
    marked[row + up + 1, column + aside + 1] = 1
    total = marked.cumsum(axis=0).cumsum(axis=1)
    window = total[tall:, wide:] - total[:-tall, wide:] - total[tall:, :-wide] + total[:-tall, :-wide]
    return np.asarray(window.ravel()[network.cell] > 0)
