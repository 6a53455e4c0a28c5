"""Files of country tables: each as columns of text, whatever its kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from greensilk.catalogue.delimited import read_delimited
from greensilk.catalogue.json_records import at, read_records
from greensilk.catalogue.outputs import TableOutput
from greensilk.catalogue.raw_table import (
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    RawTable,
    blank_to_null,
    text_frame,
    unique_names,
)
from greensilk.catalogue.sheets import read_sheet
from greensilk.catalogue.table_numbers import shown
from greensilk.errors import LayerError, PortfolioError

# A damaged file can make the decoder panic, which polars raises outside Exception.
FAULTS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)
TOO_MANY_CELLS, WRONG_ENCODING = "too_many_cells", "wrong_encoding"  # reasons that readers give


@dataclass(frozen=True)
class TableFile:
    """One file. name: of the file; raw: its cells as text; shifted: rows with more cells than headings, left out: which
    cell belongs to which heading is not known."""

    name: str
    raw: RawTable
    shifted: tuple[int, ...]

    @property
    def is_damaged(self) -> bool:
        """Whether some of its cells are in no known encoding; what could not be decoded stands in them as marks."""
        return any(fault.reason == WRONG_ENCODING for fault in self.raw.faults)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """(n,) String columns, without what cannot be told apart; `row` beside them is the number of each row."""
        numbers = pl.Series("", list(self.raw.rows), pl.Int64)
        kept = ~numbers.is_in(list(self.shifted))
        return self.raw.columns.filter(kept).insert_column(0, numbers.filter(kept).alias(""))


def names_in(stated: str) -> tuple[str, ...]:
    """The names of a column, parted by bars.

    >>> names_in("Country | Country/Area")
    ('Country', 'Country/Area')
    """
    return tuple(name.strip() for name in stated.split("|"))


def workbook_of(path: Path) -> tuple[Path, str | None]:
    """The file, and the sheet in it where the path names one.

    >>> workbook_of(Path("a/book.xlsx:Units"))[1], workbook_of(Path("a/b.csv"))[1]
    ('Units', None)
    """
    name, _, sheet = path.name.partition(":")
    return path.with_name(name), sheet or None


def read_table_file(path: Path, output: TableOutput) -> TableFile:
    """One file of a country table.

    path: for a sheet of a workbook the workbook's path, a colon and the sheet's name
    raises: PortfolioError, LayerError if it is missing, of an unknown kind, too large, or cannot be read
    """
    file, sheet = workbook_of(path)
    name, suffix = file.name, file.suffix.lower()
    require_readable(file, READERS)
    try:
        raw = READERS[suffix](file, sheet, output)
    except (OSError, MemoryError, RecursionError) as error:
        raise PortfolioError("catalogue.not_readable", file=name, why=str(error)[:200]) from error
    shifted = tuple(sorted({fault.row for fault in raw.faults if fault.reason == TOO_MANY_CELLS}))
    return TableFile(path.name, raw, shifted)


def require_readable(file: Path, known: Collection[str]) -> None:
    """Nothing, if a file is there, of a known kind (endings with their dot) and not too large to be read whole.

    raises: PortfolioError saying which of these it is not
    """
    name, suffix = file.name, file.suffix.lower()
    if suffix not in known:
        listed = ", ".join(known)
        raise PortfolioError("catalogue.kind_unknown", file=name[:100], suffix=suffix or "-", known=listed)
    if not file.is_file():
        raise PortfolioError("catalogue.file_missing", file=str(file))
    if file.stat().st_size > MAX_FILE_BYTES:
        raise PortfolioError("catalogue.file_too_large", file=name, most=MAX_FILE_BYTES)


def column_of(file: TableFile, stated: str | None) -> str | None:
    """The heading in a file that a definition means by a name, or the first that it has of several; None without.

    Case counts only where two headings differ by nothing else.
    raises: LayerError if the heading stands there twice
    """
    headings = file.raw.columns.columns
    for name in names_in(stated or ""):
        alike = [heading for heading in headings if heading.casefold() == name.casefold()]
        if name in alike or len(alike) == 1:
            return once(file, name if name in alike else alike[0])
        if alike:
            raise LayerError("datasets.table_heading_twice", file=file.name, column=", ".join(map(shown, alike[:5])))
    return None


def once(file: TableFile, heading: str) -> str:
    """The heading itself.

    raises: LayerError if the file has it twice: which of the two is meant is not known
    """
    if f"{heading} (2)" in file.raw.columns.columns:
        raise LayerError("datasets.table_heading_twice", file=file.name, column=shown(heading))
    return heading


def require_column(file: TableFile, stated: str) -> str:
    """The heading in a file that a definition means.

    raises: LayerError if it has none, naming those it has
    """
    found = column_of(file, stated)
    if found is None:
        raise LayerError("datasets.table_column", file=file.name, column=stated, columns=shown_columns(file))
    return found


def shown_columns(file: TableFile) -> str:
    """The headings of a file, as far as a message has room for them."""
    return ", ".join(shown(heading) for heading in file.raw.columns.columns[:12])


def _holding(output: TableOutput) -> Collection[str]:
    return names_in(output.country_column)


def _read_text(path: Path, sheet: str | None, output: TableOutput) -> RawTable:
    return read_delimited(path, _holding(output))


def _read_book(path: Path, sheet: str | None, output: TableOutput) -> RawTable:
    return read_sheet(path, sheet, _holding(output))


def _read_pages(path: Path, sheet: str | None, output: TableOutput) -> RawTable:
    columns: dict[str, list[str | None]] = {column: [] for column in output.fields}
    for record in read_records([path], output.records_at):
        for column, place in output.fields.items():
            columns[column].append(_text(at(record, place)))
    return RawTable(text_frame(columns))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _read_parquet(path: Path, sheet: str | None, output: TableOutput) -> RawTable:
    return parquet_cells(path)


def parquet_cells(path: Path) -> RawTable:
    """The columns of a Parquet file as text; a number keeps every digit.

    raises: PortfolioError if it cannot be read, or is too large
    """
    try:
        lazy = pl.scan_parquet(path, glob=False)
        width, height = len(lazy.collect_schema()), int(lazy.select(pl.len()).collect().item())
        if width > MAX_COLUMNS or height > MAX_ROWS:
            raise PortfolioError("catalogue.sheet_too_large", file=path.name, rows=height, columns=width)
        frame = lazy.select(pl.exclude(pl.Binary, pl.List, pl.Struct)).cast(pl.String).collect()
        return RawTable(blank_to_null(frame.rename(dict(zip(frame.columns, unique_names(frame.columns), strict=True)))))
    except FAULTS as error:
        raise PortfolioError("catalogue.not_readable", file=path.name, why=str(error)[:200]) from error


Reader = Callable[[Path, str | None, TableOutput], RawTable]
READERS: dict[str, Reader] = {
    ".csv": _read_text,
    ".tsv": _read_text,
    ".txt": _read_text,
    ".xlsx": _read_book,
    ".xlsm": _read_book,
    ".json": _read_pages,
    ".parquet": _read_parquet,
}


def read_table_files(
    paths: Sequence[Path], output: TableOutput, progress: Callable[[float], None]
) -> list[TableFile]:  # fmt: skip
    """All files of a country table; progress is told the share done.

    raises: as read_table_file does
    """
    files = []
    for number, path in enumerate(paths, start=1):
        files.append(read_table_file(path, output))
        progress(0.8 * number / len(paths))
    return files
