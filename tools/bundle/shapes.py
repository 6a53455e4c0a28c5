"""Bring geometries of the shipped layers to one form: valid, of one kind, inside -180..180."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Ring = NDArray[np.float64]


def clean_polygons(geometry: BaseGeometry) -> BaseGeometry:
    """Repair polygons and drop the lines and points that the repair leaves behind."""
    valid = shapely.make_valid(geometry)
    parts = [part for part in _leaves(valid) if part.geom_type == "Polygon" and part.area > 0]
    joined = shapely.union_all(parts)
    return shapely.normalize(joined)


def clean_lines(geometry: BaseGeometry) -> list[BaseGeometry]:
    """Give the line strings of a geometry that have a length."""
    return [part for part in _leaves(geometry) if part.geom_type == "LineString" and part.length > 0]


def split_at_antimeridian(shell: Ring, holes: list[Ring]) -> list[BaseGeometry]:
    """Give the polygon in parts inside -180..180; a ring that jumps over half the globe goes the short way round.

    A ring that goes all the way round encloses a pole and is closed along it.
    """
    unrolled = _closed_at_pole(_unrolled(shell))
    if unrolled[:, 0].min() >= -180 and unrolled[:, 0].max() <= 180:
        return [shapely.Polygon(unrolled, holes)]
    middle = unrolled[:, 0].mean()
    aligned = []
    for hole in map(_unrolled, holes):
        turns = np.rint((middle - hole[:, 0].mean()) / 360)
        aligned.append(hole + np.array([360.0 * turns, 0.0]))
    whole = shapely.make_valid(shapely.Polygon(unrolled, aligned))
    parts = []
    for turn in (-1, 0, 1):
        world = shapely.box(-180 + 360 * turn, -90, 180 + 360 * turn, 90)
        for part in _leaves(shapely.intersection(whole, world)):
            if part.geom_type == "Polygon":
                moved = shapely.transform(part, lambda xy, turn=turn: xy - np.array([360.0 * turn, 0.0]))
                parts.append(clamp_to_globe(moved))
    return parts


def _unrolled(ring: Ring) -> Ring:
    return np.column_stack([np.unwrap(ring[:, 0], period=360), ring[:, 1]])


def _closed_at_pole(ring: Ring) -> Ring:
    if abs(ring[0, 0] - ring[-1, 0]) < 180:
        return ring
    pole = 90.0 if ring[:, 1].mean() > 0 else -90.0
    # short steps along the pole, so that no segment of the result jumps over half the globe
    along = np.linspace(ring[-1, 0], ring[0, 0], 9)
    return np.vstack([ring, np.column_stack([along, np.full(9, pole)]), ring[:1]])


def crosses_antimeridian(geometry: BaseGeometry) -> bool:
    """Tell whether a segment jumps over half the globe or a vertex lies outside -180..180."""
    for part in _leaves(geometry):
        for ring in _rings(part):
            lon = shapely.get_coordinates(ring)[:, 0]
            if np.any(np.abs(np.diff(lon)) > 180) or lon.min() < -180 or lon.max() > 180:
                return True
    return False


def clamp_to_globe(geometry: BaseGeometry) -> BaseGeometry:
    """Put vertices that rounding threw past the edge of the map back on it."""
    return shapely.transform(geometry, lambda xy: np.clip(xy, [-180.0, -90.0], [180.0, 90.0]))


def to_wkb(geometries: Iterable[BaseGeometry]) -> list[bytes]:
    """Encode as little-endian two-dimensional WKB."""
    return [bytes(shapely.to_wkb(shapely.force_2d(geometry), byte_order=1)) for geometry in geometries]


def _leaves(geometry: BaseGeometry) -> list[BaseGeometry]:
    if hasattr(geometry, "geoms"):
        return [leaf for part in geometry.geoms for leaf in _leaves(part)]
    return [] if geometry.is_empty else [geometry]


def _rings(part: BaseGeometry) -> list[BaseGeometry]:
    if part.geom_type == "Polygon":
        return [part.exterior, *part.interiors]
    return [part]
