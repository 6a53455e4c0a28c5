"""The nearest part to each footprint part, and all parts within a radius."""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.bare import bare
from greensilk.geometry.kernel.boxes import box_at, haversine_of
from greensilk.geometry.kernel.compiled import inlined, jit
from greensilk.geometry.kernel.contains import FANOUT
from greensilk.geometry.kernel.far_edges import ROOM
from greensilk.geometry.kernel.gaps import around_box, bound_between, part_to_part
from greensilk.geometry.kernel.growing import doubled
from greensilk.geometry.kernel.meeting import POINT, by_the_edge
from greensilk.geometry.kernel.plane import NEAR_M
from greensilk.geometry.kernel.point_distance import better, bound_to, outline_from, part_from, point_at, reach_of
from greensilk.geometry.kernel.touch import meet_anywhere, over_the_edge, widened
from greensilk.geometry.kernel.tree import children, new_heap, pop, push, push_root, with_room

EVERYWHERE_M = 20_100_000.0
NEARER_TURNS, NEARER_SHARE = 12, 0.99999  # it ends when a turn brings less than that


@inlined
def nearest_to_point(shapes, point, best, heap, bounds):
    """The best with every part within reach of a point, and the heap, which may have grown."""
    count = push_root(heap, shapes)
    while count > 0:
        bound = heap[0][0]
        if bound > best[2]:
            break
        node, level, count = pop(heap, count)
        if level == 0:
            # The bound of a root that is a part was not asked.
            best = part_from(shapes, node, bound_to(point, box_at(shapes.node_box, node)), point, best, bounds)
            continue
        heap = with_room(heap, count)
        first, end = children(shapes, node, level)
        for child in range(first, end):
            bound = bound_to(point, box_at(shapes.node_box, child))
            if bound <= best[2]:
                count = push(heap, count, bound, child, level - 1)
    return best, heap


@inlined
def touched_by(shapes, sites, site, best, heap):
    """The best with the least owner of a part that touches a part of `sites`, and the heap."""
    by_edge = by_the_edge(box_at(sites.node_box, site))
    west, south, east, north = widened(box_at(sites.node_box, site))
    count = push_root(heap, shapes)
    while count > 0:
        node, level, count = pop(heap, count)
        if level == 0:
            owner = shapes.part_owner[node]
            if best[0] > 0 or owner < best[3]:
                met = meet_anywhere(sites, site, shapes, node, by_edge)
                if met >= 0:
                    best = better(best, 0.0, owner, sites.lon[met] * 1e7, sites.lat[met] * 1e7)
            continue
        heap = with_room(heap, count)
        first, end = children(shapes, node, level)
        for child in range(first, end):
            box = box_at(shapes.node_box, child)
            if (box[0] <= east and box[2] >= west and box[1] <= north and box[3] >= south) or (
                by_edge and over_the_edge(box_at(sites.node_box, site), box)
            ):
                count = push(heap, count, 0.0, child, level - 1)
    return best, heap


@inlined
def drawn_nearer(shapes, sites, site, best, heap, bounds):
    """The best from places of a part of `sites` that are nearest to what was found, in turns: nothing wins here that is
    not true, and the search for what is nearest of all then has less to open."""
    for _ in range(NEARER_TURNS):
        before = best[0]
        if best[3] < 0:
            break
        mine = reach_of(EVERYWHERE_M, np.int64(-1), np.nan, np.nan)
        mine = outline_from(sites, site, point_at(best[4] / 1e7, best[5] / 1e7), mine, np.int64(0), bounds)
        best, heap = nearest_to_point(shapes, point_at(mine[4] / 1e7, mine[5] / 1e7), best, heap, bounds)
        if best[0] > NEARER_SHARE * before:
            break
    return best, heap


@inlined
def nearest_to_part(shapes, sites, site, best, heap, laid):
    """The best with every part within reach of a part of `sites` that touches none, and the heap."""
    place = around_box(box_at(sites.node_box, site))
    count = push_root(heap, shapes)
    while count > 0:
        if heap[0][0] > best[2]:
            break
        node, level, count = pop(heap, count)
        if level == 0:
            best = part_to_part(sites, site, shapes, node, best, laid)
            continue
        heap = with_room(heap, count)
        first, end = children(shapes, node, level)
        for child in range(first, end):
            bound = bound_between(place, box_at(shapes.node_box, child))
            if bound <= best[2]:
                count = push(heap, count, bound, child, level - 1)
    return best, heap


@jit
def nearest_to_parts(shapes, sites, cutoff_m):
    """For each of (n,) parts of `sites`: metres, owner (-1: none within the cutoff), the place in units (n, 2)."""
    shapes, sites = bare(shapes), bare(sites)
    n = len(sites.part_kind)
    metres, owner, place = np.full(n, np.nan), np.full(n, -1, np.int64), np.full((n, 2), np.nan)
    heap, bounds, laid = new_heap(), np.empty(FANOUT), np.empty((ROOM, 4))
    for site in range(n):
        first = sites.ring_start[sites.part_start[site]]
        best = reach_of(cutoff_m, np.int64(-1), np.nan, np.nan)
        best, heap = nearest_to_point(shapes, point_at(sites.lon[first], sites.lat[first]), best, heap, bounds)
        if sites.part_kind[site] != POINT:
            best, heap = touched_by(shapes, sites, site, best, heap)
            if best[0] > NEAR_M:
                best, heap = drawn_nearer(shapes, sites, site, best, heap, bounds)
            if best[0] > 0:
                best, heap = nearest_to_part(shapes, sites, site, best, heap, laid)
        if best[3] >= 0:
            metres[site], owner[site], place[site, 0], place[site, 1] = best[0], best[3], best[4], best[5]
    return metres, owner, place


@inlined
def gap_within(shapes, sites, site, part, radius_m, room):
    """Metres from a part of `sites` to a part of `shapes`, 0 where they touch; above the radius where it is farther."""
    best = reach_of(radius_m, np.int64(-1), np.nan, np.nan)
    if sites.part_kind[site] == POINT:
        first = sites.ring_start[sites.part_start[site]]
        point = point_at(sites.lon[first], sites.lat[first])
        best = part_from(shapes, part, bound_to(point, box_at(shapes.node_box, part)), point, best, room[0])
    elif meet_anywhere(sites, site, shapes, part, by_the_edge(box_at(sites.node_box, site))) >= 0:
        return 0.0
    else:
        best = part_to_part(sites, site, shapes, part, best, room[1])
    return best[0] if best[3] >= 0 else np.inf


@jit
def parts_within(shapes, sites, radius_m):
    """(part of `sites`, owner, metres) of all parts within a radius, in the order of the former; an owner may come
    more than once."""
    shapes, sites = bare(shapes), bare(sites)
    n = len(sites.part_kind)
    mine, owner, metres, found = np.empty(n + 16, np.int64), np.empty(n + 16, np.int64), np.empty(n + 16), 0
    heap, room = new_heap(), (np.empty(FANOUT), np.empty((ROOM, 4)))
    reach = haversine_of(radius_m)
    for site in range(n):
        place = around_box(box_at(sites.node_box, site))
        count = push_root(heap, shapes)
        while count > 0:
            node, level, count = pop(heap, count)
            if level == 0:
                gap = gap_within(shapes, sites, site, node, radius_m, room)
                if gap <= radius_m:
                    if found == len(mine):
                        mine, owner, metres = doubled(mine), doubled(owner), doubled(metres)
                    mine[found], owner[found], metres[found] = site, shapes.part_owner[node], gap
                    found += 1
                continue
            heap = with_room(heap, count)
            first, end = children(shapes, node, level)
            for child in range(first, end):
                bound = bound_between(place, box_at(shapes.node_box, child))
                if bound <= reach:
                    count = push(heap, count, bound, child, level - 1)
    return mine[:found], owner[:found], metres[:found]
