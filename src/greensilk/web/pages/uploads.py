"""A file on its way into a portfolio: given, its columns matched, its rejected rows mended in place, accepted."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from greensilk.catalogue.fields import portfolio_fields
from greensilk.errors import ConflictError, GreensilkError, StoreError, UsageError
from greensilk.project_types import project_types
from greensilk.reports import labels
from greensilk.store.holdings import Upload
from greensilk.web.asking import Reading
from greensilk.web.errors import status_of
from greensilk.web.pages.upload_forms import MOST_MENDED, fixes_of, mapping_of, mended
from greensilk.web.templating import onward
from greensilk.web.visits import Changing, Formed, Visit, Visiting
from greensilk.workspace import uploads
from greensilk.workspace.portfolios import portfolio

router = APIRouter(include_in_schema=False)
Version = Annotated[int, Form()]


@router.get("/portfolios/{portfolio_id}/upload")
def upload_form(visit: Changing, portfolio_id: str) -> Response:
    """What a file needs, and the form that takes one."""
    return _form(visit, portfolio_id)


@router.post("/portfolios/{portfolio_id}/upload")
def take_file(visit: Changing, portfolio_id: str, form: Formed, turn: Reading) -> Response:
    """Keeps a file, reads it; on to what was found in it."""
    served, given = visit.served, form.get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        return _form(visit, portfolio_id, 422, errors={"file": visit.said(UsageError("web_upload.no_file"))})
    try:
        made = uploads.receive(
            served.store,
            served.vault,
            visit.who,
            portfolio_id,
            given.filename,
            given.file,
            served.settings.most_upload_bytes,
        )
    except (StoreError, ConflictError, UsageError) as error:
        return _form(visit, portfolio_id, status_of(error), errors={"file": visit.said(error)})
    return onward(f"/uploads/{made.id}")


def _form(visit: Visit, portfolio_id: str, status: int = 200, **values: object) -> Response:
    with visit.served.store.reading() as db:
        known = portfolio(db, visit.who, portfolio_id)
    most = visit.served.settings.most_upload_mb
    return visit.page("upload_form.html.j2", status, portfolio=known, most=most, **{"errors": {}} | values)


@router.get("/uploads/{upload_id}")
def upload_page(visit: Visiting, upload_id: str) -> Response:
    """What was found in a file, and what can be done about it."""
    return _page(visit, upload_id)


@router.post("/uploads/{upload_id}/mapping")
def read_otherwise(visit: Changing, upload_id: str, form: Formed, turn: Reading) -> Response:
    """Reads the file again with its columns matched as the form says."""
    try:
        seen = _seen(visit, upload_id)
        said = mapping_of(seen, form)
        _changed(visit, seen, form.get("version"), mapping=said)
    except (UsageError, ConflictError) as error:
        return _page(visit, upload_id, status_of(error), errors={"mapping": visit.said(error)}, written=form)
    return onward(f"/uploads/{upload_id}", "web_upload.said_read_again")


@router.post("/uploads/{upload_id}/fixes")
def mend_rows(visit: Changing, upload_id: str, form: Formed, turn: Reading) -> Response:
    """Reads the file again with the cells that somebody wrote anew."""
    try:
        seen = _seen(visit, upload_id)
        _changed(visit, seen, form.get("version"), fixes=fixes_of(seen, form))
    except (UsageError, ConflictError) as error:
        return _page(visit, upload_id, status_of(error), errors={"fixes": visit.said(error)}, written=form)
    return onward(f"/uploads/{upload_id}#rejected", "web_upload.said_read_again")


def _seen(visit: Visit, upload_id: str) -> Upload:
    with visit.served.store.reading() as db:
        return uploads.upload(db, visit.who, upload_id)


def _changed(visit: Visit, seen: Upload, version: object, **changes: Any) -> None:
    number = int(version) if isinstance(version, str) and version.isdecimal() else 0
    uploads.change_upload(visit.served.store, visit.served.vault, visit.who, seen.id, number, **changes)


@router.post("/uploads/{upload_id}/accept")
def accept(visit: Changing, upload_id: str, version: Version, turn: Reading) -> Response:
    """Takes the rows into the portfolio; on to a rating of them."""
    try:
        taken = uploads.accept(visit.served.store, visit.served.vault, visit.who, upload_id, version)
    except (ConflictError, GreensilkError) as error:
        if status_of(error) not in (409, 422):
            raise
        return _page(visit, upload_id, status_of(error), errors={"accept": visit.said(error)})
    return onward(f"/portfolios/{taken.portfolio_id}/rate", "web_upload.said_accepted")


@router.post("/uploads/{upload_id}/discard")
def discard(visit: Changing, upload_id: str, version: Version) -> Response:
    """Puts a file aside."""
    try:
        with visit.served.store.writing() as db:
            gone = uploads.discard(db, visit.who, upload_id, version)
    except ConflictError as error:
        return _page(visit, upload_id, 409, errors={"accept": visit.said(error)})
    return onward(f"/portfolios/{gone.portfolio_id}", "web_upload.said_discarded")


def _page(visit: Visit, upload_id: str, status: int = 200, **values: object) -> Response:
    with visit.served.store.reading() as db:
        known = uploads.upload(db, visit.who, upload_id)
        of = portfolio(db, visit.who, known.portfolio_id)
    fields = portfolio_fields()
    shown = {"errors": {}, "written": {}} | values
    return visit.page(
        "upload.html.j2", status, upload=known, portfolio=of, preview=known.preview, field_of=labels.field,
        fields=fields.fields, stages=fields.stages, types=project_types(), mended=mended(known),
        most_mended=MOST_MENDED, open=known.state in uploads.OPEN, **shown,
    )  # fmt: skip
