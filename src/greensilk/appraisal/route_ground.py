"""The ground that corridors are sought on: heights of a DEM, land cover, sea, from what is shipped or imported."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from greensilk.appraisal.provenance import DataUsed, bundle_used, data_used
from greensilk.catalogue.bundle import bundle_raster
from greensilk.catalogue.raster_store import open_raster, raster_states
from greensilk.catalogue.rasters import Meant, Raster
from greensilk.errors import BundleError, LayerError, UsageError
from greensilk.geometry.arrays import Floats
from greensilk.routes.grid import METRES_PER_DEGREE
from greensilk.routes.obstacles import Bools
from greensilk.routes.structures import structure_rules
from greensilk.screening.detailed_rasters import ELEVATION, LAND_COVER
from greensilk.vocabulary import vocabulary

HEIGHTS = Meant(plausible=(-500.0, 9000.0))
TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # a file that only points to others may point to a network
SHORE_DEG = 0.01  # the mask of land and sea is off by up to one cell of 30 arc-seconds
MOST_CODES = 256
HASHED_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Heights:
    """A DEM. used: what a run says of it; step_deg: edge of a cell"""

    raster: Raster
    used: DataUsed

    @property
    def step_deg(self) -> float:
        """Edge of a cell in degrees."""
        return self.raster.grid.step_deg

    def at(self, lon: Floats, lat: Floats) -> Floats:
        """(n,) heights between the centres of the four cells about each place; NaN where its own cell has none."""
        grid = self.raster.grid
        lon = grid.west + (np.asarray(lon) - grid.west) % 360
        east, north = (lon - grid.west) / grid.step_deg - 0.5, (grid.north - lat) / grid.step_deg - 0.5
        column, row = np.floor(east), np.floor(north)
        right, down = east - column, north - row
        own = self.raster.values_at(lon, lat)
        between = np.zeros(len(own))
        for across, share_x in ((0, 1 - right), (1, right)):
            for below, share_y in ((0, 1 - down), (1, down)):
                there_lon = grid.west + (column + across + 0.5) * grid.step_deg
                there_lat = grid.north - (row + below + 0.5) * grid.step_deg
                found = self.raster.values_at(there_lon, there_lat)
                between += share_x * share_y * np.where(np.isnan(found), own, found)
        return np.where(np.isnan(own), np.nan, between)


@dataclass(frozen=True)
class Cover:
    """A raster of land cover. factor: (codes,) cost of a metre, NaN where the code is none; water: (codes,)"""

    raster: Raster
    used: DataUsed
    factor: Floats
    water: Bools

    def codes(self, lon: Floats, lat: Floats) -> Floats:
        """(n,) class of the cell at each place, NaN where there is none."""
        return self.raster.values_at(_wrapped(lon), lat)


@dataclass(frozen=True)
class RasterGround:
    """routes.surface.Ground from rasters. cover: the finer first, each answering where those before it do not."""

    heights: Heights
    cover: tuple[Cover, ...]
    sea: DataUsed

    @property
    def height_step_m(self) -> float:
        """Edge of a cell of the heights in metres."""
        return self.heights.step_deg * METRES_PER_DEGREE

    def heights_m(self, lon: Floats, lat: Floats) -> Floats:
        """(n,) heights in metres, NaN where the DEM has none."""
        return self.heights.at(lon, lat)

    def factors(self, lon: Floats, lat: Floats) -> Floats:
        """(n,) cost of a metre of line on the land cover there; 1 where none is known, NaN at sea."""
        return np.where(self.at_sea(lon, lat), np.nan, self._of_cover("factor", lon, lat, 1.0))

    def over_water(self, lon: Floats, lat: Floats) -> Bools:
        """(n,) whether the land cover there is water."""
        return self._of_cover("water", lon, lat, 0.0) > 0

    def at_sea(self, lon: Floats, lat: Floats) -> Bools:
        """(n,) whether no land lies within the accuracy of the mask of land and sea."""
        mask = bundle_raster("land_mask")
        sea = np.ones(len(lon), dtype=bool)
        for east, north in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
            sea &= mask.values_at(_wrapped(lon + east * SHORE_DEG), lat + north * SHORE_DEG) != 1
        return sea

    def used(self) -> tuple[DataUsed, ...]:
        """The rasters it rests on."""
        return self.heights.used, *(one.used for one in self.cover), self.sea

    def _of_cover(self, column: str, lon: Floats, lat: Floats, unknown: float) -> Floats:
        found = np.full(len(lon), np.nan)
        for one in self.cover:
            open_ = np.flatnonzero(np.isnan(found))
            code = one.codes(lon[open_], lat[open_])
            known = np.isfinite(code) & (code >= 0) & (code < MOST_CODES)
            values = getattr(one, column).astype(np.float64)
            found[open_[known]] = values[code[known].astype(np.int64)]
        return np.where(np.isnan(found), unknown, found)


def _wrapped(lon: Floats) -> Floats:
    return (np.asarray(lon) + 180) % 360 - 180


def ground_of(dem: Path | None) -> RasterGround:
    """The ground, with heights of a file, else of the imported DEM, else of the coarse one that is shipped.

    raises: UsageError if the file cannot be read as a DEM; LayerError if an imported raster is damaged
    """
    shipped = {one.id: one for one in bundle_used()}
    states = raster_states()
    if dem is not None:
        heights = _heights_of_file(dem)
    elif ELEVATION in states:
        imported = open_raster(ELEVATION)
        heights = Heights(imported.raster, data_used(ELEVATION, imported.info))
    else:
        heights = Heights(bundle_raster("elevation"), shipped["elevation"])
    groups = {str(code): tuple(name for name, group in vocabulary().land_cover_groups.items() if code in group.classes)
              for code in range(MOST_CODES)}  # fmt: skip
    cover = [_cover(bundle_raster("land_cover"), shipped["land_cover"], groups)]
    if LAND_COVER in states:
        fine = open_raster(LAND_COVER)
        cover.insert(0, _cover(fine.raster, data_used(LAND_COVER, fine.info), fine.info.classes))
    return RasterGround(heights, tuple(cover), shipped["land_mask"])


def _cover(raster: Raster, used: DataUsed, groups: Mapping[str, tuple[str, ...]]) -> Cover:
    costs = structure_rules().land_cover
    factor, water = np.full(MOST_CODES, np.nan), np.zeros(MOST_CODES, dtype=bool)
    for code, names in groups.items():
        if names and int(code) < MOST_CODES:
            factor[int(code)] = max(costs[name] for name in names)
            water[int(code)] = "water" in names
    return Cover(raster, used, factor, water)


def _heights_of_file(path: Path) -> Heights:
    from rasterio.errors import NotGeoreferencedWarning

    if not path.is_file():
        raise UsageError("route_generation.dem_missing", file=str(path)[:200])
    unreadable = UsageError("route_generation.dem_unreadable", file=path.name)
    try:
        with path.open("rb") as stream:
            start, digest = stream.read(4), hashlib.sha256()
            stream.seek(0)
            while block := stream.read(HASHED_AT_ONCE):
                digest.update(block)
    except OSError as error:
        raise unreadable from error
    if start not in TIFF_STARTS:
        raise unreadable
    raster = Raster(path, damaged=LayerError("route_generation.dem_unreadable", file=path.name), meant=HEIGHTS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", NotGeoreferencedWarning)
            crs, bands, grid = raster.dataset.crs, raster.count, raster.grid
    except (BundleError, LayerError, NotGeoreferencedWarning) as error:
        raise unreadable from error
    if crs is None or not crs.is_geographic or bands < 1 or not 0 < grid.step_deg < 1:
        raise UsageError("route_generation.dem_not_lonlat", file=path.name, crs=str(crs or "-")[:60])
    used = DataUsed(
        id=path.name, title=path.name, version="", sha256=digest.hexdigest(), licence="", attribution=""
    )  # fmt: skip
    return Heights(raster, used)
