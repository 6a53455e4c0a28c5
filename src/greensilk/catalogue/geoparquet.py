"""GeoParquet, read by polars: WKB geometry and the file's own statement of its coordinates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from greensilk.catalogue.batches import Batch, read_in_batches
from greensilk.catalogue.raw_table import MAX_INDEXED_ROWS, MAX_ROWS, RawTable
from greensilk.catalogue.vector_files import as_text_frame, table_from_wkb
from greensilk.errors import PortfolioError

# A damaged file can make the decoder panic, which polars raises outside Exception.
DECODER_FAULTS = (
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    OSError,
    ValueError,
    OverflowError,
    MemoryError,
)


def read_geoparquet(path: Path) -> RawTable:
    """A Parquet file with "geo" metadata (GeoParquet 1.0 or 1.1), or a plain one as a table.

    raises: PortfolioError if it is no Parquet, or its geometry is not stored as WKB
    """
    source = _opened(path, MAX_ROWS)
    return source.rows(0, source.count)


def geoparquet_batches(path: Path) -> Iterator[Batch]:
    """The same, some rows at a time.

    raises: PortfolioError as read_geoparquet does
    """
    source = _opened(path, MAX_INDEXED_ROWS)
    return read_in_batches(source.count, source.rows)


@dataclass(frozen=True)
class _Source:
    """A file and what it says. geo: name of the geometry column and its description, None for a plain table."""

    path: Path
    count: int
    geo: tuple[str, dict[str, Any]] | None

    def rows(self, first: int, count: int) -> RawTable:
        with _refusing(self.path):
            frame = pl.scan_parquet(self.path).slice(first, count).collect()
        if self.geo is None:
            return RawTable(as_text_frame(frame))
        name, about = self.geo
        frame = frame.drop(sorted(_box_columns(about) & set(frame.columns) - {name}))
        shape = frame[name].alias("geometry")
        cells = frame.drop(name, "geometry", strict=False)
        return table_from_wkb(cells.with_columns(shape), "geometry", _crs(about))


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """What the decoder finds wrong, as an error that names the file."""
    try:
        yield
    except DECODER_FAULTS as error:
        raise PortfolioError("catalogue.not_readable", file=path.name, why=str(error)[:200]) from error


def _opened(path: Path, most_rows: int) -> _Source:
    with path.open("rb") as stream:
        if stream.read(4) != b"PAR1":
            raise PortfolioError("catalogue.not_its_kind", file=path.name, kind="Parquet")
    with _refusing(path):
        geo = _geo(pl.read_parquet_metadata(path).get("geo"))
        count = int(pl.scan_parquet(path).select(pl.len()).collect().item())
        schema = pl.read_parquet_schema(path)
    if count > most_rows:
        raise PortfolioError("catalogue.too_many_rows", file=path.name, most=most_rows)
    if geo is not None:
        name, about = geo
        if str(about.get("encoding", "WKB")).upper() != "WKB":
            raise PortfolioError("catalogue.not_wkb", file=path.name, encoding=str(about.get("encoding"))[:40])
        if schema.get(name) != pl.Binary:
            raise PortfolioError("catalogue.not_readable", file=path.name, why=f"no geometry column {name}"[:200])
    return _Source(path, count, geo)


def _geo(metadata: str | None) -> tuple[str, dict[str, Any]] | None:
    if metadata is None:
        return None
    try:
        content = json.loads(metadata)
        name = content["primary_column"]
        return str(name), dict(content["columns"][name])
    except (RecursionError, LookupError, TypeError) as error:
        raise ValueError(f"geo metadata: {error}") from error


def _box_columns(about: dict[str, Any]) -> set[str]:
    """Columns that repeat the geometry's bounding boxes."""
    covering = about.get("covering")
    paths = covering.get("bbox") if isinstance(covering, dict) else None
    return (
        {str(path[0]) for path in paths.values() if isinstance(path, list) and path}
        if isinstance(paths, dict)
        else set()
    )


def _crs(about: dict[str, Any]) -> str | None:
    # GeoParquet 1.1: no "crs" means OGC:CRS84, null means unknown.
    if "crs" not in about:
        return "OGC:CRS84"
    return None if about["crs"] is None else json.dumps(about["crs"])
