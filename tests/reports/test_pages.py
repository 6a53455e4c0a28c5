"""The HTML: both languages, nothing from outside, nothing of a portfolio run or drawn as markup."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from contextlib import closing
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
import shapely

from greensilk.appraisal import Dossier
from greensilk.processes import OwnProcess
from greensilk.reports import drawing, write
from greensilk.reports.drawing import each_drawn
from greensilk.reports.pages import Pages
from greensilk.reports.project_view import Reading
from greensilk.texts import speaking

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Tags(HTMLParser):
    """Every tag with its attributes; open tags must close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"


@pytest.fixture(scope="module")
def html(written: Path) -> str:
    return (written / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def tags(html: str) -> Tags:
    parser = Tags()
    parser.feed(html)
    assert parser.open == []
    return parser


def test_ids_are_unique_and_every_inner_link_ends_somewhere(tags: Tags) -> None:
    ids = [attrs["id"] for _, attrs in tags.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    inner = {attrs["href"] for _, attrs in tags.tags if (attrs.get("href") or "").startswith("#")}
    assert {link[1:] for link in inner if link} <= set(ids)


def test_nothing_is_loaded_from_anywhere(tags: Tags) -> None:
    for tag, attrs in tags.tags:
        assert tag not in {"iframe", "object", "embed", "base", "form"}
        assert not attrs.get("src")
        assert tag != "link" or attrs["href"] == "data:,"
        assert tag != "use" or (attrs["href"] or "").startswith("#")
        assert not any(name.startswith("on") for name in attrs), (tag, attrs)
        assert not (attrs.get("href") or "").lower().lstrip().startswith(("javascript:", "data:text"))


def test_only_our_own_script_and_style_may_run(html: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy and "default-src 'none'" in policy[1] and "unsafe" not in policy[1]
    for tag in ("style", "script"):
        bodies = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.S)
        assert len(bodies) == 1
        digest = base64.b64encode(hashlib.sha256(bodies[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1]


def test_hostile_text_is_shown_and_never_run(html: str, tags: Tags) -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html and "<img" not in html
    assert "{{ 7 * 7 }}" in html
    assert [tag for tag, _ in tags.tags].count("script") == 1


def test_every_text_has_both_languages(tags: Tags) -> None:
    spans = [attrs["lang"] for tag, attrs in tags.tags if tag == "span" and "lang" in attrs]
    assert spans.count("en") == spans.count("zh") > 500
    assert spans == ["en", "zh"] * (len(spans) // 2)


def test_unknown_says_what_it_needs_and_is_never_a_number(html: str) -> None:
    assert "unknown: needs the layer “" in html and "未知：需要" in html
    for word in (">nan<", ">None<", ">null<", ">NaN<"):
        assert word not in html


def test_notice_basis_and_stamp_are_on_the_page(html: str) -> None:
    assert "not endorsed by the coalition" in html
    assert "Green by type, site unchecked" in html and "绿（仅按类型，场址未核查）" in html
    maps, stamps = html.count('<svg class="map'), html.count("Internal, not for publication / 内部使用，不得公开")
    assert maps == 1 + 8 + 7  # the world; eight projects with a place; all but the railway small enough for a near map
    assert stamps == maps


def test_an_approval_number_takes_the_place_of_the_stamp(reading: Reading) -> None:
    pages = Pages(reading, False, "GS(2026)0000")
    html = pages.portfolio([pages.article(i) for i in range(len(reading))])
    assert "审图号：GS(2026)0000" in html and "不得公开" not in html


def test_warnings_of_a_project(reading: Reading) -> None:
    keys = [[key for key, _ in reading.warning_keys(i)] for i in range(len(reading))]
    assert "coarse_location" in keys[1] and "coarse_location" not in keys[0]
    assert {"type_inferred", "no_influence"} <= set(keys[4])
    assert "no_location" in keys[5]
    assert "gcj02" in keys[8] and not any("gcj02" in found for found in keys[:8])


@pytest.fixture(scope="module")
def long_report(dossiers: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    rows = [dossiers.project(i, id=f"Deal/{i}", name=f"</script><b>{i}", type="solar_pv") for i in range(201)]
    found = dossiers.portfolio(rows, [shapely.Point(100.0, i / 10) for i in range(201)])
    values = {"country": ["THA"] * 201}
    stale = folder / "projects" / "gone.html"
    stale.parent.mkdir()
    stale.write_text('<html><head><meta name="generator" content="greensilk 0.0.1">')
    (stale.parent / "own.html").write_text("a page of the owner of the folder")
    write(dossiers.dossier(found, dossiers.facts(found, values), ["gdg_2020"]), folder, ["html"])
    return folder


def test_more_than_two_hundred_projects_are_split(long_report: Path) -> None:
    pages = [path for path in (long_report / "projects").iterdir() if path.name != "own.html"]
    report = (long_report / "report.html").read_text("utf-8")
    packed = re.search(r'<script type="application/json" id="rows">(.*?)</script>', report, re.S)
    assert packed
    rows = json.loads(packed[1])["rows"]
    assert [row[0] for row in rows] == [f"</script><b>{i}" for i in range(201)]
    assert sorted(row[2] for row in rows) == sorted(f"projects/{page.name}" for page in pages)
    assert not (long_report / "projects" / "gone.html").exists()
    assert (long_report / "projects" / "own.html").exists()
    assert report.count("<tr data-m=") == 100  # for readers without script
    for html in (report, pages[0].read_text("utf-8")):
        parser = Tags()
        parser.feed(html)
        assert parser.open == []


def test_an_empty_portfolio_still_gives_a_report(dossiers: ModuleType, tmp_path: Path) -> None:
    found = dossiers.portfolio([], [], rejected=2)
    write(dossiers.dossier(found, dossiers.facts(found, {})), tmp_path)
    assert "Rejected rows (2)" in (tmp_path / "report.html").read_text("utf-8")


def test_the_language_of_the_run_is_shown_first(varied: Dossier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENSILK_LANG", "zh")
    html = Pages(Reading(varied), True).portfolio([])
    assert '<html lang="zh"' in html
    assert re.search(r'id="lang-zh"[^>]* checked', html) and not re.search(r'id="lang-en"[^>]* checked', html)


def test_a_name_cannot_turn_the_order_of_letters_around(reading: Reading, html: str) -> None:
    assert reading.name(3) == ("right to left", "right to left")
    assert reading.dossier.portfolio.projects["name"][3].startswith("\u202e")  # the data files keep what was given
    assert "\u202e" not in html


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(drawing, "WORTH_IT", 1)
    monkeypatch.setattr(drawing, "AT_ONCE", 2)
    monkeypatch.setattr(drawing.os, "cpu_count", lambda: 2)
    # where they find the functions below
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[__name__.count(".")]))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shapely.py").write_text("raise SystemExit(1)")  # lies where the program is run; not to be imported


def _page_and_process(pages: Pages, i: int) -> tuple[str, int]:
    return pages.single(i), os.getpid()


def test_two_processes_draw_the_same_pages_as_one_in_the_language_of_the_run(
    varied: Dossier, two_processes: None
) -> None:
    with speaking("zh"):
        pages = Pages(Reading(varied), True)
        alone = [pages.single(i) for i in range(len(pages.reading))]
        drawn = list(each_drawn(pages, _page_and_process))
    assert [page for page, _ in drawn] == alone and 'id="lang-zh" aria-label="中文" checked' in alone[0]
    others = [process for _, process in drawn]
    assert len(set(others)) == 2 and os.getpid() not in others and others[:4] == others[:1] * 2 + others[2:3] * 2


def _ends_the_second(parent: int, pages: Pages, i: int) -> tuple[int, bool]:
    here = os.getpid() == parent
    if i == 2 and not here:
        os._exit(9)
    return i, here


def test_what_a_process_that_died_was_to_draw_is_drawn_here(varied: Dossier, two_processes: None) -> None:
    pages = Pages(Reading(varied), True)
    drawn = list(each_drawn(pages, partial(_ends_the_second, os.getpid())))
    assert [i for i, _ in drawn] == list(range(len(pages.reading)))
    assert [i for i, here in drawn if here] == [i for i in range(len(pages.reading)) if i // 2 % 2]


def test_nobody_draws_on_for_whoever_has_stopped_reading(
    varied: Dossier, two_processes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[OwnProcess] = []
    monkeypatch.setattr(drawing, "OwnProcess", lambda module: started.append(OwnProcess(module)) or started[-1])
    with closing(each_drawn(Pages(Reading(varied), True), _page_and_process)) as drawn:
        next(drawn)
    assert len(started) == 2 and not any(process.lives() for process in started)


def test_no_list_is_empty_under_its_heading(html: str) -> None:
    assert "<ul></ul>" not in html


def test_a_map_without_layers_does_not_speak_of_layers_loaded(varied: Dossier) -> None:
    pages = Pages(Reading(varied), True)
    assert not varied.layers and "No layer of sensitive areas is loaded" in pages.single(0)
    pages.__dict__["shared"] = {**pages.shared, "any_drawn": True}
    assert "No imported layer has an area here" in pages.single(0)
