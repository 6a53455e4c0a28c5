"""Pages from templates: everything escaped, one language a page."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.routing import Match

from greensilk import __version__
from greensilk.records import Label
from greensilk.reports import marks
from greensilk.reports.bilingual import Bilingual
from greensilk.reports.one_language import in_language
from greensilk.reports.pages import TEMPLATES as REPORTS
from greensilk.reports.rounding import grouped
from greensilk.texts import FOLDER as TEXTS
from greensilk.texts import Language, room_texts, text
from greensilk.web.asking import SAFE, language
from greensilk.web.static_files import asset, has_asset

TEMPLATES = Path(__file__).parent / "templates"
SAID = "said"  # the cookie that holds what the next page says: a key of a text
SAID_SECONDS = 60
SAID_KEY = re.compile(r"(web_\w+)\.(said_\w+)")


@cache
def environment(lang: Language) -> Environment:
    """The templates in one language; `t("room.key", ...)` is a text, labels and bilingual words say themselves, and
    `drawn(markup)` is what the reports draw."""

    def within(value: Any) -> Any:
        return value.within(lang) if isinstance(value, Label | Bilingual) else value

    def said(key: str, **values: Any) -> str:
        return text(key, lang, **{name: within(value) for name, value in values.items()})

    def drawn(markup: str) -> Markup:
        return in_language(markup, lang)

    found = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=within, auto_reload=False,
    )  # fmt: skip
    found.globals.update(
        t=said,
        lang=lang,
        within=within,
        asset=asset,
        has_asset=has_asset,
        program_version=__version__,
        n=grouped,
        when=when,
    )
    found.globals.update(marks_defined=marks_defined(), all_marks=marks.COUNTED, drawn=drawn)
    return found


@cache
def marks_defined() -> Markup:
    """The marks of verdicts and their patterns, once a page."""
    patterns = (REPORTS / "patterns.svg").read_text("utf-8")
    return Markup(patterns) + marks.symbols() + marks.status_symbols()  # noqa: S704 - our own files


def when(moment: dt.datetime) -> str:
    """A moment as tables show it.

    >>> when(dt.datetime(2026, 11, 23, 7, 5, tzinfo=dt.UTC))
    '2026-11-23 07:05 UTC'
    """
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page from a template, in the language of who asks; `who`, `csrf` and `said` are at hand in it."""
    who = getattr(request.state, "actor", None)
    csrf = getattr(request.state, "csrf", "")
    lang = language(request)
    drawn = environment(lang).get_template(template)
    said = _said(request, lang)
    given = {"request": request, "who": who, "csrf": csrf, "said": said, "own_address": _own_address(request)}
    answer = HTMLResponse(drawn.render(**given, **values), status)
    if SAID in request.cookies:
        answer.delete_cookie(SAID)
    return answer


def onward(path: str, said: str | None = None) -> RedirectResponse:
    """Where a form leads to once it is done. said: key of what the next page says ("web_room.said_something")"""
    answer = RedirectResponse(path, 303)
    if said is not None:
        answer.set_cookie(SAID, said, max_age=SAID_SECONDS, httponly=True, samesite="lax")
    return answer


def _own_address(request: Request) -> str:
    """Where a browser gets the page again. What answers a form stands under the form's address, which nobody can open:
    then the nearest page above it."""
    path = request.url.path
    if request.method in SAFE:
        return path + (f"?{request.url.query}" if request.url.query else "")
    while path:
        asked = {**request.scope, "method": "GET", "path": path}
        if any(route.matches(asked)[0] is Match.FULL for route in request.app.routes):
            return path
        path = path.rpartition("/")[0]
    return "/"


def _said(request: Request, lang: Language) -> str | None:
    """What the page before left to be said; a cookie can be anything, so only texts made for it are."""
    key = SAID_KEY.fullmatch(request.cookies.get(SAID, ""))
    known = key is not None and (TEXTS / f"{key[1]}.yaml").is_file() and key[2] in room_texts(key[1])
    return text(key[0], lang) if key is not None and known else None
