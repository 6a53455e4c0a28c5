"""Names of the arrays that rooms exchange, and ragged arrays taken apart and put together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]


def spans(first: Ints, count: Ints) -> Ints:
    """Indices of (k,) runs laid one after another: first, first + 1, ... of each.

    >>> spans(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    ends = np.cumsum(count)
    return np.repeat(first - (ends - count), count) + np.arange(ends[-1] if len(ends) else 0, dtype=np.int64)


def starts(count: Ints) -> Ints:
    """(k,) sizes of runs -> (k + 1,) where each begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
