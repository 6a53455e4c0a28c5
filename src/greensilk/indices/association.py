"""Whether indicators that are put together belong together: correlations, Cronbach's alpha, principal components.

source: OECD/JRC 2008, step 4 (multivariate analysis); limits of the flags as in the JRC's COIN tool
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import polars as pl

from greensilk.indices.building import Built
from greensilk.indices.definition import IndexDefinition
from greensilk.indices.grid import Floats
from greensilk.indices.moments import deviation, mean

CorrelationKind = Literal["pearson", "spearman", "kendall"]
NEGATIVE, WEAK, COLLINEAR = -0.4, 0.3, 0.92


def pearson(values: Floats) -> Floats:
    """(k, k) correlations of columns, each pair over the rows that both have; NaN without variance.

    >>> import numpy as np
    >>> pearson(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 7.0]])).round(4).tolist()
    [[1.0, 0.9934], [0.9934, 1.0]]
    """
    spread = deviation(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Standardised first, so that sums of squares of large numbers do not cancel.
        standard = (values - mean(values)) / np.where(spread > 0, spread, np.nan)
        known = ~np.isnan(standard)
        x, here = np.where(known, standard, 0.0), known.astype(np.float64)
        n = here.T @ here
        total, squares = x.T @ here, (x**2).T @ here
        together = x.T @ x - total * total.T / n
        own = np.maximum(squares - total**2 / n, 0.0)
        found = together / np.sqrt(own * own.T)
    usable = (n > 1) & (own > 1e-12) & (own.T > 1e-12)
    return np.where(usable, np.clip(found, -1.0, 1.0), np.nan)


def _average_ranks(column: Floats) -> Floats:
    ordered = np.sort(column)
    return (np.searchsorted(ordered, column, "left") + np.searchsorted(ordered, column, "right") + 1) / 2


def _ranked(values: Floats) -> Floats:
    out = np.full(values.shape, np.nan)
    for j, column in enumerate(values.T):
        there = ~np.isnan(column)
        out[there, j] = _average_ranks(column[there])
    return out


def spearman(values: Floats) -> Floats:
    """(k, k) correlations of ranks, ties having their mean rank, each pair over the rows that both have."""
    found = pearson(_ranked(values))
    gaps = np.isnan(values)
    for i, j in combinations(range(values.shape[1]), 2):
        if (gaps[:, i] != gaps[:, j]).any():  # ranks among fewer rows are others
            both = values[~gaps[:, i] & ~gaps[:, j]][:, [i, j]]
            found[i, j] = found[j, i] = pearson(_ranked(both))[0, 1] if len(both) > 1 else np.nan
    return found


def kendall(values: Floats) -> Floats:
    """(k, k) Kendall's tau-b, each pair of columns over the pairs of rows that both have.

    >>> import numpy as np
    >>> kendall(np.array([[1.0, 1.0], [2.0, 3.0], [3.0, 2.0]])).round(4).tolist()
    [[1.0, 0.3333], [0.3333, 1.0]]
    """
    first, second = np.triu_indices(len(values), 1)
    signs = np.sign(values[first] - values[second])  # (pairs, k), NaN where a row has no value
    known = ~np.isnan(signs)
    x, here = np.where(known, signs, 0.0), known.astype(np.float64)
    untied = (x**2).T @ here
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (x.T @ x) / np.sqrt(untied * untied.T)
    return np.where((untied > 0) & (untied.T > 0), found, np.nan)


KINDS = {"pearson": pearson, "spearman": spearman, "kendall": kendall}


def flag(correlation: float | None) -> str:
    """What a correlation within a group means: ok, collinear (≥ 0.92), weak (< 0.3), negative (< −0.4) or unknown."""
    if correlation is None or np.isnan(correlation):
        return "unknown"
    if correlation >= COLLINEAR:
        return "collinear"
    if correlation >= WEAK:
        return "ok"
    return "weak" if correlation >= NEGATIVE else "negative"


def correlations(built: Built, kind: CorrelationKind = "pearson") -> pl.DataFrame:
    """Correlations that the tree makes worth looking at.

    returns: first, second, relation (siblings, or ancestor: second stands above first), correlation, flag
    """
    grid = built.all_levels
    matrix = KINDS[kind](grid.values)
    place = {name: i for i, name in enumerate(grid.columns)}
    pairs = [*_siblings(built.definition), *_ancestors(built.definition)]
    found = [float(matrix[place[a], place[b]]) for a, b, _ in pairs]
    told = {
        "first": [a for a, _, _ in pairs],
        "second": [b for _, b, _ in pairs],
        "relation": [relation for _, _, relation in pairs],
        "correlation": found,
        "flag": [flag(each) for each in found],
    }
    return pl.DataFrame(told).with_columns(pl.col("correlation").fill_nan(None))


def _siblings(definition: IndexDefinition) -> list[tuple[str, str, str]]:
    return [
        (first, second, "siblings")
        for name in definition.upwards()
        for first, second in combinations(definition.children(name), 2)
    ]


def _ancestors(definition: IndexDefinition) -> list[tuple[str, str, str]]:
    above: dict[str, list[str]] = {definition.root: []}
    for name in reversed(definition.upwards()):
        above |= {child: [name, *above[name]] for child in definition.children(name)}
    return [(name, ancestor, "ancestor") for name, ancestors in above.items() for ancestor in ancestors]


def cronbach_alpha(values: Floats) -> float:
    """Internal consistency of (n, k) scores, from rows without gaps: k/(k−1)·(1 − Σ variances/variance of the sum).

    returns: NaN for fewer than two columns or rows
    source: Cronbach 1951; OECD/JRC 2008, section 4.2 (0.7 is commonly taken as enough)
    >>> import numpy as np
    >>> round(cronbach_alpha(np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])), 9)
    1.0
    """
    rows = values[~np.isnan(values).any(axis=1)]
    k = values.shape[1]
    if k < 2 or len(rows) < 2:
        return float("nan")
    together = float(rows.sum(axis=1).var(ddof=1))
    return k / (k - 1) * (1 - float(rows.var(axis=0, ddof=1).sum()) / together) if together > 0 else float("nan")


def consistency(built: Built) -> pl.DataFrame:
    """Cronbach's alpha of what stands below each element: element, members, alpha (null for one member)."""
    grid = built.all_levels
    rows = []
    for name in reversed(built.definition.upwards()):
        members = built.definition.children(name)
        rows.append((name, len(members), cronbach_alpha(grid.of(members))))
    frame = pl.DataFrame(rows, schema=["element", "members", "alpha"], orient="row")
    return frame.with_columns(pl.col("alpha").cast(pl.Float64).fill_nan(None))


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Principal components of standardised columns, the strongest first.

    variances: (k,) eigenvalues; explained: (k,) their shares; loadings: (k columns, k components) unit vectors, the sum
    of each not negative; above_one: how many eigenvalues exceed 1 (Kaiser's rule); rows: how many had no gap
    """

    variances: Floats
    explained: Floats
    loadings: Floats
    above_one: int
    rows: int


def principal_components(values: Floats) -> Components:
    """Principal components of the correlations of (n, k) columns, from rows without gaps; each needs variance.

    source: OECD/JRC 2008, section 4.1; Kaiser 1960
    """
    rows = values[~np.isnan(values).any(axis=1)]
    standard = (rows - mean(rows)) / deviation(rows)
    found, vectors = np.linalg.eigh(standard.T @ standard / (len(rows) - 1))
    variances, loadings = np.maximum(found[::-1], 0.0), vectors[:, ::-1]
    loadings = loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    above_one = int((variances > 1 + 1e-12).sum())
    return Components(variances, variances / variances.sum(), loadings, above_one, len(rows))
