"""Least-cost paths over a surface: a network of sixteen moves a cell, searched by the library's Dijkstra.

A move costs its geodesic length times the mean factor of the cells it goes through, and, where the ground is steeper
than the ruling gradient, the development that the height left over would need, but never more than a tunnel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from greensilk.geometry.arrays import Floats, Ints
from greensilk.routes.grid import MOVES, Lattice, cells_between
from greensilk.routes.surface import Surface


@dataclass(frozen=True)
class Steepness:
    """What climbing costs. gradient: ruling, as a ratio; development_cost: of a metre of line that is not drawn but
    would be needed to climb; tunnel_cost: of a metre of tunnel in metres of plain line, inf where there may be none"""

    gradient: float
    development_cost: float
    tunnel_cost: float


@dataclass(frozen=True)
class Network:
    """(n,) cells of a surface as nodes. graph: (n, n) cost of each move, in metres of plain line, one way only."""

    lattice: Lattice
    cell: Ints
    graph: Any

    def node_of(self, cell: int) -> int:
        """The node of a cell, -1 where that is barred."""
        at = int(np.searchsorted(self.cell, cell))
        return at if cell >= 0 and at < len(self.cell) and self.cell[at] == cell else -1


@dataclass(frozen=True)
class Tree:
    """Least-cost paths from one node to all. cost: (n,) inf where there is none; before: (n,) the node before."""

    cost: Floats
    before: Ints

    def path_to(self, node: int) -> Ints:
        """The nodes from the root to this one."""
        nodes = [node]
        while (node := int(self.before[node])) >= 0:
            nodes.append(node)
        return np.array(nodes[::-1], dtype=np.int64)


def network_of(surface: Surface, steepness: Steepness) -> Network:
    """The network of moves that enter no barred cell and cut no corner of one."""
    lattice, n = surface.lattice, len(surface.cell)
    node = np.full(lattice.rows * lattice.columns, -1, dtype=np.int32)
    node[surface.cell] = np.arange(n, dtype=np.int32)
    row, column = np.divmod(surface.cell, lattice.columns)
    starts, ends, costs = [], [], []
    for move in MOVES:
        through = [_shifted(lattice, node, row, column, step) for step in (*cells_between(move), move)]
        free = np.flatnonzero(np.logical_and.reduce([there >= 0 for there in through]))
        end = through[-1][free]
        length = lattice.move_lengths_m(move)[row[free]]
        # The line of a move lies in each of the cells for equal parts; a diagonal only touches the two at its side.
        passed = [free, end] if max(map(abs, move)) == 1 else [free, *(there[free] for there in through)]
        factor = sum(surface.factor[cells] for cells in passed) / len(passed)
        climb = np.abs(surface.height_m[end] - surface.height_m[free])
        starts.append(free)
        ends.append(end)
        costs.append(length * factor + climbing_cost(climb, length, steepness))
    pairs = np.concatenate(starts), np.concatenate(ends)
    graph = csr_matrix((np.concatenate(costs), pairs), shape=(n, n))
    return Network(lattice, surface.cell, graph)


def climbing_cost(climb_m: Floats, length_m: Floats, steepness: Steepness) -> Floats:
    """(n,) what climbing costs beside the length, in metres of plain line.

    >>> import numpy as np
    >>> climbing_cost(np.array([1.0, 3.0, 100.0]), np.full(3, 100.0), Steepness(0.01, 1.5, 6.0)).tolist()
    [0.0, 300.0, 500.0]
    """
    over = np.maximum(climb_m - steepness.gradient * length_m, 0.0)
    return np.minimum(over / steepness.gradient * steepness.development_cost, (steepness.tunnel_cost - 1) * length_m)


def _shifted(lattice: Lattice, node: Any, row: Ints, column: Ints, step: tuple[int, int]) -> Any:
    """(n,) the node some rows and columns off, -1 where there is none."""
    there, beside = row + step[0], column + step[1]
    inside = (there >= 0) & (there < lattice.rows) & (beside >= 0) & (beside < lattice.columns)
    return np.where(inside, node[np.where(inside, there * lattice.columns + beside, 0)], -1)


def tree_from(network: Network, node: int) -> Tree:
    """The least-cost paths from a node to all others."""
    cost, before = dijkstra(network.graph, directed=False, indices=node, return_predecessors=True)
    return Tree(np.asarray(cost), np.asarray(before))


def path_cost(network: Network, nodes: Ints) -> float:
    """What a path costs, node by node."""
    start, end = nodes[:-1], nodes[1:]
    return float((network.graph[start, end] + network.graph[end, start]).sum())
