"""Area on the ellipsoid that polygon zones share with polygon parts.

What two polygons share is bounded by the edges of each that lie inside the other one; by Green's theorem its area is
the sum, over those, of the strip between the edge and a latitude. No plane is needed, so wide zones and poles are no
special case. A part wholly inside a zone, or a zone wholly inside a part, is its own area.
"""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.bare import bare
from greensilk.geometry.kernel.boxes import box_at, boxes_meet
from greensilk.geometry.kernel.compiled import inlined, jit
from greensilk.geometry.kernel.crossings import holds_moved, share_at_crossing
from greensilk.geometry.kernel.plane import E2, SEMI_MINOR_M, UNIT_RAD

FANOUT = 16
POLYGON = 2
LEAST_AREA_M2 = 1e-3
NODE_2 = 0.5773502691896258  # Gauss's two points; right to 1e-12 of a strip for pieces that rise by up to PIECE_RAD
PIECE_RAD = 0.005
ZONE, PART = 1, -1  # the zone is the outline thought to be moved


@inlined
def strip_m2(lat):
    """Area between the equator and a latitude in radians, per radian of longitude."""
    sine = np.sin(lat)
    s2 = E2 * sine * sine
    series = 1 + s2 * (1 / 3 + s2 * (1 / 5 + s2 * (1 / 7 + s2 * (1 / 9 + s2 / 11))))  # artanh(e sin) / e sin
    return SEMI_MINOR_M * SEMI_MINOR_M / 2 * sine * (1 / (1 - s2) + series)


@inlined
def under_piece(x_a, y_a, x_b, y_b, base):
    """Signed area, in units of the edge, between a straight lon/lat piece and the latitude that `base` is the strip of:
    positive where it runs west above it."""
    if x_a == x_b:
        return 0.0
    rise = (y_b - y_a) * UNIT_RAD
    pieces = max(1, int(np.ceil(abs(rise) / PIECE_RAD)))
    total = 0.0
    for k in range(pieces):
        middle = y_a * UNIT_RAD + rise * (k + 0.5) / pieces
        half = 0.5 * rise / pieces * NODE_2
        total += strip_m2(middle - half) + strip_m2(middle + half) - 2 * base
    return -(x_b - x_a) * UNIT_RAD * total / (2 * pieces)


@inlined
def _runs_within(shapes, part, box, runs):
    """Runs of edges of a part whose boxes meet a box: (k, 3) first vertex, last vertex, chunk; and how many."""
    count = 0
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
                if count == len(runs):
                    runs = np.concatenate((runs, np.empty_like(runs)))
                first = begin + (chunk - first_chunk) * FANOUT
                runs[count, 0], runs[count, 1], runs[count, 2] = first, min(first + FANOUT, end), chunk
                count += 1
    return runs, count


@inlined
def _shares(a, i, b, runs, near, near_count, moved, shares):
    """Sorted shares of a's edge from vertex i at which it crosses any of b's edges; and how many."""
    count = 0
    for n in range(near_count):
        for k in range(runs[near[n], 0], runs[near[n], 1]):
            share = share_at_crossing(a, i, b, k, moved)
            if share < 0:
                continue
            if count == len(shares):
                shares = np.append(shares, np.empty_like(shares))
            at = count
            while at > 0 and shares[at - 1] > share:
                shares[at] = shares[at - 1]
                at -= 1
            shares[at] = share
            count += 1
    return shares, count


@inlined
def _under_edge(x_a, y_a, x_b, y_b, inside, shares, count, base):
    """Area under the pieces of an edge that lie inside; shares: where it passes in or out."""
    total, start = 0.0, 0.0
    for n in range(count + 1):
        end = shares[n] if n < count else 1.0
        if inside:
            x_from, y_from = x_a + start * (x_b - x_a), y_a + start * (y_b - y_a)
            x_to, y_to = x_a + end * (x_b - x_a), y_a + end * (y_b - y_a)
            total += under_piece(x_from, y_from, x_to, y_to, base)
        inside = not inside
        start = end
    return total


@inlined
def _under_edges_inside(a, part_a, b, part_b, moved, own, own_count, runs, run_count, work, base):
    """Area under the edges of a's part that lie inside b's part.

    own: runs of a's part where the boxes of both meet: the other edges are outside; runs: the same of b's part
    """
    near, shares = work
    total, inside, last_vertex = 0.0, False, -1
    for m in range(own_count):
        first, last, chunk = own[m, 0], own[m, 1], own[m, 2]
        if first != last_vertex:
            # The vertex before belongs to a run outside the box of b's part, unless the ring begins here.
            inside = holds_moved(b, part_b, np.int64(a.x[first]), np.int64(a.y[first]), moved)
        near_count = 0
        for n in range(run_count):
            if boxes_meet(box_at(b.chunk_box, runs[n, 2]), box_at(a.chunk_box, chunk)):
                near[near_count] = n
                near_count += 1
        for i in range(first, last):
            count = 0
            if near_count > 0:
                shares, count = _shares(a, i, b, runs, near, near_count, moved, shares)
            if inside or count > 0:
                x_a, y_a, x_b, y_b = float(a.x[i]), float(a.y[i]), float(a.x[i + 1]), float(a.y[i + 1])
                total += _under_edge(x_a, y_a, x_b, y_b, inside, shares, count, base)
                if count & 1:
                    inside = not inside
        last_vertex = last
    return total


@inlined
def shared_m2(zones, zone, parts, part, work):
    """Area that a zone and a part share, in square metres."""
    zone_runs, part_runs, shares = work
    a, b = box_at(zones.node_box, zone), box_at(parts.node_box, part)
    box = np.array([max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])])
    zone_runs, zone_count = _runs_within(zones, zone, box, zone_runs)
    if zone_count == 0:
        first = parts.ring_start[parts.part_start[part]]
        holds = holds_moved(zones, zone, np.int64(parts.x[first]), np.int64(parts.y[first]), PART)
        return parts.part_area_m2[part] if holds else 0.0
    part_runs, part_count = _runs_within(parts, part, box, part_runs)
    if part_count == 0:
        first = zones.ring_start[zones.part_start[zone]]
        holds = holds_moved(parts, part, np.int64(zones.x[first]), np.int64(zones.y[first]), ZONE)
        return zones.part_area_m2[zone] if holds else 0.0
    base = strip_m2(0.5 * (float(box[1]) + float(box[3])) * UNIT_RAD)
    near = np.empty(max(zone_count, part_count), np.int64)
    area = _under_edges_inside(
        parts, part, zones, zone, PART, part_runs, part_count, zone_runs, zone_count, (near, shares), base
    )
    area += _under_edges_inside(
        zones, zone, parts, part, ZONE, zone_runs, zone_count, part_runs, part_count, (near, shares), base
    )
    return max(0.0, area)


@jit
def zone_areas(shapes, zones):
    """Triples (zone part, part, m²) of polygon parts that share area with parts of zones."""
    shapes, zones = bare(shapes), bare(zones)
    levels = len(shapes.level_start) - 1
    capacity, found = 1024, 0
    ours, theirs, areas = np.empty(capacity, np.int64), np.empty(capacity, np.int64), np.empty(capacity)
    if shapes.level_start[levels] == 0:
        return ours[:0], theirs[:0], areas[:0]
    nodes, depths = np.empty(FANOUT * levels + 1, np.int64), np.empty(FANOUT * levels + 1, np.int64)
    work = (np.empty((64, 3), np.int64), np.empty((64, 3), np.int64), np.empty(64))
    for zone in range(len(zones.part_kind)):
        box = box_at(zones.node_box, zone)
        top = 1
        nodes[0], depths[0] = shapes.level_start[levels] - 1, levels - 1
        while top > 0:
            top -= 1
            node, level = nodes[top], depths[top]
            if not boxes_meet(box_at(shapes.node_box, node), box):
                continue
            if level > 0:
                first = shapes.level_start[level - 1] + (node - shapes.level_start[level]) * FANOUT
                for child in range(first, min(first + FANOUT, shapes.level_start[level])):
                    if boxes_meet(box_at(shapes.node_box, child), box):
                        nodes[top], depths[top] = child, level - 1
                        top += 1
                continue
            if shapes.part_kind[node] != POLYGON:
                continue
            area = shared_m2(zones, zone, shapes, node, work)
            if area <= LEAST_AREA_M2:
                continue
            if found == capacity:
                ours, theirs = np.append(ours, np.empty_like(ours)), np.append(theirs, np.empty_like(theirs))
                areas = np.append(areas, np.empty_like(areas))
                capacity *= 2
            ours[found], theirs[found], areas[found] = zone, node, area
            found += 1
    return ours[:found], theirs[:found], areas[:found]
