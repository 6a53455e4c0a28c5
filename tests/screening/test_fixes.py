"""Cells that a user rewrote: read as if they had stood in the file, and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greensilk.errors import UsageError
from greensilk.screening import read_portfolio

CSV = "id,name,type,lon,lat,wkt,capacity (GW)\na,A,solar,103,16,,1\nb,B,nonsense,103,17,,2\nc,C,wind,1000,18,,x\n"


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "p.csv"
    path.write_text(CSV + 'd,D,wind,,,"POINT(oops",3\n', "utf-8")
    return path


def test_what_a_user_wrote_is_read_like_a_cell(csv: Path) -> None:
    fixes = {2: {"type": "wind"}, 3: {"lon": " 103.5 ", "capacity_mw": "50 MW"}, 4: {"lat": "19", "lon": "103"}}
    found = read_portfolio(csv, fixes=fixes)
    assert found.projects["id"].to_list() == ["a", "b", "c", "d"] and len(found.rejects) == 0
    assert found.projects["capacity_mw"].to_list() == [1000.0, 2000.0, 50.0, 3000.0]
    assert [found.geometry[i].x for i in (2, 3)] == [103.5, 103.0]
    told = found.notes.filter(found.notes["note"] == "portfolio.fixed")
    assert sorted(told["row"].unique().to_list()) == [2, 3, 4]
    assert "nonsense became wind" in told["note_en"][0]


def test_a_bare_number_is_in_the_unit_of_its_column(csv: Path) -> None:
    found = read_portfolio(csv, fixes={2: {"type": "wind"}, 3: {"lon": "103", "capacity_mw": "4"}})
    assert found.projects["capacity_mw"].to_list() == [1000.0, 2000.0, 4000.0]


def test_a_nearest_type_is_named_in_the_readers_words(csv: Path) -> None:
    found = read_portfolio(csv, fixes={2: {"type": "hydropwer large"}})
    hints = found.rejects.filter(found.rejects["row"] == 2)
    assert "hydropower_large" in hints["hint_en"][0] and "（hydropower_large）" in hints["hint_zh"][0]


def test_a_fix_that_is_wrong_too_is_refused_with_its_value(csv: Path) -> None:
    found = read_portfolio(csv, fixes={2: {"type": "still wrong"}, 1: {"capacity_mw": "much"}})
    refused = dict(zip(found.rejects["row"], found.rejects["value"], strict=True))
    assert refused[2] == "still wrong" and refused[1] == "much"


def test_an_emptied_cell_is_empty(csv: Path) -> None:
    found = read_portfolio(csv, fixes={3: {"capacity_mw": "", "lon": "103"}})
    assert found.projects["capacity_mw"].to_list()[-1] is None


def test_a_shape_that_cannot_be_used_gives_way_to_coordinates(tmp_path: Path) -> None:
    shapes = [{"type": "Point", "coordinates": [0, 0]}, {"type": "Polygon", "coordinates": "oops"}, None,
              {"type": "Point", "coordinates": [103, 16]}]  # fmt: skip
    features = [
        {"type": "Feature", "properties": {"id": f"p{i}", "type": "wind"}, "geometry": shape}
        for i, shape in enumerate(shapes)
    ]
    path = tmp_path / "p.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    assert read_portfolio(path).projects["id"].to_list() == ["p3"]
    place = {"lon": "104", "lat": "17"}
    fixes = {1: place, 2: place, 3: {"wkt": "LINESTRING(104 17, 105 17)"}, 4: {"lon": "106", "lat": "18"}}
    found = read_portfolio(path, fixes=fixes)
    assert found.projects["id"].to_list() == ["p0", "p1", "p2", "p3"]
    assert found.projects["location_kind"].to_list() == ["point", "point", "line", "point"]
    assert (found.geometry[0].x, found.geometry[3].x) == (104.0, 106.0)


def test_fixes_decide_what_a_run_rests_on(csv: Path) -> None:
    plain, one = read_portfolio(csv), read_portfolio(csv, fixes={2: {"type": "wind"}})
    other = read_portfolio(csv, fixes={2: {"type": "solar"}})
    assert "fixes" not in plain.read_with
    assert one.read_with["fixes"] != other.read_with["fixes"]


@pytest.mark.parametrize("fixes", [{99: {"type": "wind"}}, {0: {"type": "wind"}}, {1: {"altitude": "3"}}])
def test_a_fix_for_what_is_not_there_is_refused(csv: Path, fixes: dict[int, dict[str, str]]) -> None:
    with pytest.raises(UsageError):
        read_portfolio(csv, fixes=fixes)
