"""Where the edges of one outline pass into another one and out of it, with no special case.

Whole coordinates meet often: in vertices, along shared borders, as copies. So one outline is thought to be moved by
(e, e²), with e above 0 and smaller than anything: then no vertex lies on an edge, every two edges cross or do not, and
both outlines agree on which. What is decided is exact; where an edge is crossed is a float64.

`moved`: 1 where the points asked about are those of the moved outline, -1 where they are those of the other one.
"""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.boxes import box_at
from greensilk.geometry.kernel.compiled import inlined

FANOUT = 16


@inlined
def side_moved(x_a, y_a, x_b, y_b, x, y, moved):
    """1 where a point lies left of the way from a to b, -1 right of it; int64 in, a and b not the same."""
    dx, dy = x_b - x_a, y_b - y_a
    left, right = dx * (y - y_a), dy * (x - x_a)  # each below 6.5e18; their difference might pass int64
    if left != right:
        return 1 if left > right else -1
    if dy != 0:
        return -moved if dy > 0 else moved
    return moved if dx > 0 else -moved


@inlined
def off_line(x_a, y_a, x_b, y_b, x, y):
    """Twice the area of the triangle a, b and a point, as float64: how far the point lies left of the line."""
    left, right = (x_b - x_a) * (y - y_a), (y_b - y_a) * (x - x_a)
    if abs(left) < 4e18 and abs(right) < 4e18:
        return float(left - right)
    return float(left) - float(right)


@inlined
def _run_parity(shapes, first, last, x, y, moved):
    """Parity of the edges from vertex first to last that the ray east of a point crosses."""
    parity = False
    for i in range(first, last):
        y_a, y_b = np.int64(shapes.y[i]), np.int64(shapes.y[i + 1])
        above_a, above_b = (y_a > y, y_b > y) if moved > 0 else (y_a >= y, y_b >= y)
        if above_a == above_b:
            continue
        x_a, x_b = np.int64(shapes.x[i]), np.int64(shapes.x[i + 1])
        if max(x_a, x_b) < x:
            continue
        if (side_moved(x_a, y_a, x_b, y_b, x, y, moved) > 0) == above_b:
            parity = not parity
    return parity


@inlined
def holds_moved(shapes, part, x, y, moved):
    """Whether a polygon holds a point of the other outline."""
    parity = False
    for ring in range(shapes.part_start[part], shapes.part_start[part + 1]):
        begin, end = shapes.ring_start[ring], shapes.ring_start[ring + 1] - 1
        first_chunk, end_chunk = shapes.chunk_start[ring], shapes.chunk_start[ring + 1]
        for block in range(shapes.block_start[ring], shapes.block_start[ring + 1]):
            box = box_at(shapes.block_box, block)
            if box[1] > y or box[3] < y or box[2] < x:
                continue
            chunk_a = first_chunk + (block - shapes.block_start[ring]) * FANOUT
            for chunk in range(chunk_a, min(chunk_a + FANOUT, end_chunk)):
                box = box_at(shapes.chunk_box, chunk)
                if box[1] > y or box[3] < y or box[2] < x:
                    continue
                first = begin + (chunk - first_chunk) * FANOUT
                parity ^= _run_parity(shapes, first, min(first + FANOUT, end), x, y, moved)
    return parity


@inlined
def share_at_crossing(a, i, b, k, moved):
    """At which share of a's edge from vertex i it crosses b's edge from vertex k; below 0 where it does not."""
    ax, ay, bx, by = np.int64(a.x[i]), np.int64(a.y[i]), np.int64(a.x[i + 1]), np.int64(a.y[i + 1])
    cx, cy, dx, dy = np.int64(b.x[k]), np.int64(b.y[k]), np.int64(b.x[k + 1]), np.int64(b.y[k + 1])
    if max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx) or max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
        return -1.0
    if (ax == bx and ay == by) or (cx == dx and cy == dy):
        return -1.0
    if side_moved(cx, cy, dx, dy, ax, ay, moved) == side_moved(cx, cy, dx, dy, bx, by, moved):
        return -1.0
    if side_moved(ax, ay, bx, by, cx, cy, -moved) == side_moved(ax, ay, bx, by, dx, dy, -moved):
        return -1.0
    start, end = off_line(cx, cy, dx, dy, ax, ay), off_line(cx, cy, dx, dy, bx, by)
    if start == end:  # on one line, a hair apart
        return 0.5
    return min(max(start / (start - end), 0.0), 1.0)
