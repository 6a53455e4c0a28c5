"""A lattice of lon/lat cells that are about square in metres, and the sixteen straight moves between their centres.

Longitudes run on over ±180 where the lattice does: a place has one longitude in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from greensilk.geometry.arrays import Floats, Geometries, Ints
from greensilk.geometry.geodesy import DEG, distance_m

# Half of the sixteen, as rows to the north and columns to the east: the other half are the same, backwards.
MOVES: tuple[tuple[int, int], ...] = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (2, -1), (1, -2))
METRES_PER_DEGREE = 111_320.0
FARTHEST_LAT_DEG = 85.0  # beyond, cells of a lattice in degrees are no squares any more


def cells_between(move: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """The cells that the straight line of a move enters, or whose corner it touches, besides its two ends.

    >>> cells_between((1, -1)), cells_between((1, 2)), cells_between((0, 1))
    (((1, 0), (0, -1)), ((0, 1), (1, 1)), ())
    """
    north, east = move
    side = 1 if east > 0 else -1
    if abs(north) == 1 and abs(east) == 1:
        return (north, 0), (0, east)
    if abs(east) == 2:
        return (0, side), (north, side)
    if abs(north) == 2:
        return (1, 0), (1, side)
    return ()


@dataclass(frozen=True)
class Lattice:
    """Cells counted from the south-west corner, row by row. west, south: that corner; dlon_deg, dlat_deg: of a cell."""

    west: float
    south: float
    dlon_deg: float
    dlat_deg: float
    columns: int
    rows: int

    @classmethod
    def over(cls, bounds: tuple[float, float, float, float], step_m: float) -> Lattice:
        """A lattice over west, south, east, north in degrees, with cells of about step_m metres."""
        west, south, east, north = bounds
        dlat = step_m / METRES_PER_DEGREE
        dlon = dlat / np.cos((south + north) / 2 * DEG)
        columns, rows = int(np.ceil((east - west) / dlon)), int(np.ceil((north - south) / dlat))
        return cls(west, south, float(dlon), dlat, max(columns, 1), max(rows, 1))

    @property
    def step_m(self) -> float:
        """Height of a cell in metres, about."""
        return self.dlat_deg * METRES_PER_DEGREE

    def finer(self, times: int) -> Lattice:
        """The same with each cell cut into times by times."""
        return Lattice(
            self.west, self.south, self.dlon_deg / times, self.dlat_deg / times, self.columns * times, self.rows * times
        )

    def places(self, cell: Ints) -> tuple[Floats, Floats]:
        """(n,) degrees of the centres of cells."""
        row, column = np.divmod(cell, self.columns)
        return self.west + (column + 0.5) * self.dlon_deg, self.south + (row + 0.5) * self.dlat_deg

    def cell_of(self, lon: Floats, lat: Floats) -> Ints:
        """(n,) the cell that holds each place, -1 outside."""
        column = np.floor((np.asarray(lon) - self.west) / self.dlon_deg).astype(np.int64)
        row = np.floor((np.asarray(lat) - self.south) / self.dlat_deg).astype(np.int64)
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(inside, row * self.columns + column, -1)

    def boxes(self, cell: Ints) -> Geometries:
        """(n,) cells as shapely polygons, a hair larger than they are: rounding leaves no gap between two."""
        lon, lat = self.places(cell)
        half_lon, half_lat = self.dlon_deg / 2 + 1e-9, self.dlat_deg / 2 + 1e-9
        return np.asarray(shapely.box(lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat), dtype=object)

    def move_lengths_m(self, move: tuple[int, int]) -> Floats:
        """(rows,) geodesic length of a move that begins in each row."""
        lat = np.asarray(self.south + (np.arange(self.rows) + 0.5) * self.dlat_deg, np.float64)
        end = np.minimum(lat + move[0] * self.dlat_deg, 90.0)
        return distance_m(np.zeros(self.rows), lat, np.full(self.rows, move[1] * self.dlon_deg), end)
