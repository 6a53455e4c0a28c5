"""What jobs are asked to do, checked when they are accepted rather than hours later."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from greensilk.errors import ConflictError, UsageError
from greensilk.records import Record
from greensilk.store.holdings import Portfolio, Upload
from greensilk.workspace.actor import Actor
from greensilk.workspace.finding import found

Name = Annotated[str, Field(min_length=1, max_length=100)]
Names = Annotated[list[Name], Field(min_length=1, max_length=200)]
Positive = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
SHA256 = r"^[0-9a-f]{64}$"
WIDEST_M = 5_000.0


class ScreenArguments(Record):
    """A rating of a portfolio. upload_id: accepted, None = the newest accepted; standards, layers: ids, None = all; on:
    the day whose law counts, None = today; position_error_m: as appraise takes it"""

    portfolio_id: str
    upload_id: str | None = None
    standards: Names | None = None
    on: dt.date | None = None
    layers: Annotated[list[Name], Field(max_length=200)] | None = None
    position_error_m: Positive | None = None


class RouteOptionsAsked(Record):
    """As appraisal's RouteOptions; weights, unit_costs: the content of its files."""

    layers: Annotated[list[Name], Field(max_length=200)] | None = None
    width_m: Annotated[float, Field(gt=0, le=WIDEST_M, allow_inf_nan=False)] | None = None
    weights: dict[str, Any] | None = None
    unit_costs: dict[str, Any] | None = None


class RouteArguments(Record):
    """A comparison of routes. file_sha256: GeoJSON of alternatives, in the vault"""

    name: str = Field(min_length=1, max_length=255)
    file_sha256: str = Field(pattern=SHA256)
    file_name: str = Field(min_length=1, max_length=255)
    options: RouteOptionsAsked = RouteOptionsAsked()


def read_arguments(kind: str, given: dict[str, Any]) -> ScreenArguments | RouteArguments:
    """Arguments of one kind of job.

    raises: UsageError for what cannot be
    """
    if kind not in KINDS:
        raise UsageError("jobs.unknown_kind", kind=kind[:40])
    return _read(KINDS[kind], given)


def completed(db: Session, who: Actor, asked: ScreenArguments | RouteArguments) -> dict[str, Any]:
    """The same as they are kept with the job, nothing left open, and everything that they name is there.

    raises: UsageError for an unknown standard or layer; NotFoundError for a portfolio or upload that is not there;
    ConflictError for a portfolio that has no accepted file
    """
    if isinstance(asked, ScreenArguments):
        return _screening(db, who, asked)
    _require_layers(asked.options.layers)
    return asked.model_dump(mode="json")


def alike(asked: ScreenArguments | RouteArguments, kept: dict[str, Any]) -> bool:
    """Whether the arguments of a job are what is asked for now."""
    said = asked.model_dump(mode="json")
    if isinstance(asked, ScreenArguments) and asked.upload_id is None:
        said["upload_id"] = kept.get("upload_id")
    return said == kept


KINDS: dict[str, type[ScreenArguments] | type[RouteArguments]] = {
    "screen": ScreenArguments,
    "compare_routes": RouteArguments,
}
R = TypeVar("R", bound=Record)


def _read(record: type[R], given: dict[str, Any]) -> R:
    try:
        return record.model_validate_json(json.dumps(given))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UsageError("jobs.bad_argument", field=field[:80] or "-", why=str(first["msg"])[:200]) from error


def _screening(db: Session, who: Actor, asked: ScreenArguments) -> dict[str, Any]:
    from greensilk.rules import standards_at_hand

    standards_at_hand().chosen(asked.standards)
    _require_layers(asked.layers)
    portfolio = found(db, who, Portfolio, asked.portfolio_id)
    upload = _accepted(db, who, portfolio, asked.upload_id)
    return asked.model_dump(mode="json") | {"upload_id": upload.id}


def _accepted(db: Session, who: Actor, portfolio: Portfolio, upload_id: str | None) -> Upload:
    if upload_id is not None:
        upload: Upload | None = found(db, who, Upload, upload_id)
    else:
        asked = select(Upload).where(Upload.portfolio_id == portfolio.id, Upload.state == "accepted")
        upload = db.scalars(asked.order_by(Upload.accepted_at.desc(), Upload.id).limit(1)).first()
    if upload is None or upload.state != "accepted" or upload.portfolio_id != portfolio.id:
        raise ConflictError("jobs.nothing_accepted", name=portfolio.name)
    return upload


def _require_layers(asked: list[str] | None) -> None:
    from greensilk.catalogue.layers import installed_layers
    from greensilk.catalogue.shelves import RASTERS

    known = {*installed_layers(), *RASTERS.ids()} if asked else set()
    for name in asked or []:
        if name not in known:
            raise UsageError("jobs.no_layer", name=name[:80], known=", ".join(sorted(known)[:20]) or "–")
