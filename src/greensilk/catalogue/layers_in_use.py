"""Layers as a server needs them many times a second: found by one small file, known and opened once a version.

A version's folder has a name of its own and never changes, so that what was read of it stays true.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from greensilk.catalogue.layer_records import LayerInfo
from greensilk.catalogue.layer_tiles import TILES
from greensilk.catalogue.layers import STORE, Layer, open_version
from greensilk.errors import LayerError

MOST_KNOWN, MOST_OPEN = 256, 32
PMTILES = b"PMTiles\x03"
HEADER = struct.Struct("<8s92xBBiiii")  # of it: magic and version, zooms, bounds in 1e-7 degrees


@dataclass(frozen=True)
class TileExtent:
    """What a file of tiles says of itself. bounds: west, south, east, north in degrees"""

    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float]


def in_use(layer_id: str) -> tuple[Path, LayerInfo]:
    """The folder and the record of the version in use.

    raises: LayerError if there is none
    """
    return STORE.steady(layer_id, _known)


def all_in_use() -> list[tuple[Path, LayerInfo]]:
    """The same of every layer, without those that are damaged."""
    found = []
    for layer_id in STORE.shelf.ids():
        try:
            found.append(in_use(layer_id))
        except LayerError:
            continue
    return found


@lru_cache(MOST_KNOWN)
def _known(folder: Path, layer_id: str) -> tuple[Path, LayerInfo]:
    return folder, STORE.info(folder, layer_id)


@lru_cache(MOST_OPEN)
def opened(folder: Path, layer_id: str) -> Layer:
    """A version, opened once: whoever asks has been let by `permit` or its like.

    raises: LayerError if it was altered on disk; LicenceError
    """
    return open_version(folder, layer_id)


def tiles_of(folder: Path) -> Path | None:
    """The file of tiles of a version, None where it has none."""
    path = folder / TILES
    return path if path.is_file() else None


def stamp_of(path: Path) -> str:
    """A word for the content of a file of tiles: another one when it is written anew."""
    found = path.stat()
    told = f"{path.parent.name}/{path.name} {found.st_size} {found.st_mtime_ns}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def extent_of(path: Path) -> TileExtent:
    """What a file of tiles says of itself.

    raises: LayerError if it is none
    """
    with path.open("rb") as file:
        header = file.read(HEADER.size)
    if len(header) < HEADER.size or not header.startswith(PMTILES):
        raise LayerError("layer_tiles.altered", file=path.name)
    _, low, high, west, south, east, north = HEADER.unpack(header)
    return TileExtent(low, high, (west / 1e7, south / 1e7, east / 1e7, north / 1e7))
