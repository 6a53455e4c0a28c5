"""Which column of a file holds which field."""

from __future__ import annotations

from collections.abc import Mapping as Pairs

import polars as pl

from greensilk.catalogue.fields import match_columns, portfolio_fields, unit_in_heading
from greensilk.catalogue.raw_table import RawTable
from greensilk.errors import PortfolioError
from greensilk.screening.cells import known_unit, reading
from greensilk.screening.faults import Ledger
from greensilk.screening.mapping import Mapping
from greensilk.screening.values import NUMBERS
from greensilk.texts import LANGUAGES, text

COLUMNS_SHOWN = 20
WITHOUT_UNIT = r"^\s*[+-]?\d[\d.,\s'’]*$"  # a number and no unit after it
CAPITAL_COST = "capital_cost_usd_m"  # what a total investment in dollars is, by the unit in its heading


def field_cells(
    raw: RawTable, file_name: str, mapping: Mapping, ledger: Ledger, chosen: Pairs[str, str]
) -> pl.DataFrame:
    """(n,) one String column a field, null where the file says nothing and the mapping has no constant.

    chosen: field -> column, as choose_columns gives
    raises: PortfolioError if the mapping names a column that is not there
    """
    _require(raw, file_name, mapping)
    cells: dict[str, pl.Series] = {}
    for field in portfolio_fields().fields:
        column = chosen.get(field)
        empty = pl.Series([None] * len(raw), dtype=pl.String)
        series = empty if column is None else _in_unit(raw.columns[column], field, column, ledger)
        constant = mapping.constants.get(field)
        cells[field] = series if constant is None else series.fill_null(str(constant))
    return pl.DataFrame(cells)


def choose_columns(raw: RawTable, file_name: str, mapping: Mapping, ledger: Ledger) -> dict[str, str]:
    """Field -> column: what the mapping says, else the column whose name fits best; a second fitting one is noted."""
    for field, column in mapping.columns.items():
        _has(raw, file_name, column, field)
    taken = set(mapping.columns.values())
    free = [name for name in raw.columns.columns if name not in taken]
    chosen = dict(mapping.columns)
    for field, fitting in match_columns(free).items():
        names = [name for name in fitting if _unit_fits(field, name)]
        if field in chosen or not names:
            continue
        chosen[field] = names[0]
        if names[1:]:
            others = ", ".join(names[1:5])
            ledger.note(None, field, names[0], "column_chosen", column=names[0], field=field, others=others)
    for name in filter(_is_investment_in_dollars, free):
        chosen.setdefault(CAPITAL_COST, name)
    _tell_unused(raw, chosen, mapping, ledger)
    return chosen


def _is_investment_in_dollars(column: str) -> bool:
    """Whether a heading names an investment and, in brackets, dollars: that is the capital cost, with its currency."""
    bare, unit = unit_in_heading(column)
    return bool(unit) and "investment" in match_columns([bare]) and _unit_fits(CAPITAL_COST, column)


def _tell_unused(raw: RawTable, chosen: dict[str, str], mapping: Mapping, ledger: Ledger) -> None:
    """Names the columns nobody asked for, so that a heading that was not understood is no silent loss."""
    lines = [line.column.name for line in mapping.types if line.column is not None]
    used = {*chosen.values(), *lines, *mapping.place_key, mapping.loan_key}
    spare = [
        name
        for name in raw.columns.columns
        if name not in used
        and not any(_unit_fits(field, name) for field in match_columns([name]))
        and raw.columns[name].is_not_null().any()
    ]
    if spare:
        shown = ", ".join(name[:40] for name in spare[:COLUMNS_SHOWN]) + (" …" if spare[COLUMNS_SHOWN:] else "")
        ledger.note(None, "", "", "columns_unused", count=str(len(spare)), columns=shown)


def _unit_fits(field: str, column: str) -> bool:
    """Whether the unit that a heading names, if any, is one of the field's."""
    unit = unit_in_heading(column)[1]
    return not unit or field not in NUMBERS or known_unit(unit, getattr(reading(), NUMBERS[field])) is not None


def heading_units(chosen: Pairs[str, str]) -> dict[str, str]:
    """Number field -> the unit that its heading names, where it names one of the field's; chosen: field -> column."""
    named = {field: unit_in_heading(column)[1] for field, column in chosen.items() if field in NUMBERS}
    return {field: unit for field, unit in named.items() if unit and _unit_fits(field, chosen[field])}


def _in_unit(cells: pl.Series, field: str, column: str, ledger: Ledger) -> pl.Series:
    """The cells of a number field with the unit of their heading written after numbers that have none."""
    unit = unit_in_heading(column)[1]
    if not unit or field not in NUMBERS:
        return cells
    own = portfolio_fields().fields[field].unit
    if not _unit_fits(field, column):
        plain: dict[str, str] = {lang: own or text("portfolio.no_unit", lang) for lang in LANGUAGES}
        ledger.note(None, field, column, "heading_unit_unknown", column=column, unit=unit, own=plain)
        return cells
    ledger.note(None, field, column, "heading_unit", column=column, unit=unit)
    bare = cells.str.contains(WITHOUT_UNIT)
    return pl.select(pl.when(bare).then(cells + f" {unit}").otherwise(cells)).to_series().alias(cells.name)


def _require(raw: RawTable, file_name: str, mapping: Mapping) -> None:
    for line in mapping.types:
        if line.column is not None:
            _has(raw, file_name, line.column.name, "type")
    for name in mapping.place_key:
        if name != "geometry":
            _has(raw, file_name, name, "place_key")
    if mapping.loan_key is not None:
        _has(raw, file_name, mapping.loan_key, "loan_key")


def _has(raw: RawTable, file_name: str, column: str, field: str) -> None:
    if column not in raw.columns.columns:
        columns = ", ".join(raw.columns.columns[:40])
        raise PortfolioError("portfolio.no_column", file=file_name, column=column[:80], field=field, columns=columns)
