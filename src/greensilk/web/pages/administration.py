"""Administration of one's organisation: what it is called and may use, its people and their tokens, its audit."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from pydantic import BaseModel

from greensilk.errors import ConflictError, GreensilkError, UsageError
from greensilk.texts import Language
from greensilk.web.errors import status_of
from greensilk.web.templating import onward
from greensilk.web.visits import Administering, Visit
from greensilk.workspace import audit, people, tokens
from greensilk.workspace.actor import roles
from greensilk.workspace.audit_verified import verify

ENTRIES_A_PAGE = 50
MOST_NUMBER = 2**62  # that both databases take
PASSWORD_BYTES = 12  # of one that is made here: 16 characters
FIELDS = {"bad_login": "login", "login_taken": "login", "unknown_role": "role", "no_name": "name"}
OF_ORGANISATION = ("name", "use", "map_approval")
OF_PERSON = ("name", "role", "lang", "disabled")

router = APIRouter(prefix="/admin", include_in_schema=False)


class OrganisationForm(BaseModel):
    """What is said of an organisation. version: that the one who filled it in saw"""

    name: str = ""
    use: str = ""
    map_approval: str = ""
    version: int = 0


class NewPersonForm(BaseModel):
    """Somebody who is to get an account. password: empty = one is made here"""

    login: str = ""
    name: str = ""
    role: str = "viewer"
    lang: Language = "en"
    password: str = ""


class PersonForm(BaseModel):
    """What is said of a person. disabled: whether the account is closed"""

    name: str = ""
    role: str = ""
    lang: Language = "en"
    disabled: bool = False
    version: int = 0


@router.get("")
def organisation_page(visit: Administering) -> Response:
    """The organisation."""
    return _organisation(visit)


@router.post("")
def change_organisation(visit: Administering, asked: Annotated[OrganisationForm, Form()]) -> Response:
    """Another name, use or approval number; nothing is lost where somebody else was faster."""
    try:
        with visit.served.store.writing() as db:
            people.change_organisation(
                db, visit.who, asked.version, name=asked.name, use=asked.use or None, map_approval=asked.map_approval
            )
    except ConflictError:
        return _organisation(visit, 409, asked=asked, meanwhile=True)
    except UsageError as error:
        return _organisation(visit, 422, asked=asked, errors={_field(error): visit.said(error)})
    return onward("/admin", "web_admin.said_changed")


def _organisation(visit: Visit, status: int = 200, **values: Any) -> Response:
    with visit.served.store.reading() as db:
        now = people.organisation(db, visit.who)
    shown = {"asked": None, "errors": None, "meanwhile": False} | values
    return visit.page("admin.html.j2", status, now=now, fields=OF_ORGANISATION, uses=people.USES, **shown)


@router.get("/people")
def people_page(visit: Administering) -> Response:
    """Everybody with an account, and the form for one more."""
    return _people(visit)


@router.post("/people")
def create_person(visit: Administering, asked: Annotated[NewPersonForm, Form()]) -> Response:
    """An account; a password made here is on the page that answers, and nowhere else afterwards."""
    password = asked.password or secrets.token_urlsafe(PASSWORD_BYTES)
    new = people.NewPerson(asked.login, asked.name, asked.role, password, asked.lang)
    try:
        with visit.served.store.writing() as db:
            made = people.create_user(db, visit.who, visit.who.organisation_id, new)
    except (ConflictError, UsageError) as error:
        return _people(visit, status_of(error), asked=asked, errors={_field(error): visit.said(error)})
    return _people(visit, made=made, password=None if asked.password else password)


def _people(visit: Visit, status: int = 200, **values: Any) -> Response:
    with visit.served.store.reading() as db:
        held = people.people(db, visit.who)
    shown = {"asked": NewPersonForm(lang=visit.lang), "errors": None, "made": None, "password": None} | values
    return visit.page("admin_people.html.j2", status, people=held, roles=roles(), **shown)


@router.get("/people/{user_id}")
def person_page(visit: Administering, user_id: str) -> Response:
    """One person."""
    return _person(visit, user_id)


@router.post("/people/{user_id}")
def change_person(visit: Administering, user_id: str, asked: Annotated[PersonForm, Form()]) -> Response:
    """Another name, role or language; the account closed or opened again."""
    changes = asked.model_dump(include=set(OF_PERSON))
    try:
        with visit.served.store.writing() as db:
            before = people.person(db, visit.who, user_id)
            given = {name: value for name, value in changes.items() if value != _held(before, name)}
            people.change_person(db, visit.who, user_id, asked.version, **given)
    except ConflictError as error:
        stale = error.key != "workspace.last_administrator"
        return _person(visit, user_id, 409, asked=asked, meanwhile=stale, refused=None if stale else visit.said(error))
    except UsageError as error:
        return _person(visit, user_id, 422, asked=asked, errors={_field(error): visit.said(error)})
    return onward(f"/admin/people/{user_id}", "web_admin.said_changed")


@router.post("/people/{user_id}/password")
def renew_password(visit: Administering, user_id: str, version: Annotated[int, Form()] = 0) -> Response:
    """Another password, made here and shown once; whoever is signed in with the one before is signed out."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    try:
        with visit.served.store.writing() as db:
            people.change_person(db, visit.who, user_id, version, password=password)
    except (ConflictError, UsageError) as error:
        return _person(visit, user_id, status_of(error), refused=visit.said(error))
    return _person(visit, user_id, password=password)


def _held(person: Any, name: str) -> Any:
    return person.disabled_at is not None if name == "disabled" else getattr(person, name)


def _person(visit: Visit, user_id: str, status: int = 200, **values: Any) -> Response:
    with visit.served.store.reading() as db:
        now = people.person(db, visit.who, user_id)
    held = {name: _held(now, name) for name in OF_PERSON}
    shown = {"asked": None, "errors": None, "meanwhile": False, "refused": None, "password": None} | values
    return visit.page("admin_person.html.j2", status, now=now, held=held, roles=roles(), **shown)


@router.get("/tokens")
def tokens_page(visit: Administering) -> Response:
    """The tokens of everybody."""
    with visit.served.store.reading() as db:
        held, names = tokens.tokens(db, visit.who, of_everybody=True), people.names(db, visit.who)
    return visit.page("admin_tokens.html.j2", tokens=held, names=names)


@router.post("/tokens/{token_id}/revoke")
def revoke_token(visit: Administering, token_id: str) -> Response:
    """The end of a token, whosever it is."""
    with visit.served.store.writing() as db:
        tokens.revoke_token(db, visit.who, token_id)
    return onward("/admin/tokens", "web_admin.said_revoked")


@router.get("/audit")
def audit_page(visit: Administering, before: Annotated[int | None, Query(ge=1, le=MOST_NUMBER)] = None) -> Response:
    """Who did what, the newest first."""
    return _audit(visit, before)


@router.post("/audit")
def verify_audit(visit: Administering) -> Response:
    """The whole chain computed anew."""
    with visit.served.store.reading() as db:
        (chain,) = verify(db, visit.who.organisation_id)
    return _audit(visit, None, chain=chain)


def _audit(visit: Visit, before: int | None, **values: Any) -> Response:
    with visit.served.store.reading() as db:
        found = audit.entries(db, visit.who, before, ENTRIES_A_PAGE)
    words = [audit.in_words(entry) for entry in found.items]
    return visit.page("admin_audit.html.j2", found=found, words=words, before=before, **({"chain": None} | values))


def _field(error: GreensilkError) -> str:
    """The field of a form that an error is about."""
    key = error.key.removeprefix("workspace.")
    return "password" if key.startswith("password") else FIELDS.get(key, "name")
