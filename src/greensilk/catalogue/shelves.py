"""Shelves of data on disk, one a kind: layers, rasters, tables. Each thing on a shelf is kept in versions.

One file, `current`, names the version in use; it is replaced in one step, so that an interrupted import leaves the old
version in place. A replaced version stays, to be compared with and gone back to, until it is pruned.

<data folder>/<shelf>/<id>/current
<data folder>/<shelf>/<id>/<version>-<random>/{info.json, ...}
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from greensilk.catalogue.locks import alone
from greensilk.catalogue.settings import data_dir
from greensilk.catalogue.whole_files import write_whole

CURRENT = "current"
INFO = "info.json"  # what is known about a version
UNFINISHED = ".writing-"
ABANDONED_AFTER_S = 86_400.0  # no import takes a day
T = TypeVar("T")


@dataclass(frozen=True)
class Shelf:
    """All things of one kind. kind: the name of its folder in the data folder."""

    kind: str

    @property
    def folder(self) -> Path:
        """Where everything of this kind lies; it may not exist yet."""
        return data_dir() / self.kind

    def ids(self) -> list[str]:
        """Ids that have a version in use."""
        found = [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []
        return sorted(name for name in found if self.current(name) is not None)

    def current(self, thing: str) -> Path | None:
        """The folder of the version in use, or None."""
        pointer = self.folder / thing / CURRENT
        named = None
        while True:
            try:
                name = Path(pointer.read_text("utf-8", "replace").strip()).name
            except (FileNotFoundError, NotADirectoryError):
                return None
            if (folder := pointer.parent / name).is_dir():
                return folder
            if name == named:
                return None
            named = name  # it may have been replaced since the pointer was read: then the pointer names another one now

    def versions(self, thing: str) -> list[Path]:
        """The folders of all whole versions, the one in use last."""
        now = self.current(thing)
        root = self.folder / thing
        folders = list(root.iterdir()) if root.is_dir() else []
        whole = [path for path in folders if (path / INFO).is_file() and not path.name.startswith(UNFINISHED)]
        return sorted(whole, key=lambda path: (path == now, (path / INFO).stat().st_mtime_ns, path.name))

    def put(self, thing: str, version: str, write: Callable[[Path], T], *, in_use: bool = True) -> T:
        """Writes a version into a folder of its own, then puts it in use; an earlier one of the same name and
        files is dropped.

        write: fills the folder, info.json among its files; in_use: if not, another version in use stays so
        """
        root = self.folder / thing
        root.mkdir(parents=True, exist_ok=True)
        before = self.current(thing)
        name = re.sub(r"[^A-Za-z0-9.]+", "_", version).strip("._")[:40] or "version"
        writing = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED}{name}-", dir=root))
        whole = root / writing.name.removeprefix(UNFINISHED)
        try:
            written = write(writing)
            for path in writing.rglob("*"):
                _flush(path)
            with alone(root):
                same = [path for path in self.versions(thing) if _made_of(path) == _made_of(writing)]
                writing.replace(whole)
                if in_use or before is None or before in same:
                    _point(root, whole.name)
                self._tidy(thing, same)
        except BaseException:
            for folder in (writing, whole):
                shutil.rmtree(folder, ignore_errors=True)
            raise
        return written

    def drop(self, thing: str) -> None:
        """Takes a thing out of use, then deletes all its versions."""
        root = self.folder / thing
        (root / CURRENT).unlink(missing_ok=True)
        shutil.rmtree(root, ignore_errors=True)

    def _tidy(self, thing: str, replaced: Iterable[Path]) -> None:
        """Deletes what was replaced and what interrupted imports left; another import may be writing beside."""
        left = time.time() - ABANDONED_AFTER_S
        now = self.current(thing)
        for path in replaced:
            if path != now:
                shutil.rmtree(path, ignore_errors=True)
        for path in (self.folder / thing).glob(f"{UNFINISHED}*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < left:
                    shutil.rmtree(path, ignore_errors=True)


def version_in(folder: Path) -> str | None:
    """The version that a folder holds, None where it does not say."""
    return _made_of(folder)[0]


def _made_of(folder: Path) -> tuple[str | None, str | None]:
    """Version, and sum of the files, of what a folder holds; None where it does not say."""
    try:
        known = json.loads((folder / INFO).read_bytes())
        return str(known["version"]), str(known["file_sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, None


def _point(root: Path, name: str) -> None:
    write_whole(root / CURRENT, name.encode())


def _flush(path: Path) -> None:
    if path.is_file():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())


LAYERS, RASTERS, TABLES = SHELVES = Shelf("layers"), Shelf("rasters"), Shelf("tables")
