"""The page about the API says what works: its commands and its Python are run against a real server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Served

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "howto" / "use_the_api.md"


def blocks(kind: str) -> str:
    """All of one kind of code on the page, one after the other."""
    return "\n".join(re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))


def test_the_page_can_be_followed(served: Served, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("needs curl")
    shutil.copy(ROOT / "examples" / "portfolio.geojson", tmp_path)
    there = {**os.environ, "GREENSILK_URL": served.url, "GREENSILK_TOKEN": served.token, "PYTHONUTF8": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", blocks("python")], cwd=tmp_path, env=there, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "lao-railway" in ran.stdout and (tmp_path / "out" / "report.html").is_file()
    lines = [line for line in blocks("console").replace("\\\n", " ").splitlines() if line.startswith("curl")]
    said = [subprocess.run(["bash", "-c", one], env=there, capture_output=True, text=True, check=True) for one in lines]
    assert all(one.stdout.startswith("{") for one in said), said
    answers = [json.loads(one.stdout) for one in said]
    assert [one.get("ok") for one in answers] == [None] * 6, answers
    assert answers[0]["login"] == "a-analyst"
    assert len(answers[1]["items"]) == 2
    assert answers[2]["project"]["verdicts"]
    assert any(one.endswith("/cql2-text") for one in answers[3]["conformsTo"])
    assert all(one["type"] == "FeatureCollection" for one in answers[4:])
