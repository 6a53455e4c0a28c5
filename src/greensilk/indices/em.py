"""Expectation–maximisation: gaps take their expected value under the multivariate normal that fits what is there.

source: Dempster, Laird and Rubin 1977; Little and Rubin 2002, Statistical Analysis with Missing Data, section 11.2;
OECD/JRC 2008, step 3. Limits: it takes columns to be normal and gaps to be missing at random; imputed values understate
the spread; the standardised columns' means and covariances are followed until none moves by more than 1e-8.
"""

from __future__ import annotations

import numpy as np

from greensilk.errors import IndexDefinitionError
from greensilk.indices.grid import Bools, Floats, Ints
from greensilk.indices.moments import constant, deviation, mean

TOLERANCE = 1e-8
MOST_STEPS = 5000
RIDGE = 1e-9  # of the variance of a standardised column: columns that depend on each other have no inverse without


def em_filled(values: Floats, prior_rows: float = 0.0) -> Floats:
    """Gaps of (n, k) values filled with their conditional expectation at the likeliest mean and covariance.

    prior_rows: weight, in rows, of a prior without correlation; 0 = none, more where k comes near to n
    returns: (n, k); a row without any value, and a column without variance, gets the means
    raises: IndexDefinitionError if it has not converged after 5000 steps
    >>> import numpy as np
    >>> em_filled(np.array([[1.0, 2.0], [2.0, 4.0], [4.0, 7.0], [3.0, np.nan]]))[3].round(6).tolist()
    [3.0, 5.428571]
    """
    gaps = np.isnan(values)
    centre, spread = mean(values), deviation(values)
    filled = np.where(gaps, centre, values)
    varied = np.flatnonzero(~constant(values))
    standard = ((values - centre) / np.where(spread > 0, spread, 1.0))[:, varied]
    if gaps[:, varied].any():
        filled[:, varied] = _fit(standard, prior_rows) * spread[varied] + centre[varied]
    return np.where(gaps, filled, values)


def _patterns(gaps: Bools) -> list[tuple[Ints, Ints]]:
    """Rows with the same gaps, by pattern: numbers of the columns that are missing, and of the rows."""
    kinds, belongs = np.unique(gaps, axis=0, return_inverse=True)
    place = belongs.ravel()
    return [
        (np.flatnonzero(kind).astype(np.int64), np.flatnonzero(place == i).astype(np.int64))
        for i, kind in enumerate(kinds)
        if kind.any()
    ]


def _fit(standard: Floats, prior_rows: float) -> Floats:
    gaps = np.isnan(standard)
    n, k = standard.shape
    filled = np.where(gaps, 0.0, standard)
    centre, covariance = filled.mean(axis=0), np.cov(filled, rowvar=False, bias=True).reshape(k, k)
    patterns = _patterns(gaps)
    for _ in range(MOST_STEPS):
        uncertain = _expect(filled, centre, covariance, patterns)
        new_centre = filled.mean(axis=0)
        distance = filled - new_centre
        new_covariance = (distance.T @ distance + uncertain + prior_rows * np.eye(k)) / (n + prior_rows)
        moved = max(np.abs(new_centre - centre).max(), np.abs(new_covariance - covariance).max())
        centre, covariance = new_centre, new_covariance
        if moved < TOLERANCE:
            return filled
    raise IndexDefinitionError("indices.em_no_end", steps=MOST_STEPS)


def _expect(filled: Floats, centre: Floats, covariance: Floats, patterns: list[tuple[Ints, Ints]]) -> Floats:
    """Fills the gaps with their expectation; returns the covariance that this leaves open, summed over rows.

    By way of the precision P, one inverse for all patterns: E[m] = μm − Pmm⁻¹·Pmo·(o − μo), and Pmm⁻¹ is left open.
    """
    precision = np.linalg.inv(covariance + RIDGE * np.eye(len(covariance)))
    left = np.zeros_like(covariance)
    for missing, rows in patterns:
        filled[np.ix_(rows, missing)] = centre[missing]
        open_to = np.linalg.inv(precision[np.ix_(missing, missing)])
        # Where the row itself is missing its distance is zero now, so that the whole row of P may be taken.
        filled[np.ix_(rows, missing)] -= (filled[rows] - centre) @ precision[:, missing] @ open_to
        left[np.ix_(missing, missing)] += len(rows) * open_to
    return left
