"""The catalogue as static STAC in a folder: written whole, taken away where it is of an earlier run."""

from __future__ import annotations

import json
from pathlib import Path

from greensilk.catalogue.stac import ROOT, Object, catalogue_files
from greensilk.catalogue.whole_files import write_whole
from greensilk.errors import UsageError

OURS = b'"greensilk:made"'  # in every file written here, so that a later run may take it away


def write_stac(folder: Path) -> Path:
    """Writes the catalogue into a folder; the same data gives the same bytes.

    folder: is made; what an earlier run wrote there and this one does not is taken away once the rest is in place
    returns: the root, catalog.json
    raises: UsageError if the folder cannot be written to, or holds a catalogue of somebody else
    """
    root = folder / ROOT
    if root.is_file() and not _is_ours(root):
        raise UsageError("datasets.stac_foreign", file=root.name)
    files = dict(catalogue_files())
    try:
        for name in sorted(files, key=lambda name: (name == ROOT, name)):  # the root last: its links lead somewhere
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, _bytes(files[name]))
        _tidy(folder, {folder / name for name in files})
    except OSError as error:
        raise UsageError("reports.cannot_write", path=folder.name, reason=error.strerror or str(error)) from error
    return root


def _bytes(content: Object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode("utf-8", "replace")


def _is_ours(path: Path) -> bool:
    return OURS in path.read_bytes()


def _tidy(folder: Path, written: set[Path]) -> None:
    """Takes away what an earlier run wrote of data that is gone, and the folders it leaves empty."""
    found = {*folder.glob("*/collection.json"), *folder.glob("*/*/*.json")} - written
    for path in sorted(path for path in found if _is_ours(path)):
        path.unlink()
        for parent in (path.parent, path.parent.parent):
            if parent != folder and not any(parent.iterdir()):
                parent.rmdir()
