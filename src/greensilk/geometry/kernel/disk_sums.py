"""Area of what runs of edges bound within concentric disks, summed edge by edge in the plane about the site.

By Green's theorem an edge adds the signed area between itself and the site; where it runs outside a disk it adds the
sector of the angle it sweeps instead. The angle swept outside is never summed edge by edge: it is the direction where
the outline comes back less the direction where it left, and whole turns, counted where it crosses the cut: the
meridian from the site towards the equator. So what lies outside needs no place in the plane, and rounding cannot miss
a turn.
"""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.compiled import inlined, woven
from greensilk.geometry.kernel.plane import SEMI_MAJOR_M, UNIT_RAD, edge_steps, far_plane, near_plane

TWO_PI = 2 * np.pi
STRAIGHT_M = 0.05  # how far a piece of an edge may bend away from its chord


@woven
def plane_about(site, lon, lat):
    """Metres east and north; site: (lon, radians of lat, its cosine and sine, whether far from it or near a pole)."""
    if site[4] > 0:
        return far_plane(site[0], site[1], lon, lat)
    return near_plane(site[0], site[1], site[2], site[3], lon, lat)


@inlined
def direction(x, y, cut):
    """Angle anticlockwise from the direction opposite to the cut; the cut itself counts as lying west of itself.

    cut: 1 where it runs north, -1 where it runs south
    """
    if x == 0.0:
        x = -1e-300
    return np.arctan2(cut * x, -cut * y)


@inlined
def turns_past_cut(x_a, y_a, x_b, y_b, cut):
    """Angle of the whole turn that a straight piece which stays outside the disk makes by crossing the cut, or 0."""
    if (x_a <= 0) == (x_b <= 0):
        return 0.0
    if cut * (y_a * x_b - y_b * x_a) * (x_b - x_a) <= 0:
        return 0.0
    return TWO_PI * cut if x_b <= 0 else -TWO_PI * cut


@inlined
def turns_far(x_a, y_a, x_b, y_b, x_0, y_0, cut):
    """The same for a piece of a lon/lat edge far outside, all in units."""
    if (x_a <= x_0) == (x_b <= x_0):
        return 0.0
    y = y_a + (x_0 - x_a) * (y_b - y_a) / (x_b - x_a)
    if cut * (y - y_0) <= 0:
        return 0.0
    return TWO_PI * cut if x_b <= x_0 else -TWO_PI * cut


@inlined
def disks_without(square_m2, radii_m):
    """How many of the ascending radii are too short to reach a place; square_m2: of its distance."""
    k = 0
    while k < len(radii_m) and square_m2 > radii_m[k] * radii_m[k]:
        k += 1
    return k


@woven
def triangle(x_a, y_a, x_b, y_b, curvature):
    """Signed area between the site and a straight piece on the curved surface: a place at a distance d of the plane
    stands for 1 - d²/6R² of its size.

    curvature: 1/36R², as the mean of d² over a triangle with a corner at the site is a sixth of its three products
    """
    squares = x_a * x_a + y_a * y_a + x_a * x_b + y_a * y_b + x_b * x_b + y_b * y_b
    return 0.5 * (x_a * y_b - y_a * x_b) * (1 - squares * curvature)


@inlined
def add_angle(sums, outside, angle):
    """An angle swept outside the first disks."""
    for j in range(outside):
        sums[1, j] += angle


@inlined
def add_piece(sums, radii_m, frame, x_a, y_a, x_b, y_b):
    """A straight piece in the plane.

    sums: (2, r + 1): signed area that lies in disk j and in those beyond it; angle swept outside disk j
    frame: cut and curvature
    """
    cut, curvature = frame
    square_a, square_b = x_a * x_a + y_a * y_a, x_b * x_b + y_b * y_b
    k_a, k_b = disks_without(square_a, radii_m), disks_without(square_b, radii_m)
    far, near = max(k_a, k_b), min(k_a, k_b)
    if far < len(radii_m):
        sums[0, far] += triangle(x_a, y_a, x_b, y_b, curvature)
    if far == 0:
        return
    dx, dy = x_b - x_a, y_b - y_a
    length2 = dx * dx + dy * dy
    along = x_a * dx + y_a * dy
    off = x_a * y_b - y_a * x_b
    for j in range(far - 1, -1, -1):
        discriminant = radii_m[j] * radii_m[j] * length2 - off * off
        if j < near and (along >= 0 or along + length2 <= 0 or discriminant <= 0):
            add_angle(sums, j + 1, turns_past_cut(x_a, y_a, x_b, y_b, cut))
            return
        root = np.sqrt(max(discriminant, 0.0))
        t_in = min(max((-along - root) / length2, 0.0), 1.0) if k_a > j else 0.0
        t_out = max(min((root - along) / length2, 1.0), 0.0) if k_b > j else 1.0
        x_in, y_in = x_a + t_in * dx, y_a + t_in * dy
        x_out, y_out = (x_a + t_out * dx, y_a + t_out * dy) if k_b > j else (x_b, y_b)
        angle = 0.0
        if k_a > j:
            angle += turns_past_cut(x_a, y_a, x_in, y_in, cut) + direction(x_in, y_in, cut)
        if k_b > j:
            angle += turns_past_cut(x_out, y_out, x_b, y_b, cut) - direction(x_out, y_out, cut)
        sums[1, j] += angle
        within = triangle(x_in, y_in, x_out, y_out, curvature)
        sums[0, j] += within
        sums[0, j + 1] -= within  # the further disks have it already


@woven
def steps_of(x_a, y_a, x_b, y_b, reach_m):
    """Into how many pieces a lon/lat edge is cut to be straight in the plane; most edges need no sine to tell.

    Even a geodesic bends in the plane where it passes the site at a distance h: by h/12R² times its length squared.
    """
    dlon, dlat = abs(x_b - x_a) * UNIT_RAD, abs(y_b - y_a) * UNIT_RAD
    passing_m = reach_m / 12 * (dlon * dlon + dlat * dlat)
    if SEMI_MAJOR_M / 8 * dlon * (0.5 * dlon + 2 * dlat) + passing_m <= STRAIGHT_M:
        return 1
    return max(edge_steps(x_a, y_a, x_b, y_b, STRAIGHT_M), int(np.ceil(np.sqrt(passing_m / STRAIGHT_M))))


@inlined
def add_edge(sums, radii_m, site, frame, here, x_a, y_a, x_b, y_b):
    """A lon/lat edge, in units, from a place in the plane; returns where it ends in the plane."""
    steps = steps_of(x_a, y_a, x_b, y_b, radii_m[len(radii_m) - 1])
    x_m, y_m = here
    for step in range(1, steps + 1):
        if step == steps:
            lon, lat = x_b, y_b
        else:
            t = step / steps
            lon, lat = x_a + t * (x_b - x_a), y_a + t * (y_b - y_a)
        to_x, to_y = plane_about(site, lon, lat)
        add_piece(sums, radii_m, frame, x_m, y_m, to_x, to_y)
        x_m, y_m = to_x, to_y
    return x_m, y_m


@inlined
def between(k, radii_m):
    """Inner radius, its square and that of the outer one of the ring that lies outside the first k disks."""
    inner_m = radii_m[k - 1] if k > 0 else 0.0
    outer_m2 = radii_m[k] * radii_m[k] if k < len(radii_m) else np.inf
    return inner_m, inner_m * inner_m, outer_m2


@inlined
def add_run(xs, ys, first, last, shift, sums, radii_m, site, frame, here):
    """Edges between vertices first and last, all near the site, from a place in the plane; returns where they end.

    Nearly all stay in one ring between two circles: those need no look at any array but their own vertices.
    """
    curvature, reach_m = frame[1], radii_m[len(radii_m) - 1]
    x_a, y_a = xs[first] + shift, float(ys[first])
    x_m, y_m = here
    square = x_m * x_m + y_m * y_m
    k = disks_without(square, radii_m)
    inner_m, inner_m2, outer_m2 = between(k, radii_m)
    total = 0.0
    for i in range(first + 1, last + 1):
        x_b, y_b = xs[i] + shift, float(ys[i])
        stays = steps_of(x_a, y_a, x_b, y_b, reach_m) == 1
        if stays:
            to_x, to_y = plane_about(site, x_b, y_b)
            to_square = to_x * to_x + to_y * to_y
            span_m = abs(to_x - x_m) + abs(to_y - y_m)
            stays = to_square <= outer_m2
            if k > 0:
                clear = min(square, to_square) > inner_m2 + span_m * (inner_m + span_m)
                stays = stays and clear and (x_m <= 0) == (to_x <= 0)
            if stays:
                total += triangle(x_m, y_m, to_x, to_y, curvature)
                x_m, y_m, square = to_x, to_y, to_square
        if not stays:
            sums[0, k] += total
            total = 0.0
            x_m, y_m = add_edge(sums, radii_m, site, frame, (x_m, y_m), x_a, y_a, x_b, y_b)
            square = x_m * x_m + y_m * y_m
            k = disks_without(square, radii_m)
            inner_m, inner_m2, outer_m2 = between(k, radii_m)
        x_a, y_a = x_b, y_b
    sums[0, k] += total
    return x_m, y_m
