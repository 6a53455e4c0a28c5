"""`greensilk routes compare` at the terminal: exit codes, both languages, 80 columns, JSON."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from greensilk.cli.main import build
from greensilk.errors import GreensilkError

LINES = {
    "short": [[102.0, 18.5], [102.6, 18.5]],
    "=cmd()": [[102.0, 18.5], [102.3, 18.8], [102.6, 18.5]],
    "sketched": [[102.0, 18.5], [102.3, 18.2], [102.6, 18.5]],
}


@pytest.fixture
def alternatives(tmp_path: Path) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"alternative": name, "name": f"{name} [bold]", "sketch": name == "sketched"},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for name, line in LINES.items()
    ]
    path = tmp_path / "routes.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(build(), ["routes", "compare", *map(str, arguments)])
    if isinstance(done.exception, GreensilkError):
        raise done.exception
    return done.exit_code, done.output


@pytest.mark.parametrize(("lang", "words"), [("en", "not outdone"), ("zh", "未被超过")])
def test_it_tells_the_ranks_with_their_intervals(
    alternatives: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, words: str
) -> None:
    monkeypatch.setenv("GREENSILK_LANG", lang)
    code, output = run(alternatives, "--out", tmp_path / "out", "--width-m", "50")
    assert code == 0
    assert words in output and "short [bold]" in output
    assert "1 (1–1)" in output or "1（1–1）" in output
    lines = output.splitlines()
    assert max(cell_len(line) for line in lines[:-1]) <= 80  # the last one is a path, to be copied
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"routes.html", "routes.csv", "routes.json", "rejects.csv", "provenance.json"}


def test_json_is_the_whole_comparison_and_nothing_else(alternatives: Path, tmp_path: Path) -> None:
    code, output = run(alternatives, "--out", tmp_path / "out", "--json")
    told: dict[str, Any] = json.loads(output)
    assert code == 0 and told["out"] == str(tmp_path / "out")
    assert [one["id"] for one in told["alternatives"]] == ["short", "=cmd()", "sketched"]
    assert told["alternatives"][2]["sketch"] is True and told["alternatives"][2]["rank"] is None
    file = json.loads((tmp_path / "out" / "routes.json").read_text("utf-8"))
    assert file == {name: value for name, value in told.items() if name != "out"}


def test_a_sheet_runs_no_formula(alternatives: Path, tmp_path: Path) -> None:
    run(alternatives, "--out", tmp_path / "out")
    rows = list(csv.DictReader((tmp_path / "out" / "routes.csv").read_text("utf-8-sig").splitlines()))
    assert [row["alternative"] for row in rows] == ["short", "'=cmd()", "sketched"]
    assert rows[0]["rank"] == "1" and rows[0]["rank_low"] and rows[0]["rank_high"]
    assert rows[0]["river_crossings"] == "" and "detailed" in rows[0]["river_crossings_note"]


def test_what_is_rejected_shows_in_the_exit_code(alternatives: Path, tmp_path: Path) -> None:
    content = json.loads(alternatives.read_text("utf-8"))
    content["features"][1]["properties"]["segment"] = "viaduct"
    alternatives.write_text(json.dumps(content), "utf-8")
    code, output = run(alternatives, "--out", tmp_path / "out")
    assert code == 3 and "rejects.csv" in output.replace("\n", "")
    assert "viaduct" in (tmp_path / "out" / "rejects.csv").read_text("utf-8-sig")


def test_what_cannot_be_done_is_an_error_that_names_the_way_out(alternatives: Path, tmp_path: Path) -> None:
    with pytest.raises(GreensilkError, match="no such file"):
        run(tmp_path / "none.geojson", "--out", tmp_path / "out")
    with pytest.raises(GreensilkError, match="no such file"):
        run(alternatives, "--out", tmp_path / "out", "--weights", tmp_path / "none.yaml")
    with pytest.raises(GreensilkError, match="--width-m"):
        run(alternatives, "--out", tmp_path / "out", "--width-m", "0")
    with pytest.raises(GreensilkError):
        run(alternatives, "--out", tmp_path / "out", "--layers", "nothing_of_that_name")
    assert not (tmp_path / "out").exists()
