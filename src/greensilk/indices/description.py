"""What the data of an index are like: each indicator's distribution, and how much each unit's score rests on.

source: OECD/JRC 2008, steps 2 and 4; flags and their limits as in COINr 1.1
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from greensilk.indices.building import Built
from greensilk.indices.definition import IndexDefinition
from greensilk.indices.grid import Floats
from greensilk.indices.moments import counted, deviation, highest, lowest, mean, median, shape


@dataclass(frozen=True, slots=True)
class Limits:
    """Below these shares, and beyond these moments, an indicator is flagged."""

    available: float = 0.65
    nonzero: float = 0.5
    unique: float = 0.5
    skewness: float = 2.0
    kurtosis: float = 3.5


def describe(values: Floats, names: tuple[str, ...], limits: Limits | None = None) -> pl.DataFrame:
    """The distribution of each column of (n, k) values.

    returns: a row for each name: moments; numbers and shares available, not zero, unique and most often the same
    (shares of those available, but for available itself); flags low_availability, low_nonzero, low_unique, outliers
    """
    limit = limits or Limits()
    skew, kurt = shape(values)
    there = counted(values)
    nonzero = np.count_nonzero(~np.isnan(values) & (values != 0), axis=0)
    kinds = [np.unique(column[~np.isnan(column)], return_counts=True)[1] for column in values.T]
    unique = np.array([len(times) for times in kinds])
    same = np.array([times.max() if len(times) else 0 for times in kinds])
    some = np.maximum(there, 1)
    share = {"available": there / max(len(values), 1), "nonzero": nonzero / some, "unique": unique / some}
    told = {
        "indicator": list(names),
        "min": lowest(values), "max": highest(values), "mean": mean(values), "median": median(values),
        "deviation": deviation(values), "skewness": skew, "kurtosis": kurt,
        "available": there, "nonzero": nonzero, "unique": unique, "same": same,
        "share_available": share["available"], "share_nonzero": share["nonzero"], "share_unique": share["unique"],
        "share_same": same / some,
        "low_availability": share["available"] < limit.available,
        "low_nonzero": share["nonzero"] < limit.nonzero,
        "low_unique": share["unique"] < limit.unique,
        "outliers": (np.abs(skew) > limit.skewness) & (kurt > limit.kurtosis),
    }  # fmt: skip
    return pl.DataFrame(told).with_columns(pl.col(pl.Float64).fill_nan(None))


def availability(built: Built) -> pl.DataFrame:
    """How much of the indicators each unit has, before gaps were filled.

    returns: unit, year, available and nonzero (numbers), missing (share), then the share available below each element
    """
    grid = built.prepared.denominated
    there = ~np.isnan(grid.values)
    shares = {
        name: there[:, [grid.columns.index(i) for i in _indicators_below(built.definition, name)]].mean(axis=1)
        for name in reversed(built.definition.upwards())
    }
    told = {
        "unit": pl.Series(grid.units, dtype=pl.String),
        "year": pl.Series(grid.years),
        "available": there.sum(axis=1),
        "nonzero": (there & (grid.values != 0)).sum(axis=1),
        "missing": 1 - there.mean(axis=1),
    }
    return pl.DataFrame(told | shares)


def _indicators_below(definition: IndexDefinition, name: str) -> list[str]:
    own = {indicator.id for indicator in definition.indicators}
    found: list[str] = []
    for child in definition.children(name):
        found += [child] if child in own else _indicators_below(definition, child)
    return found


def vintages(built: Built) -> pl.DataFrame:
    """How old the values behind each unit's score are.

    returns: unit, year, oldest, newest, median (years of its values), spread (newest − oldest) and mean_age (years)
    """
    grid = built.prepared.vintage
    rows = grid.values
    turned = np.ascontiguousarray(rows.T)
    oldest, newest = lowest(turned), highest(turned)
    told = {
        "unit": pl.Series(grid.units, dtype=pl.String),
        "year": pl.Series(grid.years),
        "oldest": oldest,
        "newest": newest,
        "median": median(turned),
        "spread": newest - oldest,
        "mean_age": grid.years - mean(turned),
    }
    return pl.DataFrame(told).with_columns(pl.col(pl.Float64).fill_nan(None))


def vintages_of_indicators(built: Built) -> pl.DataFrame:
    """The same for each indicator over all units: indicator, oldest, newest, median, spread."""
    grid = built.prepared.vintage
    oldest, newest = lowest(grid.values), highest(grid.values)
    told = {
        "indicator": list(grid.columns),
        "oldest": oldest,
        "newest": newest,
        "median": median(grid.values),
        "spread": newest - oldest,
    }
    return pl.DataFrame(told).with_columns(pl.col(pl.Float64).fill_nan(None))


def treatments(built: Built) -> pl.DataFrame:
    """What was done about outliers: a row for each indicator, and for each year where years are treated by themselves.

    returns: indicator, year (null = all together), winsorised (number of values pulled in), transform, exponent, passed
    """
    years = np.unique(built.imputed.years).tolist() if built.definition.per_year else [None]
    rows = [
        (name, year, done.winsorised, done.transform, done.exponent, done.passed)
        for year, block in zip(years, built.treatments, strict=True)
        for name, done in zip(built.imputed.columns, block, strict=True)
    ]
    schema = {"indicator": pl.String, "year": pl.Int64, "winsorised": pl.Int64}
    schema |= {"transform": pl.String, "exponent": pl.Float64, "passed": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")
