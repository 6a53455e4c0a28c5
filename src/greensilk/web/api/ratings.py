"""Ratings of projects: verdicts with their traces."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from typing import Any

from fastapi import APIRouter

from greensilk.store.work import Rating
from greensilk.web.api.answers import Answer, errors, shown
from greensilk.web.asking import Reader
from greensilk.web.platform import Served
from greensilk.workspace import ratings

router = APIRouter(prefix="/api/v1", tags=["ratings"], responses=errors())


class VerdictAnswer(Answer):
    """What one standard said of one project. kind: light, or category for a level of the standard's own; counted: as
    counts use it; best, worst: what is still possible; confirmed: whether all that decided it is"""

    id: str
    rating_id: str
    project_id: str
    standard: str
    kind: str
    value: str
    counted: str
    basis: str | None
    best: str | None
    worst: str | None
    confirmed: bool
    flags: list[str]

    model_config = shown(
        id="9d8c7b6a5f4e3d2c1b0a998877665544", rating_id="11223344556677889900aabbccddeeff",
        project_id="ffeeddccbbaa00998877665544332211", standard="gdg_2020", kind="light", value="GREEN",
        counted="GREEN_BY_TYPE", basis="type_only", best="GREEN", worst="RED", confirmed=False, flags=[],
    )  # fmt: skip


class RatingAnswer(Answer):
    """One project in one screening. result: as in results.json, with trace, open questions and lists"""

    id: str
    screening_id: str
    project_id: str
    lead: str
    created_at: dt.datetime
    verdicts: list[VerdictAnswer]
    result: dict[str, Any]


@router.get("/ratings/{id}", summary="The rating of one project with its trace", responses=errors(404))
def rating(served: Served, who: Reader, id: str) -> RatingAnswer:
    """Verdicts of all standards, why, and what is open."""
    with served.store.reading() as db:
        row = ratings.rating(db, who, id)
        within, said = ratings.screening(db, who, row.screening_id), ratings.verdicts(db, who, id)
    result = json.loads(gzip.decompress(ratings.part(served.vault, row, within, "result")))
    return _rating(row, [VerdictAnswer.model_validate(one) for one in said], result)


def _rating(row: Rating, verdicts: list[VerdictAnswer], result: dict[str, Any]) -> RatingAnswer:
    return RatingAnswer(
        id=row.id, screening_id=row.screening_id, project_id=row.project_id, lead=row.lead, created_at=row.created_at,
        verdicts=verdicts, result=result,
    )  # fmt: skip


@router.get("/verdicts/{id}", summary="One verdict", responses=errors(404))
def verdict(served: Served, who: Reader, id: str) -> VerdictAnswer:
    """What one standard said of one project."""
    with served.store.reading() as db:
        return VerdictAnswer.model_validate(ratings.verdict(db, who, id))
