"""Geodesic discs about points, as lon/lat outlines in the frame of each centre."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats
from greensilk.geometry.outlines import POLYGON, Outlines

QUARTER_SEGMENTS = 48  # with the radius corrected below, the area of a circle is right to 1e-6 and its edge to 9e-5
VERTICES = 4 * QUARTER_SEGMENTS
_STEP = 2 * np.pi / VERTICES
EQUAL_AREA = float(np.sqrt(_STEP / np.sin(_STEP)))  # the regular polygon of the circle's area reaches this much further
METRES_PER_DEG = 111_000.0  # of latitude near a pole, on the safe side
LARGEST_M = 150_000.0  # beyond it edges would be longer than 5 km, and no longer straight in lon/lat


def circles(lon: Floats, lat: Floats, radius_m: Floats) -> Outlines:
    """Discs about (n,) points: regular polygons of 192 vertices and of the disc's area.

    lon, lat: (n,) degrees; radius_m: (n,) metres, more than 0 and up to LARGEST_M; no pole may lie within it
    returns: n polygons, owner 0, 1 ...; vertices at their distance from the centre to 3 mm
    raises: ValueError for a radius out of range or a pole within it

    >>> disc = circles(np.array([179.9]), np.array([60.0]), np.array([50_000.0]))
    >>> [round(float(values.max()), 2) for values in (disc.lon, disc.lat)]
    [180.8, 60.45]
    """
    from greensilk.geometry.kernel.circle_outlines import circle_outlines

    lon, lat, radius = (np.ascontiguousarray(values, dtype=np.float64) for values in (lon, lat, radius_m))
    within = (radius > 0) & (radius <= LARGEST_M) & ~near_pole(lat, radius)
    if not (within & np.isfinite(lon) & np.isfinite(lat)).all():
        raise ValueError(f"radii must be above 0 and at most {LARGEST_M:.0f} m, and end before the poles")
    n = len(lon)
    x, y = circle_outlines(lon, lat, radius * EQUAL_AREA, VERTICES)
    ring_start = (VERTICES + 1) * np.arange(n + 1, dtype=np.int64)
    count = np.arange(n + 1, dtype=np.int64)
    return Outlines(x, y, ring_start, count, np.full(n, POLYGON, dtype=np.int8), count[:-1])


def near_pole(lat: Floats, radius_m: Floats) -> NDArray[np.bool_]:
    """(n,) whether a pole may lie within (n,) metres of (n,) latitudes in degrees; on the safe side by 1 km."""
    return np.asarray(np.abs(lat) + radius_m / METRES_PER_DEG >= 89.99)
