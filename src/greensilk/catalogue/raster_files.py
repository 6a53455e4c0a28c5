"""Rasters from outside: only the formats wanted are opened, by what their first bytes say, and nothing they point to.

What a file says of its cells is checked before any is read: how many, how large once unpacked, where they lie.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from greensilk.catalogue.hdf5_links import require_self_contained
from greensilk.catalogue.outputs import RasterOutput
from greensilk.errors import LayerError

# First bytes -> the one driver that may read such a file.
DRIVERS = {
    b"II*\0": "GTiff",
    b"MM\0*": "GTiff",
    b"II+\0": "GTiff",
    b"MM\0+": "GTiff",
    b"\x89PNG": "PNG",
    b"CDF\1": "netCDF",
    b"CDF\2": "netCDF",
    b"CDF\5": "netCDF",
    b"\x89HDF": "netCDF",
}
NUMBERS = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
# No file beside the one opened is read, no statistics are written.
ALONE = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO", "GDAL_CACHEMAX": 64_000_000}
MOST_CELLS = 20_000_000_000  # a tile of 10 m land cover has 1.3e9
MOST_BANDS = 10_000
MOST_BLOCK_BYTES = 64_000_000
MOST_RATIO, RATIO_COUNTS_FROM_BYTES = 2_000, 64_000_000  # of what is unpacked whole; deflate cannot pass 1,030
SAME_STEP = 0.05  # cells that a grid may be off at its far end for its step to be taken as the round number meant


@dataclass(frozen=True)
class RasterFile:
    """What one file says of its cells. path: where it lies; name: what its user calls it; opened_as: what GDAL is
    asked to open; west, north: outer corner; step_lon_deg, step_lat_deg: of a cell; block: rows, columns read at once;
    tiled: kept as it is"""

    path: Path
    name: str
    opened_as: str
    driver: str
    width: int
    height: int
    bands: int
    dtype: str
    west: float
    north: float
    step_lon_deg: float
    step_lat_deg: float
    nodata: float | None
    scale: float
    offset: float
    block: tuple[int, int]
    tiled: bool


@contextmanager
def opened(path: str, driver: str, name: str) -> Iterator[Any]:
    """A raster opened by one driver alone.

    raises: LayerError if it cannot be opened, or fails while it is read in the block
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with rasterio.Env(**ALONE), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver=driver) as dataset:
                yield dataset
    except LayerError:
        raise
    except (RasterioError, ValueError, OverflowError, MemoryError, OSError, RuntimeError) as error:
        raise LayerError("rasters.unreadable", file=name, why=_why(error)) from error


def _why(error: BaseException) -> str:
    """The cause without line breaks and folders: messages of GDAL repeat the whole path."""
    said = str(error.__cause__ or error)
    return " ".join(word.rsplit("/", 1)[-1] for word in said.split())[:200] or type(error).__name__


def look(path: Path, name: str, output: RasterOutput) -> RasterFile:
    """What a file says of its cells. name: what it is called in errors.

    raises: LayerError if it is no raster of a known format, too large, of another kind of number, or lies nowhere
    """
    with path.open("rb") as stream:
        driver = DRIVERS.get(stream.read(4))
    if driver is None:
        raise LayerError("rasters.no_raster", file=name)
    source = _variable(path, name, output.variable) if driver == "netCDF" else str(path)
    with opened(source, driver, name) as dataset:
        _check_size(dataset, path, name, output.band)
        west, north, step_lon, step_lat = _place(dataset, driver, name, output)
        dtype = dataset.dtypes[output.band - 1]
        nodata = _held(dataset.nodatavals[output.band - 1] if output.nodata is None else output.nodata, dtype)
        height, width = dataset.block_shapes[output.band - 1]
        return RasterFile(
            path=path,
            name=name,
            opened_as=source,
            driver=driver,
            width=dataset.width,
            height=dataset.height,
            bands=dataset.count,
            dtype=dtype,
            west=west,
            north=north,
            step_lon_deg=step_lon,
            step_lat_deg=step_lat,
            nodata=nodata,
            scale=float(dataset.scales[output.band - 1]),
            offset=float(dataset.offsets[output.band - 1]),
            block=(height, width),
            tiled=driver == "GTiff" and _is_tiled(dataset, height, width),
        )


def _held(number: float | None, dtype: str) -> float | None:
    """A number for no value that cells of a kind can hold, else None.

    >>> _held(-99.0, "uint8"), _held(255.0, "uint8")
    (None, 255.0)
    """
    kind = np.dtype(dtype)
    if number is None or kind.kind == "f":
        return None if number is None else float(number)
    limits = np.iinfo(kind)
    return float(number) if float(number).is_integer() and limits.min <= number <= limits.max else None


def _variable(path: Path, name: str, wanted: str | None) -> str:
    """What opens a variable of a NetCDF file: itself, where it holds no other."""
    require_self_contained(path, name)
    with opened(str(path), "netCDF", name) as dataset:
        inner = {str(one).rsplit(":", 1)[-1]: str(one) for one in dataset.subdatasets}
        if not inner and dataset.count:
            inner = {dataset.tags(1).get("NETCDF_VARNAME", wanted or ""): str(path)}
    if wanted is None and len(inner) == 1:
        return next(iter(inner.values()))
    if wanted not in inner:
        known = ", ".join(sorted(inner)[:20]) or "-"
        raise LayerError("rasters.no_variable", file=name, variable=wanted or "-", known=known)
    return inner[wanted]


def _is_tiled(dataset: Any, height: int, width: int) -> bool:
    """Whether a TIFF is stored in tiles, or is so small that it is one."""
    return bool(dataset.profile.get("tiled")) or (height >= dataset.height and dataset.width <= 1024 >= height)


def _check_size(dataset: Any, path: Path, name: str, band: int) -> None:
    cells = dataset.width * dataset.height
    if dataset.count > MOST_BANDS or band > dataset.count:
        raise LayerError("rasters.no_band", file=name, band=band, count=dataset.count)
    dtype = dataset.dtypes[band - 1]
    if dtype not in NUMBERS:
        raise LayerError("rasters.bad_numbers", file=name, value=dtype, known=", ".join(NUMBERS))
    if cells > MOST_CELLS:
        raise LayerError("rasters.too_large", file=name, cells=f"{cells:,}", most=f"{MOST_CELLS:,}")
    height, width = dataset.block_shapes[band - 1]
    item = np.dtype(dtype).itemsize
    unpacked = cells * item * (dataset.count if dataset.driver == "PNG" else 1)
    kept = dataset.driver == "GTiff" and _is_tiled(dataset, height, width)
    if min(height, dataset.height) * min(width, dataset.width) * item > MOST_BLOCK_BYTES:
        raise LayerError("rasters.block_too_large", file=name, rows=height, columns=width)
    if not kept and unpacked > max(RATIO_COUNTS_FROM_BYTES, MOST_RATIO * path.stat().st_size):
        raise LayerError("rasters.bomb", file=name, bytes=f"{unpacked:,}", most=MOST_RATIO)


def _place(dataset: Any, driver: str, name: str, output: RasterOutput) -> tuple[float, float, float, float]:
    """West, north and steps in degrees."""
    t = dataset.transform
    if t.is_identity or driver == "PNG":
        if output.grid is None:
            raise LayerError("rasters.nowhere", file=name)
        grid = output.grid
        west, north, step_lon, step_lat = grid.west, grid.north, grid.step_deg, grid.step_deg
    else:
        _check_crs(dataset, driver, name)
        west, north, step_lon, step_lat = t.c, t.f, t.a, -t.e
        if t.b or t.d or not (np.isfinite([west, north]).all() and step_lon > 0 and step_lat > 0):
            raise LayerError("rasters.not_north_up", file=name)
    longest = max(dataset.width, dataset.height)
    step_lon, step_lat = rounded_step(step_lon, longest), rounded_step(step_lat, longest)
    south, east = north - dataset.height * step_lat, west + dataset.width * step_lon
    if north > 90 + step_lat or south < -90 - step_lat or west < -180 - step_lon or east > 540 + step_lon:
        raise LayerError("rasters.off_globe", file=name, west=west, south=south, east=east, north=north)
    if east - west > 360 + 2 * step_lon:
        raise LayerError("rasters.off_globe", file=name, west=west, south=south, east=east, north=north)
    return west, north, step_lon, step_lat


def _check_crs(dataset: Any, driver: str, name: str) -> None:
    """NetCDF often names no system, or a sphere, for longitudes and latitudes."""
    crs = dataset.crs
    plain = driver == "netCDF" and (crs is None or crs.is_geographic)
    if not plain and (crs is None or not (crs.to_epsg() == 4326 or crs == "OGC:CRS84")):
        said = "-" if crs is None else f"EPSG:{crs.to_epsg()}" if crs.to_epsg() else crs.to_wkt()[:80]
        raise LayerError("rasters.other_crs", file=name, value=said)


def rounded_step(step_deg: float, cells: int) -> float:
    """The step meant by one that carries the rounding of single precision: a part of a degree, or whole seconds.

    cells: along the longest side, over which the difference must not add up to anything
    >>> rounded_step(0.00833333333329928, 43201) == 1 / 120
    True
    """
    for meant in (1 / max(round(1 / step_deg), 1), round(step_deg * 3600) / 3600):
        if meant > 0 and abs(meant / step_deg - 1) * cells < SAME_STEP:
            return float(meant)
    return float(step_deg)
