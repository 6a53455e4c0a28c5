"""Pages of JSON records, and the layers they become."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import shapely

from greensilk.catalogue import import_layer, open_layer
from greensilk.catalogue.json_records import at, read_records, record_batches
from greensilk.errors import PortfolioError

sys.path.insert(0, str(Path(__file__).parent))
import sample_files as files

TERMS: dict[str, Any] = {"licence": "CC0", "version": "1", "use_commercial": True}


def test_records_come_from_their_place_page_after_page(tmp_path: Path) -> None:
    paths = [
        files.page(tmp_path / "a-0001.json", [{"page": 1}, [{"v": 1}, {"v": 2}]]),
        files.page(tmp_path / "a-0002.json", [{"page": 2}, [[3]]]),
        files.page(tmp_path / "a-0003.json", [{"page": 3}, None]),
    ]
    assert list(read_records(paths, (1,))) == [{"v": 1}, {"v": 2}, [3]]
    assert at({"a": [{"b": None}]}, ("a", 0, "b")) is at({}, ("a",)) is at([1], (5,)) is None
    assert at([[1, 2]], (0, -1)) is None
    assert list(read_records([files.page(tmp_path / "b.json", "\ufeff[{}]")], ())) == [{}]


def test_whole_characters_may_be_escaped(tmp_path: Path) -> None:
    page = files.page(tmp_path / "a-0001.json", r'[{"a": "\ud83c\udf33 \\ud800"}]')
    assert list(read_records([page], ())) == [{"a": "\N{DECIDUOUS TREE} \\ud800"}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"message": "wrong token"}, "no_records"),
        ({"results": {"a": 1}}, "no_records"),
        ({"results": [1]}, "no_record"),
        ('{"results": [{"a": NaN}]}', "not_readable"),
        ('{"results": [{"a": 1, "a": 2}]}', "not_readable"),
        ('{"results": [', "not_readable"),
        (r'{"results": [{"a": "\ud800"}]}', "not_readable"),
        (r'{"results": [{"\uDfff": 1}]}', "not_readable"),
        ("<html>", "not_readable"),
        (" ", "file_empty"),
        ('{"results": ' + "[" * 1_000_000 + "]" * 1_000_000 + "}", "too_deep"),
        ('{"a":' * 1_000_000 + "1" + "}" * 1_000_000, "too_deep"),
        ('{"results": [{"a": ' + "9" * 5000 + "}]}", "not_readable"),
    ],
)
def test_pages_that_are_none_are_refused(content: object, reason: str, tmp_path: Path) -> None:
    with pytest.raises(PortfolioError) as caught:
        list(read_records([files.page(tmp_path / "a-0001.json", content)], ("results",)))
    assert caught.value.key == f"catalogue.{reason}"


def test_pages_become_one_layer(tmp_path: Path) -> None:
    box = json.loads(shapely.to_geojson(shapely.box(100, 15, 101, 16)))
    collection = '{"type": "GeometryCollection", "geometries": ['
    nested = collection * 450 + '{"type": "Point", "coordinates": [1, 1]}' + "]}" * 450
    rows = [
        {"site": {"name": "bare"}, "geo": box},
        {"site": {"name": "feature"}, "geo": {"type": "Feature", "geometry": box, "properties": {}}},
        {"site": {"name": "none"}, "geo": None},
        {"site": {"name": "wrong"}, "geo": {"type": "Polygon", "coordinates": "x"}},
        {"site": {"name": "deep"}, "geo": "DEEP"},
    ]
    written = [json.dumps({"rows": part}).replace('"DEEP"', nested) for part in (rows[:2], rows[2:], [])]
    paths = [files.page(tmp_path / f"a-{i:04d}.json", text) for i, text in enumerate(written, 1)]
    fields: dict[str, Any] = {"geometry": ("geo",), "name": ("site", "name")}
    info = import_layer("mine", paths, fields=fields, records_at=("rows",), **TERMS)
    assert (info.features, info.rejected) == (2, 3)
    assert list(open_layer("mine").features.names) == ["bare", "feature"]


def test_points_of_pages_have_the_accuracy_of_their_digits(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "at": {"x": 102.61, "y": 17.96}, "tags": ["a", 2]},
        {"id": 2, "at": {"x": 200, "y": 0}},
        {"id": 3},
    ]
    fields: dict[str, Any] = {"id": ("id",), "lon": ("at", "x"), "lat": ("at", "y"), "tags": ("tags",)}
    path = files.page(tmp_path / "a-0001.json", {"rows": rows})
    info = import_layer("mine", path, fields=fields, records_at=("rows",), **TERMS)
    assert (info.features, info.rejected, info.geometry_kind) == (1, 2, "point")
    layer = open_layer("mine")
    assert layer.attributes.rows() == [("1", "102.61", "17.96", "a; 2")]
    assert layer.features.accuracy_m == pytest.approx([556.6])
    table, share = next(record_batches([path], fields, ("rows",)))
    assert (len(table), share) == (3, 1.0)


@pytest.mark.parametrize("seed", range(60))
def test_damaged_pages_are_read_or_refused(seed: int, tmp_path: Path) -> None:
    path = files.page(
        tmp_path / "p.json", {"rows": [{"name": "a", "geo": {"type": "Point", "coordinates": [1, 2]}}] * 3}
    )
    path.write_bytes(files.damaged(path.read_bytes(), seed))
    try:
        list(record_batches([path], {"name": ("name",), "geometry": ("geo",)}, ("rows",)))
    except PortfolioError as error:
        assert "p.json" in str(error)
