"""Shapes of any kind as flat arrays of vertices: rings of parts, each part a point, a line or a polygon.

A polygon's rings have its inside on their left, whatever the file said. A point is a line of two equal vertices, so
that whatever walks edges needs no second way.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Geometries, Ints, spans, starts

POINT, LINE, POLYGON = 0, 1, 2


class Outlines(NamedTuple):
    """(p,) parts. lon, lat: (v,) degrees in [-180, 180]; ring_start: (r + 1,) first vertex of each ring; part_start:
    (p + 1,) first ring of each part; kind: (p,) POINT, LINE or POLYGON; owner: (p,) index of the geometry it is of."""

    lon: Floats
    lat: Floats
    ring_start: Ints
    part_start: Ints
    kind: NDArray[np.int8]
    owner: Ints

    def take(self, order: Ints) -> Outlines:
        """Some of the parts, in the order given."""
        rings = spans(self.part_start[order], np.diff(self.part_start)[order])
        counts = np.diff(self.ring_start)[rings]
        vertices = spans(self.ring_start[rings], counts)
        return Outlines(
            self.lon[vertices],
            self.lat[vertices],
            starts(counts),
            starts(np.diff(self.part_start)[order]),
            self.kind[order],
            self.owner[order],
        )

    def geometries(self) -> Geometries:
        """(p,) the parts as shapely points, lines and polygons."""
        made = np.full(len(self.kind), None, dtype=object)
        xy = np.column_stack([self.lon, self.lat])
        ring = np.repeat(np.arange(len(self.ring_start) - 1), np.diff(self.ring_start))
        kind = np.repeat(self.kind, np.diff(self.part_start))[ring]
        first = self.ring_start[self.part_start[:-1]]
        points = self.kind == POINT
        made[points] = shapely.points(xy[first[points]])
        if (line := kind == LINE).any():
            made[self.kind == LINE] = shapely.linestrings(xy[line], indices=_renumbered(ring[line]))
        if (area := kind == POLYGON).any():
            rings = shapely.linearrings(xy[area], indices=_renumbered(ring[area]))
            counts = np.diff(self.part_start)[self.kind == POLYGON]
            made[self.kind == POLYGON] = shapely.polygons(rings, indices=np.repeat(np.arange(len(counts)), counts))
        return made


def _renumbered(sorted_index: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(np.diff(sorted_index) > 0)]).astype(np.int64)


def point_outlines(lon: Floats, lat: Floats, owner: Ints) -> Outlines:
    """(n,) points as outlines."""
    n = len(lon)
    return Outlines(
        np.repeat(np.asarray(lon, np.float64), 2),
        np.repeat(np.asarray(lat, np.float64), 2),
        2 * np.arange(n + 1, dtype=np.int64),
        np.arange(n + 1, dtype=np.int64),
        np.full(n, POINT, dtype=np.int8),
        np.asarray(owner, np.int64),
    )


def outlines_of(geometries: Geometries) -> Outlines:
    """(n,) lon/lat geometries of any kind, split at ±180 before, as outlines by owner; None and empty have none."""
    parts, owner = single_parts(geometries)
    types = shapely.get_type_id(parts)
    xy = shapely.get_coordinates(parts[types == 0])
    groups = [
        point_outlines(xy[:, 0], xy[:, 1], owner[types == 0]),
        _of_rings(parts[types == 1], np.arange((types == 1).sum()), owner[types == 1], LINE),
        _of_polygons(parts[types == 3], owner[types == 3]),
    ]
    order = np.concatenate([np.flatnonzero(types == code) for code in (0, 1, 3)])
    # Back to the order of the parts themselves, so that one geometry's parts stay as they were.
    return joined(groups).take(np.argsort(order, kind="stable"))


def _of_polygons(polygons: Geometries, owner: Ints) -> Outlines:
    oriented = shapely.orient_polygons(polygons, exterior_cw=False)
    rings, part = shapely.get_rings(oriented, return_index=True)
    return _of_rings(np.asarray(rings, dtype=object), part, owner, POLYGON)


def _of_rings(rings: Geometries, part: Ints, owner: Ints, kind: int) -> Outlines:
    coordinates, index = shapely.get_coordinates(rings, return_index=True)
    return Outlines(
        np.ascontiguousarray(coordinates[:, 0]),
        np.ascontiguousarray(coordinates[:, 1]),
        starts(np.bincount(index, minlength=len(rings))),
        starts(np.bincount(part, minlength=len(owner))),
        np.full(len(owner), kind, dtype=np.int8),
        owner,
    )


def joined(groups: list[Outlines]) -> Outlines:
    """Outlines laid one after another."""
    return Outlines(
        np.concatenate([group.lon for group in groups]),
        np.concatenate([group.lat for group in groups]),
        starts(np.concatenate([np.diff(group.ring_start) for group in groups])),
        starts(np.concatenate([np.diff(group.part_start) for group in groups])),
        np.concatenate([group.kind for group in groups]),
        np.concatenate([group.owner for group in groups]),
    )


def single_parts(geometries: Geometries) -> tuple[Geometries, Ints]:
    """(n,) geometries taken apart into points, lines and polygons, with the index of the geometry each came from."""
    parts, owner = np.asarray(geometries, dtype=object), np.arange(len(geometries), dtype=np.int64)
    while len(parts):
        inner, index = shapely.get_parts(parts, return_index=True)
        owner = owner[index]
        same = len(inner) == len(parts)
        parts = inner
        if same and not (shapely.get_type_id(parts) > 3).any():
            break
    # A linear ring alone is a line.
    rings = shapely.get_type_id(parts) == 2
    if rings.any():
        parts[rings] = [shapely.LineString(ring.coords) for ring in parts[rings]]
    keep = ~shapely.is_empty(parts) & ~shapely.is_missing(parts)
    return parts[keep], owner[keep].astype(np.int64)
