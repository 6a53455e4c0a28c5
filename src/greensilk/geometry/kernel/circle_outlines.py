"""Outlines of geodesic circles on the WGS 84 ellipsoid."""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.compiled import jit

_SEMI_MAJOR_M = 6_378_137.0
_FLATTENING = 1 / 298.257223563
_EP2 = _FLATTENING * (2 - _FLATTENING) / (1 - _FLATTENING) ** 2  # second eccentricity squared
_DEG = np.pi / 180


@jit
def circle_outlines(lon, lat, radius_m, vertices):
    """(n * (vertices + 1),) longitudes and latitudes of closed rings, anticlockwise from the east of each centre.

    lon, lat: (n,) degrees; radius_m: (n,) metres to each vertex. The centre's frame: longitudes may pass 180. The pole
    is in none of the circles. B. R. Bowring, Surveying and Mapping 41 (1981): the direct problem of short geodesics.
    """
    x, y = np.empty(len(lon) * (vertices + 1)), np.empty(len(lon) * (vertices + 1))
    azimuth = np.pi / 2 - np.arange(vertices) * (2 * np.pi / vertices)
    sines, cosines = np.sin(azimuth), np.cos(azimuth)
    for i in range(len(lon)):
        sin_lat, cos_lat = np.sin(lat[i] * _DEG), np.cos(lat[i] * _DEG)
        a, b = np.sqrt(1 + _EP2 * cos_lat**4), np.sqrt(1 + _EP2 * cos_lat**2)
        sigma = radius_m[i] * b * b / (_SEMI_MAJOR_M * np.sqrt(1 + _EP2))
        tan_sigma, sin_sigma = np.tan(sigma), np.sin(sigma)
        first = i * (vertices + 1)
        for k in range(vertices):
            turn = np.arctan2(a * tan_sigma * sines[k], b * cos_lat - tan_sigma * sin_lat * cosines[k])
            rise = sin_sigma * (cosines[k] - sin_lat * sines[k] * np.tan(turn / 2) / a)
            half = np.arcsin(rise) / 2
            bend = b - 1.5 * _EP2 * half * np.sin(2 * lat[i] * _DEG + 4 / 3 * b * half)
            x[first + k] = lon[i] + turn / (a * _DEG)
            y[first + k] = lat[i] + 2 * half * bend / _DEG
        x[first + vertices], y[first + vertices] = x[first], y[first]
    return x, y
