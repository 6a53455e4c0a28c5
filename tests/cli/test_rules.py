"""The commands of `greensilk rules`: what they print at 80 columns, what they write, and how they refuse."""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from greensilk.cli.main import run
from greensilk.cli.rules_words import set_apart
from greensilk.records import DEFINITIONS

CERTIFICATE = "Hydropower Sustainability Standard/certified/operation/Hydropower Sustainability Alliance/2021-05-05"
FIELDS = (
    "id,name,type,lon,lat,country,capacity_mw,reservoir_area_km2,certificates,emission_intensity_g_kwh,date_operation"
)
CSV = f"""{FIELDS}
D1,[red]Dam,large hydropower,102.5,20.5,LAO,400,50,{CERTIFICATE},80,2022-05-05
=C,Coal,coal power,71.6,30.2,PAK,600,,,,
T1,Twin,solar pv,71.5,30.1,PAK,100,,,,
T2,Twin,solar pv,71.5,30.1,PAK,100,,,,
X,Nowhere,solar pv,200,95,PAK,1,,,,
"""
SHIPPED = (DEFINITIONS / "standards" / "no_new_coal_2021.yaml").read_text("utf-8")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A portfolio and a standard in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    Path("deals.csv").write_text(CSV, "utf-8")
    Path("own").mkdir()
    Path("own/mine.yaml").write_text(SHIPPED.replace("id: no_new_coal_2021\n", "id: mine\n", 1), "utf-8")
    Path("cases").mkdir()
    case = '- {name: "[b]wrong", type: solar_pv, expect: {light: RED}}\n'
    Path("cases/mine.yaml").write_text(f"standard: mine\ncases:\n{case}", "utf-8")


def said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str, lang: str = "en"
) -> tuple[int, str, str]:
    monkeypatch.setenv("GREENSILK_LANG", lang)
    monkeypatch.setattr(sys, "argv", ["greensilk", *arguments])
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        run()
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def plain(out: str) -> str:
    return " ".join(out.split())


def test_own_standards_are_listed_and_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = said(capsys, monkeypatch, "rules", "list", "--standards-dir", "own")
    assert code == 0 and re.search(r"^ mine ", out, re.MULTILINE) and "A standard of your own" in plain(out)
    code, out, _ = said(capsys, monkeypatch, "rules", "show", "mine", "is_retrofit", "--standards-dir", "own")
    assert code == 0 and "is_retrofit" in out and "China will not build new coal-fired" in plain(out)


def test_failing_cases_are_told_and_end_with_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("rules", "test", "--standards-dir", "own", "--cases", "cases")
    code, out, _ = said(capsys, monkeypatch, *asked)
    assert code == 1
    assert re.search(r"mine +1 +0 +1", out) and "[b]wrong" in out
    assert "light: expected RED, found NOT_APPLICABLE" in out
    assert "mine: no case in which these rules hold: is_retrofit" in plain(out)
    code, out, _ = said(capsys, monkeypatch, *asked, "--json")
    found = json.loads(out)
    assert code == 1 and found["standards"]["mine"]["failed"] == 1
    assert found["failed"] == [
        {"standard": "mine", "case": "[b]wrong", "differences": ["light: expected RED, found NOT_APPLICABLE"]}
    ]
    Path("cases/mine.yaml").write_text(
        "standard: mine\ncases: [{name: a, type: solar_pv, expect: {light: NOT_APPLICABLE}}]\n", "utf-8"
    )
    assert said(capsys, monkeypatch, *asked)[0] == 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_project_is_explained_by_every_standard(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    code, out, _ = said(
        capsys, monkeypatch, "rules", "explain", "D1", "--in", "deals.csv", "--on", "2026-01-01", lang=lang
    )
    assert code == 0 and "[red]Dam" in out
    assert max(cell_len(line) for line in out.splitlines()) <= 80
    words = {
        "en": (
            "above 10 W/m²: GREEN by type, site unchecked instead of RED",
            "hold its permits: open",
            "Open, and what",
        ),
        "zh": ("高于 10 W/m²：由红变为按类型为绿，场址未核查", "待查事项", "并取得许可：待落实"),
    }
    told = plain(out) if lang == "en" else "".join(out.split())
    for word in words[lang]:
        assert (word if lang == "en" else "".join(word.split())) in told
    if lang == "en":
        assert "Project type" in out and "Climate Bonds Initiative" in told
        assert not re.search(r"[\u4e00-\u9fff]{4}", out.split("Sources")[0])


def test_latin_letters_are_set_apart_from_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENSILK_LANG", "zh")
    assert [set_apart(one) for one in ("A 类", "红", "等级 B", "")] == [" A 类", "红", "等级 B ", ""]
    monkeypatch.setenv("GREENSILK_LANG", "en")
    assert set_apart("category A") == "category A"


def test_where_no_single_fact_would_it_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("rules", "explain", "Coal", "--in", "deals.csv", "--standards", "gdg_2020")
    code, out, _ = said(capsys, monkeypatch, *asked)
    assert code == 0 and "no single fact would" in out and "■ RED" in out


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["explain", "nobody", "--in", "deals.csv"], 2, "D1"),
        (["explain", "Twin", "--in", "deals.csv"], 2, "T1, T2"),
        (["explain", "X", "--in", "deals.csv"], 2, "row 5"),
        (["explain", "D1", "--in", "absent.csv"], 4, "absent.csv"),
        (["explain", "D1", "--in", "deals.csv", "--standards", "mine"], 2, "no standard called mine"),
        (["explain", "D1"], 2, "--in"),
        (["diff", "deals.csv", "--from", "2025-01-02", "--to", "2025-01-01"], 2, "lies after"),
        (["diff", "deals.csv", "--from", "2025", "--to", "2025-01-01"], 2, "YYYY-MM-DD"),
        (["diff", "absent.csv", "--from", "2024-01-01", "--to", "2025-01-01"], 4, "absent.csv"),
        (["diff", "deals.csv", "--from", "2024-01-01"], 2, "--to"),
        (["list", "--standards-dir", "absent"], 2, "is no folder"),
        (["test", "--cases", "own"], 2, "mine.yaml"),
        (["show", "gdg_2020", "no_such_rule"], 2, "no_such_rule"),
    ],
)
def test_a_bad_call_gets_one_message(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, word: str
) -> None:
    found, out, err = said(capsys, monkeypatch, "rules", *arguments)
    assert (found, out) == (code, "")
    assert word in err and "Traceback" not in err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_two_days_are_compared(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    asked = ("rules", "diff", "deals.csv", "--from", "2020-11-30", "--to", "2030-01-01", "--standards", "gdg_2020")
    code, out, _ = said(capsys, monkeypatch, *asked, "--out", "written", lang=lang)
    assert code == 0
    assert max(cell_len(line) for line in out.splitlines()) <= 80
    assert "[red]Dam" in out and "2020-12-01" in out
    assert ("was issued" if lang == "en" else "发布") in out
    with Path("written/changes.csv").open(encoding="utf-8-sig", newline="") as file:
        changes = list(csv.DictReader(file))
    assert {row["project_id"] for row in changes} == {"D1", "'=C", "T1", "T2"}
    assert all(row["before"] == "NOT_APPLICABLE" and row["changed_rules"] == "gdg_2020" for row in changes)
    assert Path("written/law.csv").read_text("utf-8-sig").startswith("standard,rule,how,day")


def test_two_days_as_json(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("rules", "diff", "deals.csv", "--from", "2020-11-30", "--to", "2020-12-01", "--standards", "gdg_2020")
    code, out, err = said(capsys, monkeypatch, *asked, "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["projects"], found["rejected"], len(found["changed"])) == (4, 1, 4)
    assert [law["how"] for law in found["law"]] == ["issued"]


def test_a_site_is_judged_by_own_standards(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    place = ("--lat", "30.2", "--lon", "71.6", "--type", "coal_power_new")
    asked = ("site", *place, "--standards", "mine", "--standards-dir", "own", "--json")
    code, out, _ = said(capsys, monkeypatch, *asked)
    assert code == 0 and list(json.loads(out)["verdicts"]) == ["mine"]
