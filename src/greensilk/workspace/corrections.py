"""What a user says about how a file is to be read: checked before it is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping as Pairs
from typing import Any

from pydantic import ValidationError

from greensilk.catalogue.fields import portfolio_fields
from greensilk.errors import UsageError
from greensilk.screening.mapping import Mapping, checked

MOST_MAPPING_CHARACTERS = 200_000
MOST_FIXED_ROWS, FIX_CHARACTERS = 5_000, 5_000
Kept = dict[str, dict[str, str]]


def checked_mapping(given: dict[str, Any]) -> dict[str, Any]:
    """A mapping as an upload keeps it.

    raises: UsageError for one that cannot be, or that names a second file: an upload is one file
    """
    said = json.dumps(given)
    if len(said) > MOST_MAPPING_CHARACTERS:
        raise UsageError("uploads.mapping_too_long", most=MOST_MAPPING_CHARACTERS)
    try:
        mapping = checked(Mapping.model_validate_json(said))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UsageError("uploads.bad_mapping", field=field[:80] or "-", why=str(first["msg"])[:200]) from error
    if mapping.attributes is not None:
        raise UsageError("uploads.bad_mapping", field="attributes", why="-")
    return mapping.model_dump(mode="json", exclude_defaults=True)


def merged_fixes(earlier: Kept, given: Pairs[str, Pairs[str, str | None]]) -> Kept:
    """Earlier fixes with later ones in them; None takes one back.

    raises: UsageError for a row that is no number, an unknown field, a text that is too long, or too many of them
    """
    merged = {row: dict(texts) for row, texts in earlier.items()}
    for row, texts in given.items():
        line = merged.setdefault(_row(row), {})
        for field, words in texts.items():
            if words is None:
                line.pop(_field(field), None)
            else:
                line[_field(field)] = _text(field, words)
    kept = {row: texts for row, texts in merged.items() if texts}
    if len(kept) > MOST_FIXED_ROWS:
        raise UsageError("uploads.too_many_fixes", most=MOST_FIXED_ROWS)
    return kept


def numbered(fixes: Kept) -> dict[int, dict[str, str]]:
    """Fixes by number of their row, in the order of the rows."""
    return {int(row): dict(sorted(fixes[row].items())) for row in sorted(fixes, key=int)}


def _row(given: str) -> str:
    if not (given.isascii() and given.isdigit() and len(given) <= 9 and int(given) > 0):
        raise UsageError("uploads.bad_row", row=given[:20])
    return str(int(given))


def _field(given: str) -> str:
    if given not in portfolio_fields().fields:
        raise UsageError("portfolio.no_field", field=given[:60], known=", ".join(portfolio_fields().fields))
    return given


def _text(field: str, words: str) -> str:
    if len(words) > FIX_CHARACTERS or "\0" in words:
        raise UsageError("uploads.bad_fix", field=field, most=FIX_CHARACTERS)
    return words
