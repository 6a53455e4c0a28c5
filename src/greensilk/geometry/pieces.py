"""Parts cut small, with their long edges made short, so that each fits in one plane; their union is unchanged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from greensilk.geometry.arrays import Floats, Geometries, Ints

MAX_EDGE_DEG = 0.03  # a longer edge bends by more than 0.5 m between lon/lat and a local plane at 60°N
MAX_VERTICES = 64
MAX_SIDE_DEG = 2.0  # a wider piece of a polygon would be too wide for one plane


class Pieces(NamedTuple):
    """Small geometries. geometry: (k,) lon/lat; owner: (k,) index of what each was cut from."""

    geometry: Geometries
    owner: Ints


def cut_small(parts: Geometries, max_vertices: int = MAX_VERTICES, max_edge_deg: float = MAX_EDGE_DEG) -> Pieces:
    """Single parts cut into pieces of few vertices with short edges; their union is unchanged."""
    done: list[Geometries] = []
    owners: list[Ints] = []
    index = np.arange(len(parts), dtype=np.int64)
    types = shapely.get_type_id(parts)
    done.append(parts[types == 0])
    owners.append(index[types == 0])
    lines = types == 1
    cut, owner = _cut_lines(shapely.segmentize(parts[lines], max_edge_deg), max_vertices)
    done.append(cut)
    owners.append(index[lines][owner])
    other = (types == 2) | (types == 3)
    cut, owner = _cut_polygons(parts[other], max_vertices, max_edge_deg)
    done.append(cut)
    owners.append(index[other][owner])
    return Pieces(np.concatenate(done), np.concatenate(owners))


def _cut_lines(lines: Geometries, max_vertices: int) -> tuple[Geometries, Ints]:
    """Each line in runs of `max_vertices`, one vertex shared by neighbours."""
    if not len(lines):
        return lines, np.empty(0, dtype=np.int64)
    coords, line = shapely.get_coordinates(lines, return_index=True)
    counts = np.bincount(line, minlength=len(lines))
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    step = max_vertices - 1
    runs = np.maximum(1, -(-(counts - 1) // step))
    owner = np.repeat(np.arange(len(lines)), runs)
    run = np.arange(len(owner)) - np.repeat(np.cumsum(runs) - runs, runs)
    start = first[owner] + run * step
    size = np.minimum(step, first[owner] + counts[owner] - 1 - start) + 1
    where = np.repeat(start - (np.cumsum(size) - size), size) + np.arange(size.sum())
    cut = shapely.linestrings(coords[where], indices=np.repeat(np.arange(len(owner)), size))
    return np.asarray(cut), owner.astype(np.int64)


def _cut_polygons(polygons: Geometries, max_vertices: int, max_edge_deg: float) -> tuple[Geometries, Ints]:
    """Polygons halved along their longer side until small."""
    queue, owner = polygons, np.arange(len(polygons), dtype=np.int64)
    done: list[Geometries] = [polygons[:0]]
    owners: list[Ints] = [owner[:0]]
    for _ in range(40):
        bounds = np.asarray(shapely.bounds(queue)).reshape(-1, 4)
        wide = (bounds[:, 2:] - bounds[:, :2]).max(axis=1) > MAX_SIDE_DEG
        big = (shapely.get_num_coordinates(queue) > max_vertices) | wide
        done.append(queue[~big])
        owners.append(owner[~big])
        queue, owner = queue[big], owner[big]
        if not len(queue):
            break
        queue, owner = _halve(queue, owner)
    done.append(queue)  # what forty halvings cannot make small is kept whole
    owners.append(owner)
    return shapely.segmentize(np.concatenate(done), max_edge_deg), np.concatenate(owners)


def _two(polygon: shapely.Geometry, first: Floats, second: Floats) -> tuple[shapely.Geometry, shapely.Geometry]:
    """The polygon within two boxes: the quick way where that gives valid polygons of the right area."""
    halves = shapely.clip_by_rect(polygon, *first), shapely.clip_by_rect(polygon, *second)
    area = shapely.area(polygon)
    if all(map(shapely.is_valid, halves)) and abs(shapely.area(halves).sum() - area) <= 1e-12 * area:
        return halves
    return shapely.intersection(polygon, shapely.box(*first)), shapely.intersection(polygon, shapely.box(*second))


def _halve(polygons: Geometries, owner: Ints) -> tuple[Geometries, Ints]:
    west, south, east, north = shapely.bounds(polygons).T
    wide = (east - west) >= (north - south)
    x, y = (west + east) / 2, (south + north) / 2
    first = np.column_stack([west, south, np.where(wide, x, east), np.where(wide, north, y)])
    second = np.column_stack([np.where(wide, x, west), np.where(wide, south, y), east, north])
    halves = np.empty(2 * len(polygons), dtype=object)
    for i, polygon in enumerate(polygons):
        halves[i], halves[i + len(polygons)] = _two(polygon, first[i], second[i])
    parts, index = shapely.get_parts(halves, return_index=True)
    keep = shapely.get_dimensions(parts) == 2
    return parts[keep], np.concatenate([owner, owner])[index[keep]]
