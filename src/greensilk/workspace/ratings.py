"""What was found: screenings of portfolios, ratings of projects, verdicts, files to download. None of it changes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from greensilk.errors import NotFoundError
from greensilk.store.columns import Page
from greensilk.store.holdings import Portfolio, Project, ProjectVersion
from greensilk.store.vault import Vault
from greensilk.store.work import Job, Rating, ResultFile, RouteComparison, Screening, Verdict
from greensilk.workspace.actor import Actor
from greensilk.workspace.finding import cursor, found, page_size, read_cursor


@dataclass(frozen=True)
class Rated:
    """A rating and the project as it was then."""

    rating: Rating
    project: Project
    version: ProjectVersion


@dataclass(frozen=True)
class Past:
    """One rating of a project, the screening it belongs to, and the project as it was then."""

    rating: Rating
    screening: Screening
    version: ProjectVersion


def screenings(db: Session, who: Actor, portfolio_id: str) -> list[Screening]:
    """All screenings of a portfolio, the newest first.

    raises: NotFoundError
    """
    held = found(db, who, Portfolio, portfolio_id)
    made = select(Screening).where(Screening.portfolio_id == held.id)
    return list(db.scalars(made.order_by(Screening.created_at.desc(), Screening.id)))


def screening(db: Session, who: Actor, id: str) -> Screening:
    """One screening.

    raises: NotFoundError
    """
    return found(db, who, Screening, id)


def ratings(  # noqa: PLR0913, PLR0917 - of what, and which page of it
    db: Session, who: Actor, screening_id: str, after: str | None = None, limit: int = 100, lead: str | None = None
) -> Page[Rated]:
    """Ratings of one screening in the order of its file. Shapes are left in the database.

    after: `next` of the page before; lead: those of one mark alone
    raises: NotFoundError; UsageError for a wrong `after` or `limit`
    """
    within, limit = found(db, who, Screening, screening_id), page_size(limit)
    asked = _rated().where(Rating.screening_id == within.id)
    if lead is not None:
        asked = asked.where(Rating.lead == lead)
    if after is not None:
        asked = asked.where(Rating.position > read_cursor(after, int)[0])
    rows = db.execute(asked.order_by(Rating.position).limit(limit + 1)).all()
    items = [Rated(rating, project, version) for rating, project, version in rows[:limit]]
    return Page(items, cursor(items[-1].rating.position) if len(rows) > limit else None)


def rating(db: Session, who: Actor, id: str) -> Rating:
    """One rating.

    raises: NotFoundError
    """
    return found(db, who, Rating, id)


def rating_of(db: Session, who: Actor, project_id: str, screening_id: str) -> Rating:
    """The rating of a project in one screening.

    raises: NotFoundError if either is not there, or the screening did not rate it
    """
    asked = select(Rating).where(
        Rating.project_id == found(db, who, Project, project_id).id,
        Rating.screening_id == found(db, who, Screening, screening_id).id,
    )
    row = db.scalars(asked).one_or_none()
    if row is None:
        raise NotFoundError("portfolios.not_found", id=screening_id)
    return row


def verdicts(db: Session, who: Actor, rating_id: str) -> list[Verdict]:
    """What each standard of lights or categories said, in the order of the screening.

    raises: NotFoundError
    """
    of = found(db, who, Rating, rating_id)
    order = found(db, who, Screening, of.screening_id).standards
    told = db.scalars(select(Verdict).where(Verdict.rating_id == of.id)).all()
    return sorted(told, key=lambda one: (order.index(one.standard) if one.standard in order else len(order), one.kind))


def verdict(db: Session, who: Actor, id: str) -> Verdict:
    """One verdict.

    raises: NotFoundError
    """
    return found(db, who, Verdict, id)


def history(db: Session, who: Actor, project_id: str) -> list[Past]:
    """All ratings of a project, the newest first.

    raises: NotFoundError
    """
    of = found(db, who, Project, project_id)
    asked = (
        select(Rating, Screening, ProjectVersion)
        .join(Screening, Screening.id == Rating.screening_id)
        .join(ProjectVersion, ProjectVersion.id == Rating.project_version_id)
        .where(Rating.project_id == of.id)
        .options(defer(ProjectVersion.geometry), defer(ProjectVersion.geojson))
    )
    rows = db.execute(asked.order_by(Rating.created_at.desc(), Rating.id.desc()))
    return [Past(rating, screening, version) for rating, screening, version in rows]


def part(vault: Vault, of: Rating | RouteComparison, within: Screening | RouteComparison, name: str) -> bytes:
    """One part of a rating's or comparison's pages, gzip as it is stored. name: page_en, page_zh or result

    raises: NotFoundError if there is no such part; StoreError if the vault has lost it
    """
    if name not in of.pages:
        raise NotFoundError("portfolios.not_found", id=name[:40])
    first, count = of.pages[name]
    return vault.read(within.pages_sha256, first, count)


def files(db: Session, who: Actor, job_id: str) -> list[ResultFile]:
    """The files that a job wrote, by name.

    raises: NotFoundError
    """
    of = found(db, who, Job, job_id)
    return list(db.scalars(select(ResultFile).where(ResultFile.job_id == of.id).order_by(ResultFile.name)))


def file(db: Session, who: Actor, id: str) -> ResultFile:
    """One file to download.

    raises: NotFoundError
    """
    return found(db, who, ResultFile, id)


def _rated() -> Select[Rating, Project, ProjectVersion]:
    return (
        select(Rating, Project, ProjectVersion)
        .join(Project, Project.id == Rating.project_id)
        .join(ProjectVersion, ProjectVersion.id == Rating.project_version_id)
        .options(defer(ProjectVersion.geometry), defer(ProjectVersion.geojson))
    )
