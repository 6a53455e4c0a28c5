"""The commands of `greensilk index`: what they print, what they write, and how they refuse."""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path

import polars as pl
import pytest

from greensilk.cli.index_words import decimals_of, rank_chart, rank_words
from greensilk.cli.main import run

DEFINITION = """
id: own
label: {en: "Own index", zh: "自有指数"}
elements:
- {id: own_top, label: {en: "Own index", zh: "自有指数"}}
- {id: clean, label: {en: "[b]Clean[/b]", zh: "清洁"}, parent: own_top}
indicators:
- {id: "=air", label: {en: "Air", zh: "空气"}, unit: "µg/m³", parent: clean, direction: -1}
- {id: water, label: {en: "Water", zh: "水"}, unit: "%", parent: clean, direction: 1}
- {id: forest, label: {en: "Forest", zh: "森林"}, unit: "km²", parent: own_top, direction: 1, denominator: area}
normalise: {low: 1, high: 100}
aggregate: {available: 0.4}
"""
ROWS = [
    ("=A", "Aland", 12.0, 80.0, 40.0, 100.0),
    ("B", "[red]Beland", 30.0, 95.0, 20.0, 90.0),
    ("C", "Celand", 7.5, 60.0, 80.0, 210.0),
    ("D", "Deland", 55.0, 99.0, 10.0, 120.0),
    ("E", "Eland", 18.0, None, 35.0, 75.0),
    ("F", "Efland", None, None, 12.0, 60.0),
]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The options of an own index, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GREENSILK_LANG", "en")
    Path("own.yaml").write_text(DEFINITION, "utf-8")
    schema = ["unit", "name", "=air", "water", "forest", "area"]
    pl.DataFrame(ROWS, schema=schema, orient="row").with_columns(pl.lit(2021).alias("year")).write_csv("own.csv")
    return ["--definition", "own.yaml", "--data", "own.csv"]


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["greensilk", "index", *arguments])
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        run()
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def width(line: str) -> int:
    from rich.cells import cell_len

    return cell_len(line)


COMMANDS = [
    ["list"],
    ["build"],
    ["explain"],
    ["explain", "--unit", "c"],
    ["uncertainty", "--replications", "300"],
    ["sensitivity", "--samples", "32"],
]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_fits_eighty_columns(
    own: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str], lang: str
) -> None:
    options = [] if command == ["list"] else own
    code, out, err = said(capsys, monkeypatch, *command, *options, "--lang", lang)
    assert (code, err) == (0, "")
    assert out.strip() and all(width(line) <= 80 for line in out.splitlines())
    assert bool(re.search("[\u4e00-\u9fff]", out)) == (lang == "zh")
    monkeypatch.delenv("GREENSILK_LANG")


def test_build_shows_ranks_with_intervals_and_who_is_not_ranked(
    own: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out, _ = said(capsys, monkeypatch, "build", *own)
    lines = [line for line in out.splitlines() if re.match(r" \d", line)]
    assert len(lines) == 5 and all(re.match(r" \d \(\d–\d\) +[├●]", line) for line in lines)
    assert "[red]Beland" in out
    assert "Efland" in out.split("Shown, not ranked")[1]
    assert "10\u202f000" in out


def test_build_writes_every_step_and_no_formula(
    own: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out, _ = said(capsys, monkeypatch, "build", *own, "--out", "made")
    written = {path.name for path in Path("made").iterdir()}
    assert {"ranks.csv", "scores.csv", "raw.csv", "treated.csv", "normalised.csv", "tree.csv", "index.xlsx"} <= written
    assert f"{len(written)} file(s) in made" in out
    for path in Path("made").glob("*.csv"):
        for row in csv.reader(path.read_text("utf-8-sig").splitlines()):
            assert not any(cell.startswith(("=", "@")) for cell in row), path.name
    ranks = pl.read_csv("made/ranks.csv", encoding="utf8-lossy")
    assert ranks.filter(pl.col("rank").is_not_null())["rank_low"].null_count() == 0
    assert "rank" not in pl.read_csv("made/scores.csv").columns
    told = json.loads(Path("made/results.json").read_text("utf-8"))
    assert told["index"]["aggregate"]["power"] is None and told["uncertainty"]["replications"] == 10_000
    assert told["data"]["file"] == "own.csv" and len(told["data"]["sha256"]) == 64


def test_export_writes_and_shows_no_ranking(
    own: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = said(capsys, monkeypatch, "export", *own, "--format", "json", "--out", "only")
    assert code == 0 and len(out.splitlines()) == 1
    assert [path.name for path in Path("only").iterdir()] == ["results.json"]


def test_explain_says_why_a_unit_stands_where_it_stands(
    own: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out, _ = said(capsys, monkeypatch, "explain", *own, "--unit", "celand", "--out", "why")
    assert re.search(r"Celand C: Own index, rank \d \(\d–\d\) of 5", out)
    assert "km² / area" in out and "[b]Clean[/b]" in out
    assert "What lifts it most" in out and Path("why/unit.csv").is_file()
    _, out, _ = said(capsys, monkeypatch, "explain", *own, "--unit", "F")
    assert "not ranked" in out and "Missing (2): Air; Water." in out


def test_the_same_seed_says_the_same(
    own: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["uncertainty", *own, "--replications", "60"]
    first = said(capsys, monkeypatch, *asked, "--seed", "3", "--out", "a")[1]
    assert said(capsys, monkeypatch, *asked, "--seed", "3", "--out", "a")[1] == first
    assert {"ranks.csv", "chances.csv", "settling.csv", "uncertainty.json"} == {p.name for p in Path("a").iterdir()}


def test_compare_shows_both_ranks_with_their_intervals(
    own: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("other.yaml").write_text(
        DEFINITION.replace('"%", parent: clean, direction: 1', '"%", parent: clean, direction: -1')
    )
    _, out, _ = said(capsys, monkeypatch, "compare", "own.yaml", "other.yaml", "--data", "own.csv", "--out", "both")
    assert "Spearman" in out and re.search(r"\d \(\d–\d\) +\d \(\d–\d\) +[+−]\d", out)
    assert Path("both/compared.csv").is_file()
    _, out, _ = said(capsys, monkeypatch, "compare", "own.yaml", "own.yaml", "--data", "own.csv")
    assert "No rank differs." in out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["build"], "index list"),
        (["build", "eco_environment", "--definition", "own.yaml"], "index list"),
        (["build", "no_such_index"], "eco_environment"),
        (["build", "--definition", "own.csv", "--data", "own.csv"], ".yaml"),
        (["build", "--definition", "absent.yaml", "--data", "own.csv"], "absent.yaml"),
        (["build", "--definition", "own.yaml", "--data", "absent.csv"], "absent.csv"),
        (["build", "--definition", "own.yaml", "--data", "own.yaml"], "own.yaml"),
        (["build", "--definition", "own.yaml"], "for: =air, water, forest."),
        (["uncertainty", "--definition", "own.yaml", "--data", "own.csv", "--replications", "3"], "--replications"),
        (["sensitivity", "--definition", "own.yaml", "--data", "own.csv", "--samples", "3"], "--samples"),
        (["explain", "--definition", "own.yaml", "--data", "own.csv", "--unit", "Z"], "Z"),
        (["build", "--definition", "own.yaml", "--data", "own.csv", "--out", "own.csv"], "cannot be written"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_one_message(
    own: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], word: str
) -> None:
    code, _, err = said(capsys, monkeypatch, *arguments)
    assert code in (2, 4) and word in err and "Traceback" not in err


def test_numbers_are_shown_as_far_as_they_count() -> None:
    assert rank_words(1.0, None, 3.0) == "–" and rank_words(7.0, 7.0, 7.0) == "7 (7–7)"
    assert rank_chart(1.0, 1.0, 1.0, 1) == "●"
    assert all(len(rank_chart(float(r), 1.0, 200.0, 200)) == 14 for r in range(1, 201))
    assert decimals_of([1e-12, 2e-12]) == 9 and decimals_of([]) == 1


def test_shipped_indices_are_listed_and_explained(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENSILK_LANG", "en")
    _, out, _ = said(capsys, monkeypatch, "list")
    assert "eco_environment" in out and "not confirmed" in out.replace("\n", " ")
    _, out, _ = said(capsys, monkeypatch, "explain", "water_stress", "--unit", "Laos")
    assert "LAO" in out and "Water stress" in out
