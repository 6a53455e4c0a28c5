"""Lengths, areas and local planes on the WGS 84 ellipsoid, for arrays of shapely geometries in lon/lat.

An edge is straight in lon/lat, as in the files people exchange. A plane is azimuthal and equidistant about a centre:
distances from the centre are exact, others within 150 km of it to 1 part in 10,000.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import shapely
from pyproj import Geod

from greensilk.geometry.arrays import Floats, Geometries, Ints, starts

SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563
_E2 = FLATTENING * (2 - FLATTENING)
_E = _E2**0.5
_SEMI_MINOR_M = SEMI_MAJOR_M * (1 - FLATTENING)
DEG = np.pi / 180
# Ten Gauss-Legendre points would serve a 90° edge; five serve the 5° ones of coarse outlines to 1e-12.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(5)


@cache
def _geod() -> Geod:
    return Geod(ellps="WGS84")


def distance_m(lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats) -> Floats:
    """Geodesic distance in metres between (n,) pairs of points in degrees.

    >>> import numpy as np
    >>> round(float(distance_m(np.array([179.5]), np.array([0.0]), np.array([-179.5]), np.array([0.0]))[0]), 3)
    111319.491
    """
    return _inverse(lon_a, lat_a, lon_b, lat_b)[1]


def _inverse(*ends: Floats | float) -> tuple[Floats, Floats]:
    lon_a, lat_a, lon_b, lat_b = _same_length(*ends)
    azimuth, _, distance = _geod().inv(lon_a, lat_a, lon_b, lat_b, return_back_azimuth=False)
    return np.asarray(azimuth), np.asarray(distance)


def _same_length(*arrays: Floats | float) -> list[Any]:
    return [np.ascontiguousarray(array, dtype=np.float64) for array in np.broadcast_arrays(*arrays)]


def to_plane(lon: Floats, lat: Floats, lon_0: Floats | float, lat_0: Floats | float) -> tuple[Floats, Floats]:
    """(n,) degrees -> metres east and north in the plane about each point's own centre."""
    azimuth, distance = _inverse(lon_0, lat_0, lon, lat)
    return distance * np.sin(azimuth * DEG), distance * np.cos(azimuth * DEG)


def from_plane(x_m: Floats, y_m: Floats, lon_0: Floats | float, lat_0: Floats | float) -> tuple[Floats, Floats]:
    """Metres in the plane about a centre -> degrees, the longitude within 180 of the centre's."""
    azimuth = np.arctan2(x_m, y_m) / DEG
    lon, lat, _ = _geod().fwd(*_same_length(lon_0, lat_0, azimuth, np.hypot(x_m, y_m)))
    lon_near = np.asarray(lon)
    return lon_near - 360 * np.round((lon_near - lon_0) / 360), np.asarray(lat)


def project(geometries: Geometries, lon_0: Floats, lat_0: Floats) -> Geometries:
    """(k,) lon/lat geometries into the plane about each one's own centre (k,)."""
    coords, index = shapely.get_coordinates(geometries, return_index=True)
    x, y = to_plane(coords[:, 0], coords[:, 1], lon_0[index], lat_0[index])
    return _with_coordinates(geometries, x, y)


def unproject(geometries: Geometries, lon_0: Floats, lat_0: Floats) -> Geometries:
    """(k,) geometries in the planes about (k,) centres back to lon/lat, in a frame around each centre."""
    coords, index = shapely.get_coordinates(geometries, return_index=True)
    lon, lat = from_plane(coords[:, 0], coords[:, 1], lon_0[index], lat_0[index])
    return _with_coordinates(geometries, lon, lat)


def _with_coordinates(geometries: Geometries, x: Floats, y: Floats) -> Geometries:
    moved = shapely.set_coordinates(np.array(geometries, dtype=object, copy=True), np.column_stack([x, y]))
    return np.asarray(moved, dtype=object)


def _authalic(sin_lat: Floats) -> Floats:
    """Area between the equator and a latitude, per radian of longitude, in square metres."""
    e_sin = _E * sin_lat
    return np.asarray(_SEMI_MINOR_M**2 / 2 * (sin_lat / (1 - e_sin**2) + np.arctanh(e_sin) / _E))


def cell_area_m2(south: Floats, north: Floats, width_deg: float) -> Floats:
    """Area of (n,) lon/lat cells between two latitudes, in square metres.

    >>> import numpy as np
    >>> round(float(cell_area_m2(np.array([-90.0]), np.array([90.0]), 360.0)[0]) / 1e12, 3)
    510.066
    """
    return np.asarray((_authalic(np.sin(north * DEG)) - _authalic(np.sin(south * DEG))) * width_deg * DEG)


def area_m2(geometries: Geometries) -> Floats:
    """Area of (k,) lon/lat polygons (holes left out, parts added) in square metres; lines and points have none."""
    parts, part_owner = shapely.get_parts(geometries, return_index=True)
    flat = shapely.get_dimensions(parts) == 2
    parts, part_owner = shapely.orient_polygons(parts[flat]), part_owner[flat]
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    areas = ring_areas_m2(coords[:, 0], coords[:, 1], starts(np.bincount(ring, minlength=len(rings))))
    return np.bincount(part_owner[ring_part], weights=areas, minlength=len(geometries)).astype(np.float64)


def ring_areas_m2(lon: Floats, lat: Floats, ring_start: Ints) -> Floats:
    """(r,) area to the left of closed rings in square metres: below 0 for a hole that runs clockwise.

    lon, lat: (v,) degrees; ring_start: (r + 1,) first vertex of each ring
    """
    if len(lon) < 2:
        return np.zeros(len(ring_start) - 1)
    inside = np.ones(len(lon) - 1, dtype=bool)
    inside[ring_start[1:-1] - 1] = False
    ring = np.repeat(np.arange(len(ring_start) - 1), np.diff(ring_start))[:-1][inside]
    dlon, mid, half = np.diff(lon)[inside] * DEG, (lat[1:] + lat[:-1])[inside] / 2, np.diff(lat)[inside] / 2
    reference = _authalic(np.sin(lat[ring_start[:-1]] * DEG))[ring]  # keeps digits for small rings
    mean = np.zeros_like(mid)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        mean += weight / 2 * _authalic(np.sin((mid + node * half) * DEG))
    return np.bincount(ring, weights=-dlon * (mean - reference), minlength=len(ring_start) - 1).astype(np.float64)


def length_m(geometries: Geometries) -> Floats:
    """Length of (k,) lon/lat lines in metres; polygons and points have none."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    lines = shapely.get_dimensions(parts) == 1
    parts, owner = shapely.segmentize(parts[lines], 0.03), owner[lines]
    coords, index = shapely.get_coordinates(parts, return_index=True)
    if len(coords) < 2:
        return np.zeros(len(geometries))
    inside = index[1:] == index[:-1]
    start, end = coords[:-1][inside], coords[1:][inside]
    steps = distance_m(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    return np.bincount(owner[index[:-1][inside]], weights=steps, minlength=len(geometries)).astype(np.float64)
