"""KML, read by a plain XML parser that accepts no document type, hence no entities; links in it are never followed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from greensilk.catalogue.raw_table import MAX_ROWS, RawTable, RowFault, text_frame
from greensilk.errors import PortfolioError

MAX_DEPTH = 64
FIELDS = ("name", "description", "address")


def read_kml(path: Path) -> RawTable:
    """The placemarks of a KML file, in WGS 84, with name, description and extended data.

    raises: PortfolioError if it is no XML, declares a document type, or is nested too deep
    """
    root = _parse(path)
    if _tag(root) != "kml":
        raise PortfolioError("catalogue.not_readable", file=path.name, why="no <kml> element")
    shapes: list[BaseGeometry | None] = []
    cells: list[dict[str, str]] = []
    faults: list[RowFault] = []
    for number, placemark in enumerate((e for e in root.iter() if _tag(e) == "Placemark"), start=1):
        if number > MAX_ROWS:
            raise PortfolioError("catalogue.too_many_rows", file=path.name, most=MAX_ROWS)
        cells.append(_cells(placemark))
        try:
            shapes.append(_placemark_shape(placemark))
        except (ValueError, shapely.errors.GEOSException) as error:
            shapes.append(None)
            faults.append(RowFault(number, "coordinates", str(error)[:200], "invalid_geometry"))
    names = dict.fromkeys(name for row in cells for name in row)
    frame = text_frame({name: [row.get(name) for row in cells] for name in names} or {"name": [None] * len(cells)})
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return RawTable(frame, geometry, "OGC:CRS84", faults=tuple(faults))


def _parse(path: Path) -> Element:
    builder = TreeBuilder()
    depth = 0

    def refuse(*_: object) -> None:
        raise PortfolioError("catalogue.xml_document_type", file=path.name)

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise PortfolioError("catalogue.too_deep", file=path.name)
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    try:
        with path.open("rb") as stream:
            parser.ParseFile(stream)
        return builder.close()
    except (expat.ExpatError, AssertionError, ValueError, LookupError) as error:  # LookupError: unknown encoding
        raise PortfolioError("catalogue.not_readable", file=path.name, why=str(error)) from error


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _cells(placemark: Element) -> dict[str, str]:
    cells = {_tag(child): child.text or "" for child in placemark if _tag(child) in FIELDS}
    for element in placemark.iter():
        if _tag(element) == "SimpleData":
            cells.setdefault(element.get("name", ""), element.text or "")
        elif _tag(element) == "Data":
            value = next((child.text for child in element if _tag(child) == "value"), None)
            cells.setdefault(element.get("name", ""), value or "")
    if placemark.get("id"):
        cells.setdefault("id", str(placemark.get("id")))
    cells.pop("", None)
    return cells


def _placemark_shape(placemark: Element) -> BaseGeometry | None:
    shapes = [shape for child in placemark for shape in _shapes(child)]
    return _joined(shapes)


def _joined(shapes: list[BaseGeometry]) -> BaseGeometry | None:
    if not shapes:
        return None
    if len(shapes) == 1:
        return shapes[0]
    kinds = {shape.geom_type for shape in shapes}
    build: dict[str, Callable[[list[BaseGeometry]], BaseGeometry]] = {
        "Point": shapely.MultiPoint,
        "LineString": shapely.MultiLineString,
        "Polygon": shapely.MultiPolygon,
    }
    return (build[kinds.pop()] if len(kinds) == 1 else shapely.GeometryCollection)(shapes)


def _shapes(element: Element) -> Iterator[BaseGeometry]:
    kind = _tag(element)
    if kind == "MultiGeometry":
        for child in element:
            yield from _shapes(child)
    elif kind == "Point":
        yield shapely.Point(_coordinates(element)[0])
    elif kind in ("LineString", "LinearRing", "Track"):
        yield shapely.LineString(_coordinates(element))
    elif kind == "Polygon":
        rings = {name: [e for e in element if _tag(e) == name] for name in ("outerBoundaryIs", "innerBoundaryIs")}
        if not rings["outerBoundaryIs"]:
            raise ValueError("Polygon without outerBoundaryIs")
        holes = [_coordinates(ring) for boundary in rings["innerBoundaryIs"] for ring in boundary]
        yield shapely.Polygon(_coordinates(rings["outerBoundaryIs"][0]), holes)


def _coordinates(element: Element) -> list[tuple[float, float]]:
    text = next((e.text for e in element.iter() if _tag(e) == "coordinates"), None) or ""
    found: list[tuple[float, float]] = []
    for item in re.sub(r"\s*,\s*", ",", text.strip()).split():
        lon, lat = (float(number) for number in item.split(",")[:2])
        if not (math.isfinite(lon) and math.isfinite(lat)):
            raise ValueError(item)
        found.append((lon, lat))
    if not found:
        raise ValueError("no coordinates")
    return found
