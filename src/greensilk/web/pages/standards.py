"""Standards: what each asks, in words and with its clauses, how sure we are of it, and how it works out in cases."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, BeforeValidator

from greensilk.errors import NotFoundError
from greensilk.rules import standards
from greensilk.rules.coverage import Coverage, coverage, register
from greensilk.web.asking import Lang, Reader
from greensilk.web.pages.standards_in_words import shown
from greensilk.web.templating import page

router = APIRouter(include_in_schema=False)
KINDS = ("light", "category", "trigger", "checklist", "state_target")


class Asked(BaseModel):
    """What the page of a standard is asked for. on: the day whose rules are shown, None = today"""

    on: Annotated[dt.date | None, BeforeValidator(lambda value: value or None)] = None


@router.get("/standards")
def standards_page(request: Request, who: Reader) -> HTMLResponse:
    """Every standard by the kind of its outcome: only like kinds are compared."""
    kinds = [(kind, [one for one in coverage() if standards()[one.standard_id].outcome_kind == kind]) for kind in KINDS]
    return page(
        request, "standards.html.j2", kinds=kinds, defined=standards(), left_out=register().not_modelled.values()
    )


@router.get("/standards/{name}")
def standard_page(
    request: Request, who: Reader, lang: Lang, name: str, asked: Annotated[Asked, Query()]
) -> HTMLResponse:
    """One standard with every rule, as of a day."""
    if name not in standards():
        raise NotFoundError("web_standards.no_standard", id=name[:60], known=", ".join(standards()))
    today = dt.date.today()
    on = asked.on or today
    return page(
        request, "standard.html.j2", defined=standards()[name], found=shown(name, on, lang), on=on, today=today,
        covered=_covered(name),
    )  # fmt: skip


def _covered(name: str) -> Coverage:
    return next(one for one in coverage() if one.standard_id == name)
