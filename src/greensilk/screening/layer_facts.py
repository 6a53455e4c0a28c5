"""Facts of sensitive-area layers: overlap, its area, the nearest feature, areas in rings.

Absence is a fact only where the layer says that it is complete; a point can show that a place is inside, never that it
is outside; nearer to an edge than the coordinates are accurate, or than a project of unknown extent may reach, nothing
is concluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.facts import FactColumn, Origin
from greensilk.geometry.areas import area_inside_m2
from greensilk.geometry.arrays import Floats
from greensilk.geometry.disks import union_areas_in_disks
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.nearest import Nearest
from greensilk.geometry.overlap import deeper, touching
from greensilk.screening.countries_here import NEAR_RADIUS_M, Countries
from greensilk.screening.footprints import Sites
from greensilk.screening.origins import Detail, Texts, is_confirmed, measures, nothing, numbers, origin, truths
from greensilk.screening.place_facts import accuracy_of, nearest_to, unmeasured
from greensilk.vocabulary import vocabulary

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import SensitiveLayer
    from greensilk.catalogue.layers import Layer

Bools = NDArray[np.bool_]
MAX_NAMES = 3


@dataclass
class _Measured:
    """One layer at all sites. overlap: (n,) True, False, None; reason: (n,) where None; names: (n,) what overlaps, else
    the nearest; complete, complete_near: (n,) whether absence counts in the countries touched, and within 50 km too."""

    overlap: Texts
    reason: Texts
    names: Texts
    complete: Bools
    complete_near: Bools
    applies: Bools
    found: Nearest | None = None


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
    default = layer.info.accuracy_m or measures().default_layer_accuracy_m
    accuracy = sites.accuracy_m + accuracy_of(layer.features, found.feature, default)
    given = _is_nearest(layer, found, _complete(layer, where)[1]) | (found.distance_m <= 0)
    distance = np.where(given, found.distance_m, np.nan)
    detail = Detail(unmeasured(sites, "no_coverage"), _nearest_names(layer, found), accuracy)
    of = origin("distance_river", version=layer.info.version, confirmed=is_confirmed(layer.info))
    return numbers("distance_river", distance, of, detail)


def layer_facts(
    layers: Mapping[str, Layer], definitions: Mapping[str, SensitiveLayer], sites: Sites, where: Countries
) -> Iterator[FactColumn]:
    """The family of facts of every defined or loaded layer, one value a site."""
    for layer_id, one in _measured_all(layers, definitions, sites, where).items():
        yield from _columns(layer_id, layers.get(layer_id), one, sites)


def overlap_facts(
    layers: Mapping[str, Layer], definitions: Mapping[str, SensitiveLayer], sites: Sites, where: Countries
) -> Iterator[FactColumn]:
    """Of that family only whether each layer is overlapped, one value a site."""
    for layer_id, one in _measured_all(layers, definitions, sites, where).items():
        yield _overlap(layer_id, layers.get(layer_id), one, sites)


def _measured_all(
    layers: Mapping[str, Layer], definitions: Mapping[str, SensitiveLayer], sites: Sites, where: Countries
) -> dict[str, _Measured]:
    measured = {
        layer_id: _measure(layers.get(layer_id), definitions.get(layer_id), sites, where)
        for layer_id in dict.fromkeys([*definitions, *layers])
    }
    for layer_id, one in measured.items():
        _answer_by_others(one, definitions.get(layer_id), measured)
    return measured


def _measure(layer: Layer | None, definition: SensitiveLayer | None, sites: Sites, where: Countries) -> _Measured:
    n = len(sites)
    scope = set(definition.applies_to or ()) if definition else set()
    applies = np.array([not scope or not inside or bool(inside & scope) for inside in where.codes_inside], dtype=bool)
    none = np.zeros(n, dtype=bool)
    if layer is None:
        one = _Measured(nothing(n), np.full(n, "no_layer", dtype=object), nothing(n), none, none, applies)
    else:
        complete, complete_near = _complete(layer, where)
        # What may reach over a border is absent only where the layer is complete on both sides.
        reaching = sites.reach_m >= measures().undrawn_reservoir_reach_m
        one = _overlaps(layer, sites, complete & (complete_near | ~reaching))
        one = _Measured(one.overlap, one.reason, one.names, complete, complete_near, applies, one.found)
    one.overlap[~applies] = False
    one.overlap[sites.administrative] = None
    one.reason[sites.administrative] = "administrative_area"
    return one


def _complete(layer: Layer, where: Countries) -> tuple[Bools, Bools]:
    """(n,) whether absence counts in the countries touched, and within 50 km too."""
    complete = np.array([_is_complete(layer, codes) for codes in where.codes_inside], dtype=bool)
    around = zip(complete, where.codes_near, strict=True)
    return complete, np.array([own and (not codes or _is_complete(layer, codes)) for own, codes in around], dtype=bool)


def _is_nearest(layer: Layer, found: Nearest, complete_near: Bools) -> Bools:
    """(n,) whether nothing can lie nearer than what was found: the layer is complete within 50 km and it lies there, or
    the layer is complete everywhere."""
    everywhere = all(entry.status == "complete" for entry in layer.info.coverage.values())
    return complete_near & ((found.distance_m <= NEAR_RADIUS_M) | everywhere)


def _is(truths_: Texts, value: bool | None) -> Bools:
    """(n,) where a three-valued truth is `value`."""
    return np.array(
        [truth is value or (value is not None and truth == value and truth is not None) for truth in truths_],
        dtype=bool,  # of no places, too
    )


def _is_complete(layer: Layer, codes: frozenset[str]) -> bool:
    """Whether the layer says that it is complete in every country named; "*" speaks for those it does not name."""
    table = layer.info.coverage
    entries = [table.get(code, table.get("*")) for code in codes or {"*"}]
    return all(entry is not None and entry.status == "complete" for entry in entries)


def _overlaps(layer: Layer, sites: Sites, complete: Bools) -> _Measured:
    features, n = layer.features, len(sites)
    default = layer.info.accuracy_m or measures().default_layer_accuracy_m
    found = nearest_to(features, sites)
    subset = sites.measured_features
    site, feature = touching(features, subset)
    site = sites.measured[site]
    tolerance = sites.accuracy_m[site] + accuracy_of(features, feature, default)
    local = np.full(n, -1)
    local[sites.measured] = np.arange(len(sites.measured))
    deep = deeper(features, subset, (local[site], feature), tolerance)
    names = _names_at(features, site[deep], feature[deep], n)
    inside = np.isin(np.arange(n), site[deep])
    off = sites.accuracy_m + accuracy_of(features, found.feature, default)
    close, reached = found.distance_m <= off, found.distance_m <= off + sites.reach_m
    overlap, reason = nothing(n), np.full(n, "no_coverage", dtype=object)
    by_point = _only_points_near(features, sites)
    overlap[complete & ~by_point & ~reached] = False
    reason[reached] = "extent_not_given"
    reason[by_point] = "point_only"
    reason[close] = "within_tolerance"
    overlap[inside] = True
    nearest_names = np.array([features.name_of(int(i)) for i in found.feature], dtype=object)
    return _Measured(overlap, reason, np.where(inside, names, nearest_names), complete, complete, complete, found)


def _only_points_near(features: FeatureSet, sites: Sites) -> Bools:
    """Sites that a feature known only by a point may reach: all in a point layer, those within reach in a mixed one."""
    if features.geometry_kind == "point":
        return np.ones(len(sites), dtype=bool)
    alone = features.known_as_points
    if not len(alone):
        return np.zeros(len(sites), dtype=bool)
    return np.asarray(nearest_to(alone, sites).distance_m <= measures().point_feature_reach_m)


def _names_at(features: FeatureSet, site: NDArray[np.int64], feature: NDArray[np.int64], n: int) -> Texts:
    """(n,) up to three names of the features at each site, and how many more there are."""
    names = nothing(n)
    for i in np.unique(site):
        all_names = [features.name_of(int(j)) or "" for j in feature[site == i]]
        more = len(all_names) - MAX_NAMES
        names[i] = "; ".join(all_names[:MAX_NAMES]) + (f"; +{more}" if more > 0 else "")
    return names


def _answer_by_others(one: _Measured, definition: SensitiveLayer | None, measured: Mapping[str, _Measured]) -> None:
    """A layer that holds the same areas by rule, complete here and not overlapped, answers for a layer of points."""
    for other_id in definition.absence_answered_by if definition else ():
        other = measured.get(other_id)
        if other is None or other.found is None:
            continue
        open_ = _is(one.overlap, None) & np.isin(one.reason, ["point_only", "no_coverage", "no_layer"])
        one.overlap[open_ & other.complete & _is(other.overlap, False)] = False


def _origin_of(layer_id: str, layer: Layer | None, family: str) -> Origin:
    version = layer.info.version if layer else ""
    return origin(family, version=version, dataset=layer_id, confirmed=layer is None or is_confirmed(layer.info))


def _accuracy(layer: Layer | None, one: _Measured, sites: Sites) -> Floats | None:
    """(n,) accuracy of the location and of the nearest feature, together; None without a layer."""
    if layer is None or one.found is None:
        return None
    default = layer.info.accuracy_m or measures().default_layer_accuracy_m
    return sites.accuracy_m + accuracy_of(layer.features, one.found.feature, default)


def _overlap(layer_id: str, layer: Layer | None, one: _Measured, sites: Sites) -> FactColumn:
    detail = Detail(one.reason, one.names, _accuracy(layer, one, sites))
    return truths(f"overlap_{layer_id}", one.overlap, _origin_of(layer_id, layer, "overlap"), detail)


def _columns(layer_id: str, layer: Layer | None, one: _Measured, sites: Sites) -> Iterator[FactColumn]:
    yield _overlap(layer_id, layer, one, sites)
    of, accuracy = partial(_origin_of, layer_id, layer), _accuracy(layer, one, sites)
    area = _overlap_area(layer, one, sites)
    why = np.where(_is(one.overlap, True), "not_computable", one.reason)
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


def _overlap_area(layer: Layer | None, one: _Measured, sites: Sites) -> Floats:
    """(n,) area of the overlap: 0 where there is none, NaN where it is not known or nothing has an area."""
    area = np.where(_is(one.overlap, False), 0.0, np.nan)
    if layer is None:
        return area
    hit = _is(one.overlap, True) & (sites.area_m2 > 0)
    if hit.any() and layer.features.geometry_kind == "polygon":
        inside = area_inside_m2(layer.features, sites.frame[hit])
        area[hit] = np.where(inside > 0, inside, np.nan)
    return area


def _distance(layer: Layer | None, one: _Measured, sites: Sites) -> tuple[Floats, Texts]:
    """(n,) distance to the nearest feature, and why it is unknown.

    Of a point layer it is context and always given; else it must be provable that nothing lies nearer: the feature is
    touched, or the layer is complete within 50 km and it lies there, or the layer is complete everywhere.
    """
    if layer is None or one.found is None:
        return np.full(len(sites), np.nan), unmeasured(sites, "no_layer")
    pointwise = layer.features.geometry_kind == "point"
    given = _is_nearest(layer, one.found, one.complete_near) | _is(one.overlap, True) | pointwise
    return np.where(given & ~sites.administrative, one.found.distance_m, np.nan), unmeasured(sites, "no_coverage")


def _ring_areas(layer: Layer | None, one: _Measured, sites: Sites) -> dict[str, tuple[Floats, Texts]]:
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
