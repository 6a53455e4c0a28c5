"""Everything that the page of a project says beside its rating, in few questions to the database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session, aliased, defer

from greensilk.errors import NotFoundError
from greensilk.store.columns import ID_CHARACTERS
from greensilk.store.holdings import Document, Portfolio, Project, ProjectVersion
from greensilk.store.people import User
from greensilk.store.work import Override, Rating, Screening, Verdict
from greensilk.workspace.actor import Actor
from greensilk.workspace.finding import ID


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


# Each question is put together once: to put it together takes as long as to answer it.
_PROJECT = (
    select(Project, ProjectVersion, Portfolio.name)
    .join(ProjectVersion, and_(ProjectVersion.project_id == Project.id, ProjectVersion.number == Project.latest))
    .join(Portfolio, Portfolio.id == Project.portfolio_id)
    .where(Project.id == bindparam("project"), Project.organisation_id == bindparam("organisation"))
    .options(defer(ProjectVersion.geometry), defer(ProjectVersion.geojson), defer(ProjectVersion.attributes))
)
_RATINGS = (
    select(Rating, Screening.id, Screening.on_date, Screening.pages_sha256, Screening.standards, ProjectVersion.number)
    .join(Screening, Screening.id == Rating.screening_id)
    .join(ProjectVersion, ProjectVersion.id == Rating.project_version_id)
    .where(Rating.project_id == bindparam("project"))
    .order_by(Rating.created_at.desc(), Rating.id.desc())
)
_LIGHTS = select(Verdict).where(Verdict.rating_id == bindparam("rating"), Verdict.kind == "light")
_DECIDER = aliased(User)
_OVERRIDES = (
    select(Override, Verdict.standard, User.name, _DECIDER.name)
    .join(Verdict, Verdict.id == Override.verdict_id)
    .join(User, User.id == Override.proposed_by)
    .outerjoin(_DECIDER, _DECIDER.id == Override.decided_by)
    .where(Override.project_id == bindparam("project"))
    .order_by(Override.created_at.desc(), Override.id)
)
_DOCUMENTS = (
    select(Document)
    .where(Document.project_id == bindparam("project"), Document.removed_at.is_(None))
    .order_by(Document.created_at.desc(), Document.id)
)


def one_project(db: Session, who: Actor, project_id: str) -> OneProject:
    """A project with all its ratings.

    raises: NotFoundError
    """
    asked = {"project": project_id, "organisation": who.organisation_id}
    found = db.execute(_PROJECT, asked).one_or_none() if ID.fullmatch(project_id) else None
    if found is None:
        raise NotFoundError("portfolios.not_found", id=project_id[:ID_CHARACTERS])
    ratings = [PastRating(*row) for row in db.execute(_RATINGS, {"project": found[0].id})]
    return OneProject(found[0], found[1], found[2], ratings)


def verdicts_of(db: Session, rating: PastRating) -> list[Verdict]:
    """The lights of a rating that was found above, in the order of its screening."""
    told = db.scalars(_LIGHTS, {"rating": rating.rating.id}).all()
    order = {standard: place for place, standard in enumerate(rating.standards)}
    return sorted(told, key=lambda one: order.get(one.standard, len(order)))


def overrides_of(db: Session, found: OneProject) -> list[SignedOverride]:
    """All overrides of a project that was found above, the newest first."""
    return [SignedOverride(*row) for row in db.execute(_OVERRIDES, {"project": found.project.id})]


def documents_of(db: Session, found: OneProject) -> list[Document]:
    """The documents of a project that was found above, the newest first."""
    return list(db.scalars(_DOCUMENTS, {"project": found.project.id}))
