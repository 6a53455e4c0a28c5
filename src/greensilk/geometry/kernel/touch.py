"""Pairs of parts that share a place."""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.bare import bare
from greensilk.geometry.kernel.boxes import box_at
from greensilk.geometry.kernel.compiled import inlined, jit
from greensilk.geometry.kernel.contains import FANOUT, POLE, ROUNDED
from greensilk.geometry.kernel.growing import doubled
from greensilk.geometry.kernel.meeting import TURN_UNITS, by_the_edge, meet, near_each_other


@inlined
def widened(box):
    """West, south, east, north that a box must reach to share a place with another of rounded coordinates."""
    return box[0] - ROUNDED, box[1] - ROUNDED, box[2] + ROUNDED, box[3] + ROUNDED


@inlined
def over_the_edge(mine, theirs):
    """Whether two boxes could share a place over the antimeridian or at a pole."""
    if near_each_other(mine, theirs, TURN_UNITS) or near_each_other(mine, theirs, -TURN_UNITS):
        return True
    return (mine[3] >= POLE and theirs[3] >= POLE) or (mine[1] <= -POLE and theirs[1] <= -POLE)


@inlined
def meet_anywhere(sites, site, shapes, part, by_edge):
    """As meet, over the antimeridian too where the box of the site is by_the_edge."""
    met = meet(sites, site, shapes, part, 0)
    if by_edge and met < 0:
        mine, theirs = box_at(sites.node_box, site), box_at(shapes.node_box, part)
        if near_each_other(mine, theirs, TURN_UNITS):
            met = meet(sites, site, shapes, part, TURN_UNITS)
        if met < 0 and near_each_other(mine, theirs, -TURN_UNITS):
            met = meet(sites, site, shapes, part, -TURN_UNITS)
    return met


@jit
def touching_parts(shapes, sites):
    """Pairs (part of `sites`, part of `shapes`) that share a place, each once, in the order of the former."""
    shapes, sites = bare(shapes), bare(sites)
    count = len(sites.part_kind)
    capacity, found = count + 16, 0
    mine, theirs = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    levels = len(shapes.level_start) - 1
    if shapes.level_start[levels] == 0:
        return mine[:0], theirs[:0]
    nodes, depths = np.empty(FANOUT * levels + 1, np.int64), np.empty(FANOUT * levels + 1, np.int64)
    for site in range(count):
        by_edge = by_the_edge(box_at(sites.node_box, site))
        west, south, east, north = widened(box_at(sites.node_box, site))
        top = 1
        nodes[0], depths[0] = shapes.level_start[levels] - 1, levels - 1
        while top > 0:
            top -= 1
            node, level = nodes[top], depths[top]
            if level == 0:
                if meet_anywhere(sites, site, shapes, node, by_edge) >= 0:
                    if found == capacity:
                        mine, theirs, capacity = doubled(mine), doubled(theirs), 2 * capacity
                    mine[found], theirs[found] = site, node
                    found += 1
                continue
            first = shapes.level_start[level - 1] + (node - shapes.level_start[level]) * FANOUT
            for child in range(first, min(first + FANOUT, shapes.level_start[level])):
                box = box_at(shapes.node_box, child)
                if (box[0] <= east and box[2] >= west and box[1] <= north and box[3] >= south) or (
                    by_edge and over_the_edge(box_at(sites.node_box, site), box)
                ):
                    nodes[top], depths[top] = child, level - 1
                    top += 1
    return mine[:found], theirs[:found]
