"""Arrays that grow with what is found."""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.compiled import inlined


@inlined
def doubled(array):
    """The same array with as much room again."""
    return np.append(array, np.empty_like(array))
