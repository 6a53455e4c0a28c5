"""Screenings: a whole portfolio rated at once, as a job."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints

from greensilk.web.api.answers import Answer, Asked, Listed, Paged, errors, listed
from greensilk.web.api.jobs import FileAnswer, JobAnswer, Submitted
from greensilk.web.asking import Rater, Reader
from greensilk.web.platform import Served
from greensilk.workspace import queue, ratings

router = APIRouter(prefix="/api/v1", tags=["screenings"], responses=errors())
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class NewScreening(Asked):
    """How a portfolio is to be rated; what is left out is as in the Python call `greensilk.screen`."""

    upload_id: str | None = Field(default=None, max_length=40, description="An accepted upload; else the newest")
    standards: list[Name] | None = Field(
        default=None, min_length=1, max_length=200, examples=[["gdg_2020"]], description="Ids; else all"
    )
    on: dt.date | None = Field(default=None, description="The day whose law counts; else today")
    layers: list[Name] | None = Field(
        default=None, max_length=200, description="Ids of imported layers; else all that are installed, [] for none"
    )
    position_error_m: float | None = Field(
        default=None, gt=0, le=1e6, allow_inf_nan=False, examples=[500.0],
        description="Within which 95 % of positions lie, in metres: tells how firm the lights are",
    )  # fmt: skip


class ScreeningAnswer(Answer):
    """One rating of a portfolio. on: the day whose law counted; summary: as in results.json; run_id: of the same code,
    data and arguments, the same"""

    id: str
    portfolio_id: str
    upload_id: str
    job_id: str
    run_id: str
    on: dt.date = Field(validation_alias="on_date")
    standards: list[str]
    layers: list[Any]
    summary: dict[str, Any]
    created_at: dt.datetime


class ScreeningWithProvenance(ScreeningAnswer):
    """The same with everything it rests on: code, definitions, data, by version and sha256."""

    provenance: dict[str, Any]


class RatedProject(Answer):
    """One project in a screening. lead: the mark by the first standard of lights, GREEN_BY_TYPE where nobody looked at
    the site; key: its id in the file"""

    rating_id: str
    project_id: str
    key: str
    name: str
    name_zh: str | None
    type: str
    country: str | None
    lead: str
    position: int


@router.post(
    "/portfolios/{id}/screenings", status_code=202, summary="Rate a portfolio", responses=errors(404, 409, 422)
)
def start_screening(served: Served, who: Rater, id: str, asked: NewScreening, submitted: Submitted) -> JobAnswer:
    """Accepts the work and gives its job, at Location too: once answered, it will be done, whatever happens here."""
    arguments = {"portfolio_id": id, **asked.model_dump(mode="json")}
    with served.store.writing() as db:
        return submitted.accepted(queue.submit(db, who, "screen", arguments, submitted.key))


@router.get("/portfolios/{id}/screenings", summary="All screenings of a portfolio", responses=errors(404))
def screenings(served: Served, who: Reader, id: str) -> Listed[ScreeningAnswer]:
    """The newest first."""
    with served.store.reading() as db:
        return listed(ScreeningAnswer, ratings.screenings(db, who, id))


@router.get("/screenings/{id}", summary="One screening with what it rests on", responses=errors(404))
def screening(served: Served, who: Reader, id: str) -> ScreeningWithProvenance:
    """Counts by standard, and everything needed to repeat it."""
    with served.store.reading() as db:
        return ScreeningWithProvenance.model_validate(ratings.screening(db, who, id))


@router.get("/screenings/{id}/ratings", summary="The projects of a screening", responses=errors(404, 422))
def screening_ratings(
    served: Served,
    who: Reader,
    id: str,
    paged: Paged,
    lead: Annotated[str | None, Query(max_length=20, description="Of one mark alone", examples=["RED"])] = None,
) -> Listed[RatedProject]:
    """One row a project, in the order of the file."""
    with served.store.reading() as db:
        page = ratings.ratings(db, who, id, paged.after, paged.limit, lead)
        return Listed(items=[_rated(one) for one in page.items], next=page.next)


def _rated(one: ratings.Rated) -> RatedProject:
    version = one.version
    return RatedProject(
        rating_id=one.rating.id, project_id=one.project.id, key=one.project.key, name=version.name,
        name_zh=version.name_zh, type=version.type, country=version.country, lead=one.rating.lead,
        position=one.rating.position,
    )  # fmt: skip


@router.get("/screenings/{id}/files", summary="Reports and tables of a screening", responses=errors(404))
def screening_files(served: Served, who: Reader, id: str) -> Listed[FileAnswer]:
    """What may be downloaded: report, tables, results.json, provenance.json."""
    with served.store.reading() as db:
        return listed(FileAnswer, ratings.files(db, who, ratings.screening(db, who, id).job_id))
