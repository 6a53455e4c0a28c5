"""Overlap of footprints with features: deeper than a tolerance or not, and by how much area.

Coordinates are off by up to the tolerance, so an intersection proves an overlap only where it still holds after either
side is drawn in by that much.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Geometries, Ints
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.frames import one_frame, shift
from greensilk.geometry.geodesy import DEG, area_m2, project

_METRES_PER_DEGREE = 110_574.0


def touching(features: FeatureSet, footprints: FeatureSet) -> tuple[Ints, Ints]:
    """Pairs (footprint, feature), sorted, that intersect in lon/lat, each once."""
    pieces = features.around(footprints.parts).pieces
    part, piece = pieces.tree.query(footprints.parts, predicate="intersects")
    return _unique_pairs(footprints.feature[part], pieces.owner[piece])


def _unique_pairs(a: Ints, b: Ints) -> tuple[Ints, Ints]:
    pairs = np.unique(np.column_stack([a, b]).astype(np.int64).reshape(-1, 2), axis=0)
    return pairs[:, 0], pairs[:, 1]


def deeper(
    features: FeatureSet, footprints: FeatureSet, pairs: tuple[Ints, Ints], tolerance_m: Floats
) -> NDArray[np.bool_]:
    """(k,) whether each pair (footprint, feature) still intersects with either side drawn in by (k,) metres."""
    found = np.zeros(len(tolerance_m), dtype=bool)
    for k, (site, feature) in enumerate(zip(*pairs, strict=True)):
        mine, theirs = _in_one_frame(
            footprints.parts[footprints.feature == site], features.parts[features.feature == feature]
        )
        found[k] = _still_intersect(mine, theirs, float(tolerance_m[k]))
    return found


def _in_one_frame(mine: Geometries, theirs: Geometries) -> tuple[shapely.Geometry, shapely.Geometry]:
    west, east = shapely.bounds(mine)[:, 0].min(), shapely.bounds(mine)[:, 2].max()
    if east - west > 180:  # the footprint crosses the antimeridian
        mine = one_frame(mine, np.zeros(len(mine), dtype=np.int64), 1)
        bounds = np.asarray(shapely.bounds(theirs))
        theirs = shift(theirs, np.where(bounds[:, 0] + bounds[:, 2] < 0, 360.0, 0.0))
    return _joined(mine), _joined(theirs)


def _joined(parts: Geometries) -> shapely.Geometry:
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _still_intersect(mine: shapely.Geometry, theirs: shapely.Geometry, tolerance_m: float) -> bool:
    a, b = shapely.bounds(mine), shapely.bounds(theirs)
    south, north = max(a[1], b[1]), min(a[3], b[3])
    margin = 3 * tolerance_m / _METRES_PER_DEGREE + 1e-6
    aside = margin / max(np.cos(min(max(abs(south), abs(north)) + margin, 89.0) * DEG), 0.01)
    window = (max(a[0], b[0]) - aside, south - margin, min(a[2], b[2]) + aside, north + margin)
    lon, lat = np.array([(window[0] + window[2]) / 2]), np.array([(south + north) / 2])
    flat = [project(np.array([_clipped(side, window)], dtype=object), lon, lat)[0] for side in (mine, theirs)]
    return any(shapely.intersects(flat[i], shapely.buffer(flat[1 - i], -tolerance_m)) for i in (0, 1))


def _clipped(geometry: shapely.Geometry, window: tuple[float, float, float, float]) -> shapely.Geometry:
    cut = shapely.clip_by_rect(geometry, *window)
    return cut if shapely.is_valid(cut) else shapely.make_valid(cut)


def area_inside_m2(features: FeatureSet, zones: Geometries) -> Floats:
    """(n,) area in square metres of lon/lat zones, in any frame, that lies in any feature; nothing is counted twice."""
    areas = np.zeros(len(zones))
    have = np.flatnonzero(~shapely.is_missing(zones))
    pieces = features.around(zones[have]).pieces
    bounds = np.asarray(shapely.bounds(zones[have])).reshape(-1, 4)
    for turn in (-360.0, 0.0, 360.0):
        seen = have[(bounds[:, 0] + turn <= 180) & (bounds[:, 2] + turn >= -180)]
        moved = shift(zones[seen], np.full(len(seen), turn))
        zone, piece = pieces.tree.query(moved, predicate="intersects")
        inside = shapely.intersection(moved[zone], pieces.geometry[piece])
        areas += _union_area(inside, seen[zone], pieces.owner[piece], len(zones))
    return areas


def _union_area(inside: Geometries, zone: Ints, owner: Ints, n: int) -> Floats:
    """(n,) area of the union of pieces by zone; pieces of one feature do not overlap, so one feature needs no union."""
    areas = np.bincount(zone, weights=area_m2(inside), minlength=n).astype(np.float64)
    site, count = np.unique(_unique_pairs(zone, owner)[0], return_counts=True)
    for i in site[count > 1]:
        areas[i] = area_m2(np.array([shapely.union_all(inside[zone == i])], dtype=object))[0]
    return areas
