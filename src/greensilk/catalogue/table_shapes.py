"""The shapes that country tables come in, each as the same list of cells: area, indicator, year, value, where from."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Sequence

import polars as pl

from greensilk.catalogue.layer_records import KeptWhen
from greensilk.catalogue.outputs import TableOutput, Variable
from greensilk.catalogue.row_rules import holds
from greensilk.catalogue.table_files import TableFile, column_of, once, require_column, shown_columns
from greensilk.errors import LayerError

CELLS = {
    "area": pl.String,
    "name": pl.String,
    "indicator": pl.String,
    "year": pl.String,
    "value": pl.String,
    "footnote": pl.String,
    "file": pl.UInt32,
    "row": pl.Int64,
}
COUNTED = "1"  # what a row adds where rows are counted


def cells_of(file: TableFile, number: int, output: TableOutput) -> pl.DataFrame:
    """The cells of one file, as text, columns as in CELLS.

    number: of the file, for its cells to be traced
    raises: LayerError if the file lacks a column, or has none of the variables
    """
    frame = _kept(file, file.frame, output.kept_when)
    country = require_column(file, output.country_column)
    name_column = country if output.name_column is None else require_column(file, output.name_column)
    note = pl.lit(None, pl.String)
    if output.footnote_column is not None:
        note = pl.col(require_column(file, output.footnote_column))
    parts = []
    for name, variable in output.variables.items():
        if variable.file is not None and not fnmatch.fnmatch(file.name.lower(), variable.file.lower()):
            continue
        for rows, year, value in _found(file, frame, variable, output):
            parts.append(
                rows.select(
                    area=pl.col(country),
                    name=pl.col(name_column),
                    indicator=pl.lit(name),
                    year=year,
                    value=value,
                    footnote=note,
                    file=pl.lit(number, pl.UInt32),
                    row=pl.col(""),
                )
            )
    if not parts:
        columns = shown_columns(file)
        wanted = ", ".join(variable.column or name for name, variable in output.variables.items())[:300]
        raise LayerError("datasets.table_column", file=file.name, column=wanted, columns=columns)
    return pl.concat(parts).cast(CELLS)  # type: ignore[arg-type]


def left_out(file: TableFile, cells: pl.DataFrame, output: TableOutput) -> int:
    """Units of a file that no variable counts, because their state is none that the definition knows."""
    return 0 if output.shape != "records" else len(_kept(file, file.frame, output.kept_when)) - cells["row"].n_unique()


Found = tuple[pl.DataFrame, pl.Expr, pl.Expr]  # rows of a variable, their year and their value


def _found(file: TableFile, frame: pl.DataFrame, variable: Variable, output: TableOutput) -> Iterator[Found]:
    if output.indicator_column is not None:
        code = require_column(file, output.indicator_column)
        frame = frame.filter(pl.col(code) == variable.column)
    if output.shape == "wide":
        yield from _wide(file, _kept(file, frame, variable.kept_when), variable, output)
        return
    if output.indicator_column is not None and output.value_column is not None:
        value: pl.Expr = pl.col(require_column(file, output.value_column))
    elif variable.column is None:
        value = pl.lit(COUNTED)
    else:
        heading = column_of(file, variable.column)
        if heading is None:
            return
        value = pl.col(heading)
    yield _kept(file, frame, variable.kept_when), _year(file, output), value


def _year(file: TableFile, output: TableOutput) -> pl.Expr:
    if output.year_column is not None:
        return pl.col(require_column(file, output.year_column)).fill_null("")
    return pl.lit(None if output.year is None else str(output.year), pl.String)


def _wide(file: TableFile, frame: pl.DataFrame, variable: Variable, output: TableOutput) -> Iterator[Found]:
    pattern = year_heading(output.year_column or "", variable.column or "")
    for heading in file.raw.columns.columns:
        if found := pattern.fullmatch(heading.strip()):
            yield frame, pl.lit(found["year"]), pl.col(once(file, heading))


def year_heading(written: str, column: str) -> re.Pattern[str]:
    """How the headings of years look, as a pattern with the group `year`.

    >>> bool(year_heading("{year} [YR{year}]", "").fullmatch("1990 [YR1990]"))
    True
    """
    pieces = re.split(r"(\{year\}|\{column\})", written)
    first = pieces.index("{year}") if "{year}" in pieces else -1
    pattern = "".join(
        "(?P<year>[0-9]{4})" if i == first else "(?P=year)" if piece == "{year}"
        else re.escape(column if piece == "{column}" else piece)
        for i, piece in enumerate(pieces)
    )  # fmt: skip
    return re.compile(pattern, re.IGNORECASE)


def _kept(file: TableFile, frame: pl.DataFrame, conditions: Sequence[KeptWhen]) -> pl.DataFrame:
    """The rows that meet all conditions; case does not count.

    raises: LayerError if the file has none of the columns of a condition
    """
    for condition in conditions:
        column = require_column(file, " | ".join(condition.columns))
        frame = frame.filter(holds([column], condition.values))
    return frame
