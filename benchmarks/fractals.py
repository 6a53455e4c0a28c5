"""Closed fractal outlines: midpoint displacement around a circle, stretched, sheared and turned.

The stretch and the sine shear carry the plane one to one onto itself, so an outline that did not cross itself before
does not cross itself after. Random numbers are those of the compiler's own stream, seeded for each ring.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROUGHNESS_FALL = 0.8  # each halving of the step shrinks the displacement by 2 to this power
FIRST_SWING, NEXT_SWING = 0.35, 0.30


class Rings(NamedTuple):
    """(r,) outlines to draw, in kilometres about the centre of their polygon."""

    vertices: Ints
    radius_km: Floats
    seed: Ints
    stretch: Floats
    turn: Floats
    shear: Floats
    shear_waves: Floats
    shear_phase: Floats
    rough: Floats
    east_km: Floats
    north_km: Floats


@numba.njit(cache=True, nogil=True)
def _log_radii(vertices: int, rough: float) -> Floats:
    """Logarithms of the radius at as many equal steps around as the next power of two; numba's own seeded stream."""
    steps = 8
    while steps < vertices:
        steps *= 2
    value = np.zeros(steps)
    step = steps // 4
    for i in range(4):
        value[i * step] = np.random.normal() * FIRST_SWING * rough  # noqa: NPY002 - the only kind it compiles
    swing = NEXT_SWING * rough
    while step > 1:
        half = step // 2
        for i in range(half, steps, step):
            value[i] = 0.5 * (value[i - half] + value[(i + half) % steps]) + np.random.normal() * swing  # noqa: NPY002 - as above
        swing *= 2.0**-ROUGHNESS_FALL
        step = half
    return value


@numba.njit(cache=True, nogil=True)
def draw(rings: Rings, start: Ints) -> tuple[Floats, Floats]:
    """Kilometres east and north of every vertex; ring r fills start[r] : start[r + 1], first vertex repeated last."""
    east, north = np.empty(start[-1]), np.empty(start[-1])
    for r in range(len(rings.vertices)):
        np.random.seed(rings.seed[r])  # noqa: NPY002 - as above
        log_radius = _log_radii(rings.vertices[r], rings.rough[r])
        steps, n, at = len(log_radius), rings.vertices[r], start[r]
        mean_square = 0.0
        for i in range(steps):
            mean_square += np.exp(2 * log_radius[i]) / steps
        scale = rings.radius_km[r] / np.sqrt(mean_square)  # so that the area is that of a circle of this radius
        cosine, sine = np.cos(rings.turn[r]), np.sin(rings.turn[r])
        for i in range(n):
            angle, radius = 2 * np.pi * i / n, scale * np.exp(log_radius[(i * steps) // n])
            x, y = radius * np.cos(angle) * rings.stretch[r], radius * np.sin(angle) / rings.stretch[r]
            wave = rings.shear_waves[r] * y / rings.radius_km[r] + rings.shear_phase[r]
            x += rings.shear[r] * rings.radius_km[r] * np.sin(wave)
            east[at + i] = cosine * x - sine * y + rings.east_km[r]
            north[at + i] = sine * x + cosine * y + rings.north_km[r]
        east[at + n], north[at + n] = east[at], north[at]
    return east, north
