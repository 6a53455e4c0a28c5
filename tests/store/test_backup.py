"""Backups: nothing missing, damage found, from either database into either."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from greensilk.errors import StoreError
from greensilk.store.archive import LEFT_OUT, MANIFEST
from greensilk.store.backup import back_up
from greensilk.store.opening import SQLITE_FILE, Store, open_store
from greensilk.store.restoring import restore
from greensilk.store.vault import Vault

sys.path.insert(0, str(Path(__file__).parent))
from every_table import contents, fill

from platform_store import DATABASES, Postgres

CONTENT = b"\x00rated\xff" * 1000


@pytest.fixture(params=DATABASES)
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty database to restore into."""
    address, server = f"sqlite:///{tmp_path / 'other' / SQLITE_FILE}", None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        assert isinstance(server, Postgres)
        address = server.empty()
    opened = open_store(tmp_path, address)
    yield opened
    opened.close()
    if server is not None:
        server.drop(address)


@pytest.fixture
def filled(store: Store, vault: Vault) -> Store:
    sha256, _ = vault.keep(CONTENT)
    with store.writing() as db:
        fill(db, sha256)
    return store


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.reading() as db:
        return {name: found for name, found in contents(db).items() if name not in LEFT_OUT}


def test_all_comes_back_from_either_into_either(filled: Store, vault: Vault, other: Store, tmp_path: Path) -> None:
    made = back_up(filled, vault, tmp_path / "b.zip")
    assert (made.missing, len(made.files)) == ([], 1)
    elsewhere = Vault(tmp_path / "elsewhere")
    assert restore(other, elsewhere, tmp_path / "b.zip") == made
    assert rows(other) == rows(filled)
    assert elsewhere.read(made.files[0].sha256) == CONTENT
    back_up(other, elsewhere, tmp_path / "again.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as one, zipfile.ZipFile(tmp_path / "again.zip") as two:
        names = [name for name in one.namelist() if name != MANIFEST]
        assert names == [name for name in two.namelist() if name != MANIFEST]
        assert [one.read(name) for name in names] == [two.read(name) for name in names]


def test_a_file_named_within_a_document_is_kept_too(filled: Store, vault: Vault, tmp_path: Path) -> None:
    from sqlalchemy import text

    sha256, _ = vault.keep(b"routes")
    with filled.writing() as db:
        db.execute(
            text("UPDATE job SET arguments = :told"), {"told": json.dumps({"options": [{"file_sha256": sha256}]})}
        )
    assert sha256 in {file.sha256 for file in back_up(filled, vault, tmp_path / "b.zip").files}


def test_nobody_stays_signed_in_and_only_the_owner_reads_it(filled: Store, vault: Vault, tmp_path: Path) -> None:
    back_up(filled, vault, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert not [name for name in archive.namelist() if "signed_in" in name]
    assert os.name == "nt" or stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600


def test_a_missing_file_is_named_and_the_rest_is_kept(filled: Store, tmp_path: Path, other: Store) -> None:
    made = back_up(filled, Vault(tmp_path / "nothing"), tmp_path / "b.zip")
    assert len(made.missing) == 1 and made.files == []
    assert restore(other, Vault(tmp_path / "elsewhere"), tmp_path / "b.zip").missing == made.missing


def test_an_altered_file_is_not_taken_for_good(filled: Store, vault: Vault, tmp_path: Path) -> None:
    sha256, _ = vault.keep(CONTENT)
    vault.path(sha256).write_bytes(b"altered")
    with pytest.raises(StoreError, match=sha256[:12]):
        back_up(filled, vault, tmp_path / "b.zip")
    assert [path.name for path in tmp_path.glob("*.zip")] == []


def test_nothing_is_overwritten(filled: Store, vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("mine")
    with pytest.raises(StoreError):
        back_up(filled, vault, tmp_path / "b.zip")
    back_up(filled, vault, tmp_path / "c.zip")
    with pytest.raises(StoreError, match="empty"):
        restore(filled, vault, tmp_path / "c.zip")
    assert (tmp_path / "b.zip").read_text() == "mine"


def altered(source: Path, target: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            kept = change(name, old.read(name))
            if kept is not None:
                new.writestr(*kept)


def manifest_with(change: Callable[[dict[str, Any]], object]) -> Callable[[str, bytes], tuple[str, bytes]]:
    def changed(name: str, content: bytes) -> tuple[str, bytes]:
        if name != MANIFEST:
            return name, content
        told = json.loads(content)
        change(told)
        return name, json.dumps(told).encode()

    return changed


ATTACKS: dict[str, Callable[[str, bytes], tuple[str, bytes] | None]] = {
    "a row changed": lambda name, content: (name, content.replace(b'"lead":"RED"', b'"lead":"GREEN"')),
    "a row left out": lambda name, content: (name, b"" if name == "rows/verdict.jsonl" else content),
    "a table left out": lambda name, content: None if name == "rows/verdict.jsonl" else (name, content),
    "a file changed": lambda name, content: (name, b"other" if name.startswith("files/") else content),
    "a file left out": lambda name, content: None if name.startswith("files/") else (name, content),
    "no manifest": lambda name, content: None if name == MANIFEST else (name, content),
    "a manifest that is none": lambda name, content: (name, b"[]" if name == MANIFEST else content),
    "a manifest in words": lambda name, content: (name, b'"x"' if name == MANIFEST else content),
    "a deep manifest": lambda name, content: (name, b"[" * 100_000 if name == MANIFEST else content),
    "a path outside": manifest_with(lambda told: told["files"][0].update(sha256="../../../outside")),
    "an unknown table": manifest_with(lambda told: told["tables"][0].update(name="alembic_version")),
    "another format": manifest_with(lambda told: told.update(format="other")),
    "newer tables": manifest_with(lambda told: told.update(revision="9999")),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_damaged_archive_restores_no_row(sqlite_file: Path, vault: Vault, tmp_path: Path, attack: Any) -> None:
    copy = shutil.copy(sqlite_file, tmp_path / SQLITE_FILE)
    source = open_store(tmp_path, f"sqlite:///{copy}")  # what is read is the same whatever it is read into
    with source.writing() as db:
        fill(db, vault.keep(CONTENT)[0])
    back_up(source, vault, tmp_path / "b.zip")
    source.close()
    altered(tmp_path / "b.zip", tmp_path / "bad.zip", attack)
    other = open_store(tmp_path / "other", f"sqlite:///{tmp_path / 'other' / SQLITE_FILE}")
    with pytest.raises(StoreError):
        restore(other, Vault(tmp_path / "elsewhere"), tmp_path / "bad.zip")
    assert not any(rows(other).values())
    assert not list(tmp_path.parent.rglob("outside*"))
    other.close()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_archive_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    other = open_store(tmp_path / "other", f"sqlite:///{tmp_path / 'other' / SQLITE_FILE}")
    with pytest.raises(StoreError, match="no backup"):
        restore(other, Vault(tmp_path / "elsewhere"), tmp_path / "b.zip")
    other.close()
