"""Outliers: values far out are pulled in, and where that is not enough the whole column is transformed.

source: OECD/JRC 2008, step 5; Becker et al. 2022, COINr (test of skewness and kurtosis, winsorisation, a transform)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from greensilk.indices.definition import Transform, Treat
from greensilk.indices.grid import Bools, Floats, Ints
from greensilk.indices.moments import deviation, highest, lowest, shape, skewness

SEARCHED = (-5.0, 5.0)  # exponents of power transforms outside of these are no longer transforms of practice
GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True)
class Treatment:
    """What was done to one column: how many values were pulled in, the transform, and whether it passes now."""

    winsorised: int
    transform: Transform
    exponent: float | None
    passed: bool


def far_out(values: Floats, spec: Treat) -> Bools:
    """Which columns of (n, k) have outliers: |skewness| and kurtosis both beyond the limits; none if not computable."""
    skew, kurt = shape(values)
    return np.asarray((np.abs(skew) > spec.skewness) & (kurt > spec.kurtosis))


def winsorise(values: Floats, spec: Treat) -> tuple[Floats, Ints]:
    """The furthest values of the longer tail set to the next one in, until the column passes or the cap is reached.

    values: (n, k) with NaN; returns: the columns, and how many values were pulled in in each. Values that tie are
    pulled in together; a step that would go beyond the cap, or leave no variance, is not taken.
    >>> import numpy as np
    >>> column, pulled = winsorise(np.array([[1.0, 2, 3, 4, 5, 6, 7, 8, 9, 90]]).T, Treat())
    >>> column[:, 0].tolist(), pulled.tolist()
    ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 9.0], [1])
    """
    out = values.copy()
    left = np.flatnonzero(far_out(values, spec))
    while len(left):
        nearer, pulled = _pulled_in(out[:, left])
        changed = np.count_nonzero((nearer != values[:, left]) & ~np.isnan(nearer), axis=0)
        may = pulled & (changed <= spec.winsorise)
        left, nearer = left[may], nearer[:, may]
        out[:, left] = nearer
        left = left[far_out(nearer, spec)]
    return out, np.count_nonzero((out != values) & ~np.isnan(values), axis=0).astype(np.int64)


def _pulled_in(values: Floats) -> tuple[Floats, Bools]:
    """One step of winsorising each column, and in which columns it leaves variance."""
    sign = np.where(skewness(values) > 0, 1.0, -1.0)
    tail = values * sign
    end = tail >= highest(tail)
    inner = highest(np.where(end, np.nan, tail))
    return np.where(end, sign * inner, values), np.asarray(inner > lowest(tail))


def log_shifted(values: Floats) -> Floats:
    """The logarithm of the distance from the least value, which itself is put at 1 % of the range.

    values: (n,); source: Becker et al. 2022: ln(x − min + 0.01·(max − min))
    """
    low = lowest(values)
    shifted: Floats = np.log(values - low + 0.01 * (highest(values) - low))
    return shifted


def box_cox(values: Floats, exponent: float) -> Floats:
    """(x^λ − 1)/λ, or ln x at λ = 0, of a positive column.

    source: Box and Cox 1964
    >>> import numpy as np
    >>> box_cox(np.array([1.0, 4.0]), 0.5).tolist()
    [0.0, 2.0]
    """
    if abs(exponent) < 1e-9:
        return np.asarray(np.log(values))
    return np.asarray(np.expm1(exponent * np.log(values)) / exponent)


def yeo_johnson(values: Floats, exponent: float) -> Floats:
    """The power transform for columns with zero and negative values: Box–Cox of 1+x above, of 1−x with 2−λ below.

    source: Yeo and Johnson 2000
    >>> import numpy as np
    >>> yeo_johnson(np.array([-1.0, 0.0, 3.0]), 1.0).tolist()
    [-1.0, 0.0, 3.0]
    """
    above = box_cox(1 + np.fmax(values, 0), exponent)
    below = box_cox(1 - np.fmin(values, 0), 2 - exponent)
    return np.where(np.isnan(values), np.nan, np.where(values >= 0, above, -below))


def likeliest_exponent(values: Floats, transform: Callable[[Floats, float], Floats], jacobian: Floats) -> float:
    """The exponent under which the transformed column is most like a normal one, between −5 and 5.

    values: (n,) without NaN; jacobian: (n,) so that the log-likelihood is −n/2·ln var + (λ−1)·sum(jacobian)
    """

    def unlikeliness(exponent: float) -> float:
        spread = float(deviation(transform(values, exponent)[:, None])[0])
        if not np.isfinite(spread) or spread <= 0:
            return np.inf
        return float(len(values) * np.log(spread) - (exponent - 1) * jacobian.sum())

    grid = np.linspace(*SEARCHED, 41)
    best = int(np.argmin([unlikeliness(exponent) for exponent in grid]))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, 40)])
    while high - low > 1e-9:
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if unlikeliness(left) <= unlikeliness(right):
            high = right
        else:
            low = left
    return (low + high) / 2


def transformed(values: Floats, transform: Transform) -> tuple[Floats, float | None]:
    """A column (n,) under a transform, and the exponent it was given by the data.

    Box–Cox needs positive values: a column with others is first moved so that its least value is 1 % of its range.
    """
    if transform == "none":
        return values, None
    if transform == "log":
        return log_shifted(values), None
    there = values[~np.isnan(values)]
    if transform == "yeo_johnson":
        exponent = likeliest_exponent(there, yeo_johnson, np.sign(there) * np.log1p(np.abs(there)))
        return yeo_johnson(values, exponent), exponent
    low, high = float(there.min()), float(there.max())
    move = 0.0 if low > 0 else 0.01 * (high - low) - low
    exponent = likeliest_exponent(there + move, box_cox, np.log(there + move))
    return box_cox(values + move, exponent), exponent


def treat(values: Floats, spec: Treat) -> tuple[Floats, tuple[Treatment, ...]]:
    """Every column of (n, k) values as it is if it passes, else winsorised, else transformed from what it was at first.

    returns: (n, k) values, and what was done to each column; one without variance stays as it is
    """
    out, pulled = winsorise(values, spec)
    done = [Treatment(int(count), "none", None, True) for count in pulled]
    for j in np.flatnonzero(far_out(out, spec)):
        out[:, j], exponent = transformed(values[:, j], spec.then)
        passed = not far_out(out[:, [j]], spec)[0]
        done[j] = Treatment(0, spec.then, exponent, passed)
    return out, tuple(done)
