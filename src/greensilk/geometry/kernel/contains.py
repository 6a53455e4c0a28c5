"""Whether a part holds a point, exactly: as the float64 coordinates say, with the boundary counted as inside.

Rays run east through whole numbers; a run of edges wholly east of the point is crossed as often as its ends say. Where
the point lies within two units of an edge, rounding could have moved either past the other, and the part is asked again
with its float64 coordinates and an orientation that is right to the last digit.
"""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.bare import bare
from greensilk.geometry.kernel.boxes import box_at
from greensilk.geometry.kernel.compiled import inlined, jit
from greensilk.geometry.kernel.growing import doubled

FANOUT = 16
POLYGON = 2
OUTSIDE, INSIDE, UNSURE = 0, 1, 2
ROUNDED = 2  # units: a vertex and the point are each off by up to half a unit in x and y
POLE = 900_000_000
MERIDIAN = 1_800_000_000
SPLITTER = 134_217_729.0  # 2**27 + 1, for halves of a float64 whose products are exact
FILTER = 3.3306690738754716e-16  # J. R. Shewchuk, Adaptive Precision Floating-Point Arithmetic (1997), 4.2


@inlined
def two_difference(a, b):
    """a - b and what rounding left of it."""
    high = a - b
    b_part = a - high
    a_part = high + b_part
    return high, (a - a_part) + (b_part - b)


@inlined
def two_product(a, b):
    """a * b and what rounding left of it (T. J. Dekker, 1971)."""
    high = a * b
    c = SPLITTER * a
    a_high = c - (c - a)
    a_low = a - a_high
    c = SPLITTER * b
    b_high = c - (c - b)
    b_low = b - b_high
    return high, a_low * b_low - (((high - a_high * b_high) - a_low * b_high) - a_high * b_low)


@inlined
def orientation(ax, ay, bx, by, px, py):
    """1 where p lies left of the way from a to b, -1 right of it, 0 on its line; float64 in, exact."""
    left, right = (ax - px) * (by - py), (ay - py) * (bx - px)
    determinant = left - right
    if abs(determinant) > FILTER * (abs(left) + abs(right)):
        return 1 if determinant > 0 else -1
    ah, al = two_difference(ax, px)
    bh, bl = two_difference(by, py)
    ch, cl = two_difference(ay, py)
    dh, dl = two_difference(bx, px)
    left, left_rest = two_product(ah, bh)
    left_rest += ah * bl + al * bh + al * bl
    right, right_rest = two_product(ch, dh)
    right_rest += ch * dl + cl * dh + cl * dl
    high, low = two_difference(left, right)
    determinant = high + (low + (left_rest - right_rest))
    return (determinant > 0) - (determinant < 0)


@inlined
def _too_near(x, y, x_a, y_a, x_b, y_b):
    """Whether a point lies so near the line of an edge, in whose box it is, that rounding could have moved it over."""
    dx, dy = float(x_b - x_a), float(y_b - y_a)
    return abs(dx * float(y - y_a) - dy * float(x - x_a)) <= ROUNDED * (abs(dx) + abs(dy))


@inlined
def _ray_over(xs, ys, first, last, x, y):
    """How edges from vertex first to last meet the ray east of a point: 0 or 1 for the parity, UNSURE if too near."""
    parity = 0
    y_a = np.int64(ys[first])
    above_a, beside_a = y_a > y, abs(y_a - y) <= ROUNDED
    for i in range(first, last):
        y_b = np.int64(ys[i + 1])
        above_b, beside_b = y_b > y, abs(y_b - y) <= ROUNDED
        if above_a != above_b or beside_a or beside_b:
            x_a, x_b = np.int64(xs[i]), np.int64(xs[i + 1])
            if max(x_a, x_b) >= x - ROUNDED:
                if min(x_a, x_b) > x + ROUNDED:
                    parity ^= above_a != above_b
                elif _too_near(x, y, x_a, y_a, x_b, y_b):
                    return UNSURE
                elif above_a != above_b:
                    off = float(x_b - x_a) * float(y - y_a) - float(y_b - y_a) * float(x - x_a)
                    parity ^= (off > 0) == above_b
        y_a, above_a, beside_a = y_b, above_b, beside_b
    return parity


@inlined
def state_in(arrays, part, x, y):
    """OUTSIDE, INSIDE or UNSURE for a point of whole units against a polygon; UNSURE near a line or point.

    arrays: of the shapes, taken out once by whoever asks of many parts: each time it costs more than a box
    """
    xs, ys, part_start, ring_start, chunk_start, chunk_box, block_start, block_box = arrays
    parity = 0
    for ring in range(part_start[part], part_start[part + 1]):
        first = ring_start[ring]
        end = ring_start[ring + 1] - 1
        first_chunk, end_chunk = chunk_start[ring], chunk_start[ring + 1]
        for block in range(block_start[ring], block_start[ring + 1]):
            box = box_at(block_box, block)
            if box[1] > y + ROUNDED or box[3] < y - ROUNDED or box[2] < x - ROUNDED:
                continue
            chunk_a = first_chunk + (block - block_start[ring]) * FANOUT
            chunk_b = min(chunk_a + FANOUT, end_chunk)
            if box[0] > x + ROUNDED:
                a = first + (chunk_a - first_chunk) * FANOUT
                b = min(first + (chunk_b - first_chunk) * FANOUT, end)
                parity ^= (ys[a] > y) != (ys[b] > y)
                continue
            for chunk in range(chunk_a, chunk_b):
                box = box_at(chunk_box, chunk)
                if box[1] > y + ROUNDED or box[3] < y - ROUNDED or box[2] < x - ROUNDED:
                    continue
                a = first + (chunk - first_chunk) * FANOUT
                b = min(a + FANOUT, end)
                if box[0] > x + ROUNDED:
                    parity ^= (ys[a] > y) != (ys[b] > y)
                    continue
                met = _ray_over(xs, ys, a, b, x, y)
                if met == UNSURE:
                    return UNSURE
                parity ^= met
    return parity


@inlined
def part_state(shapes, part, x, y):
    """OUTSIDE, INSIDE or UNSURE for a point of whole units against a polygon; UNSURE near a line or point."""
    return state_in(searched(shapes), part, x, y)


@inlined
def searched(shapes):
    """The arrays that a search for a point goes through."""
    return (
        shapes.x,
        shapes.y,
        shapes.part_start,
        shapes.ring_start,
        shapes.chunk_start,
        shapes.chunk_box,
        shapes.block_start,
        shapes.block_box,
    )


@inlined
def part_holds_exactly(shapes, part, lon, lat):
    """Whether a part holds a point by its float64 coordinates; on the boundary is inside."""
    x, y = lon * 1e7, lat * 1e7
    parity = 0
    for ring in range(shapes.part_start[part], shapes.part_start[part + 1]):
        first = shapes.ring_start[ring]
        end = shapes.ring_start[ring + 1] - 1
        first_chunk = shapes.chunk_start[ring]
        for chunk in range(first_chunk, shapes.chunk_start[ring + 1]):
            box = box_at(shapes.chunk_box, chunk)
            if box[1] > y + ROUNDED or box[3] < y - ROUNDED or box[2] < x - ROUNDED:
                continue
            a = first + (chunk - first_chunk) * FANOUT
            b = min(a + FANOUT, end)
            if box[0] > x + ROUNDED:
                parity ^= (shapes.lat[a] > lat) != (shapes.lat[b] > lat)
                continue
            for i in range(a, b):
                lon_a, lat_a, lon_b, lat_b = shapes.lon[i], shapes.lat[i], shapes.lon[i + 1], shapes.lat[i + 1]
                if min(lat_a, lat_b) > lat or max(lat_a, lat_b) < lat or max(lon_a, lon_b) < lon:
                    continue
                side = orientation(lon_a, lat_a, lon_b, lat_b, lon, lat)
                if side == 0 and min(lon_a, lon_b) <= lon:
                    return True
                if (lat_a > lat) != (lat_b > lat) and (side > 0) == (lat_b > lat_a):
                    parity ^= 1
    return parity == 1 and shapes.part_kind[part] == POLYGON


@inlined
def part_holds(shapes, part, x, y, lon, lat):
    """Whether a part holds a point; x, y: whole units of lon, lat. At a pole, every part that reaches it does."""
    if abs(lat) == 90.0:
        box = box_at(shapes.node_box, part)
        return box[3] >= POLE if lat > 0 else box[1] <= -POLE
    state = part_state(shapes, part, x, y)
    if state == UNSURE:
        return part_holds_exactly(shapes, part, lon, lat)
    return state == INSIDE and shapes.part_kind[part] == POLYGON


@jit
def contained(shapes, lon, lat):
    """Pairs (point, owner) of points and the parts that hold them, in the order of the points; a pair may come twice.

    lon, lat: (n,) degrees in [-180, 180], neighbours after each other: they find the same boxes in the cache
    """
    shapes = bare(shapes)
    capacity = len(lon) + 16
    points, owners, found = np.empty(capacity, np.int64), np.empty(capacity, np.int64), 0
    levels = len(shapes.level_start) - 1
    if shapes.level_start[levels] == 0:
        return points[:0], owners[:0]
    boxes, level_start, kinds, arrays = shapes.node_box, shapes.level_start, shapes.part_kind, searched(shapes)
    nodes, depths = np.empty(FANOUT * levels + 1, np.int64), np.empty(FANOUT * levels + 1, np.int64)
    for i in range(len(lon)):
        at_lon, at_lat = lon[i], lat[i]
        at_pole = abs(at_lat) == 90.0
        y = np.int64(np.rint(at_lat * 1e7))
        south, north = y - ROUNDED, y + ROUNDED
        for _ in range(2 if abs(at_lon) == 180.0 and not at_pole else 1):
            x = np.int64(np.rint(at_lon * 1e7))
            west, east = (-MERIDIAN, MERIDIAN) if at_pole else (x - ROUNDED, x + ROUNDED)
            top = 1
            nodes[0], depths[0] = level_start[levels] - 1, levels - 1
            while top > 0:
                top -= 1
                node, level = nodes[top], depths[top]
                if level > 0:
                    first = level_start[level - 1] + (node - level_start[level]) * FANOUT
                    for child in range(first, min(first + FANOUT, level_start[level])):
                        if boxes[child, 0] > east or boxes[child, 2] < west:
                            continue
                        if boxes[child, 1] <= north and boxes[child, 3] >= south:
                            nodes[top], depths[top] = child, level - 1
                            top += 1
                    continue
                if at_pole:
                    held = boxes[node, 3] >= POLE if at_lat > 0 else boxes[node, 1] <= -POLE
                else:
                    state = state_in(arrays, node, x, y)
                    held = state == INSIDE and kinds[node] == POLYGON
                    held = held or (state == UNSURE and part_holds_exactly(shapes, node, at_lon, at_lat))
                if held:
                    if found == capacity:
                        points, owners = doubled(points), doubled(owners)
                        capacity *= 2
                    points[found], owners[found] = i, shapes.part_owner[node]
                    found += 1
            at_lon = -at_lon
    return points[:found], owners[:found]
