"""Lights that people put in place of a verdict's: proposed by one, signed by another."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints

from greensilk.web.api.answers import Answer, Asked, Listed, Seen, errors, listed, with_version
from greensilk.web.asking import Rater, Reader
from greensilk.web.platform import Served
from greensilk.workspace import overrides as put

router = APIRouter(prefix="/api/v1", tags=["overrides"], responses=errors())
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=put.LEAST_REASON, max_length=4_000)]


class OverrideAnswer(Answer):
    """A light put in place of a verdict's. It counts once another person has signed it; decision: signed, declined or
    null while it is open"""

    id: str
    verdict_id: str
    project_id: str
    light: str
    reason: str
    proposed_by: str
    created_at: dt.datetime
    decision: str | None
    decided_by: str | None
    decided_at: dt.datetime | None
    note: str
    version: int


class NewOverride(Asked):
    """Another light, and why."""

    light: Literal["GREEN", "YELLOW", "RED"] = Field(examples=["YELLOW"])
    reason: Reason = Field(examples=["The route was moved out of the reserve on 3 November; see document 12"])


class Decision(Asked):
    """What the second person says."""

    sign: bool = Field(examples=[True])
    note: Annotated[str, StringConstraints(max_length=4_000)] = ""


@router.post(
    "/verdicts/{id}/overrides", status_code=201, summary="Propose another light", responses=errors(404, 409, 422)
)
def propose_override(served: Served, who: Rater, id: str, asked: NewOverride, response: Response) -> OverrideAnswer:
    """Counts once another person, who may approve, has signed it; the verdict itself stays as it is."""
    with served.store.writing() as db:
        return _seen(put.propose(db, who, id, asked.light, asked.reason), response)


@router.get("/overrides", summary="Lights put in place of verdicts", responses=errors(404))
def overrides(
    served: Served,
    who: Reader,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
    open_only: Annotated[bool, Query(description="Those that nobody has signed or declined")] = False,
) -> Listed[OverrideAnswer]:
    """The newest first."""
    with served.store.reading() as db:
        return listed(OverrideAnswer, put.overrides(db, who, project_id, open_only))


@router.post("/overrides/{id}/decision", summary="Sign or decline", responses=errors(404, 409, 422, 428))
def decide_override(served: Served, who: Rater, seen: Seen, asked: Decision, response: Response) -> OverrideAnswer:
    """Signed by somebody else than who proposed it, and who may approve; who proposed it may take it back."""
    with served.store.writing() as db:
        return _seen(put.decide(db, who, seen.id, seen.version, sign=asked.sign, note=asked.note), response)


def _seen(row: object, response: Response) -> OverrideAnswer:
    found = OverrideAnswer.model_validate(row)
    with_version(response, found.version)
    return found
