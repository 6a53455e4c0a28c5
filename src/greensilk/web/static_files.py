"""Files that pages load: style and scripts, each named with the hash of its content so that it may be kept for good."""

from __future__ import annotations

import gzip
import mimetypes
import os
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from greensilk.errors import NotFoundError
from greensilk.reports.pages import TEMPLATES as REPORTS

FOLDER = Path(__file__).parent / "static"
# Pages of ratings and countries are drawn by the reports, and look as their style sheets say.
OF_REPORTS = {"report.css": "style.css", "report-countries.css": "countries.css", "report-routes.css": "routes.css"}
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, max-age=0, must-revalidate"
PACKED = (".css", ".js", ".mjs", ".svg", ".json", ".txt")
HASH_DIGITS = 12
MOST_CHARACTERS = 200  # of a name: the file system refuses longer ones in another way

router = APIRouter()


@dataclass(frozen=True)
class StaticFile:
    """One file, held in memory."""

    content: bytes
    packed: bytes | None
    media_type: str
    hash: str


@cache
def static_file(name: str) -> StaticFile:
    """A file below static, or a style sheet of the reports.

    raises: NotFoundError for any other name
    """
    path = REPORTS / OF_REPORTS[name] if name in OF_REPORTS else (FOLDER / name).resolve()
    # One name a file ("a/../style.css" is another one): what is held in memory is as much as there are files.
    ours = os.path.normpath(name) == name and path.is_relative_to(FOLDER.resolve()) and path.is_file()
    if name not in OF_REPORTS and not ours:
        raise NotFoundError("web_layout.no_file", name=name[:60])
    content = path.read_bytes()
    kind = "text/javascript" if path.suffix in (".js", ".mjs") else mimetypes.guess_type(path.name)[0]
    packed = gzip.compress(content, 9, mtime=0) if path.suffix in PACKED else None
    return StaticFile(content, packed, kind or "application/octet-stream", sha256(content).hexdigest()[:HASH_DIGITS])


@cache
def asset(name: str) -> str:
    """The address of a file, with the hash of its content.

    raises: NotFoundError for a file that is not there
    """
    return f"/static/{name}?v={static_file(name).hash}"


@cache
def has_asset(name: str) -> bool:
    """Whether a file is there: scripts are put there when the package is built, and pages work without them."""
    return (FOLDER / name).is_file()


@router.get("/static/{name:path}", include_in_schema=False)
def read_static(request: Request, name: str, v: str = "") -> Response:
    """One file; kept for good by who asks with its hash."""
    if "\0" in name or len(name) > MOST_CHARACTERS:
        raise NotFoundError("web_layout.no_file", name=name[:60].replace("\0", ""))
    found = static_file(name)
    headers = {"ETag": f'"{found.hash}"', "Vary": "Accept-Encoding"}
    headers["Cache-Control"] = FOR_GOOD if v == found.hash else ASK_AGAIN
    content = found.content
    if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = found.packed, "gzip"
    return Response(content, media_type=found.media_type, headers=headers)
