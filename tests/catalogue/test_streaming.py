"""Imports in pieces: the stored files do not depend on the size of the pieces, and say what was done to the shapes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pyogrio
import pytest
import shapely

from greensilk.catalogue import batches, import_layer, open_layer, readers, spool
from greensilk.catalogue.index_file import open_index
from greensilk.catalogue.layer_records import LayerInfo
from greensilk.catalogue.shelves import LAYERS
from greensilk.errors import LayerError
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.union import joined_groups

TERMS = {"licence": "CC0", "version": "1", "use_commercial": True}


def polygons(count: int = 120) -> np.ndarray:
    """Seeded polygons with holes, multiparts, repeats, bow-ties and some across 180 degrees."""
    rng = np.random.default_rng(5)
    shapes: list[shapely.Geometry] = []
    for k, (x, y) in enumerate(zip(rng.uniform(-179, 179, count), rng.uniform(-80, 80, count), strict=True)):
        blob = shapely.Point(x, y).buffer(rng.uniform(0.01, 2), quad_segs=int(rng.integers(2, 40)))
        if k % 7 == 0:
            blob = blob.difference(shapely.Point(x, y).buffer(0.005))
        if k % 11 == 0:
            blob = shapely.MultiPolygon([blob, shapely.box(x + 3, y, x + 3.1, y + 0.1)])
        if k % 13 == 5:
            blob = shapes[k // 2]
        if k % 17 == 3:
            blob = shapely.Polygon([(x, y), (x + 1, y + 1), (x + 1, y), (x, y + 1)])
        shapes.append(blob)
    return np.array(shapes, dtype=object)


def file_of(suffix: str, folder: Path, shapes: np.ndarray) -> Path:
    path = folder / f"areas{suffix}"
    names = [None if i % 9 == 0 else f"区 {i}" for i in range(len(shapes))]
    numbers = np.arange(len(shapes)) % 5
    if suffix == ".parquet":
        geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
        frame = pl.DataFrame({"name": names, "k": numbers, "geometry": shapely.to_wkb(shapes).tolist()})
        frame.write_parquet(path, metadata={"geo": json.dumps(geo)}, row_group_size=33)
    elif suffix == ".csv":
        pl.DataFrame({"name": names, "k": numbers, "wkt": shapely.to_wkt(shapes).tolist()}).write_csv(path)
    else:
        driver = {".gpkg": "GPKG", ".shp": "ESRI Shapefile"}[suffix]
        many = np.array(
            [shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape]) for shape in shapes]
        )
        cells = [np.array(names, dtype=object), numbers]
        pyogrio.raw.write(
            path,
            shapely.to_wkb(many),
            cells,
            ["name", "k"],
            driver=driver,
            geometry_type="MultiPolygon",
            crs="EPSG:4326",
        )
    return path


def stored_bytes(layer_id: str) -> dict[str, bytes]:
    folder = LAYERS.current(layer_id)
    assert folder is not None
    names = ["attributes.arrow", "shapes.index", "union.index"]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*names, "info.json", "tiles.pmtiles"])
    return {name: (folder / name).read_bytes() for name in names}


def small_pieces(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(batches, "FIRST_ROWS", rows)
    monkeypatch.setattr(batches, "MOST_ROWS", rows)
    monkeypatch.setattr(spool, "VERTICES_AT_ONCE", 20 * rows)


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".parquet", ".csv"])
def test_the_stored_files_do_not_depend_on_the_size_of_the_pieces(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of(suffix, tmp_path, polygons())
    whole = import_layer("mine", path, **TERMS)  # type: ignore[arg-type]
    expected = stored_bytes("mine")
    assert (whole.features, whole.rejected) == (120, 0)
    assert min(whole.duplicates, whole.repaired, whole.split) > 0
    for rows in (1, 7):
        small_pieces(monkeypatch, rows)
        again = import_layer("mine", path, **TERMS)  # type: ignore[arg-type]
        assert stored_bytes("mine") == expected
        told = {"imported_at": again.imported_at, "repaired_m2": pytest.approx(whole.repaired_m2)}
        assert again.model_dump() == whole.model_dump() | told


def test_a_file_read_in_pieces_keeps_every_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for suffix in (".gpkg", ".shp", ".parquet"):
        path = file_of(suffix, tmp_path, polygons(30))
        whole = readers.read_table(path)
        small_pieces(monkeypatch, 4)
        pieces = list(readers.read_batches(path))
        assert [len(piece.table) for piece in pieces] == [4] * 7 + [2]
        assert pl.concat([piece.table.columns for piece in pieces]).equals(whole.columns)
        assert whole.geometry is not None
        shapes = np.concatenate([piece.table.geometry for piece in pieces])
        assert shapely.equals_exact(shapes, whole.geometry).all()
        assert [piece.share for piece in pieces] == sorted(piece.share for piece in pieces)
        assert pieces[-1].share == 1.0


def test_the_index_is_that_of_the_shapes_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = np.array([shapely.box(i, 0, i + 0.5, 1 + i % 3) for i in range(50)], dtype=object)
    small_pieces(monkeypatch, 3)
    import_layer("mine", file_of(".parquet", tmp_path, shapes), **TERMS)  # type: ignore[arg-type]
    ours, theirs = open_layer("mine").features, FeatureSet.from_geometries(shapes)
    for name, one, other in zip(ours.shapes._fields, ours.shapes, theirs.shapes, strict=True):
        assert np.array_equal(one, other), name
    assert np.array_equal(ours.shape_of, theirs.shape_of)


def test_the_stored_union_is_that_of_the_shapes_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = [shapely.box(3 * i, 10, 3 * i + 1, 11) for i in range(4)]
    crowd = [shapely.box(i, 0, i + 1.5, 1 + i % 3) for i in range(0, 60, 2) if i % 10]
    small_pieces(monkeypatch, 3)
    monkeypatch.setattr("greensilk.geometry.union.VERTICES_AT_ONCE", 12)
    for shapes in (alone, [*alone, *crowd], [shapely.Point(1, 1)]):
        path = file_of(".parquet", tmp_path, np.array(shapes, dtype=object))
        import_layer("mine", path, **TERMS)  # type: ignore[arg-type]
        stored = open_index((LAYERS.current("mine") or Path()) / "union.index", "mine")
        group_of, unions = joined_groups(open_layer("mine").features.shapes)
        assert np.array_equal(stored.shape_of, group_of)
        for name, one, other in zip(unions._fields, stored.shapes, unions, strict=True):
            assert np.array_equal(one, other), name


def test_exact_duplicates_share_one_shape_and_near_ones_do_not(tmp_path: Path) -> None:
    box = shapely.box(0, 0, 1, 1)
    near = shapely.box(0, 0, 1, np.nextafter(1, 2))
    turned = shapely.reverse(box)  # the same ring, drawn the other way round: not the same vertices after turning it
    shapes = np.array([box, near, box, shapely.box(5, 5, 6, 6), turned, box], dtype=object)
    info = import_layer("mine", file_of(".parquet", tmp_path, shapes), **TERMS)  # type: ignore[arg-type]
    features = open_layer("mine").features
    assert features.shape_of.tolist()[:4] == [0, 1, 0, 2]
    assert features.shape_of[5] == 0
    assert info.duplicates == 6 - len(set(features.shape_of.tolist()))
    assert len(features) == 6
    assert list(features.names) == [None, "区 1", "区 2", "区 3", "区 4", "区 5"]
    assert shapely.equals(features.parts[np.argsort(features.feature)], shapes).all()


def test_what_repairs_did_to_areas_is_told(tmp_path: Path) -> None:
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    info = import_layer("mine", file_of(".parquet", tmp_path, np.array([bow, shapely.box(0, 0, 1, 1)])), **TERMS)  # type: ignore[arg-type]
    # as drawn, its two triangles cancel; together they are half a square of one degree, 12,309 km2 at the equator
    assert info.repaired == 1
    assert info.repaired_m2 == pytest.approx(12309e6 / 2, rel=1e-3)


def test_progress_rises_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch, 10)
    told: list[float] = []
    import_layer("mine", file_of(".gpkg", tmp_path, polygons()), progress=told.append, **TERMS)  # type: ignore[arg-type]
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 12


def test_a_system_that_is_not_said_is_judged_by_the_whole_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first rows look like degrees, the file as a whole does not."""
    small_pieces(monkeypatch, 2)
    path = tmp_path / "metres.csv"
    places = [(1, 1), (2, 2), *((500_000 + i, 2_000_000) for i in range(6))]
    path.write_text("name,wkt\n" + "".join(f"a,POINT({x} {y})\n" for x, y in places))
    with pytest.raises(LayerError) as caught:
        import_layer("mine", path, **TERMS)  # type: ignore[arg-type]
    assert caught.value.key == "layers.crs_missing"
    assert LAYERS.current("mine") is None


def test_a_large_file_of_a_kind_that_is_read_whole_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_WHOLE_BYTES", 100)
    with pytest.raises(LayerError) as caught:
        import_layer("mine", file_of(".csv", tmp_path, polygons(5)), **TERMS)  # type: ignore[arg-type]
    assert caught.value.key == "catalogue.too_large_whole"
    import_layer("mine", file_of(".gpkg", tmp_path, polygons(5)), **TERMS)  # type: ignore[arg-type]


def test_a_layer_crosses_to_another_process_by_its_name(tmp_path: Path, own_data_dir: Path) -> None:
    import pickle

    import_layer("mine", file_of(".gpkg", tmp_path, polygons(20)), **TERMS)  # type: ignore[arg-type]
    layer = open_layer("mine")
    sent = pickle.dumps(layer)
    assert len(sent) < 400
    code = "import pickle, sys; print(pickle.loads(sys.stdin.buffer.read()).features.shapes.lon.sum())"
    done = subprocess.run([sys.executable, "-c", code], input=sent, capture_output=True, check=True)
    assert float(done.stdout) == layer.features.shapes.lon.sum()
    import_layer("mine", file_of(".gpkg", tmp_path, polygons(21)), **TERMS)  # type: ignore[arg-type]
    with pytest.raises(LayerError) as caught:
        pickle.loads(sent)  # noqa: S301 - our own
    assert caught.value.key == "layers.differs"


def test_an_opened_layer_outlives_its_files(tmp_path: Path) -> None:
    import_layer("mine", file_of(".gpkg", tmp_path, polygons(20)), **TERMS)  # type: ignore[arg-type]
    layer = open_layer("mine")
    before = layer.features.shapes.lon.sum()
    import_layer("mine", file_of(".gpkg", tmp_path, polygons(5)), **TERMS)  # type: ignore[arg-type]
    assert layer.features.shapes.lon.sum() == before
    assert len(layer.attributes) == 20
    assert isinstance(open_layer("mine").info, LayerInfo)
