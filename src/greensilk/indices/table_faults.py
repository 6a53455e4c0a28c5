"""What can be wrong with a table, seen against the definition that is to be computed from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl

from greensilk.indices.definition import IndexDefinition, Indicator, Normalise
from greensilk.indices.faults import Fault, fault, some
from greensilk.indices.grid import Bools, Floats, Grid
from greensilk.indices.moments import constant, counted

NEEDS_NO_RANGE = {"goalposts", "scaled"}
KEYS = ["unit", "indicator", "year"]
LARGEST = 1e100  # beyond it squares leave the range of floating point, and nothing measured is so large


def column_faults(table: pl.DataFrame) -> Iterator[Fault]:
    """Columns that are not there, or hold another kind of value than they should."""
    kinds = table.schema
    fits = {
        "unit": kinds.get("unit") == pl.String,
        "indicator": kinds.get("indicator") == pl.String,
        "year": "year" in kinds and kinds["year"].is_integer(),
        "value": "value" in kinds and kinds["value"].is_numeric(),
    }
    for name, fit in fits.items():
        if not fit:
            yield fault("indices.fault_column", column=name, found=str(kinds.get(name, "–")))


def name_faults(table: pl.DataFrame, definition: IndexDefinition) -> Iterator[Fault]:
    """Indicators, denominators and reference units that the table does not have."""
    there = set(table["indicator"].drop_nulls().unique())
    for indicator in definition.indicators:
        if indicator.id not in there:
            yield fault("indices.fault_unknown", id=indicator.id, known=some(sorted(there)))
        if indicator.denominator is not None and indicator.denominator not in there:
            yield fault("indices.fault_denominator", id=indicator.id, denominator=indicator.denominator)
    units = set(table["unit"].unique())
    for spec in _specs(definition):
        if spec.method == "distance_to_reference" and spec.reference is not None and spec.reference not in units:
            yield fault("indices.fault_reference", unit=spec.reference)


def _specs(definition: IndexDefinition) -> list[Normalise]:
    own = [indicator.normalise for indicator in definition.indicators if indicator.normalise is not None]
    return list(dict.fromkeys([definition.normalise, *own]))


def row_faults(table: pl.DataFrame, definition: IndexDefinition) -> Iterator[Fault]:
    """Rows without a key, given twice, or with a value beyond all measure; only of names the definition uses."""
    used = {i.id for i in definition.indicators} | {i.denominator for i in definition.indicators if i.denominator}
    rows = table.filter(pl.col("indicator").is_in(used) | pl.col("indicator").is_null())
    keyless = rows.filter(pl.any_horizontal(pl.col(KEYS).is_null()))
    if len(keyless):
        yield fault("indices.fault_keys", count=len(keyless))
    doubled = rows.filter(pl.struct(KEYS).is_duplicated()).select(KEYS).unique().sort(KEYS)
    if len(doubled):
        yield fault("indices.fault_twice", count=len(doubled), rows=_listed(doubled))
    endless = rows.filter(pl.col("value").abs() > LARGEST, pl.col("value").is_not_nan()).select(KEYS).sort(KEYS)
    if len(endless):
        yield fault("indices.fault_infinite", count=len(endless), most=LARGEST, rows=_listed(endless))


def _listed(rows: pl.DataFrame) -> str:
    return some("/".join(map(str, row)) for row in rows.iter_rows())


def group_faults(definition: IndexDefinition, groups: pl.DataFrame | None) -> Iterator[Fault]:
    """A grouping that is asked for and not there, or puts a unit into two groups."""
    column = definition.impute.group
    if column is None:
        return
    if groups is None or not {"unit", column} <= set(groups.columns):
        yield fault("indices.fault_group", group=column, known="–" if groups is None else some(groups.columns))
    elif groups["unit"].is_duplicated().any():
        twice = groups.filter(pl.col("unit").is_duplicated())["unit"].unique().sort()
        yield fault("indices.fault_group_twice", group=column, units=some(twice))


def divisor_faults(divisors: Grid, definition: IndexDefinition) -> Iterator[Fault]:
    """Denominators that are zero, next to it, or negative."""
    for j, indicator in enumerate(definition.indicators):
        below = np.flatnonzero(divisors.values[:, j] < 1 / LARGEST)
        if len(below):
            units = some(dict.fromkeys(divisors.units[i] for i in below))
            yield fault("indices.fault_divisor", id=indicator.id, denominator=indicator.denominator, units=units)


def value_faults(grid: Grid, definition: IndexDefinition) -> Iterator[Fault]:
    """Columns from which no score can come: empty, without variance, or out of their method's range."""
    if not grid.units:
        yield fault("indices.fault_no_units")
        return
    for rows in grid.blocks(definition.per_year):
        block = grid.take(rows)
        when = "–".join(str(int(year)) for year in sorted({block.years.min(), block.years.max()}))
        yield from _column_faults(block, definition, when)
        yield from _fixed_points(block, definition)
        if _too_few_for_em(block, definition):
            yield fault("indices.fault_em", rows=len(block.units), columns=len(block.columns))


def _too_few_for_em(grid: Grid, definition: IndexDefinition) -> bool:
    spec = definition.impute
    return spec.method == "em" and spec.prior_rows == 0 and len(grid.units) <= len(grid.columns) + 1


def _column_faults(grid: Grid, definition: IndexDefinition, when: str) -> Iterator[Fault]:
    there, same, least = counted(grid.values), constant(grid.values), np.fmin.reduce(grid.values, axis=0)
    for j, indicator in enumerate(definition.indicators):
        method = (indicator.normalise or definition.normalise).method
        if there[j] == 0:
            yield fault("indices.fault_all_missing", id=indicator.id, years=when)
        elif same[j] and method not in NEEDS_NO_RANGE:
            yield fault("indices.fault_constant", id=indicator.id, years=when, value=float(least[j]))
        elif method == "fraction_of_max" and least[j] <= 0:
            yield fault("indices.fault_not_positive", id=indicator.id, least=float(least[j]))


def _fixed_points(grid: Grid, definition: IndexDefinition) -> Iterator[Fault]:
    """A target, or the reference unit's value, must be better than the worst: their distance is the scale."""
    for j, indicator in enumerate(definition.indicators):
        spec = indicator.normalise or definition.normalise
        worst = _worst(grid.values[:, j], indicator)
        if spec.method == "distance_to_target" and indicator.target is not None:
            if not _upwards(indicator.target, indicator) > worst:
                yield fault("indices.fault_target", id=indicator.id, target=indicator.target)
        elif spec.method == "distance_to_reference" and spec.reference in grid.units:
            own: Bools = np.array([unit == spec.reference for unit in grid.units])
            if not _worst(grid.values[own, j], indicator) > worst:
                yield fault("indices.fault_reference_value", id=indicator.id, unit=spec.reference)


def _upwards(value: float, indicator: Indicator) -> float:
    return value * (indicator.direction or 1)


def _worst(values: Floats | Iterable[float], indicator: Indicator) -> float:
    return float(np.fmin.reduce(np.asarray(values) * (indicator.direction or 1)))
