"""A local plane on the ellipsoid in plain numpy, as a careful shapely user would write it.

Gauss's mid-latitude formulas turned by half the meridian convergence: within 100 km of the centre distances from it are
right to about a metre in 100 km, and areas to 1e-5. No pyproj object is made for a site.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Geometries = NDArray[np.object_]
SEMI_MAJOR_M, FLATTENING = 6_378_137.0, 1 / 298.257223563
_E2 = FLATTENING * (2 - FLATTENING)


def to_plane(lon: Floats, lat: Floats, lon_0: Floats | float, lat_0: Floats | float) -> tuple[Floats, Floats]:
    """(v,) degrees -> metres east and north of a centre. Source: C. F. Gauss, mid-latitude formulas, to third order."""
    dlat = np.radians(lat - lat_0)
    dlon = np.radians((lon - lon_0 + 180) % 360 - 180)
    middle = np.radians((lat + lat_0) / 2)
    sine, cosine = np.sin(middle), np.cos(middle)
    w2 = 1 - _E2 * sine * sine
    across = SEMI_MAJOR_M / np.sqrt(w2)
    along = across * (1 - _E2) / w2
    x = across * dlon * cosine * (1 - (dlon * sine) ** 2 / 24 + dlat**2 / 24)
    y = along * dlat * np.cos(dlon / 2) * (1 + (dlon * cosine) ** 2 / 24)
    turn = dlon * sine / 2
    return x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)


def flattened(geometry: Geometries, lon_0: float, lat_0: float) -> Geometries:
    """(k,) lon/lat geometries in the plane about one centre."""
    xy = shapely.get_coordinates(geometry)
    x, y = to_plane(xy[:, 0], xy[:, 1], lon_0, lat_0)
    return np.asarray(shapely.set_coordinates(np.array(geometry, copy=True), np.column_stack([x, y])))


def window(lon: float, lat: float, radius_m: float) -> tuple[float, float, float, float]:
    """A box in degrees that holds the disk: west, south, east, north; its longitudes may pass ±180."""
    up = radius_m / 110_500
    aside = up / max(np.cos(np.radians(min(abs(lat) + up, 89.0))), 0.02)
    return lon - aside, lat - up, lon + aside, lat + up
