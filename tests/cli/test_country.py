"""`greensilk country`: a profile on 80 columns, in both languages, without a rank that stands alone."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from greensilk.appraisal.profiles import RankInterval
from greensilk.cli.country import print_profile, rank_bar, wrapped
from greensilk.errors import UsageError


def printed(name: str, capsys: pytest.CaptureFixture[str], index: str = "eco_environment") -> list[str]:
    print_profile(name, index, "2026-06-30")
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_profile_fits_80_columns_and_tells_everything(
    lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENSILK_LANG", lang)
    lines = printed("LAO", capsys)
    assert max(cell_len(line) for line in lines) <= 80
    whole = "\n".join(lines)
    words = {
        "en": (
            "Laos · South-eastern Asia · LAO",
            "Challenges (",
            "Opportunities (",
            "Neighbours",
            "our reading",
            "Sources:",
        ),
        "zh": ("老挝 · 东南亚 · LAO", "挑战（", "机遇（", "邻国", "绿丝解读", "来源："),
    }[lang]
    assert all(word in whole for word in words)
    assert "CE-E-02" in whole and "2019" in whole
    # Rank and interval stand on one line: the index and its four elements.
    assert len(re.findall(r"\d+ / \d+ +\d+–\d+ +·*━*●", whole)) == 5
    if lang == "zh":
        assert not re.search(r"[\u4e00-\u9fff][,;:!?](\s|$)", whole), "full-width stops in Chinese"


def test_chinese_lines_are_filled(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENSILK_LANG", "zh")
    assert "        →" not in printed("QAT", capsys)


def test_a_country_that_is_not_ranked_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed("Palestine", capsys)
    whole = "\n".join(lines)
    assert "Not ranked: only" in whole
    assert not re.search(r"\d+ / \d+ ", whole)
    assert "Not known (" in whole


def test_a_country_that_is_not_known() -> None:
    with pytest.raises(UsageError, match="Atlantis"):
        print_profile("Atlantis", "eco_environment")


def test_the_bar_of_a_rank() -> None:
    assert rank_bar(RankInterval(1, 1, 1, 1, 1.0), 100, 10) == "●·········"
    assert rank_bar(RankInterval(100, 91, 95, 100, 1.0), 100, 10) == "·········●"
    assert rank_bar(RankInterval(None, None, None, None, 0.0), 100, 10) == ""


def test_lines_break_between_chinese_characters_but_not_before_a_stop() -> None:
    assert wrapped("一二三四，五六", 8) == ["一二三", "四，五六"]
    assert wrapped("one two three", 8) == ["one two", "three"]
    assert wrapped("", 8) == [""]
