"""A path over cells made a line that can be driven: straights and arcs of at least a radius, clear of exclusions.

Straights are geodesics; arcs are circles in the plane about the corner that they round, without transition curves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Ints
from greensilk.geometry.geodesy import DEG, distance_m, from_plane, to_plane
from greensilk.routes.grid import METRES_PER_DEGREE
from greensilk.routes.obstacles import Bools, Obstacles

ARC_STEP_RAD = 0.035  # 2 degrees: a chord is off its arc of 2,000 m by 0.3 m
STRAIGHT_STEP_M = 2_000.0
ROUNDER = 1.02  # arcs are drawn by that much wider than asked: what is measured on their chords is never narrower
MOST_MOVES = 8  # a corner whose arc touches an exclusion is moved out so often
WIDEST_TURN_RAD = 2.6  # 150 degrees: beyond, a corner is a way back


@dataclass(frozen=True)
class Corners:
    """(n,) corners of a line, the first and last its ends. place: (n, 2) degrees; fixed: (n,) may not be left out"""

    place: Floats
    fixed: Bools

    def without(self, i: int) -> Corners:
        """The same with one corner less."""
        return Corners(np.delete(self.place, i, axis=0), np.delete(self.fixed, i))


@dataclass(frozen=True)
class _Turns:
    """The inner corners. before, after: (n - 2,) azimuth back and on in radians; turn: (n - 2,) signed change of
    direction, clockwise above 0; legs_m: (n - 1,) lengths of the legs"""

    before: Floats
    after: Floats
    turn: Floats
    legs_m: Floats

    def tangents_m(self, radius_m: float) -> Floats:
        """(n - 2,) how far from its corner each arc begins; inf where the line turns back."""
        turn = np.abs(self.turn)
        return np.where(turn < WIDEST_TURN_RAD, radius_m * np.tan(np.minimum(turn, WIDEST_TURN_RAD) / 2), np.inf)


def simplified(path: Corners, tolerance_m: float, hard: Obstacles) -> Corners:
    """A path with as few corners as keep it within a tolerance, each straight clear of exclusions where the path is."""
    flat = _flat(path.place)
    kept = np.array(path.fixed)
    kept[[0, -1]] = True
    open_spans = [(int(a), int(b)) for a, b in zip(np.flatnonzero(kept)[:-1], np.flatnonzero(kept)[1:], strict=True)]
    while open_spans:
        first, last = open_spans.pop()
        if last - first < 2:
            continue
        off = _offsets_m(flat[first + 1 : last], flat[first], flat[last])
        worst = int(np.argmax(off))
        if off[worst] <= tolerance_m and not _touches(path.place[[first, last]], hard):
            continue
        split = first + 1 + (worst if off[worst] > 0 else (last - first) // 2 - 1)
        kept[split] = True
        open_spans += [(first, split), (split, last)]
    return Corners(path.place[kept], path.fixed[kept])


def rounded(corners: Corners, radius_m: float, hard: Obstacles) -> Floats | None:
    """(k, 2) a line of straights and arcs of at least a radius, touching no exclusion; None where none was found.

    corners: of straights that touch no exclusion; those that leave no room for an arc are merged or left out, those
    whose arc would touch an exclusion are moved outwards
    """
    wide = radius_m * ROUNDER
    for _ in range(MOST_MOVES):
        roomy = _with_room(corners, wide, hard)
        if roomy is None:
            return None
        line, corner_of = _drawn(roomy, wide)
        touched = hard.touching(_pieces(line)) if len(hard) else np.zeros(len(line) - 1, dtype=bool)
        if not touched.any():
            return line
        at = np.unique(corner_of[:-1][touched])
        at = at[at >= 0]
        if not len(at) or roomy.fixed[at].any():
            return None
        corners = _moved_out(roomy, at, wide)
    return None


def radii_m(line: Floats) -> Floats:
    """(k - 2,) radius of the circle through each three successive places of a (k, 2) line, inf where straight."""
    lon, lat = line[1:-1, 0], line[1:-1, 1]
    ax, ay = to_plane(line[:-2, 0], line[:-2, 1], lon, lat)
    bx, by = to_plane(line[2:, 0], line[2:, 1], lon, lat)
    cross = np.abs(ax * by - ay * bx)
    sides = np.hypot(ax, ay) * np.hypot(bx, by) * np.hypot(ax - bx, ay - by)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        return np.where(cross > 0, sides / (2 * cross), np.inf)


def _flat(place: Floats) -> Floats:
    scale = np.cos(place[:, 1].mean() * DEG)
    return np.column_stack([place[:, 0] * scale, place[:, 1]]) * METRES_PER_DEGREE


def _offsets_m(points: Floats, start: Floats, end: Floats) -> Floats:
    """(n,) distance of flat points from a straight between two places."""
    along = end - start
    share = np.clip((points - start) @ along / max(float(along @ along), 1e-12), 0, 1)
    off: Floats = np.hypot(*(points - start - share[:, None] * along).T)
    return off


def _pieces(line: Floats) -> NDArray[np.object_]:
    """(k - 1,) the edges of a line."""
    return np.asarray(shapely.linestrings(np.stack([line[:-1], line[1:]], axis=1)), dtype=object)


def _touches(line: Floats, hard: Obstacles) -> bool:
    return len(hard) > 0 and bool(hard.touching(_pieces(line)).any())


def _turns(place: Floats) -> _Turns:
    before = _azimuth(place[1:-1], place[:-2])
    after = _azimuth(place[1:-1], place[2:])
    turn = (after - before) % (2 * np.pi) - np.pi
    return _Turns(before, after, turn, distance_m(place[:-1, 0], place[:-1, 1], place[1:, 0], place[1:, 1]))


def _azimuth(at: Floats, to: Floats) -> Floats:
    return np.arctan2(*to_plane(to[:, 0], to[:, 1], at[:, 0], at[:, 1]))


def _with_room(corners: Corners, radius_m: float, hard: Obstacles) -> Corners | None:
    """Corners whose arcs fit on the legs between them, fewer where need be."""
    while len(corners.place) > 2:
        turns = _turns(corners.place)
        need = np.concatenate([[0.0], turns.tangents_m(radius_m), [0.0]])
        with np.errstate(divide="ignore"):
            lack = (need[:-1] + need[1:]) / np.maximum(turns.legs_m, 1e-9)
        leg = int(np.argmax(np.minimum(lack, 1e12)))
        if lack[leg] <= 1:
            return corners
        fewer = _fewer(corners, leg, hard)
        if fewer is None:
            return None
        corners = fewer
    return corners


def _fewer(corners: Corners, leg: int, hard: Obstacles) -> Corners | None:
    """One corner less about a leg, with the least change that leaves the straights clear; None where none does."""
    choices: list[tuple[float, Corners, int]] = []
    flat, inner = _flat(corners.place), range(1, len(corners.place) - 1)
    for i in (leg, leg + 1):
        if i in inner and not corners.fixed[i]:
            off = float(_offsets_m(flat[i : i + 1], flat[i - 1], flat[i + 1])[0])
            choices.append((off, corners.without(i), i - 1))
    if len(choices) == 2:
        middle = corners.without(leg)
        place = middle.place.copy()
        place[leg] = corners.place[[leg, leg + 1]].mean(axis=0)
        merged = Corners(place, middle.fixed)
        choices.append((float(np.hypot(*(flat[leg + 1] - flat[leg]))) / 2, merged, leg - 1))
    for _, choice, first in sorted(choices, key=lambda one: one[0]):
        if not _touches(choice.place[first : first + 3], hard):
            return choice
    return None


def _drawn(corners: Corners, radius_m: float) -> tuple[Floats, Ints]:
    """The line of straights and arcs, and for each place the corner whose arc goes on from there, -1 on straights."""
    place = corners.place
    turns = _turns(place)
    lines, owners = [place[:1]], [np.full(1, -1)]
    tangent = turns.tangents_m(radius_m)
    for i in range(len(turns.turn)):
        arc = _arc(place[i + 1], (turns.before[i], turns.turn[i], tangent[i]), radius_m)
        for points, corner in ((_straight(lines[-1][-1], arc[0]), -1), (arc, i + 1)):
            lines.append(points)
            owners.append(np.full(len(points), corner))
        owners[-1][-1] = -1
    end = _straight(lines[-1][-1], place[-1])
    line = np.concatenate([*lines, end, place[-1:]])
    owner = np.concatenate([*owners, np.full(len(end) + 1, -1)])
    new = np.concatenate([[True], np.abs(np.diff(line, axis=0)).max(axis=1) > 1e-10])
    return line[new], owner[new].astype(np.int64)


def _straight(start: Floats, end: Floats) -> Floats:
    """(m, 2) places on the geodesic between two places, neither of them counted."""
    x, y = to_plane(end[:1], end[1:], float(start[0]), float(start[1]))
    count = int(np.hypot(x[0], y[0]) // STRAIGHT_STEP_M)
    share = np.arange(1, count + 1) / (count + 1)
    lon, lat = from_plane(x * share, y * share, float(start[0]), float(start[1]))
    return np.column_stack([lon, lat])


def _arc(corner: Floats, bend: tuple[float, float, float], radius_m: float) -> Floats:
    """(m, 2) places of the arc that rounds a corner. bend: azimuth back along the first leg, turn, tangent length"""
    back, turn, tangent_m = bend
    start = tangent_m * np.array([np.sin(back), np.cos(back)])
    side = np.sign(turn) or 1.0
    # Right of the direction of travel for a turn clockwise: the direction is back + 180 degrees.
    aside = back + np.pi + side * np.pi / 2
    centre = start + radius_m * np.array([np.sin(aside), np.cos(aside)])
    angles = np.linspace(0, turn, max(int(np.ceil(abs(turn) / ARC_STEP_RAD)), 1) + 1)
    out = aside + np.pi + angles
    x, y = centre[0] + radius_m * np.sin(out), centre[1] + radius_m * np.cos(out)
    lon, lat = from_plane(x, y, float(corner[0]), float(corner[1]))
    return np.column_stack([lon, lat])


def _moved_out(corners: Corners, at: Ints, radius_m: float) -> Corners:
    """The same with some corners moved outwards by what their arcs cut off: these pass where the corners were."""
    turns = _turns(corners.place)
    place = corners.place.copy()
    for i in at.tolist():
        turn, back, on = turns.turn[i - 1], turns.before[i - 1], turns.after[i - 1]
        cut_off = radius_m * (1 / np.cos(turn / 2) - 1) * 1.1 + 1.0
        inward = np.array([np.sin(back) + np.sin(on), np.cos(back) + np.cos(on)])
        outward = -inward / max(float(np.hypot(*inward)), 1e-9) * cut_off
        lon, lat = from_plane(outward[:1], outward[1:], float(place[i, 0]), float(place[i, 1]))
        place[i] = lon[0], lat[0]
    return replace(corners, place=place)
