"""One checksum for whatever was imported as one thing: a file, a file geodatabase, or several of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from greensilk.catalogue.bundle import file_sha256
from greensilk.catalogue.vector_files import named_layer

MOST_NAMES = 20  # chunks and tiles come by the hundred


def names_of(paths: Sequence[Path]) -> str:
    """The names of some files, and how many more there are."""
    names = list(dict.fromkeys(path.name for path in paths))
    more = f", + {len(names) - MOST_NAMES}" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def sum_of(paths: Sequence[Path]) -> str:
    """SHA-256 of one file; of several, and of a folder, over the names and sums of their files in this order."""
    files = [file for path in paths for file in _files(named_layer(path)[0])]
    if len(files) == 1:
        return file_sha256(files[0])
    lines = "".join(f"{file_sha256(file)}  {file.name}\n" for file in files)
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()


def _files(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]
