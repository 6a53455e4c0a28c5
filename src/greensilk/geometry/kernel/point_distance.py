"""From one point to what is nearest of a part, in geodesic metres.

Boxes are passed by when their lower bound is beyond the best so far. Edges are tried in a plane about the point, in
whole units; what comes within a few centimetres of the best is measured again with float64 coordinates, from the same
end whichever way the edge runs, so that equal edges of two parts are equally far and the lesser owner is taken.

A point is a tuple (x, y, latitude, its cosine, its sine, sine of the absolute latitude, lon, lat): units, radians,
degrees. The best so far is a tuple (metres, square of what is worth measuring again, haversine of the reach, owner,
x, y of the place in units); the owner is -1 while nothing is within reach.
"""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.boxes import box_at, box_haversine, haversine_of
from greensilk.geometry.kernel.compiled import inlined, woven
from greensilk.geometry.kernel.contains import POLYGON, part_holds
from greensilk.geometry.kernel.edges import FINEST, foot, is_short, lies_on, next_piece
from greensilk.geometry.kernel.meeting import block_chunks, chunk_vertices
from greensilk.geometry.kernel.plane import (
    NEAR_LAT_UNITS,
    NEAR_M,
    UNIT_RAD,
    far_plane,
    near_plane,
)

ROUNDING_M = 0.1  # whole units are off by up to 8 mm at either end, and edges bend by up to SAGITTA_M
TOUCHING_M = 0.05  # nearer than this, whether the point lies on the edge is asked exactly
NEAR_BOX_UNITS = 5_000_000.0  # a box that reaches less far from the point, and lies below 60 degrees, is within NEAR_M
MILLIMETRES_TO_M = 60_000.0  # up to here near_plane is right to 6 mm; beyond, far_plane measures
WIDE_M, WIDE_LAT_UNITS = 500_000.0, 700_000_000.0  # up to here near_plane is wrong by less than WIDE_ERROR * metres**3
WIDEST_M, WIDEST_LAT_UNITS = 1_000_000.0, 600_000_000.0  # and up to here
WIDE_ERROR = 1e-16


@inlined
def point_at(lon, lat):
    """A point as the functions here take it; degrees."""
    y = lat * 1e7
    phi = y * UNIT_RAD
    sine = np.sin(phi)
    return lon * 1e7, y, phi, np.cos(phi), sine, abs(sine), lon, lat


@inlined
def reach_of(metres, owner, x, y):
    """The best so far."""
    wide = min(metres, WIDEST_M)
    return metres, (metres + ROUNDING_M + WIDE_ERROR * wide * wide * wide) ** 2, haversine_of(metres), owner, x, y


@inlined
def needs_far_plane(point, metres):
    """Whether near_plane is no guide to what is within some metres of a point."""
    y = abs(point[1])
    if metres <= NEAR_M and y < NEAR_LAT_UNITS:
        return False
    return not ((metres <= WIDE_M and y < WIDE_LAT_UNITS) or (metres <= WIDEST_M and y < WIDEST_LAT_UNITS))


@inlined
def bound_to(point, box):
    """Lower bound from a point to a box, as a haversine."""
    return box_haversine(point[0], point[1], point[5], point[3], box)


@inlined
def in_plane(point, x, y, far):
    """Metres east and north of a point."""
    if not far:
        return near_plane(point[0], point[2], point[3], point[4], x, y)
    return far_plane(point[0], point[2], x, y)


@inlined
def better(best, metres, owner, x, y):
    """The best so far with one more place; equal distances go to the lesser owner."""
    if metres < best[0] or (metres == best[0] and (best[3] < 0 or owner < best[3])):
        return reach_of(metres, owner, x, y)
    return best


@woven
def edge_at(shapes, i):
    """Lon, lat of both ends of an edge."""
    return shapes.lon[i], shapes.lat[i], shapes.lon[i + 1], shapes.lat[i + 1]


@inlined
def _place_on(ends, span, point, far):
    """The nearest place on a piece of an edge: metres, x, y."""
    x_0, y_0 = (ends[0] + (ends[2] - ends[0]) * span[0]) * 1e7, (ends[1] + (ends[3] - ends[1]) * span[0]) * 1e7
    x_1, y_1 = (ends[0] + (ends[2] - ends[0]) * span[1]) * 1e7, (ends[1] + (ends[3] - ends[1]) * span[1]) * 1e7
    px, py = in_plane(point, x_0, y_0, far)
    qx, qy = in_plane(point, x_1, y_1, far)
    _, along = foot(px, py, qx, qy)
    x, y = x_0 + (x_1 - x_0) * along, y_0 + (y_1 - y_0) * along
    # The edge bends a little beside its chord: the distance is that of the place on it.
    px, py = in_plane(point, x, y, far)
    return np.sqrt(px * px + py * py), x, y


@inlined
def measured(ends, span, point, best, owner):
    """The best with the piece of an edge between two shares of its length, taken from its lesser end.

    ends: lon, lat of both ends, degrees. The plane is chosen by how far the piece is, never by what was found before
    """
    if ends[0] > ends[2] or (ends[0] == ends[2] and ends[1] > ends[3]):
        ends = (ends[2], ends[3], ends[0], ends[1])
    far = abs(point[1]) >= NEAR_LAT_UNITS
    metres, x, y = _place_on(ends, span, point, far)
    if not far and metres > MILLIMETRES_TO_M:
        metres, x, y = _place_on(ends, span, point, True)
    if metres < TOUCHING_M:
        touches = lies_on(point[6], point[7], ends[0], ends[1], ends[2], ends[3])
        metres = 0.0 if touches else max(metres, 1e-6)
    return better(best, metres, owner, x, y)


@inlined
def _piece(ends, edge, span, point, best, owner):
    """The best with a straight piece of a long edge."""
    far = needs_far_plane(point, best[0])
    dx, dy = edge[2] - edge[0], edge[3] - edge[1]
    ax, ay = in_plane(point, edge[0] + dx * span[0], edge[1] + dy * span[0], far)
    bx, by = in_plane(point, edge[0] + dx * span[1], edge[1] + dy * span[1], far)
    square, _ = foot(ax, ay, bx, by)
    return measured(ends, span, point, best, owner) if square <= best[1] else best


@inlined
def long_edge(shapes, i, point, best, owner):
    """The best with an edge that must be cut: halved until its pieces are straight or out of reach."""
    edge = (shapes.lon[i] * 1e7, shapes.lat[i] * 1e7, shapes.lon[i + 1] * 1e7, shapes.lat[i + 1] * 1e7)
    if edge[0] > edge[2] or (edge[0] == edge[2] and edge[1] > edge[3]):
        edge = (edge[2], edge[3], edge[0], edge[1])
    at = 0
    while at < FINEST:
        size = at & -at if at else FINEST
        while True:
            box, straight = next_piece(edge, at, size)
            if bound_to(point, box) > best[2]:
                break
            if straight:
                best = _piece(edge_at(shapes, i), edge, (at / FINEST, (at + size) / FINEST), point, best, owner)
                break
            size >>= 1
        at += size
    return best


@inlined
def _is_near(point, box):
    return (
        abs(point[1]) < WIDEST_LAT_UNITS
        and max(abs(point[0] - box[0]), abs(point[0] - box[2])) < NEAR_BOX_UNITS
        and max(abs(point[1] - box[1]), abs(point[1] - box[3])) < NEAR_BOX_UNITS
    )


@inlined
def point_chunk(shapes, a, b, box, point, best, owner):
    """The best with the edges between vertices a and b."""
    far = needs_far_plane(point, best[0]) and not _is_near(point, box)
    x_a, y_a = float(shapes.x[a]), float(shapes.y[a])
    ax, ay = in_plane(point, x_a, y_a, far)
    for i in range(a, b):
        x_b, y_b = float(shapes.x[i + 1]), float(shapes.y[i + 1])
        bx, by = in_plane(point, x_b, y_b, far)
        if is_short(abs(x_b - x_a), abs(y_b - y_a)):
            square, _ = foot(ax, ay, bx, by)
            if square <= best[1]:
                best = measured(edge_at(shapes, i), (0.0, 1.0), point, best, owner)
        else:
            best = long_edge(shapes, i, point, best, owner)
        x_a, y_a, ax, ay = x_b, y_b, bx, by
    return best


@inlined
def point_block(shapes, ring, block, point, best, owner, bounds):
    """The best with one block: its nearest chunk first, then the others. bounds: room for one number a chunk."""
    first, end = block_chunks(shapes, ring, block)
    nearest = first
    for chunk in range(first, end):
        bounds[chunk - first] = bound_to(point, box_at(shapes.chunk_box, chunk))
        if bounds[chunk - first] < bounds[nearest - first]:
            nearest = chunk
    # The nearest is taken for the one before the first.
    for step in range(first - 1, end):
        chunk = nearest if step < first else step
        if bounds[chunk - first] <= best[2] and step != nearest:
            a, b = chunk_vertices(shapes, ring, chunk)
            best = point_chunk(shapes, a, b, box_at(shapes.chunk_box, chunk), point, best, owner)
    return best


@inlined
def _nearest_block(shapes, part, point):
    """Ring and block of a part with the least bound."""
    ring, block, least = shapes.part_start[part], -1, np.inf
    for r in range(shapes.part_start[part], shapes.part_start[part + 1]):
        for b in range(shapes.block_start[r], shapes.block_start[r + 1]):
            bound = bound_to(point, box_at(shapes.block_box, b))
            if bound < least:
                ring, block, least = r, b, bound
    return ring, block


@inlined
def outline_from(shapes, part, point, best, owner, bounds):
    """The best with the outline of a part."""
    ring, nearest = shapes.part_start[part], -1
    begin, end = shapes.block_start[ring], shapes.block_start[shapes.part_start[part + 1]]
    if end - begin > 1:
        ring, nearest = _nearest_block(shapes, part, point)
    # One pass over all blocks; the nearest was taken before.
    if nearest >= 0 and bound_to(point, box_at(shapes.block_box, nearest)) <= best[2]:
        best = point_block(shapes, ring, nearest, point, best, owner, bounds)
    for r in range(shapes.part_start[part], shapes.part_start[part + 1]):
        for block in range(shapes.block_start[r], shapes.block_start[r + 1]):
            if block != nearest and bound_to(point, box_at(shapes.block_box, block)) <= best[2]:
                best = point_block(shapes, r, block, point, best, owner, bounds)
    return best


@inlined
def inside(shapes, part, point):
    """Whether a polygon holds a point whose bound to its box is 0."""
    if shapes.part_kind[part] != POLYGON:
        return False
    x, y = np.int64(np.rint(point[0])), np.int64(np.rint(point[1]))
    if part_holds(shapes, part, x, y, point[6], point[7]):
        return True
    return abs(point[6]) == 180.0 and part_holds(shapes, part, -x, y, -point[6], point[7])


@inlined
def part_from(shapes, part, bound, point, best, bounds):
    """The best with a part whose box is `bound` away."""
    owner = shapes.part_owner[part]
    if bound == 0.0 and inside(shapes, part, point):
        return better(best, 0.0, owner, point[0], point[1])
    return outline_from(shapes, part, point, best, owner, bounds)
