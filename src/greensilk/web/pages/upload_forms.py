"""The two forms of an uploaded file, as they are written and read: its columns, and the cells of rejected rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from greensilk.catalogue.fields import portfolio_fields
from greensilk.errors import UsageError
from greensilk.reports import labels
from greensilk.store.holdings import Upload

MOST_MENDED = 50  # rejected rows on one page: each has some cells, and a form has at most 1,000
COLUMN, CONSTANT, FIX = "column.", "constant.", "fix."
CONSTANTS = ("type", "country", "stage", "currency")
PLACE = frozenset(("lon", "lat"))
# What is shown of a rejected row beside its wrong cells, to know it by and to mend it in one go.
USUAL = ("name", "type", "country", "stage", "lon", "lat", "capacity_mw", "investment", "currency")


@dataclass(frozen=True)
class MendedRow:
    """A rejected row as the page shows it. wrong, others: (field, text of the cell)"""

    reject: dict[str, Any]
    wrong: list[tuple[str, str]]
    others: list[tuple[str, str]]


def mended(upload: Upload) -> list[MendedRow]:
    """The first rejected rows with their cells."""
    return [_row(reject) for reject in upload.preview.get("rejects", [])[:MOST_MENDED]]


def _row(reject: dict[str, Any]) -> MendedRow:
    cells, known = reject["cells"], portfolio_fields().fields
    named = [part.strip() for part in reject["field"].split(",")]
    wrong = [part for part in named if part in known and part not in PLACE]
    if not wrong or not PLACE.isdisjoint(named):
        wrong += ["lon", "lat"]  # one without the other mends no place that came as a shape
    others = [field for field in USUAL if field in cells and field not in wrong]
    return MendedRow(
        reject, [(field, cells.get(field, "")) for field in wrong], [(field, cells[field]) for field in others]
    )


def mapping_of(upload: Upload, form: FormData) -> dict[str, Any]:
    """The mapping that a form says; what it does not speak of stays as it was.

    raises: UsageError for one field given by two columns
    """
    columns = [one["column"] for one in upload.preview.get("columns", [])]
    chosen = [(str(form.get(f"{COLUMN}{place}", "")), column) for place, column in enumerate(columns)]
    said = [(field, column) for field, column in chosen if field]
    for field, count in Counter(field for field, _ in said).items():
        if count > 1:
            twice = [column for other, column in said if other == field]
            raise UsageError("web_upload.two_columns", field=labels.field(field), first=twice[0], second=twice[1])
    constants = {field: str(form.get(f"{CONSTANT}{field}", "")).strip() for field in CONSTANTS}
    crs = str(form.get("crs", "")).strip()
    changed = {"columns": dict(said), "constants": {field: words for field, words in constants.items() if words}}
    return {**upload.mapping, **changed, "crs": crs or None}


def fixes_of(upload: Upload, form: FormData) -> dict[str, dict[str, str]]:
    """Row -> field -> text, for the cells that somebody wrote anew."""
    cells = {str(reject["row"]): reject["cells"] for reject in upload.preview.get("rejects", [])}
    fixes: dict[str, dict[str, str]] = {}
    for name, words in form.items():
        row, _, field = name.removeprefix(FIX).partition(".")
        if name.startswith(FIX) and row in cells and isinstance(words, str) and words != cells[row].get(field, ""):
            fixes.setdefault(row, {})[field] = words
    return fixes
