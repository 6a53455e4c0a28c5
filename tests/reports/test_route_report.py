"""The comparison of alternatives on its page: what must stand there, what must not, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from greensilk.appraisal.route_comparison import RouteComparison, RouteOptions, compare_routes
from greensilk.catalogue import import_layer
from greensilk.reports.route_files import flat, page_text, results, write_routes
from greensilk.reports.route_map import DrawnRoute, route_map
from greensilk.reports.route_view import RouteReading
from greensilk.texts import LANGUAGES

HOSTILE = '<script>alert("1")</script>&"\''
MANY = 25


def write(path: Path, *features: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), "utf-8")
    return path


def line(alternative: str, north: float, **more: Any) -> dict[str, Any]:
    """A line over 60 km in Laos that reaches `north` degrees up in its middle."""
    coordinates = [[102.2, 18.5], [102.5, 18.5 + north], [102.8, 18.5]]
    properties = {"alternative": alternative, "name": alternative, **more}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "LineString", "coordinates": coordinates}}


def put(folder: Path, **more: Any) -> None:
    shape = json.loads(shapely.to_geojson(shapely.box(102.45, 18.4, 102.55, 18.6)))
    area = {"type": "Feature", "properties": {"NAME": "Hidden Valley"}, "geometry": shape}
    terms: Any = {"licence": "own", "version": "7", "use_commercial": True, "coverage": "complete", "accuracy_m": 10.0}
    import_layer("protected_areas", write(folder / "areas.geojson", area), **terms, **more)


def compared(folder: Path, *features: dict[str, Any]) -> RouteComparison:
    return compare_routes(write(folder / "routes.geojson", *features), RouteOptions(width_m=40.0))


@pytest.fixture
def found(tmp_path: Path) -> RouteComparison:
    """Many lines, two of them sketches, one with a hostile name, over a reserve."""
    put(tmp_path)
    lines = [line(f"Line {k}", k / 40) for k in range(MANY - 3)]
    sketches = [line("Sketch 1", -0.1, sketch=True), line("Sketch 2", -0.2, sketch=True)]
    return compared(tmp_path, *lines, line(HOSTILE, 0.4), *sketches)


class Words(HTMLParser):
    """The words of a page in one language, and the tags it is made of."""

    def __init__(self, lang: str) -> None:
        super().__init__()
        self.lang, self.words, self.tags = lang, list[str](), list[str]()
        self._hidden: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in {"meta", "link", "input", "br", "rect", "path"}:
            self._hidden.append(tag in {"style", "script"} or dict(attrs).get("lang", self.lang) != self.lang)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"rect", "path"} and self._hidden:
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._hidden[1:]):
            self.words.append(data)


def words_of(page: str, lang: str) -> str:
    reader = Words(lang)
    reader.feed(page)
    return re.sub(r"\s+", " ", " ".join(reader.words))


def test_every_alternative_is_on_the_page_with_its_rank_and_interval(found: RouteComparison) -> None:
    reading = RouteReading(found)
    for lang in LANGUAGES:
        page = page_text(reading, lang)
        words = words_of(page, lang)
        for row in reading.rows():
            assert row.name.en in words or row.name.en == HOSTILE
            assert row.ranked is not None
            assert row.ranked.words.within(lang) in words
        assert page.count("<tr data-m=") == MANY
        assert page.count('class="alternative"') == MANY
    assert reading.rows()[0].number == 1 and {row.ranked.of for row in reading.rows() if row.ranked} == {2, MANY - 2}


def test_what_the_page_must_say(found: RouteComparison) -> None:
    for lang, told in {
        "en": ["sketch corridors", "no sketch is set above or below a line", "Internal, not for publication",
               "Not measured at all: spoil sites", "upper limits", "Surface take in: Protected areas",
               "no claim that it would be the better line", "needs a detailed data set"],
        "zh": ["示意走廊", "不对二者排先后", "内部使用，不得公开", "完全未测算：弃渣场", "上限",
               "地表占用：自然保护地", "并不表示它更适合建设",
               "需要更详细的数据集"],
    }.items():  # fmt: skip
        words = words_of(page_text(RouteReading(found), lang), lang)  # type: ignore[arg-type]
        assert [one for one in told if one not in words] == []
    assert page_text(RouteReading(found), "en").count(">sketch</span>") >= 4  # in the table and at each


def test_nothing_of_a_file_becomes_markup_and_nothing_is_asked_of_a_network(found: RouteComparison) -> None:
    page = page_text(RouteReading(found), "en")
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert "default-src 'none'" in page


def test_what_is_known_of_none_is_listed_once(found: RouteComparison) -> None:
    listed = RouteReading(found).not_compared()
    reasons = [one.reason for one in listed]
    assert len(reasons) == len(set(reasons))
    not_loaded = next(one for one in listed if "no such layer" in one.reason.en)
    assert "Ramsar" in not_loaded.labels.en and "Protected areas" not in not_loaded.labels.en and not_loaded.how
    lines = RouteReading(found).rows()[0].lines
    assert not [one for one in lines if "Indigenous" in one.label.en]
    # Protected areas hold the Ramsar sites by rule: where they are complete they answer for them.
    assert [one.cell.words.en for one in lines if one.label.en.startswith("Surface take in: Ramsar")] == ["0 m²"]


def test_each_value_says_what_it_rests_on(found: RouteComparison) -> None:
    rows = {one.label.en: one for one in RouteReading(found).rows()[0].lines}
    assert rows["Length"].basis.en.startswith("the lines as given, the feature itself")
    assert "(7)" in rows["Surface take in: Protected areas"].basis.en
    told = results(RouteReading(found))
    criterion = {one["id"]: one for one in told["criteria"]}
    assert criterion["area_in_protected_areas"]["origins"] == [
        {"dataset": "protected_areas", "version": "7", "support": "feature", "confirmed": True}
    ]
    for one in told["alternatives"]:
        assert all((value["value"] is None) == (value["reason"] is not None) for value in one["values"].values())
        assert one["rank"]["low"] <= one["rank"]["nominal"] <= one["rank"]["high"]
        assert sum(one["rank"]["shares"].values()) == pytest.approx(1.0)


def test_facts_that_may_not_be_handed_on_are_in_no_file_and_ranks_stay(found: RouteComparison, tmp_path: Path) -> None:
    origin = found.provenance
    closed = [one.model_copy(update={"use": one.use.model_copy(update={"derived": False})}) for one in origin.layers]
    secret = replace(found, provenance=origin.model_copy(update={"layers": tuple(closed)}))
    written = write_routes(secret, tmp_path / "out")
    for path in written[:3]:
        assert "Hidden Valley" not in path.read_text("utf-8-sig")
    table = flat(RouteReading(secret))
    assert table["area_in_protected_areas"].null_count() == MANY
    assert set(table["area_in_protected_areas_note"]) == {"withheld: licence"}
    assert table["rank"].to_list() == flat(RouteReading(found))["rank"].to_list()
    assert "zone-0)" not in re.sub(r"<pattern.*?</pattern>", "", written[0].read_text("utf-8"), flags=re.DOTALL)


def test_an_alternative_outdone_names_by_whom(found: RouteComparison) -> None:
    rows = {row.id: row for row in RouteReading(found).rows()}
    far = rows[f"Line {MANY - 4}"]
    assert far.standing == "outdone" and any("Outdone by" in note.en for note in far.notes)
    front = [row for row in rows.values() if row.standing == "front" and not row.sketch]
    assert front and not [note for row in front for note in row.notes if "Outdone" in note.en]


def test_one_that_the_unknown_leaves_open_says_who_would_outdo_it(found: RouteComparison) -> None:
    standings = ("open", *found.standings[1:])
    opened = replace(found, standings=standings, perhaps_by=((1, 2, 3, 4), *found.perhaps_by[1:]))
    row = next(row for row in RouteReading(opened).rows() if row.index == 0)
    assert row.standing_words.en == "open"
    assert row.notes[0].en == "As far as is known of both, Line 1, Line 2, Line 3 and 1 more may outdo it."


def test_money_is_told_in_millions(tmp_path: Path) -> None:
    costs = tmp_path / "costs.yaml"
    source = "source: [{title: made up, href: null, page: null}]"
    costs.write_text(f"currency: CNY\nyear: 2016\nper_km: {{unknown: 60000000}}\n{source}\n", "utf-8")
    path = write(tmp_path / "routes.geojson", line("a", 0.0), line("b", 0.1))
    found = compare_routes(path, RouteOptions(width_m=40.0, unit_costs=costs))
    page = words_of(page_text(RouteReading(found), "en"), "en")
    assert "3 802 million CNY (2016)" in page and "made up" in page


def test_one_line_alone_gets_no_rank(tmp_path: Path) -> None:
    found = compared(tmp_path, line("only", 0.1))
    row = RouteReading(found).rows()[0]
    assert row.ranked is None and row.standing_words.en == "nothing to compare with"
    assert "none" in words_of(page_text(RouteReading(found), "en"), "en")


def test_lines_are_told_apart_on_the_map_by_more_than_colour() -> None:
    from greensilk.reports.bilingual import same
    from greensilk.reports.ground import ground

    shapes = [shapely.LineString([(102, 18 + k / 20), (103, 18.3), (104, 18 + k / 20)]) for k in range(MANY)]
    kinds = ("front", "open", "outdone")
    routes = [DrawnRoute(k + 1, shape, kinds[k % 3], k > 20) for k, shape in enumerate(shapes)]  # type: ignore[arg-type]
    drawn = route_map(routes, ground(), [], [same("stamp")])
    picture = str(drawn.picture)
    assert "stamp" in picture and "<title>" in picture and "<desc>" in picture
    assert [picture.count(f'class="alt alt-{kind}') for kind in kinds] == [9, 8, 8]
    assert picture.count("sketched") == 4
    numbers = re.findall(r'class="badge-\w+" text-anchor="middle">(\d+)<', picture)
    assert len(numbers) == len(set(numbers)) >= 15
    x, y = (np.array(re.findall(rf'<rect class="badge[^>]* {axis}="([\d.]+)"', picture), float) for axis in "xy")
    gaps = np.maximum(np.abs(x[:, None] - x) / 10, np.abs(y[:, None] - y) / 14)
    assert (gaps[~np.eye(len(x), dtype=bool)] >= 1).all()  # no number over another


@pytest.fixture
def chromium() -> Iterator[Any]:
    path = Path("/usr/bin/chromium")
    if not path.exists():
        pytest.skip("needs Debian's chromium at /usr/bin/chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(path), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.mark.browser
def test_it_fits_a_telephone_sorts_and_turns_its_language(
    found: RouteComparison, tmp_path: Path, chromium: Any
) -> None:
    page_file = write_routes(found, tmp_path / "out")[0]
    complaints: list[str] = []
    page = chromium.new_page(viewport={"width": 375, "height": 800})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    page.get_by_text("中文").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    assert page.get_by_text("全部方案").first.is_visible()
    page.locator("#only").select_option("outdone")
    shown = page.locator("#projects tbody tr")
    assert 0 < shown.count() < MANY
    page.locator("#only").select_option("")
    page.locator("#projects th button").nth(4).click()
    lengths = page.locator("#projects tbody tr td:nth-child(5)").evaluate_all("cells => cells.map(c => +c.dataset.s)")
    assert lengths == sorted(lengths) and len(lengths) == MANY
    assert complaints == []
