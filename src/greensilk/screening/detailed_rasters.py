"""Imported rasters as facts use them: fine land cover, modelled people and elevations, where their cells reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.facts import FactColumn, Origin
from greensilk.geometry.arrays import Floats, Geometries
from greensilk.geometry.outlines import outlines_of
from greensilk.geometry.raster import Grid, ZoneCells, ZoneSums
from greensilk.records import Support
from greensilk.screening.footprints import Sites
from greensilk.screening.origins import Detail, Texts, is_confirmed, measures, numbers, origin
from greensilk.screening.place_facts import unmeasured

if TYPE_CHECKING:
    from greensilk.catalogue.raster_records import RasterInfo
    from greensilk.catalogue.raster_store import ImportedRaster
    from greensilk.catalogue.rasters import Band

Bools = NDArray[np.bool_]
LAND_COVER, ELEVATION, POPULATION = "land_cover_detailed", "elevation_detailed", "population_grid"
# Imported rasters that facts are computed from; of others nothing is, until a fact is defined.
USED = (LAND_COVER, ELEVATION, POPULATION)
POPULATION_RADII_M = {
    "population_within_1km": 1_000.0,
    "population_within_10km": 10_000.0,
    "population_within_50km": 50_000.0,
}
CELLS_AT_ONCE = 50_000_000  # under zones whose runs are held in memory together
MOST_CELLS = 100_000_000  # under one zone: 100 km by 100 km of 10 m; a larger one needs no such cells


@dataclass(frozen=True)
class CountedGrid(Grid):
    """Cells that hold numbers of something: each weighs the same, so that sums are of what they hold."""

    def row_area_m2(self) -> Floats:
        """(rows,) of one."""
        return np.ones(self.rows)


def finer_origin(family: str, info: RasterInfo) -> Origin:
    """The origin of facts of a family where an imported raster answers for the shipped one."""
    of = origin(family, version=info.version, dataset=info.id, confirmed=is_confirmed(info))
    return replace(of, support=_support(info))


def _support(info: RasterInfo) -> Support:
    return Support.METRES if info.step_deg < measures().metres_below_step_deg else Support.KILOMETRES


def accuracy_of(info: RasterInfo, sites: Sites) -> Floats:
    """(n,) accuracy of the location and of where the raster's cells lie, together."""
    return np.asarray(np.hypot(sites.accuracy_m, info.accuracy_m))


def cover_shares(raster: ImportedRaster, sites: Sites, rings: Mapping[str, tuple[float, float]]) -> dict[str, Shares]:
    """Fine land cover by ring. rings: name -> inner and outer edge in metres."""
    classes = {int(code): groups for code, groups in raster.info.classes.items()}
    edges = sorted({edge for ring in rings.values() for edge in ring})
    found = {edge: _Covered.of(sites.zone(edge), raster, max(classes, default=0) + 1) for edge in edges}
    shares = {}
    for name, (inner, outer) in rings.items():
        sums = found[outer].sums if outer == 0 else found[outer].sums - found[inner].sums
        shares[name] = Shares(classes, sums, found[outer].whole & found[inner].read & sums.enough())
    return shares


@dataclass(frozen=True)
class Shares:
    """Land cover of one ring. classes: code -> groups; answered: (n,) whether enough cells cover it, and all of it."""

    classes: Mapping[int, tuple[str, ...]]
    sums: ZoneSums
    answered: Bools

    def of(self, group: str) -> Floats:
        """(n,) share of a group of the vocabulary, NaN where it is not answered."""
        codes = tuple(sorted(code for code, groups in self.classes.items() if group in groups))
        return np.where(self.answered, self.sums.share(codes), np.nan)


def elevation_at(raster: ImportedRaster, sites: Sites) -> Floats:
    """(n,) height of the cell that holds the point of each site, NaN where there is none."""
    lon, lat = sites.points
    return np.where(sites.administrative, np.nan, np.asarray(raster.raster.values_at(lon, lat)))


def population_facts(raster: ImportedRaster | None, sites: Sites) -> Iterator[FactColumn]:
    """Modelled people within each radius, one value a site; unknown where the grid is not loaded or ends."""
    for fact, radius_m in POPULATION_RADII_M.items():
        if raster is None:
            nobody = np.full(len(sites), np.nan)
            yield numbers(fact, nobody, origin("population", version=""), Detail(unmeasured(sites, "no_layer")))
            continue
        zones = sites.zone(radius_m)
        covered = _Covered.of(zones, raster)
        people: Floats = np.where(covered.whole & covered.sums.enough(), covered.sums.total, np.nan)
        detail = Detail(_why_no_people(sites, covered, zones), accuracy_m=accuracy_of(raster.info, sites))
        yield numbers(fact, np.round(people, 6), finer_origin("population", raster.info), detail)


def _why_no_people(sites: Sites, covered: _Covered, zones: Geometries) -> Texts:
    why = np.where(covered.whole, "too_few_cells", "not_covered").astype(object)
    why[covered.too_large] = "too_many_cells"
    why[shapely.is_missing(zones)] = "near_pole"
    why[sites.administrative] = "administrative_area"
    return why


@dataclass(frozen=True)
class _Covered:
    """Sums of a band in zones. read: (n,) whether a zone was summed at all, or has no area; too_large: (n,) whether it
    has more cells than are read; whole: (n,) whether cells with a value cover the whole zone"""

    sums: ZoneSums
    read: Bools
    too_large: Bools
    whole: Bools

    @classmethod
    def of(cls, zones: Geometries, raster: ImportedRaster, classes: int = 0) -> _Covered:
        """zones: (n,) areas in degrees, None for none; classes: 0 = the cells hold numbers to be added up."""
        band = raster.raster.band()
        if not classes:
            band = replace(band, grid=CountedGrid(*(getattr(band.grid, one.name) for one in fields(Grid))))
        # Coverage is exact in longitudes and latitudes: all cells under a zone add up to its area there.
        wanted = np.nan_to_num(shapely.area(zones)) / band.grid.step_deg**2
        too_large = wanted > MOST_CELLS
        read = (wanted == 0) | (_reached(zones, raster.boxes) & ~too_large)
        sums = _sums(zones, np.where(read, wanted, 0.0), band, classes)
        whole = (wanted > 0) & read & (sums.cells >= measures().least_covered_share * wanted)
        return cls(sums, read, too_large, whole)


def _sums(zones: Geometries, wanted: Floats, band: Band, classes: int) -> ZoneSums:
    """Sums of a band in the zones of which (n,) so many cells are wanted; nothing is done for none."""
    n, chosen = len(zones), np.flatnonzero(wanted > 0)
    cells, area, total, squares = np.zeros((4, n))
    sums = ZoneSums(cells, area, total, squares, np.full(n, np.nan), np.zeros((n, classes)))
    for part in _parts(wanted[chosen]):
        here = chosen[part]
        some = ZoneCells.under(outlines_of(zones[here]), len(here), band.grid).sums(band, classes)
        for one in fields(ZoneSums):
            getattr(sums, one.name)[here] = getattr(some, one.name)
    return sums


def _reached(zones: Geometries, boxes: Floats) -> Bools:
    """(n,) whether tiles lie over a zone: most sites of a world's portfolio have none, and two tiles far apart hold
    nothing between them that would be worth a look at every cell."""
    turns = [boxes + np.array([turn, 0.0, turn, 0.0]) for turn in (-360.0, 0.0, 360.0)]
    tiles = shapely.box(*np.concatenate(turns).T)
    zone, tile = shapely.STRtree(tiles).query(zones, predicate="intersects")
    under = np.bincount(zone, shapely.area(shapely.intersection(zones[zone], tiles[tile])), len(zones))
    return np.asarray(under >= measures().least_covered_share * np.nan_to_num(shapely.area(zones)))


def _parts(cells: Floats) -> Iterator[slice]:
    """Runs of zones that have so many cells together as memory is meant to hold, or one alone that has more."""
    first, total = 0, 0.0
    for i, count in enumerate(cells.tolist()):
        if i > first and total + count > CELLS_AT_ONCE:
            yield slice(first, i)
            first, total = i, 0.0
        total += count
    if len(cells):
        yield slice(first, len(cells))
