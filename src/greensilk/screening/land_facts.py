"""Facts of land, terrain and climate, from rasters: compositions of rings, and the cell at the centre."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.bundle import FOLDER, bundle_raster
from greensilk.facts import FactColumn
from greensilk.geometry.features import Floats, Geometries
from greensilk.geometry.frames import shift
from greensilk.geometry.raster import Grid, ZoneSums, zone_sums
from greensilk.screening.footprints import Sites
from greensilk.screening.origins import Detail, Texts, measures, nothing, numbers, origin, texts
from greensilk.screening.place_facts import unmeasured
from greensilk.vocabulary import vocabulary

LAND_COVER_CLASSES = 17
_WHOLE_BAND_FROM_DEG2 = 2_000.0  # zones spread wider than this are served from the whole band at once


def land_facts(sites: Sites) -> Iterator[FactColumn]:
    """Every fact of land, terrain and climate, one value a site."""
    yield from _ring_facts(sites)
    yield from _cell_facts(sites)


def sums_in(raster: Any, zones: Geometries, classes: int | None = None) -> ZoneSums:
    """Sums of a raster over (n,) zones in its unit; only the window they need is read where they lie close together."""
    bounds = np.asarray(shapely.bounds(zones)).reshape(-1, 4)
    some = ~np.isnan(bounds[:, 0])
    box = (
        (bounds[some, 0].min(), bounds[some, 1].min(), bounds[some, 2].max(), bounds[some, 3].max())
        if some.any()
        else ()
    )
    if not box or (box[2] - box[0]) * (box[3] - box[1]) > _WHOLE_BAND_FROM_DEG2:
        return _whole_band_sums(raster, zones, classes)
    values, transform = raster.read_window(box)
    grid = Grid(transform.c, transform.f, transform.a, values.shape[1], values.shape[0])
    return zone_sums(zones, grid, values, None, classes)


def _whole_band_sums(raster: Any, zones: Geometries, classes: int | None) -> ZoneSums:
    values: NDArray[Any] = raster.band(1)
    transform = raster.transform
    grid = Grid(transform.c, transform.f, transform.a, values.shape[1], values.shape[0])
    turned = shift(zones, np.zeros(len(zones)))
    sums = zone_sums(turned, grid, values, raster.nodata(1), classes)
    scale, offset = raster.scale(1), raster.offset(1)
    if scale == 1 and offset == 0:
        return sums
    squares = scale**2 * sums.squares + 2 * scale * offset * sums.total + offset**2 * sums.area_m2
    return ZoneSums(sums.cells, sums.area_m2, scale * sums.total + offset * sums.area_m2, squares, sums.by_class)


def _ring_sums(raster_id: str, sites: Sites, classes: int | None) -> dict[str, ZoneSums]:
    """Sums in each ring of the vocabulary: those of the outer zone less those of the inner one."""
    raster = bundle_raster(raster_id)
    rings = vocabulary().rings
    edges = sorted({edge for ring in rings.values() for edge in (ring.inner_m, ring.outer_m)})
    zones = {edge: sums_in(raster, sites.zone(edge), classes) for edge in edges}
    return {
        name: zones[ring.outer_m] if ring.outer_m == 0 else zones[ring.outer_m] - zones[ring.inner_m]
        for name, ring in rings.items()
    }


def _ring_reason(sites: Sites, outer_m: float) -> Texts:
    why = np.full(len(sites), "too_few_cells", dtype=object)
    why[shapely.is_missing(sites.zone(outer_m))] = "near_pole"
    why[sites.administrative] = "administrative_area"
    return why


def _ring_facts(sites: Sites) -> Iterator[FactColumn]:
    words = vocabulary()
    cover = _ring_sums("land_cover", sites, LAND_COVER_CLASSES)
    green = _ring_sums("ndvi_max", sites, None)
    for ring, definition in words.rings.items():
        detail = Detail(reason=_ring_reason(sites, definition.outer_m), accuracy_m=sites.accuracy_m)
        enough = cover[ring].enough()
        # Rounded far below their accuracy, so that the order of projects cannot show in the last digit.
        for group, classes in words.land_cover_groups.items():
            share: Floats = np.where(enough, cover[ring].share(classes.classes), np.nan)
            yield numbers(f"land_share_{group}_{ring}", np.round(share, 9), origin("land_share"), detail)
        mean: Floats = np.where(green[ring].enough(), green[ring].mean(), np.nan)
        yield numbers(f"ndvi_max_{ring}", np.round(mean, 6), origin("ndvi_max"), detail)


def _cell_facts(sites: Sites) -> Iterator[FactColumn]:
    yield texts("land_cover_here", *_classes_here("land_cover", sites))
    yield texts("koppen_class", *_classes_here("koppen", sites))
    yield numbers("elevation", _here("elevation", sites), origin("elevation"), _detail(sites))
    zones = sites.zone(measures().ruggedness_radius_m)
    sums = sums_in(bundle_raster("elevation"), zones)
    rough: Floats = np.where(sums.enough(), sums.spread(), np.nan)
    detail = Detail(reason=_ring_reason(sites, measures().ruggedness_radius_m), accuracy_m=sites.accuracy_m)
    yield numbers("ruggedness", np.round(rough, 3), origin("ruggedness"), detail)
    months = [_here("temperature", sites, band) for band in range(1, 13)]
    yield numbers("temperature_mean", np.mean(months, axis=0), origin("temperature_mean"), _detail(sites))
    months = [_here("precipitation", sites, band) for band in range(1, 13)]
    yield numbers("precipitation_annual", np.sum(months, axis=0), origin("precipitation_annual"), _detail(sites))


def _detail(sites: Sites) -> Detail:
    return Detail(reason=unmeasured(sites), accuracy_m=sites.accuracy_m)


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
    return values, origin("land_cover_here" if raster_id == "land_cover" else "koppen_class"), _detail(sites)


def _class_names(raster_id: str) -> dict[str, str]:
    if raster_id == "land_cover":
        return measures().land_cover_classes
    table = pl.read_csv(FOLDER / "koppen_classes.csv")
    return dict(zip(table["code"].cast(pl.String), table["symbol"], strict=True))
