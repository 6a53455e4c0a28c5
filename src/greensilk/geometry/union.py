"""The union of polygons that overlap, as polygons that do not: what any of them covers is then a plain sum."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from greensilk.geometry.arrays import Geometries, Ints
from greensilk.geometry.outlines import POLYGON, Outlines, outlines_of, single_parts
from greensilk.geometry.shapes import Shapes, sealed, shapes_of

REPLACED = 3  # the kind of a polygon that another one, or a union, stands for
VERTICES_AT_ONCE = 1_000_000
GRID_DEG = 1e-9  # 0.1 mm: on a grid, unions of outlines that share borders do not fail


class Union(NamedTuple):
    """What polygons cover, each place once. alone: the shapes themselves, where only parts that meet no other are
    polygons still; joined: the unions of those that hang together."""

    alone: Shapes
    joined: Shapes


def dissolved(shapes: Shapes) -> Union:
    """What the polygons of `shapes` cover, each place once; which feature comes first makes no difference."""
    group_of, joined = joined_groups(shapes)
    return union_of(shapes, group_of, joined)


def union_of(shapes: Shapes, group_of: Ints, joined: Shapes) -> Union:
    """The union of shapes from what joined_groups found."""
    kind = np.where(group_of < 0, shapes.part_kind, np.int8(REPLACED))
    return Union(sealed(shapes._replace(part_kind=kind)), joined)


def joined_groups(shapes: Shapes) -> tuple[Ints, Shapes]:
    """Which polygons are replaced, and by what: those whose boundaries hang together become their union.

    returns: (p,) number of the group that a part goes into; one past the last group where another part covers it whole;
    -1 where it stands alone; and the unions, owned by their groups
    """
    from greensilk.geometry.kernel.overlaps import overlap_groups

    found = overlap_groups(shapes)
    together = (found >= 0) & (np.bincount(found[found >= 0], minlength=shapes.part_count)[found] > 1)
    members = np.flatnonzero(together)
    numbers, place = np.unique(found[members], return_inverse=True)
    group_of = np.full(shapes.part_count, -1)
    group_of[members] = place
    group_of[(found < 0) & (shapes.part_kind == POLYGON)] = len(numbers)
    unions = outlines_of(_unions(shapes, members, place))
    return group_of, shapes_of(unions.take(np.flatnonzero(unions.kind == POLYGON)))


def _unions(shapes: Shapes, members: Ints, group: Ints) -> Geometries:
    """(g,) the union of each group of polygons; a bounded number of vertices, or one group, is taken out at a time.

    members: (k,) the polygons; group: (k,) 0 to g - 1, the group of each
    """
    # Within a group by boxes and areas: an order that does not depend on the one they came in.
    order = np.lexsort((shapes.part_area_m2[members], *shapes.part_box[members].T, group))
    members, group = members[order], group[order]
    sizes = shapes.ring_start[shapes.part_start[members + 1]] - shapes.ring_start[shapes.part_start[members]]
    start = np.append(np.flatnonzero(np.diff(group, prepend=-1)), len(members))
    reached = np.cumsum(sizes)[start[1:] - 1]
    batches = np.append(np.flatnonzero(np.diff(reached // VERTICES_AT_ONCE, prepend=-1)), len(start) - 1)
    unions = np.empty(len(start) - 1, dtype=object)
    for begin, end in pairwise(batches.tolist()):
        outlines = shapes.outlines(members[start[begin] : start[end]])
        for one in range(begin, end):
            unions[one] = _union(outlines.take(np.arange(start[one], start[one + 1]) - start[begin]))
    return unions


def _union(outlines: Outlines) -> shapely.Geometry:
    polygons = outlines.geometries()
    wrong = ~shapely.is_valid(polygons)
    if wrong.any():
        polygons[wrong] = shapely.make_valid(polygons[wrong])
        polygons = single_parts(polygons)[0]
        polygons = polygons[shapely.get_dimensions(polygons) == 2]
    return shapely.normalize(shapely.union_all(polygons, grid_size=GRID_DEG))
