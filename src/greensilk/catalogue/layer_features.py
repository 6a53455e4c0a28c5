"""The features of a file that is to become a layer: placed, mended, named, and what was left out counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.coordinates import point_accuracy_m, read_axis
from greensilk.catalogue.fields import match_columns
from greensilk.catalogue.layer_records import SensitiveLayer
from greensilk.catalogue.projection import Placing, points_to_wgs84
from greensilk.catalogue.raw_table import FileNote, Geometries, RawTable
from greensilk.catalogue.readers import read_batches
from greensilk.catalogue.repair import repair
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


class LayerFile:
    """A file read as a layer. columns: lon, lat, wkt -> column, where names do not tell; crs: wins over the file's."""

    def __init__(
        self,
        path: Path,
        definition: SensitiveLayer | None,
        columns: Mapping[str, str],
        name_column: str | None,
        crs: str | None,
    ) -> None:
        self._path, self._definition, self._columns = path, definition, dict(columns)
        self._name_column, self._crs = name_column, crs
        self._placing = Placing(path.name, crs)
        self._read_notes: tuple[FileNote, ...] = ()

    def batches(self) -> Iterator[FeatureBatch]:
        """All features of the file, some rows at a time.

        raises: PortfolioError if the file cannot be read, has no places, or lacks a column that was named
        """
        for table, share in read_batches(self._path):
            yield self._features(table, share)

    def notes(self) -> tuple[FileNote, ...]:
        """What was decided about the file, once all its features are read.

        raises: PortfolioError if it does not say its coordinate system and its numbers are no degrees
        """
        return *self._read_notes, *self._placing.notes()

    def _features(self, raw: RawTable, share: float) -> FeatureBatch:
        self._read_notes = raw.notes
        self._require(raw)
        member = _members(raw.columns, self._definition)
        shapes, accuracy = self._places(raw)
        fixed = repair(shapes)
        usable = ~shapely.is_missing(fixed.geometry) & member
        rows = np.flatnonzero(usable)
        names = _names(raw.columns, self._definition, self._name_column)
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
        for column in (*self._columns.values(), *([self._name_column] if self._name_column else [])):
            if column not in raw.columns.columns:
                columns = ", ".join(raw.columns.columns[:40])
                raise PortfolioError("layers.no_column", file=self._path.name, column=column[:80], columns=columns)

    def _places(self, raw: RawTable) -> tuple[Geometries, Floats]:
        unknown = np.full(len(raw), np.nan)
        if raw.geometry is not None:
            return self._placing.move(raw), unknown
        found = {field: names[0] for field, names in match_columns(raw.columns.columns).items()} | self._columns
        if "lon" in found and "lat" in found:
            return self._points(raw, found["lon"], found["lat"])
        if "wkt" in found:
            shapes, _ = read_wkt(raw.columns[found["wkt"]])
            return self._placing.move(RawTable(pl.DataFrame(), shapes)), unknown
        columns_shown = ", ".join(raw.columns.columns[:40])
        raise PortfolioError("layers.no_places", file=self._path.name, columns=columns_shown)

    def _points(self, raw: RawTable, lon_column: str, lat_column: str) -> tuple[Geometries, Floats]:
        lon, lat = read_axis(raw.columns[lon_column], "lon"), read_axis(raw.columns[lat_column], "lat")
        good = ~np.isnan(lon.degrees) & ~np.isnan(lat.degrees)
        x, y = lon.degrees, lat.degrees
        if self._crs is not None:
            x, y = points_to_wgs84(x, y, self._crs, self._path.name)
        shapes = np.full(len(raw), None, dtype=object)
        shapes[good] = shapely.points(x[good], y[good])
        by_digits = point_accuracy_m(lon, lat, exact_decimals=raw.exact_decimals)
        return shapes, by_digits if x is lon.degrees else np.full(len(raw), np.nan)


def _members(cells: pl.DataFrame, definition: SensitiveLayer | None) -> NDArray[np.bool_]:
    """(n,) rows that belong to the layer; a row that does not say is kept."""
    members = np.ones(len(cells), dtype=bool)
    if definition is not None:
        kept = [(definition.kept_when, True)] if definition.kept_when else []
        for rule, wanted in (*kept, *((rule, False) for rule in definition.left_out_when)):
            column = next((name for name in rule.columns if name in cells.columns), None)
            if column is not None:
                holds = cells[column].cast(pl.String).is_in(list(rule.values)).to_numpy()
                members &= (holds == wanted) | cells[column].is_null().to_numpy()
    return members


def _names(cells: pl.DataFrame, definition: SensitiveLayer | None, name_column: str | None) -> list[str | None]:
    usual = definition.name_columns if definition else ()
    known = match_columns(cells.columns).get("name", [])
    wanted = [name_column] if name_column else [*usual, *known]
    column = next((name for name in wanted if name in cells.columns), None)
    return [None] * len(cells) if column is None else cells[column].to_list()
