"""Rows as one organisation sees them: those of others are not there."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from greensilk.errors import ConflictError, NotFoundError
from greensilk.store.columns import Table
from greensilk.workspace.actor import Actor

Row = TypeVar("Row", bound=Table)
ID = re.compile("[0-9a-f]{32}")


def own(db: Session, who: Actor, kind: type[Row], row_id: str) -> Row:
    """A row of who asks' organisation by its id.

    raises: NotFoundError, alike for what belongs to another organisation and for what is nowhere
    """
    table: Any = kind
    if ID.fullmatch(row_id):
        found = db.scalar(select(kind).where(table.id == row_id, table.organisation_id == who.organisation_id))
        if found is not None:
            return found
    raise NotFoundError("workspace.not_found", id=row_id[:40])


def unchanged(row: Table, version: int) -> None:
    """Goes on only if a row is as who asks saw it; a change between here and the end of the transaction is refused too.

    raises: ConflictError
    """
    changed: Any = row
    if changed.version != version:
        raise ConflictError("store.changed_meanwhile")
