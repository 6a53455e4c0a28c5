"""One screening: how many of each mark, the projects worst first, files to download, what it rests on."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import Response

from greensilk.reports import labels, marks
from greensilk.rules import standards_at_hand
from greensilk.web.pages.jobs import files_of
from greensilk.web.visits import Visiting
from greensilk.workspace.overview import marks_of_screening, worst_first
from greensilk.workspace.people import names
from greensilk.workspace.portfolios import portfolio
from greensilk.workspace.ratings import screening

PAGE_ROWS = 50

router = APIRouter(prefix="/screenings", include_in_schema=False)


@router.get("/{screening_id}")
def screening_page(
    visit: Visiting, screening_id: str, mark: Annotated[str, Query()] = "", after: Annotated[str, Query()] = ""
) -> Response:
    """The page. mark: those projects alone; one that is none is as if it was not said"""
    mark = mark if mark in marks.COUNTED else ""
    with visit.served.store.reading() as db:
        known = screening(db, visit.who, screening_id)
        of = portfolio(db, visit.who, known.portfolio_id)
        counts = marks_of_screening(db, visit.who, screening_id)
        order = (mark,) if mark else marks.SEVERITY
        found = worst_first(db, visit.who, known, order, after or None, PAGE_ROWS)
        held, people = files_of(db, visit.who, known.job_id), names(db, visit.who)
    standards = [standards_at_hand().known.get(name) for name in known.standards]
    following = "?" + urlencode({"mark": mark, "after": found.next}) if found.next else None
    return visit.page(
        "screening.html.j2", screening=known, portfolio=of, counts=counts, found=found, files=held, people=people,
        standards=[one for one in standards if one], mark=mark, following=following, after=after,
        type_of=labels.project_type, country_of=labels.country,
    )  # fmt: skip
