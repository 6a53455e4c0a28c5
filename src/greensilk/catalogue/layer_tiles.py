"""A layer as vector tiles beside its index, made when it is imported, as its licence allows.

Not displayed is not tiled. What may not be handed on, or may be for all that is known, is written no finer than the
dots of a picture, as on the maps of reports, and no further than zoom 6: a dot there is 1.2 km wide. Names that are
withheld as facts are left out. What may be handed on is as fine as its accuracy, or as there is time for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.attribute_file import NAME, StoredAttributes
from greensilk.catalogue.index_file import open_index
from greensilk.catalogue.layer_records import LayerInfo
from greensilk.catalogue.licences import may_be_drawn
from greensilk.catalogue.streaming import ATTRIBUTES, INDEX
from greensilk.catalogue.tile_file import COARSE_UNITS, Detail, affordable_zoom, thinned, write_tile_file, zoom_for
from greensilk.geometry.arrays import Floats, Geometries, Ints, spans, starts
from greensilk.geometry.shapes import UNITS_PER_DEGREE, Shapes
from greensilk.records import Label, said

TILES = "tiles.pmtiles"
COARSE_ZOOM = 6
FINEST_ZOOM = 12  # 2.4 m a unit
USUAL_ACCURACY_M = 50.0  # assumed where none is stated
LEAST_ZOOM = 3  # a layer with too many parts for this one is drawn in part
MOST_PARTS = 12_000  # drawn of such a layer
VERTICES_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class _Chosen:
    """The parts of a layer that are drawn, and how finely. all_of_them: whether none is left out"""

    parts: Ints
    detail: Detail
    all_of_them: bool


def write_layer_tiles(folder: Path, info: LayerInfo) -> tuple[Label, ...]:
    """Writes the tiles of a layer into the folder of its index, where its licence allows.

    returns: what its user should know; nothing that goes wrong here stops an import
    """
    if not may_be_drawn(info.use):
        return (said("layer_tiles.not_displayed"),)
    try:
        chosen = _chosen(open_index(folder / INDEX, info.id).shapes, info)
        _write(folder, info, chosen)
    except Exception as error:  # whatever GDAL or GEOS cannot do: the layer itself is whole
        (folder / TILES).unlink(missing_ok=True)
        return (said("layer_tiles.failed", why=type(error).__name__),)
    return () if chosen.all_of_them else (said("layer_tiles.thinned", drawn=len(chosen.parts)),)


def detail_allowed(info: LayerInfo) -> Detail:
    """How finely a licence and the accuracy of a layer let it be drawn."""
    if info.use.redistribute is not True:
        return Detail(COARSE_ZOOM, COARSE_UNITS)
    return Detail(min(FINEST_ZOOM, zoom_for(info.accuracy_m or USUAL_ACCURACY_M)))


def _chosen(shapes: Shapes, info: LayerInfo) -> _Chosen:
    allowed, boxes = detail_allowed(info), shapes.part_box / UNITS_PER_DEGREE
    vertices = shapes.ring_start[shapes.part_start[1:]] - shapes.ring_start[shapes.part_start[:-1]]
    parts = np.arange(len(boxes), dtype=np.int64)
    zoom = affordable_zoom(boxes, vertices, allowed)
    if zoom is None or zoom < min(allowed.max_zoom, LEAST_ZOOM):
        parts = _some(boxes)
        zoom = affordable_zoom(boxes[parts], vertices[parts], allowed) or 0
    return _Chosen(parts, Detail(zoom, allowed.units), all_of_them=len(parts) == len(boxes))


def _some(boxes: Floats) -> Ints:
    """Some of the parts: half of them the largest, half spread over all, which lie in the order of the tree."""
    if len(boxes) <= MOST_PARTS:
        return np.arange(len(boxes), dtype=np.int64)
    size = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    largest = np.argpartition(-size, MOST_PARTS // 2)[: MOST_PARTS // 2]
    spread = np.linspace(0, len(boxes) - 1, MOST_PARTS // 2).astype(np.int64)
    return np.union1d(largest, spread)


def _write(folder: Path, info: LayerInfo, chosen: _Chosen) -> None:
    index = open_index(folder / INDEX, info.id)
    features = np.argsort(index.shape_of, kind="stable")
    start = starts(np.bincount(index.shape_of))
    owner = index.shapes.part_owner[chosen.parts]
    count = (start[1:] - start[:-1])[owner]
    row = features[spans(start[owner], count)]
    parts = np.repeat(_drawn(index.shapes, chosen), count)
    whole = ~shapely.is_empty(parts)
    fields: dict[str, NDArray[Any]] = {}
    if info.use.redistribute is True:
        fields["row"] = row[whole].astype(np.int64)
    if info.use.derived is not False:
        names = StoredAttributes(folder / ATTRIBUTES, info.id, info.attributes_sha256).read(NAME)[NAME]
        fields["name"] = names.gather(row[whole]).to_numpy().astype(object)
    write_tile_file(folder / TILES, parts[whole], fields, chosen.detail, info.id)


def _drawn(shapes: Shapes, chosen: _Chosen) -> Geometries:
    """The chosen parts, thinned a bounded number of vertices at a time."""
    first_ring, last_ring = shapes.part_start[chosen.parts], shapes.part_start[chosen.parts + 1]
    reached = np.cumsum(shapes.ring_start[last_ring] - shapes.ring_start[first_ring])
    pieces = np.split(chosen.parts, np.flatnonzero(np.diff(reached // VERTICES_AT_ONCE)) + 1)
    return np.concatenate([thinned(shapes.outlines(piece).geometries(), chosen.detail) for piece in pieces])
