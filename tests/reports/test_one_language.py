"""Markup in one language: nothing of the other stays, nothing of its own is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from greensilk.reports import svg
from greensilk.reports.bilingual import Bilingual, said
from greensilk.reports.choropleth import MapFrame, Shaded, choropleth
from greensilk.reports.interval_chart import Ranked, interval_bar
from greensilk.reports.one_language import in_language
from greensilk.texts import LANGUAGES, Language

HOSTILE = st.text(alphabet="<>&\"'/ lang=enzhspatx河\u2002", max_size=40)


@given(en=HOSTILE, zh=HOSTILE)
def test_words_in_markup_are_those_of_the_language_whatever_they_are(en: str, zh: str) -> None:
    both = Bilingual(en, zh)
    for lang, own in zip(LANGUAGES, (en, zh), strict=True):
        assert in_language(f"<p>{both.__html__()}</p>", lang) == f"<p>{escape(own)}</p>"


@given(en=HOSTILE, zh=HOSTILE)
def test_words_of_a_picture_are_those_of_the_language(en: str, zh: str) -> None:
    for lang, own in zip(LANGUAGES, (en, zh), strict=True):
        drawn = in_language(svg.words(Bilingual(en, zh), 1, 2, "name"), lang)
        assert drawn == f'<text x="1.0" y="2.0" class="name">{escape(own)}</text>'


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_map_of_the_world_is_the_view_of_its_language(lang: Language) -> None:
    frame = MapFrame("m", 480, [said("reports.stamp")], (Bilingual("title", "标题"), Bilingual("about", "说明")))
    drawn = in_language(choropleth({"LAO": Shaded(3, Bilingual("Laos: 52", "老挝：52"))}, frame), lang)
    own, other = ("标题", "title") if lang == "zh" else ("title", "标题")
    assert f"<title>{own}</title>" in drawn and other not in drawn.replace("<title", "").replace("</title", "")
    assert ("老挝：52" in drawn) is (lang == "zh") and ("Laos: 52" in drawn) is (lang == "en")
    assert 'lang="' not in drawn
    assert drawn.count("<g") == drawn.count("</g>")


def test_what_is_alike_in_both_stays() -> None:
    bar = interval_bar(Ranked(3, 2, 5, 9))
    assert in_language(bar, "en").count("<path") == bar.count("<path")
    assert "rank 3" in in_language(bar, "en").lower() or "3 (2–5)" in in_language(bar, "en")
