"""A file that comes in a form: read only after its sender is known to be allowed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, BinaryIO

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData, UploadFile

from greensilk.web.asking import Rater

MOST_FIELDS = 20


async def form_given(request: Request, who: Rater) -> AsyncIterator[FormData]:
    """The form of a request, with one file at most; its temporary file goes with the request."""
    async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
        yield form


@dataclass(frozen=True)
class FileGiven:
    """A file of a form, in the field `file`. fields: the other ones"""

    name: str
    stream: BinaryIO
    fields: dict[str, str]


async def file_given(form: Annotated[FormData, Depends(form_given)]) -> FileGiven:
    """The file of a form.

    raises: RequestValidationError where there is none
    """
    given = form.get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        raise RequestValidationError([{"type": "missing", "loc": ("body", "file"), "msg": "", "input": None}])
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return FileGiven(given.filename, given.file, fields)


File = Annotated[FileGiven, Depends(file_given)]


def file_body(about: str, **fields: Mapping[str, Any]) -> dict[str, Any]:
    """The description of such a form. fields: further ones"""
    parts = {"file": {"type": "string", "format": "binary", "description": about}, **fields}
    schema = {"type": "object", "required": ["file"], "properties": parts}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
