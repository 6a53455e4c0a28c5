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
