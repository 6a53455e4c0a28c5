"""Files as their providers gave them, each with a receipt: <data folder>/downloads/<data set>/<version>/<file>."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from greensilk.catalogue.settings import data_dir

NEWEST = "newest"  # of data sets whose versions are named after the day: files of several days lie together
MOST_LETTERS = 60


def download_folder(dataset_id: str, version: str | None) -> Path:
    """Where the files of a version lie; it may not exist yet. No two versions have the same."""
    return downloads_root() / dataset_id / (NEWEST if version is None else _folder_name(version))


def downloads_root() -> Path:
    """Where all downloads lie; it may not exist yet."""
    return data_dir() / "downloads"


def _folder_name(version: str) -> str:
    """A version as a name for a folder: where that is not the version itself, part of a sum tells it from others.

    >>> _folder_name("1.3.0"), _folder_name("2021 v200")
    ('1.3.0', '2021_v200-8a67b3bb')
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", version).strip("._-")[:MOST_LETTERS].rstrip("._-")
    if plain and plain == version != NEWEST:
        return plain
    digest = sha256(version.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain}-{digest}" if plain else digest
