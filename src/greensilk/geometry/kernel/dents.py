"""Outlines without the dents that a widening would close anyway."""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.compiled import jit


@jit
def without_dents(x, y, ring_start, chord):
    """Closed rings with their inside on the left, less the vertices of dents narrower than a chord.

    x, y: (v,) metres; ring_start: (r + 1,); chord: (r,) metres. Returns x, y, ring_start of what is left: at least a
    triangle of each ring, closed.
    """
    rings = len(ring_start) - 1
    kept, start = np.empty(len(x), np.int64), np.zeros(rings + 1, np.int64)
    top = 0
    for ring in range(rings):
        first, count = ring_start[ring], ring_start[ring + 1] - ring_start[ring] - 1
        lowest = 0  # a vertex that is in no dent
        for i in range(1, count):
            if y[first + i] < y[first + lowest] or (
                y[first + i] == y[first + lowest] and x[first + i] < x[first + lowest]
            ):
                lowest = i
        base, most = top, chord[ring] ** 2
        for step in range(count + 1):
            i = first + (lowest + step) % count
            while top - base >= 2 and not (step == count and top - base < 3):
                a, b = kept[top - 2], kept[top - 1]
                turn = (x[b] - x[a]) * (y[i] - y[b]) - (y[b] - y[a]) * (x[i] - x[b])
                if turn > 0 or (x[i] - x[a]) ** 2 + (y[i] - y[a]) ** 2 > most:
                    break
                top -= 1
            if step < count:
                kept[top] = i
                top += 1
        start[ring + 1] = start[ring] + top - base + 1
    out_x, out_y = np.empty(start[rings]), np.empty(start[rings])
    at = 0
    for ring in range(rings):
        first = start[ring] - ring
        for k in range(start[ring + 1] - start[ring] - 1):
            out_x[at], out_y[at] = x[kept[first + k]], y[kept[first + k]]
            at += 1
        out_x[at], out_y[at] = x[kept[first]], y[kept[first]]
        at += 1
    return out_x, out_y, start
