"""One row of what an organisation holds, by its id; what belongs to another is not there."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from greensilk.errors import ConflictError, NotFoundError, UsageError
from greensilk.store.columns import ID_CHARACTERS, SURROGATE, Table
from greensilk.store.holdings import Portfolio, Upload
from greensilk.store.people import User
from greensilk.store.work import Override
from greensilk.workspace.actor import Actor

MOST_A_PAGE = 500  # rows of one answer
CURSOR_CHARACTERS = 2_000
MOST_NUMBER = 2**31 - 1  # of a place in a list: what a column of numbers holds
ID = re.compile(f"[0-9a-f]{{{ID_CHARACTERS}}}")
T = TypeVar("T", bound=Table)
V = TypeVar("V", Portfolio, Upload, Override, User)


def found(db: Session, who: Actor, table: type[T], id: str, *, locked: bool = False) -> T:
    """The row of an id.

    table: one with id and organisation_id; locked: nobody else changes it until this transaction ends
    raises: NotFoundError where there is none, or where another organisation owns it
    """
    columns = table.__table__.c
    wanted = select(table).where(columns.id == id, columns.organisation_id == who.organisation_id)
    row = db.scalars(wanted.with_for_update() if locked else wanted).one_or_none() if ID.fullmatch(id) else None
    if row is None:
        raise NotFoundError("portfolios.not_found", id=id[:ID_CHARACTERS])
    return row


def at_version(db: Session, who: Actor, table: type[V], id: str, version: int) -> V:
    """The row of an id, to be changed by somebody who saw this version of it; nobody else changes it meanwhile.

    raises: NotFoundError; ConflictError if it has been changed since
    """
    row = found(db, who, table, id, locked=True)
    if row.version != version:
        raise ConflictError("portfolios.changed_meanwhile", version=row.version, seen=version)
    return row


def cursor(*values: str | int) -> str:
    """Where the next page begins, as one word for addresses."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_cursor(after: str, *kinds: type[str] | type[int]) -> list[str | int]:
    """What `cursor` was given.

    raises: UsageError for anything else
    """
    try:
        padded = after[:CURSOR_CHARACTERS].encode() + b"=" * (-len(after[:CURSOR_CHARACTERS]) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise UsageError("portfolios.bad_cursor") from error
    if not isinstance(values, list) or [type(value) for value in values] != list(kinds) or not _can_be_asked(values):
        raise UsageError("portfolios.bad_cursor")
    return values


def _can_be_asked(values: list[str | int]) -> bool:
    """Whether both databases take these values; anybody can write a cursor."""
    texts = [value for value in values if isinstance(value, str)]
    numbers = [value for value in values if isinstance(value, int)]
    whole = not any("\0" in text or SURROGATE.search(text) for text in texts)
    return whole and all(abs(number) <= MOST_NUMBER for number in numbers)


def page_size(limit: int) -> int:
    """How many rows a page may have.

    raises: UsageError for none, or too many
    """
    if not 1 <= limit <= MOST_A_PAGE:
        raise UsageError("portfolios.bad_limit", value=limit, most=MOST_A_PAGE)
    return limit
