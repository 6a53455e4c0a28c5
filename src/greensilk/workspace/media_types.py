"""What kind of file a document is, by its content: what its sender says, in name or header, counts for nothing."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import BinaryIO

LOOKED_AT_BYTES = 200_000  # at either end of a file
MOST_PARTS = 20_000  # entries of an office file; more is no document
BEGINS = (
    (b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"), (b"MM\0*", "image/tiff"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)  # fmt: skip
OFFICE = "application/vnd.openxmlformats-officedocument."
OFFICE_PARTS = (
    ("word/", OFFICE + "wordprocessingml.document"), ("xl/", OFFICE + "spreadsheetml.sheet"),
    ("ppt/", OFFICE + "presentationml.presentation"),
)  # fmt: skip
TEXT = "text/plain"
ENDINGS = {
    "application/pdf": (".pdf",), "image/png": (".png",), "image/jpeg": (".jpg", ".jpeg"),
    "image/tiff": (".tif", ".tiff"),
    "application/x-ole-storage": (".doc", ".xls", ".ppt"), OFFICE + "wordprocessingml.document": (".docx",),
    OFFICE + "spreadsheetml.sheet": (".xlsx",), OFFICE + "presentationml.presentation": (".pptx",),
    TEXT: (".txt", ".csv", ".md", ".geojson"),
}  # fmt: skip
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")


def media_type(path: Path) -> str | None:
    """The media type of a file; None for one of a kind that is not taken."""
    with path.open("rb") as stream:
        first = stream.read(LOOKED_AT_BYTES)
        for begin, kind in BEGINS:
            if first.startswith(begin):
                return kind
        if first.startswith(b"PK\x03\x04"):
            return _office(stream)
        return TEXT if first and not CONTROL.search(first) and _is_utf8(first) else None


def fitting_name(name: str, kind: str) -> str:
    """A name that ends as its kind does, so that no system takes a text for a program.

    >>> fitting_name("run.bat", "text/plain"), fitting_name("EIA.PDF", "application/pdf")
    ('run.bat.txt', 'EIA.PDF')
    """
    endings = ENDINGS[kind]
    return name if name.lower().endswith(endings) else name + endings[0]


def _office(stream: BinaryIO) -> str | None:
    """By the names of its parts; nothing is unpacked."""
    stream.seek(0, 2)
    stream.seek(max(0, stream.tell() - LOOKED_AT_BYTES))
    if stream.read().count(b"PK\x01\x02") > MOST_PARTS:
        return None
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    return next((kind for part, kind in OFFICE_PARTS if any(name.startswith(part) for name in names)), None)


def _is_utf8(first: bytes) -> bool:
    try:
        first.decode()
    except UnicodeDecodeError as error:
        return len(first) == LOOKED_AT_BYTES and error.start >= len(first) - 3  # a character cut in two at the end
    return True
