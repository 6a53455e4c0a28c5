"""Facts of place: countries, coast and water, transport and towns, people in named places."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.bundle import bundle_features, bundle_table, countries
from greensilk.facts import FactColumn
from greensilk.geometry.arrays import Floats, Ints
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.frames import shift
from greensilk.geometry.geodesy import area_m2, length_m
from greensilk.geometry.nearest import Nearest, nearest
from greensilk.screening.footprints import Sites
from greensilk.screening.origins import Detail, Texts, measures, nothing, numbers, origin, shipped, texts, truths

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
NEAR_RADIUS_M = 50_000.0
NEAR_DEG = 1.0  # more than the offshore search and the zone of 50 km need
FEW_SITES = 16


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


def zone_pairs(sites: Sites, radius_m: float, tree: shapely.STRtree) -> tuple[Ints, Ints]:
    """Pairs (site, item of the tree in [-180, 180]) that intersect the zone of each site; a pair may come twice."""
    zone = sites.zone(radius_m)
    have = np.flatnonzero(~shapely.is_missing(zone))
    bounds = np.asarray(shapely.bounds(zone[have])).reshape(-1, 4)
    pairs: list[NDArray[np.int64]] = []
    for turn in (-360.0, 0.0, 360.0):
        seen = (bounds[:, 0] + turn <= 180) & (bounds[:, 2] + turn >= -180)
        moved = shift(zone[have[seen]], np.full(int(seen.sum()), turn))
        site, item = tree.query(moved, predicate="intersects")
        pairs.append(np.vstack([have[seen][site], item]))
    together = np.concatenate(pairs, axis=1)
    return together[0], together[1]


def _people(sites: Sites) -> Iterator[FactColumn]:
    table = bundle_table("places")
    features = bundle_features("places")
    population = table["population"].fill_null(0).to_numpy().astype(np.float64)
    entry = shipped("places")
    for fact, radius in PEOPLE_RADII_M.items():
        site, item = zone_pairs(sites, radius, features.part_tree)
        pairs = np.unique(np.column_stack([site, features.feature[item]]), axis=0)
        people = np.bincount(pairs[:, 0], weights=population[pairs[:, 1]], minlength=len(sites))
        known = ~shapely.is_missing(sites.zone(radius))
        accuracy = np.hypot(sites.accuracy_m, (entry.accuracy_m if entry else None) or 1_000.0)
        detail = Detail(reason=unmeasured(sites, "near_pole"), accuracy_m=accuracy)
        yield numbers(fact, np.where(known, people, np.nan), origin("people"), detail)


def countries_around(sites: Sites) -> FeatureSet:
    """The countries, with only the parts that come near one of a few sites: large outlines are slow to cut small."""
    features = countries().features
    if len(sites) > FEW_SITES or "pieces" in vars(features):
        return features
    west, south, east, north = np.asarray(shapely.bounds(sites.frame)).reshape(-1, 4).T
    high = np.minimum(np.maximum(np.abs(south), np.abs(north)) + NEAR_DEG, 89)
    wide = NEAR_DEG / np.cos(np.radians(high))
    turns = np.repeat([-360.0, 0.0, 360.0], len(west))
    boxes = shapely.box(*(np.tile(side, 3) for side in (west - wide, south - NEAR_DEG, east + wide, north + NEAR_DEG)))
    parts = np.unique(features.part_tree.query(shift(np.asarray(boxes), turns))[1])
    return features.with_parts(parts) if len(parts) else features


def country_lists(sites: Sites, features: FeatureSet) -> list[list[int]]:
    """For each site the rows of the countries it lies in or touches within accuracy, the one with most of it first."""
    lists: list[list[int]] = [[] for _ in range(len(sites))]
    parts_site, piece = features.pieces.tree.query(sites.features.parts, predicate="intersects")
    for i, j in sorted(
        set(zip(sites.features.feature[parts_site].tolist(), features.pieces.owner[piece].tolist(), strict=True))
    ):
        lists[i].append(j)
    for i in [i for i, found in enumerate(lists) if len(found) > 1]:
        lists[i] = _by_share(sites.features, i, lists[i], features)[: 1 if sites.administrative[i] else None]
    _add_near_borders(lists, sites, features, sites.accuracy_m + measures().border_tolerance_m)
    _add_offshore(lists, sites, features)
    return lists


def _by_share(footprints: FeatureSet, site: int, rows: list[int], features: FeatureSet) -> list[int]:
    """Countries by the area, else the length, of the footprint that lies in each, most first."""
    mine = shapely.union_all(footprints.parts[footprints.feature == site])
    pieces = [features.pieces.geometry[features.pieces.owner == row] for row in rows]
    inside = [shapely.intersection(mine, piece[shapely.intersects(mine, piece)]) for piece in pieces]
    shares = [
        (float(area_m2(part).sum()), float(length_m(part).sum()), -row) for part, row in zip(inside, rows, strict=True)
    ]
    return [row for _, row in sorted(zip(shares, rows, strict=True), reverse=True)]


def _add_near_borders(lists: list[list[int]], sites: Sites, features: FeatureSet, tolerance_m: Floats) -> None:
    """Countries that the coordinates cannot tell from the one found: nearer than the accuracy of both."""
    reach = tolerance_m / 110_000
    bounds = np.asarray(shapely.bounds(sites.frame)).reshape(-1, 4)
    wide = reach / np.maximum(np.cos(np.radians(np.minimum(np.abs(bounds[:, [1, 3]]).max(axis=1), 89))), 0.02)
    boxes = shapely.box(bounds[:, 0] - wide, bounds[:, 1] - reach, bounds[:, 2] + wide, bounds[:, 3] + reach)
    near, piece = features.pieces.tree.query(boxes)
    candidates: dict[int, set[int]] = {}
    for i, row in zip(near.tolist(), features.pieces.owner[piece].tolist(), strict=True):
        if lists[i] and row not in lists[i] and not sites.administrative[i]:
            candidates.setdefault(row, set()).add(i)
    for row, found in sorted(candidates.items()):
        index = np.array(sorted(found), dtype=np.int64)
        outline = FeatureSet.from_geometries(features.pieces.geometry[features.pieces.owner == row])
        away = nearest(outline, sites.only(index), cutoff_m=float(tolerance_m[index].max())).distance_m
        for i in index[away <= tolerance_m[index]]:
            lists[int(i)].append(row)


def _add_offshore(lists: list[list[int]], sites: Sites, features: FeatureSet) -> None:
    """A site at sea takes the nearest country when the outlines and the coordinates leave room for it."""
    sea = np.array([i for i, found in enumerate(lists) if not found], dtype=np.int64)
    if len(sea):
        found = nearest(features, sites.only(sea), cutoff_m=NEAR_RADIUS_M)
        close = found.distance_m <= measures().offshore_tolerance_m + sites.accuracy_m[sea]
        for i, row in zip(sea[close], found.feature[close], strict=True):
            lists[i].append(int(row))


def country_codes() -> list[str]:
    """For each row of the countries its ISO 3166-1 alpha-3 code, else the code tables use, else its English name."""
    table = bundle_table("countries")
    columns = (table[name] for name in ("iso_a3", "join_code", "name_en"))
    return [code or used or name for code, used, name in zip(*columns, strict=True)]


def country_facts_of_place(
    sites: Sites, lists: list[list[int]], near_rows: list[set[int]], features: FeatureSet
) -> list[FactColumn]:
    """Country, countries within 50 km, whether on land. lists, near_rows: rows of `features` by site."""
    codes = country_codes()
    inside = ["; ".join(codes[row] for row in found) or None for found in lists]
    near = nothing(len(sites))
    known = ~shapely.is_missing(sites.zone(NEAR_RADIUS_M))
    for i in np.flatnonzero(known):
        near[i] = "; ".join(sorted(codes[row] for row in near_rows[i] - set(lists[i])))
    lon, lat = sites.points
    at, _ = features.pieces.tree.query(np.asarray(shapely.points(lon, lat)), predicate="intersects")
    # A point beside an outline that the footprint touches may be on land: outlines are off by more than that.
    land = np.array([None if found else False for found in lists], dtype=object)
    land[at] = True
    land[sites.administrative] = None
    return [
        texts("country", inside, origin("country"), Detail(reason="no_country", accuracy_m=sites.accuracy_m)),
        texts("countries_within_50km", near, origin("countries_near"), Detail(reason=unmeasured(sites, "near_pole"))),
        truths("on_land", land, origin("on_land"), Detail(reason=unmeasured(sites, "within_tolerance"))),
    ]


def rows_near(sites: Sites, features: FeatureSet) -> list[set[int]]:
    """For each site the rows of the countries that reach into 50 km around it."""
    near: list[set[int]] = [set() for _ in range(len(sites))]
    site, piece = zone_pairs(sites, NEAR_RADIUS_M, features.pieces.tree)
    for i, row in zip(site.tolist(), features.pieces.owner[piece].tolist(), strict=True):
        near[i].add(row)
    return near
