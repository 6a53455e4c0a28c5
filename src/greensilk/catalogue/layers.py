"""Layers on this machine: opened without being read, checked each time, removed in one step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, SupportsIndex

import polars as pl

from greensilk.catalogue.attribute_file import ACCURACY, NAME, OWN_COLUMNS, RowNumbers, StoredAttributes, TextColumn
from greensilk.catalogue.index_file import Index, open_index, read_header
from greensilk.catalogue.layer_import import permit
from greensilk.catalogue.layer_records import LayerInfo
from greensilk.catalogue.next_steps import damaged
from greensilk.catalogue.shelves import LAYERS
from greensilk.catalogue.stores import Store
from greensilk.catalogue.streaming import ATTRIBUTES, INDEX, UNION, fingerprint_of
from greensilk.errors import LayerError
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.union import union_of

OLD_FEATURES = "features.parquet"  # what was stored before there were indexes
STORE = Store(LAYERS, LayerInfo, missing="layers.not_installed", damaged="layers.damaged")


@dataclass(frozen=True)
class Layer:
    """An opened layer. features: one feature a row of the file; stored: its other columns, None for one in memory.

    A stored layer crosses to another process by its name: it is opened there, and must be the same.
    """

    info: LayerInfo
    features: FeatureSet
    stored: StoredAttributes | None = None

    @cached_property
    def attributes(self) -> pl.DataFrame:
        """(n,) every column of the file, as text."""
        return pl.DataFrame() if self.stored is None else self.stored.read().drop(OWN_COLUMNS, strict=False)

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        if self.stored is None:
            return super().__reduce_ex__(protocol)
        return open_layer, (self.info.id, self.info.features_sha256)


def installed_layers() -> dict[str, LayerInfo]:
    """Every imported layer by id.

    raises: LayerError if what is known about one is damaged
    """
    return STORE.installed()


def layer_states() -> dict[str, LayerInfo | LayerError]:
    """Every imported layer by id, or what is wrong with it as far as can be told without reading it."""
    return STORE.states(_glance)


def open_layer(layer_id: str, fingerprint: str | None = None) -> Layer:
    """An imported layer, ready to measure against.

    fingerprint: LayerInfo.features_sha256 that it must have
    raises: LayerError if it is not installed, was altered on disk or is not the one asked for; LicenceError if the
    organisation may not use it
    """
    return STORE.steady(layer_id, lambda folder, name: _open(folder, name, fingerprint))


def open_version(folder: Path, layer_id: str) -> Layer:
    """A version of a layer that need not be the one in use, by its folder.

    raises: LayerError if it was altered on disk; LicenceError if the organisation may not use it
    """
    return _open(folder, layer_id, None)


def open_same(info: LayerInfo) -> Layer:
    """The version of a layer that a record describes, in use or not.

    raises: LayerError if it is not there any more, or was altered; LicenceError if the organisation may not use it
    """
    for folder, known in STORE.versions(info.id):
        if known == info:
            return open_version(folder, info.id)
    raise LayerError("layers.version_gone", id=info.id, version=info.version)


def verify_layer(layer_id: str) -> LayerInfo:
    """What is known about a layer, once all of its files are read and found unaltered.

    raises: LayerError if the layer is not installed or was altered on disk
    """
    return STORE.steady(layer_id, lambda folder, name: _contents(folder, name, thorough=True)[0])


def remove_layer(layer_id: str) -> None:
    """Takes a layer off this machine.

    raises: LayerError if it is not installed
    """
    STORE.drop(layer_id)


def _glance(folder: Path, layer_id: str) -> LayerInfo:
    info = STORE.info(folder, layer_id)
    _require_index(folder, layer_id)
    with (folder / INDEX).open("rb") as stream:
        read_header(stream, folder / INDEX, layer_id)
    if not (folder / ATTRIBUTES).is_file():
        raise damaged("layers.index_missing", layer_id, file=ATTRIBUTES)
    return info


def _require_index(folder: Path, layer_id: str) -> None:
    if not (folder / INDEX).is_file():
        old = (folder / OLD_FEATURES).is_file()
        raise damaged("layers.index_older" if old else "layers.index_missing", layer_id, file=INDEX)


def _contents(
    folder: Path, layer_id: str, fingerprint: str | None = None, *, thorough: bool = False
) -> tuple[LayerInfo, Index, Index, StoredAttributes]:
    info = STORE.info(folder, layer_id)
    if fingerprint is not None and info.features_sha256 != fingerprint:
        raise LayerError("layers.differs", id=layer_id, found=info.features_sha256[:12], expected=fingerprint[:12])
    _require_index(folder, layer_id)
    index = open_index(folder / INDEX, layer_id, thorough=thorough)
    union = open_index(folder / UNION, layer_id, thorough=thorough)
    stored = StoredAttributes(folder / ATTRIBUTES, layer_id, info.attributes_sha256, thorough=thorough)
    if fingerprint_of(index.fingerprint, union.fingerprint, info.attributes_sha256) != info.features_sha256:
        raise damaged("layers.index_altered", layer_id, file=INDEX)
    if len(union.shape_of) != index.shapes.part_count:
        raise damaged("layers.index_altered", layer_id, file=UNION)
    return info, index, union, stored


def _open(folder: Path, layer_id: str, fingerprint: str | None) -> Layer:
    info, index, union, stored = _contents(folder, layer_id, fingerprint)
    permit(info.label, info.licence, info.use.commercial, layer_id, info.dataset)
    known = stored.read(NAME, ACCURACY)
    if len(known) != len(index.shape_of):
        raise damaged("layers.index_altered", layer_id, file=ATTRIBUTES)
    features = FeatureSet(
        shapes=index.shapes,
        shape_of=index.shape_of,
        names=TextColumn(known[NAME]),
        ids=RowNumbers(len(known)),
        accuracy_m=known[ACCURACY].cast(pl.Float64).fill_null(float("nan")).to_numpy(),
        geometry_kind=info.geometry_kind,
        stored_union=union_of(index.shapes, union.shape_of, union.shapes),
    )
    return Layer(info, features, stored)
