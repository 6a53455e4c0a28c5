"""What alternatives take: of sensitive areas and of natural habitat; and the ground along them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from greensilk.appraisal.route_measures import EXACT, LEAST, METRES_A_DEGREE, Found, Measured, bounds_of, measured
from greensilk.appraisal.route_places import RoutePlaces
from greensilk.catalogue.bundle import bundle_index, bundle_raster
from greensilk.catalogue.layer_records import SensitiveLayer, sensitive_layers
from greensilk.catalogue.layers import Layer
from greensilk.catalogue.rasters import Raster
from greensilk.facts import FactColumn
from greensilk.geometry.areas import area_inside_m2
from greensilk.geometry.arrays import Floats
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.geodesy import DEG
from greensilk.geometry.outlines import outlines_of
from greensilk.geometry.raster import ZoneCells
from greensilk.geometry.routes import lengths_inside_m
from greensilk.screening.countries_here import countries_of
from greensilk.screening.detailed_rasters import ELEVATION, LAND_COVER, accuracy_of, cover_shares, finer_origin
from greensilk.screening.footprints import Sites
from greensilk.screening.land_facts import LAND_COVER_CLASSES
from greensilk.screening.layer_overlaps import overlap_facts
from greensilk.screening.origins import Detail, Texts, measures, origin
from greensilk.vocabulary import vocabulary

HABITAT = "natural_habitat"
STEP_M = 1_000.0  # between places whose heights are compared
MOST_SAMPLES = 200_000  # along one line


def area_measures(routes: RoutePlaces) -> Iterator[Measured]:
    """Of every sensitive layer, loaded or not: area and length taken at the surface, and length in tunnels below."""
    definitions = {name: one for name, one in sensitive_layers().items() if one.group != "context"}
    layers = {name: one for name, one in routes.layers.items() if name in definitions or _is_own(name, one)}
    surface = _overlaps(layers, definitions, routes.sites)
    below = _overlaps(layers, definitions, routes.tunnel_sites) if len(routes.with_tunnels) else {}
    for layer_id, column in surface.items():
        layer = layers.get(layer_id)
        if layer is None and column.known.all():
            continue  # nothing of it exists in these countries
        label = definitions[layer_id].label if layer_id in definitions else layers[layer_id].info.label
        part = layer_id, label
        yield measured("area_in", _taken(routes, layer, column, _area(routes, layer)), part)
        yield measured("length_in", _taken(routes, layer, column, _length(routes.surface, layer)), part)
        yield measured("tunnel_below", _below(routes, layer, column, below.get(layer_id)), part)


def _is_own(name: str, layer: Layer) -> bool:
    """A layer of areas that the user named: not one of the standard names, among which are rivers."""
    return name not in sensitive_layers() and layer.features.geometry_kind == "polygon"


def _overlaps(layers: dict[str, Layer], definitions: dict[str, SensitiveLayer], sites: Sites) -> dict[str, FactColumn]:
    columns = overlap_facts(layers, definitions, sites, countries_of(sites))
    return {column.name.removeprefix("overlap_"): column for column in columns}


def _area(routes: RoutePlaces, layer: Layer | None) -> Floats:
    if layer is None or layer.features.geometry_kind != "polygon":
        return np.full(len(routes), np.nan)
    sites = routes.sites  # a line within reach of a pole is not widened, and has no area to take with
    return np.where(sites.area_m2 > 0, area_inside_m2(layer.features, sites.frame), np.nan)


def _length(lines: FeatureSet, layer: Layer | None) -> Floats:
    if layer is None or layer.features.geometry_kind != "polygon":
        return np.full(len(lines), np.nan)
    return lengths_inside_m(layer.features, lines)


def _taken(routes: RoutePlaces, layer: Layer | None, overlap: FactColumn, size: Floats) -> Found:
    """0 where nothing is overlapped, the size where something is; else unknown."""
    values, reason = _where(overlap, size)
    bounds = bounds_of(routes, values, None if layer is None else routes.is_complete(layer))
    return Found(values, overlap.origins[0], _detail(overlap, reason), bounds)


def _where(overlap: FactColumn, size: Floats) -> tuple[Floats, Texts]:
    values: Floats = np.where(overlap.values.fill_null(False).to_numpy(), size, 0.0)
    values[~overlap.known] = np.nan
    reason = np.full(len(values), "not_computable", dtype=object)
    if overlap.reasons is not None:
        reason = np.where(overlap.known, reason, overlap.reasons.to_numpy())
    return values, reason


def _detail(overlap: FactColumn, reason: Texts) -> Detail:
    accuracy = overlap.accuracy_m
    names = None if overlap.features is None else overlap.features.to_list()
    return Detail(reason, names, None if accuracy is None else accuracy.fill_null(float("nan")).to_numpy())


def _below(routes: RoutePlaces, layer: Layer | None, surface: FactColumn, overlap: FactColumn | None) -> Found:
    """Metres of tunnel below a layer: 0 for an alternative that says it has no tunnel."""
    if layer is None:
        return Found(np.full(len(routes), np.nan), surface.origins[0], Detail("no_layer"))
    values = np.where(routes.states_kinds, 0.0, np.nan)
    reason = np.full(len(routes), "kind_not_stated", dtype=object)
    here = routes.with_tunnels
    if overlap is not None:
        lines = FeatureSet.from_geometries(routes.tunnels[here])
        values[here], reason[here] = _where(overlap, _length(lines, layer))
    whole = routes.states_kinds & routes.is_complete(layer)
    bounds = np.where(whole | (values == 0), EXACT, LEAST).astype(np.int8)
    return Found(values, surface.origins[0], Detail(reason), bounds)


def land_measures(routes: RoutePlaces) -> Iterator[Measured]:
    """Natural habitat in the strip; range and ruggedness of the ground along the line."""
    yield measured("habitat_area", _habitat(routes))
    yield from _heights(routes)


def _habitat(routes: RoutePlaces) -> Found:
    raster, sites = routes.rasters.get(LAND_COVER), routes.sites
    if raster is not None:
        shares = cover_shares(raster, sites, {"footprint": (0.0, 0.0)})["footprint"]
        area = shares.of(HABITAT) * sites.area_m2
        detail = Detail("too_few_cells", accuracy_m=accuracy_of(raster.info, sites))
        of, step_deg = finer_origin("land_share", raster.info), raster.info.step_deg
    else:
        band = bundle_raster("land_cover").band()
        cells = ZoneCells.under(outlines_of(sites.zone(0.0)), len(sites), band.grid).sums(band, LAND_COVER_CLASSES)
        share = np.where(cells.enough(), cells.share(vocabulary().land_cover_groups[HABITAT].classes), np.nan)
        area, detail = share * sites.area_m2, Detail("too_few_cells")
        of, step_deg = origin("land_share"), band.grid.step_deg
    return Found(area, of, detail, bounds_of(routes, area), step_deg * METRES_A_DEGREE)


def _heights(routes: RoutePlaces) -> Iterator[Measured]:
    imported = routes.rasters.get(ELEVATION)
    if imported is not None:
        raster, of = imported.raster, finer_origin("elevation", imported.info)
    else:
        raster, of = bundle_raster("elevation"), origin("elevation")
    step_m = raster.grid.step_deg * METRES_A_DEGREE
    ranges, rough = zip(*(_along(line, raster, step_m) for line in routes.whole), strict=True)
    off = bundle_index()["elevation"].accuracy_m if imported is None else imported.info.accuracy_m
    detail = Detail("no_data_here", accuracy_m=np.hypot(routes.accuracy_m, off or 0.0))
    yield measured("elevation_range", Found(np.array(ranges), of, detail, None, step_m))
    fine = raster.grid.step_deg < measures().metres_below_step_deg
    values = np.array(rough) if fine else np.full(len(routes), np.nan)
    why = Detail("no_data_here" if fine else "raster_too_coarse")
    yield measured("ruggedness", Found(values, of, why, None, step_m))


def _along(line: shapely.Geometry, raster: Raster, step_m: float) -> tuple[float, float]:
    """Range of heights along a line, and the mean difference between places STEP_M apart; NaN where one is unknown."""
    spacing_deg = max(min(step_m, STEP_M) / 2 / METRES_A_DEGREE, shapely.length(line) / MOST_SAMPLES)
    xy = shapely.get_coordinates(shapely.segmentize(line, spacing_deg))
    heights = raster.values_at(xy[:, 0], xy[:, 1])
    if np.isnan(heights).any():
        return float("nan"), float("nan")
    rises = np.concatenate([np.abs(np.diff(_every_step(part, raster))) for part in shapely.get_parts(line)])
    return float(np.ptp(heights)), float(rises.mean()) if len(rises) else float("nan")


def _every_step(part: shapely.LineString, raster: Raster) -> Floats:
    """Heights at places STEP_M apart along a run, as near as straight steps in degrees at its middle allow."""
    xy = shapely.get_coordinates(part)
    shrink = np.cos((xy[1:, 1] + xy[:-1, 1]) / 2 * DEG)
    steps = np.hypot(np.diff(xy[:, 0]) * shrink, np.diff(xy[:, 1])) * METRES_A_DEGREE
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.arange(0.0, along[-1], STEP_M)
    return raster.values_at(np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1]))
