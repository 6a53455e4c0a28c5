"""Points that fill the unit cube evenly, for any number of columns: a rank-1 lattice, shifted at random.

Its generator is built one column at a time, taking of some candidates the one with the least worst-case error. On ranks
and scores of indices it comes within a tenth of a scrambled Sobol' sequence (`python -m benchmarks.index`). It
needs no table of direction numbers, hence has no largest dimension and forbids no number of samples.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from greensilk.indices.means import Floats
from greensilk.indices.structure import Ints

CANDIDATES = 48
WEIGHT = 0.05  # how much each further column counts in the error: low, for many columns should lie well in pairs
ORDER_OF_CANDIDATES = 20_081  # any fixed seed


def shifted_lattice(samples: int, columns: int, seed: int) -> Floats:
    """(samples, columns) numbers in [0, 1); the seed moves the whole lattice.

    source: construction by components, Sloan, Kuo and Joe 2002; random shift, Cranley and Patterson 1976
    >>> points = shifted_lattice(8, 2, seed=1)
    >>> sorted((points[:, 1] * 8).astype(int).tolist())
    [0, 1, 2, 3, 4, 5, 6, 7]
    """
    shift = np.random.default_rng([seed, 0]).random(columns)
    turns = np.arange(samples)[:, None] * np.array(generator(samples, columns)) % samples
    return np.asarray((turns / samples + shift) % 1.0)


@lru_cache(maxsize=8)
def generator(samples: int, columns: int) -> tuple[int, ...]:
    """The steps of a lattice from point to point, one per column, in units of 1 / samples."""
    coprime: Ints = np.array([step for step in range(1, samples // 2 + 1) if math.gcd(step, samples) == 1] or [1])
    rng = np.random.default_rng(ORDER_OF_CANDIDATES)
    at = np.arange(samples)
    kernel = _kernel(at / samples)
    so_far = 1.0 + WEIGHT * kernel
    found = [1]
    while len(found) < columns:
        steps = rng.choice(coprime, min(CANDIDATES, len(coprime)), replace=False)
        terms = kernel[steps[:, None] * at % samples]
        best = int(np.argmin((terms * so_far).sum(axis=1)))
        so_far *= 1.0 + WEIGHT * terms[best]
        found.append(int(steps[best]))
    return tuple(found[:columns])


def _kernel(x: NDArray[np.float64]) -> Floats:
    """2 π² B₂(x): the reproducing kernel of periodic functions with a square-integrable derivative, without its 1."""
    return np.asarray(2.0 * np.pi**2 * (x * x - x + 1.0 / 6.0))
