"""The packed tree taken nearest first: nodes wait in a heap by their lower bounds, so that none is opened which lies
farther than what is found in the end."""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.compiled import inlined, woven
from greensilk.geometry.kernel.contains import FANOUT

LEVELS = 16  # 16 levels of 16 children are more than any memory holds


@inlined
def new_heap():
    """Room for waiting nodes: bounds, and nodes with their levels as one number."""
    return np.empty(1024), np.empty(1024, np.int64)


@inlined
def with_room(heap, count):
    """The heap with room for one more node's children."""
    if count + FANOUT <= len(heap[0]):
        return heap
    return np.append(heap[0], np.empty_like(heap[0])), np.append(heap[1], np.empty_like(heap[1]))


@inlined
def push(heap, count, bound, node, level):
    """One more node in the heap; how many there are."""
    bounds, items = heap
    at = count
    while at > 0:
        above = (at - 1) >> 1
        if bounds[above] <= bound:
            break
        bounds[at], items[at] = bounds[above], items[above]
        at = above
    bounds[at], items[at] = bound, node * LEVELS + level
    return count + 1


@inlined
def pop(heap, count):
    """The nearest node and its level taken out, and how many are left."""
    bounds, items = heap
    item = items[0]
    count -= 1
    bound, last = bounds[count], items[count]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= count:
            break
        if below + 1 < count and bounds[below + 1] < bounds[below]:
            below += 1
        if bounds[below] >= bound:
            break
        bounds[at], items[at] = bounds[below], items[below]
        at = below
    bounds[at], items[at] = bound, last
    return item // LEVELS, item % LEVELS, count


@inlined
def push_root(heap, shapes):
    """The root in an empty heap; how many are in it: none where there is no part."""
    levels = len(shapes.level_start) - 1
    if shapes.level_start[levels] == 0:
        return 0
    return push(heap, 0, 0.0, shapes.level_start[levels] - 1, levels - 1)


@woven
def children(shapes, node, level):
    """First child of a node, and the one after its last."""
    first = shapes.level_start[level - 1] + (node - shapes.level_start[level]) * FANOUT
    return first, min(first + FANOUT, shapes.level_start[level])
