"""Whether sensitive areas are overlapped, layer by layer.

Absence is a fact only where the layer says that it is complete; a point can show that a place is inside, never that it
is outside; nearer to an edge than the coordinates are accurate, or than a project of unknown extent may reach, nothing
is concluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from greensilk.facts import FactColumn, Origin
from greensilk.geometry.arrays import Floats, Ints
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.nearest import Nearest
from greensilk.geometry.overlap import deeper, touching
from greensilk.screening.countries_here import NEAR_RADIUS_M, Countries
from greensilk.screening.footprints import Sites
from greensilk.screening.origins import Detail, Texts, is_confirmed, measures, nothing, origin, truths
from greensilk.screening.place_facts import accuracy_of, nearest_to

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import SensitiveLayer
    from greensilk.catalogue.layers import Layer

Bools = NDArray[np.bool_]
MAX_NAMES = 3


@dataclass
class Measured:
    """One layer at all sites. overlap: (n,) True, False, None; reason: (n,) where None; names: (n,) what overlaps, else
    the nearest; complete, complete_near: (n,) whether absence counts in the countries touched, and within 50 km too."""

    overlap: Texts
    reason: Texts
    names: Texts
    complete: Bools
    complete_near: Bools
    applies: Bools
    found: Nearest | None = None


def overlap_facts(
    layers: Mapping[str, Layer], definitions: Mapping[str, SensitiveLayer], sites: Sites, where: Countries
) -> Iterator[FactColumn]:
    """Whether each defined or loaded layer is overlapped, one value a site."""
    for layer_id, one in measured_layers(layers, definitions, sites, where).items():
        yield overlap_column(layer_id, layers.get(layer_id), one, sites)


def overlapping(layer: Layer, sites: Sites) -> tuple[Ints, Ints]:
    """Pairs (site, feature), by site, that overlap by more than both their coordinates are off."""
    features, footprints = layer.features, sites.measured_features
    local, feature = touching(features, footprints)
    site = sites.measured[local]
    tolerance_m = sites.accuracy_m[site] + accuracy_in(layer, feature)
    deep = deeper(features, footprints, (local, feature), tolerance_m)
    return site[deep], feature[deep]


def accuracy_in(layer: Layer, feature: Ints) -> Floats:
    """(n,) positional accuracy of features of a layer in metres: their own, else the layer's, else the usual one."""
    return accuracy_of(layer.features, feature, layer.info.accuracy_m or measures().default_layer_accuracy_m)


def measured_layers(
    layers: Mapping[str, Layer], definitions: Mapping[str, SensitiveLayer], sites: Sites, where: Countries
) -> dict[str, Measured]:
    """Every defined or loaded layer at all sites."""
    measured = {
        layer_id: _measure(layers.get(layer_id), definitions.get(layer_id), sites, where)
        for layer_id in dict.fromkeys([*definitions, *layers])
    }
    for layer_id, one in measured.items():
        _answer_by_others(one, definitions.get(layer_id), measured)
    return measured


def _measure(layer: Layer | None, definition: SensitiveLayer | None, sites: Sites, where: Countries) -> Measured:
    n = len(sites)
    scope = set(definition.applies_to or ()) if definition else set()
    applies = np.array([not scope or not inside or bool(inside & scope) for inside in where.codes_inside], dtype=bool)
    none = np.zeros(n, dtype=bool)
    if layer is None:
        one = Measured(nothing(n), np.full(n, "no_layer", dtype=object), nothing(n), none, none, applies)
    else:
        complete, complete_near = completeness(layer, where)
        # What may reach over a border is absent only where the layer is complete on both sides.
        reaching = sites.reach_m >= measures().undrawn_reservoir_reach_m
        one = _overlaps(layer, sites, complete & (complete_near | ~reaching))
        one = Measured(one.overlap, one.reason, one.names, complete, complete_near, applies, one.found)
    one.overlap[~applies] = False
    one.overlap[sites.administrative] = None
    one.reason[sites.administrative] = "administrative_area"
    return one


def completeness(layer: Layer, where: Countries) -> tuple[Bools, Bools]:
    """(n,) whether absence counts in the countries touched, and within 50 km too."""
    complete = np.array([_is_complete(layer, codes) for codes in where.codes_inside], dtype=bool)
    around = zip(complete, where.codes_near, strict=True)
    return complete, np.array([own and (not codes or _is_complete(layer, codes)) for own, codes in around], dtype=bool)


def is_nearest(layer: Layer, found: Nearest, complete_near: Bools) -> Bools:
    """(n,) whether nothing can lie nearer than what was found: the layer is complete within 50 km and it lies there, or
    the layer is complete everywhere."""
    everywhere = all(entry.status == "complete" for entry in layer.info.coverage.values())
    return complete_near & ((found.distance_m <= NEAR_RADIUS_M) | everywhere)


def holds(truths_: Texts, value: bool | None) -> Bools:
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


def _overlaps(layer: Layer, sites: Sites, complete: Bools) -> Measured:
    features, n = layer.features, len(sites)
    found = nearest_to(features, sites)
    site, feature = overlapping(layer, sites)
    names = _names_at(features, site, feature, n)
    inside = np.isin(np.arange(n), site)
    off = sites.accuracy_m + accuracy_in(layer, found.feature)
    close, reached = found.distance_m <= off, found.distance_m <= off + sites.reach_m
    overlap, reason = nothing(n), np.full(n, "no_coverage", dtype=object)
    by_point = _only_points_near(features, sites)
    overlap[complete & ~by_point & ~reached] = False
    reason[reached] = "extent_not_given"
    reason[by_point] = "point_only"
    reason[close] = "within_tolerance"
    overlap[inside] = True
    nearest_names = np.array([features.name_of(int(i)) for i in found.feature], dtype=object)
    return Measured(overlap, reason, np.where(inside, names, nearest_names), complete, complete, complete, found)


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


def _answer_by_others(one: Measured, definition: SensitiveLayer | None, measured: Mapping[str, Measured]) -> None:
    """A layer that holds the same areas by rule, complete here and not overlapped, answers for a layer of points."""
    for other_id in definition.absence_answered_by if definition else ():
        other = measured.get(other_id)
        if other is None or other.found is None:
            continue
        open_ = holds(one.overlap, None) & np.isin(one.reason, ["point_only", "no_coverage", "no_layer"])
        one.overlap[open_ & other.complete & holds(other.overlap, False)] = False


def origin_of(layer_id: str, layer: Layer | None, family: str) -> Origin:
    """Where the facts of one family of a layer come from."""
    version = layer.info.version if layer else ""
    return origin(family, version=version, dataset=layer_id, confirmed=layer is None or is_confirmed(layer.info))


def accuracy_together(layer: Layer | None, one: Measured, sites: Sites) -> Floats | None:
    """(n,) accuracy of the location and of the nearest feature, together; None without a layer."""
    if layer is None or one.found is None:
        return None
    return sites.accuracy_m + accuracy_in(layer, one.found.feature)


def overlap_column(layer_id: str, layer: Layer | None, one: Measured, sites: Sites) -> FactColumn:
    """Whether a layer is overlapped, as a fact."""
    detail = Detail(one.reason, one.names, accuracy_together(layer, one, sites))
    return truths(f"overlap_{layer_id}", one.overlap, origin_of(layer_id, layer, "overlap"), detail)
