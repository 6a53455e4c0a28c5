"""Layers on this machine: imported once, checked each time they are opened, replaced or removed in one step."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, Unpack

import numpy as np
import polars as pl
import shapely

from greensilk.catalogue.bundle import file_sha256
from greensilk.catalogue.coverage import read_coverage
from greensilk.catalogue.layer_features import ImportedFeatures, read_features
from greensilk.catalogue.layer_folder import current_folder, drop_layer, layer_ids, replace_layer
from greensilk.catalogue.layer_records import LayerInfo, LayerUse, SensitiveLayer, sensitive_layers
from greensilk.catalogue.licences import require_permission
from greensilk.catalogue.raw_table import FileNote
from greensilk.errors import LayerError, PortfolioError
from greensilk.geometry.features import FeatureSet
from greensilk.records import Label
from greensilk.texts import text

ID_PATTERN = re.compile(r"^[a-z][a-z0-9_]{1,40}$")
NO_ROUTE = Label(en="Ask the owner of the data for a licence.", zh="请向数据所有者获取许可。")
FEATURES, INFO = "features.parquet", "info.json"
OWN_COLUMNS = ("geometry", "greensilk_name", "greensilk_accuracy_m")


@dataclass(frozen=True)
class Layer:
    """An opened layer. features: one feature a stored row; attributes: (n,) every column of the file, as text."""

    info: LayerInfo
    features: FeatureSet
    attributes: pl.DataFrame


class Terms(TypedDict, total=False):
    """What is stated about a file when it is imported; licence and version must be."""

    title: str
    licence: str
    version: str
    use_commercial: bool | None
    redistribute: bool | None
    attribution: str
    source: str
    accuracy_m: float | None
    coverage: str | Path | None
    name_column: str | None
    columns: Mapping[str, str]
    crs: str | None


def import_layer(layer_id: str, path: str | Path, **terms: Unpack[Terms]) -> LayerInfo:
    """Register a file as a layer, under a standard name or one's own.

    path: any file the portfolio reader reads; terms: see Terms; use_commercial: None = the licence does not say;
    coverage: CSV file or one status word; columns: lon, lat, wkt -> column. A second import of the same id
    replaces the first.
    raises: LayerError for a bad id, an unreadable file, or one without usable features; LicenceError if the
    organisation may not use it
    """
    path = Path(path)
    if not ID_PATTERN.match(layer_id):
        raise LayerError("layers.bad_id", id=layer_id[:60])
    for needed in ("licence", "version"):
        if not str(terms.get(needed) or "").strip():
            raise LayerError("layers.term_missing", id=layer_id, term=needed)
    accuracy_m = terms.get("accuracy_m")
    if accuracy_m is not None and not 0 < accuracy_m < np.inf:
        raise LayerError("layers.bad_accuracy", id=layer_id, value=accuracy_m)
    definition = sensitive_layers().get(layer_id)
    title = terms.get("title") or path.stem
    label = definition.label if definition else Label(en=title, zh=title)
    _permit(label, terms["licence"], terms.get("use_commercial"), definition)
    coverage = read_coverage(terms.get("coverage"))
    try:
        found = read_features(path, definition, terms.get("columns") or {}, terms.get("name_column"), terms.get("crs"))
    except PortfolioError as error:
        raise LayerError(error.key, **error.values) from error
    if not len(found.geometry):
        raise LayerError("layers.no_features", file=path.name, rejected=found.rejected, left_out=found.left_out)
    return _store(_info_of(layer_id, path, label, found, {**terms, "title": title, "coverage": coverage}), found)


def _info_of(layer_id: str, path: Path, label: Label, found: ImportedFeatures, stated: Mapping[str, Any]) -> LayerInfo:
    return LayerInfo(
        id=layer_id,
        label=label,
        title=stated["title"],
        version=stated["version"],
        licence=stated["licence"],
        use=LayerUse(commercial=stated.get("use_commercial"), redistribute=stated.get("redistribute")),
        attribution=stated.get("attribution") or "",
        source=stated.get("source") or "",
        file_name=path.name,
        file_sha256=file_sha256(path),
        features_sha256="",
        imported_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        features=len(found.geometry),
        geometry_kind=FeatureSet.from_geometries(found.geometry).geometry_kind,
        accuracy_m=stated.get("accuracy_m"),
        coverage=stated["coverage"],
        repaired=found.repaired,
        split=found.split,
        rejected=found.rejected,
        left_out=found.left_out,
        notes=tuple(_said(note) for note in found.notes),
    )


def _said(note: FileNote) -> Label:
    key = f"catalogue.{note.key}"
    return Label(en=text(key, "en", **note.values), zh=text(key, "zh", **note.values))


def _permit(label: Label, licence: str, commercial: bool | None, definition: SensitiveLayer | None) -> None:
    require_permission(label, licence, commercial, definition.how_to_get if definition else NO_ROUTE)


def _store(info: LayerInfo, found: ImportedFeatures) -> LayerInfo:
    stated = np.nan if info.accuracy_m is None else info.accuracy_m
    accuracy = np.fmax(found.accuracy_m, stated)  # digits can show that the statement is too good
    frame = found.attributes.drop(OWN_COLUMNS, strict=False).with_columns(
        geometry=pl.Series(shapely.to_wkb(found.geometry).tolist(), dtype=pl.Binary),
        greensilk_name=pl.Series(found.names, dtype=pl.String),
        greensilk_accuracy_m=pl.Series(accuracy).fill_nan(None),
    )

    def write(folder: Path) -> LayerInfo:
        frame.write_parquet(folder / FEATURES, compression="zstd")
        complete = info.model_copy(update={"features_sha256": file_sha256(folder / FEATURES)})
        (folder / INFO).write_text(complete.model_dump_json(indent=2), "utf-8")
        return complete

    return replace_layer(info.id, info.version, write)


def installed_layers() -> dict[str, LayerInfo]:
    """Every imported layer by id.

    raises: LayerError if what is known about one is damaged
    """
    return {layer_id: _info(layer_id) for layer_id in layer_ids()}


def _info(layer_id: str) -> LayerInfo:
    folder = current_folder(layer_id)
    if folder is None:
        raise LayerError("layers.not_installed", id=layer_id, known=", ".join(layer_ids()) or "-")
    try:
        return LayerInfo.model_validate_json((folder / INFO).read_bytes())
    except (OSError, ValueError) as error:
        raise LayerError("layers.damaged", id=layer_id) from error


def open_layer(layer_id: str) -> Layer:
    """An imported layer, ready to measure against.

    raises: LayerError if it is not installed or was altered on disk; LicenceError if the organisation may not use it
    """
    info = _info(layer_id)
    _permit(info.label, info.licence, info.use.commercial, sensitive_layers().get(layer_id))
    frame = pl.read_parquet(verify_layer(layer_id))
    geometry = np.asarray(shapely.from_wkb(frame["geometry"].to_numpy()), dtype=object)
    accuracy = frame["greensilk_accuracy_m"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    features = FeatureSet.from_geometries(geometry, names=frame["greensilk_name"].to_list(), accuracy_m=accuracy)
    return Layer(info, features, frame.drop(OWN_COLUMNS))


def verify_layer(layer_id: str) -> Path:
    """The stored features of a layer, once they are found unaltered.

    raises: LayerError if the layer is not installed or was altered on disk
    """
    info = _info(layer_id)
    path = (current_folder(layer_id) or Path()) / FEATURES
    if not path.is_file() or file_sha256(path) != info.features_sha256:
        raise LayerError("layers.damaged", id=layer_id)
    return path


def remove_layer(layer_id: str) -> None:
    """Takes a layer off this machine.

    raises: LayerError if it is not installed
    """
    if not ID_PATTERN.match(layer_id) or current_folder(layer_id) is None:
        raise LayerError("layers.not_installed", id=layer_id[:60], known=", ".join(layer_ids()) or "-")
    drop_layer(layer_id)
