"""The tutorial works as it is written: its files are saved and its commands run, in order, in an empty folder."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`([\w.]+\.(?:csv|geojson))`[^`]*?:\n\n```(?:csv|json)\n(.*?)```", re.DOTALL)


def test_the_tutorial_runs_as_written(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "tutorial" / "first_portfolio.md").read_text("utf-8")
    files = dict(NAMED.findall(page))
    assert set(files) == {"projects.csv", "reserves.geojson", "coverage.csv"}
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
    commands = re.findall(r"^\$ greensilk (.+)$", page, re.MULTILINE)
    assert len(commands) == 9
    codes = []
    for command in commands:
        arguments = re.findall(r'"[^"]*"|\S+', command)
        done = subprocess.run(
            [sys.executable, "-m", "greensilk", *(a.strip('"') for a in arguments)],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        codes.append(done.returncode)
    assert codes == [3, 0, 0, 0, 3, 0, 0, 0, 0]
    assert (tmp_path / "first" / "report.html").is_file()
    rejected = (tmp_path / "second" / "rejects.csv").read_text("utf-8-sig")
    assert rejected.count("\n") == 2 and "A4" in rejected


def told_by(page: str, folder: Path) -> list[str]:
    """What the commands of a page print, run one after the other in a folder."""
    told = []
    for command in re.findall(r"^\$ greensilk (.+)$", page, re.MULTILINE):
        done = subprocess.run(
            [sys.executable, "-m", "greensilk", *command.split()],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    return told


def test_the_tutorial_of_indices_runs_as_written(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "tutorial" / "first_index.md").read_text("utf-8")
    files = dict(re.findall(r"`(towns\.\w+)`:\n\n```\w+\n(.*?)```", page, re.DOTALL))
    assert set(files) == {"towns.csv", "towns.yaml"}
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
    told = told_by(page, tmp_path)
    assert len(told) == 5
    # The ranking that the page computes by hand, with its intervals, and who has no rank.
    assert re.search(r"3 \(\d–\d\).* Ashford +67\.8", told[0])
    assert re.search(r"Dunmore.*25 %", told[0]) and "Fenwick" in told[0].split("not ranked")[1]


def test_the_page_on_own_standards_runs_as_written(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "howto" / "own_standards.md").read_text("utf-8")
    files = dict(re.findall(r"`([\w/]+\.(?:yaml|csv))`[^`]*?:\n\n```(?:yaml|csv)\n(.*?)```", page, re.DOTALL))
    assert set(files) == {"policy/our_bank.yaml", "cases/our_bank.yaml", "dams.csv"}
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    told = told_by(page, tmp_path)
    assert len(told) == 5
    assert re.search(r"our_bank +6 +6 +0", told[0])
    assert "UNKNOWN instead of RED" in told[3]
    assert re.search(r"4 W/m² to 10\s+W/m²", told[4]) and "UNKNOWN → RED" in told[4]
    changes = (tmp_path / "changes" / "changes.csv").read_text("utf-8-sig")
    assert "D1,Upper dam,our_bank,,UNKNOWN,RED,large_reservoir" in changes
