"""`greensilk routes generate`: what is written and printed, and one clear message for a call that cannot be."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from greensilk.cli.main import run
from greensilk.cli.routes_generate import read_avoid, read_place
from greensilk.errors import UsageError

CALL = ["routes", "generate", "--to", "-1.25,6.9", "--sketch", "-k", "2", "--spacing-km", "3"]


def program(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["greensilk", *arguments])
    try:
        run()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.mark.parametrize("start", [["--from=-1.2,6.5"], ["--from", "-1.2,6.5"]])
def test_sketch_corridors_are_written_and_told_from_negative_longitudes(
    start: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "corridors.geojson"
    assert program([*CALL, *start, "--out", str(out)], monkeypatch) == 0
    told = capsys.readouterr()
    assert "sketch corridors" in told.out and "SKETCH" in told.out and "River crossings are unknown" in told.out
    assert max(len(line) for line in told.out.splitlines()) <= 80
    content = json.loads(out.read_text("utf-8"))
    assert [one["alternative"] for one in content["greensilk"]["alternatives"]] == ["corridor_01", "corridor_02"]
    first = content["features"][0]["geometry"]["coordinates"][0]
    assert first == [-1.2, 6.5]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["corridors.geojson"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--from", "-1.2"], ["--from", "-1.2", "--from=-1.2,3.4"]),
        (["--from", "here,there"], ["not a place"]),
        (["--from=-1.2,6.5", "--via", "nan,6"], ["--via"]),
        (["--from=-1.2,6.5", "--avoid", "ramsar"], ["--avoid", "layer:hard"]),
        (["--from=-1.2,6.5", "--avoid", "ramsar:soft=0.5"], ["1 to 1000"]),
        (["--from=-1.2,6.5", "--avoid", "ramsar:hard"], ["no such layer is imported"]),
        (["--from=-1.2,6.5", "--dem", "absent.tif"], ["absent.tif", "no such file"]),
        (["--from=-1.25,6.9"], ["less than 1 km apart"]),
        (["--from=-1.2,6.5", "--max-gradient", "0"], ["--max-gradient 0", "0.1"]),
        (["--from=0,0"], ["lies in the sea"]),
    ],
)
def test_a_call_that_cannot_be_is_refused_in_one_message_and_nothing_is_written(
    more: list[str], words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out = tmp_path / "corridors.geojson"
    assert program([*CALL, *more, "--out", str(out)], monkeypatch) == 2
    told = capsys.readouterr().err
    assert all(word in told for word in words) and len(told.strip().splitlines()) == 1
    assert not out.exists()


def test_an_output_that_cannot_be_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GREENSILK_LANG", "zh")
    assert program([*CALL, "--from=-1.2,6.5", "--out", str(tmp_path / "no" / "x.geojson")], monkeypatch) == 2
    assert "文件夹不存在" in capsys.readouterr().err


def test_places_and_treatments_are_read_as_written() -> None:
    assert read_place("--to", "101.68，21.19") == (101.68, 21.19)
    assert read_avoid("my_layer:hard").cost is None and read_avoid("a:soft=8").cost == 8
    for wrong in ("", ":hard", "a:soft=", "a:soft=nan", "a:soft=inf", "a:soft=1001", "a:Hard"):
        with pytest.raises(UsageError):
            read_avoid(wrong)
