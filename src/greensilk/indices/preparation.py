"""From table and definition to a grid that can be worked on, or to one message with everything that is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from greensilk.indices.definition import IndexDefinition
from greensilk.indices.faults import Fault, fault, refuse
from greensilk.indices.grid import Bools, Grid
from greensilk.indices.selection import Presence, denominate, enough, presence, select
from greensilk.indices.table_faults import (
    column_faults,
    divisor_faults,
    group_faults,
    name_faults,
    row_faults,
    value_faults,
)
from greensilk.indices.tree_faults import tree_faults


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What the steps work on: rows are units that passed the screen, in each year; columns are indicators.

    raw: as selected; denominators: what values are divided by, 1 = nothing; denominated: the quotients; vintage: the
    year of each quotient, which is as old as the older of its parts; groups: (n,) the group of each row, for
    imputation; left_out: unit, year, available, nonzero of those screened out
    """

    raw: Grid
    vintage: Grid
    denominators: Grid
    denominated: Grid
    groups: tuple[str | None, ...]
    left_out: pl.DataFrame


def prepare(table: pl.DataFrame, definition: IndexDefinition, groups: pl.DataFrame | None = None) -> Prepared:
    """The grid of a definition.

    table: long: unit, indicator, year, value; groups: unit and columns of names
    raises: IndexDefinitionError listing every fault of definition and table
    """
    prepared, found = examine(table, definition, groups)
    refuse(definition.id, found)
    assert prepared is not None, "without a fault there is a grid"  # noqa: S101
    return prepared


def check_definition(definition: IndexDefinition, table: pl.DataFrame, groups: pl.DataFrame | None = None) -> None:
    """Nothing, if the definition and the table give a result.

    raises: IndexDefinitionError listing every fault of both in one message
    """
    refuse(definition.id, examine(table, definition, groups)[1])


def examine(
    table: pl.DataFrame, definition: IndexDefinition, groups: pl.DataFrame | None
) -> tuple[Prepared | None, list[Fault]]:
    """The grid, where there is one, and every fault found on the way to it."""
    found = tree_faults(definition)
    if wrong := list(column_faults(table)):
        return None, [*found, *wrong]
    table = table.with_columns(pl.col("value").cast(pl.Float64), pl.col("year").cast(pl.Int64))
    found += [*name_faults(table, definition), *row_faults(table, definition), *group_faults(definition, groups)]
    years = definition.select.years or _newest(table, definition)
    if not definition.indicators:
        return None, found
    if not years:
        return None, [*found, fault("indices.fault_no_rows")]
    whole = _selected(table, definition, years)
    prepared = _screened(whole, definition, _grouped(whole.raw, definition, groups))
    found += [*divisor_faults(whole.denominators, definition), *value_faults(prepared.denominated, definition)]
    return prepared, found


def _newest(table: pl.DataFrame, definition: IndexDefinition) -> tuple[int, ...]:
    own = table.filter(pl.col("indicator").is_in([i.id for i in definition.indicators]), pl.col("value").is_not_null())
    return tuple(own["year"].drop_nulls().unique().sort().to_list()[-1:])


def _grouped(grid: Grid, definition: IndexDefinition, groups: pl.DataFrame | None) -> tuple[str | None, ...]:
    column = definition.impute.group
    if column is None or groups is None or not {"unit", column} <= set(groups.columns):
        return (None,) * len(grid.units)
    of = dict(groups.select("unit", pl.col(column).cast(pl.String)).iter_rows())
    return tuple(of.get(unit) for unit in grid.units)


def _selected(table: pl.DataFrame, definition: IndexDefinition, years: tuple[int, ...]) -> Prepared:
    names = tuple(indicator.id for indicator in definition.indicators)
    of = [indicator.denominator for indicator in definition.indicators]
    every = tuple(dict.fromkeys([*names, *filter(None, of)]))  # an indicator may divide another one
    used = table.filter(pl.col("indicator").is_in(every), pl.col("unit").is_not_null())
    both, vintage = select(used, every, years, definition.select.within_years)
    raw = both.with_values(both.of(names), names)
    ones, never = np.ones(len(both.units)), np.full(len(both.units), np.nan)
    divisor = raw.with_values(np.column_stack([both.column(name) if name else ones for name in of]))
    parts = np.column_stack([vintage.column(name) if name else never for name in of])
    quotient = raw.with_values(denominate(raw.values, divisor.values))
    older = np.where(np.isnan(quotient.values), np.nan, np.fmin(vintage.of(names), parts))
    return Prepared(raw, raw.with_values(older), divisor, quotient, (), pl.DataFrame())


def _screened(whole: Prepared, definition: IndexDefinition, groups: tuple[str | None, ...]) -> Prepared:
    rows: Bools = np.ones(len(whole.raw.units), dtype=np.bool_)
    if definition.screen is not None:
        rows = enough(whole.denominated.values, definition.screen)
    return Prepared(
        raw=whole.raw.take(rows),
        vintage=whole.vintage.take(rows),
        denominators=whole.denominators.take(rows),
        denominated=whole.denominated.take(rows),
        groups=tuple(group for group, here in zip(groups, rows, strict=True) if here),
        left_out=_left_out(whole.denominated, presence(whole.denominated.values), ~rows),
    )


def _left_out(grid: Grid, found: Presence, rows: Bools) -> pl.DataFrame:
    shares = np.column_stack([found.available, found.nonzero])
    return replace(grid, columns=("available", "nonzero"), values=shares).take(rows).frame()
