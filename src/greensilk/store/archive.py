"""What a backup is made of: a ZIP with one JSON line a row, the files that rows speak of, and a manifest of both.

The same for both databases, so that one is restored into the other.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import LargeBinary, Table
from sqlalchemy.types import Date, TypeEngine

from greensilk.store.columns import UtcTime
from greensilk.store.tables import METADATA

FORMAT = "greensilk-backup-1"
MANIFEST = "manifest.json"
MOST_MANIFEST_BYTES = 500_000_000  # one line a file: some four million files
LEFT_OUT = frozenset(("signed_in", "sign_in_attempt"))  # nobody stays signed in through a restore
FILE_KEYS = ("file_sha256", "pages_sha256")  # columns and keys of documents that name a file of the vault


@dataclass(frozen=True)
class KeptFile:
    """A file of the vault within an archive."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class KeptTable:
    """The rows of a table within an archive. sha256: of its lines"""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive holds. missing: files that rows speak of and the vault did not have when it was made"""

    format: str
    greensilk: str
    revision: str
    made_at: str
    tables: list[KeptTable]
    files: list[KeptFile]
    missing: list[str]

    def written(self) -> str:
        """As it stands in the archive."""
        return json.dumps(asdict(self), indent=1)


def read_manifest(written: bytes) -> Manifest:
    """A manifest as it was written.

    raises: ValueError, TypeError, KeyError or RecursionError for what is none
    """
    told = json.loads(written)
    tables = [KeptTable(**table) for table in told.pop("tables")]
    files = [KeptFile(**file) for file in told.pop("files")]
    return Manifest(**told, tables=tables, files=files)


def kept_tables() -> list[Table]:
    """Tables of a backup, each after those that its rows point at."""
    return [table for table in METADATA.sorted_tables if table.name not in LEFT_OUT]


def line_of(row: Any) -> str:
    """A row as a line."""
    return json.dumps({name: _written(value) for name, value in row._mapping.items()}, separators=(",", ":"))


def row_of(line: bytes, table: Table) -> dict[str, Any]:
    """A line as a row.

    raises: ValueError, TypeError or KeyError for what is none
    """
    told = json.loads(line)
    return {column.name: _read(told[column.name], column.type) for column in table.columns}


def files_named(row: Any) -> Iterator[str]:
    """The sha256 of every file that a row speaks of, in its columns or within its documents."""
    yield from _named_in(dict(row._mapping))


def _named_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            if key in FILE_KEYS and isinstance(part, str):
                yield part
            elif isinstance(part, dict | list):
                yield from _named_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _named_in(part)


def _written(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, dt.date) else value


def _read(value: Any, kind: TypeEngine[Any]) -> Any:
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value, validate=True)
    if isinstance(kind, UtcTime):
        return dt.datetime.fromisoformat(value)
    return dt.date.fromisoformat(value) if isinstance(kind, Date) else value
