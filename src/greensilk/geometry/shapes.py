"""Outlines made ready to be searched: whole numbers, boxes of short runs of edges, and one packed tree over the parts.

Coordinates are kept twice: as int32 in units of 1e-7 degrees (1.1 cm), small and exact to compute with, and as the
float64 they came as, which are looked at only where a point lies within a few millimetres of an edge. Sixteen edges of
a ring are a chunk, sixteen chunks a block, sixteen parts a node of the tree; each has a box. All arrays are read-only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Ints, spans, starts
from greensilk.geometry.geodesy import ring_areas_m2
from greensilk.geometry.outlines import POLYGON, Outlines

UNITS_PER_DEGREE = 1e7
FANOUT = 16  # edges in a chunk, chunks in a block, children of a node
Boxes = NDArray[np.int32]  # (k, 4) west, south, east, north in units
Units = NDArray[np.int32]


class Shapes(NamedTuple):
    """(p,) parts under a tree.

    lon, lat: (v,) degrees; x, y: (v,) the same in units; ring_start: (r + 1,) first vertex of each ring; part_start:
    (p + 1,) first ring of each part; part_kind: (p,) POINT, LINE or POLYGON; part_owner: (p,) index of the shape;
    part_area_m2: (p,) on the ellipsoid, holes left out; chunk_start, block_start: (r + 1,) first chunk and block of
    each ring; chunk_box, block_box: their boxes; node_box: (k, 4) boxes of the tree, those of the parts first, the
    root last; level_start: (levels + 1,) first node of each level. The children of node i of a level are the nodes
    16 i ... of the level below.
    """

    lon: Floats
    lat: Floats
    x: Units
    y: Units
    ring_start: Ints
    part_start: Ints
    part_kind: NDArray[np.int8]
    part_owner: Ints
    part_area_m2: Floats
    chunk_start: Ints
    chunk_box: Boxes
    block_start: Ints
    block_box: Boxes
    node_box: Boxes
    level_start: Ints

    @property
    def part_count(self) -> int:
        """How many parts there are."""
        return len(self.part_kind)

    @property
    def part_box(self) -> Boxes:
        """(p, 4) boxes of the parts, in units."""
        return self.node_box[: self.part_count]

    def outlines(self, parts: Ints) -> Outlines:
        """The outlines of some parts, in the order given."""
        whole = Outlines(self.lon, self.lat, self.ring_start, self.part_start, self.part_kind, self.part_owner)
        return whole.take(parts)


def to_units(degrees: Floats) -> Units:
    """Degrees -> the nearest whole unit of 1e-7 degrees."""
    return np.rint(np.asarray(degrees) * UNITS_PER_DEGREE).astype(np.int32)


def shapes_of(outlines: Outlines) -> Shapes:
    """Outlines ready to be searched, their parts packed along a Hilbert curve."""
    outlines = outlines.take(packing_order(part_boxes(outlines)))
    x, y = to_units(outlines.lon), to_units(outlines.lat)
    chunk_start, chunk_box = ring_chunks(x, y, outlines.ring_start)
    block_start, block_box = chunk_blocks(chunk_start, chunk_box)
    part_box = _part_boxes(_reduced(block_box, block_start[:-1]), outlines.part_start)
    node_box, level_start = tree_over(part_box)
    return sealed(
        Shapes(
            lon=outlines.lon,
            lat=outlines.lat,
            x=x,
            y=y,
            ring_start=outlines.ring_start,
            part_start=outlines.part_start,
            part_kind=outlines.kind,
            part_owner=outlines.owner,
            part_area_m2=part_areas_m2(outlines),
            chunk_start=chunk_start,
            chunk_box=chunk_box,
            block_start=block_start,
            block_box=block_box,
            node_box=node_box,
            level_start=level_start,
        )
    )


def sealed(shapes: Shapes) -> Shapes:
    """The same arrays, read-only and contiguous: compiled functions are made for arrays of one make."""
    arrays = []
    for array in shapes:
        plain = np.ascontiguousarray(array).view(np.ndarray)
        plain.flags.writeable = False
        arrays.append(plain)
    return Shapes(*arrays)


def part_areas_m2(outlines: Outlines) -> Floats:
    """(p,) areas of the parts; points and lines have none."""
    areas = np.zeros(len(outlines.kind))
    flat = outlines.kind == POLYGON
    if flat.any():
        polygons = outlines if flat.all() else outlines.take(np.flatnonzero(flat))
        rings = ring_areas_m2(polygons.lon, polygons.lat, polygons.ring_start)
        part = np.repeat(np.arange(len(polygons.kind)), np.diff(polygons.part_start))
        areas[flat] = np.bincount(part, weights=rings, minlength=len(polygons.kind))
    return areas


def _reduced(boxes: Boxes, first: Ints) -> Boxes:
    """Boxes around runs of boxes that begin at `first` and leave none out."""
    if not len(first):
        return boxes[:0]
    sides = (np.minimum, np.minimum, np.maximum, np.maximum)
    return np.column_stack([side.reduceat(boxes[:, k], first) for k, side in enumerate(sides)])


def _edge_boxes(x: Units, y: Units, ring_start: Ints) -> tuple[Boxes, Ints]:
    """Boxes of all edges, and the first edge of each ring."""
    start = np.ones(len(x), dtype=bool)
    start[ring_start[1:] - 1] = False
    a = np.flatnonzero(start)
    boxes = np.column_stack(
        [np.minimum(x[a], x[a + 1]), np.minimum(y[a], y[a + 1]), np.maximum(x[a], x[a + 1]), np.maximum(y[a], y[a + 1])]
    )
    return boxes, ring_start - np.arange(len(ring_start))


def ring_boxes(x: Units, y: Units, ring_start: Ints) -> Boxes:
    """(r, 4) boxes of the rings."""
    boxes, first = _edge_boxes(x, y, ring_start)
    return _reduced(boxes, first[:-1])


def _part_boxes(boxes: Boxes, part_start: Ints) -> Boxes:
    return _reduced(boxes, part_start[:-1])


def part_boxes(outlines: Outlines) -> Boxes:
    """(p, 4) boxes of the parts."""
    boxes = ring_boxes(to_units(outlines.lon), to_units(outlines.lat), outlines.ring_start)
    return _part_boxes(boxes, outlines.part_start)


def ring_chunks(x: Units, y: Units, ring_start: Ints) -> tuple[Ints, Boxes]:
    """(r + 1,) first chunk of each ring and the boxes of the chunks."""
    boxes, first_edge = _edge_boxes(x, y, ring_start)
    return _grouped(boxes, first_edge)


def chunk_blocks(chunk_start: Ints, chunk_box: Boxes) -> tuple[Ints, Boxes]:
    """(r + 1,) first block of each ring and the boxes of the blocks."""
    return _grouped(chunk_box, chunk_start)


def _grouped(boxes: Boxes, ring_first: Ints) -> tuple[Ints, Boxes]:
    """Runs of sixteen boxes within each ring."""
    count = -(-np.diff(ring_first) // FANOUT)
    step = spans(np.zeros(len(count), dtype=np.int64), count) * FANOUT
    return starts(count), _reduced(boxes, np.repeat(ring_first[:-1], count) + step)


def tree_over(part_box: Boxes) -> tuple[Boxes, Ints]:
    """Boxes of all nodes, the leaves first and the root last, and where each level begins."""
    levels, level_start = [part_box], [0, len(part_box)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(_reduced(below, np.arange(0, len(below), FANOUT)))
        level_start.append(level_start[-1] + len(levels[-1]))
    return np.concatenate(levels).reshape(-1, 4).astype(np.int32), np.array(level_start, dtype=np.int64)


def packing_order(boxes: Boxes) -> Ints:
    """The order of (k, 4) boxes along a Hilbert curve through their middles; equal places by their sides."""
    middle = (boxes[:, :2].astype(np.int64) + boxes[:, 2:]) // 2
    lon, lat = middle[:, 0] / UNITS_PER_DEGREE, middle[:, 1] / UNITS_PER_DEGREE
    return np.lexsort((*boxes.T, hilbert_code(lon, lat)))


def hilbert_code(lon: Floats, lat: Floats) -> Ints:
    """(n,) place along a Hilbert curve over the world, below 2**32; lon, lat: (n,) degrees."""
    from greensilk.geometry.kernel.hilbert import hilbert_codes

    codes: Ints = hilbert_codes(np.ascontiguousarray(lon, np.float64), np.ascontiguousarray(lat, np.float64))
    return codes


def walk_of(lon: Floats, lat: Floats) -> Ints:
    """The order of (n,) points along a Hilbert curve; equal places keep their order."""
    # One sort of whole numbers is many times faster than sorting indices by their codes.
    return np.sort(hilbert_code(lon, lat) << 31 | np.arange(len(lon))) & (2**31 - 1)
