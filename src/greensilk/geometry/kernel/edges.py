"""Edges straight in lon/lat: how near they come to a place, and in what pieces they are straight in a plane."""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.compiled import inlined
from greensilk.geometry.kernel.contains import orientation
from greensilk.geometry.kernel.plane import SAGITTA_M, SEMI_MAJOR_M, UNIT_RAD

LONGEST_UNITS = 1_000_000.0  # a longer piece of an edge bends in the plane by more than 1e-7 of its distance
STRAIGHT = 2.06e10  # square units: an edge of less dlon * (dlon / 2 + 2 dlat) bends by less than SAGITTA_M anywhere
FINEST = 1 << 26  # an edge is never cut finer than this


@inlined
def foot(ax, ay, bx, by):
    """Squared distance from the origin to a segment, and how far along the segment that is."""
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    along = 0.0
    if square > 0:
        along = min(1.0, max(0.0, -(ax * dx + ay * dy) / square))
    fx, fy = ax + along * dx, ay + along * dy
    return fx * fx + fy * fy, along


@inlined
def is_short(dx, dy):
    """Whether an edge is short enough to be straight in any plane; absolute units."""
    return dx <= LONGEST_UNITS and dy <= LONGEST_UNITS and dx * (0.5 * dx + 2 * dy) <= STRAIGHT


@inlined
def bend_m(west, south, east, north):
    """How far an edge from corner to corner of a box in units bends away from its chord, at most.

    As edge_steps has it, with the cosine of the latitude nearest to the equator: near a pole wide edges are short
    """
    dx, dy = east - west, north - south
    cosine = np.cos(max(0.0, max(south, -north)) * UNIT_RAD)
    sine = np.sin(max(abs(south), abs(north)) * UNIT_RAD)
    curl = dx * min(0.5, min(sine, cosine)) + 2 * dy * sine
    return SEMI_MAJOR_M / 8 * UNIT_RAD * UNIT_RAD * dx * curl


@inlined
def is_straight(west, south, east, north):
    """Whether an edge from corner to corner of a box in units is straight in any plane: short, and bending little."""
    dx, dy = east - west, north - south
    if is_short(dx, dy):
        return True
    cosine = np.cos(max(0.0, max(south, -north)) * UNIT_RAD)
    if dx * cosine > LONGEST_UNITS or dy > LONGEST_UNITS:
        return False
    return bend_m(west, south, east, north) <= SAGITTA_M


@inlined
def lies_on(lon, lat, ax, ay, bx, by):
    """Whether a point lies on an edge, exactly; degrees."""
    if lat < min(ay, by) or lat > max(ay, by):
        return False
    if min(ax, bx) <= lon <= max(ax, bx):
        return orientation(ax, ay, bx, by, lon, lat) == 0
    if abs(lon) == 180.0 and min(ax, bx) <= -lon <= max(ax, bx):
        return orientation(ax, ay, bx, by, -lon, lat) == 0
    return False


@inlined
def next_piece(edge, at, size):
    """Box of a piece of an edge and whether it is straight in any plane. edge: x, y of both ends, lesser first."""
    t_0, t_1 = at / FINEST, (at + size) / FINEST
    x_0, x_1 = edge[0] + (edge[2] - edge[0]) * t_0, edge[0] + (edge[2] - edge[0]) * t_1
    y_0, y_1 = edge[1] + (edge[3] - edge[1]) * t_0, edge[1] + (edge[3] - edge[1]) * t_1
    box = (min(x_0, x_1), min(y_0, y_1), max(x_0, x_1), max(y_0, y_1))
    return box, is_straight(box[0], box[1], box[2], box[3]) or size == 1
