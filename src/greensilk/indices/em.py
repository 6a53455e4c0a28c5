"""Expectation–maximisation: gaps take their expected value under the multivariate normal that fits what is there.

source: Dempster, Laird and Rubin 1977; Little and Rubin 2002, Statistical Analysis with Missing Data, section 11.2;
OECD/JRC 2008, step 3. Limits: it takes columns to be normal and gaps to be missing at random; imputed values understate
the spread; the standardised columns' means and covariances are followed until none moves by more than 1e-9.
"""

from __future__ import annotations

import numpy as np

from greensilk.errors import IndexDefinitionError
from greensilk.indices.grid import Bools, Floats, Ints
from greensilk.indices.moments import deviation, mean

TOLERANCE = 1e-9
MOST_STEPS = 5000


def em_filled(values: Floats, prior_rows: float = 0.0) -> Floats:
    """Gaps of (n, k) values filled with their conditional expectation at the likeliest mean and covariance.

    prior_rows: weight, in rows, of a prior without correlation; 0 = none, more where k comes near to n
    returns: (n, k); a row without any value gets the means
    raises: IndexDefinitionError if it has not converged after 5000 steps
    >>> import numpy as np
    >>> em_filled(np.array([[1.0, 2.0], [2.0, 4.0], [4.0, 7.0], [3.0, np.nan]]))[3].round(6).tolist()
    [3.0, 5.428571]
    """
    gaps = np.isnan(values)
    spread = deviation(values)
    fixed = ~(spread > 0)  # without variance there is nothing to learn from, and nothing to standardise by
    centre, scale = mean(values), np.where(fixed, 1.0, spread)
    standard = (values - centre) / scale
    filled = _fit(standard, gaps, prior_rows) * scale + centre
    return np.where(gaps, filled, values)


def _patterns(gaps: Bools) -> list[tuple[Bools, Ints]]:
    """Rows with the same gaps, by pattern: (k,) gaps and their row numbers."""
    kinds, belongs = np.unique(gaps, axis=0, return_inverse=True)
    return [(kind, np.flatnonzero(belongs.ravel() == i).astype(np.int64)) for i, kind in enumerate(kinds) if kind.any()]


def _fit(standard: Floats, gaps: Bools, prior_rows: float) -> Floats:
    n, k = standard.shape
    filled = np.where(gaps, 0.0, standard)
    centre, covariance = filled.mean(axis=0), np.cov(filled, rowvar=False, bias=True).reshape(k, k) + np.eye(k) * 1e-6
    patterns = _patterns(gaps)
    for _ in range(MOST_STEPS):
        uncertain = np.zeros((k, k))
        for missing, rows in patterns:
            uncertain += _expect(filled, centre, covariance, (missing, rows))
        new_centre = filled.mean(axis=0)
        distance = filled - new_centre
        new_covariance = (distance.T @ distance + uncertain + prior_rows * np.eye(k)) / (n + prior_rows)
        moved = max(np.abs(new_centre - centre).max(), np.abs(new_covariance - covariance).max())
        centre, covariance = new_centre, new_covariance
        if moved < TOLERANCE:
            return filled
    raise IndexDefinitionError("indices.em_no_end", steps=MOST_STEPS)


def _expect(filled: Floats, centre: Floats, covariance: Floats, pattern: tuple[Bools, Ints]) -> Floats:
    """Fills the gaps of one pattern with their expectation; returns the covariance that this leaves open."""
    missing, rows = pattern
    known = ~missing
    left = np.zeros_like(covariance)
    block = covariance[np.ix_(known, known)]
    across = covariance[np.ix_(known, missing)]
    slope = np.linalg.lstsq(block, across, rcond=1e-12)[0]
    filled[np.ix_(rows, missing)] = centre[missing] + (filled[np.ix_(rows, known)] - centre[known]) @ slope
    left[np.ix_(missing, missing)] = len(rows) * (covariance[np.ix_(missing, missing)] - across.T @ slope)
    return left
