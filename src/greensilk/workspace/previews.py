"""What a first look at an uploaded file shows: columns, some of the rows taken, the rejected ones with their cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from greensilk.catalogue.fields import match_columns, portfolio_fields
from greensilk.catalogue.readers import read_table
from greensilk.screening.portfolio import CloseReading
from greensilk.workspace.contents import plain

MOST_FIRST, MOST_REJECTS, MOST_NOTES, MOST_COLUMNS = 20, 500, 500, 500
CELL_CHARACTERS = 300  # a longer one is left out: whoever sends back half a cell would have cut it


def preview(reading: CloseReading) -> dict[str, Any]:
    """A reading as pages show it, see Upload.preview.

    returns: format; columns: {column, field | null}; fields: all there are; rows_read, taken, rejected; first: the
    first rows taken, field -> text; rejects: each with reason and hint in both languages and its cells; notes
    """
    portfolio = reading.portfolio
    return {
        **_file(Path(portfolio.source_name), reading.columns, reading.chosen),
        "rows_read": portfolio.rows_read,
        "taken": len(portfolio),
        "rejected": len(portfolio.rejects),
        "first": _first(reading),
        "rejects": _rejects(reading),
        "notes": [_plain_row(row) for row in portfolio.notes.head(MOST_NOTES).iter_rows(named=True)],
    }  # fmt: skip


def bare_preview(path: Path) -> dict[str, Any]:
    """The same of a file that cannot be used as it is: its columns, and nothing taken.

    raises: PortfolioError if nothing of it can be read
    """
    raw = read_table(path)
    chosen = {field: names[0] for field, names in match_columns(raw.columns.columns).items()}
    nothing: dict[str, Any] = {"taken": 0, "rejected": 0, "first": [], "rejects": [], "notes": []}
    return {**_file(path, raw.columns.columns, chosen), "rows_read": len(raw), **nothing}


def _file(path: Path, columns: Sequence[str], chosen: Mapping[str, str]) -> dict[str, Any]:
    field_of = {column: field for field, column in chosen.items()}
    return {
        "format": path.suffix.lower().removeprefix("."),
        "columns": [{"column": plain(name), "field": field_of.get(name)} for name in columns[:MOST_COLUMNS]],
        "fields": list(portfolio_fields().fields),
    }


def _first(reading: CloseReading) -> list[dict[str, str]]:
    position_of = {row: position for position, row in enumerate(reading.rows)}
    taken = [position_of[row] for row in reading.portfolio.projects["row"].head(MOST_FIRST).to_list()]
    return [_shown(row) for row in reading.cells[taken].iter_rows(named=True)]


def _rejects(reading: CloseReading) -> list[dict[str, Any]]:
    position_of = {row: position for position, row in enumerate(reading.rows)}
    found = []
    for reject in reading.portfolio.rejects.head(MOST_REJECTS).iter_rows(named=True):
        cells = reading.cells.row(position_of[reject["row"]], named=True)
        shown = dict.fromkeys(_wrong_fields(reject["field"]), "") | _shown(cells)
        found.append({**_plain_row(reject), "cells": shown})
    return found


def _wrong_fields(field: str) -> list[str]:
    """Fields that a fault names; a place that cannot be read is mended by coordinates."""
    named = [part.strip() for part in field.split(",")]
    return [part for part in named if part in portfolio_fields().fields] or ["lon", "lat"]


def _shown(cells: dict[str, str | None]) -> dict[str, str]:
    return {name: plain(cell) for name, cell in cells.items() if cell is not None and len(cell) <= CELL_CHARACTERS}


def _plain_row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in row.items()}
