"""Frames: geometries near the antimeridian drawn on one side of it, and split there again.

A footprint's frame is lon/lat moved by 360° where that keeps it in one piece; longitudes then reach beyond ±180.
"""

from __future__ import annotations

import numpy as np
import shapely

from greensilk.geometry.arrays import Floats, Geometries, Ints
from greensilk.geometry.outlines import single_parts


def wrapped(lon: Floats) -> Floats:
    """Longitudes in [-180, 180)."""
    return (np.asarray(lon) + 180) % 360 - 180


def shift(geometries: Geometries, by_deg: Floats) -> Geometries:
    """(k,) geometries moved east by (k,) degrees of longitude."""
    moved = np.array(geometries, dtype=object, copy=True)
    some = by_deg != 0
    if some.any():
        coords, index = shapely.get_coordinates(moved[some], return_index=True)
        coords[:, 0] += by_deg[some][index]
        moved[some] = shapely.set_coordinates(moved[some], coords)
    return moved


def one_frame(parts: Geometries, owner: Ints, n: int) -> Geometries:
    """Parts moved by 360° where their owner lies on both sides of the antimeridian: its parts come near each other."""
    if not len(parts):
        return parts
    bounds = np.asarray(shapely.bounds(parts))
    west, east = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(west, owner, bounds[:, 0])
    np.maximum.at(east, owner, bounds[:, 2])
    behind = ((east - west)[owner] > 180) & ((bounds[:, 0] + bounds[:, 2]) / 2 < 0)
    return shift(parts, np.where(behind, 360.0, 0.0))


def gather(parts: Geometries, owner: Ints, n: int) -> Geometries:
    """(n,) one collection for each owner from its parts; None where it has none. owner need not be sorted."""
    gathered = np.full(n, None, dtype=object)
    if len(parts):
        order = np.argsort(owner, kind="stable")
        groups, place = np.unique(owner[order], return_inverse=True)
        gathered[groups] = shapely.geometrycollections(parts[order], indices=place)
    return gathered


def framed(geometries: Geometries) -> Geometries:
    """(n,) geometries within ±180, each whole in its own frame; None where there is none."""
    whole = np.array(geometries, dtype=object, copy=True)
    bounds = np.asarray(shapely.bounds(whole)).reshape(-1, 4)
    both = np.flatnonzero(bounds[:, 2] - bounds[:, 0] > 180)
    parts, owner = single_parts(whole[both])
    whole[both] = gather(one_frame(parts, owner, len(both)), owner, len(both))
    whole[shapely.is_empty(whole)] = None
    return whole


def split_at_antimeridian(geometries: Geometries) -> Geometries:
    """(n,) geometries in any frame -> the same within [-180, 180], split where they cross ±180."""
    out = np.array(geometries, dtype=object, copy=True)
    bounds = np.asarray(shapely.bounds(out)).reshape(-1, 4)
    inside = (bounds[:, 0] >= -180) & (bounds[:, 2] <= 180)
    for i in np.flatnonzero(~inside & ~shapely.is_missing(out) & ~shapely.is_empty(out)):
        out[i] = _split(out[i])
    return out


@np.errstate(divide="ignore", invalid="ignore")  # a part thinner than the grid leaves nothing, and a warning
def _split(geometry: shapely.Geometry) -> shapely.Geometry:
    west, _, east, _ = shapely.bounds(geometry)
    parts: list[shapely.Geometry] = []
    for turn in range(int(np.floor((west + 180) / 360)), int(np.floor((east + 180) / 360)) + 1):
        window = shapely.box(-180 + 360 * turn, -90, 180 + 360 * turn, 90)
        # On a grid of 0.1 mm: without one, GEOS loses pieces of outlines that run along the cut.
        cut, _ = single_parts(np.array([shapely.intersection(geometry, window, grid_size=1e-9)], dtype=object))
        cut = cut[shapely.get_dimensions(cut) == shapely.get_dimensions(geometry)]
        parts += list(shift(cut, np.full(len(cut), -360.0 * turn)))
    return shapely.GeometryCollection(parts) if len(parts) != 1 else parts[0]
