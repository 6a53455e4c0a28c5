"""GeoJSON, read here so that one bad feature costs one row, not the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import shapely

from greensilk.catalogue.encodings import decode
from greensilk.catalogue.raw_table import MAX_ROWS, Geometries, RawTable, RowFault, text_frame
from greensilk.errors import PortfolioError

GEOMETRY_TYPES = frozenset(
    ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
)


def read_geojson(path: Path) -> RawTable:
    """A FeatureCollection, one Feature, one geometry, or features one a line (GeoJSONSeq).

    raises: PortfolioError if the file is empty, not JSON, nested too deep or no GeoJSON
    """
    content = parsed(path, decode(path.read_bytes()).text.strip().removeprefix("\x1e"))
    features = _features(path, content)
    if len(features) > MAX_ROWS:
        raise PortfolioError("catalogue.too_many_rows", file=path.name, most=MAX_ROWS)
    geometry, faults = geometries_of(features)
    return RawTable(_columns(features), geometry, _crs(content), faults=faults)


def parsed(path: Path, text: str) -> Any:
    """JSON of a file, or features one a line as a collection.

    raises: PortfolioError if it is empty, not JSON or nested too deep
    """
    if not text:
        raise PortfolioError("catalogue.file_empty", file=path.name)
    try:
        try:
            return json.loads(text, parse_constant=_no_constant)
        except json.JSONDecodeError as error:
            if "Extra data" not in error.msg:
                raise
            lines = [line.strip("\x1e \r") for line in text.split("\n")]
            return {
                "type": "FeatureCollection",
                "features": [json.loads(line, parse_constant=_no_constant) for line in lines if line],
            }
    except RecursionError as error:
        raise PortfolioError("catalogue.too_deep", file=path.name) from error
    except ValueError as error:
        raise PortfolioError("catalogue.not_readable", file=path.name, why=str(error)[:200]) from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _features(path: Path, content: Any) -> list[Any]:
    kind = content.get("type") if isinstance(content, dict) else None
    features = content.get("features") if kind == "FeatureCollection" else None
    if isinstance(features, list):
        return features
    if kind == "Feature":
        return [content]
    if kind in GEOMETRY_TYPES:
        return [{"type": "Feature", "properties": {}, "geometry": content}]
    raise PortfolioError("catalogue.no_geojson", file=path.name)


def _crs(content: Any) -> str:
    # RFC 7946 knows WGS 84 only; the older "crs" member is still written by many programs and is honoured.
    crs = content.get("crs") if isinstance(content, dict) else None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else "OGC:CRS84"


def geometries_of(features: list[Any]) -> tuple[Geometries, tuple[RowFault, ...]]:
    """(n,) geometries of GeoJSON features, None where missing or wrong, and a fault for each that is wrong."""
    texts: list[str | None] = []
    faults: list[RowFault] = []
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            faults.append(RowFault(number, "geometry", str(feature)[:200], "no_feature"))
            texts.append(None)
            continue
        shape = feature.get("geometry")
        texts.append(_geometry_text(shape))
        if shape is not None and texts[-1] is None:
            faults.append(RowFault(number, "geometry", _shown(shape), "invalid_geometry"))
    geometry = np.asarray(shapely.from_geojson(np.array(texts, dtype=object), on_invalid="ignore"), dtype=object)
    for position in np.flatnonzero(shapely.is_missing(geometry) & np.array([text is not None for text in texts], bool)):
        faults.append(RowFault(int(position) + 1, "geometry", str(texts[position])[:200], "invalid_geometry"))
    return geometry.reshape(len(features)), tuple(faults)


def _shown(shape: Any) -> str:
    try:
        return json.dumps(shape)[:200]
    except RecursionError:
        return "..."


def _geometry_text(shape: Any) -> str | None:
    if not isinstance(shape, dict) or shape.get("type") not in GEOMETRY_TYPES:
        return None
    if shape["type"] != "GeometryCollection":
        return json.dumps({"type": shape["type"], "coordinates": shape.get("coordinates")})
    members = shape.get("geometries")
    if not isinstance(members, list):
        return None
    inner = [
        text
        for member in members
        if isinstance(member, dict) and member.get("type") != "GeometryCollection"  # RFC 7946, 3.1.8: no nesting
        for text in [_geometry_text(member)]
    ]
    if len(inner) != len(members) or None in inner:
        return None
    return '{"type": "GeometryCollection", "geometries": [' + ", ".join(text for text in inner if text) + "]}"


def _columns(features: list[Any]) -> Any:
    names: dict[str, None] = {}
    properties: list[dict[str, Any]] = []
    for feature in features:
        found = feature.get("properties") if isinstance(feature, dict) else None
        cells = dict(found) if isinstance(found, dict) else {}
        identity = feature.get("id") if isinstance(feature, dict) else None
        if identity is not None and "id" not in cells:
            cells["id"] = identity
        properties.append(cells)
        names.update(dict.fromkeys(cells))
    columns = {_text_name(name): [as_text(cells.get(name)) for cells in properties] for name in names}
    return text_frame(columns or {"id": [None] * len(features)})


def _text_name(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def as_text(value: Any) -> str | None:
    """A JSON value as the text of a cell; lists of plain values are joined by semicolons.

    >>> as_text([1, "b"]), as_text(2.50), as_text(True), as_text(None)
    ('1; b', '2.5', 'true', None)
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return "; ".join(str(as_text(item)) for item in value)
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return str(value).encode("utf-8", "replace").decode()
