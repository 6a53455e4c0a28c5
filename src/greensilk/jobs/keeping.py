"""What a job made, put away: files in the vault before rows speak of them, pages of ratings packed in one file."""

from __future__ import annotations

import gzip
import json
import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import insert
from sqlalchemy.orm import Session

from greensilk.store.columns import new_id, now
from greensilk.store.queue import Claimed
from greensilk.store.vault import Vault
from greensilk.store.work import ResultFile

MEDIA_TYPES = {
    ".geojson": "application/geo+json",
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".html": "text/html; charset=utf-8",
    ".zip": "application/zip",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
COMPRESSION = 1  # the highest makes parts a sixth smaller, and takes three times as long
FIRST_ZIP_DAY = (1980, 1, 1, 0, 0, 0)  # so that the same content is the same file

Parts = dict[str, list[int]]


@dataclass(frozen=True)
class Kept:
    """A file in the vault."""

    name: str
    media_type: str
    sha256: str
    size: int


def keep_files(vault: Vault, paths: Iterable[Path]) -> list[Kept]:
    """Puts files away under their names."""
    return [Kept(path.name, media_type(path.name), *vault.keep(path)) for path in paths]


def media_type(name: str) -> str:
    """The media type of a file by its ending."""
    found = MEDIA_TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
    return found or "application/octet-stream"


def add_to_zip(archive: ZipFile, name: str, content: str | bytes) -> None:
    """Puts a file into an archive that is written."""
    about = ZipInfo(name, FIRST_ZIP_DAY)
    about.external_attr = 0o644 << 16
    archive.writestr(about, content, ZIP_DEFLATED, COMPRESSION)


def compressed(content: str | dict[str, Any]) -> bytes:
    """A part of a page as it is kept and sent; objects as JSON."""
    said = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, allow_nan=False)
    return gzip.compress(said.encode(), COMPRESSION, mtime=0)


def file_rows(db: Session, job: Claimed, kept: Iterable[Kept]) -> None:
    """Rows for files that are in the vault."""
    at = now()
    rows = [
        {"id": new_id(), "organisation_id": job.organisation_id, "job_id": job.id, "name": one.name,
         "media_type": one.media_type, "file_sha256": one.sha256, "file_bytes": one.size, "created_at": at}
        for one in kept
    ]  # fmt: skip
    if rows:
        db.execute(insert(ResultFile), rows)


@dataclass
class Pack:
    """Many small parts in one file, each compressed for itself and found by its place. path: where it is written"""

    path: Path
    _end: int = field(default=0, init=False)

    def add(self, parts: Mapping[str, bytes]) -> Parts:
        """Adds some parts, by name, as `compressed` gives them.

        returns: name -> [first byte, bytes]
        """
        places: Parts = {}
        with self.path.open("ab") as sink:
            for name, content in parts.items():
                sink.write(content)
                places[name] = [self._end, len(content)]
                self._end += len(content)
        return places
