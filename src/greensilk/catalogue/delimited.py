"""CSV, TSV and other delimited text: encoding and delimiter found by strict attempts, every row accounted for."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path

from greensilk.catalogue.encodings import Decoded, decode, is_damaged
from greensilk.catalogue.fields import heading_row
from greensilk.catalogue.raw_table import (
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_TEXT_CELLS,
    FileNote,
    RawTable,
    RowFault,
    text_frame,
    title_notes,
    unique_names,
)
from greensilk.errors import PortfolioError

DELIMITERS = (",", ";", "\t", "|", "，")
SAMPLE_ROWS = 50
MAX_CELL_CHARACTERS = 64_000_000  # a polygon of a few million vertices as WKT
MAX_DAMAGED_SHARE = 0.5


def read_delimited(path: Path, holding: Collection[str] = ()) -> RawTable:
    """One delimited text file.

    holding: names, one of which its heading has, where they are known
    raises: PortfolioError if it is empty, not text, in no known encoding, too wide, or ends inside quotes
    """
    raw = path.read_bytes()
    if not raw.strip():
        raise PortfolioError("catalogue.file_empty", file=path.name)
    decoded = decode(raw)
    text = decoded.text
    if "\x00" in text:
        raise PortfolioError("catalogue.not_text", file=path.name)
    delimiter = find_delimiter(text)
    records, loose = _records(path, text, delimiter)
    table = _table(path, records, decoded, holding)
    notes = [FileNote("read_as", {"encoding": decoded.encoding})] if decoded.encoding == "gb18030" else []
    return table.with_notes(*notes, *([FileNote("loose_quotes")] if loose else []))


def find_delimiter(text: str) -> str:
    """The delimiter under which the first rows have the most equal number of cells, the first of equals.

    >>> find_delimiter("a;b\\n1,5;2\\n")
    ';'
    """
    head = "\n".join(text[:200_000].splitlines()[:SAMPLE_ROWS])

    def fit(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(head), delimiter=delimiter) if row]
        except csv.Error:
            return 0.0, 0
        if not widths or widths[0] < 2:
            return 0.0, 0
        return sum(width == widths[0] for width in widths) / len(widths), widths[0]

    return max(DELIMITERS, key=fit)


def _records(path: Path, text: str, delimiter: str) -> tuple[list[list[str]], bool]:
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        return _parse(path, text, delimiter, strict=True), False
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise PortfolioError("catalogue.quote_open", file=path.name) from error
    try:
        return _parse(path, text, delimiter, strict=False), True
    except csv.Error as error:
        raise PortfolioError("catalogue.not_readable", file=path.name, why=str(error)) from error


def _parse(path: Path, text: str, delimiter: str, *, strict: bool) -> list[list[str]]:
    records: list[list[str]] = []
    for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict):
        records.append(record)
        if len(records) > MAX_ROWS:
            raise PortfolioError("catalogue.too_many_rows", file=path.name, most=MAX_ROWS)
    return records


def _blank(record: list[str]) -> bool:
    return not any(cell.strip() for cell in record)


def _table(path: Path, records: list[list[str]], decoded: Decoded, holding: Collection[str]) -> RawTable:
    head = heading_row(records, holding)
    if head is None:
        raise PortfolioError("catalogue.file_empty", file=path.name)
    if len(records[head]) > MAX_COLUMNS or len(records[head]) * len(records) > MAX_TEXT_CELLS:
        raise PortfolioError("catalogue.sheet_too_large", file=path.name, rows=len(records), columns=len(records[head]))
    names = unique_names([_clean(name) for name in records[head]])
    rows: list[int] = []
    cells: list[list[str]] = []
    faults: list[RowFault] = []
    for number, record in enumerate(records[head + 1 :], start=1):
        if _blank(record):
            continue
        rows.append(number)
        extra = [cell for cell in record[len(names) :] if cell.strip()]
        if extra:
            faults.append(RowFault(number, "", _clean(extra[0]), "too_many_cells", {"columns": str(len(names))}))
        cells.append((record + [""] * len(names))[: len(names)])
        if decoded.damaged:
            faults += _damage(number, names, cells[-1])
    if len({fault.row for fault in faults if fault.reason == "wrong_encoding"}) > MAX_DAMAGED_SHARE * len(rows):
        raise PortfolioError("catalogue.wrong_encoding", file=path.name)
    by_column = [list(column) for column in zip(*cells, strict=True)] if cells else [[] for _ in names]
    frame = text_frame(dict(zip(names, by_column, strict=True)))
    table = RawTable(frame, rows=rows, faults=tuple(faults), exact_decimals=True)
    return table.with_notes(*title_notes(records[:head]))


def _damage(number: int, names: list[str], cells: list[str]) -> list[RowFault]:
    faults = []
    for position, cell in enumerate(cells):
        if is_damaged(cell):
            cells[position] = _clean(cell)
            faults.append(RowFault(number, names[position], cells[position], "wrong_encoding"))
    return faults


def _clean(cell: str) -> str:
    return cell.encode("utf-8", "replace").decode("utf-8", "replace") if is_damaged(cell) else cell
