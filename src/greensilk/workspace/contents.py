"""Projects as rows of the store: what an upload says of each, and a sum by which a change is seen."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.bundle import countries
from greensilk.errors import GreensilkError
from greensilk.screening.model import PROJECT_SCHEMA, Portfolio

KEY_CHARACTERS, NAME_CHARACTERS = 300, 500
# What tells of the file rather than of the project: where its row stands, and which other rows share its place.
OF_THE_FILE = frozenset(("row", "place_id"))
EDGE_DEG = 180.0 - 1e-9  # shapes are cut at 180 degrees when they are read, so that both parts touch it


def contents(portfolio: Portfolio) -> Iterator[dict[str, Any]]:
    """One dictionary a project, in the order of the portfolio: columns of ProjectVersion, and its key."""
    projects, shapes = portfolio.projects, portfolio.geometry
    blobs, drawn = shapely.to_wkb(shapes), shapely.to_geojson(shapes)
    reservoirs = shapely.to_wkt(portfolio.reservoirs)
    where = _countries(projects["country_stated"], shapes)
    columns = [name for name in PROJECT_SCHEMA if name not in OF_THE_FILE]
    for i, row in enumerate(projects.iter_rows(named=True)):
        attributes = {name: plain(row[name]) for name in columns if row[name] is not None}
        if reservoirs[i] is not None:
            attributes["reservoir_wkt"] = reservoirs[i]
        yield {
            "key": key_of(row["id"]),
            "row": row["row"],
            "name": plain(row["name"])[:NAME_CHARACTERS],
            "name_zh": None if row["name_zh"] is None else plain(row["name_zh"])[:NAME_CHARACTERS],
            "type": row["type"],
            "country": where[i],
            "stage": row["stage"],
            "attributes": attributes,
            "geometry": blobs[i],
            "geojson": drawn[i],
            **_box(shapes[i]),
            "content_sha256": content_sha256(attributes, blobs[i]),
        }


def content_sha256(attributes: dict[str, Any], geometry: bytes | None) -> str:
    """The sum of a project's description and place."""
    said = json.dumps(attributes, sort_keys=True, ensure_ascii=True).encode()
    return hashlib.sha256(said + b"\0" + (geometry or b"")).hexdigest()


def key_of(id: str) -> str:
    """The key of a project by its id in files; long ones are cut, and stay different."""
    clean: str = plain(id)
    if len(clean) <= KEY_CHARACTERS and clean == id:
        return clean
    digest = hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{clean[: KEY_CHARACTERS - 20]}-{digest}"


def plain(value: Any) -> Any:
    """A value as databases and JSON keep it: dates as text, text without zero bytes and halves of characters."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    return value


def _countries(stated: pl.Series, shapes: NDArray[np.object_]) -> list[str | None]:
    """(n,) ISO codes: as stated, else where the middle of the shape lies."""
    codes: list[str | None] = stated.to_list()
    without = [i for i, code in enumerate(codes) if code is None and shapes[i] is not None and not shapes[i].is_empty]
    try:
        outlines = countries()
    except GreensilkError:
        return codes
    if without:
        tree = shapely.STRtree(shapely.point_on_surface(shapes[without]))
        parts, points = tree.query(outlines.features.parts, predicate="intersects")
        for part, point in zip(parts.tolist(), points.tolist(), strict=True):
            codes[without[point]] = outlines.iso_a3[outlines.features.feature[part]] or codes[without[point]]
    return codes


def _box(shape: shapely.Geometry | None) -> dict[str, float | None]:
    if shape is None or shape.is_empty:
        return dict.fromkeys(("min_lon", "min_lat", "max_lon", "max_lat"))
    west, south, east, north = (float(edge) for edge in shape.bounds)
    if west <= -EDGE_DEG and east >= EDGE_DEG:
        lons = shapely.get_coordinates(shape)[:, 0]
        west, east = float(lons[lons > 0].min()), float(lons[lons < 0].max())
    return {"min_lon": west, "min_lat": south, "max_lon": east, "max_lat": north}
