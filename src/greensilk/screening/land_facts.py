"""Facts of land, terrain and climate, from rasters: compositions of rings, and the cell at the centre."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import shapely

from greensilk.catalogue.bundle import FOLDER, bundle_index, bundle_raster
from greensilk.facts import FactColumn
from greensilk.geometry.arrays import Floats
from greensilk.geometry.outlines import outlines_of
from greensilk.geometry.raster import ZoneCells, ZoneSums
from greensilk.screening.detailed_rasters import (
    ELEVATION,
    LAND_COVER,
    Bools,
    Shares,
    accuracy_of,
    cover_shares,
    elevation_at,
    finer_origin,
)
from greensilk.screening.footprints import Sites
from greensilk.screening.origins import Detail, Texts, measures, nothing, numbers, origin, texts
from greensilk.screening.place_facts import unmeasured
from greensilk.vocabulary import vocabulary

if TYPE_CHECKING:
    from greensilk.catalogue.raster_records import RasterInfo
    from greensilk.catalogue.raster_store import ImportedRaster

LAND_COVER_CLASSES = 17
DETAILED_WITHIN_M = 10_000.0  # a ring of 50 km has 78 million cells of 10 m, and the shipped raster enough for it


def land_facts(sites: Sites, rasters: Mapping[str, ImportedRaster]) -> Iterator[FactColumn]:
    """Every fact of land, terrain and climate, one value a site.

    rasters: id -> opened raster, which answers in place of a shipped one where it reaches
    """
    yield from _ring_facts(sites, rasters.get(LAND_COVER))
    yield from _cell_facts(sites, rasters.get(ELEVATION))


def _ring_sums(sites: Sites) -> tuple[dict[str, ZoneSums], dict[str, ZoneSums]]:
    """Land cover and vegetation index in each ring of the vocabulary: the outer zone's sums less the inner one's."""
    rings = vocabulary().rings
    edges = sorted({edge for ring in rings.values() for edge in (ring.inner_m, ring.outer_m)})
    classes, index = bundle_raster("land_cover").band(), bundle_raster("ndvi_max").band()
    cover: dict[float, ZoneSums] = {}
    green: dict[float, ZoneSums] = {}
    for edge in edges:
        zones = outlines_of(sites.zone(edge))
        cells = ZoneCells.under(zones, len(sites), classes.grid)
        cover[edge] = cells.sums(classes, LAND_COVER_CLASSES)
        same = index.grid == classes.grid
        green[edge] = (cells if same else ZoneCells.under(zones, len(sites), index.grid)).sums(index)
    return _in_rings(cover), _in_rings(green)


def _in_rings(zones: dict[float, ZoneSums]) -> dict[str, ZoneSums]:
    rings = vocabulary().rings.items()
    return {
        name: zones[ring.outer_m] if ring.outer_m == 0 else zones[ring.outer_m] - zones[ring.inner_m]
        for name, ring in rings
    }


def _accuracy_m(raster_id: str, sites: Sites) -> Floats:
    """(n,) accuracy of the location and of where the raster's cells lie, together."""
    return np.asarray(np.hypot(sites.accuracy_m, bundle_index()[raster_id].accuracy_m or 0.0))


def _in_zone(raster_id: str, sites: Sites, outer_m: float) -> Detail:
    """What stands beside facts of a zone or ring."""
    why = np.full(len(sites), "too_few_cells", dtype=object)
    why[shapely.is_missing(sites.zone(outer_m))] = "near_pole"
    why[sites.administrative] = "administrative_area"
    return Detail(reason=why, accuracy_m=_accuracy_m(raster_id, sites))


def _at_point(raster_id: str, sites: Sites) -> Detail:
    """What stands beside facts of the cell that holds a point of the footprint."""
    return Detail(reason=unmeasured(sites), accuracy_m=_accuracy_m(raster_id, sites))


def _ring_facts(sites: Sites, detailed: ImportedRaster | None) -> Iterator[FactColumn]:
    words = vocabulary()
    cover, green = _ring_sums(sites)
    fine = {} if detailed is None else _fine_shares(sites, detailed)
    for ring, definition in words.rings.items():
        enough = cover[ring].enough()
        # Differences of nested zones leave rounding in the last digits: rounded far below their accuracy.
        detail = _in_zone("land_cover", sites, definition.outer_m)
        if detailed is not None and ring in fine:
            detail = _finer(detail, "land_share", detailed.info, sites, fine[ring].answered)
        for group, classes in words.land_cover_groups.items():
            share: Floats = np.where(enough, cover[ring].share(classes.classes), np.nan)
            if ring in fine:
                share = np.where(fine[ring].answered, fine[ring].of(group), share)
            yield numbers(f"land_share_{group}_{ring}", np.round(share, 9), origin("land_share"), detail)
        mean: Floats = np.where(green[ring].enough(), green[ring].mean(), np.nan)
        detail = _in_zone("ndvi_max", sites, definition.outer_m)
        yield numbers(f"ndvi_max_{ring}", np.round(mean, 6), origin("ndvi_max"), detail)


def _fine_shares(sites: Sites, detailed: ImportedRaster) -> dict[str, Shares]:
    rings = vocabulary().rings.items()
    near = {name: (ring.inner_m, ring.outer_m) for name, ring in rings if ring.outer_m <= DETAILED_WITHIN_M}
    return cover_shares(detailed, sites, near)


def _finer(detail: Detail, family: str, info: RasterInfo, sites: Sites, answered: Bools) -> Detail:
    """What stands beside facts where an imported raster answers for some sites."""
    coarse = np.full(len(sites), np.nan) if detail.accuracy_m is None else detail.accuracy_m
    accuracy_m = np.where(answered, accuracy_of(info, sites), coarse)
    return replace(detail, accuracy_m=accuracy_m, finer=finer_origin(family, info), is_finer=answered)


def _elevation(sites: Sites, detailed: ImportedRaster | None) -> FactColumn:
    height, detail = _here("elevation", sites), _at_point("elevation", sites)
    if detailed is not None:
        fine = elevation_at(detailed, sites)
        detail = _finer(detail, "elevation", detailed.info, sites, ~np.isnan(fine))
        height = np.where(np.isnan(fine), height, fine)
    return numbers("elevation", height, origin("elevation"), detail)


def _cell_facts(sites: Sites, detailed: ImportedRaster | None) -> Iterator[FactColumn]:
    yield texts("land_cover_here", *_classes_here("land_cover", sites))
    yield texts("koppen_class", *_classes_here("koppen", sites))
    yield _elevation(sites, detailed)
    radius_m = measures().ruggedness_radius_m
    heights = bundle_raster("elevation").band()
    sums = ZoneCells.under(outlines_of(sites.zone(radius_m)), len(sites), heights.grid).sums(heights)
    rough: Floats = np.where(sums.enough(), sums.spread(), np.nan)
    yield numbers("ruggedness", np.round(rough, 3), origin("ruggedness"), _in_zone("elevation", sites, radius_m))
    temperature = _sum_of_months("temperature", sites) / 12
    yield numbers("temperature_mean", temperature, origin("temperature_mean"), _at_point("temperature", sites))
    rain = _sum_of_months("precipitation", sites)
    yield numbers("precipitation_annual", rain, origin("precipitation_annual"), _at_point("precipitation", sites))


def _sum_of_months(raster_id: str, sites: Sites) -> Floats:
    """(n,) sum of twelve bands, from the first to the last: the order in which numpy sums an axis depends on n."""
    return reduce(np.add, (_here(raster_id, sites, month) for month in range(1, 13)))


def _here(raster_id: str, sites: Sites, band: int = 1) -> Floats:
    lon, lat = sites.points
    values = np.asarray(bundle_raster(raster_id).values_at(lon, lat, band))
    return np.where(sites.administrative, np.nan, values)


def _classes_here(raster_id: str, sites: Sites) -> tuple[Texts, Any, Detail]:
    names = _class_names(raster_id)
    codes = _here(raster_id, sites)
    values = nothing(len(sites))
    for i in np.flatnonzero(~np.isnan(codes)):
        values[i] = names.get(str(int(codes[i])))
    return (
        values,
        origin("land_cover_here" if raster_id == "land_cover" else "koppen_class"),
        _at_point(raster_id, sites),
    )


def _class_names(raster_id: str) -> dict[str, str]:
    if raster_id == "land_cover":
        return measures().land_cover_classes
    table = pl.read_csv(FOLDER / "koppen_classes.csv")
    return dict(zip(table["code"].cast(pl.String), table["symbol"], strict=True))
