"""Areas of parts within concentric geodesic disks: down the tree, past what lies outside, by edges where it must.

A part wholly inside a disk is its area on the ellipsoid, and its edges are never looked at. Of the others, edges are
laid in the plane only within a window of longitudes and latitudes about the largest disk; runs of edges outside it are
asked only whether they cross the cut (see disk_sums).
"""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.bare import bare
from greensilk.geometry.kernel.boxes import box_at, box_haversine, haversine_of
from greensilk.geometry.kernel.compiled import inlined, jit
from greensilk.geometry.kernel.disk_sums import (
    add_angle,
    add_edge,
    add_run,
    disks_without,
    plane_about,
    turns_far,
)
from greensilk.geometry.kernel.plane import (
    E2,
    HALF_TURN,
    LEAST_RADIUS_M,
    NEAR_LAT_UNITS,
    SEMI_MAJOR_M,
    TURN,
    UNIT_RAD,
    near_plane,
)

FANOUT = 16
POLYGON = 2
QUARTER = 900_000_000.0
LEAST_AREA_M2 = 1e-3  # less is what rounding leaves of an outline that only touches the disk


@inlined
def _site(lon, lat, reach_m):
    """The site for the plane, its curvature, the way of the cut, and the window (west, south, east, north) in units."""
    x, y = lon * 1e7, lat * 1e7
    x = min(max(x, 0.5 - HALF_TURN), HALF_TURN - 0.5)  # on the meridian of 180 it would lie on both sides of the world
    lat_0 = y * UNIT_RAD
    cos_0, sin_0 = np.cos(lat_0), np.sin(lat_0)
    w = 1 - E2 * sin_0 * sin_0
    curvature = w * w / (36 * SEMI_MAJOR_M * SEMI_MAJOR_M * (1 - E2))
    aside = 1.01 * reach_m / LEAST_RADIUS_M
    far = abs(y) + aside / UNIT_RAD > NEAR_LAT_UNITS
    up = np.ceil(aside / UNIT_RAD) + 10
    if far:
        west, east = -4 * HALF_TURN, 4 * HALF_TURN
    else:
        least = np.cos(abs(lat_0) + aside)
        wide = np.ceil(np.arcsin(min(1.0, np.sin(aside) / least)) / UNIT_RAD) + 10
        west, east = np.floor(x) - wide, np.ceil(x) + wide
    window = (west, np.floor(y) - up, east, np.ceil(y) + up)
    return (x, lat_0, cos_0, sin_0, 1.0 if far else 0.0), y, curvature, 1.0 if y < 0 else -1.0, window


@inlined
def _window_share(window, x_a, y_a, x_b, y_b):
    """From which share of an edge to which it runs within the window; (1, 0) where it does not.

    Y.-D. Liang, B. A. Barsky, ACM Transactions on Graphics 3 (1984).
    """
    start, end = 0.0, 1.0
    for axis in range(2):
        a, d = (x_a, x_b - x_a) if axis == 0 else (y_a, y_b - y_a)
        low, high = (window[0], window[2]) if axis == 0 else (window[1], window[3])
        if d == 0:
            if a < low or a > high:
                return 1.0, 0.0
            continue
        first, last = (low - a) / d, (high - a) / d
        if d < 0:
            first, last = last, first
        start, end = max(start, first), min(end, last)
    return start, end


@inlined
def _turns_of_run(shapes, first, last, shift, site, y_0, cut):
    """Whole turns that edges from vertex first to last, all outside, make past the cut."""
    angle = 0.0
    x_a = shapes.x[first] + shift
    for i in range(first, last):
        x_b = shapes.x[i + 1] + shift
        if (x_a <= site[0]) != (x_b <= site[0]):
            angle += turns_far(x_a, float(shapes.y[i]), x_b, float(shapes.y[i + 1]), site[0], y_0, cut)
        x_a = x_b
    return angle


@inlined
def _meets_cut(box, shift, x_0, y_0, cut):
    return box[0] + shift <= x_0 <= box[2] + shift and (box[3] > y_0 if cut > 0 else box[1] < y_0)


@inlined
def _is_outside(box, shift, window, x, y, sin_y, cos_y, reach):
    """Whether a box lies outside the window or farther than the largest disk reaches."""
    if box[0] + shift > window[2] or box[2] + shift < window[0] or box[1] > window[3] or box[3] < window[1]:
        return True
    return box_haversine(x, y, sin_y, cos_y, box) > reach


@inlined
def _within(box, shift, window):
    return box[0] + shift >= window[0] and box[2] + shift <= window[2] and box[1] >= window[1] and box[3] <= window[3]


@inlined
def _add_clipped(sums, radii_m, site, frame, window, y_0, state, x_a, y_a, x_b, y_b):
    """An edge that may leave the window or come into it.

    state: whether the outline is in the plane, and where; returns the same after the edge
    """
    cut = frame[0]
    there, here = state
    start, end = _window_share(window, x_a, y_a, x_b, y_b)
    if start > end:
        add_angle(sums, len(radii_m), turns_far(x_a, y_a, x_b, y_b, site[0], y_0, cut))
        return False, here
    x_in, y_in = x_a, y_a
    if start > 0:
        x_in, y_in = x_a + start * (x_b - x_a), y_a + start * (y_b - y_a)
        add_angle(sums, len(radii_m), turns_far(x_a, y_a, x_in, y_in, site[0], y_0, cut))
        there = False
    if not there:
        here = plane_about(site, x_in, y_in)
    if end == 1:
        return True, add_edge(sums, radii_m, site, frame, here, x_in, y_in, x_b, y_b)
    x_out, y_out = x_a + end * (x_b - x_a), y_a + end * (y_b - y_a)
    here = add_edge(sums, radii_m, site, frame, here, x_in, y_in, x_out, y_out)
    add_angle(sums, len(radii_m), turns_far(x_out, y_out, x_b, y_b, site[0], y_0, cut))
    return False, here


@inlined
def _add_chunk(xs, ys, first, last, whole, shift, sums, radii_m, site, frame, window, y_0, state):
    """Edges from vertex first to last; whole: they do not leave the window."""
    there, here = state
    x_a, y_a = xs[first] + shift, float(ys[first])
    if whole:
        if not there:
            here = plane_about(site, x_a, y_a)
        return True, add_run(xs, ys, first, last, shift, sums, radii_m, site, frame, here)
    for i in range(first + 1, last + 1):
        x_b, y_b = xs[i] + shift, float(ys[i])
        there, here = _add_clipped(sums, radii_m, site, frame, window, y_0, (there, here), x_a, y_a, x_b, y_b)
        x_a, y_a = x_b, y_b
    return there, here


@inlined
def _add_part(shapes, part, shift, sums, radii_m, site, frame, window, y_0, reach):
    """All rings of a part, moved east by a whole turn or none."""
    cut = frame[0]
    xs, ys, blocks, chunks = shapes.x, shapes.y, shapes.block_box, shapes.chunk_box
    x_0 = site[0] - shift
    sin_y, cos_y = abs(site[3]), site[2]
    for ring in range(shapes.part_start[part], shapes.part_start[part + 1]):
        begin, end = shapes.ring_start[ring], shapes.ring_start[ring + 1] - 1
        first_chunk, end_chunk = shapes.chunk_start[ring], shapes.chunk_start[ring + 1]
        there, here = False, (0.0, 0.0)
        for block in range(shapes.block_start[ring], shapes.block_start[ring + 1]):
            box = box_at(blocks, block)
            outside = _is_outside(box, shift, window, x_0, y_0, sin_y, cos_y, reach)
            if outside:
                there = False
                if not _meets_cut(box, shift, site[0], y_0, cut):
                    continue
            chunk_a = first_chunk + (block - shapes.block_start[ring]) * FANOUT
            for chunk in range(chunk_a, min(chunk_a + FANOUT, end_chunk)):
                box = box_at(chunks, chunk)
                first = begin + (chunk - first_chunk) * FANOUT
                last = min(first + FANOUT, end)
                if outside or _is_outside(box, shift, window, x_0, y_0, sin_y, cos_y, reach):
                    there = False
                    if _meets_cut(box, shift, site[0], y_0, cut):
                        angle = _turns_of_run(shapes, first, last, shift, site, y_0, cut)
                        add_angle(sums, len(radii_m), angle)
                    continue
                whole = _within(box, shift, window)
                there, here = _add_chunk(
                    xs, ys, first, last, whole, shift, sums, radii_m, site, frame, window, y_0, (there, here)
                )


@inlined
def _farthest_m2(box, shift, window, site):
    """Square of the distance that no place of a box near the site exceeds; infinite where that is not cheap to say."""
    if site[4] > 0 or not _within(box, shift, window):
        return np.inf
    farthest = 0.0
    for corner in range(4):
        x, y = box[0 if corner & 1 else 2] + shift, float(box[1 if corner & 2 else 3])
        east, north = near_plane(site[0], site[1], site[2], site[3], x, y)
        farthest = max(farthest, east * east + north * north)
    return farthest * 1.000001 + 1.0


@inlined
def part_in_disks(shapes, part, site, y_0, frame, window, radii_m, reaches, sums, areas):
    """Area of a part in each disk, into areas."""
    count = len(radii_m)
    box = box_at(shapes.node_box, part)
    nearest = box_haversine(site[0], y_0, abs(site[3]), site[2], box)
    outside = 0
    while outside < count and nearest > reaches[outside]:
        outside += 1
    areas[:] = 0.0
    if outside == count:
        return
    sums[:] = 0.0
    turns = 0 if site[4] > 0 else 1
    for turn in range(-turns, turns + 1):
        shift = turn * TURN
        if box[0] + shift > window[2] or box[2] + shift < window[0]:
            continue
        if disks_without(_farthest_m2(box, shift, window, site), radii_m) <= outside:
            areas[outside:] += abs(shapes.part_area_m2[part])
            return
        _add_part(shapes, part, shift, sums, radii_m, site, frame, window, y_0, reaches[count - 1])
    area = 0.0
    for j in range(count):
        area += sums[0, j]
        r2 = radii_m[j] * radii_m[j]
        areas[j] = max(0.0, abs(area + 0.5 * r2 * (1 - 3 * frame[1] * r2) * sums[1, j]))


@jit
def disk_areas(shapes, lon, lat, radii_m):
    """Triples (site, part, areas in m² within each radius) of polygon parts with area in the largest disk.

    lon, lat: (n,) degrees; radii_m: (r,) ascending. A part's own area may count as negative: it is a hole alone.
    """
    shapes = bare(shapes)
    levels, count = len(shapes.level_start) - 1, len(radii_m)
    capacity = 4 * len(lon) + 64
    sites, parts, areas = np.empty(capacity, np.int64), np.empty(capacity, np.int64), np.empty((capacity, count))
    found = 0
    if shapes.level_start[levels] == 0:
        return sites[:0], parts[:0], areas[:0]
    nodes, depths = np.empty(FANOUT * levels + 1, np.int64), np.empty(FANOUT * levels + 1, np.int64)
    sums, row, reaches = np.empty((2, count + 1)), np.empty(count), np.empty(count)
    for j in range(count):
        reaches[j] = haversine_of(radii_m[j])
    for i in range(len(lon)):
        site, y_0, curvature, cut, window = _site(lon[i], lat[i], radii_m[count - 1])
        sin_y, cos_y = abs(site[3]), site[2]
        top = 1
        nodes[0], depths[0] = shapes.level_start[levels] - 1, levels - 1
        while top > 0:
            top -= 1
            node, level = nodes[top], depths[top]
            if level > 0:
                first = shapes.level_start[level - 1] + (node - shapes.level_start[level]) * FANOUT
                for child in range(first, min(first + FANOUT, shapes.level_start[level])):
                    if box_haversine(site[0], y_0, sin_y, cos_y, box_at(shapes.node_box, child)) <= reaches[count - 1]:
                        nodes[top], depths[top] = child, level - 1
                        top += 1
                continue
            if shapes.part_kind[node] != POLYGON:
                continue
            part_in_disks(shapes, node, site, y_0, (cut, curvature), window, radii_m, reaches, sums, row)
            if row[count - 1] <= LEAST_AREA_M2:
                continue
            if found == capacity:
                sites, parts = np.append(sites, np.empty_like(sites)), np.append(parts, np.empty_like(parts))
                areas = np.concatenate((areas, np.empty_like(areas)))
                capacity *= 2
            sites[found], parts[found], areas[found] = i, node, row
            found += 1
    return sites[:found], parts[:found], areas[:found]
