"""The example portfolio: real places, honest rounding, a source for each."""

import datetime as dt
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pyproj
import pytest
import shapely
from shapely.geometry import shape

from greensilk.project_types import find_type, folded, mitigations
from greensilk.records import DEFINITIONS, read_yaml

ROOT = Path(__file__).resolve().parents[2]
FEATURES: list[dict[str, Any]] = json.loads((ROOT / "examples" / "portfolio.geojson").read_text("utf-8"))["features"]
NEAR_M = 30_000
GEOD = pyproj.Geod(ellps="WGS84")
every_feature = pytest.mark.parametrize("feature", FEATURES, ids=[f["properties"]["id"] for f in FEATURES])


@cache
def country(iso_a3: str) -> shapely.Geometry:
    table = pl.read_parquet(ROOT / "src" / "greensilk" / "bundle" / "countries.parquet", columns=["iso_a3", "geometry"])
    rows = table.filter(pl.col("iso_a3") == iso_a3)["geometry"].to_list()
    assert rows, f"no country {iso_a3}"
    return shapely.union_all(shapely.make_valid(shapely.from_wkb(rows)))


def test_ids_are_unique_and_links_lead_somewhere() -> None:
    ids = [feature["properties"]["id"] for feature in FEATURES]
    assert len(set(ids)) == len(ids) >= 30
    links = [(f["properties"]["id"], f["properties"].get(k)) for f in FEATURES for k in ("part_of", "associated_with")]
    given = [(own, other) for own, other in links if other]
    assert given
    assert all(other in ids and other != own for own, other in given)


def test_points_lines_and_polygons_are_all_there() -> None:
    assert {feature["geometry"]["type"] for feature in FEATURES} == {"Point", "LineString", "Polygon"}


@every_feature
def test_the_place_is_in_or_near_its_country(feature: dict[str, Any]) -> None:
    geometry = shape(feature["geometry"])
    assert geometry.is_valid
    west, south, east, north = geometry.bounds
    assert -180 <= west <= east <= 180
    assert -90 <= south <= north <= 90
    lon, lat = shapely.get_coordinates(shapely.shortest_line(country(feature["properties"]["country"]), geometry)).T
    assert GEOD.inv(lon[0], lat[0], lon[1], lat[1])[2] <= NEAR_M


@every_feature
def test_coordinates_are_no_finer_than_their_stated_accuracy(feature: dict[str, Any]) -> None:
    accuracy_m = feature["properties"]["location_accuracy_m"]
    assert 1_000 <= accuracy_m <= 10_000
    for value in shapely.get_coordinates(shape(feature["geometry"])).ravel():
        assert value == round(value, 3)


@every_feature
def test_type_stage_dates_and_measures_can_be_read(feature: dict[str, Any]) -> None:
    own = feature["properties"]
    assert find_type(own["type"]), own["type"]
    stages = read_yaml(DEFINITIONS / "portfolio_fields.yaml")["stages"]
    assert own.get("stage") is None or own["stage"] in stages
    for key, value in own.items():
        if key.startswith("date_"):
            assert re.fullmatch(r"\d{4}(-\d\d){0,2}", value), (key, value)
            parts = [int(part) for part in value.split("-")]
            assert 1990 <= dt.date(*[*parts, 1, 1][:3]).year <= 2025
    for part in filter(None, own.get("mitigations", "").split(";")):
        measure, tier = part.strip().split(":")
        assert measure in mitigations()
        assert tier in {"promised", "contracted", "certified", "monitored"}


@every_feature
def test_every_project_says_where_it_is_from(feature: dict[str, Any]) -> None:
    own = feature["properties"]
    assert len(own["source"]) > 10
    assert re.search(r"[\u4e00-\u9fff]", own["name_zh"])
    # Memory is never a confirmation.
    assert own["source"].endswith("; not confirmed") or "memory" not in own["source"]


def test_the_fields_are_those_the_reader_knows() -> None:
    known = {folded(key) for key in read_yaml(DEFINITIONS / "portfolio_fields.yaml")["fields"]}
    used = {folded(key) for feature in FEATURES for key in feature["properties"]}
    assert used <= known
