"""`greensilk portfolio`: the tables a user reads, at 80 columns, in both languages; the files; what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import shapely
from typer.testing import CliRunner, Result

from greensilk.catalogue import import_layer
from greensilk.cli.main import build

ROWS = """id,name,lon,lat,type,radius_m,lender,investment,currency,date_commitment
a,=Sun in the park,103.5,18.5,solar_pv,2000,Bank A,22119295,USD,2010
b,Wind in the park,103.52,18.5,wind_onshore,2000,Bank B,1000000,USD,2020-05-05
c,Waste,2.35,48.85,waste_to_energy,100,,,,
"""


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    path = tmp_path / "deals.csv"
    path.write_text(ROWS, "utf-8")
    return path


def park(tmp_path: Path, version: str, west: float) -> None:
    shape = json.loads(shapely.to_geojson(shapely.box(west, 18, west + 1, 19)))
    feature = {"type": "Feature", "properties": {"NAME": "Nam Park", "STATUS_YR": "2015"}, "geometry": shape}
    path = tmp_path / f"park-{version}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    import_layer(
        "protected_areas", path, licence="own", version=version, use_commercial=True, coverage="complete", accuracy_m=10
    )


def run(*arguments: str) -> Result:
    return CliRunner().invoke(build(), ["portfolio", *arguments], catch_exceptions=False)


def widest(output: str) -> int:
    """The longest line but those with a path, which are as long as the path."""
    return max(len(line) for line in output.splitlines() if "/" not in line)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_exposure_is_told_within_80_columns(
    tmp_path: Path, portfolio: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENSILK_LANG", lang)
    park(tmp_path, "1", 103)
    told = run("exposure", str(portfolio), "--by", "lender", "--standard", "gdg_2020")
    assert told.exit_code == 0
    assert "Bank A" in told.output and "Nam Park" in told.output
    assert ("USD 22.1" if lang == "en" else "2,212") in told.output
    assert widest(told.output) <= 80


def test_exposure_as_json_and_files(tmp_path: Path, portfolio: Path) -> None:
    park(tmp_path, "1", 103)
    out = tmp_path / "tables"
    found = json.loads(run("exposure", str(portfolio), "--by", "sector", "--json", "--out", str(out)).output)
    assert {(row["group"], row["light"]): row["number"] for row in found["exposure"]} == {
        ("energy", "RED"): 2,
        ("energy", "YELLOW_BY_TYPE"): 1,
    }
    (area,) = found["shared_areas"]
    assert area["name"] == "Nam Park" and area["projects"] == ["a", "b"]
    # Two discs of 2 km about centres some 2.1 km apart: less than twice one disc, more than one.
    assert 12.56 < area["taken_km2"] < 2 * 12.57
    with (out / "shared_areas.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["projects"] for row in csv.DictReader(file)] == ["a; b"]


@pytest.mark.parametrize("command", ["exposure", "backtest"])
def test_rows_that_could_not_be_read_are_told(portfolio: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENSILK_LANG", "en")
    assert "left out" not in run(command, str(portfolio)).output
    portfolio.write_text(ROWS + "nowhere,No place,,,solar_pv,,,,,\n", "utf-8")
    assert "left out: 1" in run(command, str(portfolio)).output
    assert json.loads(run(command, str(portfolio), "--json").output)["rejected"] == 1


def test_a_layer_of_points_proves_no_area_unshared(
    tmp_path: Path, portfolio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENSILK_LANG", "en")
    path = tmp_path / "points.geojson"
    point = {"type": "Point", "coordinates": [103.5, 18.5]}
    feature = {"type": "Feature", "properties": {"NAME": "Nam Park"}, "geometry": point}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    import_layer("protected_areas", path, licence="own", version="1", use_commercial=True, coverage="complete")
    told = " ".join(run("exposure", str(portfolio)).output.split())
    assert "known to be overlapped by two places; where an overlap is unknown" in told


def test_a_standard_without_lights_is_refused_by_name(portfolio: Path) -> None:
    from greensilk.errors import UsageError

    with pytest.raises(UsageError, match="ifc_ps6"):
        run("exposure", str(portfolio), "--standard", "ifc_ps6")
    with pytest.raises(UsageError, match="--by"):
        run("exposure", str(portfolio), "--by", "colour")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_changes_between_two_runs(tmp_path: Path, portfolio: Path, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import greensilk

    monkeypatch.setenv("GREENSILK_LANG", lang)
    for version, west in (("1", -60), ("2", 103)):
        park(tmp_path, version, west)
        greensilk.screen(portfolio, out=tmp_path / version, standards=["gdg_2020"], formats=["json"], workers=1)
    told = run(
        "changes", str(tmp_path / "1"), str(tmp_path / "2"), "--in", str(portfolio), "--out", str(tmp_path / "t")
    )
    assert told.exit_code == 0 and widest(told.output) <= 80
    assert ("a layer" if lang == "en" else "图层") in told.output
    with (tmp_path / "t" / "changes.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["project_id"]: row["causes"] for row in csv.DictReader(file)} == {"a": "layer", "b": "layer"}
    found = json.loads(
        run("changes", str(tmp_path / "1"), str(tmp_path / "2"), "--in", str(portfolio), "--json").output
    )
    assert found["compared"] == 3 and len(found["changes"]) == 2


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_backtest_says_what_was_knowable(
    tmp_path: Path, portfolio: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENSILK_LANG", lang)
    park(tmp_path, "1", 103)
    told = run("backtest", str(portfolio), "--out", str(tmp_path / "t"))
    assert told.exit_code == 0 and "1" in told.output
    assert widest(told.output) <= 80
    with (tmp_path / "t" / "backtest.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["project_id"]: row for row in csv.DictReader(file)}
    assert rows["a"]["gdg_2020_facts_then"] == "GREEN_BY_TYPE" and rows["a"]["gdg_2020_now"] == "RED"
    assert rows["b"]["gdg_2020_facts_then"] == "RED"
