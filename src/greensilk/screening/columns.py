"""Which column of a file holds which field."""

from __future__ import annotations

import polars as pl

from greensilk.catalogue.fields import match_columns, portfolio_fields
from greensilk.catalogue.raw_table import RawTable
from greensilk.errors import PortfolioError
from greensilk.screening.faults import Ledger
from greensilk.screening.mapping import Mapping


def field_cells(raw: RawTable, file_name: str, mapping: Mapping, ledger: Ledger) -> pl.DataFrame:
    """(n,) one String column a field, null where the file says nothing and the mapping has no constant.

    raises: PortfolioError if the mapping names a column that is not there
    """
    chosen = choose_columns(raw, file_name, mapping, ledger)
    _require(raw, file_name, mapping)
    cells: dict[str, pl.Series] = {}
    for field in portfolio_fields().fields:
        column = chosen.get(field)
        empty = pl.Series([None] * len(raw), dtype=pl.String)
        series = raw.columns[column] if column is not None else empty
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
    for field, names in match_columns(free).items():
        if field in chosen:
            continue
        chosen[field] = names[0]
        if names[1:]:
            others = ", ".join(names[1:5])
            ledger.note(None, field, names[0], "column_chosen", column=names[0], field=field, others=others)
    return chosen


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
