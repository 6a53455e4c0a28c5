"""The start page: for a visitor what this is, for whoever is signed in what there is to do."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from greensilk.web.asking import Anybody
from greensilk.web.platform import Served
from greensilk.web.templating import page
from greensilk.workspace.actor import Actor
from greensilk.workspace.overrides import overrides
from greensilk.workspace.overview import marks_by_portfolio
from greensilk.workspace.portfolios import portfolios
from greensilk.workspace.projects import project
from greensilk.workspace.queue import jobs

MOST_JOBS, MOST_PORTFOLIOS, MOST_OVERRIDES = 5, 12, 10

router = APIRouter(include_in_schema=False)


@router.get("/")
def start(request: Request, who: Anybody, served: Served) -> Response:
    """What there is, and what comes next."""
    if who is None:
        return page(request, "welcome.html.j2", demo=served.settings.demo)
    with served.store.reading() as db:
        return page(request, "start.html.j2", **_at_hand(db, who))


def _at_hand(db: Session, who: Actor) -> dict[str, Any]:
    held = [one for one in portfolios(db, who) if one.archived_at is None]
    recent = jobs(db, who, limit=MOST_JOBS).items
    waiting = overrides(db, who, open_only=True)[:MOST_OVERRIDES]
    return {
        "portfolios": held[:MOST_PORTFOLIOS],
        "more": len(held) - MOST_PORTFOLIOS,
        "marks": marks_by_portfolio(db, who),
        "jobs": recent,
        "overrides": [(one, project(db, who, one.project_id).version) for one in waiting],
    }
