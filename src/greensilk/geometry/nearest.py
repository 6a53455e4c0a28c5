"""The nearest feature to each footprint, at any range, in geodesic metres.

A first guess bounds the search; pairs of small pieces within the bound are tried, nearest boxes first, in planes about
the footprint's piece; what is within the planes' error of the best is measured again about the nearest point itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from greensilk.geometry.arrays import Floats, Geometries, Ints
from greensilk.geometry.features import FEW_PLACES, FeatureSet
from greensilk.geometry.frames import wrapped
from greensilk.geometry.geodesy import DEG, box_distance_m, distance_m, from_plane, project

# Planes about a piece, not about the nearest point, misjudge by less (0.003 for pieces of 2°, 5,000 km off).
PLANE_ERROR = 0.005
_SLACK_M = 1.0
_CHUNK = 512  # footprints at once, and pairs of pieces at once: bounds memory
_BATCH = 20_000
_RADIUS_M = 6_330_000.0
_EVERYWHERE_M = 20_100_000.0


@dataclass(frozen=True)
class Nearest:
    """feature: (n,) index, -1 where none is within reach; distance_m: (n,) 0 inside, NaN where none; lon, lat: (n,) of
    the nearest point of the feature."""

    feature: Ints
    distance_m: Floats
    lon: Floats
    lat: Floats


@dataclass
class _Pairs:
    """Pairs of pieces, sorted by footprint and lower bound."""

    site: Ints
    mine: Ints
    theirs: Ints
    bound_m: Floats

    def __getitem__(self, keep: Ints) -> _Pairs:
        return _Pairs(self.site[keep], self.mine[keep], self.theirs[keep], self.bound_m[keep])


def nearest(features: FeatureSet, footprints: FeatureSet, cutoff_m: float = _EVERYWHERE_M) -> Nearest:
    """The nearest of `features` to each of (n,) footprints.

    cutoff_m: how far to look; returns Nearest, of (n,) arrays
    """
    n = len(footprints)
    found = Nearest(np.full(n, -1), np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan))
    if not len(features.parts):
        return found
    if (n <= FEW_PLACES or features.is_large) and "pieces" not in vars(features):
        features = _nearby(features, footprints, cutoff_m)
    pieces = footprints.pieces
    order = np.argsort(pieces.owner, kind="stable")
    owners = pieces.owner[order]
    for start in range(0, n, _CHUNK):
        chunk = order[np.searchsorted(owners, start) : np.searchsorted(owners, start + _CHUNK)]
        if len(chunk):
            _search(features, footprints, chunk, cutoff_m, found)
    return found


def _nearby(features: FeatureSet, footprints: FeatureSet, cutoff_m: float) -> FeatureSet:
    """The features with only the parts that can be nearest to one of a few footprints."""
    bounds = np.asarray(shapely.bounds(footprints.parts)).reshape(-1, 4)
    reach = np.full(len(footprints), _EVERYWHERE_M)
    upper = _guess(features.parts, features.part_tree, footprints.parts)
    np.minimum.at(reach, footprints.feature, upper)
    _, boxes = _windows(bounds, np.minimum(reach[footprints.feature], cutoff_m))
    return features.with_parts(np.unique(features.part_tree.query(boxes)[1]))


def _search(features: FeatureSet, footprints: FeatureSet, chunk: Ints, cutoff_m: float, found: Nearest) -> None:
    reach = _first_guess(features, footprints, chunk)
    reach[:] = np.minimum(reach, cutoff_m)
    pairs = _pairs_within(features, footprints, chunk, reach)
    plane = np.full(len(pairs.site), np.nan)
    best = reach * (1 + PLANE_ERROR) + _SLACK_M
    taken, tries = np.zeros(len(pairs.site), dtype=bool), 4
    touched = np.zeros(len(footprints), dtype=bool)
    while True:
        open_ = np.flatnonzero(~taken & (pairs.bound_m <= best[pairs.site]) & ~touched[pairs.site])
        if not len(open_):
            break
        rank = _rank_in_group(pairs.site[open_])
        now = open_[rank < tries][:_BATCH]
        plane[now] = _plane_distance(features, footprints, pairs[now])
        np.minimum.at(best, pairs.site[now], plane[now] * (1 + PLANE_ERROR) + _SLACK_M)
        touched[pairs.site[now[plane[now] == 0]]] = True  # nothing is nearer than what is touched
        taken[now] = True
        tries *= 2
    plane[touched[pairs.site] & (plane > 0)] = np.nan
    close = np.flatnonzero(plane <= best[pairs.site] * (1 + PLANE_ERROR) + _SLACK_M)
    _settle(features, footprints, pairs[close], cutoff_m, found)


def _rank_in_group(sorted_groups: Ints) -> Ints:
    first = np.r_[True, sorted_groups[1:] != sorted_groups[:-1]]
    starts = np.flatnonzero(first)
    return np.arange(len(sorted_groups)) - np.repeat(starts, np.diff(np.r_[starts, len(sorted_groups)]))


def _first_guess(features: FeatureSet, footprints: FeatureSet, chunk: Ints) -> Floats:
    """(n,) distance from one point of each footprint to what is nearest in degrees: never below the true distance."""
    pieces, tree = footprints.pieces, features.pieces.tree
    first = chunk[np.unique(pieces.owner[chunk], return_index=True)[1]]
    reach = np.full(len(footprints), 0.0)
    reach[pieces.owner[first]] = _guess(features.pieces.geometry, tree, pieces.geometry[first])
    return reach


def _guess(geometry: Geometries, tree: shapely.STRtree, sites: Geometries) -> Floats:
    """(k,) distance from a vertex of each site to what is nearest in degrees."""
    lon, lat = shapely.get_coordinates(shapely.get_point(_outline(sites), 0)).T
    upper = np.full(len(sites), _EVERYWHERE_M)
    for turn in (-360.0, 0.0, 360.0):
        points = shapely.points(lon + turn, lat)
        mine, theirs = tree.query_nearest(points, all_matches=False)
        ends = shapely.get_coordinates(shapely.shortest_line(points[mine], geometry[theirs]))[1::2]
        away = distance_m(lon[mine], lat[mine], ends[:, 0], ends[:, 1])
        np.minimum.at(upper, mine, away)
    return upper


def _outline(geometries: Geometries) -> Geometries:
    lines = np.array(geometries, dtype=object, copy=True)
    polygons = shapely.get_dimensions(lines) == 2
    lines[polygons] = shapely.get_exterior_ring(lines[polygons])
    points = shapely.get_dimensions(lines) == 0
    xy = shapely.get_coordinates(lines[points])
    lines[points] = shapely.linestrings(np.repeat(xy[:, None, :], 2, axis=1)) if len(xy) else lines[points]
    return lines


def _pairs_within(features: FeatureSet, footprints: FeatureSet, chunk: Ints, reach: Floats) -> _Pairs:
    mine, boxes = _windows(footprints.pieces.bounds[chunk], reach[footprints.pieces.owner[chunk]])
    which, theirs = features.pieces.tree.query(boxes)
    inner = chunk[mine[which]]
    bound = box_distance_m(footprints.pieces.bounds[inner], features.pieces.bounds[theirs])
    site = footprints.pieces.owner[inner]
    order = np.lexsort((theirs, bound, site))
    return _Pairs(site, inner, theirs, bound)[order]


def _windows(bounds: Floats, reach: Floats) -> tuple[Ints, Geometries]:
    """Boxes that hold everything within reach of (k,) bounds, turned so that the tree in [-180, 180] sees them."""
    turn = np.minimum(reach / _RADIUS_M, np.pi)
    dlat = turn / DEG + 1e-9
    top = np.minimum(np.maximum(np.abs(bounds[:, 1]), np.abs(bounds[:, 3])) * DEG, np.pi / 2)
    over_pole = turn + top >= np.pi / 2 - 1e-6
    ratio = np.sin(turn) / np.maximum(np.cos(top), 1e-9)
    dlon = np.where(over_pole, 360.0, np.arcsin(np.clip(ratio, 0, 1)) / DEG + 1e-9)
    owners, boxes = [], []
    for around in (-360.0, 0.0, 360.0):
        west, east = bounds[:, 0] - dlon + around, bounds[:, 2] + dlon + around
        seen = np.flatnonzero((west <= 180) & (east >= -180) & ((around == 0) | ~over_pole))
        owners.append(seen)
        south, north = bounds[seen, 1] - dlat[seen], bounds[seen, 3] + dlat[seen]
        boxes.append(shapely.box(np.maximum(west[seen], -181), south, np.minimum(east[seen], 181), north))
    return np.concatenate(owners), np.concatenate(boxes)


def _plane_distance(features: FeatureSet, footprints: FeatureSet, pairs: _Pairs) -> Floats:
    mine, theirs = footprints.pieces, features.pieces
    bounds = mine.bounds[pairs.mine]
    lon, lat = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    return np.asarray(
        shapely.distance(project(mine.geometry[pairs.mine], lon, lat), project(theirs.geometry[pairs.theirs], lon, lat))
    )


def _settle(features: FeatureSet, footprints: FeatureSet, pairs: _Pairs, cutoff_m: float, found: Nearest) -> None:
    """The close pairs measured in planes that move to the footprint's nearest point; the best goes into `found`."""
    mine, theirs = footprints.pieces, features.pieces
    bounds = mine.bounds[pairs.mine]
    lon, lat = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    a, b = mine.geometry[pairs.mine], theirs.geometry[pairs.theirs]
    for _ in range(3):
        ends = shapely.get_coordinates(shapely.shortest_line(project(a, lon, lat), project(b, lon, lat)))
        end_lon, end_lat = from_plane(ends[1::2, 0], ends[1::2, 1], lon, lat)
        lon, lat = from_plane(ends[0::2, 0], ends[0::2, 1], lon, lat)
    # What the planes leave below a millimetre is no distance.
    away = np.round(distance_m(lon, lat, end_lon, end_lat), 3)
    order = np.lexsort((theirs.owner[pairs.theirs], away, pairs.site))
    order = order[away[order] <= cutoff_m]
    sites, first = np.unique(pairs.site[order], return_index=True)
    best = order[first]
    found.feature[sites] = theirs.owner[pairs.theirs[best]]
    found.distance_m[sites] = away[best]
    found.lon[sites], found.lat[sites] = wrapped(end_lon[best]), end_lat[best]
