"""Documents that a project has in hand, held against those that are known: "name; name/2024-05-01". What cannot be
understood is kept and shown, never dropped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from greensilk.facts import FactColumn
from greensilk.project_types import find_document
from greensilk.screening.cells import read_date, reading
from greensilk.screening.evidence import NOT_COUNTED, NOT_UNDERSTOOD
from greensilk.screening.origins import Detail, origin, texts

NO_DOCUMENT = "none"
MOST_PARTS = 200  # of one cell; a longer list is not one of documents


@dataclass
class InHand:
    """Documents of one project. ids: known and in hand; not_counted: dated later; not_understood: as given."""

    given: bool
    ids: list[str] = field(default_factory=list)
    not_counted: list[str] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)

    @property
    def listed(self) -> str | None:
        """Ids joined by ";", "none" where none counts, null where nothing was given."""
        return (";".join(dict.fromkeys(self.ids)) or NO_DOCUMENT) if self.given else None

    def notes(self) -> str | None:
        """What did not count and what was not understood, for the reader."""
        said = [NOT_COUNTED + part for part in self.not_counted]
        said += [NOT_UNDERSTOOD + part for part in self.not_understood]
        return "; ".join(said) or None


def in_hand(given: str | None, on: dt.date) -> InHand:
    """The documents in one field of a portfolio. on: one dated later, or in a year or month not over, does not count.

    >>> import datetime as dt
    >>> in_hand("EIA; 应急预案/2030-01-01; poem", dt.date(2024, 1, 1)).listed
    'esia'
    """
    parts = [part.strip() for part in (given or "").replace("；", ";").split(";") if part.strip()]
    found = InHand(bool(parts))
    found.not_understood += parts[MOST_PARTS:]
    for part in parts[:MOST_PARTS]:
        _read(part, on, found)
    return found


def _read(part: str, on: dt.date, found: InHand) -> None:
    document, last_day = find_document(part), dt.date.min  # a name may hold a stroke itself
    if document is None:
        name, _, dated = part.replace("／", "/").rpartition("/")
        document, read = find_document(name), _last_day(dated)
        last_day = dt.date.max if read is None else read
        document = None if read is None else document
    if document is not None:
        (found.ids if last_day <= on else found.not_counted).append(document if last_day <= on else part)
    elif part.lower() not in (NO_DOCUMENT, *reading().no):
        found.not_understood.append(part)


def _last_day(dated: str) -> dt.date | None:
    """The last day that a date given as a day, month or year may mean."""
    read = read_date(dated)
    if read is None:
        return None
    day, precision = read
    if precision == "day":
        return day
    months = 12 if precision == "year" else day.month
    first_after = dt.date(day.year + months // 12, months % 12 + 1, 1)
    return first_after - dt.timedelta(days=1)


def document_facts(given: pl.Series, days: Sequence[dt.date]) -> Iterator[FactColumn]:
    """The documents in hand as a column. given: (n,) as the owner wrote them; days: (n,) one dated later is not."""
    cells = list(zip(given.to_list(), days, strict=True))
    by_cell = {cell: in_hand(*cell) for cell in dict.fromkeys(cells)}
    found = [by_cell[cell] for cell in cells]
    detail = Detail("not_given", features=[one.notes() for one in found])
    yield texts("documents", [one.listed for one in found], origin("documents", version=""), detail)
