"""The features of a file that is to become a layer: placed, mended, named, and what was left out counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.coordinates import point_accuracy_m, read_axis
from greensilk.catalogue.fields import match_columns
from greensilk.catalogue.layer_records import SensitiveLayer
from greensilk.catalogue.projection import points_to_wgs84, to_wgs84
from greensilk.catalogue.raw_table import FileNote, Geometries, RawTable
from greensilk.catalogue.readers import read_table
from greensilk.catalogue.repair import repair
from greensilk.catalogue.shape_text import read_wkt
from greensilk.errors import PortfolioError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ImportedFeatures:
    """(n,) usable features. accuracy_m: from the digits of points, NaN otherwise; the counts are of the file's rows."""

    geometry: Geometries
    names: list[str | None]
    accuracy_m: Floats
    attributes: pl.DataFrame
    repaired: int
    split: int
    rejected: int
    left_out: int
    notes: tuple[FileNote, ...]


def read_features(
    path: Path,
    definition: SensitiveLayer | None,
    columns: Mapping[str, str],
    name_column: str | None,
    crs: str | None,
) -> ImportedFeatures:
    """The features of any supported file. columns: lon, lat, wkt -> column, where names do not tell.

    raises: PortfolioError if the file cannot be read, has no places, or lacks a column that was named
    """
    raw = read_table(path)
    _require(raw, path, [*columns.values(), *([name_column] if name_column else [])])
    member = _members(raw.columns, definition)
    shapes, accuracy, notes = _places(raw, path, columns, crs)
    fixed = repair(shapes)
    usable = ~shapely.is_missing(fixed.geometry) & member
    rows = np.flatnonzero(usable)
    names = _names(raw.columns, definition, name_column)
    return ImportedFeatures(
        geometry=fixed.geometry[rows],
        names=[names[row] for row in rows],
        accuracy_m=accuracy[rows],
        attributes=raw.columns[rows],
        repaired=int((fixed.mended & usable).sum()),
        split=int((fixed.split & usable).sum()),
        rejected=int((member & ~usable).sum()),
        left_out=int((~member).sum()),
        notes=(*raw.notes, *notes),
    )


def _require(raw: RawTable, path: Path, wanted: list[str]) -> None:
    for column in wanted:
        if column not in raw.columns.columns:
            columns = ", ".join(raw.columns.columns[:40])
            raise PortfolioError("layers.no_column", file=path.name, column=column[:80], columns=columns)


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


def _places(
    raw: RawTable, path: Path, columns: Mapping[str, str], crs: str | None
) -> tuple[Geometries, Floats, tuple[FileNote, ...]]:
    unknown = np.full(len(raw), np.nan)
    if raw.geometry is not None:
        shapes, notes = to_wgs84(raw, path.name, crs)
        return shapes, unknown, notes
    found = {field: names[0] for field, names in match_columns(raw.columns.columns).items()} | dict(columns)
    if "lon" in found and "lat" in found:
        lon, lat = read_axis(raw.columns[found["lon"]], "lon"), read_axis(raw.columns[found["lat"]], "lat")
        good = ~np.isnan(lon.degrees) & ~np.isnan(lat.degrees)
        x, y = (lon.degrees, lat.degrees) if crs is None else points_to_wgs84(lon.degrees, lat.degrees, crs, path.name)
        shapes = np.full(len(raw), None, dtype=object)
        shapes[good] = shapely.points(x[good], y[good])
        by_digits = point_accuracy_m(lon, lat, exact_decimals=raw.exact_decimals)
        return shapes, by_digits if x is lon.degrees else unknown, ()
    if "wkt" in found:
        shapes, _ = read_wkt(raw.columns[found["wkt"]])
        shapes, notes = to_wgs84(RawTable(pl.DataFrame(), shapes), path.name, crs)
        return shapes, unknown, notes
    columns_shown = ", ".join(raw.columns.columns[:40])
    raise PortfolioError("layers.no_places", file=path.name, columns=columns_shown)
