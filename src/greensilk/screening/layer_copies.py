"""Layers as workers get them: by name and fingerprint, opened from the worker's own data folder; never sent, but for
layers that lie in no data folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greensilk.errors import LayerError, WorkerError

if TYPE_CHECKING:
    from greensilk.catalogue.data_info import DataInfo
    from greensilk.catalogue.layer_records import LayerInfo
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
    from greensilk.catalogue.layers import installed_layers

    installed = {name: fingerprint(info) for name, info in installed_layers().items()}
    copies: dict[str, LayerCopy | Layer] = {}
    for name, layer in layers.items():
        mark = layer.fingerprint if isinstance(layer, LayerCopy) else fingerprint(layer.info)
        copies[name] = LayerCopy(name, mark) if installed.get(name) == mark else layer
    return copies


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
    from greensilk.catalogue.layers import installed_layers

    here = installed_layers()
    for copy in copies.values():
        if isinstance(copy, LayerCopy):
            _require(copy, here.get(copy.id), worker)


def _opened(copy: LayerCopy, worker: str) -> Layer:
    from greensilk.catalogue.layers import open_layer

    mark, layer = _OPENED.get(copy.id, ("", None))
    if layer is None or mark != copy.fingerprint:
        try:
            layer = open_layer(copy.id)
        except LayerError as error:
            if error.key != "layers.not_installed":
                raise
        _require(copy, layer.info if layer is not None else None, worker)
        assert layer is not None  # noqa: S101 - `_require` raises where there is none
        _OPENED[copy.id] = copy.fingerprint, layer
    return layer


def _require(copy: LayerCopy, info: LayerInfo | None, worker: str) -> None:
    if info is None:
        raise WorkerError("workers.layer_missing", worker=worker, layer=copy.id, wanted=copy.fingerprint)
    if fingerprint(info) != copy.fingerprint:
        raise WorkerError(
            "workers.layer_differs", worker=worker, layer=copy.id, wanted=copy.fingerprint, found=fingerprint(info)
        )
