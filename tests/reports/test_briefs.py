"""The one-page brief: opens, says the verdict, and fits one page."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest

from greensilk.reports.briefs import brief
from greensilk.reports.files import safe_stem
from greensilk.reports.project_view import Reading


def _words(path: Path) -> str:
    paper = docx.Document(str(path))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])


def test_every_project_has_a_brief(written: Path, reading: Reading) -> None:
    names = {f"{safe_stem(name)}.docx" for name in reading.columns["id"]}
    assert {path.name for path in (written / "briefs").iterdir()} == names


def test_a_brief_says_verdict_basis_and_what_is_open(written: Path) -> None:
    words = _words(written / "briefs" / "p2.docx")
    assert "Green by type, site unchecked" in words and "the site has not been checked" in words
    assert "What is still open" in words and "not endorsed" in words and "Turkana wind farm" in words
    assert "unknown: needs" in words


def test_a_brief_in_chinese_has_no_english_left(
    reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENSILK_LANG", "zh")
    (tmp_path / "b.docx").write_bytes(brief(reading, 0))
    words = _words(tmp_path / "b.docx")
    assert "加里萨光伏电站" in words and "绿" in words
    for english in ("Basis", "unknown", "Green", "What", "Kenya"):
        assert english not in words


def test_a_brief_stays_short_whatever_the_names(reading: Reading) -> None:
    for i in range(len(reading)):
        paper = docx.Document(io.BytesIO(brief(reading, i)))
        # at about 95 characters a line, 58 lines of 10 points make one page of A4
        lines = sum(1 + len(paragraph.text) // 95 for paragraph in paper.paragraphs)
        assert lines + sum(len(table.rows) for table in paper.tables) <= 58
