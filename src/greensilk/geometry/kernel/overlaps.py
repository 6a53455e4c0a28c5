"""Which polygon parts meet: their boundaries, or one whole inside the other."""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.bare import bare
from greensilk.geometry.kernel.boxes import box_at, boxes_meet
from greensilk.geometry.kernel.compiled import inlined, jit
from greensilk.geometry.kernel.contains import INSIDE, UNSURE, part_holds_exactly, part_state

FANOUT = 16
POLYGON = 2
APART, TOGETHER, FIRST_COVERED, SECOND_COVERED = 0, 1, 2, 3


@inlined
def side_of(x_a, y_a, x_b, y_b, x, y):
    """1 where a place lies left of the way from a to b, -1 right of it, 0 on its line; whole units, exact in int64."""
    left, right = (x_b - x_a) * (y - y_a), (y_b - y_a) * (x - x_a)  # each below 6.5e18; their difference might not be
    return (left > right) - (left < right)


@inlined
def _edges_meet(x, y, i, k):
    """Whether the edges that begin at vertices i and k share a place."""
    ax, ay, bx, by = np.int64(x[i]), np.int64(y[i]), np.int64(x[i + 1]), np.int64(y[i + 1])
    cx, cy, dx, dy = np.int64(x[k]), np.int64(y[k]), np.int64(x[k + 1]), np.int64(y[k + 1])
    if max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx) or max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
        return False
    if side_of(ax, ay, bx, by, cx, cy) * side_of(ax, ay, bx, by, dx, dy) > 0:
        return False
    return side_of(cx, cy, dx, dy, ax, ay) * side_of(cx, cy, dx, dy, bx, by) <= 0


@inlined
def _run_meets(shapes, first, last, box, part):
    """Whether a run of edges in a box meets an edge of a part."""
    for ring in range(shapes.part_start[part], shapes.part_start[part + 1]):
        begin, end = shapes.ring_start[ring], shapes.ring_start[ring + 1] - 1
        first_chunk, end_chunk = shapes.chunk_start[ring], shapes.chunk_start[ring + 1]
        for block in range(shapes.block_start[ring], shapes.block_start[ring + 1]):
            if not boxes_meet(box_at(shapes.block_box, block), box):
                continue
            chunk_a = first_chunk + (block - shapes.block_start[ring]) * FANOUT
            for chunk in range(chunk_a, min(chunk_a + FANOUT, end_chunk)):
                if not boxes_meet(box_at(shapes.chunk_box, chunk), box):
                    continue
                start = begin + (chunk - first_chunk) * FANOUT
                for k in range(start, min(start + FANOUT, end)):
                    for i in range(first, last):
                        if _edges_meet(shapes.x, shapes.y, i, k):
                            return True
    return False


@inlined
def _boundaries_meet(shapes, large, small):
    """Whether any edges of two parts share a place; quick where `large` is the one of more edges."""
    small_box = box_at(shapes.node_box, small)
    for ring in range(shapes.part_start[large], shapes.part_start[large + 1]):
        begin, end = shapes.ring_start[ring], shapes.ring_start[ring + 1] - 1
        first_chunk, end_chunk = shapes.chunk_start[ring], shapes.chunk_start[ring + 1]
        for block in range(shapes.block_start[ring], shapes.block_start[ring + 1]):
            if not boxes_meet(box_at(shapes.block_box, block), small_box):
                continue
            chunk_a = first_chunk + (block - shapes.block_start[ring]) * FANOUT
            for chunk in range(chunk_a, min(chunk_a + FANOUT, end_chunk)):
                if not boxes_meet(box_at(shapes.chunk_box, chunk), small_box):
                    continue
                start = begin + (chunk - first_chunk) * FANOUT
                if _run_meets(shapes, start, min(start + FANOUT, end), box_at(shapes.chunk_box, chunk), small):
                    return True
    return False


@inlined
def _holds_vertex(shapes, part, vertex):
    """Whether a part holds a vertex of another one in lon/lat, where a pole is a line and not one place."""
    state = part_state(shapes, part, np.int64(shapes.x[vertex]), np.int64(shapes.y[vertex]))
    if state == UNSURE:
        return part_holds_exactly(shapes, part, shapes.lon[vertex], shapes.lat[vertex])
    return state == INSIDE


@inlined
def _edge_count(shapes, part):
    return shapes.ring_start[shapes.part_start[part + 1]] - shapes.ring_start[shapes.part_start[part]]


@inlined
def _covers_hole(shapes, inner, outer):
    """Whether a part that lies within the outline of another one covers some of its holes."""
    for hole in range(shapes.part_start[outer] + 1, shapes.part_start[outer + 1]):
        if _holds_vertex(shapes, inner, shapes.ring_start[hole]):
            return True
    return False


@inlined
def _are_same(shapes, i, k):
    """Whether two parts have the same rings."""
    a, b = shapes.ring_start[shapes.part_start[i]], shapes.ring_start[shapes.part_start[k]]
    count = shapes.ring_start[shapes.part_start[i + 1]] - a
    if shapes.ring_start[shapes.part_start[k + 1]] - b != count:
        return False
    same = 0
    while same < count and shapes.x[a + same] == shapes.x[b + same] and shapes.y[a + same] == shapes.y[b + same]:
        same += 1
    return same == count


@inlined
def _relation(shapes, i, k):
    """How two parts lie to each other: APART, TOGETHER, FIRST_COVERED by the second or SECOND_COVERED by the first."""
    if _are_same(shapes, i, k):
        return SECOND_COVERED
    large, small = (i, k) if _edge_count(shapes, i) >= _edge_count(shapes, k) else (k, i)
    if _boundaries_meet(shapes, large, small):
        return TOGETHER
    if _holds_vertex(shapes, k, shapes.ring_start[shapes.part_start[i]]):
        return TOGETHER if _covers_hole(shapes, i, k) else FIRST_COVERED
    if _holds_vertex(shapes, i, shapes.ring_start[shapes.part_start[k]]):
        return TOGETHER if _covers_hole(shapes, k, i) else SECOND_COVERED
    return APART


@inlined
def _root(parent, part):
    while parent[part] != part:
        parent[part] = parent[parent[part]]
        part = parent[part]
    return part


@jit
def overlap_groups(shapes):
    """(p,) for each polygon part the first part of the group that it hangs together with; -1 for a part that another
    one covers, and for points and lines."""
    shapes = bare(shapes)
    levels = len(shapes.level_start) - 1
    count = shapes.level_start[1] if levels > 0 else 0
    covered = np.zeros(count, np.bool_)
    one, other, met = np.empty(1024, np.int64), np.empty(1024, np.int64), 0
    nodes, depths = np.empty(FANOUT * levels + 1, np.int64), np.empty(FANOUT * levels + 1, np.int64)
    for i in range(count):
        if shapes.part_kind[i] != POLYGON:
            covered[i] = True
            continue
        top = 1
        nodes[0], depths[0] = shapes.level_start[levels] - 1, levels - 1
        while top > 0:
            top -= 1
            node, level = nodes[top], depths[top]
            if not boxes_meet(box_at(shapes.node_box, node), box_at(shapes.node_box, i)):
                continue
            if level > 0:
                first = shapes.level_start[level - 1] + (node - shapes.level_start[level]) * FANOUT
                for child in range(first, min(first + FANOUT, shapes.level_start[level])):
                    nodes[top], depths[top] = child, level - 1
                    top += 1
                continue
            if node <= i or shapes.part_kind[node] != POLYGON:
                continue
            relation = _relation(shapes, i, node)
            if relation == FIRST_COVERED:
                covered[i] = True
            elif relation == SECOND_COVERED:
                covered[node] = True
            if relation != TOGETHER:
                continue
            if met == len(one):
                one, other = np.append(one, np.empty_like(one)), np.append(other, np.empty_like(other))
            one[met], other[met] = i, node
            met += 1
    group = np.arange(count)
    for k in range(met):
        if not covered[one[k]] and not covered[other[k]]:
            a, b = _root(group, one[k]), _root(group, other[k])
            group[max(a, b)] = min(a, b)
    for i in range(count):
        group[i] = -1 if covered[i] else _root(group, i)
    return group
