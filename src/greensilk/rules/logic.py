"""Three-valued logic (Kleene) on whole columns: FALSE < UNKNOWN < TRUE as integers, so that and = min, or = max."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from greensilk.rules.model import Truth

FALSE, UNKNOWN, TRUE = np.int8(0), np.int8(1), np.int8(2)
TruthArray: TypeAlias = NDArray[np.int8]
NAMES: tuple[Truth, Truth, Truth] = ("false", "unknown", "true")


def truths(holds: NDArray[np.bool_], known: NDArray[np.bool_]) -> TruthArray:
    """What holds where it is known, else UNKNOWN. holds, known: (n,); returns (n,)."""
    return np.where(known, np.where(holds, TRUE, FALSE), UNKNOWN).astype(np.int8)


def constant(value: np.int8, size: int) -> TruthArray:
    """The same truth `size` times."""
    return np.full(size, value, np.int8)


def conjunction(parts: Iterable[TruthArray]) -> TruthArray:
    """All of: FALSE if one is, else UNKNOWN if one is, else TRUE. parts: at least one, each (n,)."""
    return reduce(np.minimum, parts)


def disjunction(parts: Iterable[TruthArray]) -> TruthArray:
    """Any of: TRUE if one is, else UNKNOWN if one is, else FALSE. parts: at least one, each (n,)."""
    return reduce(np.maximum, parts)


def negation(part: TruthArray) -> TruthArray:
    """Not: UNKNOWN stays UNKNOWN.

    >>> negation(np.array([0, 1, 2], np.int8)).tolist()
    [2, 1, 0]
    """
    return (TRUE - part).astype(np.int8)
