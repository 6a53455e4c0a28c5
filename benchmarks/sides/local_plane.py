"""shapely and numpy: distances and areas in a plane about each site, the careful way.

Areas by the boxes of the tree, clipped to a window about the site, laid into a local plane all at once, and measured
there; a part that lies wholly in the disk counts with its area computed beforehand. A loop over sites: what it does for
one site is a handful of calls on arrays.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.area_files import read_areas
from benchmarks.plane import flattened, to_plane, window
from benchmarks.sides.strtree import Answer
from benchmarks.sites import Sites

VERSION_OF = "shapely"
LABEL = "numpy + shapely, plane about each site"
RADII_M = (1_000.0, 10_000.0, 50_000.0)
CUTOFF_M = RADII_M[-1]
MARGIN = 1.001
BLOCK = 5_000  # parts measured at once
ORIGIN = shapely.Point(0, 0)
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]


class Manner(NamedTuple):
    """How carefully. quarter_segments: of a disk; edge_deg: longer edges are cut, to stay straight in lon/lat."""

    quarter_segments: int
    edge_deg: float | None

    def disks(self) -> list[shapely.Polygon]:
        """Regular polygons of the area of each disk."""
        step = np.pi / 2 / self.quarter_segments
        larger = float(np.sqrt(step / np.sin(step)))
        return [ORIGIN.buffer(radius * larger, quad_segs=self.quarter_segments) for radius in RADII_M]


QUICK, EXACT = Manner(48, None), Manner(512, 0.01)


class Parts(NamedTuple):
    """Parts of all areas. area: (p,) which each is of; size_m2: (p,) how large each is."""

    geometry: Geometries
    area: Ints
    size_m2: Floats
    tree: shapely.STRtree


def open_areas(path: Path) -> Parts:
    """The parts with their areas."""
    parts, area = shapely.get_parts(read_areas(path), return_index=True)
    tree = shapely.STRtree(parts)
    tree.query(shapely.Point(0, 0))
    blocks = np.array_split(np.arange(len(parts)), len(parts) // BLOCK + 1)
    return Parts(parts, area, np.concatenate([_sizes_m2(parts[block]) for block in blocks]), tree)


def _sizes_m2(parts: Geometries) -> Floats:
    """(k,) areas in the plane about the middle of each part's box: right for what can lie wholly in a disk."""
    bounds = shapely.bounds(parts)
    xy, index = shapely.get_coordinates(parts, return_index=True)
    lon, lat = ((bounds[:, k] + bounds[:, k + 2]) / 2 for k in (0, 1))
    x, y = to_plane(xy[:, 0], xy[:, 1], lon[index], lat[index])
    return np.asarray(shapely.area(shapely.set_coordinates(np.array(parts, copy=True), np.column_stack([x, y]))))


def _near(parts: Parts, lon: float, lat: float, manner: Manner) -> tuple[Ints, Geometries]:
    """Parts whose boxes meet the window about a site, and what of them lies in it, in the plane about the site."""
    view = window(lon, lat, CUTOFF_M * MARGIN)
    found, pieces = [], []
    for turn in (-360.0, 0.0, 360.0):
        west, south, east, north = view[0] + turn, view[1], view[2] + turn, view[3]
        if east < -180 or west > 180:
            continue
        part = parts.tree.query(shapely.box(west, south, east, north))
        cut = shapely.clip_by_rect(parts.geometry[part], west, south, east, north)
        keep = ~shapely.is_empty(cut)
        found.append(part[keep])
        pieces.append(cut[keep])
    near = np.concatenate(pieces)
    if manner.edge_deg is not None:
        near = shapely.segmentize(near, manner.edge_deg)
    return np.concatenate(found), flattened(near, lon, lat)


def nearest(parts: Parts, sites: Sites, manner: Manner = QUICK) -> Answer:
    """The distance to the nearest area within the cut-off, 0 inside, NaN where there is none."""
    distance, area = np.full(len(sites), np.nan), np.full(len(sites), -1)
    for i, (lon, lat) in enumerate(zip(sites.lon, sites.lat, strict=True)):
        part, flat = _near(parts, lon, lat, manner)
        if len(part):
            away = shapely.distance(flat, ORIGIN)
            best = int(np.argmin(away))
            if away[best] <= CUTOFF_M:
                distance[i], area[i] = away[best], parts.area[part[best]]
    return {"distance_m": distance, "area": area}


def disks(parts: Parts, sites: Sites, manner: Manner = QUICK) -> Answer:
    """The nearest area as above, and of each area within 50 km how much lies in each disk."""
    distance = np.full(len(sites), np.nan)
    rows: list[tuple[Ints, Ints, Floats]] = []
    circles = manner.disks()
    for i, (lon, lat) in enumerate(zip(sites.lon, sites.lat, strict=True)):
        part, flat = _near(parts, lon, lat, manner)
        away = shapely.distance(flat, ORIGIN)
        near = away <= CUTOFF_M
        if not near.any():
            continue
        distance[i] = away.min()
        part, flat, away = part[near], flat[near], away[near]
        sizes = _sizes_in_disks(parts, part, (flat, away), circles)
        area, row = np.unique(parts.area[part], return_inverse=True)
        summed = np.column_stack([np.bincount(row, weights=size, minlength=len(area)) for size in sizes.T])
        rows.append((np.full(len(area), i), area, summed))
    site, area, size = (np.concatenate(column) for column in zip(*rows, strict=True)) if rows else _nothing()
    return {"distance_m": distance, "site": site, "area": area, "area_m2": size}


def _nothing() -> tuple[Ints, Ints, Floats]:
    return np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, len(RADII_M)))


def _sizes_in_disks(
    parts: Parts, part: Ints, near: tuple[Geometries, Floats], circles: list[shapely.Polygon]
) -> Floats:
    """(k, r) square metres of each part within each disk."""
    flat, away = near
    xy, index = shapely.get_coordinates(flat, return_index=True)
    reach = np.zeros(len(flat))
    np.maximum.at(reach, index, np.hypot(xy[:, 0], xy[:, 1]))
    sizes = np.zeros((len(part), len(RADII_M)))
    for k, (radius, disk) in enumerate(zip(RADII_M, circles, strict=True)):
        whole = reach <= radius  # nothing of it was clipped: the window is wider than the disk
        sizes[whole, k] = parts.size_m2[part[whole]]
        some = (away < radius) & ~whole
        sizes[some, k] = shapely.area(shapely.intersection(_valid(flat[some]), disk))
    return sizes


def _valid(flat: Geometries) -> Geometries:
    bad = ~shapely.is_valid(flat)
    if bad.any():
        flat = flat.copy()
        flat[bad] = shapely.make_valid(flat[bad], method="structure", keep_collapsed=False)
    return flat


def union_disks(parts: Parts, sites: Sites, manner: Manner = QUICK) -> Answer:
    """(n, r) square metres of each disk that lie in any area, nothing counted twice."""
    sizes, circles = np.zeros((len(sites), len(RADII_M))), manner.disks()
    for i, (lon, lat) in enumerate(zip(sites.lon, sites.lat, strict=True)):
        _, flat = _near(parts, lon, lat, manner)
        joined = shapely.union_all(_valid(flat)) if len(flat) else None
        for k, disk in enumerate(circles):
            sizes[i, k] = 0.0 if joined is None else shapely.area(shapely.intersection(joined, disk))
    return {"union_m2": sizes}


TASKS = {"nearest": nearest, "disks": disks, "union_disks": union_disks}
TASKS |= {f"{name}_exact": partial(task, manner=EXACT) for name, task in TASKS.items()}
