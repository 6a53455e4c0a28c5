"""Files become a layer: licence first, then its features, then what is known about it; put in use in one step."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

import numpy as np

from greensilk.catalogue.coverage import as_read, read_coverage
from greensilk.catalogue.data_info import ID, AllowedUse
from greensilk.catalogue.datasets import licensed_route, reserved_names
from greensilk.catalogue.file_sums import names_of, sum_of
from greensilk.catalogue.json_records import Place
from greensilk.catalogue.layer_features import LayerFiles, Reading
from greensilk.catalogue.layer_records import Coverage, KeptWhen, LayerInfo, SensitiveLayer, sensitive_layers
from greensilk.catalogue.layer_tiles import write_layer_tiles
from greensilk.catalogue.licences import require_permission
from greensilk.catalogue.raw_table import FileNote
from greensilk.catalogue.shelves import INFO, LAYERS
from greensilk.catalogue.streaming import Stored, store_features
from greensilk.errors import LayerError, PortfolioError
from greensilk.records import Label, said
from greensilk.texts import text

# What a reader says of portfolios names other options.
_AS_LAYER = {"catalogue.crs_missing": "layers.crs_missing", "catalogue.crs_unknown": "layers.crs_unknown"}


class Terms(TypedDict, total=False):
    """What is stated about files when they are imported; licence and version must be.

    use_commercial, redistribute, display, derived: see AllowedUse; dataset: id of the data set they come from, which
    needs a label where the layer has no standard name; countries: ISO alpha-3 codes they were fetched for; label: of a
    layer under a name of its own; coverage_stated: see LayerInfo; in_use: if not, another version in use stays so; the
    others: see Reading
    """

    title: str
    licence: str
    version: str
    use_commercial: bool | None
    redistribute: bool | None
    display: bool | None
    derived: bool | None
    attribution: str
    source: str
    dataset: str | None
    countries: Sequence[str]
    label: Label | None
    accuracy_m: float | None
    coverage: str | Path | Mapping[str, Coverage] | None
    coverage_stated: Sequence[str]
    in_use: bool
    name_column: str | None
    columns: Mapping[str, str]
    crs: str | None
    kept_when: KeptWhen | None
    fields: Mapping[str, Place]
    records_at: Place
    progress: Callable[[float], None]


def import_layer(layer_id: str, path: str | Path | Sequence[str | Path], **terms: Unpack[Terms]) -> LayerInfo:
    """Register a file, or several, as a layer, under a standard name or one's own.

    path: any file the portfolio reader reads ("x.gdb:layer" of one with several); several become one layer; terms: see
    Terms; use_commercial: None = the licence does not say; coverage: CSV file, one status word or a table; progress:
    told the share done. A second import of the same id and version replaces the first.
    raises: LayerError for a bad id, an unreadable file, or none with usable features; LicenceError if the organisation
    may not use it
    """
    paths = [Path(one) for one in ([path] if isinstance(path, str | Path) else path)]
    definition = sensitive_layers().get(layer_id)
    _check(layer_id, paths, terms)
    title = terms.get("title") or paths[0].stem
    label = _label(layer_id, definition, terms, title)
    permit(label, terms["licence"], terms.get("use_commercial"), layer_id, terms.get("dataset"))
    stated = {**terms, "title": title, "coverage": read_coverage(terms.get("coverage"))}
    source = LayerFiles(paths, definition, _reading(terms))

    def write(folder: Path) -> LayerInfo:
        stored = store_features(source, folder, terms.get("accuracy_m"), terms.get("progress") or (lambda share: None))
        if not stored.features:
            counts = {"rejected": stored.rejected, "left_out": stored.left_out}
            raise LayerError("layers.no_features", file=names_of(paths), **counts)
        info = _info_of(layer_id, paths, label, stored, stated)
        info = info.model_copy(update={"notes": (*info.notes, *write_layer_tiles(folder, info))})
        (folder / INFO).write_text(info.model_dump_json(indent=2), "utf-8")
        return info

    try:
        return LAYERS.put(layer_id, terms["version"], write, in_use=terms.get("in_use", True))
    except PortfolioError as error:
        raise LayerError(_AS_LAYER.get(error.key, error.key), **error.values) from error


def _label(layer_id: str, definition: SensitiveLayer | None, terms: Terms, title: str) -> Label:
    """The name of a layer: its standard one, its data set's, else the title that its user gave."""
    if definition is not None:
        return definition.label
    label = terms.get("label")
    if label is None and terms.get("dataset"):
        raise LayerError("layers.no_label", id=layer_id, dataset=terms["dataset"])
    return label or Label(en=title, zh=title)


def _reading(terms: Terms) -> Reading:
    return Reading(
        name_column=terms.get("name_column"),
        columns=terms.get("columns") or {},
        crs=terms.get("crs"),
        kept_when=terms.get("kept_when"),
        known_form=terms.get("dataset") is not None,
        fields=terms.get("fields") or {},
        records_at=terms.get("records_at") or (),
    )


def _check(layer_id: str, paths: Sequence[Path], terms: Terms) -> None:
    if not re.match(ID, layer_id):
        raise LayerError("layers.bad_id", id=layer_id[:60])
    if not paths:
        raise LayerError("layers.no_file", id=layer_id)
    if layer_id in reserved_names():
        raise LayerError("layers.taken", id=layer_id)
    for needed in ("licence", "version"):
        if not str(terms.get(needed) or "").strip():
            raise LayerError("layers.term_missing", id=layer_id, term=needed, word=said(f"layers.term_{needed}"))
    accuracy_m = terms.get("accuracy_m")
    if accuracy_m is not None and not 0 < accuracy_m < np.inf:
        raise LayerError("layers.bad_accuracy", id=layer_id, value=accuracy_m)


def permit(label: Label, licence: str, commercial: bool | None, layer_id: str, dataset_id: str | None) -> None:
    """Nothing, if the organisation may use a layer under its licence.

    raises: LicenceError otherwise, naming the licensed way
    """
    definition = sensitive_layers().get(layer_id)
    route = definition.how_to_get if definition else licensed_route(dataset_id)
    require_permission(label, licence, commercial, route)


def _info_of(
    layer_id: str, paths: Sequence[Path], label: Label, stored: Stored, stated: Mapping[str, Any]
) -> LayerInfo:
    coverage = as_read(stated["coverage"], stored.rejected)
    lowered = {country for country in coverage if coverage[country] != stated["coverage"][country]}
    by_user = tuple(country for country in stated.get("coverage_stated") or () if country not in lowered)
    return LayerInfo(
        id=layer_id,
        label=label,
        title=stated["title"],
        version=stated["version"],
        licence=stated["licence"],
        use=AllowedUse(
            commercial=stated.get("use_commercial"),
            redistribute=stated.get("redistribute"),
            display=stated.get("display"),
            derived=stated.get("derived"),
        ),
        attribution=stated.get("attribution") or "",
        source=stated.get("source") or "",
        dataset=stated.get("dataset"),
        countries=tuple(stated.get("countries") or ()),
        file_name=names_of(paths),
        file_sha256=sum_of(paths),
        features_sha256=stored.features_sha256,
        attributes_sha256=stored.attributes_sha256,
        imported_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        features=stored.features,
        duplicates=stored.features - stored.shapes,
        geometry_kind=stored.geometry_kind,
        accuracy_m=stated.get("accuracy_m"),
        coverage=coverage,
        coverage_stated=by_user,
        repaired=stored.repaired,
        repaired_m2=stored.repaired_m2,
        split=stored.split,
        rejected=stored.rejected,
        left_out=stored.left_out,
        notes=(
            *(_said(note) for note in stored.notes),
            *([said("layers.not_complete", count=stored.rejected)] if lowered else []),
        ),
    )


def _said(note: FileNote) -> Label:
    key = f"catalogue.{note.key}"
    return Label(en=text(key, "en", **note.values), zh=text(key, "zh", **note.values))
