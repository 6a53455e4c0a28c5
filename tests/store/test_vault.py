"""The vault: files by their content, whole or not there, never outside its folder."""

from __future__ import annotations

import hashlib
import io
import os
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.errors import StoreError
from greensilk.store.vault import ABANDONED_AFTER_S, UNFINISHED, WORKED_IN, Vault


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.binary(max_size=2000))
def test_what_is_kept_comes_back_whole_and_in_parts(vault: Vault, content: bytes) -> None:
    sha256, size = vault.keep(io.BytesIO(content))
    assert (sha256, size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert vault.keep(vault.path(sha256)) == vault.keep(content) == (sha256, size)
    assert vault.read(sha256) == content
    assert vault.read(sha256, 3, 5) == content[3:8]


@pytest.mark.parametrize(
    "name", ["", "..", "../" * 10 + "etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "0" * 64, "\0", ".writing-x"]
)
def test_what_is_no_name_of_a_file_leads_nowhere(vault: Vault, name: str) -> None:
    vault.keep(b"x")
    with pytest.raises(StoreError):
        vault.path(name)


class Breaking(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(10)
        if not found:
            raise ConnectionError("gone")
        return found


def test_nothing_is_left_of_what_broke_off_or_was_too_big(vault: Vault) -> None:
    with pytest.raises(ConnectionError):
        vault.keep(Breaking(b"x" * 100))
    with pytest.raises(StoreError):
        vault.keep(io.BytesIO(b"x" * 101), most_bytes=100)
    assert list(vault.folder.iterdir()) == []
    assert vault.keep(b"x" * 100, most_bytes=100)[1] == 100


def test_the_same_file_from_many_at_once_is_one(vault: Vault) -> None:
    kept: list[str] = []
    threads = [threading.Thread(target=lambda: kept.append(vault.keep(b"same" * 1000)[0])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == 8 and len(set(kept)) == 1
    assert [path.name for path in vault.folder.rglob("*") if path.is_file()] == [kept[0]]


def test_what_killed_processes_left_goes_after_a_day_and_nothing_else(vault: Vault) -> None:
    kept, _ = vault.keep(b"kept")
    with vault.work_folder() as mine:
        old, young = vault.folder / f"{WORKED_IN}old", vault.folder / f"{UNFINISHED}young"
        old.mkdir()
        (old / "part").write_bytes(b"x")
        young.write_bytes(b"x")
        (vault.folder / f"{UNFINISHED}old").write_bytes(b"x")
        for left in (old, vault.folder / f"{UNFINISHED}old", vault.path(kept)):
            os.utime(left, (0, left.stat().st_mtime - ABANDONED_AFTER_S - 60))
        vault.sweep()
        assert sorted(vault.folder.glob(".*")) == sorted([mine, young])
    assert vault.read(kept) == b"kept" and not mine.exists()
