"""What would tell most, worked out by hand: by answering each thing in turn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

import greensilk
from greensilk.appraisal import Dossier
from greensilk.appraisal.unknowns import value_of_information
from greensilk.catalogue import import_layer

ROWS = """id,name,lon,lat,type
a,Sun,103.0,18.0,solar_pv
b,Wind,104.0,18.0,wind_onshore
c,Coal,105.0,18.0,coal_power_new
"""


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    path = tmp_path / "deals.csv"
    path.write_text(ROWS, "utf-8")
    return path


def told(portfolio: Path, *standards: str) -> tuple[Dossier, dict[str, dict[str, object]]]:
    dossier = greensilk.screen(portfolio, standards=standards, workers=1)
    return dossier, {row["settled_by"]: row for row in value_of_information(dossier).iter_rows(named=True)}


def test_a_missing_layer_tells_of_every_project_that_is_not_red_anyway(portfolio: Path) -> None:
    _, found = told(portfolio, "gdg_2020")
    assert found["protected_areas"]["projects"] == 2 and found["protected_areas"]["lights"] == 2
    assert found["protected_areas"]["kind"] == "layer" and found["protected_areas"]["data_sets"] == ["wdpa", "wdpa_api"]


def test_a_project_counts_once_though_several_standards_ask(portfolio: Path) -> None:
    _, found = told(portfolio, "gdg_2020", "no_new_coal_2021", "ndrc_2022_408")
    dates = found["date_construction_start"]
    assert dates["projects"] == 1 and dates["lights"] == 2 and dates["kind"] == "field" and dates["data_sets"] == []


def test_a_layer_that_is_loaded_tells_no_more(tmp_path: Path, portfolio: Path) -> None:
    shape = json.loads(shapely.to_geojson(shapely.box(-60, 18, -59, 19)))
    path = tmp_path / "far.geojson"
    collection = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": shape}]}
    path.write_text(json.dumps(collection), "utf-8")
    import_layer("protected_areas", path, licence="own", version="1", use_commercial=True, coverage="complete")
    _, found = told(portfolio, "gdg_2020")
    assert "protected_areas" not in found and "ramsar" not in found  # whose sites it holds by rule
    assert found["key_biodiversity_areas"]["projects"] == 2
