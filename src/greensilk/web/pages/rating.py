"""A rating of a portfolio asked for: by which standards, for which day, with which layers."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from pydantic import BaseModel

from greensilk.catalogue.layers import installed_layers
from greensilk.errors import ConflictError, GreensilkError, UsageError
from greensilk.reports import labels
from greensilk.rules import standards_at_hand
from greensilk.web.errors import status_of
from greensilk.web.templating import onward
from greensilk.web.visits import Changing, Visit
from greensilk.workspace.portfolios import portfolio
from greensilk.workspace.queue import submit

KEY_CHARACTERS = 64
FIELDS = {"web_portfolio.bad_error_m": "position_error_m", "web_portfolio.no_standard": "standards"}

router = APIRouter(prefix="/portfolios/{portfolio_id}/rate", include_in_schema=False)


class RatingForm(BaseModel):
    """What a rating is asked for with. on: empty = today; key: the form sent twice is one rating"""

    on: str = ""
    standards: list[str] = []
    layers: list[str] = []
    every_layer: str = ""
    position_error_m: str = ""
    key: str = ""

    def arguments(self, portfolio_id: str) -> dict[str, object]:
        """The same as a job takes it.

        raises: UsageError for what is no number, and where no standard is chosen
        """
        try:
            error_m = float(self.position_error_m) if self.position_error_m.strip() else None
        except ValueError as error:
            raise UsageError("web_portfolio.bad_error_m") from error
        if not self.standards:
            raise UsageError("web_portfolio.no_standard")
        return {
            "portfolio_id": portfolio_id,
            "on": self.on or None,
            "standards": self.standards,
            "layers": None if self.every_layer else self.layers,
            "position_error_m": error_m,
        }


@router.get("")
def rating_form(visit: Changing, portfolio_id: str) -> Response:
    """The form, filled in with what most people want: everything, today."""
    every = [name for name, _ in standards()]
    return _page(visit, portfolio_id, RatingForm(standards=every, every_layer="yes", key=secrets.token_hex(16)))


@router.post("")
def rate(visit: Changing, portfolio_id: str, asked: Annotated[RatingForm, Form()]) -> Response:
    """A rating of the newest accepted file, as a job."""
    try:
        with visit.served.store.writing() as db:
            portfolio(db, visit.who, portfolio_id)
            key = asked.key[:KEY_CHARACTERS] or None
            made = submit(db, visit.who, "screen", asked.arguments(portfolio_id), key)
    except (UsageError, ConflictError) as error:
        return _page(visit, portfolio_id, asked, status_of(error), errors={_field_of(error): visit.said(error)})
    return onward(f"/jobs/{made.id}")


def _field_of(error: GreensilkError) -> str:
    if error.key in FIELDS:
        return FIELDS[error.key]
    named = str(error.values.get("field", "")).partition(".")[0]
    return named if named in ("on", "standards", "layers", "position_error_m") else "rate"


def _page(visit: Visit, portfolio_id: str, asked: RatingForm, status: int = 200, **values: object) -> Response:
    with visit.served.store.reading() as db:
        known = portfolio(db, visit.who, portfolio_id)
    return visit.page(
        "rate.html.j2", status, portfolio=known, asked=asked, standards=standards(), layers=layers(),
        today=dt.datetime.now(dt.UTC).date().isoformat(), **{"errors": {}} | values,
    )  # fmt: skip


def standards() -> list[tuple[str, object]]:
    """All standards as (id, label)."""
    return [(one.id, one.label) for one in standards_at_hand().chosen(None)]


def layers() -> list[tuple[str, object]]:
    """All layers that are installed, as (id, label)."""
    return [(name, labels.layer(name)) for name in sorted(installed_layers())]
