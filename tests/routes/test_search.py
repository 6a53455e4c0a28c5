"""Least-cost paths against an exact search in plain Python, whose moves are checked as drawn lines."""

from __future__ import annotations

import heapq
import math
from itertools import pairwise, product

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Geod

from greensilk.routes.alternatives import near
from greensilk.routes.grid import MOVES, Lattice
from greensilk.routes.search import Network, Steepness, network_of, path_cost, tree_from
from greensilk.routes.surface import Surface

GEOD = Geod(ellps="WGS84")
SIXTEEN = [
    (north, east)
    for north, east in product(range(-2, 3), repeat=2)
    if math.gcd(north, east) == 1 and (abs(north), abs(east)) != (2, 2)
]
Grid = NDArray[np.float64]


def cell_box(row: int, column: int) -> shapely.Polygon:
    return shapely.box(column - 0.5, row - 0.5, column + 0.5, row + 0.5)


def passed(start: tuple[int, int], end: tuple[int, int]) -> dict[tuple[int, int], float]:
    """Every cell that a straight move touches, with the share of its length there, by drawing it."""
    line = shapely.LineString([start[::-1], end[::-1]])
    rows, columns = (range(min(a, b) - 1, max(a, b) + 2) for a, b in zip(start, end, strict=True))
    near = {(row, column): cell_box(row, column) for row in rows for column in columns}
    return {
        cell: shapely.intersection(line, box).length / line.length for cell, box in near.items() if line.intersects(box)
    }


def exact(lattice: Lattice, cost: Grid, height: Grid, how: Steepness, start: int) -> dict[int, float]:
    """Dijkstra with a heap: least cost to every cell that can be reached; NaN in `cost` is barred."""
    lon, lat = lattice.places(np.arange(lattice.rows * lattice.columns))
    best, queue = {start: 0.0}, [(0.0, start)]
    while queue:
        so_far, cell = heapq.heappop(queue)
        if so_far > best[cell]:
            continue
        here = divmod(cell, lattice.columns)
        for north, east in SIXTEEN:
            there = here[0] + north, here[1] + east
            if not (0 <= there[0] < lattice.rows and 0 <= there[1] < lattice.columns):
                continue
            shares = passed(here, there)
            if any(
                math.isnan(cost[one]) for one in shares if 0 <= one[0] < lattice.rows and 0 <= one[1] < lattice.columns
            ):
                continue
            other = there[0] * lattice.columns + there[1]
            length = GEOD.inv(lon[cell], lat[cell], lon[other], lat[other])[2]
            over = max(abs(height[there] - height[here]) - how.gradient * length, 0.0)
            climb = min(over / how.gradient * how.development_cost, (how.tunnel_cost - 1) * length)
            new = so_far + climb + length * sum(share * cost[one] for one, share in shares.items() if share > 1e-12)
            if new < best.get(other, math.inf):
                best[other] = new
                heapq.heappush(queue, (new, other))
    return best


def surface(lattice: Lattice, cost: Grid, height: Grid) -> Surface:
    cell = np.flatnonzero(~np.isnan(cost.ravel()))
    return Surface(lattice, cell, cost.ravel()[cell], height.ravel()[cell])


@st.composite
def grounds(draw: st.DrawFn) -> tuple[Lattice, Grid, Grid, Steepness]:
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(2, 7))
    west, south = draw(st.sampled_from([10.0, 179.97, -0.01])), draw(st.sampled_from([-0.02, 45.0, -70.0]))
    lattice = Lattice(west, south, 0.012, 0.01, columns, rows)
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cost = np.where(
        random.random((rows, columns)) < draw(st.floats(0, 0.6)), np.nan, random.uniform(1, 9, (rows, columns))
    )
    height = random.uniform(0, draw(st.sampled_from([0.0, 30.0, 900.0])), (rows, columns))
    tunnel = draw(st.sampled_from([1.5, 6.0, math.inf]))
    return (
        lattice,
        cost,
        height,
        Steepness(draw(st.sampled_from([0.005, 0.03])), draw(st.sampled_from([1.0, 3.0])), tunnel),
    )


@settings(max_examples=40, deadline=None)
@given(grounds())
def test_costs_are_those_of_an_exact_search_and_no_path_touches_a_barred_cell(
    ground: tuple[Lattice, Grid, Grid, Steepness],
) -> None:
    lattice, cost, height, how = ground
    network = network_of(surface(lattice, cost, height), how)
    if not len(network.cell):
        return
    tree = tree_from(network, 0)
    expected = exact(lattice, cost, height, how, int(network.cell[0]))
    found = dict(zip(network.cell.tolist(), tree.cost.tolist(), strict=True))
    assert {cell for cell, value in found.items() if math.isfinite(value)} == set(expected)
    assert [found[cell] for cell in sorted(expected)] == pytest.approx(
        [expected[cell] for cell in sorted(expected)], rel=1e-9
    )
    barred = shapely.union_all([cell_box(*map(int, one)) for one in np.argwhere(np.isnan(cost))])
    for node in range(len(network.cell)):
        if math.isfinite(tree.cost[node]):
            nodes = tree.path_to(node)
            assert path_cost(network, nodes) == pytest.approx(tree.cost[node], rel=1e-9)
            places = [divmod(int(cell), lattice.columns)[::-1] for cell in network.cell[nodes]]
            assert all(not shapely.LineString(pair).intersects(barred) for pair in pairwise(places))


def test_there_are_sixteen_moves() -> None:
    both = {move for north, east in MOVES for move in ((north, east), (-north, -east))}
    assert both == set(SIXTEEN) and len(both) == 16


def test_a_corner_between_two_barred_cells_is_not_cut() -> None:
    cost = np.array([[1.0, np.nan], [np.nan, 1.0]])
    network = network_of(surface(Lattice(0, 0, 0.01, 0.01, 2, 2), cost, np.zeros((2, 2))), Steepness(0.01, 1.0, 6.0))
    assert np.isinf(tree_from(network, 0).cost[1])


def test_what_is_near_a_path_is_found_by_counting() -> None:
    random = np.random.default_rng(5)
    for _ in range(40):
        rows, columns = (int(size) for size in random.integers(1, 9, 2))
        lattice = Lattice(0, 0, 0.01, 0.01, columns, rows)
        cell = np.sort(random.choice(rows * columns, random.integers(1, rows * columns + 1), replace=False))
        nodes = random.choice(len(cell), random.integers(0, len(cell) + 1), replace=False)
        reach_m = float(random.choice([100, 1_200, 3_000, 50_000]))
        steps = math.ceil(reach_m / 1_113.2)
        row, column = np.divmod(cell, columns)
        expected = [
            any(max(abs(row[i] - row[j]), abs(column[i] - column[j])) <= steps for j in nodes) for i in range(len(cell))
        ]
        assert near(Network(lattice, cell, None), nodes, reach_m).tolist() == expected
