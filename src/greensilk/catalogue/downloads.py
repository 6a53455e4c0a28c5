"""Files as their providers gave them, each with a receipt: <data folder>/downloads/<data set>/<version>/<file>."""

from __future__ import annotations

from pathlib import Path

from greensilk.catalogue.settings import data_dir

NEWEST = "newest"  # of data sets whose versions are named after the day: files of several days lie together


def download_folder(dataset_id: str, version: str | None) -> Path:
    """Where the files of a version lie; it may not exist yet."""
    name = NEWEST if version is None else "".join(c if c.isalnum() or c in ".-" else "_" for c in version)[:60]
    return downloads_root() / dataset_id / name.lstrip(".")


def downloads_root() -> Path:
    """Where all downloads lie; it may not exist yet."""
    return data_dir() / "downloads"
