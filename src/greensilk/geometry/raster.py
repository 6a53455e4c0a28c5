"""Shares, means and spreads of a raster's cells under polygons, by the exact part of each cell that is covered.

Coverage is exact in lon/lat: each edge is cut at the grid lines, its cell gets the area to the right of it, and the
cells to the right of that the height it spans. Cells count by their area on the ellipsoid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Geometries, Ints
from greensilk.geometry.geodesy import cell_area_m2

MIN_CELLS = 20  # below this a share or mean says more about the grid than about the place
_MAX_WINDOW_CELLS = 3_000_000  # cells worked on at once: bounds memory


@dataclass(frozen=True)
class Grid:
    """A north-up lon/lat grid. west, north: outer corner; step_deg: size of a cell; columns, rows: how many."""

    west: float
    north: float
    step_deg: float
    columns: int
    rows: int

    def row_area_m2(self) -> Floats:
        """(rows,) area of one cell of each row in square metres."""
        edges = np.clip(self.north - self.step_deg * np.arange(self.rows + 1, dtype=np.float64), -90, 90)
        return cell_area_m2(edges[1:], edges[:-1], self.step_deg)

    def place(self, row: Ints, column: Ints) -> tuple[NDArray[np.bool_], Ints]:
        """Which of (m,) cells the grid has, and their columns; columns go round the globe where the grid does."""
        if self.columns == round(360 / self.step_deg):
            column = column % self.columns
        return (row >= 0) & (row < self.rows) & (column >= 0) & (column < self.columns), column


@dataclass(frozen=True)
class Coverage:
    """Cells under zones, one row a zone and cell. fraction: (m,) covered part of the cell, above 0."""

    zone: Ints
    row: Ints
    column: Ints
    fraction: Floats


def coverage(zones: Geometries, grid: Grid) -> Iterator[Coverage]:
    """Covered cells of (n,) lon/lat polygons in any frame, some zones at a time; None and lines cover nothing.

    parts of one zone must not overlap; columns go round the globe; what lies beyond the grid's rows is left out
    """
    bounds = np.nan_to_num(np.asarray(shapely.bounds(zones)).reshape(-1, 4))
    width = (
        np.floor((bounds[:, 2] - grid.west) / grid.step_deg) - np.floor((bounds[:, 0] - grid.west) / grid.step_deg) + 1
    )
    height = np.floor((bounds[:, 3] - bounds[:, 1]) / grid.step_deg) + 2
    group = np.cumsum(width * height) // _MAX_WINDOW_CELLS
    for number in np.unique(group):
        members = np.flatnonzero(group == number)
        found = _cover(zones[members], grid)
        if found is not None:
            yield Coverage(members[found.zone], found.row, found.column, found.fraction)


def _edges(zones: Geometries, grid: Grid) -> tuple[Floats, Ints]:
    """Edges of all polygons as (e, 4) u0 v0 u1 v1 in cells east and south of the corner, with the zone of each."""
    parts, zone = shapely.get_parts(zones, return_index=True)
    flat = shapely.get_dimensions(parts) == 2
    parts, zone = shapely.get_parts(parts[flat], return_index=True), zone[flat]
    polygons, inner = parts
    rings, ring_part = shapely.get_rings(shapely.orient_polygons(polygons), return_index=True)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    u, v = (coords[:, 0] - grid.west) / grid.step_deg, (grid.north - coords[:, 1]) / grid.step_deg
    same = ring[1:] == ring[:-1] if len(ring) else np.zeros(0, dtype=bool)
    edges = np.column_stack([u[:-1], v[:-1], u[1:], v[1:]])[same]
    return edges, zone[inner[ring_part[ring[:-1][same]]]]


def _cut_at_grid(edges: Floats) -> tuple[Floats, Floats, Ints]:
    """Edges cut at grid lines. Returns (s, 2) start and end parameter, of which edge: t0, t1, edge."""
    index, params = [np.arange(len(edges)), np.arange(len(edges))], [np.zeros(len(edges)), np.ones(len(edges))]
    for axis in (0, 1):
        start, end = edges[:, axis], edges[:, axis + 2]
        low, high = np.floor(np.minimum(start, end)) + 1, np.ceil(np.maximum(start, end)) - 1
        count = np.maximum(0, high - low + 1).astype(np.int64)
        which = np.repeat(np.arange(len(edges)), count)
        line = np.repeat(low, count) + np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        index.append(which)
        params.append((line - start[which]) / (end - start)[which])
    edge, t = np.concatenate(index), np.concatenate(params)
    order = np.lexsort((t, edge))
    edge, t = edge[order], t[order]
    same = edge[1:] == edge[:-1]
    return t[:-1][same], t[1:][same], edge[:-1][same]


def _cover(zones: Geometries, grid: Grid) -> Coverage | None:
    edges, zone = _edges(zones, grid)
    if not len(edges):
        return None
    t0, t1, edge = _cut_at_grid(edges)
    u0, v0, du, dv = (
        edges[edge, 0],
        edges[edge, 1],
        (edges[:, 2] - edges[:, 0])[edge],
        (edges[:, 3] - edges[:, 1])[edge],
    )
    mid = (t0 + t1) / 2
    u, v = u0 + mid * du, v0 + mid * dv
    rise = (t1 - t0) * dv
    column, row = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    owner = zone[edge]
    window = _Windows.around(owner, row, column, len(zones))
    cell = window.cell(owner, row, column)
    span = np.bincount(cell, weights=rise, minlength=window.size)
    own = np.bincount(cell, weights=rise * (1 - (u - column)), minlength=window.size)
    # The heights in one row of one zone add up to nothing, so one running sum serves all rows.
    fraction = own + np.cumsum(span) - span
    hit = np.flatnonzero(fraction > 1e-12)
    owner, row, column = window.place(hit)
    inside, column = grid.place(row, column)
    return Coverage(owner[inside], row[inside], column[inside], np.minimum(fraction[hit][inside], 1.0))


@dataclass(frozen=True)
class _Windows:
    """A window of cells for each zone, laid one after another."""

    offset: Ints
    top: Ints
    left: Ints
    width: Ints
    size: int

    @classmethod
    def around(cls, owner: Ints, row: Ints, column: Ints, n: int) -> _Windows:
        big = np.iinfo(np.int64).max
        top, left = np.full(n, big), np.full(n, big)
        bottom, right = np.full(n, -big), np.full(n, -big)
        np.minimum.at(top, owner, row)
        np.maximum.at(bottom, owner, row)
        np.minimum.at(left, owner, column)
        np.maximum.at(right, owner, column)
        some = bottom >= top
        width = np.where(some, right - left + 1, 0)
        cells = np.where(some, bottom - top + 1, 0) * width
        return cls(np.cumsum(cells) - cells, np.where(some, top, 0), np.where(some, left, 0), width, int(cells.sum()))

    def cell(self, owner: Ints, row: Ints, column: Ints) -> Ints:
        return self.offset[owner] + (row - self.top[owner]) * self.width[owner] + column - self.left[owner]

    def place(self, cell: Ints) -> tuple[Ints, Ints, Ints]:
        # Zones without cells share their offset with the next one: "right" finds the last of them, which has the cells.
        owner = np.searchsorted(self.offset, cell, side="right") - 1
        inner = cell - self.offset[owner]
        return owner, self.top[owner] + inner // self.width[owner], self.left[owner] + inner % self.width[owner]


@dataclass(frozen=True)
class ZoneSums:
    """Sums over the covered cells with a value, for (n,) zones; differences of nested zones are sums of rings.

    cells: sum of fractions; area_m2: covered area; total, squares: area-weighted sums of value and value²;
    by_class: (n, classes) covered area of each class, None for measured values
    """

    cells: Floats
    area_m2: Floats
    total: Floats
    squares: Floats
    by_class: Floats | None = None

    def __sub__(self, inner: ZoneSums) -> ZoneSums:
        by_class = None if self.by_class is None or inner.by_class is None else self.by_class - inner.by_class
        return ZoneSums(
            self.cells - inner.cells,
            self.area_m2 - inner.area_m2,
            self.total - inner.total,
            self.squares - inner.squares,
            by_class,
        )

    def enough(self, least: float = MIN_CELLS) -> NDArray[np.bool_]:
        """(n,) whether enough cells carry the zone."""
        return self.cells >= least - 1e-9

    def mean(self) -> Floats:
        """(n,) area-weighted mean, NaN where nothing is covered."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.area_m2 > 0, self.total / self.area_m2, np.nan)

    def spread(self) -> Floats:
        """(n,) area-weighted standard deviation, NaN where nothing is covered."""
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = self.squares / self.area_m2 - (self.total / self.area_m2) ** 2
        return np.where(self.area_m2 > 0, np.sqrt(np.maximum(variance, 0)), np.nan)

    def share(self, classes: tuple[int, ...]) -> Floats:
        """(n,) share of the covered area that is of the given classes, NaN where nothing is covered."""
        if self.by_class is None:
            raise ValueError("no classes were counted")
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(self.area_m2 > 0, self.by_class[:, list(classes)].sum(axis=1) / self.area_m2, np.nan)
        # Rings are differences of zones: what is left of equal sums is rounding, not land.
        return np.clip(np.where(np.abs(share) < 1e-9, 0.0, share), 0, 1)


@dataclass(frozen=True)
class ZoneCells:
    """Cells under (n,) zones, found once for all rasters of the same grid."""

    cells: tuple[Coverage, ...]
    n: int
    grid: Grid

    @classmethod
    def under(cls, zones: Geometries, grid: Grid) -> ZoneCells:
        """The cells of a grid under (n,) lon/lat polygons in any frame."""
        return cls(tuple(coverage(zones, grid)), len(zones), grid)

    def sums(self, values: NDArray[np.generic], nodata: float | None, classes: int | None = None) -> ZoneSums:
        """Sums of `values` (rows, columns).

        nodata: a cell of this value, or NaN, does not count; classes: number of classes of a categorical raster
        """
        sums = {name: np.zeros(self.n) for name in ("cells", "area_m2", "total", "squares")}
        by_class = np.zeros(self.n * classes) if classes else None
        row_area = self.grid.row_area_m2()
        for cover in self.cells:
            value = values[cover.row, cover.column].astype(np.float64)
            good = ~np.isnan(value) if nodata is None else ~np.isnan(value) & (value != nodata)
            zone, value, fraction = cover.zone[good], value[good], cover.fraction[good]
            area = fraction * row_area[cover.row[good]]
            weights = {"cells": fraction, "area_m2": area, "total": area * value, "squares": area * value**2}
            for name, weight in weights.items():
                sums[name] += np.bincount(zone, weights=weight, minlength=self.n)
            if by_class is not None and classes:
                index = zone * classes + value.astype(np.int64)
                by_class += np.bincount(index, weights=area, minlength=self.n * classes)
        return ZoneSums(**sums, by_class=None if by_class is None or not classes else by_class.reshape(self.n, classes))


def zone_sums(
    zones: Geometries, grid: Grid, values: NDArray[np.generic], nodata: float | None, classes: int | None = None
) -> ZoneSums:
    """Sums of one raster over (n,) zones; see ZoneCells.sums."""
    return ZoneCells.under(zones, grid).sums(values, nodata, classes)
