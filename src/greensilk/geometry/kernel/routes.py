"""Where lines run inside polygons, and where they cross lines or pass points."""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.boxes import box_at
from greensilk.geometry.kernel.compiled import inlined, jit
from greensilk.geometry.kernel.contains import POLYGON, part_holds
from greensilk.geometry.kernel.growing import doubled
from greensilk.geometry.kernel.meeting import block_chunks, chunk_vertices, edges_meet, near_each_other


@inlined
def _along(lines, i, shapes, j):
    """Shares of edge i at which edge j meets it: the same twice, or the two ends of what they have in common."""
    ax, ay = lines.lon[i], lines.lat[i]
    dx, dy = lines.lon[i + 1] - ax, lines.lat[i + 1] - ay
    cx, cy = shapes.lon[j] - ax, shapes.lat[j] - ay
    ex, ey = shapes.lon[j + 1] - ax, shapes.lat[j + 1] - ay
    across = dx * (ey - cy) - dy * (ex - cx)
    square = dx * dx + dy * dy
    if square == 0:
        return 0.0, 0.0
    if across == 0:
        t, u = (cx * dx + cy * dy) / square, (ex * dx + ey * dy) / square
    else:
        t = u = (cx * (ey - cy) - cy * (ex - cx)) / across
    return min(1.0, max(0.0, t)), min(1.0, max(0.0, u))


@inlined
def _chunk_cuts(lines, a, b, first, shapes, c, d, cuts, count):
    """Adds the places, in edges from vertex `first`, where the edges a ... b meet those of c ... d."""
    for i in range(a, b):
        low_x, high_x = min(lines.x[i], lines.x[i + 1]) - 2, max(lines.x[i], lines.x[i + 1]) + 2
        low_y, high_y = min(lines.y[i], lines.y[i + 1]) - 2, max(lines.y[i], lines.y[i + 1]) + 2
        for j in range(c, d):
            u_0, u_1, v_0, v_1 = shapes.x[j], shapes.x[j + 1], shapes.y[j], shapes.y[j + 1]
            if min(u_0, u_1) > high_x or max(u_0, u_1) < low_x or min(v_0, v_1) > high_y or max(v_0, v_1) < low_y:
                continue
            if edges_meet(lines, i, shapes, j, 0):
                if count + 2 > len(cuts):
                    cuts = doubled(cuts)
                t, u = _along(lines, i, shapes, j)
                cuts[count], cuts[count + 1] = i - first + t, i - first + u
                count += 2
    return cuts, count


@inlined
def _part_cuts(lines, a, b, first, box, shapes, part, cuts, count):
    """As _chunk_cuts, for a whole part."""
    for ring in range(shapes.part_start[part], shapes.part_start[part + 1]):
        for block in range(shapes.block_start[ring], shapes.block_start[ring + 1]):
            if not near_each_other(box, box_at(shapes.block_box, block), 0):
                continue
            first_chunk, end_chunk = block_chunks(shapes, ring, block)
            for chunk in range(first_chunk, end_chunk):
                if near_each_other(box, box_at(shapes.chunk_box, chunk), 0):
                    c, d = chunk_vertices(shapes, ring, chunk)
                    cuts, count = _chunk_cuts(lines, a, b, first, shapes, c, d, cuts, count)
    return cuts, count


@inlined
def _line_cuts(lines, line, shapes, part, cuts):
    """Sorted places along a line, in edges, where it meets the outline of a part; its two ends among them."""
    ring = lines.part_start[line]
    first = lines.ring_start[ring]
    cuts[0], cuts[1], count = 0.0, float(lines.ring_start[ring + 1] - 1 - first), 2
    whole = box_at(shapes.node_box, part)
    for chunk in range(lines.chunk_start[ring], lines.chunk_start[ring + 1]):
        box = box_at(lines.chunk_box, chunk)
        if near_each_other(box, whole, 0):
            a, b = chunk_vertices(lines, ring, chunk)
            cuts, count = _part_cuts(lines, a, b, first, box, shapes, part, cuts, count)
    cuts[:count].sort()
    return cuts, count


@inlined
def _runs_inside(lines, line, shapes, part, t_0, t_1):
    """Whether a polygon holds a line half-way between two places along it."""
    first = lines.ring_start[lines.part_start[line]]
    middle = 0.5 * (t_0 + t_1)
    i = first + int(middle)
    share = middle - int(middle)
    lon = lines.lon[i] + (lines.lon[i + 1] - lines.lon[i]) * share
    lat = lines.lat[i] + (lines.lat[i + 1] - lines.lat[i]) * share
    return part_holds(shapes, part, np.int64(np.rint(lon * 1e7)), np.int64(np.rint(lat * 1e7)), lon, lat)


@inlined
def _add(found, n, pair, t_0, t_1):
    """One more stretch; joined to the one before where that ends here."""
    pairs, ends = found
    if n > 0 and pairs[n - 1] == pair and ends[n - 1, 1] == t_0:
        ends[n - 1, 1] = t_1
        return found, n
    if n == len(pairs):
        pairs, ends = doubled(pairs), np.concatenate((ends, np.empty_like(ends)))
    pairs[n], ends[n, 0], ends[n, 1] = pair, t_0, t_1
    return (pairs, ends), n + 1


@jit
def stretches(lines, line, shapes, part):
    """Where each of (k,) lines runs inside, or crosses, each of (k,) parts.

    lines, shapes: Shapes; returns: which pair each stretch is of, and (m, 2) where it begins and ends, in edges along
    the line; for a part that is a line or a point both are the same
    """
    found, n = (np.empty(len(line) + 16, np.int64), np.empty((len(line) + 16, 2))), 0
    cuts = np.empty(1024)
    for k in range(len(line)):
        cuts, count = _line_cuts(lines, line[k], shapes, part[k], cuts)
        if shapes.part_kind[part[k]] == POLYGON:
            for i in range(count - 1):
                if cuts[i + 1] - cuts[i] > 1e-12 and _runs_inside(
                    lines, line[k], shapes, part[k], cuts[i], cuts[i + 1]
                ):
                    found, n = _add(found, n, k, cuts[i], cuts[i + 1])
        else:
            for i in range(1, count - 1):  # the first and the last are the line's own ends
                found, n = _add(found, n, k, cuts[i], cuts[i])
    return found[0][:n], found[1][:n]
