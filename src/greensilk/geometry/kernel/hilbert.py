"""Places along a Hilbert curve over the world."""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.compiled import jit


@jit
def hilbert_codes(lon, lat):
    """(n,) place of each point along the curve, of 65,536 cells a side; lon, lat: (n,) degrees.

    D. Hilbert, Math. Ann. 38 (1891), by the usual turn and flip of quadrants from the largest down.
    """
    codes = np.empty(len(lon), np.int64)
    for i in range(len(lon)):
        x = min(max(int((lon[i] + 180) / 360 * 65536), 0), 65535)
        y = min(max(int((lat[i] + 90) / 180 * 65536), 0), 65535)
        code, side = 0, 1 << 15
        while side > 0:
            right, upper = (x & side) > 0, (y & side) > 0
            code = 4 * code + ((3 * right) ^ upper)
            if not upper:
                if right:
                    x, y = 65535 - x, 65535 - y
                x, y = y, x
            side >>= 1
        codes[i] = code
    return codes
