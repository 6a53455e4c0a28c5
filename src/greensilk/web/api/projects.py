"""Projects: as files describe them, as they were rated, what measures would do to them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints

from greensilk.errors import NotFoundError
from greensilk.records import Tier
from greensilk.web.api.answers import (
    MOST_A_PAGE,
    Answer,
    Asked,
    Listed,
    errors,
    listed,
)
from greensilk.web.asking import Computing, Reader
from greensilk.web.platform import Served
from greensilk.web.supposing import Supposed, supposed
from greensilk.workspace import projects as held
from greensilk.workspace import ratings

router = APIRouter(prefix="/api/v1", tags=["projects"], responses=errors())
Short = Annotated[str, StringConstraints(max_length=100)]
TierName = Literal["promised", "contracted", "certified", "monitored"]


class ProjectSummary(Answer):
    """A project as the newest file describes it. key: its id in the file; lead: the mark of its newest rating, null
    where it is not rated; left_out_at: since when the newest file does not hold it"""

    id: str
    portfolio_id: str
    key: str
    name: str
    name_zh: str | None
    type: str
    country: str | None
    stage: str | None
    lead: str | None
    rating_id: str | None
    number: int
    left_out_at: dt.datetime | None


class ProjectAnswer(ProjectSummary):
    """The same with all that the file says, and where it lies (GeoJSON)."""

    attributes: dict[str, Any]
    geometry: dict[str, Any] | None


class ProjectsAsked(BaseModel):
    """Which projects."""

    portfolio_id: str | None = Field(default=None, max_length=40)
    lead: str | None = Field(
        default=None, max_length=20, examples=["RED"], description="Mark of the newest rating; empty = not rated"
    )
    type: str | None = Field(default=None, max_length=100, examples=["hydropower_large"])
    country: str | None = Field(default=None, max_length=3, examples=["LAO"])
    text: str | None = Field(default=None, max_length=200, description="Part of a name or key")
    after: str | None = Field(default=None, max_length=2_000, description="`next` of the page before")
    limit: int = Field(default=100, ge=1, le=MOST_A_PAGE, description="Most rows of the answer")


class VersionAnswer(Answer):
    """A project as one upload described it."""

    number: int
    upload_id: str
    row: int
    name: str
    type: str
    country: str | None
    stage: str | None
    attributes: dict[str, Any]
    content_sha256: str
    created_at: dt.datetime


class PastRating(Answer):
    """One rating of a project. number: of the version that was rated"""

    rating_id: str
    screening_id: str
    on: dt.date
    lead: str
    number: int
    created_at: dt.datetime


class MeasuresAsked(Asked):
    """Measures to suppose. rating_id: else the newest rating"""

    measures: dict[Short, TierName] = Field(
        default_factory=dict, max_length=30, examples=[{"fish_passage": "certified"}],
        description="Measure id -> how far it is evidenced; none = only the smallest sets that would change a light",
    )  # fmt: skip
    rating_id: str | None = Field(default=None, max_length=40)


class LightThen(Answer):
    """A light with what it rests on."""

    light: str
    basis: str | None
    conditional_light: str | None


class StandardSupposed(Answer):
    """What measures do by one standard. would_change: the smallest sets that give another light, or why none would"""

    standard: str
    before: LightThen
    after: LightThen
    would_change: dict[str, Any]


class WhatIfAnswer(Answer):
    """on: the day whose law counted; not_repeated: standards left out, since the kept facts do not give their verdict
    again (a licence keeps facts out of files, or a rule was corrected)"""

    rating_id: str
    on: dt.date
    supposed: dict[str, str]
    standards: list[StandardSupposed]
    not_repeated: list[str]


@router.get("/projects", summary="Projects, narrowed down", responses=errors(404, 422))
def projects(served: Served, who: Reader, asked: Annotated[ProjectsAsked, Query()]) -> Listed[ProjectSummary]:
    """By key, without those that the newest file leaves out."""
    with served.store.reading() as db:
        page = held.projects(db, who, held.Wanted(**asked.model_dump()))
        return Listed(items=[ProjectSummary(**_summary(one)) for one in page.items], next=page.next)


@router.get("/projects/{id}", summary="One project with its place", responses=errors(404))
def project(served: Served, who: Reader, id: str) -> ProjectAnswer:
    """As the newest file describes it."""
    with served.store.reading() as db:
        seen = held.project(db, who, id)
        shape = json.loads(seen.version.geojson) if seen.version.geojson else None
        return ProjectAnswer(**_summary(seen), attributes=seen.version.attributes, geometry=shape)


@router.get("/projects/{id}/versions", summary="How files described it", responses=errors(404))
def project_versions(served: Served, who: Reader, id: str) -> Listed[VersionAnswer]:
    """The newest first."""
    with served.store.reading() as db:
        return listed(VersionAnswer, held.versions(db, who, id))


@router.get("/projects/{id}/history", summary="How it was rated", responses=errors(404))
def project_history(served: Served, who: Reader, id: str) -> Listed[PastRating]:
    """Every rating, the newest first."""
    with served.store.reading() as db:
        past = ratings.history(db, who, id)
        items = [
            PastRating(rating_id=one.rating.id, screening_id=one.screening.id, on=one.screening.on_date,
                       lead=one.rating.lead, number=one.version.number, created_at=one.rating.created_at)
            for one in past
        ]  # fmt: skip
    return Listed(items=items)


@router.post("/projects/{id}/what-if", summary="What measures would do", responses=errors(404, 422))
def what_if(served: Served, who: Reader, id: str, asked: MeasuresAsked, turn: Computing) -> WhatIfAnswer:
    """Judges the kept facts of a rating again, with measures supposed; nothing is kept of it."""
    tiers = {name: Tier[tier.upper()] for name, tier in asked.measures.items()}
    with served.store.reading() as db:
        seen = held.project(db, who, id)
        row = seen.rating if asked.rating_id is None else ratings.rating(db, who, asked.rating_id)
        if row is None or row.project_id != id:
            raise NotFoundError("web_api.not_rated")
        found = supposed(db, served.vault, who, row, tiers)
    return _what_if(row.id, found)


def _summary(seen: held.ProjectSeen) -> dict[str, Any]:
    version, rating = seen.version, seen.rating
    return {
        "id": seen.project.id, "portfolio_id": seen.project.portfolio_id, "key": seen.project.key, "name": version.name,
        "name_zh": version.name_zh, "type": version.type, "country": version.country, "stage": version.stage,
        "lead": rating.lead if rating else None, "rating_id": rating.id if rating else None, "number": version.number,
        "left_out_at": seen.project.left_out_at,
    }  # fmt: skip


def _what_if(rating_id: str, found: Supposed) -> WhatIfAnswer:
    from greensilk.facts import FactTable
    from greensilk.reports.fact_sheet import FactSheet
    from greensilk.reports.measures_view import measures_promise
    from greensilk.reports.verdict_view import VerdictSheet

    answer, names = found.answer, ("light", "basis", "conditional_light")
    facts: FactTable = answer.facts
    sheet = FactSheet(facts)
    standards = [
        StandardSupposed(
            standard=name,
            before=LightThen(**table.table.select(names).row(0, named=True)),
            after=LightThen(**answer.after[name].table.select(names).row(0, named=True)),
            would_change=measures_promise(VerdictSheet(table, sheet).would_change[0]),
        )
        for name, table in answer.before.items()
    ]
    tiers = {name: tier.name.lower() for name, tier in answer.supposed.items()}
    return WhatIfAnswer(
        rating_id=rating_id, on=answer.on, supposed=tiers, standards=standards, not_repeated=list(found.not_repeated)
    )
