"""Lists of projects that belong together."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from greensilk.errors import UsageError
from greensilk.store.columns import now
from greensilk.store.holdings import Portfolio
from greensilk.workspace.actor import Actor
from greensilk.workspace.audit import noted
from greensilk.workspace.finding import at_version, found

NAME_CHARACTERS, ABOUT_CHARACTERS = 200, 2_000


def portfolios(db: Session, who: Actor) -> list[Portfolio]:
    """All of them, those in use first, the newest first."""
    mine = select(Portfolio).where(Portfolio.organisation_id == who.organisation_id)
    return list(
        db.scalars(mine.order_by(Portfolio.archived_at.is_not(None), Portfolio.created_at.desc(), Portfolio.id))
    )


def portfolio(db: Session, who: Actor, id: str) -> Portfolio:
    """One of them.

    raises: NotFoundError
    """
    return found(db, who, Portfolio, id)


def create_portfolio(db: Session, who: Actor, name: str, about: str = "") -> Portfolio:
    """A new one, empty.

    raises: NotAllowedError; UsageError for a name that is none
    """
    who.require("rate")
    made = Portfolio(organisation_id=who.organisation_id, created_by=who.user_id, name=_name(name), about=_about(about))
    db.add(made)
    db.flush()
    noted(db, who, "portfolio.create", "portfolio", made.id, name=made.name)
    return made


def change_portfolio(  # noqa: PLR0913 - what may be changed, each by its name
    db: Session,
    who: Actor,
    id: str,
    version: int,
    *,
    name: str | None = None,
    about: str | None = None,
    archived: bool | None = None,
) -> Portfolio:
    """Another name or description, or put out of use or back into it; None leaves it as it is.

    version: the one that its reader saw
    raises: NotAllowedError, NotFoundError; ConflictError if somebody changed it meanwhile; UsageError
    """
    who.require("rate")
    row = at_version(db, who, Portfolio, id, version)
    said = {"name": None if name is None else _name(name), "about": None if about is None else _about(about)}
    changes = {field: value for field, value in said.items() if value is not None and value != getattr(row, field)}
    for field, value in changes.items():
        setattr(row, field, value)
    told: dict[str, object] = dict(changes)
    if archived is not None and archived != (row.archived_at is not None):
        row.archived_at = now() if archived else None
        told["archived"] = archived
    if told:
        db.flush()
        noted(db, who, "portfolio.change", "portfolio", row.id, **told)
    return row


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not name or len(name) > NAME_CHARACTERS or not name.isprintable():
        raise UsageError("portfolios.bad_name", most=NAME_CHARACTERS)
    return name


def _about(given: str) -> str:
    about = given.strip()
    if len(about) > ABOUT_CHARACTERS or "\0" in about:
        raise UsageError("portfolios.bad_about", most=ABOUT_CHARACTERS)
    return about
