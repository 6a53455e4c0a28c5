"""From the ellipsoid to the picture: a plane true to distance from its centre, and the equal-area world."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
METRES_PER_DEGREE = 111_195.0
Floats = NDArray[np.float64]
Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class LocalView:
    """A picture of the surroundings of a place: azimuthal equidistant on WGS 84, north up, right at the antimeridian.

    lon, lat: centre in degrees; half_width_m, half_height_m: what it shows; width, height: of the picture, in its units
    """

    lon: float
    lat: float
    half_width_m: float
    half_height_m: float
    width: float
    height: float

    @property
    def metres_per_unit(self) -> float:
        """Metres on the ground per unit of the picture."""
        return 2 * self.half_width_m / self.width

    def project(self, lonlat: Floats) -> Floats:
        """(n, 2) lon/lat in degrees to (n, 2) x, y in the picture, y down."""
        n = len(lonlat)
        azimuth, _, distance = GEOD.inv(np.full(n, self.lon), np.full(n, self.lat), lonlat[:, 0], lonlat[:, 1])
        angle = np.radians(azimuth)
        x = self.width / 2 + np.asarray(distance) * np.sin(angle) / self.metres_per_unit
        y = self.height / 2 - np.asarray(distance) * np.cos(angle) / self.metres_per_unit
        return np.column_stack([x, y])

    def drawn(self, geometries: Geometries) -> Geometries:
        """Lon/lat geometries as geometries in the picture."""
        return np.asarray(shapely.transform(geometries, self.project), dtype=object)

    @cached_property
    def window(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees around all that is shown; west and east may pass ±180."""
        reach = np.hypot(self.half_width_m, self.half_height_m) * 1.02
        south = max(-90.0, self.lat - reach / METRES_PER_DEGREE)
        north = min(90.0, self.lat + reach / METRES_PER_DEGREE)
        if north >= 89.5 or south <= -89.5:
            return self.lon - 180.0, south, self.lon + 180.0, north
        widest = np.cos(np.radians(max(abs(south), abs(north))))
        span = min(180.0, float(reach / METRES_PER_DEGREE / widest))
        return self.lon - span, south, self.lon + span, north

    def windows(self) -> list[tuple[float, float, float, float]]:
        """The window as one or two boxes within ±180."""
        west, south, east, north = self.window
        if east - west >= 360.0:
            return [(-180.0, south, 180.0, north)]
        if west < -180.0:
            return [(west + 360.0, south, 180.0, north), (-180.0, south, east, north)]
        if east > 180.0:
            return [(west, south, 180.0, north), (-180.0, south, east - 360.0, north)]
        return [(west, south, east, north)]


def view_of(geometry: shapely.Geometry, width: float, height: float, margin_m: float) -> LocalView:
    """The view that shows a footprint with a margin all around it."""
    lonlat = shapely.get_coordinates(geometry)
    lon = lonlat[:, 0]
    if lon.max() - lon.min() > 180.0:  # split at the antimeridian
        lon = np.where(lon < 0, lon + 360.0, lon)
    centre_lon = (lon.min() + lon.max()) / 2
    centre_lat = (lonlat[:, 1].min() + lonlat[:, 1].max()) / 2
    flat = LocalView((centre_lon + 180.0) % 360.0 - 180.0, float(centre_lat), 1.0, 1.0, 2.0, 2.0)
    xy = flat.project(lonlat) - 1.0
    half_x, half_y = np.abs(xy).max(axis=0) + margin_m
    half_height = max(half_y, half_x * height / width)
    return LocalView(flat.lon, flat.lat, half_height * width / height, half_height, width, height)


_A = (1.340264, -0.081106, 0.000893, 0.003796)  # Equal Earth, Šavrič, Patterson & Jenny 2018
WORLD_LON = 11.0  # the cut falls into the Bering Strait


def equal_earth(lonlat: Floats, width: float, height: float) -> Floats:
    """(n, 2) lon/lat to (n, 2) x, y in a world picture centred on WORLD_LON, y down."""
    lon = (lonlat[:, 0] - WORLD_LON + 180.0) % 360.0 - 180.0
    # The eastern edge itself must not jump to the west.
    lon = np.where((lon == -180.0) & (lonlat[:, 0] > 0), 180.0, lon)
    theta = np.arcsin(np.sqrt(3) / 2 * np.sin(np.radians(lonlat[:, 1])))
    t2 = theta**2
    t6 = t2**3
    slope = _A[0] + 3 * _A[1] * t2 + t6 * (7 * _A[2] + 9 * _A[3] * t2)
    x = 2 * np.sqrt(3) * np.radians(lon) * np.cos(theta) / (3 * slope)
    y = theta * (_A[0] + _A[1] * t2 + t6 * (_A[2] + _A[3] * t2))
    scale = min(width / 2 / 2.7066, height / 2 / 1.3173)
    return np.column_stack([width / 2 + x * scale, height / 2 - y * scale])
