"""Lower bounds of the distance from a point to a box, cheap enough to be asked of every box on the way.

Bounds are haversines: sin² of half the angle between the verticals of two places. They grow with distance and need no
root nor arc; `haversine_of` turns a distance into the one that it is compared with. A geodesic is never shorter than
its angle times the least radius of curvature, so what a bound excludes is outside for certain.
"""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.compiled import inlined, woven
from greensilk.geometry.kernel.plane import HALF_TURN, LEAST_RADIUS_M, TURN, UNIT_RAD

MARGIN_UNITS = 1.0  # boxes are of rounded coordinates


@inlined
def haversine_of(distance_m):
    """The haversine that no place within a distance exceeds."""
    return np.sin(min(0.5 * distance_m / LEAST_RADIUS_M, np.pi / 2)) ** 2


@inlined
def distance_of(haversine):
    """The least distance in metres that a haversine stands for."""
    return 2 * LEAST_RADIUS_M * np.arcsin(min(1.0, np.sqrt(haversine)))


@woven
def box_at(boxes, k):
    """West, south, east, north of one of many boxes."""
    return boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3]


@inlined
def box_haversine(x, y, sin_y, cos_y, box):
    """Lower bound from a point to a box.

    x, y: units; sin_y, cos_y: of the absolute latitude; box: west, south, east, north in units
    """
    west, south, east, north = float(box[0]), float(box[1]), float(box[2]), float(box[3])
    dx = 0.0
    if x < west:
        dx = min(west - x, x - east + TURN)
    elif x > east:
        dx = min(x - east, west - x + TURN)
    dy = max(0.0, max(south - y, y - north) - MARGIN_UNITS) * UNIT_RAD
    half = 0.5 * dy
    across_lat = max(0.0, half - half * half * half / 6)
    bound = across_lat * across_lat
    dx -= MARGIN_UNITS
    if dx > 0:
        # The least cosine of a latitude in the box: cos(a + d) >= cos a - sin|a| d - d²/2.
        off = max(abs(south - y), abs(north - y)) * UNIT_RAD
        least = cos_y - sin_y * off - 0.5 * off * off
        if least > 0:
            half = 0.5 * min(dx, HALF_TURN) * UNIT_RAD
            across_lon = half - half * half * half / 6
            bound += cos_y * least * across_lon * across_lon
    return bound


@inlined
def boxes_meet(a, b):
    """Whether two boxes share a place; no wrapping."""
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]
