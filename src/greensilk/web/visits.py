"""A visit of a page: who asks what of which server, in which language. Routes of pages take one as their first word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from greensilk.errors import GreensilkError
from greensilk.texts import Language
from greensilk.web.asking import Administrator, Lang, Rater, Reader
from greensilk.web.platform import Served
from greensilk.web.templating import page
from greensilk.workspace.actor import Actor


@dataclass(frozen=True)
class Visit:
    """Of somebody who may read."""

    request: Request
    served: Served
    who: Actor
    lang: Language

    def page(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """A page in answer."""
        return page(self.request, template, status, **values)

    def said(self, error: GreensilkError) -> str:
        """An error in the language of the visit."""
        return error.message(self.lang)


@dataclass(frozen=True)
class Change(Visit):
    """Of somebody who may change things."""


@dataclass(frozen=True)
class Administration(Visit):
    """Of somebody who may administer."""


async def _visit(request: Request, served: Served, who: Reader, lang: Lang) -> Visit:
    return Visit(request, served, who, lang)


async def _change(request: Request, served: Served, who: Rater, lang: Lang) -> Change:
    return Change(request, served, who, lang)


async def _administration(request: Request, served: Served, who: Administrator, lang: Lang) -> Administration:
    return Administration(request, served, who, lang)


Visiting = Annotated[Visit, Depends(_visit)]
Changing = Annotated[Change, Depends(_change)]
Administering = Annotated[Administration, Depends(_administration)]


async def _formed(request: Request) -> AsyncIterator[FormData]:
    async with request.form() as form:  # its temporary files go with the request
        yield form


Formed = Annotated[FormData, Depends(_formed)]
