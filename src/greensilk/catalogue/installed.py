"""Everything imported on this machine, whatever its kind: what is in use, which older versions are kept."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from greensilk.catalogue.data_info import DataInfo
from greensilk.catalogue.datasets import Dataset, datasets
from greensilk.catalogue.downloads import NEWEST, download_folder, downloads_root
from greensilk.catalogue.layers import layer_states, remove_layer, verify_layer
from greensilk.catalogue.raster_store import raster_states, remove_raster, verify_raster
from greensilk.catalogue.shelves import LAYERS, RASTERS, SHELVES, TABLES, Shelf, version_in
from greensilk.catalogue.tables import remove_table, table_states, verify_table
from greensilk.errors import LayerError

STATES: Mapping[Shelf, Callable[[], Mapping[str, DataInfo | LayerError]]] = {
    LAYERS: layer_states,
    RASTERS: raster_states,
    TABLES: table_states,
}
VERIFY: Mapping[Shelf, Callable[[str], DataInfo]] = {LAYERS: verify_layer, RASTERS: verify_raster, TABLES: verify_table}
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
    """Whether a newer version is to be expected: another one is defined, or its provider's rhythm has passed."""
    one = datasets().get(info.dataset or "")
    if one is None:
        return False
    if one.versions.named == "fixed":
        return info.version != one.versions.current
    return one.stale_after_days is not None and (today - _age_from(info, one)).days > one.stale_after_days


def _age_from(info: DataInfo, one: Dataset) -> dt.date:
    """The day a version is of, as its name says; else the day it was imported."""
    pattern = one.versions.pattern or "%Y-%m-%d"
    try:
        return dt.datetime.strptime(info.version, pattern).date()
    except ValueError:
        return dt.date.fromisoformat(info.imported_at[:10])


@dataclass(frozen=True)
class Pruned:
    """One folder that is not needed any more. version: "" for what an interrupted import or download left."""

    kind: str
    id: str
    version: str
    bytes: int
    folder: Path


def prunable() -> list[Pruned]:
    """Versions that are not in use, and downloads of versions that are not."""
    found = []
    for shelf in SHELVES:
        for thing in shelf.ids():
            for folder in shelf.versions(thing)[:-1]:
                found.append(Pruned(shelf.kind, thing, version_in(folder) or "", _size(folder), folder))
    return [*found, *_old_downloads()]


def _old_downloads() -> list[Pruned]:
    root = downloads_root()
    found = []
    for thing in sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []:
        in_use = {download_folder(thing.name, info.version).name for info in installed_of(thing.name)}
        # Where nothing is in use yet, what lies here is a pull to be gone on with.
        found += [
            Pruned("downloads", thing.name, folder.name, _size(folder), folder)
            for folder in sorted(thing.iterdir())
            if in_use and folder.is_dir() and folder.name not in {NEWEST, *in_use}
        ]
    return found


def prune(folders: list[Pruned]) -> None:
    """Deletes what `prunable` found."""
    for one in folders:
        shutil.rmtree(one.folder, ignore_errors=True)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
