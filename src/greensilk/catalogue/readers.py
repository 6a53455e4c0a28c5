"""One way in for every file people bring: chosen by the file's ending, checked by its content."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from greensilk.catalogue.archives import MAX_TOTAL_BYTES, unpack
from greensilk.catalogue.batches import Batch, cut_in_batches
from greensilk.catalogue.delimited import read_delimited
from greensilk.catalogue.geojson import read_geojson
from greensilk.catalogue.geoparquet import geoparquet_batches, read_geoparquet
from greensilk.catalogue.kml import read_kml
from greensilk.catalogue.raw_table import MAX_FILE_BYTES, MAX_INDEXED_BYTES, RawTable
from greensilk.catalogue.sheets import read_sheet
from greensilk.catalogue.vector_files import GEODATABASE, named_layer, read_vector, vector_batches
from greensilk.errors import PortfolioError

READERS: dict[str, Callable[[Path], RawTable]] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".txt": read_delimited,
    ".xlsx": read_sheet,
    ".xlsm": read_sheet,
    ".geojson": read_geojson,
    ".json": read_geojson,
    ".geojsonl": read_geojson,
    ".kml": read_kml,
    ".gpkg": read_vector,
    ".shp": read_vector,
    ".fgb": read_vector,
    ".gdb": read_vector,
    ".parquet": read_geoparquet,
    ".geoparquet": read_geoparquet,
}
BATCHED: dict[str, Callable[[Path], Iterator[Batch]]] = {
    ".gpkg": vector_batches,
    ".shp": vector_batches,
    ".fgb": vector_batches,
    ".gdb": vector_batches,
    ".parquet": geoparquet_batches,
    ".geoparquet": geoparquet_batches,
}
MAX_WHOLE_BYTES = 250_000_000  # of a layer in a format that is read whole: up to ten times as much in memory
ARCHIVES = frozenset((".zip", ".kmz"))
# The main file of an archive: the first kind of this order that it holds.
INSIDE = (
    ".shp",
    ".gpkg",
    ".gdb",
    ".fgb",
    ".geojson",
    ".kml",
    ".parquet",
    ".geoparquet",
    ".csv",
    ".tsv",
    ".xlsx",
    ".json",
)


def read_table(path: Path) -> RawTable:
    """Any supported file, or a ZIP that holds one, as cells of text with geometry.

    path: of one with several layers "x.gpkg:layer" or "x.gdb:layer"
    raises: PortfolioError if the file is missing, of an unknown kind, too large, or cannot be read at all
    """
    with _checked(path) as file:
        return READERS[_suffix(file)](file)


def read_batches(path: Path) -> Iterator[Batch]:
    """The same, some rows at a time, so that a file of any size needs little memory.

    raises: PortfolioError as read_table does, and if a file of a kind that is read whole is larger than its memory
    """
    with _checked(path) as file:
        suffix = _suffix(file)
        if suffix in BATCHED:
            yield from BATCHED[suffix](file)
        elif file.stat().st_size > MAX_WHOLE_BYTES:
            raise PortfolioError("catalogue.too_large_whole", file=path.name, most=MAX_WHOLE_BYTES)
        else:
            yield from cut_in_batches(READERS[suffix](file))


def require_files(paths: Iterable[Path]) -> None:
    """Nothing, if all of these are files, or geodatabases.

    raises: PortfolioError naming the first that is not there, or is a folder
    """
    for path in paths:
        file, _ = named_layer(path)
        if file.is_dir() and file.suffix.lower() != GEODATABASE:
            raise PortfolioError("catalogue.folder_given", file=str(path))
        if not file.exists():
            raise PortfolioError("catalogue.file_missing", file=str(path))


def size_bytes(path: Path) -> int:
    """Size of a file, or of all files of a geodatabase; 0 for one that is not there."""
    file, _ = named_layer(path)
    members = file.iterdir() if file.is_dir() else [file]
    return sum(member.stat().st_size for member in members if member.is_file())


def _suffix(path: Path) -> str:
    return named_layer(path)[0].suffix.lower()


@contextmanager
def _checked(path: Path) -> Iterator[Path]:
    """The file itself, or the one that a ZIP holds, while it lies unpacked."""
    file, _ = named_layer(path)
    suffix = file.suffix.lower()
    require_files([path])
    if suffix not in READERS and suffix not in ARCHIVES:
        known = ", ".join([*READERS, *sorted(ARCHIVES)])
        raise PortfolioError("catalogue.kind_unknown", file=file.name, suffix=suffix or "-", known=known)
    try:
        _require_size(file, suffix)
        if suffix in ARCHIVES:
            with _unpacked(path) as member:
                yield member
        else:
            yield path
    except (OSError, MemoryError, RecursionError) as error:
        raise PortfolioError("catalogue.not_readable", file=file.name, why=str(error)[:200]) from error


def _require_size(file: Path, suffix: str) -> None:
    size = size_bytes(file)
    if size == 0:
        raise PortfolioError("catalogue.file_empty", file=file.name)
    most = MAX_INDEXED_BYTES if suffix in BATCHED else MAX_FILE_BYTES
    if size > most:
        raise PortfolioError("catalogue.file_too_large", file=file.name, most=most)


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="greensilk-") as folder:
        members = unpack(path, Path(folder), MAX_TOTAL_BYTES)
        for suffix in INSIDE:
            found = [member for member in members if member.suffix.lower() == suffix]
            if len(found) > 1:
                names = ", ".join(sorted(member.name for member in found)[:5])
                raise PortfolioError("catalogue.zip_several", file=path.name, names=names)
            if found:
                yield found[0]
                return
        raise PortfolioError("catalogue.zip_nothing", file=path.name)
