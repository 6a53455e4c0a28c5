"""Folders of layers on disk. One file, `current`, names the version in use; it is replaced in one step, so that an
interrupted import leaves the old version in place.

<data folder>/layers/<id>/current
<data folder>/layers/<id>/<version>-<random>/{shapes.index, attributes.arrow, info.json}
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from greensilk.catalogue.settings import data_dir

CURRENT = "current"
ABANDONED_AFTER_S = 86_400.0  # no import takes a day
T = TypeVar("T")


def layers_folder() -> Path:
    """Where all layers lie; it may not exist yet."""
    return data_dir() / "layers"


def layer_ids() -> list[str]:
    """Ids of the layers that have a version in use."""
    root = layers_folder()
    found = [path.name for path in root.iterdir()] if root.is_dir() else []
    return sorted(name for name in found if current_folder(name) is not None)


def current_folder(layer_id: str) -> Path | None:
    """The folder of the version in use, or None."""
    pointer = layers_folder() / layer_id / CURRENT
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


def replace_layer(layer_id: str, version: str, write: Callable[[Path], T]) -> T:
    """Writes a new version into a folder of its own, then puts it in use and drops the older ones."""
    root = layers_folder() / layer_id
    root.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^A-Za-z0-9.]+", "_", version).strip("._")[:40] or "version"
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=root))
    try:
        written = write(folder)
        for path in folder.iterdir():
            _flush(path)
        before = current_folder(layer_id)
        _point(root, folder.name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _drop_old(root, before, folder)
    return written


def drop_layer(layer_id: str) -> None:
    """Takes a layer out of use, then deletes its files."""
    root = layers_folder() / layer_id
    (root / CURRENT).unlink(missing_ok=True)
    shutil.rmtree(root, ignore_errors=True)


def _point(root: Path, name: str) -> None:
    handle, temporary = tempfile.mkstemp(prefix=".current-", dir=root)
    with os.fdopen(handle, "w", encoding="utf-8") as sink:
        sink.write(name)
        sink.flush()
        os.fsync(sink.fileno())
    Path(temporary).replace(root / CURRENT)


def _flush(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _drop_old(root: Path, before: Path | None, now: Path) -> None:
    """Deletes the version that was replaced and what interrupted imports left; another import may be writing beside."""
    left = time.time() - ABANDONED_AFTER_S
    for path in root.iterdir():
        with suppress(FileNotFoundError):
            if path.is_dir() and path != now and (path == before or path.stat().st_mtime < left):
                shutil.rmtree(path, ignore_errors=True)
