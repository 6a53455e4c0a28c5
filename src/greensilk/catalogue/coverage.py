"""Coverage tables: where a layer is complete, so that finding nothing means there is nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

from greensilk.catalogue.delimited import read_delimited
from greensilk.catalogue.layer_records import ANYWHERE, Coverage, CoverageStatus
from greensilk.errors import LayerError, PortfolioError
from greensilk.places import find_country
from greensilk.records import Label, said

MOST_FAULTS = 30  # that one message lists
STATUSES: tuple[CoverageStatus, ...] = get_args(CoverageStatus)


def read_coverage(given: str | Path | Mapping[str, Coverage] | None) -> dict[str, Coverage]:
    """A coverage table by ISO alpha-3 code, with "*" for everywhere else.

    given: a status word for everywhere, a CSV file with columns iso_a3, status, date, why, or a table as defined; None
    = partial, as nothing is claimed
    raises: LayerError naming all lines that are wrong
    """
    if isinstance(given, Mapping):
        return {ANYWHERE: Coverage(status="partial", why="not in the coverage table"), **given}
    if given is None:
        return {ANYWHERE: Coverage(status="partial", why="not stated at import")}
    status = _status(str(given))
    if status is not None:
        return {ANYWHERE: Coverage(status=status)}
    path = Path(given)
    if not path.is_file():
        raise LayerError("layers.coverage_missing", value=str(given), choices=", ".join(STATUSES))
    return {ANYWHERE: Coverage(status="partial", why="not in the coverage table"), **_table(path)}


def as_read(stated: Mapping[str, Coverage], lost: int) -> dict[str, Coverage]:
    """How complete a layer is after it was read: nowhere, where rows of its files were lost, whoever said otherwise.

    lost: rows without a usable shape or place; where they lie is not known, so that it may be anywhere
    """
    why = f"{lost} {'row' if lost == 1 else 'rows'} without a usable shape"
    lowered = {
        country: entry.model_copy(update={"status": "partial", "why": why})
        for country, entry in stated.items()
        if lost and entry.status == "complete"
    }
    return {**stated, **lowered}


def _status(word: str | None) -> CoverageStatus | None:
    for status in STATUSES:
        if status == word:
            return status
    return None


def _table(path: Path) -> dict[str, Coverage]:
    try:
        table = read_delimited(path)
    except PortfolioError as error:
        raise LayerError(error.key, **error.values) from error
    faults = [_fault("no_column", column) for column in ("iso_a3", "status") if column not in table.columns.columns]
    if faults:
        raise _refusal(path, faults)
    above = next((int(note.values["line"]) for note in table.notes if note.key == "title_lines"), 1)
    found: dict[str, Coverage] = {}
    for row, entry in zip(table.rows, table.columns.iter_rows(named=True), strict=True):
        country = ANYWHERE if entry["iso_a3"] == ANYWHERE else find_country(entry["iso_a3"] or "")
        status, wrong = _status(entry["status"]), _faults(entry, country, found)
        faults += [_fault(reason, value, above + row) for reason, value in wrong]
        if country is not None and status is not None:
            found[country] = Coverage(status=status, date=entry.get("date"), why=entry.get("why"))
    if faults:
        raise _refusal(path, faults)
    return found


def _faults(
    entry: Mapping[str, str | None], country: str | None, before: Mapping[str, Coverage]
) -> list[tuple[str, str]]:
    """What is wrong with a row, each with the cell."""
    given, date = entry["iso_a3"] or "-", entry.get("date")
    wrong = {
        "no_country": country is None and given,
        "twice": country in before and given,
        "no_status": _status(entry["status"]) is None and (entry["status"] or "-"),
        "no_day": date and not _has_been(date) and date,
    }
    return [(reason, value[:40]) for reason, value in wrong.items() if value]


def _has_been(date: str) -> bool:
    """Whether a day, month or year has begun."""
    for form in ("%Y-%m-%d", "%Y-%m", "%Y"):
        try:
            return dt.datetime.strptime(date, form).date() <= dt.date.today()
        except ValueError:
            continue
    return False


def _fault(reason: str, value: str, line: int | None = None) -> Label:
    return said(f"layers.coverage_{reason}", value=value, line=line, choices=", ".join(STATUSES))


def _refusal(path: Path, faults: Sequence[Label]) -> LayerError:
    shown = faults[:MOST_FAULTS]
    listed = Label(en="\n".join(one.en for one in shown), zh="\n".join(one.zh for one in shown))
    return LayerError("layers.coverage_faults", file=path.name, count=len(faults), faults=listed)
