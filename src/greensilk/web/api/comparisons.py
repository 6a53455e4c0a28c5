"""Routes of one project compared, as a job."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from greensilk.errors import UsageError
from greensilk.web.api.answers import Answer, Listed, errors, listed
from greensilk.web.api.files_given import File, file_body
from greensilk.web.api.jobs import FileAnswer, JobAnswer, Submitted
from greensilk.web.asking import Rater, Reader
from greensilk.web.platform import Served
from greensilk.workspace import comparisons as held
from greensilk.workspace import queue, ratings
from greensilk.workspace.file_names import clean_file_name

router = APIRouter(prefix="/api/v1/routes/comparisons", tags=["routes"], responses=errors())
OPTION_CHARACTERS = 200_000  # weights and unit costs together
FIELDS: dict[str, dict[str, Any]] = {
    "name": {"type": "string", "maxLength": 255, "description": "Of the comparison; else that of the file"},
    "options": {
        "type": "string",
        "description": 'JSON: {"layers": [ids], "width_m": number, "weights": {...}, "unit_costs": {...}}, none needed',
    },
}


class ComparisonSummary(Answer):
    """Routes side by side. summary: how many, which stand first"""

    id: str
    job_id: str
    name: str
    summary: dict[str, Any]
    created_at: dt.datetime


class ComparisonAnswer(ComparisonSummary):
    """routes: one object a route with rank, interval, standing and criteria; result: as in the file of results"""

    routes: list[Any] = Field(validation_alias="table")
    result: dict[str, Any] = Field(default_factory=dict)


@router.post(
    "", status_code=202, summary="Compare routes", responses=errors(413, 422, 409),
    openapi_extra=file_body("GeoJSON of alternatives, one line each", **FIELDS),
)  # fmt: skip
def compare_routes(served: Served, who: Rater, file: File, submitted: Submitted) -> JobAnswer:
    """Keeps the file and accepts the work; the answer is its job, at Location too."""
    options, file_name = _options(file.fields.get("options", "")), clean_file_name(file.name)
    sha256, _ = served.vault.keep(file.stream, served.settings.most_upload_bytes)
    name = file.fields.get("name") or file_name
    arguments = {"name": name, "file_sha256": sha256, "file_name": file_name, "options": options}
    with served.store.writing() as db:
        return submitted.accepted(queue.submit(db, who, "compare_routes", arguments, submitted.key))


def _options(given: str) -> dict[str, Any]:
    if not given:
        return {}
    try:
        found = json.loads(given) if len(given) <= OPTION_CHARACTERS else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError("web_api.bad_options", most=OPTION_CHARACTERS)
    return found


@router.get("", summary="All comparisons, the newest first")
def comparisons(served: Served, who: Reader) -> Listed[ComparisonSummary]:
    """Of your organisation."""
    with served.store.reading() as db:
        return listed(ComparisonSummary, held.comparisons(db, who))


@router.get("/{id}", summary="One comparison", responses=errors(404))
def comparison(served: Served, who: Reader, id: str) -> ComparisonAnswer:
    """Every route by every criterion; a rank never without its interval."""
    with served.store.reading() as db:
        row = held.comparison(db, who, id)
    found = ComparisonAnswer.model_validate(row)
    told = json.loads(gzip.decompress(ratings.part(served.vault, row, row, "result")))
    return found.model_copy(update={"result": told})


@router.get("/{id}/files", summary="Its report and tables", responses=errors(404))
def comparison_files(served: Served, who: Reader, id: str) -> Listed[FileAnswer]:
    """What may be downloaded."""
    with served.store.reading() as db:
        return listed(FileAnswer, ratings.files(db, who, held.comparison(db, who, id).job_id))
