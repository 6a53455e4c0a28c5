"""Files of the platform, kept by their content: a name is the sha256 of what it names, so nothing is ever overwritten.

A file is on disk before any row speaks of it; one that no row speaks of is harmless.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from greensilk.errors import StoreError

PIECE_BYTES = 1 << 20
UNFINISHED, WORKED_IN = ".writing-", ".work-"
ABANDONED_AFTER_S = 86_400.0  # no file is written, and no job worked on, for a day
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Vault:
    """All files of one platform, below one folder."""

    folder: Path

    def path(self, sha256: str) -> Path:
        """Where a file lies.

        raises: StoreError for what is no sha256, or if the file is not there
        """
        if not SHA256.fullmatch(sha256):
            raise StoreError("store.no_file", sha256=sha256[:64])
        found = self.folder / sha256[:2] / sha256
        if not found.is_file():
            raise StoreError("store.no_file", sha256=sha256[:12])
        return found

    def keep(self, content: bytes | Path | BinaryIO, most_bytes: int | None = None) -> tuple[str, int]:
        """Puts content away, on disk when this returns.

        most_bytes: how much it may be
        returns: its sha256 and how many bytes it is
        raises: StoreError if it is more
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle, temporary = tempfile.mkstemp(prefix=UNFINISHED, dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as sink:
                for piece in _pieces(content):
                    size += len(piece)
                    if most_bytes is not None and size > most_bytes:
                        raise StoreError("store.too_big", most=most_bytes // 1_000_000)
                    digest.update(piece)
                    sink.write(piece)
                sink.flush()
                os.fsync(sink.fileno())
            return self._placed(Path(temporary), digest.hexdigest()), size
        finally:
            Path(temporary).unlink(missing_ok=True)

    @contextmanager
    def work_folder(self) -> Iterator[Path]:
        """A folder for what is made before it is kept, gone when the block ends; one killed leaves it to `sweep`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=WORKED_IN, dir=self.folder) as folder:
            yield Path(folder)

    def sweep(self) -> None:
        """Takes away what processes that were killed left half done."""
        for left in [*self.folder.glob(f"{UNFINISHED}*"), *self.folder.glob(f"{WORKED_IN}*")]:
            with suppress(OSError):  # another process swept it meanwhile
                if left.stat().st_mtime < time.time() - ABANDONED_AFTER_S:
                    shutil.rmtree(left) if left.is_dir() else left.unlink()

    def _placed(self, temporary: Path, sha256: str) -> str:
        target = self.folder / sha256[:2] / sha256
        target.parent.mkdir(exist_ok=True)
        if not target.is_file():
            temporary.replace(target)
            _sync_folder(target.parent)
        return sha256

    def read(self, sha256: str, first: int = 0, count: int | None = None) -> bytes:
        """A file, or `count` bytes of it from byte `first` on.

        raises: StoreError if it is not there
        """
        with self.path(sha256).open("rb") as stream:
            stream.seek(first)
            return stream.read(-1 if count is None else count)


def _pieces(content: bytes | Path | BinaryIO) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
    elif isinstance(content, Path):
        with content.open("rb") as stream:
            yield from _pieces(stream)
    else:
        while piece := content.read(PIECE_BYTES):
            yield piece


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
