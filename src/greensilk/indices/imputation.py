"""Gaps in a grid filled by column means, groups, time, neighbours, or by expectation–maximisation (see em.py).

Every function takes (n, k) values with NaN and gives (n, k) values; what cannot be filled stays NaN.
source: OECD/JRC 2008, step 3 (imputation of missing data)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from greensilk.indices.definition import Impute
from greensilk.indices.em import em_filled
from greensilk.indices.grid import Floats, Grid
from greensilk.indices.moments import deviation, mean, median

Centre = Callable[[Floats], Floats]


def centre_filled(values: Floats, centre: Centre = mean) -> Floats:
    """Gaps filled with the mean, or another centre, of their column.

    >>> import numpy as np
    >>> centre_filled(np.array([[1.0], [np.nan], [3.0]]))[:, 0].tolist()
    [1.0, 2.0, 3.0]
    """
    return np.where(np.isnan(values), centre(values), values)


def group_filled(values: Floats, groups: Sequence[str | None], centre: Centre = mean) -> Floats:
    """Gaps filled with the centre of their column within their row's group; rows of no group keep their gaps.

    >>> import numpy as np
    >>> group_filled(np.array([[1.0], [np.nan], [9.0], [np.nan]]), ["a", "a", "b", None])[:, 0].tolist()
    [1.0, 1.0, 9.0, nan]
    """
    out = values.copy()
    for group in {name for name in groups if name is not None}:
        rows = np.array([name == group for name in groups])
        out[rows] = centre_filled(values[rows], centre)
    return out


def linear_filled(grid: Grid) -> Floats:
    """Gaps between two years of the same unit filled on a straight line; nothing is carried beyond the first and last.

    >>> import numpy as np
    >>> years, values = np.array([2000, 2005, 2010]), np.array([[1.0], [np.nan], [3.0]])
    >>> linear_filled(Grid(("LAO",) * 3, years, ("forest",), values))[:, 0].tolist()
    [1.0, 2.0, 3.0]
    """
    out = grid.values.copy()
    names = np.array(grid.units)
    with_gaps = names[np.isnan(out).any(axis=1)]
    for unit in np.unique(with_gaps):
        rows = np.flatnonzero(names == unit)
        rows = rows[np.argsort(grid.years[rows])]
        for j in range(out.shape[1]):
            out[rows, j] = _line(grid.years[rows].astype(np.float64), out[rows, j])
    return out


def _line(years: Floats, series: Floats) -> Floats:
    there = ~np.isnan(series)
    if there.sum() < 2:
        return series
    return np.interp(years, years[there], series[there], left=np.nan, right=np.nan) if not there.all() else series


def squared_distances(values: Floats) -> Floats:
    """(n, n) mean squared distances of rows over the standardised columns both have; NaN if they share nothing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        standard = (values - mean(values)) / deviation(values)
        known = np.isfinite(standard)
        here = known.astype(np.float64)
        filled = np.where(known, standard, 0.0)
        shared = here @ here.T
        total = filled**2 @ here.T + here @ (filled**2).T - 2 * filled @ filled.T
        distance: Floats = np.where(shared > 0, np.maximum(total, 0.0) / shared, np.nan)
    return distance


def nearest_filled(values: Floats, neighbours: int = 5) -> Floats:
    """Gaps filled with the mean of the nearest rows that have a value there; all that tie with the last of them count.

    Nearness is the mean squared distance over the standardised columns that both rows have.
    >>> import numpy as np
    >>> nearest_filled(np.array([[1.0, 10.0], [1.1, np.nan], [9.0, 80.0]]), 1)[1].tolist()
    [1.1, 10.0]
    """
    out = values.copy()
    distance = np.round(squared_distances(values), 12)
    np.fill_diagonal(distance, np.nan)
    for i, j in np.argwhere(np.isnan(values)):
        usable = ~np.isnan(values[:, j]) & ~np.isnan(distance[i])
        if not usable.any():
            continue
        near, known = distance[i, usable], values[usable, j]
        limit = np.sort(near)[min(neighbours, len(near)) - 1]
        out[i, j] = known[near <= limit].mean()
    return out


def impute(grid: Grid, spec: Impute, groups: Sequence[str | None]) -> Floats:
    """The grid's values with gaps filled as `spec` says.

    groups: (n,) the group of each row, for the methods by group; in a panel em takes the year as one more column
    raises: IndexDefinitionError if em does not converge
    """
    values = grid.values
    if spec.method == "linear":
        return linear_filled(grid)
    if spec.method == "nearest":
        return nearest_filled(values, spec.neighbours)
    if spec.method == "em":
        return _em(grid, spec.prior_rows)
    if spec.method in {"group_mean", "group_median"}:
        return group_filled(values, groups, median if spec.method == "group_median" else mean)
    if spec.method == "none":
        return values
    return centre_filled(values, median if spec.method == "median" else mean)


def _em(grid: Grid, prior_rows: float) -> Floats:
    # Of a single year the column is constant, and em_filled lets it be.
    with_year = np.column_stack([grid.values, grid.years.astype(np.float64)])
    return em_filled(with_year, prior_rows)[:, :-1]
