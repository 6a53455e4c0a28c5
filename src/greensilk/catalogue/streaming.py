"""Files of any size become the stored files of a layer: read, mended and laid down a bounded piece at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from greensilk.catalogue.attribute_file import ACCURACY, NAME, OWN_COLUMNS, AttributeSpool
from greensilk.catalogue.bundle import file_sha256
from greensilk.catalogue.index_file import open_index
from greensilk.catalogue.layer_features import FeatureBatch, LayerFiles
from greensilk.catalogue.raw_table import FileNote
from greensilk.catalogue.spool import Spool
from greensilk.catalogue.stamps import leave_stamp
from greensilk.geometry.features import KINDS, GeometryKind
from greensilk.geometry.outlines import outlines_of
from greensilk.geometry.union import groups_of, unions_of

INDEX, UNION, ATTRIBUTES = "shapes.index", "union.index", "attributes.arrow"
READING, LAID_DOWN = 0.6, 0.8  # of the time
Progress = Callable[[float], None]


@dataclass
class Stored:
    """What was stored of a file. features_sha256: of index and attributes; see LayerInfo for the rest."""

    features: int = 0
    shapes: int = 0
    repaired: int = 0
    repaired_m2: float = 0.0
    split: int = 0
    rejected: int = 0
    left_out: int = 0
    geometry_kind: GeometryKind = "point"
    features_sha256: str = ""
    attributes_sha256: str = ""
    notes: tuple[FileNote, ...] = field(default=())

    def count(self, batch: FeatureBatch) -> None:
        """Adds what was found in some rows."""
        self.features += len(batch.geometry)
        self.repaired += batch.repaired
        self.repaired_m2 += batch.repaired_m2
        self.split += batch.split
        self.rejected += batch.rejected
        self.left_out += batch.left_out


def store_features(source: LayerFiles, folder: Path, accuracy_m: float | None, progress: Progress) -> Stored:
    """Writes index and attributes of the files' features into a folder; nothing is written where there is none.

    accuracy_m: as stated; digits can show that the statement is too good; progress: told the share done
    raises: PortfolioError if a file cannot be used
    """
    stored = Stored()
    with Spool(folder) as shapes, AttributeSpool(folder) as attributes:
        for batch in source.batches():
            stored.count(batch)
            shapes.add(outlines_of(batch.geometry), len(batch.geometry))
            attributes.add(_attributes(batch, accuracy_m))
            progress(READING * batch.share)
        stored.notes = source.notes()
        if stored.features:
            index, shape_of = shapes.write_index(folder / INDEX, _later(progress))
            stored.shapes = int(shape_of.max()) + 1
            stored.geometry_kind = KINDS[shapes.widest_kind]
            attributes.write(folder / ATTRIBUTES)
            stored.attributes_sha256 = file_sha256(folder / ATTRIBUTES)
            stored.features_sha256 = fingerprint_of(index, _write_union(folder), stored.attributes_sha256)
            leave_stamp(folder / ATTRIBUTES, stored.attributes_sha256)
    progress(1.0)
    return stored


def _later(progress: Progress) -> Progress:
    return lambda share: progress(READING + (LAID_DOWN - READING) * share)


def _write_union(folder: Path) -> str:
    """Stores which parts of the index a union stands for, and the unions; returns the fingerprint."""
    shapes = open_index(folder / INDEX, folder.name).shapes
    group_of, count = groups_of(shapes)
    with Spool(folder, "union") as unions:
        for outlines in unions_of(shapes, group_of, count):
            unions.add_shapes(outlines)
        return unions.write_shapes(folder / UNION, group_of)


def _attributes(batch: FeatureBatch, stated_m: float | None) -> pl.DataFrame:
    accuracy = np.fmax(batch.accuracy_m, np.nan if stated_m is None else stated_m)
    return batch.attributes.drop(OWN_COLUMNS, strict=False).with_columns(
        pl.Series(NAME, batch.names, dtype=pl.String),
        pl.Series(ACCURACY, accuracy, dtype=pl.Float64).fill_nan(None),
    )


def fingerprint_of(index: str, union: str, attributes_sha256: str) -> str:
    """One checksum for all files of a layer."""
    return hashlib.sha256(f"{index} {union} {attributes_sha256}".encode()).hexdigest()
