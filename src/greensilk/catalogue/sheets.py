"""Excel workbooks. Their cell addresses and shared texts are counted first, because two cells can span a billion."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

from greensilk.catalogue.archives import CODEC_FAULTS, checked_members
from greensilk.catalogue.fields import HEADING_WITHIN_ROWS, heading_row, match_columns
from greensilk.catalogue.raw_table import FileNote, RawTable, text_frame, title_notes, unique_names
from greensilk.errors import PortfolioError

MAX_CELLS = 50_000_000
MAX_SHARED_BYTES = 2_000_000_000
ADDRESS = re.compile(rb'\br="([A-Z]{1,4})?(\d{1,9})"')
CHUNK_BYTES = 1 << 20


def read_sheet(path: Path, sheet: str | None = None, holding: Collection[str] = ()) -> RawTable:
    """The first sheet of an .xlsx workbook that names a field, else the first that holds anything; the others are
    named in a note.

    sheet: the only one to be read; holding: names, one of which the heading has, where they are known
    raises: PortfolioError if it is no workbook, protected, too large, or empty, or has no such sheet
    """
    from python_calamine import CalamineError, CalamineWorkbook

    _check_extent(path)
    sheets: dict[str, list[list[Any]]] = {}
    try:
        with CalamineWorkbook.from_path(path) as book:
            for title in _wanted(path, book.sheet_names, sheet):
                rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
                if any(cell not in ("", None) for row in rows for cell in row):
                    sheets[title] = rows if not any(_names_fields(held, holding) for held in sheets.values()) else []
    except (CalamineError, ValueError, OSError, KeyError) as error:
        raise PortfolioError("catalogue.not_readable", file=path.name, why=str(error)[:200]) from error
    if not sheets:
        raise PortfolioError("catalogue.file_empty", file=path.name)
    name = next((title for title, rows in sheets.items() if _names_fields(rows, holding)), next(iter(sheets)))
    others = ", ".join(title for title in sheets if title != name)
    notes = [FileNote("other_sheets", {"read": name, "others": others})] if others else []
    return _table(sheets[name], holding).with_notes(*notes)


def _wanted(path: Path, titles: list[str], sheet: str | None) -> list[str]:
    wanted = [title for title in titles if sheet is None or title.strip().casefold() == sheet.strip().casefold()]
    if not wanted and sheet is not None:
        raise PortfolioError("catalogue.sheet_missing", file=path.name, sheet=sheet, sheets=", ".join(titles)[:300])
    return wanted


def _names_fields(rows: list[list[Any]], holding: Collection[str]) -> bool:
    texts = _top(rows)
    head = heading_row(texts, holding)
    if head is None or not holding:
        return head is not None and bool(match_columns(texts[head]))
    return any(cell.strip() in holding for cell in texts[head])


def _top(rows: list[list[Any]]) -> list[list[str]]:
    """The first rows as text, as far as a heading is looked for; blank ones above do not count."""
    first = next((i for i, row in enumerate(rows) if any(cell not in ("", None) for cell in row)), 0)
    return [[_cell(cell) or "" for cell in row] for row in rows[: first + 2 * HEADING_WITHIN_ROWS]]


def _check_extent(path: Path) -> None:
    widest = tallest = shared_cells = longest = 0
    infos = checked_members(path)
    try:
        with zipfile.ZipFile(path) as archive:
            for info in infos:
                if info.filename.endswith(".xml") and "worksheets/" in info.filename:
                    with archive.open(info) as stream:
                        wide, tall, shared = _extent(stream)
                    widest, tallest, shared_cells = max(widest, wide), max(tallest, tall), shared_cells + shared
                elif info.filename.endswith("sharedStrings.xml"):
                    with archive.open(info) as stream:
                        longest = _longest_text(stream)
    except CODEC_FAULTS as error:
        raise PortfolioError("catalogue.zip_broken", file=path.name, why=str(error)) from error
    if widest * tallest > MAX_CELLS or longest * shared_cells > MAX_SHARED_BYTES:
        raise PortfolioError("catalogue.sheet_too_large", file=path.name, rows=tallest, columns=widest)


def _extent(stream: IO[bytes]) -> tuple[int, int, int]:
    """Largest column and row that a sheet addresses, and how many of its cells point to shared text."""
    wide = tall = shared = plain = 0
    tail = b""
    while chunk := stream.read(CHUNK_BYTES):
        block = tail + chunk
        for letters, digits in ADDRESS.findall(block):
            tall = max(tall, int(digits))
            wide = max(wide, _column_number(letters))
        shared += block.count(b't="s"')
        plain += chunk.count(b"<c>") + chunk.count(b"<row>")
        tail = block[-32:]
    return max(wide, 1) + plain, max(tall, 1), shared


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _longest_text(stream: IO[bytes]) -> int:
    longest = run = 0
    while chunk := stream.read(CHUNK_BYTES):
        pieces = chunk.split(b"</si>")
        run += len(pieces[0])
        longest = max(longest, run, *map(len, pieces[1:])) if len(pieces) > 1 else max(longest, run)
        run = len(pieces[-1]) if len(pieces) > 1 else run
    return longest


def _table(rows: list[list[Any]], holding: Collection[str]) -> RawTable:
    top = _top(rows)
    head = heading_row(top, holding) or 0
    names = unique_names(top[head])
    numbers: list[int] = []
    cells: list[list[str | None]] = []
    for number, row in enumerate(rows[head + 1 :], start=1):
        texts = [_cell(cell) for cell in row]
        if any(text and text.strip() for text in texts):
            numbers.append(number)
            cells.append((texts + [None] * len(names))[: len(names)])
    by_column = [list(column) for column in zip(*cells, strict=True)] if cells else [[] for _ in names]
    table = RawTable(text_frame(dict(zip(names, by_column, strict=True))), rows=numbers)
    return table.with_notes(*title_notes(top[:head]))


def _cell(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))  # a sheet knows no whole numbers
    return str(value)
