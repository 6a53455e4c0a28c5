"""A backup: all rows as they were at one moment, and every file that they speak of, in one archive.

The platform may go on meanwhile. Files of the vault never change and are there before their rows, so those of the rows
at that moment are there too.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import zipfile
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from greensilk.errors import StoreError
from greensilk.store.archive import FORMAT, MANIFEST, KeptFile, KeptTable, Manifest, files_named, kept_tables, line_of
from greensilk.store.columns import now
from greensilk.store.opening import Store
from greensilk.store.upgrading import newest, revision
from greensilk.store.vault import SHA256, Vault

AT_ONCE = 500  # rows
PIECE_BYTES = 1 << 20


def back_up(store: Store, vault: Vault, target: Path) -> Manifest:
    """Writes an archive, whole or not at all; its owner alone may read it.

    returns: what it holds; `missing` names files that the vault should have and has not
    raises: StoreError if the target exists, or the tables are of another version of this program; OSError
    """
    if target.exists():
        raise StoreError("store.backup_exists", path=target)
    found = revision(store)
    if found != newest():
        raise StoreError("store.other_tables", found=found or "-", known=newest())
    handle, temporary = tempfile.mkstemp(prefix=".writing-", suffix=".zip", dir=target.absolute().parent)
    try:
        with os.fdopen(handle, "wb") as sink:
            with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                manifest = _write(store, vault, archive, found)
            sink.flush()
            os.fsync(sink.fileno())
        Path(temporary).replace(target)
        return manifest
    finally:
        Path(temporary).unlink(missing_ok=True)


def _write(store: Store, vault: Vault, archive: zipfile.ZipFile, found: str) -> Manifest:
    named: set[str] = set()
    with store.reading() as db:  # one view of all tables
        tables = [_write_rows(db, table, archive, named) for table in kept_tables()]
    files, missing = [], []
    for sha256 in sorted(name for name in named if re.fullmatch(SHA256, name)):
        kept = _write_file(vault, sha256, archive)
        if kept is None:
            missing.append(sha256)
        else:
            files.append(kept)
    manifest = Manifest(FORMAT, version("greensilk"), found, now().isoformat(), tables, files, missing)
    archive.writestr(MANIFEST, manifest.written())
    return manifest


def _write_rows(db: Session, table: Table, archive: zipfile.ZipFile, named: set[str]) -> KeptTable:
    wanted = select(table).order_by(*table.primary_key)
    digest, count = hashlib.sha256(), 0
    with archive.open(f"rows/{table.name}.jsonl", "w", force_zip64=True) as sink:
        for row in db.execute(wanted, execution_options={"yield_per": AT_ONCE}):
            line = line_of(row).encode() + b"\n"
            digest.update(line)
            sink.write(line)
            named.update(files_named(row))
            count += 1
    return KeptTable(table.name, count, digest.hexdigest())


def _write_file(vault: Vault, sha256: str, archive: zipfile.ZipFile) -> KeptFile | None:
    try:
        path = vault.path(sha256)
    except StoreError:
        return None
    entry = zipfile.ZipInfo(f"files/{sha256}")  # stored as it is: results are packed already
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream, archive.open(entry, "w", force_zip64=True) as sink:
        while piece := stream.read(PIECE_BYTES):
            digest.update(piece)
            sink.write(piece)
            size += len(piece)
    if digest.hexdigest() != sha256:
        raise StoreError("store.file_altered", sha256=sha256[:12])
    return KeptFile(sha256, size)
