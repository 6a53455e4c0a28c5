"""Which features footprints touch, and which overlaps go deeper than a tolerance.

Coordinates are off by up to the tolerance, so an intersection proves an overlap only where it still holds after either
side is drawn in by that much.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Geometries, Ints, spans
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.frames import one_frame, shift
from greensilk.geometry.geodesy import DEG, project
from greensilk.geometry.outlines import POINT, POLYGON

_METRES_PER_DEGREE = 110_574.0
_UNKNOWN = 2


def touching(features: FeatureSet, footprints: FeatureSet) -> tuple[Ints, Ints]:
    """Pairs (footprint, feature), sorted, that intersect in lon/lat, each once.

    Exact: as the float64 coordinates say, boundaries counted. The meridians of ±180 are one, and a pole is one place
    """
    from greensilk.geometry.kernel.touch import touching_parts

    part, other = touching_parts(features.shapes, footprints.shapes)
    start, order = footprints.shape_features
    site = footprints.shapes.part_owner[part]
    count = (start[1:] - start[:-1])[site]
    shape = np.repeat(features.shapes.part_owner[other], count)
    return features.pairs_of_shapes(order[spans(start[site], count)], shape)


def deeper(
    features: FeatureSet, footprints: FeatureSet, pairs: tuple[Ints, Ints], tolerance_m: Floats
) -> NDArray[np.bool_]:
    """(k,) whether each pair (footprint, feature) still intersects with either side drawn in by (k,) metres."""
    site, shape = footprints.shape_of[pairs[0]], features.shape_of[pairs[1]]
    state = _by_vertices(features, footprints, (site, shape), np.asarray(tolerance_m, np.float64))
    for k in np.flatnonzero(state == _UNKNOWN):
        mine, theirs = _in_one_frame(_shape_parts(footprints, int(site[k])), _shape_parts(features, int(shape[k])))
        state[k] = _still_intersect(mine, theirs, float(tolerance_m[k]))
    return np.asarray(state == 1)


def _by_vertices(
    features: FeatureSet, footprints: FeatureSet, shapes: tuple[Ints, Ints], tolerance_m: Floats
) -> NDArray[np.int8]:
    """(k,) 1 where a vertex of one side lies deep in the other, 0 where the pair cannot be deeper, else _UNKNOWN."""
    from greensilk.geometry.kernel.depth import deep_vertices
    from greensilk.geometry.kernel.touch import touching_parts

    mine, theirs = footprints.shapes, features.shapes
    part, other = touching_parts(theirs, mine)
    pair, at = _of_pairs(
        mine.part_owner[part], theirs.part_owner[other], shapes, int(features.shape_of.max(initial=-1))
    )
    part, other, depth = part[at], other[at], tolerance_m[pair]
    state = np.zeros(len(tolerance_m), dtype=np.int8)
    # Neither a point nor a line is left when it is drawn in.
    areal = (mine.part_kind[part] == POLYGON) | (theirs.part_kind[other] == POLYGON)
    state[pair[areal]] = _UNKNOWN
    inner = np.flatnonzero(theirs.part_kind[other] == POLYGON)
    state[pair[inner][deep_vertices(mine, part[inner], theirs, other[inner], depth[inner])]] = 1
    outer = np.flatnonzero((mine.part_kind[part] == POLYGON) & (state[pair] == _UNKNOWN))
    state[pair[outer][deep_vertices(theirs, other[outer], mine, part[outer], depth[outer])]] = 1
    _decide_points(features, footprints, shapes, state)
    return state


def _decide_points(
    features: FeatureSet, footprints: FeatureSet, shapes: tuple[Ints, Ints], state: NDArray[np.int8]
) -> None:
    """A single point that is not deep in a shape of one part is not deep in it at all."""
    counts = [np.diff(side.shape_parts[0]) for side in (footprints, features)]
    first = footprints.shape_parts[1][footprints.shape_parts[0][shapes[0]]]
    point = (counts[0][shapes[0]] == 1) & (footprints.shapes.part_kind[first] == POINT)
    state[(state == _UNKNOWN) & point & (counts[1][shapes[1]] == 1)] = 0


def _of_pairs(mine: Ints, theirs: Ints, shapes: tuple[Ints, Ints], most: int) -> tuple[Ints, Ints]:
    """Which pairs of shapes are the (m,) pairs mine, theirs: pair, and which of the m; one may be of several."""
    key, wanted = mine * (most + 1) + theirs, shapes[0] * (most + 1) + shapes[1]
    order = np.argsort(wanted, kind="stable")
    low, high = np.searchsorted(wanted[order], key), np.searchsorted(wanted[order], key, side="right")
    return order[spans(low, high - low)], np.repeat(np.arange(len(key)), high - low)


def _shape_parts(features: FeatureSet, shape: int) -> Geometries:
    start, parts = features.shape_parts
    return features.shapes.outlines(parts[start[shape] : start[shape + 1]]).geometries()


def _in_one_frame(mine: Geometries, theirs: Geometries) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Both whole: parts split at the antimeridian are put together, on the footprint's side."""
    mine = one_frame(mine, np.zeros(len(mine), dtype=np.int64), 1)
    own, bounds = np.asarray(shapely.bounds(mine)), np.asarray(shapely.bounds(theirs))
    middle = (own[:, 0].min() + own[:, 2].max()) / 2
    turns = np.round((middle - (bounds[:, 0] + bounds[:, 2]) / 2) / 360)
    return _joined(mine), _joined(shift(theirs, 360 * turns))


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
