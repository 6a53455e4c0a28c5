"""The report on countries in a real browser: no error, no request, both languages, no sideways scrolling."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from greensilk.appraisal.countries import evaluate
from greensilk.reports.countries import write_countries

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, list[str]]]:
    """The page, and all that it complained of or asked for."""
    if not CHROMIUM.exists():
        reason = "needs Debian's chromium at /usr/bin/chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    found = evaluate("eco_environment", ["LAO", "IRQ", "MYS"], replications=20)
    path = write_countries(found, tmp_path_factory.mktemp("countries"))[0]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page, heard = browser.new_page(), []  # type: tuple[Page, list[str]]
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: heard.append(request.url))
        page.goto(path.as_uri())
        assert heard.pop(0) == path.as_uri()
        yield page, heard
        browser.close()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [375, 768, 1280])
def test_nothing_scrolls_sideways(opened: tuple[Page, list[str]], lang: str, width: int) -> None:
    page, heard = opened
    page.set_viewport_size({"width": width, "height": 800})
    page.locator(f"label[for=lang-{lang}]").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [one for one in heard if not one.startswith("data:")] == []


def test_the_language_switch_turns_texts_and_maps(opened: tuple[Page, list[str]]) -> None:
    page, _ = opened
    view = page.locator("svg.choropleth").first
    for lang, shown, hidden in (
        ("zh", "底图：中国视图。", "Borders: Natural Earth"),
        ("en", "Borders: Natural Earth", "底图："),
    ):
        page.locator(f"label[for=lang-{lang}]").click()
        assert view.get_by_text(shown).first.is_visible() and not view.get_by_text(hidden).first.is_visible()
        assert page.locator(f"#c-lao h2 [lang={lang}]").is_visible()


def test_every_link_within_the_page_leads_somewhere(opened: tuple[Page, list[str]]) -> None:
    page, _ = opened
    lost = page.evaluate(
        """Array.from(document.querySelectorAll('a[href^="#"]')).map(one => one.getAttribute("href").slice(1))
           .filter(name => !document.getElementById(name))"""
    )
    assert lost == []
    twice = page.evaluate(
        """Array.from(document.querySelectorAll("[id]")).map(one => one.id)
           .filter((name, k, all) => all.indexOf(name) !== k && !name.startsWith("legend-"))"""
    )
    assert twice == []
