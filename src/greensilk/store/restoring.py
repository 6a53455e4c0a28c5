"""A backup put back into an empty platform, of whichever kind of database.

Nothing in an archive decides where anything is written: rows go to tables known here, files to the name of their
content.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from greensilk.errors import ConflictError, StoreError
from greensilk.store.archive import (
    FORMAT,
    MANIFEST,
    MOST_MANIFEST_BYTES,
    KeptFile,
    KeptTable,
    Manifest,
    kept_tables,
    read_manifest,
    row_of,
)
from greensilk.store.opening import Store
from greensilk.store.upgrading import newest, upgrade
from greensilk.store.vault import Vault

AT_ONCE = 500  # rows
MOST_ROW_BYTES = 500_000_000
NO_ARCHIVE = (
    zipfile.BadZipFile, zlib.error, ValueError, TypeError, KeyError, AttributeError, RecursionError, EOFError,
    NotImplementedError, IntegrityError, ConflictError,
)  # fmt: skip


def restore(store: Store, vault: Vault, source: Path) -> Manifest:
    """Puts back what an archive holds: files first, then all rows in one transaction.

    raises: StoreError if the platform is not empty, if the archive is none, is damaged or of other tables; OSError
    """
    upgrade(store)
    _refuse_rows(store)
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _manifest(archive)
            for file in manifest.files:
                _restore_file(vault, archive, file)
            with store.writing() as db:
                for kept, table in zip(manifest.tables, kept_tables(), strict=True):
                    _restore_rows(db, archive, kept, table)
    except NO_ARCHIVE as error:
        raise StoreError("store.bad_backup", path=source) from error
    return manifest


def _refuse_rows(store: Store) -> None:
    with store.reading() as db:
        for table in kept_tables():
            if db.execute(select(table).limit(1)).first() is not None:
                raise StoreError("store.not_empty")


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    if archive.getinfo(MANIFEST).file_size > MOST_MANIFEST_BYTES:
        raise ValueError("a manifest of that size is none")
    manifest = read_manifest(archive.read(MANIFEST))
    if manifest.format != FORMAT:
        raise ValueError("not a backup of this format")
    if manifest.revision != newest():
        raise StoreError("store.other_backup", made_with=manifest.greensilk[:40], found=manifest.revision[:40])
    if [kept.name for kept in manifest.tables] != [table.name for table in kept_tables()]:
        raise ValueError("not the tables of its revision")
    return manifest


def _restore_file(vault: Vault, archive: zipfile.ZipFile, file: KeptFile) -> None:
    name = f"files/{file.sha256}"
    if archive.getinfo(name).file_size != file.bytes:
        raise ValueError("a file is not as long as the manifest says")
    with archive.open(name) as stream:
        if vault.keep(cast(BinaryIO, stream))[0] != file.sha256:
            raise ValueError("a file is not what its name says")


def _restore_rows(db: Session, archive: zipfile.ZipFile, kept: KeptTable, table: Table) -> None:
    digest, count = hashlib.sha256(), 0

    def lines() -> Iterator[bytes]:
        with archive.open(f"rows/{table.name}.jsonl") as stream:
            while line := stream.readline(MOST_ROW_BYTES):
                digest.update(line)
                yield line

    read = lines()
    while some := list(islice(read, AT_ONCE)):
        db.execute(table.insert(), [row_of(line, table) for line in some])
        count += len(some)
    if (digest.hexdigest(), count) != (kept.sha256, kept.rows):
        raise ValueError("rows are not those of the manifest")
