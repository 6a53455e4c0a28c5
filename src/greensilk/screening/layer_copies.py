"""Layers as workers get them: by name and fingerprint, opened from the worker's own data folder; never sent, but for
layers that lie in no data folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from greensilk.errors import WorkerError

if TYPE_CHECKING:
    from greensilk.catalogue.data_info import DataInfo
    from greensilk.catalogue.layers import Layer

# What is told of a layer and moves no fact: copies may differ in it.
TOLD = (
    "imported_at", "title", "label", "licence", "use", "attribution", "source", "dataset", "countries",
    "file_name", "notes",
)  # fmt: skip


@dataclass(frozen=True)
class LayerCopy:
    """A layer that every worker is to have itself. fingerprint: see `fingerprint`."""

    id: str
    fingerprint: str


def fingerprint(info: DataInfo) -> str:
    """16 hex digits over all of a layer or raster that moves facts: what is stored, version, coverage, accuracy."""
    counted = json.dumps(info.model_dump(mode="json", exclude=set(TOLD)), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(counted.encode()).hexdigest()[:16]


def named(layers: Mapping[str, LayerCopy | Layer]) -> dict[str, LayerCopy | Layer]:
    """The layers to be named to workers; one that this machine's data folder does not hold is given as it is."""
    copies: dict[str, LayerCopy | Layer] = {}
    for name, layer in layers.items():
        mark = layer.fingerprint if isinstance(layer, LayerCopy) else fingerprint(layer.info)
        copies[name] = LayerCopy(name, mark) if mark in _held(name) else layer
    return copies


def _held(layer_id: str) -> dict[str, Path]:
    """Fingerprint -> folder of every version of a layer on this machine; of two alike the one in use."""
    from greensilk.catalogue.layers import STORE

    return {fingerprint(info): folder for folder, info in reversed(STORE.versions(layer_id))}


_OPENED: dict[str, tuple[str, Layer]] = {}  # id -> fingerprint and layer: a worker opens a layer once


def found(copies: Mapping[str, LayerCopy | Layer], worker: str) -> dict[str, Layer]:
    """The layers named, opened here. worker: what this process is called, for errors.

    raises: WorkerError if one is missing here or another; LayerError if it is damaged; LicenceError if not allowed here
    """
    return {name: _opened(copy, worker) if isinstance(copy, LayerCopy) else copy for name, copy in copies.items()}


def require(copies: Mapping[str, LayerCopy | Layer], worker: str) -> None:
    """Whether the layers named are here, without opening them.

    raises: WorkerError if one is missing here or another
    """
    for copy in copies.values():
        if isinstance(copy, LayerCopy):
            _folder(copy, worker)


def _opened(copy: LayerCopy, worker: str) -> Layer:
    from greensilk.catalogue.layers import open_version

    mark, layer = _OPENED.get(copy.id, ("", None))
    if layer is None or mark != copy.fingerprint:
        layer = open_version(_folder(copy, worker), copy.id)
        _OPENED[copy.id] = copy.fingerprint, layer
    return layer


def _folder(copy: LayerCopy, worker: str) -> Path:
    held = _held(copy.id)
    if not held:
        raise WorkerError("workers.layer_missing", worker=worker, layer=copy.id, wanted=copy.fingerprint)
    if copy.fingerprint not in held:
        found = ", ".join(held)
        raise WorkerError("workers.layer_differs", worker=worker, layer=copy.id, wanted=copy.fingerprint, found=found)
    return held[copy.fingerprint]
