"""Everything that the page of a project says beside its rating, in few questions to the database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, defer, load_only

from greensilk.errors import NotFoundError
from greensilk.store.columns import ID_CHARACTERS
from greensilk.store.holdings import Document, Portfolio, Project, ProjectVersion
from greensilk.store.people import User
from greensilk.store.work import Override, Rating, Screening, Verdict
from greensilk.workspace.actor import Actor


@dataclass(frozen=True, slots=True)
class PastRating:
    """One rating of a project. version: number of the project's version then"""

    rating: Rating
    screening_id: str
    on: dt.date
    pages_sha256: str
    standards: list[str]
    version: int


@dataclass(frozen=True, slots=True)
class SignedOverride:
    """An override with the names of those who proposed and decided it, and the verdict's standard."""

    override: Override
    standard: str
    proposed_by: str
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class OneProject:
    """A project as described now. portfolio: its name; ratings: the newest first"""

    project: Project
    version: ProjectVersion
    portfolio: str
    ratings: list[PastRating]

    def of_screening(self, screening_id: str | None) -> PastRating | None:
        """The rating by one screening, the newest where none is named, None where there is none yet.

        raises: NotFoundError for a screening that did not rate this project
        """
        if not screening_id:
            return self.ratings[0] if self.ratings else None
        for one in self.ratings:
            if one.screening_id == screening_id:
                return one
        raise NotFoundError("portfolios.not_found", id=screening_id[:ID_CHARACTERS])

    def rating(self, rating_id: str) -> PastRating:
        """A rating of this project.

        raises: NotFoundError
        """
        for one in self.ratings:
            if one.rating.id == rating_id:
                return one
        raise NotFoundError("portfolios.not_found", id=rating_id[:ID_CHARACTERS])


def one_project(db: Session, who: Actor, project_id: str) -> OneProject:
    """A project with all its ratings.

    raises: NotFoundError
    """
    asked = (
        select(Project, ProjectVersion, Portfolio.name)
        .join(ProjectVersion, and_(ProjectVersion.project_id == Project.id, ProjectVersion.number == Project.latest))
        .join(Portfolio, Portfolio.id == Project.portfolio_id)
        .where(Project.id == project_id[: ID_CHARACTERS + 1], Project.organisation_id == who.organisation_id)
        .options(defer(ProjectVersion.geometry), defer(ProjectVersion.geojson), defer(ProjectVersion.attributes))
    )
    found = db.execute(asked).one_or_none()
    if found is None:
        raise NotFoundError("portfolios.not_found", id=project_id[:ID_CHARACTERS])
    return OneProject(found[0], found[1], found[2], _ratings(db, found[0].id))


def _ratings(db: Session, project_id: str) -> list[PastRating]:
    asked = (
        select(Rating, Screening.id, Screening.on_date, Screening.pages_sha256, Screening.standards,
               ProjectVersion.number)
        .join(Screening, Screening.id == Rating.screening_id)
        .join(ProjectVersion, ProjectVersion.id == Rating.project_version_id)
        .where(Rating.project_id == project_id)
        .order_by(Rating.created_at.desc(), Rating.id.desc())
    )  # fmt: skip
    return [PastRating(*row) for row in db.execute(asked)]


def verdicts_of(db: Session, rating: PastRating) -> list[Verdict]:
    """The lights of a rating that was found above, in the order of its screening."""
    told = db.scalars(select(Verdict).where(Verdict.rating_id == rating.rating.id, Verdict.kind == "light")).all()
    order = {standard: place for place, standard in enumerate(rating.standards)}
    return sorted(told, key=lambda one: order.get(one.standard, len(order)))


def overrides_of(db: Session, found: OneProject) -> list[SignedOverride]:
    """All overrides of a project that was found above, the newest first."""
    decider = User.__table__.alias("decider")
    asked = (
        select(Override, Verdict.standard, User.name, decider.c.name)
        .join(Verdict, Verdict.id == Override.verdict_id)
        .join(User, User.id == Override.proposed_by)
        .outerjoin(decider, decider.c.id == Override.decided_by)
        .where(Override.project_id == found.project.id)
        .order_by(Override.created_at.desc(), Override.id)
    )
    return [SignedOverride(*row) for row in db.execute(asked)]


def documents_of(db: Session, found: OneProject) -> list[Document]:
    """The documents of a project that was found above, the newest first."""
    asked = select(Document).where(Document.project_id == found.project.id, Document.removed_at.is_(None))
    shown = load_only(Document.id, Document.name, Document.kind, Document.file_bytes, Document.created_at)
    return list(db.scalars(asked.order_by(Document.created_at.desc(), Document.id).options(shown)))
