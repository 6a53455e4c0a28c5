"""The union of polygons that overlap, as polygons that do not: what any of them covers is then a plain sum."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from greensilk.geometry.arrays import Ints
from greensilk.geometry.outlines import POLYGON, Outlines, joined, outlines_of, single_parts
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
    return union_of(shapes, *joined_groups(shapes))


def union_of(shapes: Shapes, group_of: Ints, unions: Shapes) -> Union:
    """The union of shapes from what joined_groups found."""
    kind = np.where(group_of < 0, shapes.part_kind, np.int8(REPLACED))
    return Union(sealed(shapes._replace(part_kind=kind)), unions)


def joined_groups(shapes: Shapes) -> tuple[Ints, Shapes]:
    """Which polygons are replaced, and by what: those whose boundaries hang together become their union.

    returns: (p,) as groups_of gives it, and the unions, owned by their groups
    """
    group_of, count = groups_of(shapes)
    return group_of, shapes_of(joined([outlines_of(np.empty(0, dtype=object)), *unions_of(shapes, group_of, count)]))


def groups_of(shapes: Shapes) -> tuple[Ints, int]:
    """(p,) number of the group that a part goes into; one past the last group where another part covers it whole; -1
    where it stands alone. And how many groups there are."""
    from greensilk.geometry.kernel.overlaps import overlap_groups

    found = overlap_groups(shapes)
    together = (found >= 0) & (np.bincount(found[found >= 0], minlength=shapes.part_count)[found] > 1)
    members = np.flatnonzero(together)
    numbers, place = np.unique(found[members], return_inverse=True)
    group_of = np.full(shapes.part_count, -1)
    group_of[members] = place
    group_of[(found < 0) & (shapes.part_kind == POLYGON)] = len(numbers)
    return group_of, len(numbers)


def unions_of(shapes: Shapes, group_of: Ints, count: int) -> Iterator[Outlines]:
    """The unions of the groups, owned by them, made of a bounded number of vertices, or of one group, at a time.

    group_of, count: as groups_of gives them
    """
    members = np.flatnonzero((group_of >= 0) & (group_of < count))
    # Within a group by boxes and areas: an order that does not depend on the one they came in.
    by_place = (shapes.part_area_m2[members], *shapes.part_box[members].T, group_of[members])
    members = members[np.lexsort(by_place)]
    sizes = shapes.ring_start[shapes.part_start[members + 1]] - shapes.ring_start[shapes.part_start[members]]
    start = np.append(np.flatnonzero(np.diff(group_of[members], prepend=-1)), len(members))
    reached = np.cumsum(sizes)[start[1:] - 1]
    batches = np.append(np.flatnonzero(np.diff(reached // VERTICES_AT_ONCE, prepend=-1)), count)
    for begin, end in pairwise(batches.tolist()):
        outlines = shapes.outlines(members[start[begin] : start[end]])
        unions = np.empty(end - begin, dtype=object)
        for one in range(begin, end):
            unions[one - begin] = _union(outlines.take(np.arange(start[one], start[one + 1]) - start[begin]))
        made = outlines_of(unions)
        made = made.take(np.flatnonzero(made.kind == POLYGON))
        yield made._replace(owner=made.owner + begin)


@np.errstate(divide="ignore", invalid="ignore")  # a part thinner than the grid leaves nothing, and a warning
def _union(outlines: Outlines) -> shapely.Geometry:
    polygons = outlines.geometries()
    wrong = ~shapely.is_valid(polygons)
    if wrong.any():
        polygons[wrong] = shapely.make_valid(polygons[wrong])
        polygons = single_parts(polygons)[0]
        polygons = polygons[shapely.get_dimensions(polygons) == 2]
    return shapely.normalize(shapely.union_all(polygons, grid_size=GRID_DEG))
