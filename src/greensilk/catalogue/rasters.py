"""A raster on disk as windows of numbers: scaled to its unit, NaN where it has no value, whole round the globe.

Rasters are never expanded in memory as floats. After a few windows the raw band is kept, because sites of one portfolio
are scattered and each block would be decoded many times.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
KEEP_AFTER_WINDOWS = 8
KEEP_AT_MOST_BYTES = 200_000_000
FEW_CELLS = 4
BLOCK = 256  # side of the tiles that shipped rasters are stored in


class Raster:
    """One GeoTIFF in EPSG:4326, north up. Longitudes past ±180 wrap where the raster spans the globe."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._bands: dict[int, NDArray[Any]] = {}
        self._windows_read = 0

    @cached_property
    def _dataset(self) -> Any:
        import rasterio

        return rasterio.open(self.path)

    @cached_property
    def transform(self) -> Affine:
        """From (column, row) to (lon, lat) in degrees."""
        return self._dataset.transform  # type: ignore[no-any-return]

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self._dataset.height, self._dataset.width

    @cached_property
    def count(self) -> int:
        """Number of bands, numbered from 1."""
        return int(self._dataset.count)

    @cached_property
    def wraps(self) -> bool:
        """Whether the columns span 360 degrees."""
        return bool(np.isclose(self.shape[1] * self.transform.a, 360.0, atol=self.transform.a / 2))

    def read_window(self, bounds: tuple[float, float, float, float], band: int = 1) -> tuple[Floats, Affine]:
        """The cells that touch a box, in the raster's unit.

        bounds: west, south, east, north in degrees; west may be below -180 or east above 180
        returns: (rows, columns) with NaN for no value, and the transform of that window (longitudes not wrapped)
        """
        west, south, east, north = bounds
        step_x, step_y = self.transform.a, -self.transform.e
        first_column = int(np.floor((west - self.transform.c) / step_x + 1e-9))
        last_column = max(int(np.ceil((east - self.transform.c) / step_x - 1e-9)), first_column + 1)
        first_row = int(np.floor((self.transform.f - north) / step_y + 1e-9))
        last_row = int(np.ceil((self.transform.f - south) / step_y - 1e-9))
        height, width = self.shape
        first_row, last_row = max(first_row, 0), min(max(last_row, first_row + 1), height)
        if not self.wraps:
            first_column, last_column = max(first_column, 0), min(last_column, width)
        columns = np.arange(first_column, max(last_column, first_column))
        if self.wraps and len(columns) > width:
            columns = columns[:width]
        raw = self._raw_window(first_row, max(last_row, first_row), columns, band)
        west_edge, north_edge = self.transform.c + first_column * step_x, self.transform.f - first_row * step_y
        return self._scaled(raw, band), Affine(step_x, 0.0, west_edge, 0.0, -step_y, north_edge)

    def values_at(self, lon: ArrayLike, lat: ArrayLike, band: int = 1) -> Floats:
        """(n,) value of the cell that holds each point, NaN outside or without value; lon, lat: (n,) degrees."""
        x, y = np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
        height, width = self.shape
        column = np.floor((x - self.transform.c) / self.transform.a)
        row = np.floor((self.transform.f - y) / -self.transform.e)
        row = np.where(y == self.transform.f + height * self.transform.e, height - 1, row)  # the southern edge itself
        column = np.mod(column, width) if self.wraps else column
        inside = np.isfinite(x) & np.isfinite(y) & (column >= 0) & (column < width) & (row >= 0) & (row < height)
        values = np.full(len(x), np.nan)
        if not inside.any():
            return values
        rows, columns = row[inside].astype(int), column[inside].astype(int)
        raw = self._raw_cells(rows, columns, band)
        values[inside] = self._scaled(raw, band)
        return values

    def _raw_cells(self, rows: NDArray[np.int64], columns: NDArray[np.int64], band: int) -> NDArray[Any]:
        """(n,) raw numbers of single cells; a large band is read by the blocks that hold them."""
        if band in self._bands or (len(rows) > FEW_CELLS and self._small_enough(band)):
            return self.band(band)[rows, columns]
        block = (rows // BLOCK) * (self.shape[1] // BLOCK + 1) + columns // BLOCK
        raw = np.zeros(len(rows), dtype=self._dataset.dtypes[band - 1])
        for one in np.unique(block):
            here = block == one
            top, left = int(rows[here].min()), int(columns[here].min())
            span = np.arange(left, int(columns[here].max()) + 1)
            window = self._raw_window(top, int(rows[here].max()) + 1, span, band)
            raw[here] = window[rows[here] - top, columns[here] - left]
        return raw

    def band(self, band: int = 1) -> NDArray[Any]:
        """(rows, columns) raw stored numbers of a whole band, kept in memory when small enough."""
        if band not in self._bands:
            raw = self._dataset.read(band)
            if raw.nbytes > KEEP_AT_MOST_BYTES:
                return raw  # type: ignore[no-any-return]
            self._bands[band] = raw
        return self._bands[band]

    def nodata(self, band: int = 1) -> float | None:
        """The raw number that stands for no value in a band."""
        value = self._dataset.nodatavals[band - 1]
        return None if value is None else float(value)

    def scale(self, band: int = 1) -> float:
        """What raw numbers are multiplied by."""
        return float(self._dataset.scales[band - 1])

    def offset(self, band: int = 1) -> float:
        """What is added to raw numbers after scaling."""
        return float(self._dataset.offsets[band - 1])

    def _raw_window(self, first_row: int, last_row: int, columns: NDArray[np.int64], band: int) -> NDArray[Any]:
        from rasterio.windows import Window

        self._windows_read += 1
        width = self.shape[1]
        columns = np.mod(columns, width) if self.wraps else columns
        if not len(columns) or last_row <= first_row:
            return np.zeros((max(last_row - first_row, 0), len(columns)), dtype=self._dataset.dtypes[band - 1])
        if band in self._bands or (self._windows_read > KEEP_AFTER_WINDOWS and self._small_enough(band)):
            return self.band(band)[first_row:last_row][:, columns]
        breaks = np.flatnonzero(np.diff(columns) != 1) + 1
        runs = [run for run in np.split(columns, breaks) if len(run)]
        read = [
            self._dataset.read(band, window=Window(int(run[0]), first_row, len(run), last_row - first_row))
            for run in runs
        ]
        return np.concatenate(read, axis=1)

    def _small_enough(self, band: int) -> bool:
        height, width = self.shape
        return bool(height * width * np.dtype(self._dataset.dtypes[band - 1]).itemsize <= KEEP_AT_MOST_BYTES)

    def _scaled(self, raw: NDArray[Any], band: int) -> Floats:
        values: Floats = raw.astype(np.float64)
        nodata = self._dataset.nodatavals[band - 1]
        missing = np.isnan(values) if nodata is None else (raw == nodata) | np.isnan(values)
        values *= self._dataset.scales[band - 1]
        values += self._dataset.offsets[band - 1]
        values[missing] = np.nan
        return values
