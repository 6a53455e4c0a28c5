"""`greensilk measures`: the register and what it would change, as users see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from greensilk.cli.main import build
from greensilk.errors import UsageError
from greensilk.project_types import mitigations

PORTFOLIO = """id,name,name_zh,type,lat,lon
rail,Hill railway,山区铁路,rail_mixed,19.9,102.1
coal,Coal plant,煤电厂,coal_power_new,12.6,108.9
sun,Solar park,光伏电站,solar_pv,-0.36,39.65
"""
ONE = ["--standards", "gdg_2020", "--layers", "none", "--on", "2026-01-01"]


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    path = tmp_path / "deals.csv"
    path.write_text(PORTFOLIO, "utf-8")
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, lang: str = "en") -> str:
    """What the program prints at 80 columns."""
    monkeypatch.setenv("GREENSILK_LANG", lang)
    monkeypatch.setenv("COLUMNS", "80")
    result = CliRunner().invoke(build(), ["measures", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_register_as_data_and_of_one_type(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = json.loads(run(monkeypatch, "list", "--json"))
    assert {one["id"] for one in everything} == set(mitigations())
    order = [one["hierarchy"] for one in everything]
    assert order == sorted(order, key=["avoid", "minimise", "restore", "offset"].index)
    for_rail = {one["id"] for one in json.loads(run(monkeypatch, "list", "--type", "railway", "--json"))}
    assert {"wildlife_passages", "tunnelling_ratio", "grievance_mechanism"} <= for_rail
    assert "fish_passage" not in for_rail
    with pytest.raises(UsageError, match="greensilk types"):
        run(monkeypatch, "list", "--type", "rialway")


@pytest.mark.parametrize(("lang", "words"), [("en", "never lifts"), ("zh", "不能提升评级")])
def test_the_register_as_a_table(monkeypatch: pytest.MonkeyPatch, lang: str, words: str) -> None:
    shown = run(monkeypatch, "list", lang=lang)
    assert words in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_what_would_change_each_light(monkeypatch: pytest.MonkeyPatch, portfolio: Path) -> None:
    found = json.loads(run(monkeypatch, "what-if", str(portfolio), *ONE, "--json"))
    told: dict[str, Any] = {one["id"]: one["standards"]["gdg_2020"]["would_change"] for one in found["projects"]}
    assert told["rail"]["sets"][0]["measures"] == ["ifc_ps6_biodiversity_action_plan"]
    assert told["rail"]["sets"][0]["basis"] == "type_only"
    assert told["coal"]["reason"] == "never_lifted"
    assert told["sun"]["reason"] == "already_best"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("Hill railway", "site unchecked, once any one", "None would")),
        ("zh", ("山区铁路", "取得认证后", "均不能")),
    ],
)
def test_it_says_so_in_words(
    monkeypatch: pytest.MonkeyPatch, portfolio: Path, lang: str, words: tuple[str, ...]
) -> None:
    shown = run(monkeypatch, "what-if", str(portfolio), *ONE, lang=lang)
    assert all(word in shown for word in words)
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_lights_before_and_after(monkeypatch: pytest.MonkeyPatch, portfolio: Path) -> None:
    arguments = ("what-if", str(portfolio), *ONE, "--with")
    found = json.loads(run(monkeypatch, *arguments, "PS6:certified", "--json"))
    lights = {
        one["id"]: (one["standards"]["gdg_2020"]["before"]["light"], one["standards"]["gdg_2020"]["after"]["light"])
        for one in found["projects"]
    }
    assert lights == {"rail": ("YELLOW", "GREEN"), "coal": ("RED", "RED"), "sun": ("GREEN", "GREEN")}
    promised = json.loads(run(monkeypatch, "what-if", str(portfolio), "rail", *ONE, "--with", "ps6:promised", "--json"))
    after = promised["projects"][0]["standards"]["gdg_2020"]["after"]
    assert (after["light"], after["conditional_light"]) == ("YELLOW", "GREEN")
    shown = run(monkeypatch, *arguments, "wildlife_passages:certified", "--with", "carbon_offset:monitored")
    assert "0 of 3 projects change light" in " ".join(shown.split())
    assert "not recognised internationally" in " ".join(shown.split()) and "offsets never lift" in shown


@pytest.mark.parametrize("given", ["wildlife_pasages:certified", "wildlife_passages", "wildlife_passages:sure", ":"])
def test_what_is_no_measure_is_refused(monkeypatch: pytest.MonkeyPatch, portfolio: Path, given: str) -> None:
    with pytest.raises(UsageError, match="measure:tier"):
        run(monkeypatch, "what-if", str(portfolio), "--with", given)


def test_a_project_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, portfolio: Path) -> None:
    with pytest.raises(UsageError, match="rail, coal, sun"):
        run(monkeypatch, "what-if", str(portfolio), "moon", *ONE)
