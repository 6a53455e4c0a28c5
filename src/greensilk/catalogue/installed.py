"""Everything imported on this machine, whatever its kind: what is in use, which older versions are kept."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from greensilk.catalogue.data_info import DataInfo
from greensilk.catalogue.datasets import datasets
from greensilk.catalogue.downloads import NEWEST, download_folder, downloads_root
from greensilk.catalogue.layers import layer_states, remove_layer, verify_layer
from greensilk.catalogue.plans import DAYS, version_day
from greensilk.catalogue.raster_store import raster_states, remove_raster, verify_raster
from greensilk.catalogue.settings import data_dir
from greensilk.catalogue.shelves import (
    ABANDONED_AFTER_S,
    INFO,
    LAYERS,
    RASTERS,
    SHELVES,
    TABLES,
    UNFINISHED,
    Shelf,
    version_in,
)
from greensilk.catalogue.tables import remove_table, table_states, verify_table
from greensilk.errors import LayerError

STATES: Mapping[Shelf, Callable[[], Mapping[str, DataInfo | LayerError]]] = {
    LAYERS: layer_states,
    RASTERS: raster_states,
    TABLES: table_states,
}
VERIFY: Mapping[Shelf, Callable[[str], DataInfo]] = {LAYERS: verify_layer, RASTERS: verify_raster, TABLES: verify_table}
UNPACKED = ".unpacked-"  # folders in which archives are unpacked for an import
REMOVE: Mapping[Shelf, Callable[[str], None]] = {LAYERS: remove_layer, RASTERS: remove_raster, TABLES: remove_table}


@dataclass(frozen=True)
class Held:
    """One thing on a shelf. info: what is known about it, or what is wrong with it."""

    shelf: Shelf
    id: str
    info: DataInfo | LayerError

    @property
    def whole(self) -> DataInfo | None:
        """What is known about it, None where it is damaged."""
        return self.info if isinstance(self.info, DataInfo) else None


def everything() -> list[Held]:
    """All imported layers, rasters and tables, by kind and id."""
    return [Held(shelf, name, info) for shelf, states in STATES.items() for name, info in states().items()]


def find(thing: str) -> Held | None:
    """The layer, raster or table of an id, or None."""
    return next((held for held in everything() if held.id == thing), None)


def remove(thing: str) -> None:
    """Takes a layer, raster or table off this machine, with all its versions.

    raises: LayerError if there is none of that id
    """
    held = find(thing)
    if held is None:
        raise LayerError("datasets.not_held", id=thing[:60])
    REMOVE[held.shelf](thing)


def installed_of(dataset_id: str) -> list[DataInfo]:
    """What is in use of a data set; damaged things do not count."""
    return [info for held in everything() if (info := held.whole) and info.dataset == dataset_id]


def stale(info: DataInfo, today: dt.date) -> bool:
    """Whether a newer version is to be expected: a later one is defined, or its provider's rhythm has passed."""
    one = datasets().get(info.dataset or "")
    if one is None:
        return False
    if one.versions.current is not None:
        return is_earlier(info.version, one.versions.current)
    return one.stale_after_days is not None and (today - day_of(info)).days > one.stale_after_days


def is_earlier(version: str, other: str) -> bool:
    """Whether a version comes before another, numbers in it by their value; one with more after the same is later.

    >>> is_earlier("1.9", "1.10"), is_earlier("1.3", "1.3.0"), is_earlier("V6.GL.03 2022", "V6.GL.03")
    (True, False, False)
    """
    return _natural(version) < _natural(other)


def _natural(version: str) -> list[tuple[int, int, str]]:
    parts = re.findall(r"\d+|[^\W\d_]+", re.sub(r"^v(?=\d)", "", version.strip().casefold()))
    key = [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]
    while key and key[-1] == (1, 0, ""):  # 1.3 and 1.3.0 are the same
        key.pop()
    return key


def day_of(info: DataInfo) -> dt.date:
    """The day a version is of, as its name says; else the day it was imported."""
    one = datasets().get(info.dataset or "")
    forms = [one.versions.pattern] if one and one.versions.pattern else DAYS
    return version_day(info.version, forms) or dt.date.fromisoformat(info.imported_at[:10])


@dataclass(frozen=True)
class Pruned:
    """One folder that is not needed any more. version: of a download the name of its folder; "" for what an interrupted
    import left, whose kind is that of its shelf, or "unpacked"."""

    kind: str
    id: str
    version: str
    bytes: int
    folder: Path


def prunable() -> list[Pruned]:
    """Versions that are not in use, downloads of versions that are not, and what interrupted imports left.

    A download that may still be gone on with stays: one begun later than what is in use came here, or of a data set of
    which nothing is in use yet; so does whatever was written to within a day and is not in use yet.
    """
    return [*_old_versions(), *_left_behind(), *_old_downloads()]


def _old_versions() -> Iterator[Pruned]:
    for shelf in SHELVES:
        for thing in shelf.ids():
            for folder in shelf.versions(thing)[:-1]:
                yield Pruned(shelf.kind, thing, version_in(folder) or "", _size(folder), folder)


def _left_behind() -> Iterator[Pruned]:
    """Folders in which imports were writing that were interrupted."""
    found = [
        (shelf.kind, path.parent.name, path) for shelf in SHELVES for path in shelf.folder.glob(f"*/{UNFINISHED}*")
    ]
    found += [("unpacked", path.name, path) for path in data_dir().glob(f"{UNPACKED}*")]
    for kind, thing, folder in sorted(found):
        if folder.is_dir() and _is_abandoned(folder):
            yield Pruned(kind, thing, "", _size(folder), folder)


def _old_downloads() -> Iterator[Pruned]:
    root = downloads_root()
    used = _in_use()
    for place in sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []:
        versions = used.get(place.name, {})
        kept = {download_folder(place.name, version).name for version in versions} | ({NEWEST} if versions else set())
        since = max(versions.values(), default=None)
        for folder in sorted(path for path in place.iterdir() if path.is_dir()):
            if folder.name not in kept and not _may_go_on(folder, since):
                yield Pruned("downloads", place.name, folder.name, _size(folder), folder)


def _in_use() -> dict[str, dict[str, float]]:
    """Data set -> version in use of it -> when that was put here; what is damaged counts as far as it says."""
    found: dict[str, dict[str, float]] = {}
    for shelf in SHELVES:
        for thing in shelf.ids():
            with suppress(OSError, ValueError, KeyError, TypeError):
                path = (shelf.current(thing) or Path()) / INFO
                said = json.loads(path.read_bytes())
                versions = found.setdefault(str(said["dataset"]), {})
                versions[str(said["version"])] = max(path.stat().st_mtime, versions.get(str(said["version"]), 0.0))
    return found


def _may_go_on(folder: Path, since: float | None) -> bool:
    """Whether a download may not be done with. since: when what is in use was put here, None = nothing is"""
    begun = any(folder.rglob("*.part"))
    if since is None:
        return begun or not _is_abandoned(folder)
    return _written_to(folder) > since and (begun or not _is_abandoned(folder))


def _is_abandoned(folder: Path) -> bool:
    return time.time() - _written_to(folder) > ABANDONED_AFTER_S


def _written_to(folder: Path) -> float:
    """When something in a folder was last written to."""
    times = [folder.stat().st_mtime]
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            times.append(path.stat().st_mtime)
    return max(times)


def prune(folders: list[Pruned]) -> None:
    """Deletes what `prunable` found.

    raises: OSError at the first that cannot be deleted
    """
    for one in folders:
        shutil.rmtree(one.folder)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
