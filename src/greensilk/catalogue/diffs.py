"""What changed from one version of a layer, raster or table to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import shapely

from greensilk.catalogue.datasets import LayerOutput, datasets
from greensilk.catalogue.installed import Held, find
from greensilk.catalogue.layers import open_version
from greensilk.catalogue.raster_changes import changed_cells
from greensilk.catalogue.shelves import LAYERS, RASTERS, Shelf, version_in
from greensilk.catalogue.tables import open_table
from greensilk.errors import LayerError
from greensilk.geometry.features import FeatureSet

KEY, VALUE, BEFORE, NOW, WHAT = "what_it_is", "in_what", "before", "now", "change"
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
TABLE_KEY = ("iso_a3", "indicator", "year")


@dataclass(frozen=True)
class Diff:
    """The differences of two versions. rows: one a difference, columns change, what_it_is, in_what, before, now."""

    id: str
    kind: str
    before: str
    now: str
    rows: pl.DataFrame

    def count(self, change: str) -> int:
        """How many things were added, removed or changed; one that changed in two ways is one."""
        return int(self.rows.filter(pl.col(WHAT) == change)[KEY].n_unique())


def diff(thing: str, before: str | None = None, now: str | None = None) -> Diff:
    """Features and values that were added, removed or changed.

    before, now: versions; None = the one in use, and the one before it
    raises: LayerError if there is nothing of that id, or no such version
    """
    held = find(thing)
    if held is None:
        raise LayerError("datasets.not_held", id=thing[:60])
    folders = held.shelf.versions(thing)
    new = _folder(held, folders, now) if now else folders[-1]
    others = [folder for folder in folders if folder != new]
    if not before and not others:
        raise LayerError("datasets.one_version", id=thing, version=version_in(new))
    old = _folder(held, folders, before) if before else others[-1]
    rows = _rows(held.shelf, thing, old, new)
    return Diff(thing, held.shelf.kind, version_in(old) or "", version_in(new) or "", rows)


def _folder(held: Held, folders: Sequence[Path], version: str) -> Path:
    for folder in folders:
        if version_in(folder) == version:
            return folder
    known = ", ".join(version_in(folder) or "?" for folder in folders)
    raise LayerError("datasets.no_version", id=held.id, version=version[:60], known=known)


def _rows(shelf: Shelf, thing: str, old: Path, new: Path) -> pl.DataFrame:
    if shelf == LAYERS:
        key = _key_column(thing)
        return _compared(_features(thing, old, key), _features(thing, new, key), ("key",))
    if shelf == RASTERS:
        return _listed([(CHANGED, tile, "cells", str(cells), "") for tile, cells in changed_cells(old, new)])
    return _compared(_values(thing, old), _values(thing, new), TABLE_KEY)


def _key_column(thing: str) -> str | None:
    """The column that names a feature in every version, as a data set's definition says."""
    outputs = (output for one in datasets().values() for output in one.gives)
    return next((out.key_column for out in outputs if isinstance(out, LayerOutput) and out.layer == thing), None)


def _features(thing: str, folder: Path, key_column: str | None) -> pl.DataFrame:
    """(n,) key, every attribute as text, and a sum of the shape."""
    layer = open_version(folder, thing)
    names = pl.Series([layer.features.name_of(i) or "-" for i in range(len(layer.features))], dtype=pl.String)
    known = layer.attributes
    key = known[key_column].fill_null("-") if key_column in known.columns else names
    frame = known.with_columns(_shape_sums(layer.features).alias("shape"), key.alias("key"))
    # A name that several features share gets their number, by content, so that their order in the file does not count.
    order = pl.concat_str(pl.exclude("key").fill_null(""), separator="\x1f").hash().rank("ordinal").over("key")
    number = pl.when(pl.len().over("key") > 1).then(pl.lit(" #") + order.cast(pl.String)).otherwise(pl.lit(""))
    return frame.with_columns(pl.col("key") + number)


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


def _values(thing: str, folder: Path) -> pl.DataFrame:
    """Every value of a country table as text, by country, indicator and year."""
    return open_table(thing, folder=folder).frame.select(pl.all().cast(pl.String).fill_null(""))


def _compared(old: pl.DataFrame, new: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The differences of two frames whose rows are told apart by `key`; cells are text, null and "" are the same."""
    joined = [frame.select(pl.concat_str(key, separator=" ").alias(KEY), pl.exclude(key)) for frame in (old, new)]
    gone, come = joined[0].join(joined[1], on=KEY, how="anti"), joined[1].join(joined[0], on=KEY, how="anti")
    long = [frame.unpivot(index=KEY, variable_name=VALUE, value_name="cell").fill_null("") for frame in joined]
    both = long[0].join(long[1], on=[KEY, VALUE], suffix="_now").filter(pl.col("cell") != pl.col("cell_now"))
    new_column = long[1].join(long[0], on=[KEY, VALUE], how="anti").filter(pl.col("cell") != "")
    old_column = long[0].join(long[1], on=[KEY, VALUE], how="anti").filter(pl.col("cell") != "")
    kept = joined[0].join(joined[1], on=KEY, how="semi")[KEY].implode()
    rows = pl.concat([
        gone.select(_said(REMOVED), KEY, *_cells(None, None, None)),
        come.select(_said(ADDED), KEY, *_cells(None, None, None)),
        both.select(_said(CHANGED), KEY, *_cells(VALUE, "cell", "cell_now")),
        new_column.filter(pl.col(KEY).is_in(kept)).select(_said(CHANGED), KEY, *_cells(VALUE, None, "cell")),
        old_column.filter(pl.col(KEY).is_in(kept)).select(_said(CHANGED), KEY, *_cells(VALUE, "cell", None)),
    ])  # fmt: skip
    return rows.sort(WHAT, KEY, VALUE)


def _said(change: str) -> pl.Expr:
    return pl.lit(change).alias(WHAT)


def _cells(what: str | None, before: str | None, now: str | None) -> list[pl.Expr]:
    given = zip((VALUE, BEFORE, NOW), (what, before, now), strict=True)
    return [(pl.lit("") if column is None else pl.col(column).cast(pl.String)).alias(name) for name, column in given]


def _listed(rows: Sequence[tuple[str, str, str, str, str]]) -> pl.DataFrame:
    schema = dict.fromkeys((WHAT, KEY, VALUE, BEFORE, NOW), pl.String)
    return pl.DataFrame(list(rows), schema=schema, orient="row")
