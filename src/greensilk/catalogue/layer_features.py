"""The features of files that are to become a layer: placed, mended, named, and what was left out counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.batches import Batch
from greensilk.catalogue.coordinates import point_accuracy_m, read_axis
from greensilk.catalogue.fields import match_columns
from greensilk.catalogue.json_records import Place, record_batches
from greensilk.catalogue.layer_records import KeptWhen, SensitiveLayer
from greensilk.catalogue.projection import Placing, points_to_wgs84
from greensilk.catalogue.raw_table import FileNote, Geometries, RawTable
from greensilk.catalogue.readers import read_batches, size_bytes
from greensilk.catalogue.repair import repair
from greensilk.catalogue.row_rules import holds
from greensilk.catalogue.shape_text import read_wkt
from greensilk.errors import PortfolioError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FeatureBatch:
    """(n,) usable features of some rows. accuracy_m: from the digits of points, NaN otherwise; the counts are of the
    rows; repaired_m2: area that repairs added; share: of the file that has been read with them."""

    geometry: Geometries
    names: list[str | None]
    accuracy_m: Floats
    attributes: pl.DataFrame
    repaired: int
    repaired_m2: float
    split: int
    rejected: int
    left_out: int
    share: float


@dataclass(frozen=True)
class Reading:
    """How files are read as a layer.

    columns: lon, lat, wkt -> column, where names do not tell; crs: wins over the file's; kept_when: besides what the
    definition of the layer says; known_form: files of a data set, in which a column that tells its features apart must
    be; fields, records_at: of files that are pages of JSON records, see json_records
    """

    name_column: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    crs: str | None = None
    kept_when: KeptWhen | None = None
    known_form: bool = False
    fields: Mapping[str, Place] = field(default_factory=dict)
    records_at: Place = ()


class LayerFiles:
    """Files read as one layer, one after another; their columns may differ."""

    def __init__(self, paths: Sequence[Path], definition: SensitiveLayer | None, reading: Reading) -> None:
        self._paths, self._definition, self._reading = paths, definition, reading
        places = {axis: axis for axis in ("lon", "lat") if axis in reading.fields}
        self._columns = {**places, **reading.columns}
        self._notes: list[FileNote] = []
        self._file_name, self._placing = "", Placing("")  # of the file that is being read

    def batches(self) -> Iterator[FeatureBatch]:
        """All features of the files, some rows at a time.

        raises: PortfolioError if a file cannot be read, has no places, or lacks a column that was named, or does not
        say its coordinate system and its numbers are no degrees
        """
        if self._reading.fields:
            pages = record_batches(self._paths, self._reading.fields, self._reading.records_at)
            yield from self._of_file(self._paths[0].name, pages)
            return
        sizes = [size_bytes(path) for path in self._paths]
        done, total = 0, max(sum(sizes), 1)
        for path, size in zip(self._paths, sizes, strict=True):
            yield from self._of_file(path.name, read_batches(path), done / total, size / total)
            done += size

    def notes(self) -> tuple[FileNote, ...]:
        """What was decided about the files, once all their features are read."""
        return tuple(self._notes)

    def _of_file(
        self, name: str, batches: Iterable[Batch], before: float = 0.0, part: float = 1.0
    ) -> Iterator[FeatureBatch]:
        """before, part: share of all files that was read before, and that this one is."""
        self._file_name, self._placing = name, Placing(name, self._reading.crs)
        read: tuple[FileNote, ...] = ()
        for table, share in batches:
            read = table.notes
            yield self._features(table, before + part * share)
        self._notes += [note for note in (*read, *self._placing.notes()) if note not in self._notes]

    def _features(self, raw: RawTable, share: float) -> FeatureBatch:
        self._require(raw)
        member = _members(raw.columns, self._definition)
        if (kept := self._reading.kept_when) is not None:
            member &= _holds(raw.columns, kept, unheard=False)
        shapes, accuracy = self._places(raw)
        fixed = repair(shapes)
        usable = ~shapely.is_missing(fixed.geometry) & member
        rows = np.flatnonzero(usable)
        names = _names(raw.columns, self._definition, self._reading.name_column)
        return FeatureBatch(
            geometry=fixed.geometry[rows],
            names=[names[row] for row in rows],
            accuracy_m=accuracy[rows],
            attributes=raw.columns[rows],
            repaired=int((fixed.mended & usable).sum()),
            repaired_m2=float(fixed.added_m2[rows].sum()),
            split=int((fixed.split & usable).sum()),
            rejected=int((member & ~usable).sum()),
            left_out=int((~member).sum()),
            share=share,
        )

    def _require(self, raw: RawTable) -> None:
        name_column = self._reading.name_column
        wanted = [(column,) for column in (*self._columns.values(), *([name_column] if name_column else []))]
        for choice in (*wanted, *self._telling()):
            if not set(choice) & set(raw.columns.columns):
                column, columns = " / ".join(choice)[:80], ", ".join(raw.columns.columns[:40])
                raise PortfolioError("layers.no_column", file=self._file_name, column=column, columns=columns)

    def _telling(self) -> Iterator[tuple[str, ...]]:
        """Columns of which a file must have one each, for its features to be told apart."""
        definition = self._definition if self._reading.known_form else None
        if self._reading.kept_when is not None:
            yield self._reading.kept_when.columns
        elif definition is not None and definition.kept_when is not None:
            yield definition.kept_when.columns
        if definition is not None and definition.left_out_when:
            yield tuple(column for rule in definition.left_out_when for column in rule.columns)

    def _places(self, raw: RawTable) -> tuple[Geometries, Floats]:
        unknown = np.full(len(raw), np.nan)
        if raw.geometry is not None:
            self._refuse_swapped(*shapely.bounds(raw.geometry).T[2:])
            return self._placing.move(raw), unknown
        found = {field: names[0] for field, names in match_columns(raw.columns.columns).items()} | self._columns
        if "lon" in found and "lat" in found:
            return self._points(raw, found["lon"], found["lat"])
        if "wkt" in found:
            shapes, _ = read_wkt(raw.columns[found["wkt"]])
            return self._placing.move(RawTable(pl.DataFrame(), shapes)), unknown
        columns_shown = ", ".join(raw.columns.columns[:40])
        raise PortfolioError("layers.no_places", file=self._file_name, columns=columns_shown)

    def _points(self, raw: RawTable, lon_column: str, lat_column: str) -> tuple[Geometries, Floats]:
        lon, lat = read_axis(raw.columns[lon_column], "lon"), read_axis(raw.columns[lat_column], "lat")
        good = ~np.isnan(lon.degrees) & ~np.isnan(lat.degrees)
        x, y = lon.degrees, lat.degrees
        self._refuse_swapped(x, y)
        if self._reading.crs is not None:
            x, y = points_to_wgs84(x, y, self._reading.crs, self._file_name)
        shapes = np.full(len(raw), None, dtype=object)
        shapes[good] = shapely.points(x[good], y[good])
        by_digits = point_accuracy_m(lon, lat, exact_decimals=raw.exact_decimals)
        return shapes, by_digits if x is lon.degrees else np.full(len(raw), np.nan)

    def _refuse_swapped(self, x: Floats, y: Floats) -> None:
        """Coordinates of which most would be degrees the other way round, and are none as they are."""
        known = np.isfinite(x) & np.isfinite(y)
        swapped = known & (np.abs(x) <= 90) & (np.abs(y) > 90) & (np.abs(y) <= 180)
        if self._reading.crs is None and 2 * swapped.sum() > known.sum():
            raise PortfolioError("layers.swapped", file=self._file_name)


def _members(cells: pl.DataFrame, definition: SensitiveLayer | None) -> NDArray[np.bool_]:
    """(n,) rows that belong to the layer.

    A row that does not say belongs to the layer that others are kept out of, and to none that only some are kept for:
    so it is somewhere, and nothing is claimed of it.
    """
    members = np.ones(len(cells), dtype=bool)
    if definition is not None:
        if definition.kept_when is not None:
            members &= _holds(cells, definition.kept_when, unheard=True)
        for rule in definition.left_out_when:
            members &= ~_holds(cells, rule, unheard=False)
    return members


def _holds(cells: pl.DataFrame, rule: KeptWhen, *, unheard: bool) -> NDArray[np.bool_]:
    """(n,) whether a rule holds. unheard: what is answered where the file has none of its columns"""
    columns = [name for name in rule.columns if name in cells.columns]
    if not columns:
        return np.full(len(cells), unheard)
    return cells.select(holds(columns, rule.values).alias("holds"))["holds"].to_numpy()


def _names(cells: pl.DataFrame, definition: SensitiveLayer | None, name_column: str | None) -> list[str | None]:
    usual = definition.name_columns if definition else ()
    known = match_columns(cells.columns).get("name", [])
    wanted = [name_column] if name_column else [*usual, *known]
    column = next((name for name in wanted if name in cells.columns), None)
    return [None] * len(cells) if column is None else cells[column].to_list()
