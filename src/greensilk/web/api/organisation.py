"""The organisation: its settings, its people, its audit; for administrators."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints

from greensilk.texts import Language
from greensilk.web.api.answers import MOST_A_PAGE, Answer, Asked, Listed, Seen, Version, errors, listed, with_version
from greensilk.web.asking import Administrator, Reader
from greensilk.web.platform import Served
from greensilk.workspace import audit as kept
from greensilk.workspace import people as held
from greensilk.workspace.people import NewPerson

router = APIRouter(prefix="/api/v1", tags=["administration"], responses=errors())
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
RoleName = Annotated[str, StringConstraints(max_length=20)]
Password = Annotated[str, StringConstraints(max_length=1_000)]


class OrganisationAnswer(Answer):
    """use: what data may be used for, commercial or non_commercial, null = not said; map_approval: number under which
    its maps may be published in China"""

    id: str
    name: str
    use: str | None
    map_approval: str | None
    created_at: dt.datetime
    version: int


class OrganisationChange(Asked):
    """What is left out stays as it is; null clears it."""

    name: Name = Field(default="", examples=["Bank of the Delta"])
    use: Literal["commercial", "non_commercial"] | None = None
    map_approval: Annotated[str, StringConstraints(max_length=100)] | None = None


class PersonAnswer(Answer):
    """Somebody of the organisation; passwords are never told. disabled_at: since when the account is closed"""

    id: str
    login: str
    name: str
    role: str
    lang: str
    disabled_at: dt.datetime | None
    created_at: dt.datetime
    version: int


class PersonAsked(Asked):
    """Somebody who gets an account."""

    login: Annotated[str, StringConstraints(max_length=100)] = Field(examples=["li.na"])
    name: Name = Field(examples=["Li Na"])
    role: RoleName = Field(examples=["analyst"])
    password: Password = Field(examples=["four words that do not belong together"])
    lang: Language = "en"


class PersonChange(Asked):
    """What is left out stays as it is. password: ends all sessions of that person"""

    name: Name | None = None
    role: RoleName | None = Field(default=None, examples=["approver"])
    lang: Language | None = None
    disabled: bool | None = None
    password: Password | None = None


class EntryAnswer(Answer):
    """One thing done. seq: from 1 without a gap; hash: over all the others and previous_hash"""

    seq: int
    at: dt.datetime
    actor: str
    actor_name: str
    action: str
    object_kind: str
    object_id: str
    detail: dict[str, Any]
    previous_hash: str
    hash: str


@router.get("/organisation", summary="My organisation")
def organisation(served: Served, who: Reader, response: Response) -> OrganisationAnswer:
    """Its name and settings."""
    with served.store.reading() as db:
        return _organisation(held.organisation(db, who), response)


@router.patch("/organisation", summary="Change its settings", responses=errors(409, 422, 428))
def change_organisation(
    served: Served, who: Administrator, version: Version, asked: OrganisationChange, response: Response
) -> OrganisationAnswer:
    """What data may be used for decides which layers may be used at all."""
    with served.store.writing() as db:
        changed = held.change_organisation(db, who, version, **asked.model_dump(exclude_unset=True))
        return _organisation(changed, response)


@router.get("/people", summary="Everybody in my organisation")
def people(served: Served, who: Administrator) -> Listed[PersonAnswer]:
    """By login."""
    with served.store.reading() as db:
        return listed(PersonAnswer, held.people(db, who))


@router.get("/people/{id}", summary="One person", responses=errors(404))
def person(served: Served, who: Administrator, id: str, response: Response) -> PersonAnswer:
    """With the ETag that a change must carry."""
    with served.store.reading() as db:
        return _person(held.person(db, who, id), response)


@router.post("/people", status_code=201, summary="Give somebody an account", responses=errors(409, 422))
def create_person(served: Served, who: Administrator, asked: PersonAsked, response: Response) -> PersonAnswer:
    """In this organisation, with a first password."""
    with served.store.writing() as db:
        made = held.create_user(db, who, who.organisation_id, NewPerson(**asked.model_dump()))
        found = _person(made, response)
    response.headers["Location"] = f"/api/v1/people/{found.id}"
    return found


@router.patch("/people/{id}", summary="Change a person", responses=errors(404, 409, 422, 428))
def change_person(
    served: Served, who: Administrator, seen: Seen, asked: PersonChange, response: Response
) -> PersonAnswer:
    """Never so that the organisation is left without an administrator."""
    with served.store.writing() as db:
        changed = held.change_person(db, who, seen.id, seen.version, **asked.model_dump(exclude_none=True))
        return _person(changed, response)


@router.get("/audit", summary="Who did what, the newest first", responses=errors(422))
def audit(
    served: Served,
    who: Administrator,
    after: Annotated[int | None, Query(ge=1, le=2**62, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = 50,
) -> Listed[EntryAnswer]:
    """A chain of entries, each with the hash of the one before; `greensilk audit verify` checks it."""
    with served.store.reading() as db:
        page = kept.entries(db, who, after, limit)
        return listed(EntryAnswer, page.items, page.next)


def _organisation(row: object, response: Response) -> OrganisationAnswer:
    found = OrganisationAnswer.model_validate(row)
    with_version(response, found.version)
    return found


def _person(row: object, response: Response) -> PersonAnswer:
    found = PersonAnswer.model_validate(row)
    with_version(response, found.version)
    return found
