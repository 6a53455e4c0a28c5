"""Formats that GDAL reads: local files of a checked kind only, so that no path becomes a connection.

GDAL chooses its driver by content, and some of its formats name further files or web addresses. A file is therefore
handed over only when its first bytes are those of the format its name claims; a GeoPackage, which is a database, only
when its tables are stored in it; a file geodatabase, which is a folder, only when it holds nothing but plain files of
one.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import shapely

from greensilk.catalogue.batches import Batch, read_in_batches
from greensilk.catalogue.encodings import decode
from greensilk.catalogue.geojson import as_text
from greensilk.catalogue.geopackage_schema import require_stored_tables
from greensilk.catalogue.raw_table import (
    MAX_INDEXED_ROWS,
    MAX_ROWS,
    FileNote,
    Geometries,
    RawTable,
    RowFault,
    blank_to_null,
    unique_names,
)
from greensilk.catalogue.shape_text import decoded
from greensilk.errors import PortfolioError

MAGIC = {".gpkg": b"SQLite format 3\x00", ".shp": b"\x00\x00\x27\x0a", ".fgb": b"fgb\x03fgb"}
DRIVERS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".fgb": "FlatGeobuf", ".gdb": "OpenFileGDB"}
GEODATABASE = ".gdb"
CATALOGUE_TABLE = "a00000001.gdbtable"  # every file geodatabase has it: the list of its tables
_IN_GEODATABASE = re.compile(
    r"(a[0-9a-f]{8}\.\w{1,60}\.(atx|spx)|a[0-9a-f]{8}\.(gdbtable|gdbtablx|gdbindexes|freelist|horizon|spx|atx)"
    r"|gdb|timestamps|[\w.-]{1,120}\.lock)",
    re.IGNORECASE,
)
_NAMED_LAYER = re.compile(r"(?P<path>.+\.(gpkg|gdb)):(?P<layer>[^:]+)", re.IGNORECASE | re.DOTALL)
NESTED_COLLECTIONS = (b"\x01\x07\x00\x00\x00", b"\x00\x00\x00\x00\x07")
MAX_NESTED = 32  # a reader of nested collections recurses; nobody draws a site that way


def named_layer(path: str | Path) -> tuple[Path, str | None]:
    """A path as people write it, and the layer within the file that it names.

    >>> named_layer("data/sites.gpkg:rivers")[1], named_layer("data/sites.gpkg")[1]
    ('rivers', None)
    """
    found = _NAMED_LAYER.fullmatch(str(path))
    return (Path(found["path"]), found["layer"]) if found else (Path(path), None)


def read_vector(path: Path) -> RawTable:
    """A GeoPackage, file geodatabase, FlatGeobuf or Shapefile.

    Of several layers the one that is named ("x.gpkg:rivers", or "x.gdb:rivers_*" where its name varies), else the first
    with geometry, and the others are named in a note.
    raises: PortfolioError if it is not what its name says, holds no such layer, or GDAL cannot read it
    """
    source = _opened(path, MAX_ROWS)
    return source.rows(0, source.count)


def vector_batches(path: Path) -> Iterator[Batch]:
    """The same, some rows at a time.

    raises: PortfolioError as read_vector does
    """
    source = _opened(path, MAX_INDEXED_ROWS)
    return read_in_batches(source.count, source.rows)


@dataclass(frozen=True)
class _Source:
    """A layer of a file. count: rows; options: of the reader."""

    path: Path
    layer: str
    crs: str | None
    count: int
    options: dict[str, Any]
    notes: list[FileNote]

    def rows(self, first: int, count: int) -> RawTable:
        import pyogrio

        # Arrow streams know no last row of their own, so that a query has to say it.
        query = f"SELECT * FROM {_quoted(self.layer, self.path)} LIMIT {count} OFFSET {first}"  # noqa: S608 - quoted
        with _refusing(self.path):
            with pyogrio.open_arrow(self.path, sql=query, use_pyarrow=False, **self.options) as (meta, stream):
                cells = pl.from_arrow(stream)
            series = cells if isinstance(cells, pl.Series) else cells.to_struct("")
            frame = series.struct.unnest() if len(series.struct.fields) else pl.DataFrame()
            # Some formats have no name of their own for the geometry and say another one than they give.
            binary = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Binary | pl.BaseExtension)]
            geometry = next((name for name in (meta["geometry_name"], "wkb_geometry") if name in binary), None)
            if geometry is None:
                return RawTable(as_text_frame(frame), None, self.crs).with_notes(*self.notes)
            others = frame.drop(geometry, "geometry", strict=False)
            frame = others.with_columns(frame[geometry].alias("geometry"))
            return table_from_wkb(frame, "geometry", self.crs).with_notes(*self.notes)


def _quoted(layer: str, path: Path) -> str:
    """The name of a layer as the query language of its format writes it."""
    mark = '""' if path.suffix.lower() == ".gpkg" else r"\""
    return '"' + layer.replace('"', mark) + '"'


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """What GDAL finds wrong, as an error that names the file."""
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

    faults = (DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError)
    # A damaged file can make the decoder panic, which polars raises outside Exception.
    decoding = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
    # LookupError: an encoding that there is none of; UnboundLocalError: pyogrio's answer to a damaged .prj (0.13).
    beside = (LookupError, UnboundLocalError)
    try:
        yield
    except (*faults, *decoding, *beside, RuntimeError, ValueError, OSError) as error:
        raise PortfolioError("catalogue.not_readable", file=path.name, why=str(error)[:200]) from error


def _opened(path: Path, most_rows: int) -> _Source:
    import pyogrio

    path, asked = named_layer(path)
    path = path.resolve(strict=True)
    _check(path)
    suffix = path.suffix.lower()
    # GDAL's short way from FlatGeobuf to Arrow ends the process at a damaged geometry (3.12); the common way does not.
    pyogrio.set_gdal_config_options({"OGR_FLATGEOBUF_STREAM_BASE_IMPL": True})
    with _refusing(path):
        layers = [(str(name), kind) for name, kind in pyogrio.list_layers(path)]
        spatial = _spatial(path, layers, asked)
        info = pyogrio.read_info(path, layer=spatial[0], force_feature_count=True)
    if info["driver"] != DRIVERS[suffix]:
        raise PortfolioError("catalogue.not_its_kind", file=path.name, kind=DRIVERS[suffix])
    if info["features"] > most_rows:
        raise PortfolioError("catalogue.too_many_rows", file=path.name, most=most_rows)
    encoding = _dbf_encoding(path) if suffix == ".shp" else None
    others = {"read": spatial[0], "others": ", ".join(spatial[1:])}
    notes = [FileNote("other_layers", others)] if spatial[1:] and asked is None else []
    options = {"encoding": encoding} if encoding else {}
    return _Source(path, spatial[0], info["crs"], int(info["features"]), options, notes)


def _spatial(path: Path, layers: list[tuple[str, Any]], asked: str | None) -> list[str]:
    """Names of the layers with geometry, all where none has any; the one that was asked for alone."""
    found = [name for name, kind in layers if kind is not None] or [name for name, _ in layers]
    if asked is not None:
        found = [name for name in found if fnmatch.fnmatchcase(name.casefold(), asked.casefold())]
        if len(found) != 1:
            known = ", ".join(name for name, _ in layers[:40])
            raise PortfolioError("catalogue.layer_unknown", file=path.name, layer=asked[:80], known=known[:500])
    if not found:
        raise PortfolioError("catalogue.no_layer", file=path.name)
    return found


def _check(path: Path) -> None:
    suffix = path.suffix.lower()
    if suffix == GEODATABASE:
        fits = _is_geodatabase(path)
    else:
        with path.open("rb") as stream:
            fits = stream.read(16).startswith(MAGIC[suffix])
    if str(path).startswith("/vsi") or not fits:
        raise PortfolioError("catalogue.not_its_kind", file=path.name, kind=DRIVERS[suffix])
    if suffix == ".gpkg":
        require_stored_tables(path)


def _is_geodatabase(folder: Path) -> bool:
    members = list(folder.iterdir()) if folder.is_dir() else []
    plain = all(p.is_file() and not p.is_symlink() and _IN_GEODATABASE.fullmatch(p.name) for p in members)
    return plain and any(p.name.lower() == CATALOGUE_TABLE for p in members)


def _dbf_encoding(path: Path) -> str | None:
    """The encoding of a Shapefile's table where neither a .cpg file nor the table itself says it."""
    table = next((p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() == ".dbf"), None)
    stated = any(p.stem == path.stem and p.suffix.lower() == ".cpg" for p in path.parent.iterdir())
    if table is None or stated:
        return None
    with table.open("rb") as stream:
        raw = stream.read(2_000_000)
    if len(raw) < 32 or raw[29] not in (0, 87):  # 87: "ANSI", written by programs that do not know either
        return None
    decoded = decode(bytes(byte for byte in raw[32:] if byte))
    return None if decoded.damaged else {"utf-8-sig": "utf-8"}.get(decoded.encoding, decoded.encoding)


def table_from_wkb(frame: pl.DataFrame, column: str, crs: str | None) -> RawTable:
    """A frame with a WKB column as a RawTable; shapes that cannot be decoded become faults."""
    if column not in frame.columns:
        return RawTable(as_text_frame(frame), None, crs)
    blobs = frame[column]
    geometry, bad = shapes_from_wkb(blobs.to_list())
    faults = tuple(RowFault(i + 1, "geometry", "WKB", "invalid_geometry") for i in bad)
    return RawTable(as_text_frame(frame.drop(column), len(frame)), geometry, crs, faults=faults)


def shapes_from_wkb(blobs: list[bytes | None]) -> tuple[Geometries, list[int]]:
    """(n,) geometries, None where missing or not decodable, and the positions of the latter."""
    safe = [None if blob is None or _nested(blob) else blob for blob in blobs]
    shapes = decoded(shapely.from_wkb, safe)
    return shapes, [i for i, blob in enumerate(blobs) if blob is not None and shapes[i] is None]


def _nested(blob: bytes) -> bool:
    return any(blob.count(mark) > MAX_NESTED for mark in NESTED_COLLECTIONS) and blob[1:5] in (
        b"\x07\0\0\0",
        b"\0\0\0\x07",
    )


def as_text_frame(frame: pl.DataFrame, rows: int | None = None) -> pl.DataFrame:
    """Every column as text; lists and records as JSON, bytes not at all."""
    if not frame.width:
        return pl.DataFrame({"id": pl.Series([None] * (rows or 0), dtype=pl.String)})
    frame = frame.rename(dict(zip(frame.columns, unique_names(frame.columns), strict=True)))
    return blank_to_null(frame.select(_as_text(frame[name]) for name in frame.columns))


def _as_text(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        return column
    if column.dtype == pl.Binary:
        return pl.Series(column.name, [None] * len(column), pl.String)
    if column.dtype.is_nested() or column.dtype == pl.Object:
        return pl.Series(column.name, [as_text(value) for value in column.to_list()], pl.String)
    return column.cast(pl.String)
