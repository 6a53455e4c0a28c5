"""Who asks: oneself, one's password, one's tokens."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from greensilk.texts import Language
from greensilk.web.api.answers import Answer, Asked, Listed, errors, listed
from greensilk.web.asking import Asking, Reader
from greensilk.web.platform import Served
from greensilk.workspace import people, tokens
from greensilk.workspace.actor import Permission

router = APIRouter(prefix="/api/v1", tags=["me"], responses=errors())
Password = Annotated[str, StringConstraints(max_length=1_000)]


class MeAnswer(Answer):
    """may: what the role allows, or the token where it allows less; token: whether a program asks"""

    user_id: str
    login: str
    name: str
    role: str
    lang: Language
    may: list[Permission]
    token: bool
    organisation_id: str
    organisation_name: str


class PasswordChange(Asked):
    """The present password, and another."""

    old: Password = Field(examples=["the present one"])
    new: Password = Field(examples=["four words that do not belong together"])


class NewToken(Asked):
    """A token for a program. scopes: permissions, among one's own"""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(examples=["nightly screening"])
    scopes: list[Permission] = Field(min_length=1, max_length=10, examples=[["read", "rate"]])
    days: int = Field(default=90, ge=1, le=3_650, description="How long it lasts")


class TokenAnswer(Answer):
    """What is kept of a token. begins: its first letters, to tell it by"""

    id: str
    user_id: str
    name: str
    begins: str
    scopes: list[str]
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None


class TokenMade(TokenAnswer):
    """token: told this once, kept nowhere"""

    token: str


@router.get("/me", summary="Who I am and what I may do")
def me(served: Served, who: Asking) -> MeAnswer:
    """The person, or the program acting for one, whose token or session this is."""
    with served.store.reading() as db:
        name = people.organisation(db, who).name
    return MeAnswer(
        user_id=who.user_id, login=who.login, name=who.name, role=who.role, lang=who.lang, may=sorted(who.may),
        token=who.token_id is not None, organisation_id=who.organisation_id, organisation_name=name,
    )  # fmt: skip


@router.post("/me/password", status_code=204, summary="Change my password", responses=errors(422))
def change_password(served: Served, who: Asking, asked: PasswordChange) -> None:
    """Ends all of one's sessions; a program may not do it."""
    with served.store.writing() as db:
        people.change_password(db, who, asked.old, asked.new)


@router.get("/tokens", summary="My tokens, the newest first", name="tokens")
def own_tokens(served: Served, who: Reader) -> Listed[TokenAnswer]:
    """With those that ended."""
    with served.store.reading() as db:
        return listed(TokenAnswer, tokens.tokens(db, who))


@router.post("/tokens", status_code=201, summary="A token for a program", responses=errors(422))
def create_token(served: Served, who: Reader, asked: NewToken) -> TokenMade:
    """Told this once. Only a person signed in with a password may make one, so that no token outlives another."""
    with served.store.writing() as db:
        token, kept = tokens.create_token(db, who, asked.name, asked.scopes, asked.days)
        return TokenMade(**TokenAnswer.model_validate(kept).model_dump(), token=token)


@router.delete("/tokens/{id}", summary="End a token", responses=errors(404))
def revoke_token(served: Served, who: Reader, id: str) -> TokenAnswer:
    """At once, and for good; an administrator may end anybody's."""
    with served.store.writing() as db:
        return TokenAnswer.model_validate(tokens.revoke_token(db, who, id))
