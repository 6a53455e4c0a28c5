"""One place rated at once, as `greensilk site` does; nothing of it is kept."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from greensilk.web.api.answers import Answer, Asked, errors
from greensilk.web.asking import Computing, Reader
from greensilk.web.platform import Served
from greensilk.web.site_rating import Place, rated_place

router = APIRouter(prefix="/api/v1", tags=["sites"], responses=errors())
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class SiteAsked(Asked):
    """A place and what is to be built there."""

    lon: float = Field(ge=-180, le=180, allow_inf_nan=False, examples=[102.6])
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False, examples=[17.97])
    type: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        examples=["solar_pv"], description="A project type by id, label or alias"
    )
    radius_km: float | None = Field(
        default=None, ge=0.001, le=100, allow_inf_nan=False, description="Of the site, in km"
    )
    on: dt.date | None = Field(default=None, description="The day whose law counts; else today")
    standards: list[Name] | None = Field(default=None, min_length=1, max_length=200, examples=[["gdg_2020"]])
    layers: list[Name] | None = Field(default=None, max_length=200, description="Else all that are installed")


class SiteAnswer(Answer):
    """project: as in results.json, with traces; facts: as in facts.parquet, one an entry"""

    on: dt.date
    project: dict[str, Any]
    facts: list[dict[str, Any]]


@router.post("/sites", summary="Rate one place", responses=errors(409, 422))
def rate_site(served: Served, who: Reader, asked: SiteAsked, turn: Computing) -> SiteAnswer:
    """Measures and judges at once; nothing is kept, and nothing leaves this server."""
    from greensilk.reports.project_view import Reading
    from greensilk.reports.results import results

    dossier = rated_place(served, who, Place(**asked.model_dump()))
    told = results(Reading(dossier))
    return SiteAnswer(on=dossier.on, project=told["projects"][0], facts=dossier.facts.long().to_dicts())
