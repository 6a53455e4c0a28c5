"""How many projects have which mark, by portfolio and by screening; and which those are."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import case, func, select, tuple_
from sqlalchemy.orm import Session, defer

from greensilk.store.columns import Page
from greensilk.store.holdings import Project, ProjectVersion
from greensilk.store.work import Rating, Screening
from greensilk.workspace.actor import Actor
from greensilk.workspace.finding import cursor, found, page_size, read_cursor
from greensilk.workspace.projects import newest_rating
from greensilk.workspace.ratings import Rated

NOT_RATED = ""


def marks_by_portfolio(db: Session, who: Actor, portfolio_id: str | None = None) -> dict[str, dict[str, int]]:
    """Projects of each portfolio by the mark of their newest rating.

    portfolio_id: that portfolio alone
    returns: portfolio -> mark, "" where there is no rating yet -> number
    """
    asked = (
        select(Project.portfolio_id, Rating.lead, func.count())
        .outerjoin(Rating, Rating.id == newest_rating())
        .where(Project.organisation_id == who.organisation_id, Project.left_out_at.is_(None))
        .group_by(Project.portfolio_id, Rating.lead)
    )
    if portfolio_id is not None:
        asked = asked.where(Project.portfolio_id == portfolio_id)
    counted: dict[str, dict[str, int]] = defaultdict(dict)
    for portfolio, lead, count in db.execute(asked):
        counted[portfolio][lead or NOT_RATED] = count
    return dict(counted)


def marks_of_screening(db: Session, who: Actor, screening_id: str) -> dict[str, int]:
    """Ratings of a screening by mark.

    raises: NotFoundError
    """
    within = found(db, who, Screening, screening_id)
    asked = select(Rating.lead, func.count()).where(Rating.screening_id == within.id).group_by(Rating.lead)
    return {row[0]: row[1] for row in db.execute(asked).all()}


def worst_first(  # noqa: PLR0913, PLR0917 - of what, in which order, and which page of it
    db: Session, who: Actor, within: Screening, order: tuple[str, ...], after: str | None, limit: int
) -> Page[Rated]:
    """Ratings of a screening that have one of some marks, in the order of these.

    within: a screening that who asks may see; order: marks; after: `next` of the page before
    raises: UsageError for a wrong `after` or `limit`
    """
    rank = case({mark: place for place, mark in enumerate(order)}, value=Rating.lead, else_=len(order))
    asked = (
        select(Rating, Project, ProjectVersion)
        .join(Project, Project.id == Rating.project_id)
        .join(ProjectVersion, ProjectVersion.id == Rating.project_version_id)
        .where(Rating.screening_id == within.id, Rating.organisation_id == who.organisation_id, Rating.lead.in_(order))
        .options(defer(ProjectVersion.geometry), defer(ProjectVersion.geojson))
    )
    if after is not None:
        asked = asked.where(tuple_(rank, Rating.position) > tuple(read_cursor(after, int, int)))
    rows = db.execute(asked.order_by(rank, Rating.position).limit(page_size(limit) + 1)).all()
    items = [Rated(*row) for row in rows[:limit]]
    more = cursor(order.index(items[-1].rating.lead), items[-1].rating.position) if len(rows) > limit else None
    return Page(items, more)
