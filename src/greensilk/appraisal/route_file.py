"""A file of alternatives, read so that nothing in it can do harm; every feature that is not used is told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from greensilk.catalogue.encodings import decode
from greensilk.catalogue.geojson import parsed
from greensilk.errors import PortfolioError
from greensilk.routes.alignments import Alignment, Fault, alignments_of, plain
from greensilk.texts import text

MOST_BYTES = 200_000_000
MOST_SAID = 50
REJECT_SCHEMA = {
    "feature": pl.Int64,  # first feature = 1; 0 = all features of the alternative, or the file
    "alternative": pl.String,
    "reason": pl.String,
    "value": pl.String,
    "reason_en": pl.String,
    "reason_zh": pl.String,
}


@dataclass(frozen=True)
class RouteFile:
    """A file as read. rejects: REJECT_SCHEMA; made_by: how the file was made, as it says itself"""

    name: str
    sha256: str
    alignments: tuple[Alignment, ...]
    rejects: pl.DataFrame
    made_by: dict[str, str]

    @property
    def rejected(self) -> int:
        """How many alternatives are not compared; a feature that names none counts as one."""
        named = self.rejects["alternative"]
        return named.filter(named != "").n_unique() + int((named == "").sum())


def read_routes(path: Path) -> RouteFile:
    """The alternatives in a GeoJSON file.

    raises: PortfolioError if it is missing, too large, no GeoJSON, in another system of coordinates or holds none
    """
    content, sha256 = _content(path)
    _require_lonlat(path, content)
    found = alignments_of(content)
    if not found.alignments:
        first = found.faults[0] if found.faults else Fault(0, "", "no_features")
        why = text(f"routes.reject_{first.reason}", value=first.value)
        raise PortfolioError("routes.nothing_usable", file=path.name, why=why)
    return RouteFile(path.name, sha256, found.alignments, _rejects(found.faults), _told(found.provenance))


def _told(provenance: Mapping[str, Any]) -> dict[str, str]:
    """What a file says of how it was made, as far as it is plain words and numbers."""
    said = [(name, value) for name, value in provenance.items() if isinstance(value, str | int | float)]
    return {plain(name): plain(value) for name, value in said[:MOST_SAID]}


def _content(path: Path) -> tuple[Any, str]:
    if not path.is_file():
        raise PortfolioError("routes.no_file", file=path.name[:100])
    if path.stat().st_size > MOST_BYTES:
        raise PortfolioError("routes.file_too_large", file=path.name, most=MOST_BYTES // 1_000_000)
    raw = path.read_bytes()
    words = decode(raw).text.strip().removeprefix("\x1e")
    return parsed(path, words), hashlib.sha256(raw).hexdigest()


def _require_lonlat(path: Path, content: Any) -> None:
    """RFC 7946 knows longitude and latitude only; an older file may say that it is in metres."""
    crs = content.get("crs") if isinstance(content, dict) else None
    named = crs.get("properties") if isinstance(crs, dict) else None
    name = str(named.get("name", "")) if isinstance(named, dict) else ""
    if name and not name.upper().endswith(("CRS84", ":4326")):
        raise PortfolioError("routes.other_crs", file=path.name, name=name[:60])


def _rejects(faults: tuple[Fault, ...]) -> pl.DataFrame:
    rows = [
        {
            "feature": one.feature,
            "alternative": one.alternative,
            "reason": one.reason,
            "value": one.value,
            "reason_en": text(f"routes.reject_{one.reason}", "en", value=one.value),
            "reason_zh": text(f"routes.reject_{one.reason}", "zh", value=one.value),
        }
        for one in faults
    ]
    return pl.DataFrame(rows, schema=REJECT_SCHEMA)
