"""How firm lights are, as the report, the data files and the terminal say it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import shapely
from pyproj import Geod
from typer.testing import CliRunner

from greensilk.catalogue import import_layer
from greensilk.cli.main import build


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    """A place 100 m outside a park, one far from it, one without a place of its own."""
    shape = json.loads(shapely.to_geojson(shapely.box(103, 18, 104, 19)))
    feature = {"type": "Feature", "properties": {"NAME": "Park"}, "geometry": shape}
    path = tmp_path / "park.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    import_layer(
        "protected_areas", path, licence="own", version="1", use_commercial=True, coverage="complete", accuracy_m=10
    )
    lon, lat, _ = Geod(ellps="WGS84").fwd(103, 18.5, 270, 100)
    rows = [f"near,Near <the> park,{lon:.6f},{lat:.6f},solar_pv,10", "far,Far away,99.000001,18.500001,solar_pv,10"]
    path = tmp_path / "deals.csv"
    path.write_text("\n".join(["id,name,lon,lat,type,radius_m", *rows]) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_fragile_lights_are_marked_everywhere(
    tmp_path: Path, portfolio: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENSILK_LANG", lang)
    out = tmp_path / "out"
    arguments = ["screen", str(portfolio), "--out", str(out), "--position-error-m", "500", "--standards", "gdg_2020"]
    told = CliRunner().invoke(build(), arguments, catch_exceptions=False)
    assert told.exit_code == 0
    assert ("Fragile lights (within 500 m): 1 projects of 2" if lang == "en" else "2 个项目中 1 个") in told.output
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        warnings = {row["id"]: row["warnings"].split(";") for row in csv.DictReader(file)}
    assert "fragile" in warnings["near"] and "fragile" not in warnings["far"]
    projects = json.loads((out / "results.json").read_text("utf-8"))["projects"]
    near, far = (one["verdicts"]["gdg_2020"]["stability"] for one in projects)
    assert near["fragile"] and near["draws"] == 100 and 0.2 < near["shares"]["RED"] < 0.5
    assert sum(near["shares"].values()) == pytest.approx(1)
    assert far == {"position_error_m": 500.0, "draws": 100, "shares": {"GREEN_BY_TYPE": 1.0}, "fragile": False}
    page = (out / "report.html").read_text("utf-8")
    assert 'id="stability"' in page and "Near &lt;the&gt; park" in page
    assert page.count("1 of 2 projects have a fragile light") == 1 and page.count("2 个项目中有 1 个的评级不稳定") == 1


def test_where_nobody_asked_nothing_is_said(tmp_path: Path, portfolio: Path) -> None:
    out = tmp_path / "out"
    CliRunner().invoke(build(), ["screen", str(portfolio), "--out", str(out), "--quiet"], catch_exceptions=False)
    assert 'id="stability"' not in (out / "report.html").read_text("utf-8")
    projects = json.loads((out / "results.json").read_text("utf-8"))["projects"]
    assert all(verdict["stability"] is None for one in projects for verdict in one["verdicts"].values())
