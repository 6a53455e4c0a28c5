"""Areas by shapely and pyproj alone: in zones by intersection, in disks in the equal-area plane of each site."""

from __future__ import annotations

import numpy as np
import shapely
from pyproj import Geod, Transformer

from greensilk.geometry.arrays import Floats, Geometries
from greensilk.geometry.frames import shift
from greensilk.geometry.geodesy import area_m2

GRID_DEG = 1e-9  # without a grid, overlays of outlines that share borders lose pieces
DISK_VERTICES = 2048


def polygons_of(geometry: shapely.Geometry) -> shapely.Geometry:
    """Only the polygons of a geometry."""
    parts = shapely.get_parts(geometry.geoms if geometry.geom_type == "GeometryCollection" else [geometry])
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])


def turned(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    """The geometry in the frame to the west, its own and the one to the east."""
    return list(shift(np.array([geometry] * 3, dtype=object), np.array([-360.0, 0.0, 360.0])))


def area_inside_m2(features: Geometries, zones: Geometries) -> Floats:
    """(n,) area of the union of features inside each zone; features within ±180, zones in any frame."""
    areas = np.zeros(len(zones))
    for i, zone in enumerate(zones):
        if zone is not None:
            inside = [
                polygons_of(shapely.intersection(moved, feature, grid_size=GRID_DEG))
                for moved in turned(zone)
                for feature in features
            ]
            areas[i] = area_m2(np.array([shapely.union_all(inside, grid_size=GRID_DEG)], dtype=object))[0]
    return areas


class Site:
    """The Lambert azimuthal equal-area plane about a site."""

    def __init__(self, lon: float, lat: float) -> None:
        self.lon, self.lat = lon, lat
        plane = f"+proj=laea +lon_0={lon} +lat_0={lat} +ellps=WGS84"
        self._transformer = Transformer.from_crs("EPSG:4326", plane, always_xy=True)

    def flat(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """A lon/lat geometry in the plane; edges straight in lon/lat are cut short before."""
        short = shapely.segmentize(geometry, 0.005)
        flat = shapely.transform(short, lambda xy: np.column_stack(self._transformer.transform(*xy.T)))
        return flat if flat.is_valid else shapely.make_valid(flat)

    def disk(self, radius_m: float) -> shapely.Geometry:
        """The geodesic disk as a polygon of 2,048 vertices and, on a plane, of the disk's area."""
        step = 2 * np.pi / DISK_VERTICES
        reach = np.full(DISK_VERTICES, radius_m * np.sqrt(step / np.sin(step)))
        here = np.full(DISK_VERTICES, self.lon), np.full(DISK_VERTICES, self.lat)
        lon, lat, _ = Geod(ellps="WGS84").fwd(*here, np.arange(DISK_VERTICES) * 360 / DISK_VERTICES, reach)
        return shapely.Polygon(np.column_stack(self._transformer.transform(lon, lat)))

    def in_disks(self, geometries: Geometries, radii_m: list[float]) -> tuple[Floats, Floats]:
        """(n, r) area and length of the outline of what lies of each geometry within each radius."""
        flat = np.array([self.flat(geometry) for geometry in geometries], dtype=object)
        inside = np.column_stack([shapely.intersection(flat, self.disk(radius)) for radius in radii_m])
        return shapely.area(inside), shapely.length(inside)

    def union_in_disks(self, geometries: Geometries, radii_m: list[float]) -> tuple[Floats, Floats]:
        """(r,) the same of the union of the geometries."""
        whole = shapely.union_all([polygons_of(one) for one in geometries], grid_size=GRID_DEG)
        area, length = self.in_disks(np.array([whole], dtype=object), radii_m)
        return area[0], length[0]
