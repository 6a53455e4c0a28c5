"""Tiles of layers: read back by GDAL, as fine as accuracy and licence allow, never in the way of an import."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from greensilk.catalogue import import_layer, open_layer, tile_file
from greensilk.catalogue import layer_tiles as layer_tiles_module
from greensilk.catalogue.layer_records import LayerInfo
from greensilk.catalogue.layer_tiles import COARSE_ZOOM, TILES
from greensilk.catalogue.layers_in_use import extent_of, in_use, stamp_of, tiles_of
from greensilk.catalogue.shelves import LAYERS
from greensilk.catalogue.tile_file import COARSE_UNITS, EQUATOR_M, Detail, affordable_zoom, thinned
from greensilk.errors import LayerError

TERMS: dict[str, Any] = {"licence": "CC-BY-4.0", "version": "1", "use_commercial": True}
SITES = [
    (shapely.box(100.0, 15.0, 101.0, 16.0).difference(shapely.box(100.4, 15.4, 100.6, 15.6)), "with a hole"),
    (shapely.box(10.1234567, 40.7654321, 10.5, 41.0), "<b>bold</b>"),
    (shapely.Point(-60.0, -10.0), "老挝"),
    (shapely.LineString([(0, 0), (1, 2), (3, 3)]), None),
    (shapely.box(30.00001, 30.00001, 30.00002, 30.00002), "tiny"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": json.loads(shapely.to_geojson(shape))}
        for shape, name in SITES
    ]
    path = tmp_path / "sites.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def imported(file: Path, **terms: Any) -> tuple[LayerInfo, Path | None]:
    info = import_layer("sites", file, **TERMS | terms)
    return info, tiles_of(in_use("sites")[0])


def read(path: Path) -> tuple[dict[str, list[Any]], Any]:
    """What GDAL finds in the largest zoom, in lon/lat."""
    meta, _, wkb, cells = pyogrio.raw.read(path)
    to_degrees = Transformer.from_crs(3857, 4326, always_xy=True)
    shapes = shapely.transform(shapely.from_wkb(wkb), lambda xy: np.column_stack(to_degrees.transform(*xy.T)))
    return dict(zip(meta["fields"], cells, strict=True)), shapes


def covered(rows: dict[str, list[Any]], shapes: Any, row: int) -> shapely.Geometry:
    return shapely.union_all([shape for number, shape in zip(rows["row"], shapes, strict=True) if number == row])


def test_what_may_be_handed_on_is_as_fine_as_its_accuracy(file: Path) -> None:
    _, path = imported(file, redistribute=True, accuracy_m=30.0)
    assert path is not None
    rows, shapes = read(path)
    extent = extent_of(path)
    step_m = EQUATOR_M / 2**extent.max_zoom / 4096
    assert step_m <= 30.0 < 2 * step_m
    for row in (0, 1):
        drawn, near_deg = covered(rows, shapes, row), 2 * step_m / 111_320
        assert drawn.buffer(near_deg).contains(SITES[row][0]) and SITES[row][0].buffer(near_deg).contains(drawn)
    assert {name for name in rows["name"] if name} >= {"with a hole", "<b>bold</b>", "老挝"}
    west, south, east, north = extent.bounds
    assert (west, south) <= (-59.9, -9.9) and east >= 100.9 and north >= 40.9


@pytest.mark.parametrize("redistribute", [None, False])
def test_what_may_not_be_handed_on_is_no_finer_than_dots(file: Path, redistribute: bool | None) -> None:
    _, path = imported(file, redistribute=redistribute, accuracy_m=1.0)
    assert path is not None
    rows, shapes = read(path)
    extent = extent_of(path)
    assert extent.max_zoom == COARSE_ZOOM and "row" not in rows
    to_metres = Transformer.from_crs(4326, 3857, always_xy=True)
    metres = np.column_stack(to_metres.transform(*shapely.get_coordinates(shapes).T))
    steps = metres / (EQUATOR_M / 2**COARSE_ZOOM / COARSE_UNITS)
    assert np.abs(steps - np.round(steps)).max() < 1e-3  # every corner stands on a lattice of 1.2 km
    assert "tiny" in list(rows["name"])  # what is smaller than a dot is one


@pytest.mark.parametrize(
    ("display", "derived", "tiled"),
    [(None, None, True), (True, None, True), (False, True, False), (None, False, False), (True, False, True)],
)
def test_what_is_not_displayed_is_not_tiled(file: Path, display: Any, derived: Any, tiled: bool) -> None:
    info, path = imported(file, redistribute=True, display=display, derived=derived)
    assert (path is not None) is tiled
    assert tiled or "map" in info.notes[-1].en
    if path is not None:
        assert ("name" in read(path)[0]) is (derived is not False)


def test_an_import_stands_where_tiles_cannot_be_written(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(layer_tiles_module, "write_tile_file", broken)
    info, path = imported(file)
    assert path is None and "RuntimeError" in info.notes[-1].en
    assert len(open_layer("sites").features) == len(SITES)


def test_a_layer_with_too_many_parts_is_drawn_in_part_and_says_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tile_file, "MOST_WORK", 12)
    monkeypatch.setattr(layer_tiles_module, "MOST_PARTS", 2)
    info, path = imported(file, redistribute=True)
    assert path is not None and set(read(path)[0]["row"]) < set(range(len(SITES)))
    assert "2" in info.notes[-1].en and "2" in info.notes[-1].zh


def test_tiles_are_of_their_version(file: Path) -> None:
    _, first = imported(file)
    assert first is not None
    stamp = stamp_of(first)
    _, second = imported(file, version="2")
    assert second is not None and second != first and stamp_of(second) != stamp
    folder = LAYERS.current("sites")
    assert folder is not None and sorted(path.name for path in folder.glob(".*tiles*")) == []
    (folder / TILES).write_bytes(b"nothing")
    with pytest.raises(LayerError):
        extent_of(folder / TILES)


def test_more_zooms_cost_more_work() -> None:
    boxes = np.tile([[0.0, 0.0, 10.0, 10.0]], (1000, 1))
    few, many = (affordable_zoom(boxes[:n], np.full(n, 100), Detail(12)) for n in (10, 1000))
    assert few is not None and many is not None and few > many
    assert affordable_zoom(np.tile(boxes, (60, 1)), np.full(60_000, 100), Detail(12)) is None


def test_coarse_shapes_stay_valid_and_none_is_lost() -> None:
    rng = np.random.default_rng(3)
    shapes = shapely.buffer(shapely.points(rng.uniform(-60, 60, (400, 2))), rng.uniform(2e-4, 0.5, 400))
    shapes[::2] = shapely.difference(shapes[::2], shapely.buffer(shapely.centroid(shapes[::2]), 1e-4))
    found = thinned(shapes, Detail(COARSE_ZOOM, COARSE_UNITS))
    assert shapely.is_valid(found).all() and not shapely.is_empty(found).any()
