"""Documents in hand on a project: kept as they are given, never opened here."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from pydantic import Field

from greensilk.web.api.answers import FILE_ANSWER, Answer, Listed, download, errors, listed
from greensilk.web.api.files_given import File, file_body
from greensilk.web.asking import Rater, Reader
from greensilk.web.platform import Served
from greensilk.workspace import documents as kept

router = APIRouter(prefix="/api/v1", tags=["documents"], responses=errors())


class DocumentAnswer(Answer):
    """A document in hand. kind: id in the list of documents, null = another"""

    id: str
    project_id: str
    name: str
    kind: str | None
    sha256: str = Field(validation_alias="file_sha256")
    bytes: int = Field(validation_alias="file_bytes")
    media_type: str
    created_at: dt.datetime


@router.get("/projects/{id}/documents", summary="Documents in hand", responses=errors(404))
def documents(served: Served, who: Reader, id: str) -> Listed[DocumentAnswer]:
    """What is kept on a project."""
    with served.store.reading() as db:
        return listed(DocumentAnswer, kept.documents(db, who, id))


@router.post(
    "/projects/{id}/documents", status_code=201, summary="Keep a document", responses=errors(404, 413, 422),
    openapi_extra=file_body("PDF, picture, office file or text", kind={"type": "string"}),
)  # fmt: skip
def add_document(served: Served, who: Rater, id: str, file: File, response: Response) -> DocumentAnswer:
    """The file is kept as it is, and never opened here."""
    given = kept.GivenDocument(
        file.name, file.fields.get("kind") or None, file.stream, served.settings.most_upload_bytes
    )
    found = DocumentAnswer.model_validate(kept.add_document(served.store, served.vault, who, id, given))
    response.headers["Location"] = f"/api/v1/documents/{found.id}"
    return found


@router.get(
    "/documents/{id}", summary="Download a document", response_class=FileResponse,
    responses={**errors(404), **FILE_ANSWER},
)  # fmt: skip
def document(served: Served, who: Reader, id: str) -> FileResponse:
    """The file as it was given."""
    with served.store.reading() as db:
        row = kept.document(db, who, id)
    return download(served.vault, row.file_sha256, row.name, row.media_type)


@router.delete("/documents/{id}", status_code=204, summary="Take a document away", responses=errors(404))
def remove_document(served: Served, who: Rater, id: str) -> None:
    """It is no longer shown; the audit says who took it away."""
    with served.store.writing() as db:
        kept.remove_document(db, who, id)
