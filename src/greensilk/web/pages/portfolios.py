"""Portfolios: the list, one with its projects, files and screenings."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from pydantic import BaseModel

from greensilk.errors import ConflictError, UsageError
from greensilk.project_types import project_types
from greensilk.reports import labels, marks
from greensilk.store.columns import Page
from greensilk.web.pages.jobs import under_way
from greensilk.web.templating import onward
from greensilk.web.visits import Changing, Visit, Visiting
from greensilk.workspace.overview import marks_by_portfolio
from greensilk.workspace.portfolios import change_portfolio, create_portfolio, portfolio, portfolios
from greensilk.workspace.projects import ProjectSeen, Wanted, projects
from greensilk.workspace.ratings import screenings
from greensilk.workspace.uploads import uploads

PAGE_ROWS = 50
NOT_RATED = "-"  # in addresses, where an empty mark would say "all"

router = APIRouter(prefix="/portfolios", include_in_schema=False)


class PortfolioForm(BaseModel):
    """What is said of a portfolio. archived: what the button that sends the form wants, "" = no change"""

    name: str = ""
    about: str = ""
    version: int = 0
    archived: str = ""


class Filter(BaseModel):
    """Which projects of a portfolio are shown, as the address says."""

    mark: str = ""
    type: str = ""
    country: str = ""
    find: str = ""
    by: str = "worst"
    after: str = ""

    def wanted(self, portfolio_id: str) -> Wanted:
        """The same as a question."""
        said = {
            name: value.replace("\0", "") or None for name, value in self.model_dump().items()
        }  # no database takes it
        return Wanted(
            portfolio_id=portfolio_id, lead="" if self.mark == NOT_RATED else said["mark"], type=said["type"],
            country=said["country"], text=said["find"],
            order=marks.SEVERITY if self.by == "worst" else (), after=said["after"], limit=PAGE_ROWS,
        )  # fmt: skip

    def address(self, **changes: str) -> str:
        """The query of an address that shows something else."""
        said = {name: value for name, value in (self.model_dump() | {"after": ""} | changes).items() if value}
        return "?" + urlencode(said)

    @property
    def narrows(self) -> bool:
        """Whether it leaves some projects out."""
        return bool(self.mark or self.type or self.country or self.find)


@router.get("")
def portfolios_page(visit: Visiting) -> Response:
    """All portfolios, and the form for a new one."""
    return _all(visit)


@router.post("")
def create(visit: Changing, asked: Annotated[PortfolioForm, Form()]) -> Response:
    """A new portfolio; on to its first file."""
    try:
        with visit.served.store.writing() as db:
            made = create_portfolio(db, visit.who, asked.name, asked.about)
    except UsageError as error:
        return _all(visit, 422, errors=_at_field(visit, error), asked=asked)
    return onward(f"/portfolios/{made.id}/upload", "web_portfolio.said_created")


def _at_field(visit: Visit, error: UsageError) -> dict[str, str]:
    return {"about" if error.key == "portfolios.bad_about" else "name": visit.said(error)}


def _all(visit: Visit, status: int = 200, **values: object) -> Response:
    with visit.served.store.reading() as db:
        held, counted = portfolios(db, visit.who), marks_by_portfolio(db, visit.who)
    shown = {"errors": {}, "asked": PortfolioForm()} | values
    return visit.page("portfolios.html.j2", status, portfolios=held, marks=counted, **shown)


@router.get("/{portfolio_id}")
def portfolio_page(visit: Visiting, portfolio_id: str, shown: Annotated[Filter, Query()]) -> Response:
    """One portfolio: its projects, its files, its screenings."""
    return _one(visit, portfolio_id, shown)


def _one(visit: Visit, portfolio_id: str, shown: Filter, status: int = 200, **values: object) -> Response:
    who = visit.who
    with visit.served.store.reading() as db:
        known = portfolio(db, who, portfolio_id)
        counted = marks_by_portfolio(db, who, known.id).get(known.id, {})
        nothing: Page[ProjectSeen] = Page([], None)
        found = projects(db, who, shown.wanted(known.id)) if counted else nothing
        held = {
            "uploads": uploads(db, who, known.id),
            "screenings": screenings(db, who, known.id),
            "running": [job for job in under_way(db, who, "screen") if job.arguments.get("portfolio_id") == known.id],
        }
    given = {"errors": {}, "asked": PortfolioForm(name=known.name, about=known.about)} | values
    return visit.page(
        "portfolio.html.j2", status, portfolio=known, counts=counted, found=found, shown=shown,
        type_of=labels.project_type, country_of=labels.country, types=project_types(), not_rated=NOT_RATED,
        **held, **given,
    )  # fmt: skip


@router.post("/{portfolio_id}")
def change(visit: Changing, portfolio_id: str, asked: Annotated[PortfolioForm, Form()]) -> Response:
    """Another name or description; put away, or taken up again."""
    try:
        with visit.served.store.writing() as db:
            if asked.archived:
                away = asked.archived == "archived"
                change_portfolio(db, visit.who, portfolio_id, asked.version, archived=away)
            else:
                change_portfolio(db, visit.who, portfolio_id, asked.version, name=asked.name, about=asked.about)
    except UsageError as error:
        return _one(visit, portfolio_id, Filter(), 422, errors=_at_field(visit, error), asked=asked)
    except ConflictError as error:
        return _one(visit, portfolio_id, Filter(), 409, errors={"settings": visit.said(error)}, asked=asked)
    return onward(f"/portfolios/{portfolio_id}", "web_portfolio.said_changed")
