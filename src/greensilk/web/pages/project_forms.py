"""What people do on the page of a project: measures supposed, documents kept, other lights proposed and signed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from greensilk.errors import ConflictError, NotAllowedError, NotFoundError, StoreError, UsageError
from greensilk.reports import marks
from greensilk.web.asking import Computing
from greensilk.web.errors import status_of
from greensilk.web.pages.measures_form import Pairs, measures_of, pairs_of
from greensilk.web.pages.projects import Which, drawn
from greensilk.web.supposing import Supposed, supposed
from greensilk.web.templating import onward
from greensilk.web.visits import Changing, Formed, Visit, Visiting
from greensilk.workspace import documents, overrides
from greensilk.workspace.one_project import one_project

router = APIRouter(include_in_schema=False)
Words = Annotated[str, Form()]


@router.post("/projects/{project_id}/what-if")
def what_if(visit: Visiting, project_id: str, form: Formed, turn: Computing) -> Response:
    """The lights as they are and as they would be with measures; nothing of it is kept."""
    which = Which(screening=str(form.get("screening", "")))
    pairs = pairs_of(form)
    try:
        told = _supposed(visit, project_id, which, pairs)
    except (UsageError, NotFoundError) as error:
        if error.key == "portfolios.not_found":
            raise
        return drawn(visit, project_id, which, 422, errors={"measure": visit.said(error)}, supposed_pairs=pairs)
    return drawn(visit, project_id, which, supposed=told, supposed_pairs=pairs)


def _supposed(visit: Visit, project_id: str, which: Which, pairs: Pairs) -> list[tuple[str, str, str, str | None]]:
    """(standard, mark before, mark after, light under a condition) by every standard whose verdict is found again."""
    measures = measures_of(pairs)
    with visit.served.store.reading() as db:
        of = one_project(db, visit.who, project_id).of_screening(which.screening)
        if of is None:
            raise UsageError("web_project.not_rated")
        found = supposed(db, visit.served.vault, visit.who, of.rating, measures)
    return lines_of(found)


def lines_of(found: Supposed) -> list[tuple[str, str, str, str | None]]:
    """What a supposition says, a line a standard."""
    told = []
    for name, table in found.answer.before.items():
        before = table.table.row(0, named=True)
        after = found.answer.after[name].table.row(0, named=True)
        was, would = (marks.mark(one["light"], one["basis"]) for one in (before, after))
        told.append((name, was, would, after["conditional_light"]))
    return told


@router.post("/projects/{project_id}/documents")
def add_document(visit: Changing, project_id: str, form: Formed) -> Response:
    """Keeps a document."""
    served, given = visit.served, form.get("file")
    try:
        if not isinstance(given, UploadFile) or not given.filename:
            raise UsageError("web_upload.no_file")
        kind = str(form.get("kind", "")) or None
        document = documents.GivenDocument(given.filename, kind, given.file, served.settings.most_upload_bytes)
        documents.add_document(served.store, served.vault, visit.who, project_id, document)
    except (UsageError, StoreError) as error:
        return drawn(visit, project_id, Which(), status_of(error), errors={"file": visit.said(error)})
    return onward(f"/projects/{project_id}#documents", "web_project.said_document")


@router.post("/documents/{document_id}/remove")
def remove_document(visit: Changing, document_id: str) -> Response:
    """Takes a document off its project."""
    with visit.served.store.writing() as db:
        gone = documents.remove_document(db, visit.who, document_id)
    return onward(f"/projects/{gone.project_id}#documents", "web_project.said_removed")


@router.post("/projects/{project_id}/overrides")
def propose(visit: Changing, project_id: str, verdict: Words = "", light: Words = "", reason: Words = "") -> Response:
    """Proposes another light."""
    try:
        with visit.served.store.writing() as db:
            overrides.propose(db, visit.who, verdict, light, reason)
    except (UsageError, ConflictError) as error:
        field = {"workspace.override_reason": "reason", "workspace.override_light": "light"}.get(error.key, "verdict")
        written = {"verdict": verdict, "light": light, "reason": reason}
        told = {field: visit.said(error)}
        return drawn(visit, project_id, Which(), status_of(error), errors=told, written=written)
    return onward(f"/projects/{project_id}#overrides", "web_project.said_proposed")


@router.post("/overrides/{override_id}/decision")
def decide(visit: Changing, override_id: str, form: Formed) -> Response:
    """Signs an override, or declines it."""
    version, project_id = str(form.get("version", "")), str(form.get("project", ""))
    number = int(version) if version.isdecimal() else 0
    sign, note = form.get("decision") == "sign", str(form.get("note", ""))
    try:
        with visit.served.store.writing() as db:
            done = overrides.decide(db, visit.who, override_id, number, sign=sign, note=note)
    except (ConflictError, NotAllowedError, UsageError) as error:
        told, written = {"decision": visit.said(error)}, {"override": override_id, "note": note}
        return drawn(visit, project_id, Which(), status_of(error), errors=told, written=written)
    return onward(f"/projects/{done.project_id}#overrides", f"web_project.said_{done.decision}")
