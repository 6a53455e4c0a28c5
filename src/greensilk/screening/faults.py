"""Book-keeping of a reading: every fault makes its row a rejected one, every note leaves it in."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from greensilk.catalogue.raw_table import FileNote
from greensilk.screening.model import NOTE_SCHEMA, REJECT_SCHEMA
from greensilk.texts import LANGUAGES, text

MAX_VALUE_CHARACTERS = 200
Fill = str | dict[str, str]  # the same in both languages, or by language


@dataclass(frozen=True, slots=True)
class Entry:
    """One fault or note. position: index of the row in the table, None for the whole file; key: full text key."""

    position: int | None
    field: str
    value: str
    key: str
    fills: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)

    def said(self, lang: str, suffix: str = "") -> str:
        """The text in one language."""
        language = LANGUAGES[0] if lang == "en" else LANGUAGES[1]
        return text(self.key + suffix, language, **{name: by[lang] for name, by in self.fills.items()})


class Ledger:
    """Faults and notes of one table of n rows."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.faults: list[Entry] = []
        self.notes: list[Entry] = []

    def fault(self, position: int | np.integer[Any], field: str, value: object, reason: str, /, **fills: Fill) -> None:
        """Reject a row. reason: key in texts/rejects.yaml; fills: text, or text by language."""
        self.faults.append(Entry(int(position), field, _shown(value), f"rejects.{reason}", _by_language(fills)))

    def note(
        self, position: int | np.integer[Any] | None, field: str, value: object, key: str, /, **fills: Fill
    ) -> None:
        """Say something about a row that stays. key: in texts/portfolio.yaml."""
        place = None if position is None else int(position)
        self.notes.append(Entry(place, field, _shown(value), f"portfolio.{key}", _by_language(fills)))

    def file_notes(self, notes: Iterable[FileNote]) -> None:
        """Take over what a reader said about the whole file."""
        self.notes += [Entry(None, "", "", f"catalogue.{n.key}", _by_language(dict(n.values))) for n in notes]

    @property
    def good(self) -> NDArray[np.bool_]:
        """(n,) rows without a fault."""
        kept = np.ones(self.size, dtype=bool)
        kept[[entry.position for entry in self.faults if entry.position is not None]] = False
        return kept

    def rejects(self, rows: Sequence[int], ids: Sequence[str]) -> pl.DataFrame:
        """One row a rejected row, with its first fault; further faults are added to the reason."""
        by_row: dict[int, list[Entry]] = {}
        for entry in self.faults:
            if entry.position is not None:
                by_row.setdefault(entry.position, []).append(entry)
        found = [_reject(rows[position], ids[position], by_row[position]) for position in sorted(by_row)]
        return pl.DataFrame(found, schema=REJECT_SCHEMA, orient="row")

    def noted(self, rows: Sequence[int], ids: Sequence[str]) -> pl.DataFrame:
        """One row a note."""
        found = [
            (
                None if entry.position is None else rows[entry.position],
                None if entry.position is None else ids[entry.position],
                entry.field,
                entry.value,
                entry.key,
                entry.said("en"),
                entry.said("zh"),
            )
            for entry in self.notes
        ]
        return pl.DataFrame(found, schema=NOTE_SCHEMA, orient="row")


def _by_language(fills: dict[str, str | dict[str, str]]) -> dict[str, dict[str, str]]:
    return {name: value if isinstance(value, dict) else {"en": value, "zh": value} for name, value in fills.items()}


def _shown(value: object) -> str:
    return "" if value is None else str(value)[:MAX_VALUE_CHARACTERS]


def _reject(row: int, identity: str, entries: list[Entry]) -> tuple[object, ...]:
    first, *others = entries
    reasons = {}
    for lang in LANGUAGES:
        more = [text("rejects.also", lang, field=entry.field, reason=entry.said(lang)) for entry in others]
        reasons[lang] = "; ".join([first.said(lang), *more]) if lang == "en" else "；".join([first.said(lang), *more])
    key = first.key.partition(".")[2]
    hints = [first.said(lang, "_hint") for lang in LANGUAGES]
    return (row, identity, first.field, first.value, key, reasons["en"], reasons["zh"], *hints)
