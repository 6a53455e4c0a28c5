"""What every reader gives: the cells as text, the geometry if there is one, and each row that could not be read."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Geometries = NDArray[np.object_]
MAX_ROWS = 5_000_000
MAX_INDEXED_ROWS = 30_000_000  # of formats that are read piece by piece: the roads of a large country
MAX_COLUMNS = 20_000  # a sheet has 16,384
MAX_TEXT_CELLS = 500_000_000
MAX_FILE_BYTES = 2_000_000_000  # of formats that are read whole
MAX_INDEXED_BYTES = 20_000_000_000  # of formats that are read piece by piece


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that cannot be read, and why. reason: key in texts/rejects.yaml; row: as in RawTable.rows."""

    row: int
    field: str
    value: str
    reason: str
    values: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileNote:
    """Something about the whole file that its reader decided. key: in texts/catalogue.yaml, with what fills it."""

    key: str
    values: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class RawTable:
    """A file as read, nothing interpreted.

    columns: (n,) String columns, null = empty; geometry: (n,) shapely in the file's own coordinates, or None without
    geometry; crs: as the file states it; rows: (n,) number of each row, first data row = 1; faults: rows of the table
    that cannot be used; exact_decimals: numbers stand as their owner wrote them (text), so trailing zeros count
    """

    columns: pl.DataFrame
    geometry: Geometries | None = None
    crs: str | None = None
    rows: Sequence[int] = ()
    faults: tuple[RowFault, ...] = ()
    notes: tuple[FileNote, ...] = ()
    exact_decimals: bool = False

    def __post_init__(self) -> None:
        if not len(self.rows):
            object.__setattr__(self, "rows", range(1, len(self) + 1))

    def __len__(self) -> int:
        return len(self.columns) if self.columns.width else 0 if self.geometry is None else len(self.geometry)

    def with_notes(self, *notes: FileNote) -> RawTable:
        """The same table with more notes."""
        return replace(self, notes=(*self.notes, *notes))


def text_frame(columns: dict[str, list[Any]]) -> pl.DataFrame:
    """Lists of cells as String columns; blank text becomes null."""
    return blank_to_null(pl.DataFrame({name: pl.Series(name, cells, pl.String) for name, cells in columns.items()}))


def blank_to_null(frame: pl.DataFrame) -> pl.DataFrame:
    """Cells without a visible character become null; the others lose the blanks around them."""
    trimmed = pl.all().str.strip_chars()
    return frame.select(pl.when(trimmed != "").then(trimmed).name.keep()) if frame.width else frame


def unique_names(names: Sequence[str]) -> list[str]:
    """Column names made different: a second "name" becomes "name (2)", a nameless column gets its number.

    >>> unique_names(["name", "", "name"])
    ['name', 'column 2', 'name (2)']
    """
    seen: dict[str, int] = {}
    unique: dict[str, None] = {}
    for position, given in enumerate(names, start=1):
        name = given.strip() or f"column {position}"
        seen[name] = seen.get(name, 0) + 1
        candidate = name if seen[name] == 1 else f"{name} ({seen[name]})"
        while candidate in unique:
            candidate += "'"
        unique[candidate] = None
    return list(unique)


def title_notes(above: Sequence[Sequence[str]]) -> list[FileNote]:
    """What stood above the heading, as a note with its words: a unit may be among them."""
    words = " ".join(cell.strip() for row in above for cell in row if cell.strip())
    return [FileNote("title_lines", {"line": str(len(above) + 1), "words": words[:120]})] if words else []
