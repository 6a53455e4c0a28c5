"""What answers of the API have in common: lists, errors, versions, files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Header, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from greensilk.errors import UsageError
from greensilk.store.vault import Vault

MOST_A_PAGE = 200  # rows of one answer; the shapes of so many projects are some MB
T = TypeVar("T")


class Answer(BaseModel):
    """An answer, filled from a row of the database by the names of its fields."""

    model_config = ConfigDict(from_attributes=True)


def shown(**example: Any) -> ConfigDict:
    """Shows an answer in the description of the API."""
    return ConfigDict(json_schema_extra={"examples": [dict(example)]})


class Asked(BaseModel):
    """The body of a request: no unknown field."""

    model_config = ConfigDict(extra="forbid")


class Listed(Answer, Generic[T]):
    """Some of a list. next: what to send as `after` for the next page, null at the end"""

    items: list[T]
    next: str | None = None


class Words(Answer):
    """The same words in both languages."""

    en: str
    zh: str


class FieldError(Answer):
    """One field that is not right."""

    field: str
    error: str


class ErrorAnswer(Answer):
    """Every error of the API. code: short, for programs; error: for people, in the language asked for"""

    ok: bool = False
    code: str
    error: str
    errors: list[FieldError] = Field(default_factory=list)
    status: int

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"ok": False, "code": "not_found", "error": "Nothing of the id abc is there", "errors": [],
                        "status": 404}
        }
    )  # fmt: skip


TOLD = {
    401: "Nobody is signed in: no token, or one that is expired or revoked",
    403: "The role or the token does not allow it",
    404: "There is nothing of that id for who asks",
    409: "Somebody changed it meanwhile, or its state does not allow it",
    413: "The file or body is too large",
    422: "Something in the request is not right; `errors` names the fields",
    428: "The header If-Match is missing",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, documented; any other has the same shape."""
    told: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorAnswer, "description": TOLD[status]} for status in (401, 403, *statuses)
    }
    return told | {"default": {"model": ErrorAnswer, "description": "Any other error has the same shape"}}


@dataclass(frozen=True)
class Paging:
    """Which page of a list."""

    after: str | None
    limit: int


async def paging(
    after: Annotated[
        str | None, Query(max_length=2_000, description="`next` of the page before", examples=["WyJwLTEiLCI0ZiJd"])
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE, description="Most rows of the answer")] = 100,
) -> Paging:
    """The page asked for."""
    return Paging(after, limit)


Paged = Annotated[Paging, Depends(paging)]
Day = Annotated[dt.date | None, Query(description="The day whose law and values count; today if it is not given")]


@dataclass(frozen=True)
class VersionSeen:
    """What is to be changed, and which version of it the asker saw."""

    id: str
    version: int


async def version_seen(
    if_match: Annotated[
        str | None, Header(description="The ETag that came with what is changed", examples=['"3"'], max_length=40)
    ] = None,
) -> int:
    """Which version the asker saw.

    raises: HTTPException 428 without one; UsageError for what is none of ours
    """
    if if_match is None:
        raise HTTPException(428)
    number = if_match.removeprefix("W/").strip('"')  # a proxy that packs an answer makes its tag a weak one
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise UsageError("web_api.if_match_bad")
    return int(number)


async def object_seen(id: str, version: Annotated[int, Depends(version_seen)]) -> VersionSeen:
    """The object of an address, as the asker saw it."""
    return VersionSeen(id, version)


Version = Annotated[int, Depends(version_seen)]
Seen = Annotated[VersionSeen, Depends(object_seen)]


def with_version(response: Response, version: int) -> None:
    """Says which version an answer shows: what If-Match must hold to change it."""
    response.headers["ETag"] = f'"{version}"'


def download(vault: Vault, sha256: str, name: str, media_type: str) -> FileResponse:
    """A file of the vault, to be saved and never shown: what it holds was written by somebody else."""
    headers = {"ETag": f'"{sha256}"', "Cache-Control": "private, no-cache"}
    return FileResponse(vault.path(sha256), media_type=media_type, filename=name, headers=headers)


FILE_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"application/octet-stream": {"schema": {"type": "string",
                                                                                       "format": "binary"}}}},
    206: {"description": "The bytes asked for by Range"},
    304: {"description": "The asker holds it (If-None-Match)"},
}  # fmt: skip
A = TypeVar("A", bound=Answer)


def listed(kind: type[A], rows: Iterable[object], more: str | None = None) -> Listed[A]:
    """Rows as one kind of answer. more: where the next page begins"""
    return Listed(items=[kind.model_validate(row) for row in rows], next=more)
