"""Why two screenings differ: each project is made to change for one known reason."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

import greensilk
from greensilk.appraisal.attribution import Attribution, attribute, read_run
from greensilk.catalogue import import_layer
from greensilk.errors import UsageError
from greensilk.screening import read_portfolio

HEAD = "id,name,lon,lat,type,radius_m,date_commitment,date_construction_start\n"
PARK = "park,Sun where a park is drawn,103.5,18.5,solar_pv,100,,\n"
COAL = "coal,Coal of after the pledge,104,18,coal_power_new,100,2022-05-01,2022-06-01\n"
STAYS = "stays,Sun elsewhere,99,18.5,solar_pv,100,,\n"
THEN = HEAD + PARK + COAL + STAYS + "type,Becomes another,100,18.5,solar_pv,100,,\ngone,Is sold,100,18,solar_pv,100,,\n"
NOW = (
    HEAD
    + PARK
    + COAL
    + STAYS
    + "type,Becomes another,100,18.5,metal_ore_mining,100,,\nnew,Is bought,100,18,solar_pv,100,,\n"
)
STANDARDS = ["gdg_2020", "no_new_coal_2021"]


def layer(tmp_path: Path, version: str, west: float) -> None:
    shape = json.loads(shapely.to_geojson(shapely.box(west, 18, west + 1, 19)))
    path = tmp_path / f"parks-{version}.geojson"
    feature = {"type": "Feature", "properties": {"NAME": version}, "geometry": shape}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    import_layer(
        "protected_areas", path, licence="own", version=version, use_commercial=True, coverage="complete", accuracy_m=10
    )


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path, Path, Path]:
    """Two portfolios and the folders of the two runs made from them."""
    files = [tmp_path / "then.csv", tmp_path / "now.csv"]
    files[0].write_text(THEN, "utf-8")
    files[1].write_text(NOW, "utf-8")
    folders = [tmp_path / "run-then", tmp_path / "run-now"]
    for file, folder, version, west, on in zip(
        files, folders, ("1", "2"), (-60, 103), (dt.date(2021, 9, 1), dt.date(2024, 1, 1)), strict=True
    ):
        layer(tmp_path, version, west)
        greensilk.screen(file, out=folder, standards=STANDARDS, on=on, formats=["json"], workers=1)
    return files[0], files[1], folders[0], folders[1]


def edited(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """results.json with its first project changed."""
    content = json.loads((folder / "results.json").read_text("utf-8"))
    change(content["projects"][0])
    (folder / "results.json").write_text(json.dumps(content), "utf-8")


def attributed(runs: tuple[Path, Path, Path, Path]) -> Attribution:
    then, now, before, after = runs
    return attribute(
        read_run(before, read_portfolio(then, columns={})), read_run(after, read_portfolio(now, columns={}))
    )


def test_each_change_has_its_cause(runs: tuple[Path, Path, Path, Path]) -> None:
    found = attributed(runs)
    causes = {(row["project_id"], row["standard"]): row["causes"] for row in found.rows.iter_rows(named=True)}
    assert causes == {
        ("park", "gdg_2020"): ["layer"],
        ("type", "gdg_2020"): ["project"],
        ("gone", "gdg_2020"): ["removed"],
        ("new", "gdg_2020"): ["added"],
        ("coal", "no_new_coal_2021"): ["law"],
        ("gone", "no_new_coal_2021"): ["removed"],
        ("new", "no_new_coal_2021"): ["added"],
    }
    assert found.compared == 4 and found.standards == ("gdg_2020", "no_new_coal_2021")


def test_a_light_that_another_program_wrote_is_the_programs(runs: tuple[Path, Path, Path, Path]) -> None:
    path = runs[2] / "results.json"
    content = json.loads(path.read_text("utf-8"))
    stays = next(one for one in content["projects"] if one["id"] == "stays")
    stays["verdicts"]["gdg_2020"]["counted"] = "YELLOW"
    path.write_text(json.dumps(content), "utf-8")
    rows = attributed(runs).rows
    assert rows.filter(rows["project_id"] == "stays")["causes"].to_list() == [["program"]]


def test_a_run_beside_itself_differs_in_nothing(runs: tuple[Path, Path, Path, Path]) -> None:
    then, _, before, _ = runs
    run = read_run(before, read_portfolio(then, columns={}))
    assert len(attribute(run, run).rows) == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "results.json").unlink(), "results.json"),
        (lambda folder: (folder / "results.json").write_text("{", "utf-8"), "results.json"),
        (lambda folder: (folder / "results.json").write_text("[]", "utf-8"), "results.json"),
        (
            lambda folder: (folder / "results.json").write_text('{"projects": [1], "standards": []}', "utf-8"),
            "are not of run",
        ),
        (lambda folder: (folder / "results.json").write_text("[" * 100_000, "utf-8"), "results.json"),
        (lambda folder: (folder / "provenance.json").unlink(), "provenance.json"),
        (
            lambda folder: edited(folder, lambda one: one["verdicts"]["gdg_2020"].update(counted="PURPLE")),
            "results.json",
        ),
        (lambda folder: edited(folder, lambda one: one.update(id="ghost")), "are not of run"),
    ],
)
def test_a_folder_without_a_whole_run_is_refused(
    runs: tuple[Path, Path, Path, Path], spoil: Callable[[Path], Any], said: str
) -> None:
    spoil(runs[2])
    with pytest.raises(UsageError, match=said):
        attributed(runs)


def test_another_portfolio_is_refused(runs: tuple[Path, Path, Path, Path]) -> None:
    _, now, before, after = runs
    other = read_portfolio(now, columns={})
    with pytest.raises(UsageError, match="another file"):
        attribute(read_run(before, other), read_run(after, other))
