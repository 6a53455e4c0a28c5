"""The shapely way of nearest and touching: small pieces under an STRtree, planes about them. An oracle for the kernel.

A first guess bounds the search; pairs of small pieces within the bound are tried, nearest boxes first, in planes about
the footprint's piece; what is within the planes' error of the best is measured again about the nearest point itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from greensilk.geometry.arrays import Floats, Geometries, Ints
from greensilk.geometry.frames import wrapped
from greensilk.geometry.geodesy import DEG, distance_m, from_plane, project
from greensilk.geometry.nearest import Nearest
from greensilk.geometry.outlines import single_parts
from greensilk.geometry.pieces import cut_small

# Planes about a piece, not about the nearest point, misjudge by less (0.003 for pieces of 2°, 5,000 km off).
PLANE_ERROR = 0.005
_SLACK_M = 1.0
_BATCH = 20_000
_RADIUS_M = 6_330_000.0
_EVERYWHERE_M = 20_100_000.0


@dataclass(frozen=True)
class Pieces:
    """Small geometries. geometry: (k,) lon/lat; owner: (k,) index of what each was cut from; count: of those."""

    geometry: Geometries
    owner: Ints
    count: int

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.geometry)

    @cached_property
    def bounds(self) -> Floats:
        return np.asarray(shapely.bounds(self.geometry), dtype=np.float64).reshape(-1, 4)


@dataclass
class _Pairs:
    """Pairs of pieces, sorted by footprint and lower bound."""

    site: Ints
    mine: Ints
    theirs: Ints
    bound_m: Floats

    def __getitem__(self, keep: Ints) -> _Pairs:
        return _Pairs(self.site[keep], self.mine[keep], self.theirs[keep], self.bound_m[keep])


def touching(features: Geometries, footprints: Geometries) -> set[tuple[int, int]]:
    """Pairs (footprint, feature) that intersect in lon/lat; the antimeridian is not looked over."""
    site, feature = shapely.STRtree(features).query(footprints, predicate="intersects")
    return set(zip(site.tolist(), feature.tolist(), strict=True))


def nearest(features: Geometries, footprints: Geometries, cutoff_m: float = _EVERYWHERE_M) -> Nearest:
    """The nearest of (m,) features to each of (n,) footprints; all within [-180, 180]."""
    n = len(footprints)
    found = Nearest(np.full(n, -1), np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan))
    mine = _pieces(footprints)
    _search(_pieces(features), mine, np.argsort(mine.owner, kind="stable"), cutoff_m, found)
    return found


def _pieces(geometries: Geometries) -> Pieces:
    parts, owner = single_parts(geometries)
    small = cut_small(parts)
    return Pieces(small.geometry, owner[small.owner], len(geometries))


def _search(features: Pieces, footprints: Pieces, chunk: Ints, cutoff_m: float, found: Nearest) -> None:
    reach = _first_guess(features, footprints, chunk)
    reach[:] = np.minimum(reach, cutoff_m)
    pairs = _pairs_within(features, footprints, chunk, reach)
    plane = np.full(len(pairs.site), np.nan)
    best = reach * (1 + PLANE_ERROR) + _SLACK_M
    taken, tries = np.zeros(len(pairs.site), dtype=bool), 4
    touched = np.zeros(footprints.count, dtype=bool)
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


def _first_guess(features: Pieces, footprints: Pieces, chunk: Ints) -> Floats:
    """(n,) distance from one point of each footprint to what is nearest in degrees: never below the true distance."""
    pieces, tree = footprints, features.tree
    first = chunk[np.unique(pieces.owner[chunk], return_index=True)[1]]
    reach = np.full(footprints.count, 0.0)
    reach[pieces.owner[first]] = _guess(features.geometry, tree, pieces.geometry[first])
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


def _pairs_within(features: Pieces, footprints: Pieces, chunk: Ints, reach: Floats) -> _Pairs:
    mine, boxes = _windows(footprints.bounds[chunk], reach[footprints.owner[chunk]])
    which, theirs = features.tree.query(boxes)
    inner = chunk[mine[which]]
    bound = box_distance_m(footprints.bounds[inner], features.bounds[theirs])
    site = footprints.owner[inner]
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


def _plane_distance(features: Pieces, footprints: Pieces, pairs: _Pairs) -> Floats:
    mine, theirs = footprints, features
    bounds = mine.bounds[pairs.mine]
    lon, lat = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    return np.asarray(
        shapely.distance(project(mine.geometry[pairs.mine], lon, lat), project(theirs.geometry[pairs.theirs], lon, lat))
    )


def _settle(features: Pieces, footprints: Pieces, pairs: _Pairs, cutoff_m: float, found: Nearest) -> None:
    """The close pairs measured in planes that move to the footprint's nearest point; the best goes into `found`."""
    mine, theirs = footprints, features
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


def box_distance_m(a: Floats, b: Floats) -> Floats:
    """A lower bound, in metres, of the distance between (n, 4) boxes west, south, east, north in degrees."""
    gap_lat = np.maximum(0, np.maximum(b[:, 1] - a[:, 3], a[:, 1] - b[:, 3]))
    east_gap, west_gap = (b[:, 0] - a[:, 2]) % 360, (a[:, 0] - b[:, 2]) % 360
    widths = (a[:, 2] - a[:, 0]) + (b[:, 2] - b[:, 0])
    apart = np.minimum(east_gap, west_gap)
    apart = np.where(np.abs(east_gap + west_gap + widths - 360) < 1e-6, apart, 0.0)  # otherwise they share longitudes
    top = np.minimum(np.maximum(np.abs(a[:, 1]), np.abs(a[:, 3])), 90) * DEG
    gap_lon = np.where(apart < 90, np.arcsin(np.cos(top) * np.sin(np.minimum(apart, 90) * DEG)), np.pi / 2 - top)
    # 6,330 km is below every radius of curvature of the ellipsoid.
    return np.asarray(np.maximum(gap_lat * DEG, gap_lon) * 6_330_000.0)
