"""The map in a real browser: drawn, quiet, from this server alone; by mouse and by keyboard, wide and narrow."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from browsed import WIDTHS, Reader, needs_scripts, served_here, signed_in
from placed import Placed, place

from platform_people import gathered

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

LAND, RED, INK = (244, 242, 236), (179, 38, 30), (29, 37, 44)
IMAGE = "<img src=x onerror=alert(1)>"
FRAMES_MS = 300  # some frames: a change shows in the next one
pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Served:
    """A running application. one: a portfolio of one project with a hostile name; data: where its layers lie"""

    base: str
    token: str
    one: str
    data: Path


@pytest.fixture(scope="module")
def served(sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from greensilk.workspace.signing_in import enter

    needs_scripts()
    folder = tmp_path_factory.mktemp("map")
    with pytest.MonkeyPatch.context() as within:
        within.setenv("GREENSILK_DATA_DIR", str(folder / "data"))
        reserves(folder)
    with served_here(folder, sqlite_file) as (base, platform):
        people = gathered(platform.store)
        one, _ = place(platform.store, people.a.analyst, "One", [Placed(IMAGE, lead="YELLOW")])
        place(platform.store, people.a.analyst, "Many", [
            Placed("Nam Ngum", box=(102.0, 17.0, 102.4, 17.2), lead="RED", name_zh="南俄"),
            *(Placed(f"Wind {i}", box=(70.0 + i, 30.0 + i, 70.2 + i, 30.2 + i), lead="GREEN") for i in range(30)),
        ])  # fmt: skip
        with platform.store.writing() as db:
            token = enter(db, people.a.viewer.user_id)
        yield Served(base, token, one, folder / "data")


def reserves(folder: Path) -> None:
    """A layer of sensitive areas where the projects lie."""
    from greensilk.catalogue.layer_import import import_layer

    square = [[100.0, 15.0], [106.0, 15.0], [106.0, 20.0], [100.0, 20.0], [100.0, 15.0]]
    area = {
        "type": "Feature",
        "properties": {"name": "Reserve"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    path = folder / "reserves.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [area]}), "utf-8")
    import_layer(
        "protected_areas", path, licence="CC0-1.0", version="1", use_commercial=True, coverage="complete",
        attribution="Keepers of reserves",
    )  # fmt: skip


class Watched(Reader):
    """Somebody at the map."""

    def open(self, query: str = "") -> None:
        """The map, drawn."""
        self.page.goto(f"{self.base}/map?{query}")
        self.settled()

    def settled(self) -> None:
        """Until nothing moves on the map."""
        self.page.wait_for_timeout(FRAMES_MS)
        self.page.wait_for_selector("#map[aria-busy=false]")

    def picture(self) -> bytes:
        """The map as it is seen."""
        return self.page.locator("#map").screenshot()

    def colours(self) -> dict[tuple[int, ...], int]:
        """How many pixels of the map have each colour."""
        from PIL import Image

        picture = Image.open(io.BytesIO(self.picture())).convert("RGB")
        found: Any = picture.getcolors(picture.width * picture.height)
        return {colour: count for count, colour in found}

    def click_middle(self) -> None:
        """A click in the middle of the map."""
        box = self.page.locator("#map canvas").bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.fixture(params=["wide-en", "narrow-zh"])
def watched(
    browser: Browser, served: Served, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Watched]:
    monkeypatch.setenv("GREENSILK_DATA_DIR", str(served.data))
    size, lang = request.param.split("-")
    page = signed_in(browser, served.base, served.token, lang, WIDTHS[size])
    yield Watched(page, served.base)
    page.context.close()


def test_it_is_drawn_by_this_server_alone_and_layers_go_on_and_off(watched: Watched) -> None:
    watched.open()
    page, bare = watched.page, watched.colours()
    assert bare.get(LAND, 0) > 10_000 and bare.get(RED, 0) > 20
    assert page.locator("#map-said").inner_text() in ("32 projects on the map", "地图上共 32 个项目")
    shown = page.locator("#map-legend li:visible").evaluate_all("all => all.map(one => one.dataset.mark)")
    assert set(shown) >= {"RED", "GREEN", "cluster"} and "UNKNOWN" not in shown
    credits = page.locator("#map-credits")
    assert "Natural Earth" in credits.inner_text() and "Keepers" not in credits.inner_text()
    assert page.locator("#map-choices li").nth(1).inner_text().startswith(("Protected areas", "自然保护地"))
    page.locator("[data-layer=protected_areas]").check()
    watched.settled()
    assert "Keepers of reserves" in credits.inner_text()
    assert watched.colours()[LAND] < bare[LAND]
    with page.expect_response(lambda answer: "/tiles/grids/precipitation.png" in answer.url) as drawn:
        page.locator("#map-grid").select_option("precipitation")
    with page.expect_response(lambda answer: "/tiles/grids/precipitation.png" in answer.url and "band=7" in answer.url):
        page.locator("#map-band").select_option("7")
    watched.settled()
    assert drawn.value.ok and watched.colours().get(LAND, 0) < bare[LAND] / 10
    assert "mm" in page.locator("#map-grid-legend").inner_text() and "Copernicus" in credits.inner_text()
    assert watched.faults() == []
    page.locator("#map-grid").select_option("")
    page.locator("[data-layer=protected_areas]").uncheck()
    page.locator("[data-shows=projects]").uncheck()
    watched.settled()
    assert "Keepers" not in credits.inner_text() and "Copernicus" not in credits.inner_text()
    assert watched.colours().get(RED, 0) == 0
    assert page.locator("#map-legend li:visible").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")
    assert watched.complaints == []


def test_a_place_is_chosen_and_rated_by_mouse_or_keyboard(watched: Watched) -> None:
    watched.open("light=NOT_APPLICABLE")  # none: the whole world, whose middle is in India
    page = watched.page
    watched.click_middle()
    assert abs(float(page.input_value("#lon")) - 80) < 0.5 and abs(float(page.input_value("#lat")) - 20) < 0.5
    page.fill("#type", "solar_pv")
    page.locator("#rate-form .primary").click()
    page.locator("#rating-title").wait_for()
    assert page.locator("#rating-title").inner_text() in ("Solar photovoltaic · India", "光伏发电 · 印度")
    assert page.locator("#rating .w-GREEN_BY_TYPE, #rating .w-GREEN").count() >= 1
    assert watched.faults() == []
    assert watched.complaints == []
    page.locator("#map canvas").focus()
    page.keyboard.press("ArrowRight")
    watched.settled()
    page.locator("#take-middle").focus()
    page.keyboard.press("Enter")
    assert float(page.input_value("#lon")) > 85
    page.locator("#type").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("no such thing")
    page.keyboard.press("Enter")
    page.locator("#rating [role=alert]").wait_for()
    assert "no such thing" in page.locator("#rating").inner_text()
    page.locator("#lon").focus()
    for words in ("102.6", "17.97", "hydropower_large"):
        page.keyboard.press("Control+A")
        page.keyboard.type(words)
        page.keyboard.press("Tab")
        if words == "17.97":
            page.locator("#type").focus()  # past the button that takes the middle
    page.keyboard.press("Enter")
    page.locator("#rating-title").wait_for()
    assert page.evaluate("document.activeElement.id") == "rating-title"
    assert [one for one in watched.complaints if "422" not in one] == []


def test_a_name_is_words_in_its_popup_and_a_footprint_shows_when_near(watched: Watched, served: Served) -> None:
    watched.open(f"portfolio={served.one}")
    watched.click_middle()
    popup = watched.page.locator(".map-popup")
    popup.wait_for()
    assert IMAGE in popup.inner_text()
    assert popup.locator("a").get_attribute("href") == watched.page.locator(".map-list a").get_attribute("href")
    assert watched.page.input_value("#lon") == ""  # a project was meant, no place beside it
    popup.page.keyboard.press("Escape")
    before = watched.colours().get(INK, 0)
    with watched.page.expect_response(lambda answer: "/ogc/collections/projects/items" in answer.url):
        watched.page.locator(".maplibregl-ctrl-zoom-in").click(click_count=2)
    watched.settled()
    assert watched.colours().get(INK, 0) > before + 200  # its outline
    assert watched.complaints == []
