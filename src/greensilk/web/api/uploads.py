"""Uploads: a file given for a portfolio, read, mended in place, accepted."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from greensilk.web.api.answers import Answer, Asked, Listed, Seen, Words, errors, listed, with_version
from greensilk.web.api.files_given import File, file_body
from greensilk.web.asking import Rater, Reader, Reading
from greensilk.web.platform import Served
from greensilk.workspace import uploads as held

router = APIRouter(prefix="/api/v1", tags=["uploads"], responses=errors())
MOST_FIXED_ROWS = 5_000  # of one change; what needs more is mended in the file
Field_ = Annotated[str, StringConstraints(max_length=100)]
Column = Annotated[str, StringConstraints(max_length=500)]
Cell = Annotated[str, StringConstraints(max_length=4_000)]
Row = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}$")]


class CodedWords(Words):
    """An error as it was told: a code for programs, words for people."""

    code: str


class UploadSummary(Answer):
    """An upload. state: reading, ready, broken, accepted or discarded; error: why it is broken"""

    id: str
    portfolio_id: str
    file_name: str
    file_sha256: str
    file_bytes: int
    state: str
    error: CodedWords | None
    created_at: dt.datetime
    accepted_at: dt.datetime | None
    version: int


class UploadAnswer(UploadSummary):
    """The same with what reading found. preview: columns and the fields they are taken for, how many rows were read,
    taken and rejected, the first rows, rejected rows with reason and cells, notes"""

    mapping: dict[str, Any]
    fixes: dict[str, Any]
    preview: dict[str, Any]


class MappingAsked(Asked):
    """Which column holds which field: field -> column."""

    columns: dict[Field_, Column] = Field(max_length=100, examples=[{"name": "Project", "type": "Sector"}])


class UploadChange(Asked):
    """What is left out stays as it is; the file is read again."""

    mapping: MappingAsked | None = None
    fixes: dict[Row, dict[Field_, Cell]] | None = Field(
        default=None, max_length=MOST_FIXED_ROWS, examples=[{"7": {"type": "hydropower"}}],
        description="Row of the file -> field -> what stands in place of the cell",
    )  # fmt: skip


@router.post(
    "/portfolios/{id}/uploads", status_code=201, summary="Upload a file", responses=errors(404, 409, 413, 422),
    openapi_extra=file_body("GeoJSON, GeoPackage, zipped Shapefile, GeoParquet, KML, CSV, TSV or XLSX"),
)  # fmt: skip
def upload_file(  # noqa: PLR0913, PLR0917 - what the framework hands over, each by its name
    served: Served, who: Rater, id: str, file: File, response: Response, turn: Reading
) -> UploadAnswer:
    """Keeps a file for a portfolio and reads it, within limits of time and memory; its rows are not projects yet."""
    row = held.receive(served.store, served.vault, who, id, file.name, file.stream, served.settings.most_upload_bytes)
    response.headers["Location"] = f"/api/v1/uploads/{row.id}"
    return _seen(row, response)


@router.get("/portfolios/{id}/uploads", summary="All uploads of a portfolio, the newest first", responses=errors(404))
def uploads(served: Served, who: Reader, id: str) -> Listed[UploadSummary]:
    """What was uploaded, accepted or not."""
    with served.store.reading() as db:
        return listed(UploadSummary, held.uploads(db, who, id))


@router.get("/uploads/{id}", summary="One upload with its preview", responses=errors(404))
def upload(served: Served, who: Reader, id: str, response: Response) -> UploadAnswer:
    """What reading the file found."""
    with served.store.reading() as db:
        return _seen(held.upload(db, who, id), response)


@router.patch("/uploads/{id}", summary="Map columns, mend cells", responses=errors(404, 409, 422, 428))
def change_upload(  # noqa: PLR0913, PLR0917 - what the framework hands over, each by its name
    served: Served, who: Rater, seen: Seen, asked: UploadChange, response: Response, turn: Reading
) -> UploadAnswer:
    """Reads the file again with another mapping or with cells put right; the file itself stays as it was given."""
    mapping = None if asked.mapping is None else asked.mapping.model_dump()
    row = held.change_upload(served.store, served.vault, who, seen.id, seen.version, mapping=mapping, fixes=asked.fixes)
    return _seen(row, response)


@router.post("/uploads/{id}/accept", summary="Make the rows projects", responses=errors(404, 409, 422, 428))
def accept_upload(served: Served, who: Rater, seen: Seen, response: Response, turn: Reading) -> UploadAnswer:
    """Every row taken becomes a project, or a new version of one; rejected rows stay out."""
    return _seen(held.accept(served.store, served.vault, who, seen.id, seen.version), response)


@router.post("/uploads/{id}/discard", summary="Put an upload aside", responses=errors(404, 409, 428))
def discard_upload(served: Served, who: Rater, seen: Seen, response: Response) -> UploadAnswer:
    """Its rows will not become projects; the file stays for the record."""
    with served.store.writing() as db:
        return _seen(held.discard(db, who, seen.id, seen.version), response)


@router.get(
    "/uploads/{id}/rejects.csv", summary="Rejected rows to mend elsewhere", response_class=Response,
    responses={**errors(404), 200: {"description": "A table", "content": {"text/csv": {"schema": {"type": "string"}}}}},
)  # fmt: skip
def rejects_csv(served: Served, who: Reader, id: str, turn: Reading) -> Response:
    """Every rejected row with its cells, the reason and what helps."""
    from greensilk.reports.tables import csv_bytes

    content = csv_bytes(held.rejects(served.store, served.vault, who, id))
    headers = {"Content-Disposition": 'attachment; filename="rejects.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _seen(row: object, response: Response) -> UploadAnswer:
    found = UploadAnswer.model_validate(row)
    with_version(response, found.version)
    return found
