"""Areas that a line keeps out of, or pays for: which cells and which lines they touch, exactly as they are drawn."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Geometries, Ints
from greensilk.routes.grid import Lattice

Bools = NDArray[np.bool_]


class Obstacles:
    """(m,) polygons in the frame of a lattice, where longitudes run on over ±180."""

    def __init__(self, shapes: Geometries) -> None:
        self.shapes = np.asarray(shapes, dtype=object)
        shapely.prepare(self.shapes)
        self._tree = shapely.STRtree(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)

    def touched(self, lattice: Lattice, cell: Ints) -> Bools:
        """(n,) whether any shape touches each cell, its border counted."""
        return self.touching(lattice.boxes(cell)) if len(self) else np.zeros(len(cell), dtype=bool)

    def covered(self, lattice: Lattice, cell: Ints) -> Bools:
        """(n,) whether one shape covers the whole of each cell."""
        return self._found(lattice.boxes(cell), shapely.covers) if len(self) else np.zeros(len(cell), dtype=bool)

    def touching(self, others: Geometries) -> Bools:
        """(n,) whether any shape touches each geometry."""
        return self._found(others, shapely.intersects)

    def holding(self, lon: Floats, lat: Floats) -> Bools:
        """(n,) whether any shape holds each place, borders counted."""
        return self.touching(np.asarray(shapely.points(lon, lat), dtype=object))

    def _found(self, others: Geometries, relation: np.ufunc) -> Bools:
        found = np.zeros(len(others), dtype=bool)
        other, shape = self._tree.query(others)
        hit = relation(self.shapes[shape], others[other])
        found[other[hit]] = True
        return found
