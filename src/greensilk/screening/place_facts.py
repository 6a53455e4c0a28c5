"""Facts of place: coast and water, transport and towns, people in named places."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from greensilk.catalogue.bundle import bundle_features, bundle_table
from greensilk.facts import FactColumn
from greensilk.geometry.arrays import Floats, Ints
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.nearest import Nearest, nearest, within
from greensilk.screening.footprints import Sites
from greensilk.screening.origins import Detail, Texts, measures, numbers, origin, shipped

# Fact -> shipped layer. One line a fact: what else there is to know stands in definitions/measures.yaml.
DISTANCES = {
    "distance_coast_1to10m": "coastline",
    "distance_major_river_1to10m": "rivers",
    "distance_major_lake_1to10m": "lakes",
    "distance_port": "ports",
    "distance_airport": "airports",
    "distance_town": "places",
}
PEOPLE_RADII_M = {"people_within_1km": 1_000.0, "people_within_10km": 10_000.0, "people_within_50km": 50_000.0}


def place_facts(sites: Sites) -> Iterator[FactColumn]:
    """Every fact of place and people, one value a site, country facts aside."""
    for fact, layer in DISTANCES.items():
        yield _distance(fact, bundle_features(layer), sites)
    yield from _people(sites)


def unmeasured(sites: Sites, reason: str | None = None) -> Texts:
    """(n,) why nothing is measured at a site; elsewhere `reason`."""
    why = np.full(len(sites), reason, dtype=object)
    why[sites.administrative] = "administrative_area"
    return why


def nearest_to(features: FeatureSet, sites: Sites) -> Nearest:
    """The nearest feature to each measured site; -1 and NaN at the others."""
    n = len(sites)
    found = nearest(features, sites.measured_features)
    whole = Nearest(np.full(n, -1), np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan))
    for into, what in zip(
        (whole.feature, whole.distance_m, whole.lon, whole.lat),
        (found.feature, found.distance_m, found.lon, found.lat),
        strict=True,
    ):
        into[sites.measured] = what
    return whole


def accuracy_of(features: FeatureSet, index: Ints, default_m: float) -> Floats:
    """(n,) positional accuracy of the features named, the default where they state none."""
    known = np.append(features.accuracy_m, np.nan)[index]
    return np.where(np.isnan(known), default_m, known)


def _distance(fact: str, features: FeatureSet, sites: Sites) -> FactColumn:
    found = nearest_to(features, sites)
    names = [features.names[i] if i >= 0 else None for i in found.feature]
    accuracy = np.hypot(sites.accuracy_m, accuracy_of(features, found.feature, measures().default_layer_accuracy_m))
    detail = Detail(reason=unmeasured(sites), features=names, accuracy_m=accuracy)
    return numbers(fact, found.distance_m, origin(fact), detail)


def _people(sites: Sites) -> Iterator[FactColumn]:
    population = bundle_table("places")["population"].fill_null(0).to_numpy().astype(np.float64)
    subset, place, distance_m = within(bundle_features("places"), sites.measured_features, max(PEOPLE_RADII_M.values()))
    entry = shipped("places")
    accuracy = np.hypot(sites.accuracy_m, (entry.accuracy_m if entry else None) or 1_000.0)
    detail = Detail(reason=unmeasured(sites), accuracy_m=accuracy)
    for fact, radius in PEOPLE_RADII_M.items():
        inside = distance_m <= radius
        people = np.full(len(sites), np.nan)
        counted = np.bincount(subset[inside], weights=population[place[inside]], minlength=len(sites.measured))
        people[sites.measured] = counted
        yield numbers(fact, people, origin("people"), detail)
