"""One's own account: name, language, password, and the tokens that programs sign in with."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from pydantic import BaseModel

from greensilk.errors import GreensilkError, UsageError
from greensilk.texts import text
from greensilk.web.errors import status_of
from greensilk.web.pages.signing import with_session
from greensilk.web.templating import onward
from greensilk.web.visits import Visit, Visiting
from greensilk.workspace import people, signing_in, tokens
from greensilk.workspace.actor import PERMISSIONS, roles

DAYS = (30, 90, 365)

router = APIRouter(prefix="/me", include_in_schema=False)


class PasswordForm(BaseModel):
    """Another password, written twice."""

    old: str = ""
    new: str = ""
    again: str = ""


class TokenForm(BaseModel):
    """A token to be made."""

    name: str = ""
    days: int = DAYS[1]
    scopes: list[str] = []


@router.get("")
def me(visit: Visiting) -> Response:
    """The page."""
    return _page(visit)


@router.post("/password")
def change_password(visit: Visiting, asked: Annotated[PasswordForm, Form()]) -> Response:
    """Another password, for who knows the one so far."""
    try:
        if asked.new != asked.again:
            raise UsageError("web_start.passwords_differ")
        with visit.served.store.writing() as db:
            people.change_password(db, visit.who, asked.old, asked.new)
            token = signing_in.enter(db, visit.who.user_id)  # all sessions ended with the old password
    except GreensilkError as error:
        return _page(visit, status_of(error), password_errors={_field_of(error): visit.said(error)})
    return with_session(visit.served, token, "/me", "web_start.said_password")


def _field_of(error: GreensilkError) -> str:
    if error.key == "web_start.passwords_differ":
        return "again"
    return "old" if error.key == "workspace.old_password" else "new"


@router.post("/tokens")
def create_token(visit: Visiting, asked: Annotated[TokenForm, Form()]) -> Response:
    """A token; its text is on the page that answers, and nowhere else afterwards."""
    try:
        with visit.served.store.writing() as db:
            words, _ = tokens.create_token(db, visit.who, asked.name, asked.scopes, asked.days)
    except GreensilkError as error:
        return _page(visit, status_of(error), token_errors={"name": visit.said(error)}, token_asked=asked)
    return _page(visit, new_token=words)


@router.post("/tokens/{token_id}/revoke")
def revoke_token(visit: Visiting, token_id: str) -> Response:
    """The end of a token."""
    with visit.served.store.writing() as db:
        tokens.revoke_token(db, visit.who, token_id)
    return onward("/me", "web_start.said_revoked")


def _page(visit: Visit, status: int = 200, **values: object) -> Response:
    with visit.served.store.reading() as db:
        held, of = tokens.tokens(db, visit.who), people.organisation(db, visit.who)
    asked = TokenForm(scopes=["read"])
    shown = {"password_errors": {}, "token_errors": {}, "token_asked": asked, "new_token": None} | values
    may = [(name, roles().permissions[name].label) for name in PERMISSIONS if name in visit.who.may]
    return visit.page("me.html.j2", status, tokens=held, organisation=of, role=roles().roles[visit.who.role].label,
                      may=may, day_choices=_day_choices(visit), **shown)  # fmt: skip


def _day_choices(visit: Visit) -> list[tuple[str, str]]:
    return [(str(days), text("web_start.days", visit.lang, count=days)) for days in DAYS]
