"""Facts of sensitive-area layers: overlap, its area, the nearest feature, areas in rings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import shapely

from greensilk.facts import FactColumn
from greensilk.geometry.areas import area_inside_m2
from greensilk.geometry.arrays import Floats
from greensilk.geometry.disks import union_areas_in_disks
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.nearest import Nearest
from greensilk.screening.countries_here import Countries
from greensilk.screening.footprints import Sites
from greensilk.screening.layer_overlaps import (
    Bools,
    Measured,
    accuracy_in,
    accuracy_together,
    completeness,
    holds,
    is_nearest,
    measured_layers,
    origin_of,
    overlap_column,
)
from greensilk.screening.origins import Detail, Texts, is_confirmed, nothing, numbers, origin
from greensilk.screening.place_facts import nearest_to, unmeasured
from greensilk.vocabulary import vocabulary

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import SensitiveLayer
    from greensilk.catalogue.layers import Layer


def river_distance(layer: Layer | None, sites: Sites, where: Countries) -> FactColumn:
    """Distance to a river of the detailed layer; the shipped 1:10 million rivers cannot answer it.

    Known where no river can lie nearer; a layer of one country says nothing of the rivers of another
    """
    n = len(sites)
    if layer is None:
        return numbers(
            "distance_river", np.full(n, np.nan), origin("distance_river", version=""), Detail("needs_detail")
        )
    found = nearest_to(layer.features, sites)
    accuracy = sites.accuracy_m + accuracy_in(layer, found.feature)
    given = is_nearest(layer, found, completeness(layer, where)[1]) | (found.distance_m <= 0)
    distance = np.where(given, found.distance_m, np.nan)
    detail = Detail(unmeasured(sites, "no_coverage"), _nearest_names(layer, found), accuracy)
    of = origin("distance_river", version=layer.info.version, confirmed=is_confirmed(layer.info))
    return numbers("distance_river", distance, of, detail)


def layer_facts(
    layers: Mapping[str, Layer], definitions: Mapping[str, SensitiveLayer], sites: Sites, where: Countries
) -> Iterator[FactColumn]:
    """The family of facts of every defined or loaded layer, one value a site."""
    for layer_id, one in measured_layers(layers, definitions, sites, where).items():
        yield from _columns(layer_id, layers.get(layer_id), one, sites)


def _columns(layer_id: str, layer: Layer | None, one: Measured, sites: Sites) -> Iterator[FactColumn]:
    yield overlap_column(layer_id, layer, one, sites)
    of, accuracy = partial(origin_of, layer_id, layer), accuracy_together(layer, one, sites)
    area = _overlap_area(layer, one, sites)
    why = np.where(holds(one.overlap, True), "not_computable", one.reason)
    yield numbers(f"overlap_area_{layer_id}", area, of("overlap_area"), Detail(why, one.names, accuracy))
    distance, reason = _distance(layer, one, sites)
    pointwise = layer is not None and layer.features.geometry_kind == "point"
    names = nothing(len(sites)) if layer is None or one.found is None else _nearest_names(layer, one.found)
    family = "layer_distance_point" if pointwise else "layer_distance"
    yield numbers(f"distance_{layer_id}", distance, of(family), Detail(reason, names, accuracy))
    for ring, (area, why) in _ring_areas(layer, one, sites).items():
        yield numbers(f"area_{ring}_{layer_id}", area, of("layer_area"), Detail(why))


def _nearest_names(layer: Layer, found: Nearest) -> Texts:
    return np.array([layer.features.name_of(int(i)) for i in found.feature], dtype=object)


def _overlap_area(layer: Layer | None, one: Measured, sites: Sites) -> Floats:
    """(n,) area of the overlap: 0 where there is none, NaN where it is not known or nothing has an area."""
    area = np.where(holds(one.overlap, False), 0.0, np.nan)
    if layer is None:
        return area
    hit = holds(one.overlap, True) & (sites.area_m2 > 0)
    if hit.any() and layer.features.geometry_kind == "polygon":
        inside = area_inside_m2(layer.features, sites.frame[hit])
        area[hit] = np.where(inside > 0, inside, np.nan)
    return area


def _distance(layer: Layer | None, one: Measured, sites: Sites) -> tuple[Floats, Texts]:
    """(n,) distance to the nearest feature, and why it is unknown.

    Of a point layer it is context and always given; else it must be provable that nothing lies nearer: the feature is
    touched, or the layer is complete within 50 km and it lies there, or the layer is complete everywhere.
    """
    if layer is None or one.found is None:
        return np.full(len(sites), np.nan), unmeasured(sites, "no_layer")
    pointwise = layer.features.geometry_kind == "point"
    given = is_nearest(layer, one.found, one.complete_near) | holds(one.overlap, True) | pointwise
    return np.where(given & ~sites.administrative, one.found.distance_m, np.nan), unmeasured(sites, "no_coverage")


def _ring_areas(layer: Layer | None, one: Measured, sites: Sites) -> dict[str, tuple[Floats, Texts]]:
    """(n,) area in each ring of the vocabulary, and why it is unknown."""
    rings = vocabulary().rings
    pointwise = layer is not None and layer.features.geometry_kind == "point"
    why = "no_layer" if layer is None else "point_only" if pointwise else "no_coverage"
    if layer is None or pointwise:
        return {name: (np.full(len(sites), np.nan), unmeasured(sites, why)) for name in rings}
    known = one.complete_near & ~sites.administrative
    inside = _areas_within(layer.features, sites, known)
    areas: dict[str, tuple[Floats, Texts]] = {}
    for name, ring in rings.items():
        area = inside[ring.outer_m] - (inside[ring.inner_m] if ring.outer_m > 0 else 0)
        reason = np.where(known, "near_pole", unmeasured(sites, why))
        areas[name] = (np.maximum(area, 0.0), reason)
    return areas


def _areas_within(features: FeatureSet, sites: Sites, known: Bools) -> dict[float, Floats]:
    """(n,) area of features within each edge of the vocabulary's rings, where absence counts; NaN elsewhere.

    About a point the zone is a disc, which may hold a pole; about anything else it is an outline, which may not
    """
    edges = sorted({edge for ring in vocabulary().rings.values() for edge in (ring.inner_m, ring.outer_m)})
    radii = [edge for edge in edges if edge > 0]
    found = {edge: np.full(len(sites), np.nan) for edge in edges}
    points = np.flatnonzero(known & sites.is_point)
    lon, lat = sites.points
    for radius, area in zip(radii, union_areas_in_disks(features, lon[points], lat[points], radii).T, strict=True):
        found[radius][points] = area
    found[0.0][points] = 0.0
    for edge in edges:
        zones = sites.zone(edge)
        others = np.flatnonzero(known & ~sites.is_point & ~shapely.is_missing(zones))
        found[edge][others] = area_inside_m2(features, zones[others])
    return found
