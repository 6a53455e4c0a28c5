"""A file becomes a layer: licence first, then its features, then what is known about it; put in use in one step."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypedDict, Unpack

import numpy as np

from greensilk.catalogue.bundle import file_sha256
from greensilk.catalogue.coverage import read_coverage
from greensilk.catalogue.data_info import AllowedUse
from greensilk.catalogue.layer_features import LayerFile
from greensilk.catalogue.layer_records import LayerInfo, SensitiveLayer, sensitive_layers
from greensilk.catalogue.licences import require_permission
from greensilk.catalogue.raw_table import FileNote
from greensilk.catalogue.shelves import INFO, LAYERS
from greensilk.catalogue.streaming import Stored, store_features
from greensilk.errors import LayerError, PortfolioError
from greensilk.records import Label
from greensilk.texts import text

ID_PATTERN = re.compile(r"^[a-z][a-z0-9_]{1,40}$")
NO_ROUTE = Label(en="Ask the owner of the data for a licence.", zh="请向数据所有者获取许可。")
# What a reader says of portfolios names other options.
_AS_LAYER = {"catalogue.crs_missing": "layers.crs_missing", "catalogue.crs_unknown": "layers.crs_unknown"}


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
    progress: Callable[[float], None]


def import_layer(layer_id: str, path: str | Path, **terms: Unpack[Terms]) -> LayerInfo:
    """Register a file as a layer, under a standard name or one's own.

    path: any file the portfolio reader reads; terms: see Terms; use_commercial: None = the licence does not say;
    coverage: CSV file or one status word; columns: lon, lat, wkt -> column; progress: told the share done. A second
    import of the same id replaces the first.
    raises: LayerError for a bad id, an unreadable file, or one without usable features; LicenceError if the
    organisation may not use it
    """
    path = Path(path)
    definition = sensitive_layers().get(layer_id)
    _check(layer_id, terms)
    title = terms.get("title") or path.stem
    label = definition.label if definition else Label(en=title, zh=title)
    permit(label, terms["licence"], terms.get("use_commercial"), definition)
    stated = {**terms, "title": title, "coverage": read_coverage(terms.get("coverage"))}
    source = LayerFile(path, definition, terms.get("columns") or {}, terms.get("name_column"), terms.get("crs"))

    def write(folder: Path) -> LayerInfo:
        stored = store_features(source, folder, terms.get("accuracy_m"), terms.get("progress") or (lambda share: None))
        if not stored.features:
            raise LayerError("layers.no_features", file=path.name, rejected=stored.rejected, left_out=stored.left_out)
        info = _info_of(layer_id, path, label, stored, stated)
        (folder / INFO).write_text(info.model_dump_json(indent=2), "utf-8")
        return info

    try:
        return LAYERS.put(layer_id, terms["version"], write)
    except PortfolioError as error:
        raise LayerError(_AS_LAYER.get(error.key, error.key), **error.values) from error


def _check(layer_id: str, terms: Terms) -> None:
    if not ID_PATTERN.match(layer_id):
        raise LayerError("layers.bad_id", id=layer_id[:60])
    for needed in ("licence", "version"):
        if not str(terms.get(needed) or "").strip():
            raise LayerError("layers.term_missing", id=layer_id, term=needed)
    accuracy_m = terms.get("accuracy_m")
    if accuracy_m is not None and not 0 < accuracy_m < np.inf:
        raise LayerError("layers.bad_accuracy", id=layer_id, value=accuracy_m)


def permit(label: Label, licence: str, commercial: bool | None, definition: SensitiveLayer | None) -> None:
    """Nothing, if the organisation may use a layer under its licence.

    raises: LicenceError otherwise
    """
    require_permission(label, licence, commercial, definition.how_to_get if definition else NO_ROUTE)


def _info_of(layer_id: str, path: Path, label: Label, stored: Stored, stated: Mapping[str, Any]) -> LayerInfo:
    return LayerInfo(
        id=layer_id,
        label=label,
        title=stated["title"],
        version=stated["version"],
        licence=stated["licence"],
        use=AllowedUse(commercial=stated.get("use_commercial"), redistribute=stated.get("redistribute")),
        attribution=stated.get("attribution") or "",
        source=stated.get("source") or "",
        file_name=path.name,
        file_sha256=file_sha256(path),
        features_sha256=stored.features_sha256,
        attributes_sha256=stored.attributes_sha256,
        imported_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        features=stored.features,
        duplicates=stored.features - stored.shapes,
        geometry_kind=stored.geometry_kind,
        accuracy_m=stated.get("accuracy_m"),
        coverage=stated["coverage"],
        repaired=stored.repaired,
        repaired_m2=stored.repaired_m2,
        split=stored.split,
        rejected=stored.rejected,
        left_out=stored.left_out,
        notes=tuple(_said(note) for note in stored.notes),
    )


def _said(note: FileNote) -> Label:
    key = f"catalogue.{note.key}"
    return Label(en=text(key, "en", **note.values), zh=text(key, "zh", **note.values))
