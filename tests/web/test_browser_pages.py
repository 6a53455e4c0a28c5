"""Countries, routes, standards, data and administration in a real browser: by keyboard, wide and narrow, two people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from browsed import ROOT, Reader, served_here, signed_in
from visited import Site

from platform_people import gathered

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

EXAMPLE = ROOT / "examples" / "routes.geojson"
COMMON = (
    "/countries?among=south_eastern_asia",
    "/countries/LAO",
    "/routes",
    "/standards",
    "/catalogue",
    "/admin",
    "/admin/people",
)
ENGLISH = ("/standards/no_new_coal_2021", "/catalogue/wdpa", "/admin/tokens", "/admin/audit")
pytestmark = pytest.mark.browser


@dataclass
class Running:
    """A server in this process, with a worker. site: its two organisations"""

    base: str
    site: Site


@pytest.fixture(scope="module")
def running(sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with served_here(tmp_path_factory.mktemp("pages"), sqlite_file, worker=True) as (base, served):
        yield Running(base, Site(None, served.store, served.vault, gathered(served.store)))  # type: ignore[arg-type]


def _signed_in(browser: Browser, running: Running, role: str, lang: str = "en") -> Reader:
    visitor = running.site.visitor(getattr(running.site.people.a, role))
    return Reader(signed_in(browser, running.base, visitor.cookies["greensilk"], lang), running.base)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_page_is_sound_wide_and_narrow(browser: Browser, running: Running, lang: str) -> None:
    reader = _signed_in(browser, running, "administrator", lang)
    for path in (*COMMON, *(ENGLISH if lang == "en" else ())):
        reader.page.goto(running.base + path)
        reader.sound()
    assert reader.complaints == []
    reader.page.context.close()


def test_a_country_is_found_and_read_by_keyboard(browser: Browser, running: Running) -> None:
    reader = _signed_in(browser, running, "viewer")
    page = reader.page
    page.goto(f"{running.base}/countries")
    page.locator("#among").focus()
    page.keyboard.type("South-eastern")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Show").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/countries?*among=south_eastern_asia*")
    link = page.get_by_role("link", name="Laos")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/countries/LAO*")
    assert "Rank 59 (" in page.locator(".verdict").inner_text()
    page.get_by_role("link", name="[1]").first.focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#s-1")
    assert reader.complaints == []
    page.context.close()


def test_routes_from_a_file_to_two_of_them_side_by_side(browser: Browser, running: Running) -> None:
    reader = _signed_in(browser, running, "analyst")
    page = reader.page
    page.goto(f"{running.base}/routes")
    with page.expect_download() as example:
        page.get_by_role("link", name="Example file").first.click()
    assert example.value.path().read_bytes() == EXAMPLE.read_bytes()
    page.locator("#file").set_input_files(str(EXAMPLE))
    page.locator("#name").fill("<b>Three</b> lines")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/jobs/*")
    for _ in range(120):  # where no script is installed the page is asked for again, as a person would
        if page.get_by_role("link", name="results").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    page.get_by_role("link", name="results").click()
    page.wait_for_url("**/routes/*")
    reader.sound()
    page.locator("#a").select_option("valley")
    page.locator("#b").select_option("tunnel")
    page.get_by_role("button", name="Set side by side").click()
    page.wait_for_url("**a=valley&b=tunnel*")
    reader.sound()
    assert "km less" in page.locator(".two-routes").inner_text()
    with page.expect_download() as table:
        page.get_by_role("link", name="routes.csv").click()
    assert "valley" in table.value.path().read_text("utf-8")
    page.goto(f"{running.base}/routes")
    assert "<b>Three</b> lines" in reader.words()
    assert reader.complaints == []
    page.context.close()


def test_two_administrators_at_once_see_what_the_other_wrote(browser: Browser, running: Running) -> None:
    one, other = (_signed_in(browser, running, "administrator") for _ in range(2))
    for reader in (one, other):
        reader.page.goto(f"{running.base}/admin")
    one.page.locator("#map_approval").fill("GS(2026)1")
    one.page.keyboard.press("Enter")
    one.page.get_by_text("Changed.").wait_for()
    other.page.locator("#map_approval").fill("GS(2026)2")
    other.page.keyboard.press("Enter")
    other.page.get_by_role("alert").wait_for()
    seen = other.page.get_by_role("alert").inner_text()
    assert "GS(2026)1" in seen and "GS(2026)2" in seen
    other.sound()
    other.page.get_by_role("button", name="Save mine").click()
    other.page.get_by_text("Changed.").wait_for()
    one.page.reload()
    assert one.page.locator("#map_approval").input_value() == "GS(2026)2"
    assert [one.complaints, [line for line in other.complaints if "409" not in line]] == [[], []]
    for reader in (one, other):
        reader.page.context.close()
