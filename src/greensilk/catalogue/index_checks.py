"""Whether the arrays of an index file fit each other: cheap, without looking at a single vertex.

The checksum finds what was altered by accident. These checks find what was made wrong: compiled code looks nothing up
outside an array whose places have passed them.
"""

from __future__ import annotations

import numpy as np

from greensilk.geometry.arrays import Ints, starts
from greensilk.geometry.outlines import POINT, POLYGON
from greensilk.geometry.shapes import FANOUT, Shapes


def fault_of(shapes: Shapes, shape_of: Ints) -> str | None:
    """What does not fit, in a word; None where all does.

    shapes: as an index file gives them; shape_of: (n,) index of the shape of each feature, -1: none
    """
    parts = shapes.part_count
    rings, vertices = len(shapes.ring_start) - 1, len(shapes.lon)
    if not vertices == len(shapes.lat) == len(shapes.x) == len(shapes.y):
        return "vertices"
    if not parts == len(shapes.part_owner) == len(shapes.part_area_m2):
        return "parts"
    if len(shapes.part_start) != parts + 1 or not _rising(shapes.part_start, rings):
        return "part_start"
    if not _rising(shapes.ring_start, vertices, least=2):
        return "ring_start"
    if not np.array_equal(
        shapes.chunk_start, _grouped(shapes.ring_start - np.arange(rings + 1), len(shapes.chunk_box))
    ):
        return "chunk_start"
    if not np.array_equal(shapes.block_start, _grouped(shapes.chunk_start, len(shapes.block_box))):
        return "block_start"
    if not np.array_equal(shapes.level_start, _levels(parts)) or shapes.level_start[-1] != len(shapes.node_box):
        return "level_start"
    return _fault_of_owners(shapes, shape_of)


def _fault_of_owners(shapes: Shapes, shape_of: Ints) -> str | None:
    if len(shapes.part_kind) and not POINT <= shapes.part_kind.min() <= shapes.part_kind.max() <= POLYGON:
        return "part_kind"
    count = int(shape_of.max(initial=-1)) + 1
    if count > len(shape_of) or shape_of.min(initial=0) < -1:
        return "shape_of"
    if len(shapes.part_owner) and not 0 <= shapes.part_owner.min() <= shapes.part_owner.max() < count:
        return "part_owner"
    return None


def _rising(start: Ints, end: int, least: int = 1) -> bool:
    """Whether runs of at least so many begin at 0, follow one another and stop at `end`."""
    return len(start) > 0 and start[0] == 0 and start[-1] == end and bool((np.diff(start) >= least).all())


def _grouped(first: Ints, most: int) -> Ints:
    """Where the groups of runs that begin at `first` begin; nothing where that is not as many groups as there are."""
    counts = -(-np.diff(first) // FANOUT)
    return starts(counts) if counts.sum() == most else counts[:0]


def _levels(leaves: int) -> Ints:
    """Where the levels of a tree over so many leaves begin."""
    sizes = [leaves]
    while sizes[-1] > 1:
        sizes.append(-(-sizes[-1] // FANOUT))
    return starts(np.array(sizes, dtype=np.int64))
