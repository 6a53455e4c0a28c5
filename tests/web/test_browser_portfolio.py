"""The way from a file to a verdict, in a real browser on the whole platform: server, worker, database.

Everything is done as a person does it, with the keyboard where that is shorter; each page is looked at by axe, wide and
narrow, in both languages.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsed import PATIENCE_MS, ROOT, Reader, needs_scripts

from running_server import RunningServer, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

EXAMPLE = ROOT / "examples" / "portfolio.geojson"
NAME = "<img src=x onerror=alert(1)>"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    needs_scripts()
    with serving(tmp_path_factory.mktemp("platform"), "--demo", "--workers", "1") as running:
        yield running


def broken_example(folder: Path) -> tuple[Path, str]:
    """The example with one project whose place is nowhere and whose name is hostile; its id."""
    content = json.loads(EXAMPLE.read_text("utf-8"))
    content["features"] = content["features"][:6]
    first = content["features"][0]
    first["geometry"] = {"type": "Point", "coordinates": [999.0, 20.0]}
    first["properties"]["name"] = NAME
    path = folder / "example.geojson"
    path.write_text(json.dumps(content), "utf-8")
    return path, str(first["properties"]["id"])


def test_from_a_file_to_a_verdict(server: RunningServer, browser: Browser, tmp_path: Path) -> None:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US").new_page()
    reader = Reader(page, server.base)
    page.goto(server.base)
    reader.sound("/")
    page.get_by_role("button", name="Try it with the example").click()
    page.get_by_role("link", name="New portfolio").click()
    reader.sound("/portfolios#new")
    page.fill("#name", "Mine")
    page.keyboard.press("Enter")
    reader.sound("/portfolios/[0-9a-f]+/upload")
    path, broken = broken_example(tmp_path)
    page.set_input_files("#file", path)
    page.get_by_role("button", name="Upload and look").click()
    reader.sound("/uploads/[0-9a-f]+")
    assert re.search(r"6\s*rows read\s*=\s*5\s*taken\s*\+\s*1\s*rejected", reader.words())
    row = page.locator("#rejected li").filter(has_text=broken)
    row.get_by_label("longitude").fill("102.6")
    row.get_by_label("latitude").fill("18.0")
    page.locator("#rejected").get_by_role("button", name="Read again").click()
    reader.sound("/uploads/[0-9a-f]+#rejected")
    assert re.search(r"6\s*rows read\s*=\s*6\s*taken\s*\+\s*0\s*rejected", reader.words())
    page.get_by_role("button", name="Accept the 6 rows").click()
    reader.sound("/portfolios/[0-9a-f]+/rate")
    page.get_by_role("button", name="Rate now").click()
    reader.sound("/jobs/[0-9a-f]+")
    page.get_by_role("link", name="To the results").click()  # appears by itself once the job is done
    reader.sound("/screenings/[0-9a-f]+")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile(r"^report\.(html|zip)$")).click()
    assert NAME not in report(Path(download.value.path()), download.value.suggested_filename)
    page.get_by_role("link", name=NAME).click()
    reader.sound(r"/projects/[0-9a-f]+\?screening=[0-9a-f]+")
    assert page.locator(".rated .verdict").inner_text().split()[0] in ("Red", "Yellow", "Green", "Unknown")
    english = page.url
    page.get_by_role("button", name="中文").click()
    page.locator("html[lang=zh-CN]").wait_for()
    assert page.url == english
    assert page.locator(".rated .verdict").inner_text()[0] in "红黄绿未"
    reader.sound(r"/projects/[0-9a-f]+\?screening=[0-9a-f]+")
    for path_of in ("/", "/portfolios", "/me", "/jobs"):
        page.goto(f"{server.base}{path_of}")
        reader.sound(path_of)
    assert reader.complaints == []


def report(path: Path, name: str) -> str:
    """A downloaded report as text."""
    if name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            return archive.read("report.html").decode()
    return path.read_text("utf-8")


def test_all_of_it_works_without_script(server: RunningServer, browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 375, "height": 800}, java_script_enabled=False).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(server.base)
    page.locator("main form[action='/demo'] button").click()
    page.locator(".narrow-nav summary").click()
    page.locator(".narrow-nav a[href='/portfolios']").click()
    page.fill("#name", "Without script")
    page.locator("#new button").click()
    row = b"id,name,type,lon,lat\na,Sun,solar_pv,102.6,18\n"
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": row})
    page.locator("main form button").click()
    page.locator("form[action$='/accept'] button").click()
    page.locator("form[action$='/rate'] .primary").click()
    page.locator("a.primary[href^='/screenings/']").click()  # the page renews itself
    page.locator("td.wide a").click()
    assert page.locator(".rated .verdict").count() == 1


def test_the_example_is_entered_in_the_language_one_came_with(server: RunningServer, browser: Browser) -> None:
    page = browser.new_context(locale="zh-CN").new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(server.base)
    page.locator("main form[action='/demo'] button").click()
    page.locator("form[action='/sign-out']").first.wait_for(state="attached")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
