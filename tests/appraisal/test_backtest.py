"""What was knowable when projects were committed, worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

import greensilk
from greensilk.appraisal.backtest import Backtest, backtest
from greensilk.catalogue import import_layer

ROWS = """id,name,lon,lat,type,radius_m,date_commitment,date_construction_start
old,In the old park,10.5,10.5,solar_pv,100,2010,
new,In the park of 2015,20.5,10.5,solar_pv,100,2010,
same,In the park of 2015 and committed then,20.5,10.5,solar_pv,100,2015-03-01,
undated,In a park without a year,30.5,10.5,solar_pv,100,2010,
out,Outside all,40.5,10.5,solar_pv,100,2022,
coal,Coal,104,18.5,coal_power_new,100,2020-01-10,2020-06-01
late,Coal after the pledge,104,18,coal_power_new,100,2022-01-10,2022-05-01
none,No day,40.5,10.5,solar_pv,100,,
"""
PARKS = [(10, "2005"), (20, "2015"), (30, "0")]
FAR = [(-60, "2000")]


def layer(tmp_path: Path, name: str, parks: list[tuple[int, str]]) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"NAME": f"Park {west}", "STATUS_YR": year},
            "geometry": json.loads(shapely.to_geojson(shapely.box(west, 10, west + 1, 11))),
        }
        for west, year in parks
    ]
    path = tmp_path / f"{name}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    import_layer(
        name,
        path,
        licence="own",
        version="1",
        use_commercial=True,
        coverage="complete",
        accuracy_m=10,
        name_column="NAME",
    )


@pytest.fixture
def found(tmp_path: Path) -> Backtest:
    layer(tmp_path, "protected_areas", PARKS)
    layer(tmp_path, "key_biodiversity_areas", FAR)
    path = tmp_path / "deals.csv"
    path.write_text(ROWS, "utf-8")
    standards = ["gdg_2020", "no_new_coal_2021"]
    return backtest(greensilk.screen(path, standards=standards, workers=1))


def said(found: Backtest, column: str) -> dict[str, str]:
    return dict(found.rows.select("project_id", column).iter_rows())


def test_areas_count_from_the_year_they_were_established(found: Backtest) -> None:
    then, now = said(found, "gdg_2020_facts_then"), said(found, "gdg_2020_now")
    assert {name: now[name] for name in ("old", "new", "same", "undated")} == dict.fromkeys(
        ("old", "new", "same", "undated"), "RED"
    )
    assert then["old"] == "RED"
    # Not yet a park, or nobody knows: not red, and not counted as green, for a list of today proves no absence then.
    assert {then[name] for name in ("new", "same", "undated", "out")} == {"GREEN_BY_TYPE"}
    assert found.areas["protected_areas"] == (2, 3)


def test_a_standard_says_nothing_before_its_day(found: Backtest) -> None:
    then = said(found, "gdg_2020_then")
    assert then["old"] == "NOT_IN_FORCE" and then["out"] != "NOT_IN_FORCE"
    coal = said(found, "no_new_coal_2021_then")
    assert coal["coal"] == "NOT_IN_FORCE" and coal["late"] == "RED"


def test_days_after_the_commitment_were_not_known(found: Backtest) -> None:
    # Started before the pledge: known today, not on the day of the commitment.
    assert said(found, "no_new_coal_2021_now")["late"] == "RED"
    assert said(found, "no_new_coal_2021_facts_then")["coal"] != said(found, "no_new_coal_2021_now")["coal"]


def test_projects_without_a_day_are_counted_apart(found: Backtest) -> None:
    assert found.undated == 1 and "none" not in said(found, "gdg_2020_now")
    days = dict(found.rows.select("project_id", "committed").iter_rows())
    assert days["old"].isoformat() == "2010-12-31" and days["same"].isoformat() == "2015-03-01"


def test_a_certificate_of_later_was_not_in_hand(tmp_path: Path) -> None:
    scheme = "ifc_ps6_biodiversity_action_plan//operation/A. Expert"
    days = {"before": "2021-05-01", "after": "2021-06-02"}
    rows = [f"{name},Line,104,18.5,rail_mixed,100,2021-06-01,{scheme}/{day}" for name, day in days.items()]
    path = tmp_path / "lines.csv"
    path.write_text("\n".join(["id,name,lon,lat,type,radius_m,date_commitment,certificates", *rows]), "utf-8")
    lines = backtest(greensilk.screen(path, standards=["gdg_2020"], workers=1))
    assert said(lines, "gdg_2020_now") == dict.fromkeys(("before", "after"), "GREEN_BY_TYPE")
    for column in ("gdg_2020_then", "gdg_2020_facts_then"):
        assert said(lines, column) == {"before": "GREEN_BY_TYPE", "after": "YELLOW_BY_TYPE"}
