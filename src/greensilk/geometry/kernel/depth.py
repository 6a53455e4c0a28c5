"""Whether a vertex of one part lies deep inside another."""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.boxes import box_at, haversine_of
from greensilk.geometry.kernel.compiled import inlined, jit
from greensilk.geometry.kernel.contains import FANOUT
from greensilk.geometry.kernel.point_distance import bound_to, inside, outline_from, point_at, reach_of

DEEP, SHALLOW, OUTSIDE = 1, 0, -1
MARGIN_M = 0.01  # of rounded coordinates and of the plane: nearer to the tolerance than this is for the caller to say


@inlined
def depth_state(shapes, part, point, tolerance_m, bounds):
    """DEEP where a polygon holds a point and its boundary is farther than the tolerance, SHALLOW where nearer."""
    if bound_to(point, box_at(shapes.node_box, part)) > haversine_of(0.0) or not inside(shapes, part, point):
        return OUTSIDE
    best = reach_of(tolerance_m + MARGIN_M, np.int64(-1), np.nan, np.nan)
    best = outline_from(shapes, part, point, best, np.int64(0), bounds)
    return DEEP if best[3] < 0 else SHALLOW


@jit
def deep_vertices(mine, part, theirs, other, tolerance_m):
    """For each of (k,) pairs whether a vertex of a part of `mine` lies deeper than (k,) metres in one of `theirs`."""
    found, bounds = np.zeros(len(part), np.bool_), np.empty(FANOUT)
    for k in range(len(part)):
        first = mine.ring_start[mine.part_start[part[k]]]
        end = mine.ring_start[mine.part_start[part[k] + 1]]
        for vertex in range(first, end):
            point = point_at(mine.lon[vertex], mine.lat[vertex])
            if depth_state(theirs, other[k], point, tolerance_m[k], bounds) == DEEP:
                found[k] = True
                break
    return found
