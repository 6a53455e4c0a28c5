"""Decode a quantised TopoJSON object to shapely polygons."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapes import split_at_antimeridian


@dataclass(frozen=True)
class TopoFeature:
    """One feature of a TopoJSON object: its id (ISO numeric or None), its name and its polygons."""

    code: str | None
    name: str
    geometry: BaseGeometry


def read_topojson(path: Path, object_name: str) -> list[TopoFeature]:
    """Read every feature of one object, in file order, in degrees."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    scale = np.array(topology["transform"]["scale"])
    translate = np.array(topology["transform"]["translate"])
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + translate for arc in topology["arcs"]]
    features = topology["objects"][object_name]["geometries"]
    return [TopoFeature(item.get("id"), item["properties"]["name"], _polygons(item, arcs)) for item in features]


def _polygons(item: dict[str, Any], arcs: list[NDArray[np.float64]]) -> BaseGeometry:
    parts = item["arcs"] if item["type"] == "MultiPolygon" else [item["arcs"]]
    polygons = []
    for rings in parts:
        shell, *holes = [_ring(ring, arcs) for ring in rings]
        if len(shell) >= 4:
            polygons.extend(split_at_antimeridian(shell, [hole for hole in holes if len(hole) >= 4]))
    return shapely.MultiPolygon(polygons)


def _ring(indices: list[int], arcs: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    # a negative index is the ones' complement of an arc walked backwards; neighbours share their end point
    pieces = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indices]
    return np.vstack([pieces[0]] + [piece[1:] for piece in pieces[1:]])
