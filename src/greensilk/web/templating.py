"""Pages from templates: everything escaped, one language a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from greensilk.records import Label
from greensilk.reports.bilingual import Bilingual
from greensilk.texts import Language, text
from greensilk.web.asking import language

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment(lang: Language) -> Environment:
    """The templates in one language; `t("room.key", ...)` is a text, labels and bilingual words say themselves."""

    def within(value: Any) -> Any:
        return value.within(lang) if isinstance(value, Label | Bilingual) else value

    def said(key: str, **values: Any) -> str:
        return text(key, lang, **{name: within(value) for name, value in values.items()})

    found = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=within,
    )  # fmt: skip
    found.globals.update(t=said, lang=lang, within=within)
    return found


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page from a template, in the language of who asks; `who` and `csrf` are at hand in it."""
    who = getattr(request.state, "actor", None)
    csrf = getattr(request.state, "csrf", "")
    drawn = environment(language(request)).get_template(template)
    return HTMLResponse(drawn.render(request=request, who=who, csrf=csrf, **values), status)
