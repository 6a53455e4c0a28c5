"""Windows of a raster as pictures: coloured by one scale a raster, transparent where there is no value.

Numbers are shown from light to dark in one hue, which every eye orders alike; classes by colours that differ in
lightness too. The scale is taken from a sample of all cells, so that neighbouring windows have the same one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from greensilk.catalogue.rasters import Raster
from greensilk.errors import UsageError
from greensilk.geometry.arrays import Floats

RAMP = ("#E8F1F8", "#B3CEE8", "#7CABD8", "#3C7CBD", "#0A3F78")
# Told apart by all common kinds of colour vision; more classes than these are shades of the ramp.
CLASS_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#999999")
MOST_SIDE = 1024  # pixels
MOST_BLOCKS = 600  # of the raster, read for one picture
SAMPLE = 240  # cells along each side
NORTHERNMOST_DEG = 85.0511
EMPTY, FIRST, LAST = 0, 1, 255  # indices of the palette


@dataclass(frozen=True)
class Scale:
    """How values become colours. classes: numbers of classes in order, () = numbers from low to high; groups: the group
    of each class, by which it is coloured, () = each is its own"""

    low: float
    high: float
    classes: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()

    @property
    def colours(self) -> list[str]:
        """Colours of the classes, or of the ramp from low to high."""
        if not self.classes:
            return list(RAMP)
        groups = self.groups or tuple(range(len(self.classes)))
        if max(groups) < len(CLASS_COLOURS):
            return [CLASS_COLOURS[group] for group in groups]
        shades = _ramp(len(self.classes))
        return ["#{:02X}{:02X}{:02X}".format(*shade) for shade in shades.tolist()]

    def indices(self, values: Floats) -> NDArray[np.uint8]:
        """The palette's index of each value; EMPTY where there is none."""
        known = np.isfinite(values)
        if self.classes:
            place = np.searchsorted(self.classes, np.nan_to_num(values))
            at = np.minimum(place, len(self.classes) - 1)
            known &= np.array(self.classes)[at] == values
            return np.where(known, at + FIRST, EMPTY).astype(np.uint8)
        share = np.clip((np.nan_to_num(values) - self.low) / max(self.high - self.low, 1e-12), 0, 1)
        return np.where(known, FIRST + np.rint(share * (LAST - FIRST)), EMPTY).astype(np.uint8)

    def palette(self) -> dict[int, tuple[int, int, int, int]]:
        """Red, green, blue and opacity of each index."""
        shades = _ramp(LAST) if not self.classes else np.array([_rgb(one) for one in self.colours])
        return {EMPTY: (0, 0, 0, 0)} | {FIRST + i: (r, g, b, 255) for i, (r, g, b) in enumerate(shades.tolist())}


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _ramp(count: int) -> NDArray[np.int64]:
    """(count, 3) shades of the ramp."""
    at, stops = np.linspace(0, len(RAMP) - 1, count), np.array([_rgb(colour) for colour in RAMP])
    columns = [np.interp(at, np.arange(len(RAMP)), stops[:, i]) for i in range(3)]
    shades: NDArray[np.int64] = np.rint(np.column_stack(columns)).astype(np.int64)
    return shades


@dataclass(frozen=True)
class Window:
    """What a picture shows. bounds: west, south, east, north in degrees; mercator: rows stand as on a web map, else at
    equal steps of latitude"""

    bounds: tuple[float, float, float, float]
    width: int
    height: int
    mercator: bool

    def places(self) -> tuple[Floats, Floats]:
        """Longitudes of the columns and latitudes of the rows, at the middle of pixels."""
        west, south, east, north = self.bounds
        lon = west + (np.arange(self.width) + 0.5) / self.width * (east - west)
        share = (np.arange(self.height) + 0.5) / self.height
        if not self.mercator:
            return lon, north - share * (north - south)
        low, high = np.arcsinh(np.tan(np.radians(np.clip([south, north], -NORTHERNMOST_DEG, NORTHERNMOST_DEG))))
        lat: Floats = np.degrees(np.arctan(np.sinh(high - share * (high - low))))
        return lon, lat


def scale_of(raster: Raster, band: int = 1) -> Scale:
    """The scale of a raster of numbers, from a sample of its cells: all but the least and the most of a hundred."""
    grid = raster.grid
    row = np.unique(np.linspace(0, grid.rows - 1, SAMPLE).astype(np.int64))
    column = np.unique(np.linspace(0, grid.columns - 1, SAMPLE).astype(np.int64))
    values = raster.band(band).cells(np.repeat(row, len(column)), np.tile(column, len(row)))
    known = values[np.isfinite(values)]
    low, high = np.percentile(known, [1, 99]).tolist() if len(known) else (0.0, 1.0)
    return Scale(low, high)


def picture(raster: Raster, window: Window, scale: Scale, band: int = 1) -> bytes:
    """A window as PNG, each pixel the cell that holds its middle.

    raises: UsageError for a window of too many cells; BundleError or LayerError where the raster cannot be read
    """
    lon, lat = window.places()
    row, column, inside = _cells(raster, lon, lat)
    tile_rows, tile_columns = raster.band(band).tile_shape
    blocks = len(np.unique(row // tile_rows)) * len(np.unique(column // tile_columns))
    if blocks > MOST_BLOCKS:
        raise UsageError("layer_tiles.window_too_large", blocks=blocks, most=MOST_BLOCKS)
    rows, columns = np.repeat(row, len(column)), np.tile(column, len(row))
    values = raster.band(band).cells(rows, columns).reshape(len(row), len(column))
    return _png(scale.indices(np.where(inside, values, np.nan)), scale)


def _cells(raster: Raster, lon: Floats, lat: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Rows, columns, and (rows, columns) whether the raster has such a cell."""
    grid = raster.grid
    row = np.floor((grid.north - lat) / grid.step_deg).astype(np.int64)
    column = np.floor((lon - grid.west) / grid.step_deg).astype(np.int64)
    column = np.mod(column, grid.columns) if grid.wraps else column
    inside = ((row >= 0) & (row < grid.rows))[:, None] & ((column >= 0) & (column < grid.columns))[None, :]
    return np.clip(row, 0, grid.rows - 1), np.clip(column, 0, grid.columns - 1), inside


def _png(indices: NDArray[np.uint8], scale: Scale) -> bytes:
    import warnings

    from rasterio.errors import NotGeoreferencedWarning
    from rasterio.io import MemoryFile

    height, width = indices.shape
    with warnings.catch_warnings(), MemoryFile() as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open(driver="PNG", width=width, height=height, count=1, dtype="uint8", zlevel=6) as sink:
            sink.write(indices, 1)
            sink.write_colormap(1, scale.palette())
        return bytes(memory.read())
