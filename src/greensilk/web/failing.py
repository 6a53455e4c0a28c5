"""Errors as answers: JSON in the one shape for programs, a page for people, who is not signed in is sent to sign in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from greensilk.errors import GreensilkError, NotSignedInError, TooManyError
from greensilk.texts import Language, room_texts, text
from greensilk.web.asking import asking_if_any, language
from greensilk.web.errors import shape, told
from greensilk.web.platform import platform_of
from greensilk.web.templating import TEMPLATES, page

FOR_PROGRAMS = ("/api/", "/ogc", "/tiles/", "/openapi.json", "/health", "/ready")
ERROR_PAGE = "error.html.j2"
MOST_TOLD = 50  # faults of one request; more are of no use to who mends it
CHARACTERS_TOLD = 60  # of a value or name that was given


def add_error_handlers(app: FastAPI) -> None:
    """Answers for every error that a route may raise."""
    app.add_exception_handler(GreensilkError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def for_people(request: Request) -> bool:
    """Whether a request is for a page, by its path and what it accepts."""
    wanted = "text/html" in request.headers.get("accept", "")
    return wanted and not request.url.path.startswith(FOR_PROGRAMS)


def answered(request: Request, content: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """An error as the one who asks can use it."""
    if for_people(request) and (TEMPLATES / ERROR_PAGE).is_file():
        found = page(request, ERROR_PAGE, content["status"], error=content)
        found.headers.update(headers or {})
        return found
    return JSONResponse(content, content["status"], headers)


def own_path(given: str) -> str:
    """A path on this server to go on to, "/" for anything else.

    >>> own_path("/projects/1?beside=2"), own_path("//other.example/"), own_path("https://other.example")
    ('/projects/1?beside=2', '/', '/')
    """
    safe = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable() and "\\" not in given
    return given if safe else "/"


async def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, GreensilkError)  # noqa: S101 - registered for this class
    if isinstance(error, NotSignedInError) and request.method == "GET" and for_people(request):
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(own_path(asked), safe='')}", 303)
    headers = {}
    if isinstance(error, NotSignedInError):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyError):
        headers["Retry-After"] = str(error.retry_after_s)
    return answered(request, told(error, language(request)), headers)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    if for_people(request):
        with suppress(GreensilkError):  # the head of the page says who is signed in, as on all others
            await asking_if_any(request, await platform_of(request))
    name = f"http_{error.status_code}"
    key = name if name in room_texts("web_api") else "http_other"
    words = text(f"web_api.{key}", language(request), status=error.status_code)
    codes = {404: "not_found", 405: "method", 413: "too_large", 400: "unreadable", 428: "no_version"}
    content = shape(codes.get(error.status_code, "request"), words, error.status_code)
    return answered(request, content, dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    lang = language(request)
    faults = [_fault(one, lang) for one in error.errors()[:MOST_TOLD]]
    return answered(request, shape("invalid", text("web_api.invalid", lang), 422, faults))


def _fault(one: dict[str, Any], lang: Language) -> dict[str, str]:
    """One fault that pydantic found, in our words; what was given is not sent back, since it may be a password."""
    kind, limits = one["type"], one.get("ctx", {})
    key = f"fault_{kind}" if f"fault_{kind}" in room_texts("web_api") else "fault_other"
    numbers = {name: value for name, value in limits.items() if isinstance(value, int | float | str)}
    return {"field": field_name(one["loc"]), "error": text(f"web_api.{key}", lang, **numbers)}


def field_name(location: Sequence[str | int]) -> str:
    """The place of a fault as people write it: without "body", and with dots.

    >>> field_name(("body", "fixes", 3, "name"))
    'fixes.3.name'
    """
    parts = [str(part)[:CHARACTERS_TOLD] for part in location]
    return ".".join(parts[1:] if parts[0] in ("body", "query", "path", "header") and len(parts) > 1 else parts)
