"""A project's page says what its country means for projects of its type, and nothing else of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import greensilk
from greensilk.catalogue.country_values import shipped_values
from greensilk.indices.findings import finding_rules
from greensilk.reports.country_context import CountryContext

ON = dt.date(2026, 1, 1)


def test_only_what_holds_and_concerns_the_type_is_said() -> None:
    context = CountryContext(ON)
    roads = {one.id for one in context.of("LAO", "motorway")}
    rules = {rule.id: rule for rule in finding_rules()}
    assert "CE-E-02" in roads  # a kilometre of road costs much wildlife in Laos
    assert all("motorway" in rules[name].project_types for name in roads)
    assert context.of("LAO", None) == [] and context.of(None, "motorway") == []


def test_a_finding_is_that_of_the_value_itself() -> None:
    values = shipped_values()
    rows = values.filter(values["indicator"] == "road_msa_loss").select("iso_a3", "value").iter_rows()
    loss = dict(rows)
    highest = sorted(loss.values())[-len(loss) // 4]
    context = CountryContext(ON)
    for code in ("LAO", "KEN", "NOR", "CHN", "SAU"):
        told = any(one.id == "CE-E-02" for one in context.of(code, "motorway"))
        assert told == (loss[code] >= highest), code


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_says_that_it_is_no_ground_for_the_verdict(tmp_path: Path, lang: str) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("name,lon,lat,type\nRoad,102.5,18.5,motorway\nIn two,104.8,17.4,motorway\n", "utf-8")
    greensilk.screen(path, out=tmp_path / "out", formats=["html"], on=ON, layers=[])
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    words = {"en": "never ground for the verdict", "zh": "不作为评级依据"}[lang]
    assert words in page and "CE-E-02" in page and "Schipper et al. 2025" in page
