"""Pages of standards: every rule of every standard with its clause and sources, on the day asked for."""

from __future__ import annotations

import re

import pytest
from visited import Site, Visitor, sound, words

from greensilk.rules import standards
from greensilk.rules.standard import Dated


@pytest.fixture
def reader(site: Site) -> Visitor:
    return site.visitor(site.people.a.viewer)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_list_leads_to_every_standard(reader: Visitor, lang: str) -> None:
    page = reader.get("/standards", lang)
    sound(page, lang)
    assert set(re.findall(r'href="/standards/(\w+)"', page.text)) == set(standards())


@pytest.mark.parametrize("name", list(standards()))
def test_every_rule_stands_on_the_page_of_its_standard(reader: Visitor, name: str) -> None:
    defined = standards()[name]
    for lang in ("en", "zh"):
        page = reader.get(f"/standards/{name}", lang)
        sound(page, lang)
        for rule in defined.rules:
            assert f'id="{rule.id}"' in page.text
        assert page.text.count("<blockquote>") == sum(rule.clause is not None for rule in defined.rules)
        assert "不一致：请勿" not in page.text and "do not rely on this standard here" not in page.text


def test_a_dated_figure_is_shown_with_its_days(reader: Visitor) -> None:
    dated = {
        name
        for name, one in standards().items()
        for rule in one.rules
        for part in (rule.when, rule.met_when)
        if part is not None
        for leaf in part.leaves()
        if isinstance(leaf.given(leaf.comparison), Dated)
    }
    for name in standards():
        assert ('class="dated"' in reader.get(f"/standards/{name}").text) is (name in dated)


def test_a_rule_that_does_not_count_yet_is_told_apart(reader: Visitor) -> None:
    (early, late) = sorted(standards()["gdg_2020"].turning_days())[:2]
    before = reader.get(f"/standards/gdg_2020?on={early.isoformat()}").text
    assert before.count('class="rule idle"') > reader.get(f"/standards/gdg_2020?on={late.isoformat()}").text.count(
        "rule idle"
    )
    page = reader.get("/standards/gdg_2020?on=2019-01-01")
    assert "was not out yet" in words(page)


@pytest.mark.parametrize(("path", "status"), [
    ("/standards/nothing", 404), ("/standards/<script>alert(1)</script>", 404), ("/standards/gdg_2020?on=", 200),
    ("/standards/gdg_2020?on=yesterday", 422), ("/standards/..%2f..%2fetc", 404),
])  # fmt: skip
def test_what_cannot_be_shown_is_said(reader: Visitor, path: str, status: int) -> None:
    page = reader.get(path)
    assert page.status_code == status and "<script>alert" not in page.text
