"""A table of numbers in memory: units by year down, names across. Every step of an index takes one and gives one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Numbers of units in years; NaN = missing.

    units: (n,) name of each row's unit; years: (n,) its year; columns: (k,) names; values: (n, k)
    """

    units: tuple[str, ...]
    years: Ints
    columns: tuple[str, ...]
    values: Floats

    def with_values(self, values: Floats, columns: tuple[str, ...] | None = None) -> Grid:
        """The same rows with other numbers; `columns` where their names differ too."""
        return replace(self, values=values, columns=self.columns if columns is None else columns)

    def take(self, rows: Bools) -> Grid:
        """The rows where `rows` (n,) is true."""
        kept = np.flatnonzero(rows)
        return replace(self, units=tuple(self.units[i] for i in kept), years=self.years[kept], values=self.values[kept])

    def column(self, name: str) -> Floats:
        """The (n,) numbers of one column.

        raises: ValueError if there is no such column
        """
        return self.values[:, self.columns.index(name)]

    def of(self, names: tuple[str, ...]) -> Floats:
        """The (n, len(names)) numbers of some columns, in that order."""
        return self.values[:, [self.columns.index(name) for name in names]]

    def frame(self) -> pl.DataFrame:
        """As a table: unit, year, then the columns; missing is null."""
        keys = {"unit": pl.Series(self.units, dtype=pl.String), "year": pl.Series(self.years)}
        numbers = {name: self.values[:, i] for i, name in enumerate(self.columns)}
        return pl.DataFrame(keys | numbers).with_columns(pl.col(pl.Float64).fill_nan(None))

    def blocks(self, per_year: bool) -> Iterator[Bools]:
        """Masks of the rows that belong together: all of them, or those of each year."""
        if not per_year:
            yield np.ones(len(self.units), dtype=np.bool_)
            return
        for year in np.unique(self.years):
            yield self.years == year
