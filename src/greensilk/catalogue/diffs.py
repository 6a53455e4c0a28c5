"""What changed from one version of a layer, raster or table to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import shapely

from greensilk.catalogue import layers, raster_store
from greensilk.catalogue.data_info import DataInfo
from greensilk.catalogue.datasets import datasets
from greensilk.catalogue.installed import Held, find
from greensilk.catalogue.outputs import LayerOutput
from greensilk.catalogue.raster_changes import changed_cells
from greensilk.catalogue.shelves import LAYERS, RASTERS, Shelf, version_in
from greensilk.catalogue.tables import open_table
from greensilk.errors import LayerError
from greensilk.geometry.features import FeatureSet

KEY, VALUE, BEFORE, NOW, WHAT = "what_it_is", "in_what", "before", "now", "change"
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
TABLE_KEY = ("iso_a3", "indicator", "year")
UNNAMED = "-"
SHAPE, ATTRIBUTE = "shape", "."  # a column of a file has a mark before its name, and is never taken for the shape
ROW, ROW_NOW, CONTENT, NUMBER = "row", "row_now", "content", "number"


@dataclass(frozen=True)
class Diff:
    """The differences of two versions. rows: one a difference, columns change, what_it_is, in_what, before, now.

    counts: how many things were added, removed, changed; sources: ids of the data sets that the two come from where
    these are not the same, "" = a file of the user's own; names: what_it_is -> the same with the name of the feature
    """

    id: str
    kind: str
    before: str
    now: str
    rows: pl.DataFrame
    counts: Mapping[str, int]
    sources: tuple[str, str] | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def count(self, change: str) -> int:
        """How many things were added, removed or changed; one that changed in two ways is one."""
        return self.counts.get(change, 0)


@dataclass(frozen=True)
class _Side:
    """One version. key: (n,) what tells rows apart, "" for what has no name; cells: (n,) all else, as text."""

    key: pl.Series
    cells: pl.DataFrame


def diff(thing: str, before: str | None = None, now: str | None = None) -> Diff:
    """Features and values that were added, removed or changed.

    before, now: versions; None = the one in use, and the one before it
    raises: LayerError if there is nothing of that id, no such version, or it is damaged; LicenceError if the
    organisation may not use either
    """
    held = find(thing)
    if held is None:
        raise LayerError("datasets.not_held", id=thing[:60])
    if isinstance(held.info, LayerError):
        raise held.info
    folders = held.shelf.versions(thing)
    new = _folder(held, folders, now) if now else folders[-1]
    others = [folder for folder in folders if folder != new]
    if not before and not others:
        raise LayerError("datasets.one_version", id=thing, version=version_in(new))
    old = _folder(held, [new, *others], before) if before else others[-1]
    rows, counts, infos, names = _compared(held.shelf, thing, old, new)
    sources = tuple(info.dataset or "" for info in infos)
    apart = (sources[0], sources[1]) if sources[0] != sources[1] else None
    return Diff(thing, held.shelf.kind, infos[0].version, infos[1].version, rows, counts, apart, names)


def _folder(held: Held, folders: Sequence[Path], version: str) -> Path:
    """The last of some folders that holds a version."""
    for folder in reversed(folders):
        if version_in(folder) == version:
            return folder
    known = ", ".join(sorted({version_in(folder) or "?" for folder in folders}))
    raise LayerError("datasets.no_version", id=held.id, version=version[:60], known=known)


def _compared(
    shelf: Shelf, thing: str, old: Path, new: Path
) -> tuple[pl.DataFrame, dict[str, int], tuple[DataInfo, DataInfo], dict[str, str]]:
    """Differences, how many things they are of, what is known of both versions, and names of features.

    Both versions are opened under licence.
    """
    if shelf == LAYERS:
        before, now = (layers.open_version(folder, thing) for folder in (old, new))
        key = _key_column(before.info, now.info)
        sides = _features(before, key), _features(now, key)
        rows, counts = _differences(*sides)
        return rows, counts, (before.info, now.info), _named(before, sides[0]) | _named(now, sides[1])
    if shelf == RASTERS:
        infos = tuple(raster_store.open_version(folder, thing).info for folder in (old, new))
        rows = _listed([(CHANGED, tile, "cells", str(cells), "") for tile, cells in changed_cells(old, new)])
        return rows, {CHANGED: len(rows)}, (infos[0], infos[1]), {}
    first, second = (open_table(thing, folder=folder) for folder in (old, new))
    rows, counts = _differences(_values(first.frame), _values(second.frame))
    return rows, counts, (first.info, second.info), {}


def _key_column(before: DataInfo, now: DataInfo) -> str | None:
    """The column that names a feature in every version, where the data sets of both say the same one."""
    named = {_key_said_by(info) for info in (before, now)}
    return named.pop() if len(named) == 1 else None


def _key_said_by(info: DataInfo) -> str | None:
    one = datasets().get(info.dataset or "")
    outputs = one.gives if one else ()
    return next((out.key_column for out in outputs if isinstance(out, LayerOutput) and out.layer == info.id), None)


def _features(layer: layers.Layer, key_column: str | None) -> _Side:
    """Every feature: its key, else its name; its attributes, and a sum of its shape."""
    known = layer.attributes
    names = pl.Series(list(layer.features.names), dtype=pl.String)
    key = known[key_column] if key_column in known.columns else names
    cells = known.select(pl.all().cast(pl.String).name.prefix(ATTRIBUTE)).with_columns(
        _shape_sums(layer.features).alias(SHAPE)
    )
    return _Side(key.fill_null(""), cells.fill_null(""))


def _named(layer: layers.Layer, side: _Side) -> dict[str, str]:
    """Key -> key and name of the feature, where it has a name that is not its key."""
    names = zip(side.key.to_list(), layer.features.names, strict=True)
    return {key: f"{key} ({name})" for key, name in names if name and key and name != key}


def _shape_sums(features: FeatureSet) -> pl.Series:
    """(n,) a sum over the corners of each feature; in which order its parts stand does not count."""
    parts = pl.DataFrame({"feature": features.feature, "part": list(shapely.to_wkb(features.parts))})
    sums = parts.group_by("feature").agg(pl.col("part").hash().sort())
    every = pl.DataFrame({"feature": pl.Series(range(len(features)), dtype=sums["feature"].dtype)})
    return (
        every.join(sums, on="feature", how="left", maintain_order="left")["part"]
        .cast(pl.List(pl.String))
        .list.join(" ")
    )


def _values(frame: pl.DataFrame) -> _Side:
    """Every value of a country table, by country, indicator and year."""
    plain = frame.select(pl.all().cast(pl.String).fill_null(""))
    key = plain.select(pl.concat_str(TABLE_KEY, separator=" ").alias(KEY))[KEY]
    return _Side(key, plain.select(pl.exclude(TABLE_KEY).name.prefix(ATTRIBUTE)))


def _differences(old: _Side, new: _Side) -> tuple[pl.DataFrame, dict[str, int]]:
    """The differences of two versions, and how many rows were added, removed and changed."""
    pairs = _pairs(old, new)
    gone, come = (
        side.key.filter(~pl.Series(range(len(side.key)), dtype=pl.UInt32).is_in(pairs[name].implode()))
        for side, name in ((old, ROW), (new, ROW_NOW))
    )
    changes, changed = _changes(old, new, pairs)
    rows = pl.concat([
        *(_listed([(what, key, "", "", "") for key in keys]) for what, keys in ((REMOVED, gone), (ADDED, come))),
        changes,
    ])  # fmt: skip
    rows = rows.with_columns(pl.col(KEY).replace("", UNNAMED)).sort(WHAT, KEY, VALUE, BEFORE, NOW)
    return rows, {ADDED: len(come), REMOVED: len(gone), CHANGED: changed}


def _pairs(old: _Side, new: _Side) -> pl.DataFrame:
    """Which row of one version is which of the other, as row and row_now.

    Within a key, first rows that are alike in every column that both versions have, then what is left where that is one
    row on either side: which of several rows became which is not to be known. What has no name is the same only where
    it is alike.
    """
    shared = [name for name in old.cells.columns if name in new.cells.columns]
    before, now = (_outline(side, shared) for side in (old, new))
    alike = before.join(now.rename({ROW: ROW_NOW}), on=[KEY, CONTENT, NUMBER]).select(ROW, ROW_NOW)
    left = [side.filter(~pl.col(ROW).is_in(alike[name].implode())) for side, name in ((before, ROW), (now, ROW_NOW))]
    alone = [side.filter((pl.len().over(KEY) == 1) & (pl.col(KEY) != "")).select(KEY, ROW) for side in left]
    became = alone[0].join(alone[1].rename({ROW: ROW_NOW}), on=KEY).select(ROW, ROW_NOW)
    return pl.concat([alike, became])


def _outline(side: _Side, columns: Sequence[str]) -> pl.DataFrame:
    """(n,) key, a sum over some columns, a number among those with the same, and the row."""
    content = pl.concat_str(columns, separator="\x1f").hash() if columns else pl.lit(0, dtype=pl.UInt64)
    return (
        side.cells.select(content.alias(CONTENT), pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW))
        .with_columns(side.key.alias(KEY))
        .with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).over(KEY, CONTENT).alias(NUMBER))
    )


def _changes(old: _Side, new: _Side, pairs: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Every cell that differs within a pair, and how many pairs have any; a column that is not there is empty."""
    found, touched = [_listed([])], set[int]()
    keys = new.key.gather(pairs[ROW_NOW])
    nothing = pl.Series([""], dtype=pl.String).new_from_index(0, len(pairs))
    for name in dict.fromkeys((*old.cells.columns, *new.cells.columns)):
        before = old.cells[name].gather(pairs[ROW]) if name in old.cells.columns else nothing
        now = new.cells[name].gather(pairs[ROW_NOW]) if name in new.cells.columns else nothing
        at = (before != now).arg_true()
        touched.update(at.to_list())
        told = (nothing, nothing) if name == SHAPE else (before, now)  # the sums of shapes tell nobody anything
        cells = {KEY: keys.gather(at), BEFORE: told[0].gather(at), NOW: told[1].gather(at)}
        word = name.removeprefix(ATTRIBUTE)
        found.append(
            pl.DataFrame(cells).select(pl.lit(CHANGED).alias(WHAT), KEY, pl.lit(word).alias(VALUE), BEFORE, NOW)
        )
    return pl.concat(found), len(touched)


def _listed(rows: Sequence[tuple[str, str, str, str, str]]) -> pl.DataFrame:
    schema = dict.fromkeys((WHAT, KEY, VALUE, BEFORE, NOW), pl.String)
    return pl.DataFrame(list(rows), schema=schema, orient="row")
