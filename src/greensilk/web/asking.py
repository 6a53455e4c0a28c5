"""Who asks: by the cookie of a browser or the token of a program; and in which language.

Routes declare what they need: `who: Reader`, `who: Rater`, `who: Approver`, `who: Administrator`. A changing request
that comes with a cookie must carry the session's CSRF token: in the header X-CSRF-Token, or in the field `csrf` of a
form.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from greensilk.errors import NotAllowedError, NotSignedInError
from greensilk.texts import Language
from greensilk.web.platform import Served
from greensilk.workspace.actor import Actor, Permission

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def cookie_name(https: bool) -> str:
    """The session's cookie; with TLS its name binds it to this host alone."""
    return "__Host-greensilk" if https else "greensilk"


def masked(token: str) -> str:
    """A token as a page shows it: other letters every time, so that the packed length of a page does not tell it."""
    plain = token.encode()
    pad = secrets.token_bytes(len(plain))
    return pad.hex() + bytes(a ^ b for a, b in zip(plain, pad, strict=True)).hex()


def is_token(given: str, token: str) -> bool:
    """Whether what a request carries is a token of a session, masked or plain.

    >>> is_token(masked("abc"), "abc"), is_token("abc", "abc"), is_token("61", "abc"), is_token("", "abc")
    (True, True, False, False)
    """
    plain = given.encode()
    if len(given) == 4 * len(token):
        try:
            both = bytes.fromhex(given)
            plain = bytes(a ^ b for a, b in zip(both[: len(token)], both[len(token) :], strict=True))
        except ValueError:  # no digits, or fewer of them: blanks among them are left out
            return False
    return hmac.compare_digest(plain, token.encode())


@dataclass(frozen=True)
class Credential:
    """A token or session that was found good. csrf: what a changing request must carry, None for a program's"""

    actor: Actor
    token: str
    csrf: str | None


def credential(request: Request, served: Served) -> Credential:
    """What a request comes with. Asked before its body is read: who is nobody sends no file.

    raises: NotSignedInError
    """
    from greensilk.workspace.signing_in import actor_of_session, actor_of_token

    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip() if scheme else request.cookies.get(cookie_name(served.settings.https), "")
    with served.store.looking() as db:
        if not scheme:
            actor, csrf = actor_of_session(db, token)
            return Credential(actor, token, csrf)
        if scheme.lower() != "bearer":
            raise NotSignedInError("workspace.bearer_only")
        return Credential(actor_of_token(db, token), token, None)


Credited = Annotated[Credential, Depends(credential)]


async def csrf_given(request: Request, found: Credited) -> AsyncIterator[str]:
    """What a changing request carries against forgery; empty for others."""
    given = request.headers.get(CSRF_HEADER, "")
    if request.method in SAFE or found.csrf is None:
        yield ""
    elif given or not request.headers.get("content-type", "").startswith(FORMS):
        yield given
    else:
        async with request.form() as form:  # its temporary files go with the request
            yield str(form.get(CSRF_FIELD, ""))


async def asking(request: Request, served: Served, found: Credited, csrf: Annotated[str, Depends(csrf_given)]) -> Actor:
    """Who asks.

    raises: NotSignedInError; NotAllowedError for a changing request that another site may have forged
    """
    from greensilk.workspace.signing_in import note_seen, seen_lately

    if found.csrf is not None:
        if request.method not in SAFE and not is_token(csrf, found.csrf):
            raise NotAllowedError("workspace.csrf")
        request.state.csrf = masked(found.csrf)
    if not seen_lately(found.token):
        await run_in_threadpool(note_seen, served.store, found.token)
    request.state.actor = found.actor
    return found.actor


Asking = Annotated[Actor, Depends(asking)]


async def asking_if_any(request: Request, served: Served) -> Actor | None:
    """Who asks, None for nobody: for pages that anybody may see.

    raises: NotAllowedError for a request that changes something, which such a page does not
    """
    if request.method not in SAFE:
        raise NotAllowedError("workspace.csrf")
    try:
        found = await run_in_threadpool(credential, request, served)
        return await asking(request, served, found, "")
    except NotSignedInError:
        return None


Anybody = Annotated[Actor | None, Depends(asking_if_any)]


def _needs(permission: Permission) -> object:
    async def check(who: Asking) -> Actor:
        who.require(permission)
        return who

    check.__name__ = f"needs_{permission}"
    return Depends(check)


Reader = Annotated[Actor, _needs("read")]
Rater = Annotated[Actor, _needs("rate")]
Approver = Annotated[Actor, _needs("approve")]
Administrator = Annotated[Actor, _needs("administer")]


async def _reading(served: Served, who: Asking) -> AsyncIterator[None]:
    async with served.reading.taken(who.organisation_id):
        yield


async def _computing(served: Served, who: Asking) -> AsyncIterator[None]:
    async with served.computing.taken(who.organisation_id):
        yield


# A turn of a route that reads a file, or computes; the last of its words, so that whoever sends slowly has none yet.
Reading = Annotated[None, Depends(_reading, scope="function")]
Computing = Annotated[None, Depends(_computing, scope="function")]


def language(request: Request) -> Language:
    """The language of an answer: ?lang=, the cookie `lang`, what the person chose, what the browser asks for."""
    for said in (request.query_params.get("lang"), request.cookies.get("lang")):
        if said in ("en", "zh"):
            return "zh" if said == "zh" else "en"
    actor = getattr(request.state, "actor", None)
    if actor is not None:
        chosen: Language = actor.lang
        return chosen
    return "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"


async def _language(request: Request) -> Language:
    return language(request)


Lang = Annotated[Language, Depends(_language)]
