"""Layers and rasters as workers get them: by name and fingerprint, opened from the worker's own data folder, in use or
as an older version that is kept; never sent, but for what lies in no data folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from greensilk.errors import WorkerError

if TYPE_CHECKING:
    from greensilk.catalogue.data_info import DataInfo
    from greensilk.catalogue.layers import Layer
    from greensilk.catalogue.raster_store import ImportedRaster

# What is told of a layer or raster and moves no fact: copies may differ in it.
TOLD = (
    "imported_at", "title", "label", "licence", "use", "attribution", "source", "dataset", "countries",
    "file_name", "notes",
)  # fmt: skip
Kind = Literal["layer", "raster"]
Opened = TypeVar("Opened", "Layer", "ImportedRaster")


@dataclass(frozen=True)
class DataCopy:
    """A layer or raster that every worker is to have itself. fingerprint: see `fingerprint`."""

    kind: Kind
    id: str
    fingerprint: str


def fingerprint(info: DataInfo) -> str:
    """16 hex digits over all of a layer or raster that moves facts: what is stored, version, coverage, accuracy."""
    counted = json.dumps(info.model_dump(mode="json", exclude=set(TOLD)), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(counted.encode()).hexdigest()[:16]


def named(kind: Kind, things: Mapping[str, DataCopy | Opened]) -> dict[str, DataCopy | Opened]:
    """The layers or rasters to be named to workers; one that this machine's data folder lacks is given as it is."""
    copies: dict[str, DataCopy | Opened] = {}
    for name, one in things.items():
        mark = one.fingerprint if isinstance(one, DataCopy) else fingerprint(one.info)
        copies[name] = DataCopy(kind, name, mark) if mark in _held(kind, name) else one
    return copies


def found(copies: Mapping[str, DataCopy | Opened], worker: str) -> dict[str, Opened]:
    """The layers or rasters named, opened here. worker: what this process is called, for errors.

    raises: WorkerError if one is missing here or another; LayerError if it is damaged; LicenceError if not allowed here
    """
    return {name: _opened(copy, worker) if isinstance(copy, DataCopy) else copy for name, copy in copies.items()}


def require(copies: Mapping[str, Any], worker: str) -> None:
    """Whether the layers or rasters named are here, without opening them.

    raises: WorkerError if one is missing here or another
    """
    for copy in copies.values():
        if isinstance(copy, DataCopy):
            _folder(copy, worker)


_OPENED: dict[str, tuple[str, Any]] = {}  # id -> fingerprint and what it is of: a worker opens each thing once


def _opened(copy: DataCopy, worker: str) -> Any:
    from greensilk.catalogue import layers, raster_store

    mark, opened = _OPENED.get(copy.id, ("", None))
    if opened is None or mark != copy.fingerprint:
        open_version = layers.open_version if copy.kind == "layer" else raster_store.open_version
        opened = open_version(_folder(copy, worker), copy.id)
        _OPENED[copy.id] = copy.fingerprint, opened
    return opened


def _held(kind: Kind, thing: str) -> dict[str, Path]:
    """Fingerprint -> folder of every version on this machine; of two alike the one in use."""
    from greensilk.catalogue import layers, raster_store

    versions = layers.STORE.versions(thing) if kind == "layer" else raster_store.STORE.versions(thing)
    return {fingerprint(info): folder for folder, info in reversed(versions)}


def _folder(copy: DataCopy, worker: str) -> Path:
    held = _held(copy.kind, copy.id)
    if not held:
        raise WorkerError(f"workers.{copy.kind}_missing", worker=worker, id=copy.id, wanted=copy.fingerprint)
    if copy.fingerprint not in held:
        values = {"id": copy.id, "wanted": copy.fingerprint, "found": ", ".join(held)}
        raise WorkerError(f"workers.{copy.kind}_differs", worker=worker, **values)
    return held[copy.fingerprint]
