"""A raster on disk, read by the tiles it is stored in: raw numbers for sums, scaled ones for points and windows.

No band is ever read whole. Tiles are kept in one bounded cache for all rasters of a process; each process has its own
open files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray

from greensilk.catalogue.blocks import BlockCache
from greensilk.errors import BundleError, GreensilkError
from greensilk.geometry.arrays import Floats, Ints
from greensilk.geometry.raster import Grid

GDAL_CACHE_BYTES = 8_000_000  # tiles are kept here, not there
BLOCKS = BlockCache()


@dataclass(frozen=True)
class Meant:
    """What the numbers of a raster can mean; every other one is no value.

    plausible: range in the raster's unit, None = every finite number; codes: of its classes, () = it has none
    """

    plausible: tuple[float, float] | None = None
    codes: tuple[int, ...] = ()

    def cleared(self, raw: NDArray[Any], band: Band) -> NDArray[Any]:
        """Raw numbers of a band, with its number of no value for those that mean nothing."""
        if self.codes:
            meant = np.isin(raw, self.codes)
        elif self.plausible is None and raw.dtype.kind != "f":
            return raw
        else:
            low, high = self.plausible or (-np.inf, np.inf)
            values = raw.astype(np.float64) * band.scale + band.offset
            meant = np.isfinite(values) & (values >= low) & (values <= high)
        return np.where(meant, raw, np.asarray(band.nodata, dtype=band.dtype))


class Raster:
    """One GeoTIFF in EPSG:4326, north up, with square cells. Longitudes past ±180 wrap where it spans the globe.

    blocks: where its tiles are kept; damaged: raised where the file cannot be read, None = it is shipped; meant: which
    numbers are values, None = all but its number of no value
    """

    def __init__(
        self,
        path: Path,
        blocks: BlockCache = BLOCKS,
        damaged: GreensilkError | None = None,
        meant: Meant | None = None,
    ) -> None:
        self.path = path
        self.blocks = blocks
        self.meant = meant
        self.damaged = damaged or BundleError("catalogue.bundle_altered", ids=Path(path).name)
        self._opened: tuple[int, Any] | None = None

    @property
    def dataset(self) -> Any:
        """The open file of this process.

        raises: BundleError (or as it was told) if it is no raster, or its cells are not square and north up
        """
        if self._opened is None or self._opened[0] != os.getpid():
            import rasterio
            from rasterio.errors import RasterioIOError

            try:
                dataset = rasterio.open(self.path)
            except RasterioIOError as error:
                raise self.damaged from error
            t = dataset.transform
            if t.b or t.d or not np.isclose(t.a, -t.e, rtol=1e-9) or t.a <= 0:
                raise BundleError("catalogue.raster_not_square", file=self.path.name)
            self._opened = os.getpid(), dataset
        return self._opened[1]

    @cached_property
    def grid(self) -> Grid:
        """Its cells."""
        corner = self.dataset.transform
        return Grid(corner.c, corner.f, corner.a, self.dataset.width, self.dataset.height)

    @cached_property
    def count(self) -> int:
        """Number of bands, numbered from 1."""
        return int(self.dataset.count)

    def band(self, number: int = 1) -> Band:
        """One band, by tiles."""
        source = self.dataset
        nodata, dtype = source.nodatavals[number - 1], np.dtype(source.dtypes[number - 1])
        if nodata is None and dtype.kind != "f" and self.meant is not None:
            dtype = np.dtype(np.float64)  # no whole number says that there is no value
        return Band(
            raster=self,
            number=number,
            grid=self.grid,
            tile_shape=source.block_shapes[number - 1],
            dtype=dtype,
            nodata=np.nan if nodata is None else float(nodata),
            scale=float(source.scales[number - 1]),
            offset=float(source.offsets[number - 1]),
        )

    def values_at(self, lon: ArrayLike, lat: ArrayLike, band: int = 1) -> Floats:
        """(n,) value of the cell that holds each point, NaN outside or without value; lon, lat: (n,) degrees."""
        x, y = np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
        grid = self.grid
        column, row = np.floor((x - grid.west) / grid.step_deg), np.floor((grid.north - y) / grid.step_deg)
        row = np.where(y == grid.north - grid.rows * grid.step_deg, grid.rows - 1, row)  # the southern edge itself
        column = np.mod(column, grid.columns) if grid.wraps else column
        inside = np.isfinite(x) & np.isfinite(y) & (column >= 0) & (column < grid.columns)
        inside &= (row >= 0) & (row < grid.rows)
        values = np.full(len(x), np.nan)
        values[inside] = self.band(band).cells(row[inside].astype(np.int64), column[inside].astype(np.int64))
        return values

    def read_window(self, bounds: tuple[float, float, float, float], band: int = 1) -> tuple[Floats, Affine]:
        """The cells that touch a box, in the raster's unit.

        bounds: west, south, east, north in degrees; west may be below -180 or east above 180
        returns: (rows, columns) with NaN for no value, and the transform of that window (longitudes not wrapped)
        """
        west, south, east, north = bounds
        grid = self.grid
        first_column, last_column = _touched((west - grid.west) / grid.step_deg, (east - grid.west) / grid.step_deg)
        first_row, last_row = _touched((grid.north - north) / grid.step_deg, (grid.north - south) / grid.step_deg)
        first_row, last_row = max(first_row, 0), min(last_row, grid.rows)
        if not grid.wraps:
            first_column, last_column = max(first_column, 0), min(last_column, grid.columns)
        columns = np.arange(first_column, min(max(last_column, first_column), first_column + grid.columns))
        rows = np.arange(first_row, max(last_row, first_row))
        row, column = np.repeat(rows, len(columns)), np.tile(np.mod(columns, grid.columns), len(rows))
        values = self.band(band).cells(row, column).reshape(len(rows), len(columns))
        west_edge, north_edge = grid.west + first_column * grid.step_deg, grid.north - first_row * grid.step_deg
        return values, Affine(grid.step_deg, 0.0, west_edge, 0.0, -grid.step_deg, north_edge)


def _touched(first: float, last: float) -> tuple[int, int]:
    """The cells between two places along an axis, at least one: first, and the one after the last."""
    low = int(np.floor(first + 1e-9))
    return low, max(int(np.ceil(last - 1e-9)), low + 1)


@dataclass(frozen=True)
class Band:
    """One band of a raster, as geometry.raster.TiledBand describes it."""

    raster: Raster
    number: int
    grid: Grid
    tile_shape: tuple[int, int]
    dtype: np.dtype[Any]
    nodata: float
    scale: float
    offset: float

    def tiles(self, wanted: Ints) -> NDArray[Any]:
        """(k, height, width) raw numbers of (k, 2) tiles by tile row and column; beyond the grid anything.

        raises: BundleError, or as its raster was told, if the file cannot be read
        """
        found = np.empty((len(wanted), *self.tile_shape), dtype=self.dtype)
        for i, tile in enumerate(self._blocks(wanted)):
            found[i, : tile.shape[0], : tile.shape[1]] = tile
        return found

    def cells(self, row: Ints, column: Ints) -> Floats:
        """(n,) values of single cells in the raster's unit, NaN for no value; row, column: (n,) within the grid."""
        height, width = self.tile_shape
        across = -(-self.grid.columns // width)
        tile = row // height * across + column // width
        order = np.argsort(tile, kind="stable")
        unique, count = np.unique(tile, return_counts=True)
        wanted = np.column_stack([unique // across, unique % across])
        raw = np.empty(len(row), dtype=self.dtype)
        for block, last, size in zip(self._blocks(wanted), np.cumsum(count), count, strict=True):
            here = order[last - size : last]
            raw[here] = block[row[here] % height, column[here] % width]
        values: Floats = raw.astype(np.float64)
        missing = (values == self.nodata) | np.isnan(values)
        return np.where(missing, np.nan, values * self.scale + self.offset)

    def _blocks(self, wanted: Ints) -> Iterator[NDArray[Any]]:
        """Each of (k, 2) tiles as stored, smaller at the grid's south and east."""
        for row, column in wanted.tolist():
            key = (self.raster, self.number, row, column)
            yield self.raster.blocks.get(key, partial(self._read, row, column))

    def _read(self, tile_row: int, tile_column: int) -> NDArray[Any]:
        from rasterio import Env
        from rasterio.errors import RasterioIOError
        from rasterio.windows import Window

        height, width = self.tile_shape
        top, left = tile_row * height, tile_column * width
        window = Window(left, top, min(width, self.grid.columns - left), min(height, self.grid.rows - top))
        try:
            with Env(GDAL_CACHEMAX=GDAL_CACHE_BYTES):
                tile: NDArray[Any] = self.raster.dataset.read(self.number, window=window)
        except RasterioIOError as error:
            raise self.raster.damaged from error
        return tile if self.raster.meant is None else self.raster.meant.cleared(tile, self)
