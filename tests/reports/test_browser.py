"""The report in a real browser: no error, no request, both languages, no sideways scrolling, a table that sorts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from greensilk.reports import write

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        reason = "needs Debian's chromium at /usr/bin/chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


class Watched:
    """A page with all that it complained of and asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def visible(self, words: str) -> bool:
        """Whether a text is to be seen."""
        return self.page.get_by_text(words, exact=False).first.is_visible()


@pytest.fixture
def opened(browser: Browser, written: Path) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    watched = Watched(context.new_page())
    watched.page.goto((written / "report.html").as_uri())
    yield watched
    context.close()


def test_nothing_fails_and_nothing_is_asked_of_the_network(opened: Watched) -> None:
    opened.page.get_by_text("中文").click()
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith(("file://", "data:"))] == []
    assert len([url for url in opened.requests if url.startswith("file://")]) == 1


def test_the_language_switch_turns_every_text(opened: Watched) -> None:
    page = opened.page
    assert opened.visible("What is unknown") and not opened.visible("未知事项及其解决途径")
    page.get_by_text("中文").click()
    assert opened.visible("未知事项及其解决途径") and not opened.visible("What is unknown")
    assert page.evaluate("document.documentElement.lang") == "zh"
    assert "绿色筛查报告" in page.title()
    page.reload()
    assert opened.visible("未知事项及其解决途径")  # remembered


def test_it_reads_in_both_languages_without_script(browser: Browser, written: Path) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto((written / "report.html").as_uri())
    assert page.locator("h1 [lang=en]").is_visible() and not page.locator("h1 [lang=zh]").is_visible()
    page.locator("label[for=lang-zh]").click()
    assert page.locator("h1 [lang=zh]").is_visible() and not page.locator("h1 [lang=en]").is_visible()
    context.close()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [375, 768, 1280])
def test_nothing_scrolls_sideways(opened: Watched, lang: str, width: int) -> None:
    page = opened.page
    page.set_viewport_size({"width": width, "height": 800})
    page.locator(f"label[for=lang-{lang}]").click()
    page.evaluate("document.querySelectorAll('details').forEach(function (one) { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_table_sorts_and_filters_by_keyboard(opened: Watched) -> None:
    page = opened.page

    def names() -> list[str]:
        cells = page.locator("#projects tbody tr:not([hidden]) td:first-child a")
        return [words.strip() for words in cells.all_inner_texts()]

    before = names()
    page.locator("#projects thead button").first.focus()
    page.keyboard.press("Enter")
    ascending = names()
    page.keyboard.press("Enter")
    assert sorted(before) == sorted(ascending) and ascending != before and names() == ascending[::-1]
    marks = page.locator("#projects thead button").nth(3)
    marks.click()
    kinds = page.locator("#projects tbody tr").evaluate_all("rows => rows.map(row => row.dataset.m)")
    assert kinds[0] == "RED" and kinds[-1] == "NOT_APPLICABLE"
    page.locator("#find").fill("kenya")
    assert len(names()) == 3
    page.locator("#find").fill("")
    page.locator("#only").select_option("GREEN_BY_TYPE")
    assert set(names()) == {"Turkana wind farm", "Kunming metro"}


def test_a_long_table_is_made_as_it_is_needed(browser: Browser, dossiers: ModuleType, tmp_path: Path) -> None:
    rows = [dossiers.project(i, name=f"<i>Park {i:03}", type="solar_pv") for i in range(230)]
    found = dossiers.portfolio(rows, [None] * 230)
    write(dossiers.dossier(found, dossiers.facts(found, {}), ["gdg_2020"]), tmp_path, ["html"])
    context = browser.new_context()
    watched = Watched(context.new_page())
    page = watched.page
    page.goto((tmp_path / "report.html").as_uri())
    lines = page.locator("#projects tbody tr")
    assert lines.count() == 100 and lines.first.inner_text().startswith("<i>Park 000")
    for expected in (200, 230):
        page.locator("#more").click()
        assert lines.count() == expected
    assert not page.locator("#more").is_visible()
    page.locator("#projects thead button").first.click(click_count=1)
    page.locator("#projects thead button").first.click(click_count=1)
    assert lines.first.inner_text().startswith("<i>Park 229")
    page.locator("label[for=lang-zh]").click()
    page.locator("#find").fill("park 007")
    assert lines.count() == 1 and "光伏" in lines.first.inner_text()
    lines.first.locator("a").click()
    page.wait_for_url("**/projects/*.html*")
    assert page.locator("article h2").is_visible() and page.evaluate("document.documentElement.lang") == "zh"
    assert watched.complaints == []
    context.close()


def test_labels_of_a_drawn_map_do_not_overlap(opened: Watched) -> None:
    overlaps = opened.page.evaluate(
        """() => Array.from(document.querySelectorAll("article svg.map > svg")).flatMap(function (map) {
            var boxes = Array.from(map.querySelectorAll("text")).filter(function (one) {
                return one.getClientRects().length && getComputedStyle(one).display !== "none";
            }).map(function (one) { return [one.textContent, one.getBoundingClientRect()]; });
            return boxes.flatMap(function (a, i) { return boxes.slice(i + 1).filter(function (b) {
                var x = Math.min(a[1].right, b[1].right) - Math.max(a[1].left, b[1].left);
                var y = Math.min(a[1].bottom, b[1].bottom) - Math.max(a[1].top, b[1].top);
                return x > 3 && y > 6;
            }).map(function (b) { return [a[0], b[0]]; }); });
        })"""
    )
    assert overlaps == []


def test_print_hides_the_controls(opened: Watched) -> None:
    opened.page.emulate_media(media="print")
    assert not opened.page.locator(".top").is_visible() and not opened.page.locator(".side").is_visible()
    assert opened.page.locator("article").first.is_visible()
