"""Shares, means, spreads and largest values of a raster's cells in zones, by the exact part of each that is covered.

Coverage is exact in lon/lat. Cells count by their area on the ellipsoid. A raster is read by tiles, a few at a time, so
that nothing depends on its size; the zones are best given in an order in which neighbours follow one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Ints, starts
from greensilk.geometry.geodesy import cell_area_m2
from greensilk.geometry.outlines import POLYGON, Outlines

MIN_CELLS = 20  # below this a share or mean says more about the grid than about the place
TILES_AT_ONCE_BYTES = 4_000_000  # raw numbers that sums are taken from at once: they stay in the cache of the processor
_FURTHEST_DEG = 1080.0  # three turns: beyond it a longitude is no longitude


@dataclass(frozen=True)
class Grid:
    """A north-up lon/lat grid. west, north: outer corner; step_deg: size of a cell; columns, rows: how many."""

    west: float
    north: float
    step_deg: float
    columns: int
    rows: int

    @property
    def wraps(self) -> bool:
        """Whether the columns go round the globe, to a hundredth of a cell."""
        return abs(self.columns - 360 / self.step_deg) < 0.01

    def row_area_m2(self) -> Floats:
        """(rows,) area of one whole cell of each row in square metres.

        of a row that reaches beyond a pole, where nothing can cover it, such that its part this side has its true area
        """
        edges = self.north - self.step_deg * np.arange(self.rows + 1, dtype=np.float64)
        inside = np.clip(edges, -90, 90)
        height = np.maximum(inside[:-1] - inside[1:], 1e-12)
        return cell_area_m2(inside[1:], inside[:-1], self.step_deg) * (self.step_deg / height)


class TiledBand(Protocol):
    """One band of a raster that is read by tiles.

    grid: its cells; tile_shape: rows, columns of a tile; dtype: of raw numbers; nodata: raw number of no value, NaN for
    none; scale, offset: value = scale * raw + offset
    """

    @property
    def grid(self) -> Grid: ...
    @property
    def tile_shape(self) -> tuple[int, int]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def nodata(self) -> float: ...
    @property
    def scale(self) -> float: ...
    @property
    def offset(self) -> float: ...

    def tiles(self, wanted: Ints) -> NDArray[Any]:
        """(k, height, width) raw numbers of (k, 2) tiles by tile row and column; beyond the grid anything."""


@dataclass(frozen=True)
class ZoneSums:
    """Sums over the covered cells with a value, for (n,) zones; differences of nested zones are sums of rings.

    cells: sum of fractions; area_m2: covered area; total, squares: area-weighted sums of value and value²; largest:
    value of any covered cell, however little of it, NaN where there is none, and for differences;
    by_class: (n, classes) covered area of each class, (n, 0) for measured values
    """

    cells: Floats
    area_m2: Floats
    total: Floats
    squares: Floats
    largest: Floats
    by_class: Floats

    def __sub__(self, inner: ZoneSums) -> ZoneSums:
        return ZoneSums(
            self.cells - inner.cells,
            self.area_m2 - inner.area_m2,
            self.total - inner.total,
            self.squares - inner.squares,
            np.full(len(self.cells), np.nan),
            self.by_class - inner.by_class,
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
        area = np.zeros(len(self.area_m2))
        for code in classes:  # one after another: the order in which numpy sums an axis depends on n
            area += self.by_class[:, code]
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(self.area_m2 > 0, area / self.area_m2, np.nan)
        # Rings are differences of zones: what is left of equal sums is rounding, not land.
        return np.clip(np.where(np.abs(share) < 1e-9, 0.0, share), 0, 1)


@dataclass(frozen=True)
class ZoneCells:
    """Cells under (n,) zones, found once for all rasters of the same grid.

    runs: (m, 4) zone, row, first column and number of cells, by zone and row from west to east; fraction: (m,) covered
    part of each cell of a run; a cell covered by less than 1e-9 of it is not there
    """

    runs: NDArray[np.int32]
    fraction: Floats
    n: int
    grid: Grid

    @classmethod
    def under(cls, zones: Outlines, n: int, grid: Grid) -> ZoneCells:
        """The cells of a grid under n zones: the polygons of each owner, in any frame; points and lines cover nothing.

        polygons of one zone must not overlap; columns go round the globe where the grid does; what lies beyond the grid
        is left out
        raises: ValueError for a longitude or latitude that is none
        """
        from greensilk.geometry.kernel.coverage import covered_runs

        areas = zones.take(_by_owner(zones))
        if not ((np.abs(areas.lon) <= _FURTHEST_DEG) & (np.abs(areas.lat) <= _FURTHEST_DEG)).all():
            raise ValueError("a zone has coordinates that are no longitudes and latitudes")
        u, v = (areas.lon - grid.west) / grid.step_deg, (grid.north - areas.lat) / grid.step_deg
        rings = np.zeros(n, dtype=np.int64)
        np.add.at(rings, areas.owner, np.diff(areas.part_start))
        runs, fraction, m = covered_runs(u, v, areas.ring_start, starts(rings), grid.rows, grid.columns, grid.wraps)
        return cls(runs[:m].copy(), fraction[:m].copy(), n, grid)

    def sums(self, band: TiledBand, classes: int = 0) -> ZoneSums:
        """Sums of a band, in its unit; what a zone gets does not depend on the other zones.

        classes: number of classes of a categorical raster, whose codes are 0, 1 ...; another code is no value
        raises: ValueError if the band has another grid
        """
        from greensilk.geometry.kernel.zone_sums import AREA, CELLS, LARGEST, SQUARES, TOTAL, add_runs, next_tiles

        if band.grid != self.grid:
            raise ValueError("the cells were found in another grid")
        sums, by_class = np.zeros((self.n, 5)), np.zeros((self.n, classes))
        sums[:, LARGEST] = -np.inf
        height, width = band.tile_shape
        place = np.full((-(-self.grid.rows // height), -(-self.grid.columns // width)), -1, dtype=np.int32)
        most = max(1, TILES_AT_ONCE_BYTES // (height * width * band.dtype.itemsize))
        area, first = self.grid.row_area_m2(), 0
        while first < len(self.runs):
            last, wanted = next_tiles(self.runs, first, band.tile_shape, place, most)
            part = slice(first, last)
            tiles = band.tiles(wanted)
            add_runs(self.runs[part], self.fraction[part], tiles, place, band.nodata, area, sums, by_class)
            place[wanted[:, 0], wanted[:, 1]] = -1
            first = last
        return _in_unit(band, sums[:, [CELLS, AREA, TOTAL, SQUARES, LARGEST]].T, by_class)


def _by_owner(zones: Outlines) -> Ints:
    """The polygons, those of one owner together."""
    areas = np.flatnonzero(zones.kind == POLYGON)
    return areas[np.argsort(zones.owner[areas], kind="stable")]


def _in_unit(band: TiledBand, raw: Floats, by_class: Floats) -> ZoneSums:
    cells, area, total, squares, largest = raw
    scale, offset = band.scale, band.offset
    return ZoneSums(
        cells,
        area,
        scale * total + offset * area,
        scale**2 * squares + 2 * scale * offset * total + offset**2 * area,
        np.where(cells > 0, scale * largest + offset, np.nan),
        by_class,
    )
