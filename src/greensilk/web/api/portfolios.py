"""Portfolios: lists of projects that belong together."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from greensilk.web.api.answers import Answer, Asked, Listed, Seen, errors, listed, shown, with_version
from greensilk.web.asking import Rater, Reader
from greensilk.web.platform import Served
from greensilk.workspace import portfolios as held

router = APIRouter(prefix="/api/v1/portfolios", tags=["portfolios"], responses=errors())
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=held.NAME_CHARACTERS)]
About = Annotated[str, StringConstraints(max_length=held.ABOUT_CHARACTERS)]


class PortfolioAnswer(Answer):
    """A portfolio. archived_at: since when it is out of use, null while it is used"""

    id: str
    name: str
    about: str
    created_at: dt.datetime
    archived_at: dt.datetime | None
    version: int

    model_config = shown(
        id="4f0c1d2e3a4b5c6d7e8f90a1b2c3d4e5", name="Loans 2026", about="Energy and rail, all regions",
        created_at="2026-11-23T08:00:00Z", archived_at=None, version=3,
    )  # fmt: skip


class NewPortfolio(Asked):
    """A portfolio to be made."""

    name: Name = Field(examples=["Loans 2026"])
    about: About = Field(default="", examples=["Energy and rail, all regions"])


class PortfolioChange(Asked):
    """What is left out stays as it is."""

    name: Name | None = Field(default=None, examples=["Loans 2026, first half"])
    about: About | None = None
    archived: bool | None = Field(default=None, description="True puts it out of use; its results stay")


@router.get("", summary="All portfolios, those in use first")
def portfolios(served: Served, who: Reader) -> Listed[PortfolioAnswer]:
    """All portfolios of your organisation."""
    with served.store.reading() as db:
        return listed(PortfolioAnswer, held.portfolios(db, who))


@router.post("", status_code=201, summary="A new portfolio, empty", responses=errors(422))
def create_portfolio(served: Served, who: Rater, asked: NewPortfolio, response: Response) -> PortfolioAnswer:
    """Makes a portfolio; projects come with uploads."""
    with served.store.writing() as db:
        made = held.create_portfolio(db, who, asked.name, asked.about)
        found = PortfolioAnswer.model_validate(made)
    response.headers["Location"] = f"/api/v1/portfolios/{found.id}"
    with_version(response, found.version)
    return found


@router.get("/{id}", summary="One portfolio", responses=errors(404))
def portfolio(served: Served, who: Reader, id: str, response: Response) -> PortfolioAnswer:
    """One portfolio; its ETag is what a change of it must carry."""
    with served.store.reading() as db:
        found = PortfolioAnswer.model_validate(held.portfolio(db, who, id))
    with_version(response, found.version)
    return found


@router.patch("/{id}", summary="Another name or description; out of use, or back", responses=errors(404, 409, 422, 428))
def change_portfolio(
    served: Served, who: Rater, seen: Seen, asked: PortfolioChange, response: Response
) -> PortfolioAnswer:
    """Changes a portfolio that nobody else has changed since you saw it."""
    with served.store.writing() as db:
        changed = held.change_portfolio(db, who, seen.id, seen.version, **asked.model_dump(exclude_none=True))
        found = PortfolioAnswer.model_validate(changed)
    with_version(response, found.version)
    return found
