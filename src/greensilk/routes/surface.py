"""The cost surface: what a metre through each cell of a lattice costs, and how high the ground is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from greensilk.geometry.arrays import Floats, Ints
from greensilk.routes.grid import Lattice
from greensilk.routes.obstacles import Bools, Obstacles

AT_ONCE = 20_000  # cells whose heights are read together: neighbours lie in the same tiles of a raster


class Ground(Protocol):
    """What is known of the ground at (n,) places in degrees, longitudes running on over ±180.

    height_step_m: edge of a cell of the heights
    """

    @property
    def height_step_m(self) -> float: ...
    def heights_m(self, lon: Floats, lat: Floats) -> Floats:
        """(n,) NaN where there is none: no line goes there."""

    def factors(self, lon: Floats, lat: Floats) -> Floats:
        """(n,) what a metre costs on this land, 1 or more; NaN for the open sea, where no line goes."""

    def over_water(self, lon: Floats, lat: Floats) -> Bools:
        """(n,) whether a line at this place needs a bridge whatever the heights."""


@dataclass(frozen=True)
class Areas:
    """What lines keep out of, and what they pay for by the metre. soft: with the cost of a metre inside."""

    hard: Obstacles
    soft: Sequence[tuple[Obstacles, float]] = ()


@dataclass(frozen=True)
class Surface:
    """(n,) cells that a line may go through; every other cell is barred. cell: increasing numbers in the lattice;
    factor: cost of a metre, at least 1; height_m: of the ground"""

    lattice: Lattice
    cell: Ints
    factor: Floats
    height_m: Floats

    def dearer(self, times: Floats) -> Surface:
        """The same, each cell (n,) times as dear."""
        return Surface(self.lattice, self.cell, self.factor * times, self.height_m)


def surface_of(
    lattice: Lattice, cell: Ints, ground: Ground, areas: Areas, partly_excluded_cost: float | None = None
) -> Surface:
    """The surface over some cells of a lattice.

    partly_excluded_cost: None = a cell that an exclusion touches is barred; else only one that it covers is, and the
    others are so many times as dear, because a finer lattice may find a way through
    """
    barred = areas.hard.touched(lattice, cell)
    times = np.ones(len(cell))
    if partly_excluded_cost is not None:
        times[barred] = partly_excluded_cost
        barred[barred] = areas.hard.covered(lattice, cell[barred])
    cell, times = cell[~barred], times[~barred]
    lon, lat = lattice.places(cell)
    parts = [
        _heights(lattice, lon[i : i + AT_ONCE], lat[i : i + AT_ONCE], ground) for i in range(0, len(cell), AT_ONCE)
    ]
    height = np.concatenate([np.empty(0), *parts])
    factor = ground.factors(lon, lat) * times
    known = np.isfinite(height) & np.isfinite(factor)
    cell, factor, height = cell[known], factor[known], height[known]
    for obstacles, cost in areas.soft:
        factor = np.where(obstacles.touched(lattice, cell), factor * cost, factor)
    return Surface(lattice, cell, factor, height)


def _heights(lattice: Lattice, lon: Floats, lat: Floats, ground: Ground) -> Floats:
    """Heights of cells: of their centres, or the mean of nine places in cells much larger than those of the heights."""
    if lattice.step_m < 2 * ground.height_step_m:
        return ground.heights_m(lon, lat)
    third = (-1 / 3, 0.0, 1 / 3)
    found: Floats = np.mean(
        [
            ground.heights_m(lon + east * lattice.dlon_deg, lat + north * lattice.dlat_deg)
            for east in third
            for north in third
        ],
        axis=0,
    )
    return found
