"""How many projects have which mark: by portfolio, by screening."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from greensilk.store.holdings import Project
from greensilk.store.work import Rating, Screening
from greensilk.workspace.actor import Actor
from greensilk.workspace.finding import found
from greensilk.workspace.projects import newest_rating

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
