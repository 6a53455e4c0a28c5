"""From a long table of country values to a grid: which year's value counts, and which units have enough of them.

source: OECD/JRC 2008, Handbook on Constructing Composite Indicators, step 2 (data selection)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from greensilk.indices.definition import Screen
from greensilk.indices.grid import Bools, Floats, Grid

COLUMNS = {"unit": pl.String, "indicator": pl.String, "year": pl.Int64, "value": pl.Float64}
SLACK = 1e-12  # a share computed as 2/3 is not below 2/3


def select(
    table: pl.DataFrame, names: tuple[str, ...], years: tuple[int, ...], within: int | None
) -> tuple[Grid, Grid]:
    """For each unit and year, the latest value that is not after the year and not older than `within` years.

    table: long: unit, indicator, year, value; what is not a finite number is missing
    names: what becomes columns, each once; years: each gives a block of rows; within: null = of any age
    returns: the values, and the year each value is of; one row for every unit of the table in every year
    >>> keys = {"unit": ["LAO", "LAO"], "indicator": ["forest", "forest"]}
    >>> table = pl.DataFrame(keys | {"year": [2015, 2019], "value": [1.0, 2.0]})
    >>> values, vintage = select(table, ("forest",), (2018,), 5)
    >>> values.frame().rows(), vintage.values.tolist()
    ([('LAO', 2018, 1.0)], [[2015.0]])
    """
    # The order of rows given must not matter, not even in the last digit: units are sorted once, here.
    units = table["unit"].unique().sort().to_list()
    usable = table.filter(pl.col("indicator").is_in(names), pl.col("value").is_not_null(), pl.col("value").is_finite())
    place = {unit: i for i, unit in enumerate(units)}, {name: j for j, name in enumerate(names)}
    values = np.full((len(years), len(units), len(names)), np.nan)
    vintage = values.copy()
    for block, year in enumerate(years):
        rows = _latest(usable, year, within)
        i = [place[0][unit] for unit in rows["unit"]]
        j = [place[1][name] for name in rows["indicator"]]
        values[block, i, j] = rows["value"].to_numpy()
        vintage[block, i, j] = rows["year"].to_numpy()
    grid = Grid(tuple(units) * len(years), np.repeat(np.array(years, dtype=np.int64), len(units)), names, _flat(values))
    return grid, grid.with_values(_flat(vintage))


def _flat(cube: Floats) -> Floats:
    return cube.reshape(-1, cube.shape[2])


def _latest(table: pl.DataFrame, year: int, within: int | None) -> pl.DataFrame:
    oldest = pl.lit(True) if within is None else pl.col("year") >= year - within
    known = table.filter(pl.col("year") <= year, oldest)
    return known.sort("year").unique(["unit", "indicator"], keep="last", maintain_order=True)


@dataclass(frozen=True, slots=True, eq=False)
class Presence:
    """How much data each row has: number present, share of all present, share of those present that is not zero."""

    present: Floats
    available: Floats
    nonzero: Floats


def presence(values: Floats) -> Presence:
    """How much data each row of (n, k) values has.

    >>> import numpy as np
    >>> found = presence(np.array([[1.0, 0.0, np.nan, 2.0]]))
    >>> found.available.tolist(), found.nonzero.round(4).tolist()
    ([0.75], [0.6667])
    """
    there = ~np.isnan(values)
    present = there.sum(axis=1).astype(np.float64)
    nonzero = (there & (values != 0)).sum(axis=1)
    share = np.divide(nonzero, present, out=np.zeros_like(present), where=present > 0)
    return Presence(present, present / max(values.shape[1], 1), share)


def enough(values: Floats, screen: Screen) -> Bools:
    """Which rows of (n, k) values pass the screen: shares at or above those asked for."""
    found = presence(values)
    passed: Bools = (found.available >= screen.available - SLACK) & (found.nonzero >= screen.nonzero - SLACK)
    return passed


def denominate(values: Floats, denominators: Floats) -> Floats:
    """Values divided by what they must be seen against, cell by cell; NaN where that is missing or zero.

    values, denominators: (n, k), 1 in the columns that are not divided
    source: OECD/JRC 2008, step 2; Becker et al. 2022, COINr
    >>> import numpy as np
    >>> denominate(np.array([[10.0, 3.0]]), np.array([[4.0, 0.0]])).tolist()
    [[2.5, nan]]
    """
    with np.errstate(over="ignore"):
        divided = np.divide(values, denominators, out=np.full(values.shape, np.nan), where=denominators != 0)
    return np.where(np.isinf(divided), np.nan, divided)
