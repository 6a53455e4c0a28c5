"""The index file: the arrays of a layer's shapes in one file, mapped into memory as they are and never changed.

   byte 0  magic, 8 bytes
        8  format version, uint32
       12  byte order mark, uint32
       16  length of the whole file, uint64
       24  length of the directory, uint64
       32  SHA-256 of the content, that is of all from byte 4096 on
       64  SHA-256 of bytes 0 to 64 and of bytes 96 to 4096
       96  directory: JSON list of {name, dtype, shape, offset}, filled up with blanks
     4096  content: the arrays in the order of the directory, each at a multiple of 64 bytes, zeros between them

Nothing a file says is believed before it is checked: the directory must be the one that follows from the lengths of the
arrays, and every index in the arrays must point into them, so that compiled code never reads outside.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import struct
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np

from greensilk.catalogue.index_checks import fault_of
from greensilk.catalogue.next_steps import damaged
from greensilk.catalogue.stamps import content_sha256, is_unaltered, leave_stamp
from greensilk.geometry.arrays import Ints
from greensilk.geometry.shapes import Shapes

MAGIC = b"GSSHAPES"
FORMAT = 1  # raise it whenever the arrays, or what is in them, change their meaning
BYTE_ORDER = 0x01020304
PREFIX = struct.Struct("=8sIIQQ32s")
HEADER_BYTES, DIRECTORY_AT = 4096, 96
ALIGNMENT = 64
# name -> type of a value, values in a row
ARRAYS: dict[str, tuple[str, int]] = {
    "lon": ("float64", 1),
    "lat": ("float64", 1),
    "x": ("int32", 1),
    "y": ("int32", 1),
    "ring_start": ("int64", 1),
    "part_start": ("int64", 1),
    "part_kind": ("int8", 1),
    "part_owner": ("int64", 1),
    "part_area_m2": ("float64", 1),
    "chunk_start": ("int64", 1),
    "chunk_box": ("int32", 4),
    "block_start": ("int64", 1),
    "block_box": ("int32", 4),
    "node_box": ("int32", 4),
    "level_start": ("int64", 1),
    "shape_of": ("int64", 1),
}
Piece = tuple[str, int, np.ndarray[Any, Any]]  # array, first row, rows


@dataclass(frozen=True)
class Index:
    """An opened index file. shape_of: (n,) index of the shape of each feature, -1: none; fingerprint: of it all."""

    shapes: Shapes
    shape_of: Ints
    fingerprint: str


@dataclass(frozen=True)
class Header:
    """What an index file says about itself. rows: of each array; fingerprint: SHA-256 of the header."""

    rows: dict[str, int]
    content_sha256: str
    fingerprint: str


def row_bytes(name: str) -> int:
    """Bytes of one row of an array."""
    dtype, columns = ARRAYS[name]
    return np.dtype(dtype).itemsize * columns


def directory_of(rows: Mapping[str, int]) -> tuple[list[dict[str, Any]], int]:
    """Where arrays of so many rows lie in a file, and how long it is."""
    entries, offset = [], HEADER_BYTES
    for name, (dtype, columns) in ARRAYS.items():
        shape = [rows[name]] if columns == 1 else [rows[name], columns]
        entries.append({"name": name, "dtype": dtype, "shape": shape, "offset": offset})
        offset += -(-rows[name] * row_bytes(name) // ALIGNMENT) * ALIGNMENT
    return entries, offset


def rows_of(shapes: Shapes, shape_of: Ints) -> dict[str, int]:
    """Rows of each array of shapes in memory."""
    return {name: len(piece) for name, _, piece in whole_pieces(shapes, shape_of)}


def whole_pieces(shapes: Shapes, shape_of: Ints) -> Iterator[Piece]:
    """The arrays of shapes in memory, as write_index takes them."""
    arrays: dict[str, np.ndarray[Any, Any]] = {**shapes._asdict(), "shape_of": shape_of}
    for name in ARRAYS:
        yield name, 0, arrays[name]


def write_index(path: Path, rows: Mapping[str, int], pieces: Iterable[Piece]) -> str:
    """Writes an index file under a temporary name, then puts it in its place.

    rows: of each array; pieces: the rows themselves, in any order, each once
    returns: the fingerprint
    """
    entries, length = directory_of(rows)
    offsets = {entry["name"]: entry["offset"] for entry in entries}
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w+b") as sink:
            sink.truncate(length)
            for name, first, piece in pieces:
                sink.seek(offsets[name] + first * row_bytes(name))
                sink.write(np.ascontiguousarray(piece, dtype=ARRAYS[name][0]).data.cast("B") if piece.size else b"")
            sink.flush()
            content = content_sha256(sink, HEADER_BYTES)
            header = _header_bytes(entries, length, content)
            sink.seek(0)
            sink.write(header)
            sink.flush()
            os.fsync(sink.fileno())
        Path(temporary).replace(path)
        leave_stamp(path, content)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return hashlib.sha256(header).hexdigest()


def _header_bytes(entries: list[dict[str, Any]], length: int, content: str) -> bytes:
    directory = json.dumps(entries, separators=(",", ":")).encode()
    start = PREFIX.pack(MAGIC, FORMAT, BYTE_ORDER, length, len(directory), bytes.fromhex(content))
    rest = directory.ljust(HEADER_BYTES - DIRECTORY_AT)
    return start + hashlib.sha256(start + rest).digest() + rest


def open_index(path: Path, layer_id: str, *, thorough: bool = False) -> Index:
    """An index file mapped into memory, once it is found whole and unaltered.

    layer_id: what an error calls it; thorough: read all of it even where it is known from before
    raises: LayerError if it is missing, foreign, of another format, truncated or altered
    """
    try:
        with path.open("rb") as stream:
            header = read_header(stream, path, layer_id)
            if not is_unaltered(stream, path, header.content_sha256, HEADER_BYTES, thorough=thorough):
                _refuse("index_altered", path, layer_id)
            content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise damaged("layers.index_missing", layer_id, file=path.name) from error
    *arrays, shape_of = (_view(content, entry) for entry in directory_of(header.rows)[0])
    shapes = Shapes(*arrays)
    if fault_of(shapes, shape_of) is not None:
        _refuse("index_altered", path, layer_id)
    return Index(shapes, shape_of, header.fingerprint)


def _view(content: mmap.mmap, entry: dict[str, Any]) -> np.ndarray[Any, Any]:
    """A read-only array over the file, of the same make as those in memory: compiled functions know one make."""
    count = int(np.prod(entry["shape"], dtype=np.int64))
    if not count:
        array: np.ndarray[Any, Any] = np.empty(entry["shape"], dtype=entry["dtype"])
        array.flags.writeable = False
        return array
    flat = np.frombuffer(content, dtype=entry["dtype"], count=count, offset=entry["offset"])
    return flat.reshape(entry["shape"])


def read_header(stream: BinaryIO, path: Path, layer_id: str) -> Header:
    """The header of an index file, with its checksum, its format and the length of the file compared.

    raises: LayerError if any of them is wrong
    """
    header = stream.read(HEADER_BYTES)
    if not header.startswith(MAGIC):
        _refuse("index_foreign", path, layer_id)
    if len(header) < HEADER_BYTES:
        _refuse("index_truncated", path, layer_id, found=len(header), expected=HEADER_BYTES)
    _, version, order, length, directory_length, content = PREFIX.unpack_from(header)
    if order != BYTE_ORDER:
        _refuse("index_byte_order", path, layer_id)
    if version != FORMAT:
        _refuse("index_newer" if version > FORMAT else "index_older", path, layer_id, found=version, expected=FORMAT)
    if hashlib.sha256(header[: PREFIX.size] + header[DIRECTORY_AT:]).digest() != header[PREFIX.size : DIRECTORY_AT]:
        _refuse("index_altered", path, layer_id)
    found = os.fstat(stream.fileno()).st_size
    if found != length:
        _refuse("index_truncated", path, layer_id, found=found, expected=length)
    rows = _rows(header[DIRECTORY_AT:], directory_length, length)
    if rows is None:
        _refuse("index_altered", path, layer_id)
    return Header(rows, content.hex(), hashlib.sha256(header).hexdigest())


def _rows(block: bytes, directory_length: int, length: int) -> dict[str, int] | None:
    """Rows of each array, or None where the directory is not the one that these rows give in a file of that length."""
    try:
        entries = json.loads(block[:directory_length])
        rows = {str(entry["name"]): entry["shape"][0] for entry in entries}
        if not all(type(count) is int and 0 <= count <= length for count in rows.values()):
            return None
        return rows if directory_of(rows) == (entries, length) else None
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


def _refuse(reason: str, path: Path, layer_id: str, **values: object) -> NoReturn:
    raise damaged(f"layers.{reason}", layer_id, file=path.name, **values)
