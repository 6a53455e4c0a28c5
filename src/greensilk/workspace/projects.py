"""Projects of an organisation: as their newest file describes them, with their newest rating."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, or_, select, tuple_
from sqlalchemy.orm import Session, aliased, defer

from greensilk.store.columns import Page
from greensilk.store.holdings import Portfolio, Project, ProjectVersion
from greensilk.store.work import Rating
from greensilk.workspace.actor import Actor
from greensilk.workspace.finding import cursor, found, page_size, read_cursor


@dataclass(frozen=True)
class Wanted:
    """Which projects. lead: mark of the newest rating, "" = not rated; text: part of a name or key; order: marks in the
    order in which projects come, empty = by key alone; after: `next` of the page before; limit: of one page"""

    portfolio_id: str | None = None
    lead: str | None = None
    type: str | None = None
    country: str | None = None
    text: str | None = None
    order: tuple[str, ...] = ()
    after: str | None = None
    limit: int = 100


@dataclass(frozen=True)
class ProjectSeen:
    """A project, as described now, and its newest rating, perhaps of an earlier version (its project_version_id)."""

    project: Project
    version: ProjectVersion
    rating: Rating | None


def projects(db: Session, who: Actor, wanted: Wanted) -> Page[ProjectSeen]:
    """Projects by key, without those that the newest file of their portfolio leaves out; shapes stay in the database.

    raises: NotFoundError for a portfolio that is not there; UsageError for a wrong `after` or `limit`
    """
    limit = page_size(wanted.limit)
    asked = _narrowed(_seen(who), wanted).where(Project.left_out_at.is_(None))
    if wanted.portfolio_id is not None:
        asked = asked.where(Project.portfolio_id == found(db, who, Portfolio, wanted.portfolio_id).id)
    keys: list[Any] = [*_ranks(wanted.order), Project.key, Project.id]
    if wanted.after is not None:
        kinds = [int] * (len(keys) - 2) + [str, str]
        asked = asked.where(tuple_(*keys) > tuple(read_cursor(wanted.after, *kinds)))
    light = asked.options(defer(ProjectVersion.geometry), defer(ProjectVersion.geojson))
    rows = db.execute(light.order_by(*keys).limit(limit + 1)).all()
    items = [ProjectSeen(seen, version, rating) for seen, version, rating in rows[:limit]]
    more = _cursor(items[-1], wanted.order) if len(rows) > limit else None
    return Page(items, more)


def _ranks(order: tuple[str, ...]) -> list[ColumnElement[int]]:
    return [case({mark: rank for rank, mark in enumerate(order)}, value=Rating.lead, else_=len(order))] if order else []


def _cursor(last: ProjectSeen, order: tuple[str, ...]) -> str:
    lead = last.rating.lead if last.rating else None
    rank = order.index(lead) if lead in order else len(order)
    return cursor(*([rank] if order else []), last.project.key, last.project.id)


def project(db: Session, who: Actor, id: str) -> ProjectSeen:
    """One project, even if it is left out now.

    raises: NotFoundError
    """
    known = found(db, who, Project, id)
    seen, version, rating = db.execute(_seen(who).where(Project.id == known.id)).one()
    return ProjectSeen(seen, version, rating)


def versions(db: Session, who: Actor, id: str) -> list[ProjectVersion]:
    """How files described a project, the newest first.

    raises: NotFoundError
    """
    known = found(db, who, Project, id)
    told = select(ProjectVersion).where(ProjectVersion.project_id == known.id)
    return list(db.scalars(told.order_by(ProjectVersion.number.desc())))


@cache
def newest_rating() -> ScalarSelect[str]:
    """The id of the newest rating of a project, within a query on projects; put together once."""
    later = aliased(Rating)
    newest = select(later.id).where(later.project_id == Project.id).correlate(Project)
    return newest.order_by(later.created_at.desc(), later.id.desc()).limit(1).scalar_subquery()


def _seen(who: Actor) -> Select[Project, ProjectVersion, Rating]:
    latest = and_(ProjectVersion.project_id == Project.id, ProjectVersion.number == Project.latest)
    return (
        select(Project, ProjectVersion, Rating)
        .join(ProjectVersion, latest)
        .outerjoin(Rating, Rating.id == newest_rating())
        .where(Project.organisation_id == who.organisation_id)
    )


def _narrowed(
    asked: Select[Project, ProjectVersion, Rating], wanted: Wanted
) -> Select[Project, ProjectVersion, Rating]:
    if wanted.lead is not None:
        asked = asked.where(Rating.lead == wanted.lead if wanted.lead else Rating.id.is_(None))
    for column, value in ((ProjectVersion.type, wanted.type), (ProjectVersion.country, wanted.country)):
        if value is not None:
            asked = asked.where(column == value)
    words = (wanted.text or "").strip()
    if words:
        texts = (Project.key, ProjectVersion.name, ProjectVersion.name_zh)
        asked = asked.where(or_(*(column.icontains(words, autoescape=True) for column in texts)))
    return asked
