"""Signing in and out, the language of pages, and the way into the example."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from greensilk.errors import NotAllowedError, NotFoundError, NotSignedInError, TooManyError
from greensilk.texts import Language
from greensilk.web.asking import Anybody, Asking, cookie_name, is_token, language
from greensilk.web.failing import own_path
from greensilk.web.limits import address_of
from greensilk.web.platform import Platform, Served
from greensilk.web.serving import is_loopback
from greensilk.web.templating import onward, page
from greensilk.workspace import signing_in
from greensilk.workspace.demo import demo_user_id
from greensilk.workspace.people import change_person, person

LANGUAGE_SECONDS = 365 * 24 * 3600
LOGIN_CHARACTERS, PASSWORD_CHARACTERS = 100, 1_000

router = APIRouter(include_in_schema=False)
Words = Annotated[str, Form()]


@router.get("/sign-in")
def sign_in_page(request: Request, who: Anybody, next: str = "/") -> Response:
    """The form; whoever is signed in already goes on."""
    if who is not None:
        return RedirectResponse(own_path(next), 303)
    return page(request, "sign_in.html.j2", login="", next=own_path(next), error=None)


@router.post("/sign-in")
def sign_in(request: Request, served: Served, login: Words = "", password: Words = "", next: Words = "/") -> Response:
    """A new session; whatever session the browser had before is not used again."""
    require_same_site(request)
    given = login[:LOGIN_CHARACTERS], password[:PASSWORD_CHARACTERS]
    try:
        token = signing_in.sign_in(served.store, *given, address_of(request))
    except (NotSignedInError, TooManyError) as error:
        status = 429 if isinstance(error, TooManyError) else 401
        words = error.message(language(request))
        return page(request, "sign_in.html.j2", status, login=login[:100], next=own_path(next), error=words)
    # Whoever made the account may have guessed its language: the page that was read to sign in is the better guess.
    return in_language(with_session(served, token, own_path(next)), served, language(request))


@router.post("/sign-out")
def sign_out(request: Request, who: Asking, served: Served) -> Response:
    """The end of this session, for good."""
    name = cookie_name(served.settings.https)
    with served.store.writing() as db:
        signing_in.sign_out(db, request.cookies.get(name, ""))
    answer = onward("/", "web_start.said_signed_out")
    answer.delete_cookie(name, secure=served.settings.https, httponly=True, samesite="lax")
    return answer


@router.post("/demo")
def enter_example(request: Request, served: Served) -> Response:
    """Into the example, where this server offers it."""
    require_same_site(request)
    if not served.settings.demo:
        raise NotFoundError("serving.demo_off")
    if not is_loopback(request.url.hostname or ""):  # a name elsewhere that leads here, with a page of its own
        raise NotAllowedError("serving.demo_from_elsewhere")
    with served.store.writing() as db:
        token = signing_in.enter(db, demo_user_id(db))
    # Whoever comes is the same person there: each goes on in the language they came with.
    return in_language(with_session(served, token, "/"), served, language(request))


@router.post("/language")
def choose_language(
    request: Request, served: Served, lang: Words = "en", back: Words = "/", csrf: Words = ""
) -> Response:
    """Pages in another language from now on, in this browser and, for whoever is signed in, in others too."""
    chosen: Language = "zh" if lang == "zh" else "en"
    with served.store.writing() as db:
        try:
            session = request.cookies.get(cookie_name(served.settings.https), "")
            who, expected = signing_in.actor_of_session(db, session)
            if is_token(csrf, expected) and who.lang != chosen:
                change_person(db, who, who.user_id, person(db, who, who.user_id).version, lang=chosen)
        except NotSignedInError:
            pass  # the cookie below is all that a visitor has
    return in_language(RedirectResponse(own_path(back), 303), served, chosen)


def in_language(answer: Response, served: Platform, lang: Language) -> Response:
    """An answer after which this browser is spoken to in a language."""
    answer.set_cookie(
        "lang", lang, max_age=LANGUAGE_SECONDS, samesite="lax", httponly=True, secure=served.settings.https
    )
    return answer


def with_session(served: Platform, token: str, path: str, said: str | None = None) -> Response:
    """On to a page, signed in. Browsers keep the cookie until they close; the server ends the session by itself."""
    answer = onward(path, said)
    https = served.settings.https
    answer.set_cookie(cookie_name(https), token, httponly=True, secure=https, samesite="lax", path="/")
    return answer


def require_same_site(request: Request) -> None:
    """Forms without a session have no token: here the browser says where they come from.

    raises: NotAllowedError for a form of another site, which could sign somebody in as somebody else
    """
    said, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if said is not None:
        same = said in ("same-origin", "none")
    else:  # an older browser says its origin alone; a program, which nobody forges, neither
        same = origin is None or origin.partition("://")[2] == request.headers.get("host")
    if not same:
        raise NotAllowedError("workspace.csrf")
