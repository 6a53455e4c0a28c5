"""The program: light to start, exit codes, one clear message for a bad call, both languages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from greensilk.cli.main import run

CSV = "id,name,type,lon,lat,country\nA,Solar park,solar pv,71.5,30.1,PAK\n"


def program(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "greensilk", *arguments],
        capture_output=True, text=True, check=False, cwd=cwd, env=os.environ | environment,
    )  # fmt: skip


def test_help_loads_nothing_heavy() -> None:
    heavy = ("numpy", "polars", "shapely", "pyproj", "rasterio", "pyogrio", "jinja2", "rich", "pydantic")
    code = (
        "import sys; from greensilk.cli.main import build; build(); "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("lang", "word"), [("en", "Rate every project"), ("zh", "逐一评级")])
def test_help_speaks_the_users_language(lang: str, word: str) -> None:
    assert word in program("--help", GREENSILK_LANG=lang).stdout


def test_version_is_printed() -> None:
    assert program("--version").stdout.startswith("greensilk 0.")


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["screen", "absent.csv"], 4, "absent.csv"),
        (["screen", "mine.csv", "--on", "yesterday"], 2, "YYYY-MM-DD"),
        (["screen", "mine.csv", "--format", "pdf"], 2, "html"),
        (["screen", "mine.csv", "--workers", "0"], 2, "--workers 4"),
        (["screen", "mine.csv", "--workers", "all"], 2, "--workers 4"),
        (["screen", "mine.csv", "--workers", "2", "--dask", "tcp://127.0.0.1:9"], 2, "leave --workers out"),
        (["screen", "mine.csv", "--dask", "nowhere"], 2, "dask scheduler"),
        (["screen", "mine.csv", "--map", "nonsense"], 2, "name=column"),
        (["screen", "mine.csv", "--standards", "gdg_2021"], 2, "gdg_2020"),
        (["screen", "mine.csv", "--standards", "none"], 2, "gdg_2020"),
        (["screen", "mine.csv", "--layers", "no_such_layer"], 2, "no_such_layer"),
        (["screen", "mine.csv", "--map", "colour=name"], 2, "colour"),
        (["screen", "empty.csv"], 4, "empty.csv"),
        (["site", "--lat", "1", "--lon", "1", "--type", "solr pv"], 2, "solar_pv"),
        (["site", "--lat", "0", "--lon", "0", "--type", "solar_pv"], 2, "missing place"),
        (["screen", "mine.csv", "--map", "x" * 300], 2, "File name too long"),
        (["site", "--lat", "91", "--lon", "1", "--type", "solar_pv"], 2, "90"),
        (["data", "info", "no_such_layer"], 2, "greensilk data list"),
        (["data", "remove", "no_such_layer"], 2, "no_such_layer"),
        (["rules", "show", "gdg_2021"], 2, "gdg_2020"),
        (["rules", "show", "gdg_2020", "no_such_rule"], 2, "no_such_rule"),
    ],
)
def test_a_bad_call_gets_one_message_and_its_exit_code(
    tmp_path: Path, arguments: list[str], code: int, word: str
) -> None:
    (tmp_path / "mine.csv").write_text(CSV, "utf-8")
    (tmp_path / "empty.csv").write_text("", "utf-8")
    done = program(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_data_folder_that_cannot_be_written_to_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "layer.csv").write_text("name,lon,lat\na,1,2\n", "utf-8")
    (tmp_path / "file").write_text("", "utf-8")
    call = ("data", "import", "my_layer", "layer.csv", "--licence", "CC0", "--version", "1", "--commercial", "yes")
    done = program(*call, cwd=tmp_path, GREENSILK_DATA_DIR=str(tmp_path / "file"))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "is a file" in done.stderr


def test_a_folder_named_like_markup_is_printed_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(CSV + "B,Bad,solar pv,abc,1,PAK\n", "utf-8")
    done = program("screen", "mine.csv", "--out", "a[/b]", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert "a[/b]/report.html" in done.stdout.replace("\n", "")


def test_screen_writes_the_report_and_counts_every_row(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(CSV + "B,Bad,solar pv,abc,1,PAK\n", "utf-8")
    done = program("screen", "mine.csv", "--out", "here", "--json", cwd=tmp_path)
    assert done.returncode == 3
    counts = json.loads(done.stdout)
    assert (counts["rows_read"], counts["rated"], counts["not_applicable"], counts["rejected"]) == (2, 1, 0, 1)
    assert (tmp_path / "here" / "report.html").is_file()
    assert "abc" in (tmp_path / "here" / "rejects.csv").read_text("utf-8-sig")


def test_a_file_without_one_usable_row_says_so(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("id,name,type,lon,lat\nA,Park,solar pv,500,1\n", "utf-8")
    done = program("screen", "mine.csv", "--out", "here", cwd=tmp_path)
    assert done.returncode == 4
    assert "rejects.csv" in done.stderr
    assert (tmp_path / "here" / "rejects.csv").is_file()


def test_maps_are_internal_until_their_approval_number_is_given(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(CSV, "utf-8")
    program("screen", "mine.csv", "--out", "a", "--format", "html", cwd=tmp_path)
    program("screen", "mine.csv", "--out", "b", "--format", "html", "--map-approval", "GS(2024)0001号", cwd=tmp_path)
    without, given = ((tmp_path / name / "report.html").read_text("utf-8") for name in "ab")
    assert "内部使用，不得公开" in without and "GS(2024)0001号" not in without
    assert "内部使用，不得公开" not in given and "GS(2024)0001号" in given


def test_quiet_prints_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(CSV, "utf-8")
    done = program("screen", "mine.csv", "--quiet", "--format", "csv", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_terminal_stays_within_80_columns_and_has_no_colour(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(CSV, "utf-8")
    done = program("screen", "mine.csv", "--out", "o", cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert "\x1b[" not in done.stdout
    assert max(len(line) for line in lines) <= 80
    assert lines[-1].endswith("report.html")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_site_answers_in_both_languages_and_never_calls_an_unchecked_site_green(lang: str) -> None:
    done = program("site", "--lat", "30.1", "--lon", "71.5", "--type", "solar_pv", "--lang", lang)
    assert done.returncode == 0, done.stderr
    assert {"en": "by type, site unchecked", "zh": "场址未核查"}[lang] in done.stdout
    assert not {"?:", "？："} & {done.stdout[at : at + 2] for at in range(len(done.stdout))}


def test_site_as_json_has_verdicts_and_sourced_facts() -> None:
    found = json.loads(program("site", "--lat", "30.1", "--lon", "71.5", "--type", "solar_pv", "--json").stdout)
    assert found["verdicts"]["gdg_2020"]["basis"] == "type_only"
    assert all(fact["dataset"] and fact["method"] for fact in found["facts"] if fact["known"])


@pytest.mark.parametrize(
    "words", [["types", "hydro"], ["rules", "list"], ["rules", "show", "gdg_2020"], ["data", "list"]]
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_lists_print_in_both_languages(words: list[str], lang: str) -> None:
    done = program(*words, "--lang", lang)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 3


def test_data_and_rules_speak_chinese_in_every_field() -> None:
    info = program("data", "info", "ramsar", "--lang", "zh").stdout
    assert "获取方式" in info and "已核对" in info
    assert not {"how_to_get", "licence_note", "False"} & set(info.split())
    listed = program("rules", "list", "--lang", "zh").stdout
    assert "交通灯评级" in listed and "light" not in listed and "分类." not in listed


def test_results_of_an_earlier_run_are_named_and_never_passed_off_as_new(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(CSV, "utf-8")
    out = tmp_path / "out"
    (out / "briefs").mkdir(parents=True)
    for name in ("report.html", "briefs/b.docx", "results.csv", "mine.txt"):
        (out / name).write_text("old", "utf-8")
        os.utime(out / name, (1_600_000_000, 1_600_000_000))
    done = program("screen", "mine.csv", "--out", "out", "--format", "csv", cwd=tmp_path, GREENSILK_LANG="en")
    said = " ".join(done.stdout.split())
    assert "do not belong to this one (2): report.html, briefs/b.docx." in said
    assert "Report:" not in said
    assert (out / "report.html").read_text("utf-8") == "old"


def test_a_stopped_run_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("greensilk.screen", stopped)
    monkeypatch.setattr(sys, "argv", ["greensilk", "screen", "mine.csv"])
    monkeypatch.setenv("GREENSILK_LANG", "en")
    with pytest.raises(SystemExit) as left:
        run()
    assert left.value.code == 130
    assert "Nothing half-written is left" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_an_encoding_without_our_signs_is_no_crash(encoding: str) -> None:
    arguments = ["types", "hydropower", "--lang", "zh"]
    done = subprocess.run(
        [sys.executable, "-m", "greensilk", *arguments], capture_output=True, check=False,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert done.returncode == 0 and b"hydropower_large" in done.stdout and not done.stderr
