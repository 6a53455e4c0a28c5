"""Zones within a geodesic distance of footprints, as lon/lat polygons in each footprint's own frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Geometries, Ints, starts
from greensilk.geometry.circles import EQUAL_AREA, LARGEST_M, METRES_PER_DEG, QUARTER_SEGMENTS, circles, near_pole
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.frames import gather, one_frame
from greensilk.geometry.geodesy import DEG, project, unproject
from greensilk.geometry.pieces import cut_small

SIMPLIFY_SHARE = 1 / 8000  # a shape is simplified by this share of the radius before it is widened to it
DENT_SHARE = 1 / 16  # and loses dents of this width: the edge of the zone moves by less than 1/2000 of the radius there
MAX_PLANE_DEG = 1.0  # a wider footprint is widened block by block, each in its own plane
_MAX_TURN_DEG = 45.0  # of longitude in one block: widened by less than its distance to the pole it cannot go round it
_MAX_EDGE_M = 5000.0  # longer edges of a zone would bend on their way back to lon/lat
_MAX_EDGE_SHARE = 0.25  # of the distance to the pole, likewise


def _over_pole(footprints: FeatureSet, radius_m: Floats) -> NDArray[np.bool_]:
    """(n,) whether a pole lies within the radius of a footprint."""
    bounds = np.asarray(shapely.bounds(footprints.parts)).reshape(-1, 4)
    lat = np.maximum(np.abs(bounds[:, 1]), np.abs(bounds[:, 3]))
    reached = np.zeros(len(footprints), dtype=bool)
    np.logical_or.at(reached, footprints.feature, near_pole(lat, radius_m[footprints.feature]))
    return reached


def widened(footprints: FeatureSet, radius_m: Floats | float) -> Geometries:
    """(n,) zones of all points within (n,) metres of each footprint, the footprint included, in its own frame.

    None where there is no footprint or a pole is within reach; area error below 2e-4 for circles and simple outlines
    """
    return zones(footprints, [radius_m])[0]


def zones(footprints: FeatureSet, radii_m: Sequence[Floats | float]) -> list[Geometries]:
    """(n,) zones for each of several radii in growing order; each is widened from the one before, in the same plane."""
    n = len(footprints)
    radii = [np.broadcast_to(np.asarray(radius, dtype=np.float64), (n,)) for radius in radii_m]
    if not radii:
        return []
    point = _single_points(footprints) & (np.max(radii, axis=0) <= LARGEST_M) & (np.min(radii, axis=0) > 0)
    over = _over_pole(footprints, radii[0])
    rest = footprints.with_parts(np.flatnonzero(~(over | point)[footprints.feature]))
    found = _widened_shapes(rest, radii)
    for zone, radius in zip(found, radii, strict=True):
        beyond = _over_pole(footprints, radius)
        _add_circles(zone, footprints.with_parts(np.flatnonzero((point & ~beyond)[footprints.feature])), radius)
    return found


def _single_points(footprints: FeatureSet) -> NDArray[np.bool_]:
    """(n,) whether a footprint is one point."""
    parts = np.bincount(footprints.feature, minlength=len(footprints))
    points = footprints.feature[shapely.get_type_id(footprints.parts) == 0]
    return np.asarray((parts == 1) & (np.bincount(points, minlength=len(footprints)) == 1))


def _add_circles(zone: Geometries, points: FeatureSet, radius_m: Floats) -> None:
    lon, lat = shapely.get_x(points.parts), shapely.get_y(points.parts)
    zone[points.feature] = circles(lon, lat, radius_m[points.feature]).geometries()


def _widened_shapes(footprints: FeatureSet, radii: Sequence[Floats]) -> list[Geometries]:
    """(n,) zones for each radius, None where a pole is within it."""
    n = len(footprints)
    parts = one_frame(shapely.segmentize(footprints.parts, 0.05), footprints.feature, n)
    blocks, owner = _blocks(parts, footprints, n)
    bounds = np.asarray(shapely.bounds(blocks)).reshape(-1, 4)
    lon, lat = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    flat = project(blocks, lon, lat)
    from_pole_m = METRES_PER_DEG * (90 - np.abs(bounds[:, [1, 3]]).max(axis=1))
    single = np.bincount(owner, minlength=n)[owner] == 1
    # A point is widened from itself each time: no error adds up.
    simple = shapely.get_num_coordinates(flat) == 1
    shape, reached, found = flat, np.zeros(len(flat)), []
    for radius in radii:
        own = radius[owner]
        shape = np.where(simple, flat, _plainer(shape, own))
        step = (own - np.where(simple, 0, reached)) * EQUAL_AREA
        shape = shapely.buffer(shape, step, quad_segs=QUARTER_SEGMENTS)
        reached = own
        # Over a pole an outline comes back to lon/lat as one that crosses itself, and cannot be joined to others.
        below = ~_over_pole(footprints, radius)[owner]
        longest_m = np.minimum(_MAX_EDGE_M, _MAX_EDGE_SHARE * (from_pole_m - own))[below]
        round_zones = unproject(shapely.segmentize(shape[below], longest_m), lon[below], lat[below])
        found.append(_together(round_zones, owner[below], single[below], n))
    return found


def _plainer(shapes: Geometries, radius_m: Floats) -> Geometries:
    """(k,) shapes in metres, less what does not show once they are widened by (k,) radii.

    A dent of width w moves the edge of the zone by less than w²/8r, a hole narrower than two radii is closed.
    """
    from greensilk.geometry.kernel.dents import without_dents

    parts, owner = shapely.get_parts(shapes, return_index=True)
    flat = shapely.get_type_id(parts) == 3
    rings, part = shapely.get_rings(shapely.orient_polygons(parts[flat]), return_index=True)
    radius = radius_m[owner[flat][part]]
    bounds = np.asarray(shapely.bounds(rings)).reshape(-1, 4)
    hole = np.concatenate([[False], part[1:] == part[:-1]]) if len(part) else np.zeros(0, dtype=bool)
    seen = ~hole | ((bounds[:, 2:] - bounds[:, :2]).min(axis=1) > 2 * radius)
    rings, part, radius = rings[seen], part[seen], radius[seen]
    coords, index = shapely.get_coordinates(rings, return_index=True)
    x, y, start = without_dents(
        np.ascontiguousarray(coords[:, 0]),
        np.ascontiguousarray(coords[:, 1]),
        starts(np.bincount(index, minlength=len(rings))),
        radius * DENT_SHARE,
    )
    rings = shapely.linearrings(np.column_stack([x, y]), indices=np.repeat(np.arange(len(rings)), np.diff(start)))
    # As rings: of a polygon that comes to cross itself, simplify silently leaves out a lobe.
    simple = shapely.simplify(rings, radius * SIMPLIFY_SHARE, preserve_topology=False)
    rings = np.where((shapely.get_type_id(simple) == 2) & ~shapely.is_empty(simple), simple, rings)
    have, place = np.unique(part, return_inverse=True)  # an empty polygon has no ring
    plain = shapely.simplify(parts, np.where(flat, 0, radius_m[owner]) * SIMPLIFY_SHARE, preserve_topology=False)
    plain[np.flatnonzero(flat)[have]] = shapely.polygons(rings, indices=place)
    plain = np.where(shapely.is_empty(plain) | ~shapely.is_valid(plain), parts, plain)
    return gather(plain, owner, len(shapes))


def _together(blocks: Geometries, owner: Ints, single: NDArray[np.bool_], n: int) -> Geometries:
    whole = np.full(n, None, dtype=object)
    whole[owner[single]] = blocks[single]
    gathered = gather(blocks[~single], owner[~single], n)
    for i in np.flatnonzero(~shapely.is_missing(gathered)):
        whole[i] = shapely.unary_union(shapely.get_parts(gathered[i]))
    return whole


def _blocks(parts: Geometries, footprints: FeatureSet, n: int) -> tuple[Geometries, Ints]:
    """Footprints whole where they fit in one plane, else their small pieces collected by 1° blocks."""
    bounds = np.asarray(shapely.bounds(gather(parts, footprints.feature, n))).reshape(-1, 4)
    lat = np.nan_to_num(np.maximum(np.abs(bounds[:, 1]), np.abs(bounds[:, 3])))
    with np.errstate(invalid="ignore"):
        turn, rise = bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]
        wide = (turn * np.cos(lat * DEG) > 2 * MAX_PLANE_DEG) | (turn > 2 * _MAX_TURN_DEG) | (rise > 2 * MAX_PLANE_DEG)
    small = ~wide[footprints.feature]
    whole = gather(parts[small], footprints.feature[small], n)
    have = ~shapely.is_missing(whole)
    if not wide.any():
        return whole[have], np.flatnonzero(have)
    large = np.flatnonzero(wide[footprints.feature])
    pieces, place = cut_small(one_frame(footprints.parts[large], footprints.feature[large], n))
    owner = footprints.feature[large[place]]
    centre = np.asarray(shapely.bounds(pieces))
    row = np.floor((centre[:, 1] + centre[:, 3]) / 2 / MAX_PLANE_DEG)
    farthest = np.maximum(np.abs(row), np.abs(row + 1)) * MAX_PLANE_DEG * DEG
    side = np.minimum(MAX_PLANE_DEG / np.maximum(np.cos(farthest), 1e-9), _MAX_TURN_DEG)
    column = np.floor((centre[:, 0] + centre[:, 2]) / 2 / side)
    keys, block = np.unique(np.column_stack([owner, column, row]).astype(np.int64), axis=0, return_inverse=True)
    blocks = gather(pieces, block.reshape(-1), len(keys))
    return np.concatenate([whole[have], blocks]), np.concatenate([np.flatnonzero(have), keys[:, 0]])
