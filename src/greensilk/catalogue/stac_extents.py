"""Where and when data is of, for the catalogue: boxes in degrees, intervals in UTC. Null = not known."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import cache

import numpy as np
import polars as pl
import shapely
from numpy.typing import ArrayLike

from greensilk.catalogue.bundle import BundleFile, bundle_path, bundle_raster, countries
from greensilk.catalogue.data_info import DataInfo
from greensilk.catalogue.index_file import open_index
from greensilk.catalogue.layer_records import LayerInfo
from greensilk.catalogue.raster_records import RasterInfo
from greensilk.catalogue.shelves import LAYERS
from greensilk.catalogue.streaming import INDEX
from greensilk.catalogue.table_records import TableInfo
from greensilk.geometry.shapes import UNITS_PER_DEGREE

Box = tuple[float, float, float, float]  # west, south, east, north
Interval = tuple[str | None, str | None]
WORLD: Box = (-180.0, -90.0, 180.0, 90.0)
UNDATED: Interval = (None, None)
DIGITS = 6  # 0.1 m
_VERSION_DAY = re.compile(r"((?:19|20)\d\d)(?:-?(0[1-9]|1[0-2])(?:-?(0[1-9]|[12]\d|3[01]))?)?")


def box_of_shipped(entry: BundleFile) -> Box:
    """The box of a shipped file; the world for a table of countries."""
    if entry.kind == "raster":
        return _rounded(bundle_raster(entry.id).dataset.bounds)
    if entry.kind == "table":
        return WORLD
    path = bundle_path(entry.id)
    columns = pl.read_parquet_schema(path)
    if "lon" in columns:
        ends = [pl.col(axis).cast(pl.Float64) for axis in ("lon", "lat")]
        row = pl.read_parquet(path, columns=["lon", "lat"]).select(
            *(end.min().name.suffix("_min") for end in ends), *(end.max().name.suffix("_max") for end in ends)
        )
        return _rounded(row.row(0))
    return _rounded(shapely.total_bounds(shapely.from_wkb(pl.read_parquet(path)["geometry"].to_numpy())))


def box_of(info: DataInfo) -> Box:
    """The box of something imported: of its shapes or cells; of a table, of the countries it was fetched for."""
    if isinstance(info, RasterInfo):
        return _rounded(info.bounds)
    folder = LAYERS.current(info.id) if isinstance(info, LayerInfo) else None
    if folder is not None:
        root = open_index(folder / INDEX, info.id).shapes.node_box[-1]
        return _rounded(np.asarray(root, dtype=np.float64) / UNITS_PER_DEGREE)
    return joined_boxes(box for code in info.countries if (box := _country_boxes().get(code)) is not None)


@cache
def _country_boxes() -> dict[str, Box]:
    table = countries()
    boxes = shapely.bounds(shapely.from_wkb(pl.read_parquet(bundle_path("countries"))["geometry"].to_numpy()))
    return {code: _rounded(box) for code, box in zip(table.iso_a3, boxes, strict=True) if code is not None}


def joined_boxes(boxes: Iterable[Box]) -> Box:
    """One box around all; the world where there is none."""
    found = np.array(list(boxes), dtype=np.float64).reshape(-1, 4)
    if not len(found):
        return WORLD
    return _rounded([*found[:, :2].min(axis=0), *found[:, 2:].max(axis=0)])


def _rounded(box: ArrayLike) -> Box:
    """Cells centred on a meridian or a pole may reach half a cell beyond."""
    edges = np.array(box, dtype=np.float64)
    if edges[2] - edges[0] >= 360.0:
        edges[[0, 2]] = -180.0, 180.0
    west, south, east, north = np.clip(edges, (-180, -90, -180, -90), (180, 90, 180, 90)).round(DIGITS).tolist()
    return west, south, east, north


def interval_of_period(period: str) -> Interval:
    """The years that a shipped file is of, as its index states them.

    >>> interval_of_period("2009-2023")
    ('2009-01-01T00:00:00Z', '2023-12-31T23:59:59Z')
    >>> interval_of_period("2019 (AWARE); others not stated")
    (None, None)
    """
    stated = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", period)
    return _years(int(stated[1]), int(stated[2] or stated[1])) if stated else UNDATED


def interval_of(info: DataInfo) -> Interval:
    """The years of a country table's values; else the year, month or day that a version is named by."""
    if isinstance(info, TableInfo) and info.years is not None:
        return _years(*info.years)
    return interval_of_version(info.version)


def interval_of_version(version: str) -> Interval:
    """The year, month or day that a version is named by.

    >>> interval_of_version("2026-02"), interval_of_version("v3.1")
    (('2026-02-01T00:00:00Z', '2026-02-28T23:59:59Z'), (None, None))
    """
    named = _VERSION_DAY.fullmatch(version)
    if named is None:
        return UNDATED
    year, month, day = (int(part) if part else None for part in named.groups())
    try:
        first = dt.date(year or 0, month or 1, day or 1)
    except ValueError:
        return UNDATED
    if day:
        last = first
    elif month:
        last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    else:
        last = first.replace(month=12, day=31)
    return f"{first}T00:00:00Z", f"{last}T23:59:59Z"


def joined_intervals(intervals: Iterable[Interval]) -> Interval:
    """From the first to the last; of what is not dated nothing is known."""
    dated = [(start, end) for start, end in intervals if start is not None and end is not None]
    return (min(start for start, _ in dated), max(end for _, end in dated)) if dated else UNDATED


def _years(first: int, last: int) -> Interval:
    return f"{first:04d}-01-01T00:00:00Z", f"{last:04d}-12-31T23:59:59Z"
