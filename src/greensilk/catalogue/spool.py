"""Outlines of a layer too large for memory: laid on disk as they come, then written as an index in the tree's order.

What stays in memory is a few numbers a part and a ring; vertices are read back from the spool in bounded pieces.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from greensilk.catalogue.index_file import Piece, write_index
from greensilk.geometry.arrays import Floats, Ints, spans, starts
from greensilk.geometry.outlines import POINT, Outlines
from greensilk.geometry.shapes import FANOUT, Shapes, packing_order, part_boxes, shapes_of, tree_over

VERTICES_AT_ONCE = 2_000_000  # of the spool, read back and written: 100 MB with what is computed from them
DIGEST = np.dtype("V16")
Progress = Callable[[float], None]


class Spool:
    """The outlines of (n,) features, added batch by batch; features of the same outlines become one shape.

    folder: where its two files lie while it is open; name: what they begin with
    """

    def __init__(self, folder: Path, name: str = "shapes") -> None:
        self._paths = [folder / f"{name}-{axis}.spool" for axis in ("lon", "lat")]
        self._sinks: list[BinaryIO] = [path.open("w+b") for path in self._paths]
        self._ring_sizes: list[Ints] = []
        self._part_sizes: list[Ints] = []
        self._kinds: list[NDArray[np.int8]] = []
        self._owners: list[Ints] = []
        self._boxes: list[NDArray[np.int32]] = []
        self._digests: list[NDArray[np.void]] = []
        self.features = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for sink, path in zip(self._sinks, self._paths, strict=True):
            sink.close()
            path.unlink(missing_ok=True)

    def add(self, outlines: Outlines, count: int) -> None:
        """Takes in the next features: their outlines, sorted by owner, 0 to `count` - 1; each has at least one part."""
        self._lay_down(outlines._replace(owner=outlines.owner + self.features))
        self._digests.append(digests(outlines, count))
        self.features += count

    def add_shapes(self, outlines: Outlines) -> None:
        """Takes in outlines whose owners are shapes already."""
        self._lay_down(outlines)

    def _lay_down(self, outlines: Outlines) -> None:
        for sink, axis in zip(self._sinks, (outlines.lon, outlines.lat), strict=True):
            sink.write(np.ascontiguousarray(axis).data)
        self._ring_sizes.append(np.diff(outlines.ring_start))
        self._part_sizes.append(np.diff(outlines.part_start))
        self._kinds.append(outlines.kind)
        self._owners.append(outlines.owner)
        self._boxes.append(part_boxes(outlines))

    @property
    def widest_kind(self) -> int:
        """POINT, LINE or POLYGON, the largest of all parts."""
        return max(int(kinds.max(initial=POINT)) for kinds in self._kinds)

    def write_index(self, path: Path, progress: Progress) -> tuple[str, Ints]:
        """Writes the index file of all that was added.

        progress: told the share done
        returns: its fingerprint, and (n,) the shape of each feature; shapes are numbered as they first came
        """
        shape_of, first = same_shapes(np.concatenate(self._digests))
        owner = np.concatenate(self._owners)
        kept = np.flatnonzero(first[shape_of[owner]] == owner)
        return self._write(path, self._outlines(shape_of[owner]), kept, shape_of, progress), shape_of

    def write_shapes(self, path: Path, shape_of: Ints) -> str:
        """Writes the index file of shapes that were added as such.

        shape_of: (n,) what it says of features
        returns: its fingerprint
        """
        whole = self._outlines(np.concatenate([np.empty(0, dtype=np.int64), *self._owners]))
        return self._write(path, whole, np.arange(len(whole.kind)), shape_of, lambda share: None)

    def _write(self, path: Path, whole: Outlines, kept: Ints, shape_of: Ints, progress: Progress) -> str:
        boxes = np.concatenate([np.empty((0, 4), dtype=np.int32), *self._boxes])[kept]
        order = packing_order(boxes)
        rows = _rows_of(whole, kept, len(shape_of))
        pieces = _pieces(whole, kept[order], progress)
        node_box, level_start = tree_over(boxes[order])
        rows |= {"node_box": len(node_box), "level_start": len(level_start)}
        ends: list[Piece] = [("node_box", 0, node_box), ("level_start", 0, level_start), ("shape_of", 0, shape_of)]
        return write_index(path, rows, _chained(pieces, ends))

    def _outlines(self, owner: Ints) -> Outlines:
        lon, lat = map(_mapped, self._sinks)
        return Outlines(
            lon,
            lat,
            starts(np.concatenate([np.empty(0, dtype=np.int64), *self._ring_sizes])),
            starts(np.concatenate([np.empty(0, dtype=np.int64), *self._part_sizes])),
            np.concatenate([np.empty(0, dtype=np.int8), *self._kinds]),
            owner,
        )


def _mapped(sink: BinaryIO) -> Floats:
    sink.flush()
    if not sink.tell():
        return np.empty(0)
    return np.frombuffer(mmap.mmap(sink.fileno(), 0, access=mmap.ACCESS_READ), dtype=np.float64)


def digests(outlines: Outlines, count: int) -> NDArray[np.void]:
    """(count,) digest of the outlines of each feature: the same where all vertices are, to the last bit."""
    rings = outlines.part_start[np.searchsorted(outlines.owner, np.arange(count + 1))]
    vertices = outlines.ring_start[rings].tolist()
    parts = np.searchsorted(outlines.owner, np.arange(count + 1)).tolist()
    ring_sizes, part_sizes = np.diff(outlines.ring_start), np.diff(outlines.part_start)
    found = bytearray()
    for feature in range(count):
        at = slice(vertices[feature], vertices[feature + 1])
        digest = hashlib.blake2b(outlines.lon[at].data, digest_size=DIGEST.itemsize)
        digest.update(outlines.lat[at].data)
        digest.update(ring_sizes[rings[feature] : rings[feature + 1]].data)
        part = slice(parts[feature], parts[feature + 1])
        digest.update(part_sizes[part].data)
        digest.update(outlines.kind[part].data)
        found += digest.digest()
    return np.frombuffer(bytes(found), dtype=DIGEST)


def same_shapes(digest: NDArray[np.void]) -> tuple[Ints, Ints]:
    """(n,) digests -> (n,) shape of each, numbered as they first come, and (s,) the first feature of each shape."""
    _, first, inverse = np.unique(digest, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty(len(first), dtype=np.int64)
    number[order] = np.arange(len(first))
    return number[inverse], first[order].astype(np.int64)


def _rows_of(whole: Outlines, parts: Ints, features: int) -> dict[str, int]:
    """Rows of each array of the index of some of the parts; those of the tree are added later."""
    ring_sizes = np.diff(whole.ring_start)[spans(whole.part_start[parts], np.diff(whole.part_start)[parts])]
    chunks = -(-(ring_sizes - 1) // FANOUT)
    blocks = -(-chunks // FANOUT)
    rows = dict.fromkeys(("lon", "lat", "x", "y"), int(ring_sizes.sum()))
    rows |= dict.fromkeys(("ring_start", "chunk_start", "block_start"), len(ring_sizes) + 1)
    rows |= dict.fromkeys(("part_kind", "part_owner", "part_area_m2"), len(parts))
    return rows | {
        "part_start": len(parts) + 1,
        "chunk_box": int(chunks.sum()),
        "block_box": int(blocks.sum()),
        "shape_of": features,
    }


# The arrays that say where runs begin in another one.
_STARTS_IN = {"ring_start": "lon", "part_start": "ring_start", "chunk_start": "chunk_box", "block_start": "block_box"}
_OF_THE_WHOLE = ("node_box", "level_start")


def _pieces(whole: Outlines, order: Ints, progress: Progress) -> Iterator[Piece]:
    """The rows of the index, computed a bounded number of vertices at a time."""
    sizes = whole.ring_start[whole.part_start[order + 1]] - whole.ring_start[whole.part_start[order]]
    reached = np.cumsum(sizes)
    done = dict.fromkeys(Shapes._fields, 0)
    first = 0
    while first < len(order):
        before = reached[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(reached, before + VERTICES_AT_ONCE)))
        piece = shapes_of(whole.take(order[first:last]))  # they stand in the order of the tree, and keep it
        yield from _shifted(piece, done)
        progress(float(reached[last - 1] / reached[-1]))
        first = last
    for name, inside in _STARTS_IN.items():
        yield name, done[name], np.array([done[inside]], dtype=np.int64)


def _shifted(piece: Shapes, done: dict[str, int]) -> Iterator[Piece]:
    """The rows of one piece after those that are done, which then count it."""
    before = dict(done)
    arrays: dict[str, NDArray[Any]] = piece._asdict()
    for name, array in arrays.items():
        if name in _OF_THE_WHOLE:
            continue
        rows = array[:-1] + before[_STARTS_IN[name]] if name in _STARTS_IN else array
        yield name, before[name], rows
        done[name] += len(rows)


def _chained(first: Iterator[Piece], then: list[Piece]) -> Iterator[Piece]:
    yield from first
    yield from then
