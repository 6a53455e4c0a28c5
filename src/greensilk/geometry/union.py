"""The union of polygons that overlap, as polygons that do not: what any of them covers is then a plain sum."""

from __future__ import annotations

import numpy as np
import shapely

from greensilk.geometry.arrays import Geometries, Ints
from greensilk.geometry.outlines import POLYGON, Outlines, joined, outlines_of, single_parts
from greensilk.geometry.shapes import Shapes, part_areas_m2, part_boxes, shapes_of

GRID_DEG = 1e-9  # 0.1 mm: on a grid, unions of outlines that share borders do not fail


def dissolved(shapes: Shapes) -> Shapes:
    """Polygons that cover what the polygons of `shapes` cover, each place once; all are owned by 0.

    Those that meet no other stay as they are, those wholly inside another one go, and each group whose boundaries hang
    together becomes its union. Which feature comes first makes no difference.
    """
    from greensilk.geometry.kernel.overlaps import overlap_groups

    group = overlap_groups(shapes)
    size = np.bincount(group[group >= 0], minlength=shapes.part_count + 1)[group]
    alone, together = np.flatnonzero(size == 1), np.flatnonzero(size > 1)
    unions = outlines_of(_unions(shapes.outlines(together), group[together]))
    unions = unions.take(np.flatnonzero(unions.kind == POLYGON))
    whole = joined([shapes.outlines(alone), unions])
    whole = whole._replace(owner=np.zeros(len(whole.kind), dtype=np.int64))
    return shapes_of(whole.take(_order(whole)))


def _unions(outlines: Outlines, group: Ints) -> Geometries:
    """(g,) the union of each group of polygons."""
    order = _order(outlines)
    order = order[np.argsort(group[order], kind="stable")]
    first = np.flatnonzero(np.diff(group[order], prepend=-1))
    made = [_union(outlines.take(members)) for members in np.split(order, first[1:])] if len(order) else []
    unions = np.empty(len(made), dtype=object)
    unions[:] = made
    return unions


def _union(outlines: Outlines) -> shapely.Geometry:
    polygons = outlines.geometries()
    wrong = ~shapely.is_valid(polygons)
    if wrong.any():
        polygons[wrong] = shapely.make_valid(polygons[wrong])
        polygons = single_parts(polygons)[0]
        polygons = polygons[shapely.get_dimensions(polygons) == 2]
    return shapely.normalize(shapely.union_all(polygons, grid_size=GRID_DEG))


def _order(outlines: Outlines) -> Ints:
    """Polygons by their boxes and areas: an order that does not depend on the one they came in."""
    return np.lexsort((part_areas_m2(outlines), *part_boxes(outlines).T)).astype(np.int64)
