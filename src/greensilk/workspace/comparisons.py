"""Compared routes of an organisation. None of it changes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from greensilk.store.work import RouteComparison
from greensilk.workspace.actor import Actor
from greensilk.workspace.finding import found


def comparisons(db: Session, who: Actor) -> list[RouteComparison]:
    """All of them, the newest first; their tables are left in the database."""
    mine = select(RouteComparison).where(RouteComparison.organisation_id == who.organisation_id)
    newest = mine.order_by(RouteComparison.created_at.desc(), RouteComparison.id)
    return list(db.scalars(newest.options(defer(RouteComparison.table))))


def comparison(db: Session, who: Actor, id: str) -> RouteComparison:
    """One of them.

    raises: NotFoundError
    """
    return found(db, who, RouteComparison, id)
