"""From one part to another that does not touch it, in geodesic metres.

A run of the first part's edges, at most a chunk, is laid in a plane about its own middle together with a chunk of the
other part. That plane is true for its middle and wrong for what is off it by at most `plane_error` of how far off: a
run that is too long is halved, down to pieces of an edge. What comes near the best is measured again from the place
found on the first part, so that the best is always a true distance between two places. Where an edge would have to be
cut into many pieces, it is measured from edge to edge instead (far_edges).
"""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.boxes import box_at, box_haversine
from greensilk.geometry.kernel.compiled import inlined
from greensilk.geometry.kernel.edges import FINEST, bend_m, foot, is_short, is_straight, next_piece
from greensilk.geometry.kernel.far_edges import edge_to_edge
from greensilk.geometry.kernel.meeting import block_chunks, chunk_vertices
from greensilk.geometry.kernel.plane import NEAR_M, SEMI_MAJOR_M, UNIT_RAD
from greensilk.geometry.kernel.point_distance import edge_at, in_plane, measured, needs_far_plane, point_at

STEPS = 1 << 24  # of an edge: where a run begins and ends is a whole number of them
LARGEST_RUN_M = 1_000_000.0  # a longer run is halved without a look
MANY = 64  # pieces of an edge: it costs less then to go from edge to edge
ALLOWED_M, ALLOWED_SHARE = 0.02, 5e-7  # what a plane may be wrong by: this much, or this share of the distance


@inlined
def around(west, south, east, north):
    """Middle of a box, half its sides, and sine and cosine of its latitude farthest from the equator."""
    ext = max(abs(south), abs(north)) * UNIT_RAD
    return (
        0.5 * (west + east),
        0.5 * (south + north),
        0.5 * (east - west),
        0.5 * (north - south),
        np.sin(ext),
        np.cos(ext),
    )


@inlined
def bound_between(place, box):
    """Lower bound from a box, as `around` gives it, to another, as a haversine."""
    wider = (box[0] - place[2], box[1] - place[3], box[2] + place[2], box[3] + place[3])
    return box_haversine(place[0], place[1], place[4], place[5], wider)


@inlined
def around_box(box):
    """As around, of a box of whole units."""
    return around(float(box[0]), float(box[1]), float(box[2]), float(box[3]))


@inlined
def plane_error(metres):
    """By which share of its offset from the middle a place is laid wrong in relation to others so far away."""
    x = min(metres / SEMI_MAJOR_M, 3.0)
    return x * x / 6 * 1.1 if x < 0.5 else x / np.sin(x) - 1


@inlined
def run_box(sites, first, at, size, count):
    """Box of a run, and how many whole edges it has: 0 for a piece of one. first: vertex that `at` is counted from."""
    i = first + at // STEPS
    if size < STEPS:
        t_0, t_1 = (at % STEPS) / STEPS, (at % STEPS + size) / STEPS
        x, y = sites.lon[i] * 1e7, sites.lat[i] * 1e7
        dx, dy = sites.lon[i + 1] * 1e7 - x, sites.lat[i + 1] * 1e7 - y
        x_0, x_1, y_0, y_1 = x + dx * t_0, x + dx * t_1, y + dy * t_0, y + dy * t_1
        return (min(x_0, x_1), min(y_0, y_1), max(x_0, x_1), max(y_0, y_1)), 0
    edges = min(size // STEPS, count - at // STEPS)
    west, south, east, north = sites.x[i], sites.y[i], sites.x[i], sites.y[i]
    for k in range(i + 1, i + edges + 1):
        west, east = min(west, sites.x[k]), max(east, sites.x[k])
        south, north = min(south, sites.y[k]), max(north, sites.y[k])
    return (float(west), float(south), float(east), float(north)), edges


@inlined
def radius_m(box):
    """How far a run reaches from the middle of its box, at most."""
    cosine = np.cos(max(0.0, max(box[1], -box[3])) * UNIT_RAD)
    return 0.5 * ((box[2] - box[0]) * cosine + box[3] - box[1]) * UNIT_RAD * SEMI_MAJOR_M


@inlined
def is_right(radius, metres):
    """Whether a plane about the middle of a run is right to what is allowed."""
    return radius * plane_error(metres + radius) <= max(ALLOWED_M, ALLOWED_SHARE * metres)


@inlined
def lay_run(sites, first, at, size, edges, point, far, laid):
    """The vertices of a run in a plane about a point; how many. laid: (17, 4) x, y in metres, lon, lat."""
    i = first + at // STEPS
    count = max(edges, 1) + 1
    for k in range(count):
        lon, lat = sites.lon[i + k], sites.lat[i + k]
        if edges == 0:
            t = (at % STEPS + k * size) / STEPS
            lon = sites.lon[i] + (sites.lon[i + 1] - sites.lon[i]) * t
            lat = sites.lat[i] + (sites.lat[i + 1] - sites.lat[i]) * t
        x, y = in_plane(point, lon * 1e7, lat * 1e7, far)
        laid[k, 0], laid[k, 1], laid[k, 2], laid[k, 3] = x, y, lon, lat
    return count


@inlined
def _between(ax, ay, bx, by, cx, cy, dx, dy):
    """Squared distance between the segments ab and cd, which do not cross, and how far along ab it is."""
    least, along = foot(ax - cx, ay - cy, bx - cx, by - cy)
    square, t = foot(ax - dx, ay - dy, bx - dx, by - dy)
    if square < least:
        least, along = square, t
    square, _ = foot(cx - ax, cy - ay, dx - ax, dy - ay)
    if square < least:
        least, along = square, 0.0
    square, _ = foot(cx - bx, cy - by, dx - bx, dy - by)
    if square < least:
        least, along = square, 1.0
    return least, along


@inlined
def _from_place(ends, span, laid, k, along, best, owner):
    """The best with the place `along` the k-th edge of a run against a piece of edge j."""
    lon = laid[k, 2] + (laid[k + 1, 2] - laid[k, 2]) * along
    lat = laid[k, 3] + (laid[k + 1, 3] - laid[k, 3]) * along
    point = point_at(lon, lat)
    return measured(ends, span, point, best, owner)


@inlined
def _run_to_piece(edge, span, ends, laid, count, best, owner):
    """The best with a laid run against a straight piece of edge j, whose ends are in the same plane."""
    for k in range(count - 1):
        square, along = _between(laid[k, 0], laid[k, 1], laid[k + 1, 0], laid[k + 1, 1], *ends)
        if square <= best[1]:
            best = _from_place(edge, span, laid, k, along, best, owner)
    return best


@inlined
def _run_to_long_edge(shapes, j, place, point, laid, count, best, owner):
    """The best with a laid run against an edge that must be cut."""
    edge = (shapes.lon[j] * 1e7, shapes.lat[j] * 1e7, shapes.lon[j + 1] * 1e7, shapes.lat[j + 1] * 1e7)
    if edge[0] > edge[2] or (edge[0] == edge[2] and edge[1] > edge[3]):
        edge = (edge[2], edge[3], edge[0], edge[1])
    dx, dy = edge[2] - edge[0], edge[3] - edge[1]
    at = 0
    while at < FINEST:
        size = at & -at if at else FINEST
        while True:
            box, straight = next_piece(edge, at, size)
            if bound_between(place, box) > best[2]:
                break
            if straight:
                t_0, t_1 = at / FINEST, (at + size) / FINEST
                far = needs_far_plane(point, best[0])
                cx, cy = in_plane(point, edge[0] + dx * t_0, edge[1] + dy * t_0, far)
                ex, ey = in_plane(point, edge[0] + dx * t_1, edge[1] + dy * t_1, far)
                best = _run_to_piece(edge_at(shapes, j), (t_0, t_1), (cx, cy, ex, ey), laid, count, best, owner)
                break
            size >>= 1
        at += size
    return best


@inlined
def _run_to_chunk(shapes, c, d, place, point, laid, count, best, owner):
    """The best with a laid run against the edges between vertices c and d."""
    far = needs_far_plane(point, best[0])
    x_a, y_a = float(shapes.x[c]), float(shapes.y[c])
    ax, ay = in_plane(point, x_a, y_a, far)
    for j in range(c, d):
        x_b, y_b = float(shapes.x[j + 1]), float(shapes.y[j + 1])
        bx, by = in_plane(point, x_b, y_b, far)
        if is_short(abs(x_b - x_a), abs(y_b - y_a)):
            best = _run_to_piece(edge_at(shapes, j), (0.0, 1.0), (ax, ay, bx, by), laid, count, best, owner)
        else:
            best = _run_to_long_edge(shapes, j, place, point, laid, count, best, owner)
        x_a, y_a, ax, ay = x_b, y_b, bx, by
    return best


@inlined
def _slack_m(west, south, east, north, metres):
    """How far an edge so far from the middle of a plane may lie from its chord there, at most."""
    dx, dy = east - west, north - south
    cosine = np.cos(max(0.0, max(south, -north)) * UNIT_RAD)
    length = (dx * cosine + dy) * UNIT_RAD * SEMI_MAJOR_M
    x = max(min((metres + length) / SEMI_MAJOR_M, 3.0), 1e-3)
    curvature = (1 / x - np.cos(x) / np.sin(x)) / SEMI_MAJOR_M
    return bend_m(west, south, east, north) + 0.125 * length * length * curvature


@inlined
def _may_be_nearer(shapes, c, d, laid, count, box, metres, point, far):
    """Whether a laid run could come nearer to the edges between c and d than some metres, however wrong the plane."""
    radius = radius_m(box)
    if radius > LARGEST_RUN_M:
        return True
    x_a, y_a = float(shapes.x[c]), float(shapes.y[c])
    ax, ay = in_plane(point, x_a, y_a, far)
    own = 0.0 if is_straight(box[0], box[1], box[2], box[3]) else _slack_m(box[0], box[1], box[2], box[3], radius)
    for j in range(c, d):
        x_b, y_b = float(shapes.x[j + 1]), float(shapes.y[j + 1])
        bx, by = in_plane(point, x_b, y_b, far)
        least = np.inf
        for k in range(count - 1):
            square, _ = _between(laid[k, 0], laid[k, 1], laid[k + 1, 0], laid[k + 1, 1], ax, ay, bx, by)
            least = min(least, square)
        least = np.sqrt(least)
        theirs = _slack_m(min(x_a, x_b), min(y_a, y_b), max(x_a, x_b), max(y_a, y_b), least + radius)
        # near_plane as a guide beyond NEAR_M is wrong by less than one part in 10,000.
        if least - own - theirs - radius * plane_error(least + 2 * radius) - 1.0 - 1e-4 * least <= metres:
            return True
        x_a, y_a, ax, ay = x_b, y_b, bx, by
    return False


@inlined
def _edge_to_edges(sites, i, place, shapes, c, d, best, owner, room):
    """The best with edge i of `sites` against the far edges between vertices c and d; place: around the former."""
    x_a, y_a = float(shapes.x[c]), float(shapes.y[c])
    for j in range(c, d):
        x_b, y_b = float(shapes.x[j + 1]), float(shapes.y[j + 1])
        if bound_between(place, (min(x_a, x_b), min(y_a, y_b), max(x_a, x_b), max(y_a, y_b))) <= best[2]:
            best = edge_to_edge(sites, i, shapes, j, best, owner, room, NEAR_M)
        x_a, y_a = x_b, y_b
    return best


@inlined
def chunk_to_chunk(sites, a, b, shapes, c, d, box, best, owner, laid):
    """The best with the edges between vertices a and b of `sites` against those between c and d of `shapes`."""
    count = b - a
    at, end = 0, count * STEPS
    while at < end:
        size = at & -at if at else 16 * STEPS
        while True:
            mine, edges = run_box(sites, a, at, size, count)
            place = around(mine[0], mine[1], mine[2], mine[3])
            if bound_between(place, box) > best[2]:
                break
            fits = size == 1 or (is_straight(mine[0], mine[1], mine[2], mine[3]) and is_right(radius_m(mine), best[0]))
            # Near by, one halving more is cheaper than the look.
            if fits or best[0] > NEAR_M:
                point = point_at(place[0] / 1e7, place[1] / 1e7)
                far = needs_far_plane(point, best[0])
                laid_count = lay_run(sites, a, at, size, edges, point, far, laid)
                if fits:
                    best = _run_to_chunk(shapes, c, d, place, point, laid, laid_count, best, owner)
                    break
                if not _may_be_nearer(shapes, c, d, laid, laid_count, mine, best[0], point, far):
                    break
                if edges == 1 and not is_right(radius_m(mine) / MANY, best[0]):
                    best = _edge_to_edges(sites, a + at // STEPS, place, shapes, c, d, best, owner, laid)
                    if best[0] > NEAR_M:
                        break
            size >>= 1
        at += size
    return best


@inlined
def _chunk_to_part(sites, a, b, place, shapes, part, best, laid):
    owner = shapes.part_owner[part]
    for ring in range(shapes.part_start[part], shapes.part_start[part + 1]):
        for block in range(shapes.block_start[ring], shapes.block_start[ring + 1]):
            if bound_between(place, box_at(shapes.block_box, block)) > best[2]:
                continue
            first, end = block_chunks(shapes, ring, block)
            for chunk in range(first, end):
                if bound_between(place, box_at(shapes.chunk_box, chunk)) <= best[2]:
                    c, d = chunk_vertices(shapes, ring, chunk)
                    best = chunk_to_chunk(sites, a, b, shapes, c, d, box_at(shapes.chunk_box, chunk), best, owner, laid)
    return best


@inlined
def part_to_part(sites, site, shapes, part, best, laid):
    """The best with the outline of a part of `sites` against that of a part of `shapes`, which does not touch it."""
    whole = box_at(shapes.node_box, part)
    for ring in range(sites.part_start[site], sites.part_start[site + 1]):
        for block in range(sites.block_start[ring], sites.block_start[ring + 1]):
            if bound_between(around_box(box_at(sites.block_box, block)), whole) > best[2]:
                continue
            first, end = block_chunks(sites, ring, block)
            for chunk in range(first, end):
                place = around_box(box_at(sites.chunk_box, chunk))
                if bound_between(place, whole) <= best[2]:
                    a, b = chunk_vertices(sites, ring, chunk)
                    best = _chunk_to_part(sites, a, b, place, shapes, part, best, laid)
    return best
