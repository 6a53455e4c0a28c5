"""A base map that an authority approved, given by an organisation for its own maps: pictures in one PMTiles file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = "base"  # within the platform's folder; an administrator of the server puts <organisation id>.pmtiles there
MAGIC = b"PMTiles\x03"
TILE_TYPE_BYTE, HEADER_BYTES = 99, 127
PICTURES = (2, 3, 4, 5)  # PNG, JPEG, WebP, AVIF


@dataclass(frozen=True)
class ApprovedBase:
    """The file; usable: whether it is PMTiles version 3 with pictures, which need no style of ours."""

    path: Path
    usable: bool


def approved_base(folder: Path, organisation_id: str) -> ApprovedBase | None:
    """The base map of an organisation, None where it gave none. folder: of the platform"""
    path = folder / FOLDER / f"{organisation_id}.pmtiles"
    if not path.is_file():
        return None
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
    whole = len(header) == HEADER_BYTES and header.startswith(MAGIC)
    return ApprovedBase(path, whole and header[TILE_TYPE_BYTE] in PICTURES)
