"""Cells that a user rewrote after a first reading: what now stands in them, and a note of what stood there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from greensilk.catalogue.fields import portfolio_fields
from greensilk.catalogue.raw_table import RawTable
from greensilk.errors import UsageError
from greensilk.screening.columns import WITHOUT_UNIT
from greensilk.screening.faults import Ledger

Fixes = Mapping[int, Mapping[str, str]]  # number of the row -> field -> text; "" empties the cell
PLACE = ("lon", "lat", "wkt")


def fixed(
    raw: RawTable, cells: pl.DataFrame, fixes: Fixes, ledger: Ledger, units: Mapping[str, str]
) -> tuple[RawTable, pl.DataFrame]:
    """The table and its cells with the fixes in them. A place that is given replaces the row's shape, readable or not.

    cells: (n,) one String column a field, as field_cells gives; units: field -> the unit that its heading names: a
    number written without one is in that unit, as its neighbours in the column are
    raises: UsageError for a row that is not in the file, or an unknown field
    """
    position_of = {row: position for position, row in enumerate(raw.rows)}
    touched: dict[str, list[str | None]] = {}
    placed: set[int] = set()
    for row, texts in fixes.items():
        if row not in position_of:
            raise UsageError("portfolio.no_row", row=row, rows=len(raw))
        position = position_of[row]
        for field, words in _complete(texts, units).items():
            column = touched.setdefault(field, _column(cells, field))
            if (words or None) != column[position]:
                ledger.note(
                    position, field, words, "fixed", was=(column[position] or "–")[:100], now=words[:100] or "–"
                )
            column[position] = words or None
        if any(texts.get(field, "").strip() for field in PLACE):
            placed.add(position)
    series = [pl.Series(field, column, dtype=pl.String) for field, column in touched.items()]
    return _without_shapes(raw, placed), cells.with_columns(series)


def _column(cells: pl.DataFrame, field: str) -> list[str | None]:
    if field not in portfolio_fields().fields:
        raise UsageError("portfolio.no_field", field=field[:60], known=", ".join(portfolio_fields().fields))
    found: list[str | None] = cells[field].to_list()
    return found


def _complete(texts: Mapping[str, str], units: Mapping[str, str]) -> dict[str, str]:
    """The fixes of one row as cells: no blanks around them, the column's unit after a bare number; who gives longitude
    or latitude does not mean the WKT."""
    given = {field: words.strip() for field, words in texts.items()}
    for field in given.keys() & units.keys():
        if re.fullmatch(WITHOUT_UNIT, given[field]):
            given[field] += f" {units[field]}"
    moved = any(given.get(field) for field in ("lon", "lat"))
    return {"wkt": "", **given} if moved and not given.get("wkt") else given


def _without_shapes(raw: RawTable, placed: set[int]) -> RawTable:
    """The same table without the shapes of some rows, and without the faults of those."""
    if raw.geometry is None or not placed:
        return raw
    geometry = raw.geometry.copy()
    geometry[sorted(placed)] = None
    rows = {raw.rows[position] for position in placed}
    faults = tuple(one for one in raw.faults if one.reason != "invalid_geometry" or one.row not in rows)
    return replace(raw, geometry=geometry, faults=faults)
