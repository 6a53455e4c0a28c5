"""Whether two parts share a place, exactly: as the float64 coordinates say, boundaries counted.

Sides are taken in whole units and are certain where rounding could not turn them; what is not certain is asked again of
the float64 coordinates. The meridians of -180 and 180 are one: the first part may be thought moved by a turn.
"""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.boxes import box_at
from greensilk.geometry.kernel.compiled import inlined, woven
from greensilk.geometry.kernel.contains import FANOUT, MERIDIAN, POLE, POLYGON, ROUNDED, orientation, part_holds

POINT = 0
UNCERTAIN = 2
TURN_UNITS = 3_600_000_000


@inlined
def near_each_other(a, b, shift):
    """Whether two boxes of rounded coordinates could share a place; shift: units that a is moved east."""
    return (
        np.int64(a[0]) + shift <= b[2] + ROUNDED
        and np.int64(a[2]) + shift >= b[0] - ROUNDED
        and a[1] <= b[3] + ROUNDED
        and a[3] >= b[1] - ROUNDED
    )


@inlined
def by_the_edge(box):
    """Whether a box reaches the antimeridian or a pole, where others may meet it that lie elsewhere in lon/lat."""
    return (
        box[0] <= ROUNDED - MERIDIAN
        or box[2] >= MERIDIAN - ROUNDED
        or box[1] <= ROUNDED - POLE
        or box[3] >= POLE - ROUNDED
    )


@inlined
def _side(ax, ay, bx, by, px, py):
    """1 left of the way from a to b, -1 right, UNCERTAIN where rounding to units could have changed it."""
    dx, dy, ex, ey = bx - ax, by - ay, px - ax, py - ay
    off = dx * ey - dy * ex
    if abs(off) <= abs(dx) + abs(dy) + abs(ex) + abs(ey) + 8.0:
        return UNCERTAIN
    return 1 if off > 0 else -1


@inlined
def edges_meet_exactly(ax, ay, bx, by, cx, cy, dx, dy):
    """Whether the edges ab and cd share a place; float64, exact."""
    if max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx) or max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
        return False
    if orientation(ax, ay, bx, by, cx, cy) * orientation(ax, ay, bx, by, dx, dy) > 0:
        return False
    return orientation(cx, cy, dx, dy, ax, ay) * orientation(cx, cy, dx, dy, bx, by) <= 0


@inlined
def rounded_edges_meet(ax, ay, bx, by, cx, cy, dx, dy):
    """Whether the edges ab and cd share a place: 0 or 1, or UNCERTAIN; whole units as float64."""
    c, d = _side(ax, ay, bx, by, cx, cy), _side(ax, ay, bx, by, dx, dy)
    if c == d and c != UNCERTAIN:
        return 0
    a, b = _side(cx, cy, dx, dy, ax, ay), _side(cx, cy, dx, dy, bx, by)
    if a == b and a != UNCERTAIN:
        return 0
    return 1 if max(a, b, c, d) < UNCERTAIN else UNCERTAIN


@inlined
def edges_meet(sites, i, shapes, j, shift):
    """Whether edge i of `sites`, moved east by `shift` units, and edge j of `shapes` share a place: exact."""
    move = shift / 1e7
    return edges_meet_exactly(
        sites.lon[i] + move,
        sites.lat[i],
        sites.lon[i + 1] + move,
        sites.lat[i + 1],
        shapes.lon[j],
        shapes.lat[j],
        shapes.lon[j + 1],
        shapes.lat[j + 1],
    )


@woven
def chunk_vertices(shapes, ring, chunk):
    """First and last vertex of a chunk of edges."""
    first = shapes.ring_start[ring] + (chunk - shapes.chunk_start[ring]) * FANOUT
    return first, min(first + FANOUT, shapes.ring_start[ring + 1] - 1)


@woven
def block_chunks(shapes, ring, block):
    """First chunk of a block, and the one after its last."""
    first = shapes.chunk_start[ring] + (block - shapes.block_start[ring]) * FANOUT
    return first, min(first + FANOUT, shapes.chunk_start[ring + 1])


@woven
def _chunks_meet(sites, a, b, shapes, c, d, box, shift):
    """The first edge among a ... b of `sites` that meets one among c ... d of `shapes`; -1 if none does."""
    west, south, east, north = box[0] - ROUNDED, box[1] - ROUNDED, box[2] + ROUNDED, box[3] + ROUNDED
    for i in range(a, b):
        x_0, x_1 = np.int64(sites.x[i]) + shift, np.int64(sites.x[i + 1]) + shift
        y_0, y_1 = np.int64(sites.y[i]), np.int64(sites.y[i + 1])
        low_x, high_x = min(x_0, x_1) - ROUNDED, max(x_0, x_1) + ROUNDED
        low_y, high_y = min(y_0, y_1) - ROUNDED, max(y_0, y_1) + ROUNDED
        if low_x > east or high_x < west or low_y > north or high_y < south:
            continue
        u_0, v_0 = np.int64(shapes.x[c]), np.int64(shapes.y[c])
        for j in range(c, d):
            u_1, v_1 = np.int64(shapes.x[j + 1]), np.int64(shapes.y[j + 1])
            if (
                min(u_0, u_1) <= high_x
                and max(u_0, u_1) >= low_x
                and min(v_0, v_1) <= high_y
                and max(v_0, v_1) >= low_y
            ):
                met = rounded_edges_meet(
                    float(x_0), float(y_0), float(x_1), float(y_1), float(u_0), float(v_0), float(u_1), float(v_1)
                )
                if met == 1 or (met == UNCERTAIN and edges_meet(sites, i, shapes, j, shift)):
                    return i
            u_0, v_0 = u_1, v_1
    return -1


@woven
def _chunk_meets_part(sites, a, b, box, shapes, part, shift):
    """The first edge among a ... b of `sites`, whose box is given, that meets the outline of a part of `shapes`."""
    for ring in range(shapes.part_start[part], shapes.part_start[part + 1]):
        for block in range(shapes.block_start[ring], shapes.block_start[ring + 1]):
            if not near_each_other(box, box_at(shapes.block_box, block), shift):
                continue
            first, end = block_chunks(shapes, ring, block)
            for chunk in range(first, end):
                if near_each_other(box, box_at(shapes.chunk_box, chunk), shift):
                    c, d = chunk_vertices(shapes, ring, chunk)
                    met = _chunks_meet(sites, a, b, shapes, c, d, box_at(shapes.chunk_box, chunk), shift)
                    if met >= 0:
                        return met
    return -1


@inlined
def _outlines_meet(sites, site, shapes, part, shift):
    """An edge of a part of `sites` that meets the outline of a part of `shapes`; -1 if none does."""
    whole = box_at(shapes.node_box, part)
    for ring in range(sites.part_start[site], sites.part_start[site + 1]):
        for block in range(sites.block_start[ring], sites.block_start[ring + 1]):
            if not near_each_other(box_at(sites.block_box, block), whole, shift):
                continue
            first, end = block_chunks(sites, ring, block)
            for chunk in range(first, end):
                if near_each_other(box_at(sites.chunk_box, chunk), whole, shift):
                    a, b = chunk_vertices(sites, ring, chunk)
                    met = _chunk_meets_part(sites, a, b, box_at(sites.chunk_box, chunk), shapes, part, shift)
                    if met >= 0:
                        return met
    return -1


@woven
def _vertex_in(sites, vertex, shapes, part, shift):
    """Whether a part of `shapes` holds a vertex of `sites`."""
    x = np.int64(sites.x[vertex]) + shift
    return part_holds(shapes, part, x, np.int64(sites.y[vertex]), sites.lon[vertex] + shift / 1e7, sites.lat[vertex])


@inlined
def meet(sites, site, shapes, part, shift):
    """A vertex of a part of `sites` at, or one edge from, a place that it shares with a part of `shapes`; -1 if none.

    shift: units that the first is moved east: 0, or a turn either way
    """
    mine, theirs = box_at(sites.node_box, site), box_at(shapes.node_box, part)
    if (mine[3] >= POLE and theirs[3] >= POLE) or (mine[1] <= -POLE and theirs[1] <= -POLE):
        return sites.ring_start[sites.part_start[site]]
    if not near_each_other(mine, theirs, shift):
        return -1
    first = sites.ring_start[sites.part_start[site]]
    if shapes.part_kind[part] == POLYGON:
        if _vertex_in(sites, first, shapes, part, shift):
            return first
        if sites.part_kind[site] == POINT:
            return -1
    met = _outlines_meet(sites, site, shapes, part, shift)
    if met >= 0 or sites.part_kind[site] != POLYGON:
        return met
    theirs_first = shapes.ring_start[shapes.part_start[part]]
    return first if _vertex_in(shapes, theirs_first, sites, site, -shift) else -1
