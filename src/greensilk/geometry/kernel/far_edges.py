"""From one edge to another that is far away, in geodesic metres: both are halved until no pair of pieces can be nearer.

What a pair of pieces excludes is told from the geodesic between their middles. By the first variation a place moved
along an edge comes nearer by the cosine of the angle between the edge and the geodesic; by the second, two places
moved a and b across the geodesic of angle x come nearer by tan(x / 2) (a² + b²) / 2R more, at most, on a sphere. That
an edge straight in lon/lat is no geodesic costs what it bends. So pieces of some kilometres suffice at a quarter of
the way round the earth, where their lengths alone would ask for pieces of metres.
"""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.compiled import inlined
from greensilk.geometry.kernel.edges import bend_m
from greensilk.geometry.kernel.plane import E2, HALF_TURN, LEAST_RADIUS_M, SEMI_MAJOR_M, TURN, UNIT_RAD, inverse
from greensilk.geometry.kernel.point_distance import better

ROOM = 128  # pairs of pieces put aside: one for each halving of either edge
ELLIPSOID = 1.02  # how much more than on the sphere edges bend and distances curve, at most
LESS_M, LESS_SHARE = 0.01, 1e-8  # what is nearer than the best by less than this, or this share, is not looked for
LEAST_M = 1e-4  # likewise what is within reach by less, while nothing is found
FARTHEST = 3.1  # radians: beyond, near the antipode, only the lengths of pieces count


@inlined
def _edge_of(shapes, i):
    """x, y of both ends of an edge in units, lesser end first."""
    edge = (shapes.lon[i] * 1e7, shapes.lat[i] * 1e7, shapes.lon[i + 1] * 1e7, shapes.lat[i + 1] * 1e7)
    if edge[0] > edge[2] or (edge[0] == edge[2] and edge[1] > edge[3]):
        return edge[2], edge[3], edge[0], edge[1]
    return edge


@inlined
def _piece(edge, at, size):
    """Middle of a piece of an edge in units, metres east and north from there to its end, their length, its bend."""
    half_x, half_y = 0.5 * size * (edge[2] - edge[0]), 0.5 * size * (edge[3] - edge[1])
    x, y = edge[0] + (at + 0.5 * size) * (edge[2] - edge[0]), edge[1] + (at + 0.5 * size) * (edge[3] - edge[1])
    sine, cosine = np.sin(y * UNIT_RAD), np.cos(y * UNIT_RAD)
    w = 1 - E2 * sine * sine
    normal = SEMI_MAJOR_M / np.sqrt(w)
    east, north = half_x * UNIT_RAD * normal * cosine, half_y * UNIT_RAD * normal * (1 - E2) / w
    bend = ELLIPSOID * bend_m(x - half_x, y - abs(half_y), x + half_x, y + abs(half_y))
    return x, y, east, north, np.sqrt(east * east + north * north), bend


@inlined
def _inverse(mine, theirs):
    """Metres and azimuth from the middle of one piece to that of another."""
    dlon = theirs[0] - mine[0]
    if dlon > HALF_TURN:
        dlon -= TURN
    elif dlon < -HALF_TURN:
        dlon += TURN
    return inverse(mine[1] * UNIT_RAD, theirs[1] * UNIT_RAD, dlon * UNIT_RAD)


@inlined
def _nearer_by(piece, azimuth):
    """By how many metres the end of a piece is nearer than its middle to what lies at an azimuth, if all were flat."""
    return piece[2] * np.sin(azimuth) + piece[3] * np.cos(azimuth)


@inlined
def _put(room, count, pair):
    room[count, 0], room[count, 1], room[count, 2], room[count, 3] = pair
    return count + 1


@inlined
def _put_halves(room, count, pair, longer, ahead):
    """Puts aside both halves of one side of a pair, the nearer one on top. longer: 0 the first, 1 the second side;
    ahead: whether that is nearer at its end than at its beginning."""
    at_a, size_a, at_b, size_b = pair
    if longer == 0:
        size_a *= 0.5
        low, high = (at_a, size_a, at_b, size_b), (at_a + size_a, size_a, at_b, size_b)
    else:
        size_b *= 0.5
        low, high = (at_a, size_a, at_b, size_b), (at_a, size_a, at_b + size_b, size_b)
    count = _put(room, count, low if ahead else high)
    return _put(room, count, high if ahead else low)


@inlined
def edge_to_edge(sites, i, shapes, j, best, owner, room, least_m):
    """The best with edge i of `sites` against edge j of `shapes`, right to LESS_M or LESS_SHARE of it.

    room: (ROOM, 4) scratch. It ends where the best comes below least_m, then with the pairs left unseen
    """
    edge_a, edge_b = _edge_of(sites, i), _edge_of(shapes, j)
    count = _put(room, 0, (0.0, 1.0, 0.0, 1.0))
    while count > 0 and best[0] > least_m:
        count -= 1
        pair = (room[count, 0], room[count, 1], room[count, 2], room[count, 3])
        a, b = _piece(edge_a, pair[0], pair[1]), _piece(edge_b, pair[2], pair[3])
        metres, azimuth = _inverse(a, b)
        best = better(best, metres, owner, b[0], b[1])
        enough = best[0] - (max(LESS_M, LESS_SHARE * best[0]) if best[3] >= 0 else LEAST_M)
        bends = a[5] + b[5]
        if not metres - a[4] - b[4] - bends <= enough:
            continue
        _, back = _inverse(b, a)
        mine, theirs = _nearer_by(a, azimuth), _nearer_by(b, back)
        angle = (metres + a[4] + b[4]) / LEAST_RADIUS_M
        if angle < FARTHEST:
            curve = ELLIPSOID * np.tan(0.5 * angle) / LEAST_RADIUS_M * (a[4] * a[4] + b[4] * b[4])
            if metres - abs(mine) - abs(theirs) - bends - 0.5 * curve > enough:
                continue
        longer = 0 if a[4] + a[5] >= b[4] + b[5] else 1
        count = _put_halves(room, count, pair, longer, (mine if longer == 0 else theirs) > 0)
    return best
