"""Categories, triggers, checklists and targets of states in everything that is written: apart, in words, nothing done
that is not known to be."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import docx
import numpy as np
import polars as pl
import pytest
import python_calamine

from greensilk.appraisal import Dossier
from greensilk.appraisal.provenance import DataUsed
from greensilk.catalogue.data_info import AllowedUse
from greensilk.reports import summary, write
from greensilk.reports.item_view import OFF, STATUS_ORDER
from greensilk.reports.kinds_view import kinds_of
from greensilk.reports.licences import publishable
from greensilk.reports.pages import Pages
from greensilk.reports.project_view import Reading
from greensilk.rules.item_list import STATUSES
from greensilk.rules.standard import METHODS

PROTECTED = "overlap_protected_areas"


class _Folded(HTMLParser):
    """Texts of a page outside of, and within, anything folded away."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.summary = 0, False
        self.seen: list[str] = []
        self.folded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "details" and not dict(attrs).keys() & {"open"}:
            self.depth += 1
        self.summary = self.summary or tag == "summary"

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "details" and self.depth > 0
        self.summary = self.summary and tag != "summary"

    def handle_data(self, data: str) -> None:
        hidden = self.depth > (1 if self.summary else 0)
        (self.folded if hidden else self.seen).append(data)


def _page(dossier: Dossier, i: int) -> str:
    return Pages(Reading(dossier), True).single(i)


def test_every_status_has_a_place_and_a_mark() -> None:
    assert {status for names in STATUSES.values() for status in names} == set(STATUS_ORDER)
    assert set(OFF) == {names[0] for names in STATUSES.values()}
    assert {kind for kind, methods in METHODS.items() if "items" in methods} == set(STATUSES)


def test_a_category_is_said_in_its_own_words_with_what_is_still_possible(reading: Reading) -> None:
    views = [reading.view(i).categories[0] for i in range(len(reading))]
    assert [view.value for view in views[:7]] == [
        "C",
        "UNKNOWN",
        "UNKNOWN",
        "UNKNOWN",
        "UNKNOWN",
        "NOT_APPLICABLE",
        "A",
    ]
    assert views[0].range is not None and views[0].range.en == "no open question can change it"
    assert views[1].range is not None and views[1].range.en == "at least Category C <low>, at most Category A"
    assert views[4].range is not None and views[4].range.zh == "至少为“B 类”，至多为“A 类”"
    assert views[5].range is None
    assert views[4].questions[0].effect.en == "If yes: Category A; if no: Category B."
    assert all(view.notice.en == "indicative category; the institution decides" for view in views)


def test_no_category_is_painted_as_a_light(varied: Dossier) -> None:
    html = _page(varied, 6)
    table = re.search(r'<table class="cats">.*?</table>', html, re.DOTALL)
    assert table and "Category A" in table[0]
    assert "#m-" not in table[0] and not re.search(r'class="[^"]*(GREEN|YELLOW|RED)', table[0])


def test_items_stand_in_their_chapters_and_what_is_unknown_is_not_done(reading: Reading) -> None:
    view = reading.view(4)
    duties = next(one for one in view.lists if one.kind == "checklist")
    assert [(chapter.label.en if chapter.label else None, [item.text.id for item in chapter.items])
            for chapter in duties.chapters] == [("Chapter one: before", ["assess", "keep_clear"]),
                                                ("Chapter two: during", ["monitor", "tell"])]  # fmt: skip
    found = {item.text.id: item for item in duties.items}
    assert {name: item.status for name, item in found.items()} == {
        "assess": "open", "keep_clear": "unknown", "monitor": "open", "tell": "open"}  # fmt: skip
    assert found["monitor"].needs == () and found["monitor"].text.met_by is not None
    assert found["monitor"].text.met_by.en.endswith("evidence at least contracted")
    assert found["keep_clear"].needs[0].en == "the layer “Protected areas”"
    communities = next(item for one in reading.view(6).lists for item in one.items if item.text.id == "t2")
    assert communities.status == "triggered" and communities.facts[0].en.endswith("rotected areas: yes")
    assert duties.line.en == "3 open, 1 unknown" and duties.line.zh == "待落实 3 项、未知 1 项"


def test_statuses_follow_the_table_for_every_project(reading: Reading) -> None:
    for sheet in reading.lists.values():
        table = sheet.table.table
        for i in range(len(reading)):
            view = sheet.view(i)
            assert [item.status for item in view.items] == [table[item.text.id][i] for item in view.items]
            assert sum(count for _, count in view.counts) == len(view.items)
            shown = [item for chapter in view.chapters for item in chapter.items] + view.off
            assert sorted(item.text.id for item in shown) == sorted(item.text.id for item in view.items)


def test_lists_are_folded_and_the_light_comes_first(varied: Dossier) -> None:
    html = _page(varied, 4)
    parser = _Folded()
    parser.feed(html)
    seen, folded = "".join(parser.seen), "".join(parser.folded)
    assert "3 open" in seen and "Monitor large plants" not in seen
    assert "Monitor large plants" in folded and "监测大型电站" in folded and "Met if: " in folded
    assert 0 < html.index('class="verdict"') < html.index('class="cats"') < html.index("Checklists")
    assert "Made-up duties &lt;b&gt;" in html and "Made-up duties <b>" not in html


def test_every_item_leads_to_its_clause_told_once(varied: Dossier) -> None:
    reading = Reading(varied)
    report, page = Pages(reading, True).portfolio([]), _page(varied, 4)
    assert report.count("Large plants are monitored.") == 1 and "大型电站应予监测。" in report
    assert "Large plants are monitored." not in page
    links = set(re.findall(r'href="../report.html#(c-[^"]+)"', page))
    assert len(links) >= 8 and links <= set(re.findall(r'id="(c-[^"]+)"', report))
    pages = Pages(reading, False)
    whole = pages.portfolio([pages.article(i) for i in range(len(reading))])
    assert set(re.findall(r'href="#(c-[^"]+)"', whole)) <= set(re.findall(r'id="(c-[^"]+)"', whole))
    assert "../report.html#c-" not in whole and whole.count("Large plants are monitored.") == 1


def test_what_does_not_speak_of_a_project_takes_one_line(varied: Dossier) -> None:
    html = _page(varied, 5)  # a scholarship
    assert "Not for this project: Made-up scale." in html and "Not for this project: Made-up duties &lt;b&gt;." in html
    assert 'class="cats"' not in html and "Assess before building" not in html


def test_whether_a_list_speaks_of_a_project_may_be_unknown(reading: Reading, varied: Dossier) -> None:
    targets = reading.lists["made_targets"].view(5)  # no location, so no country
    assert targets.applies is False
    found = replace(varied, items={})
    assert "Targets of states" not in _page(found, 4)


def test_like_kinds_stand_side_by_side(varied: Dossier) -> None:
    kinds = kinds_of(Reading(varied), summary(varied))
    lines = {line.label.en: (line.rows, line.possible) for line in kinds.categories[0].lines}
    assert list(lines) == ["Category A", "Category B", "Category C <low>", "Unknown", "Not applicable"]
    assert sum(rows for rows, _ in lines.values()) == 9 and lines["Unknown"] == (6, None)
    assert all(possible <= 6 for _, possible in lines.values() if possible is not None)
    assert [table.kind for table in kinds.lists] == ["trigger", "checklist", "state_target"]
    triggers, duties, _ = kinds.lists
    assert triggers.statuses == ["triggered", "unknown", "not_triggered"] and triggers.most == []
    assert all(sum(item.counts) == 9 for one in triggers.lists for item in one.items)
    assert [item.counts[0] for item in duties.most] == sorted((item.counts[0] for item in duties.most), reverse=True)
    assert duties.lists[0].projects == 8 and sum(duties.lists[0].counts) == 9 * 4


def test_the_summary_counts_what_the_tables_hold(varied: Dossier) -> None:
    counts = summary(varied)
    table = varied.categories["made_scale"].table
    for level, rows in counts.categories["made_scale"].rows.items():
        assert rows == (table["category"] == level).sum()
    undecided = table.filter(pl.col("category") == "UNKNOWN")
    scale = ["NOT_APPLICABLE", "C", "B", "A"]
    for level, possible in counts.categories["made_scale"].possible.items():
        rows = undecided.select("best", "worst").rows()
        assert possible == sum(scale.index(a) <= scale.index(level) <= scale.index(b) for a, b in rows)
    for name, one in counts.items.items():
        for item, statuses in one.items.items():
            column = varied.items[name].table[item].to_list()
            assert statuses == {status: column.count(status) for status in varied.items[name].statuses}


def test_without_lights_the_report_still_reads(dossiers: ModuleType, tmp_path: Path) -> None:
    found = dossiers.varied(dossiers.MADE)
    write(found, tmp_path, briefs=True)
    counts = summary(found)
    assert (counts.rated, counts.not_applicable) == (8, 1)
    html = (tmp_path / "report.html").read_text("utf-8")
    assert "Category A" in html and 'class="verdict"' not in html
    rows = [dossiers.project(i, type="solar_pv") for i in range(201)]
    many = dossiers.portfolio(rows, [None] * 201)
    write(
        dossiers.dossier(many, dossiers.facts(many, {}), ["made_duties"]), tmp_path / "many", ["html", "xlsx", "json"]
    )
    assert len(list((tmp_path / "many" / "projects").iterdir())) == 201
    content = json.loads((tmp_path / "many" / "results.json").read_text("utf-8"))
    assert "trace" not in content["projects"][0]["items"]["made_duties"]


def test_only_lists_rate_where_there_is_nothing_else(dossiers: ModuleType) -> None:
    counts = summary(dossiers.varied(["made_duties"]))
    assert (counts.rated, counts.not_applicable) == (8, 1)


def test_results_hold_categories_and_items(written: Path) -> None:
    content = json.loads((written / "results.json").read_text("utf-8"))
    assert content["schema_version"] == "1.2"
    kinds = {one["id"]: one["outcome_kind"] for one in content["standards"]}
    assert kinds["made_scale"] == "category" and kinds["made_duties"] == "checklist"
    dam: dict[str, Any] = content["projects"][4]
    assert dam["categories"]["made_scale"]["best"] == "B" and dam["categories"]["made_scale"]["worst"] == "A"
    assert dam["items"]["made_duties"]["statuses"]["keep_clear"] == "unknown"
    assert dam["items"]["made_duties"]["settled_by"]["keep_clear"] == ["protected_areas"]
    assert {step["rule_id"] for step in dam["items"]["made_triggers"]["trace"]} >= {"t1", "t2", "t3"}


def test_tables_hold_every_item_and_run_no_formula(written: Path, varied: Dossier) -> None:
    items = pl.read_csv(written / "items.csv")
    assert len(items) == 9 * sum(len(table.items) for table in varied.items.values())
    assert items["project_id"].to_list().count("'=cmd|' /C calc'!A0") == 8 and not items["status"].has_nulls()
    flat = pl.read_csv(written / "results.csv")
    assert flat["made_scale_category"].to_list()[:2] == ["C", "UNKNOWN"]
    assert flat["made_duties_open"].to_list()[4] == 3 and flat["made_duties_unknown"].to_list()[4] == 1
    total = flat.select(pl.sum_horizontal("^made_duties_(open|unknown|done|not_asked)$")).to_series()
    assert total.to_list() == [4] * 9
    book = python_calamine.CalamineWorkbook.from_path(written / "results.xlsx")
    levels = book.get_sheet_by_name("categories").to_python()
    assert len(levels) == 10 and levels[7][levels[0].index("in_words")] == "Category A"
    counts = book.get_sheet_by_name("item counts").to_python()
    assert counts[0].count("open") == 1 and len(counts) == 1 + 3 + 4 + 1
    assert len(book.get_sheet_by_name("items").to_python()) == 1 + len(items)


def test_the_brief_says_each_kind_in_a_line(written: Path) -> None:
    paper = docx.Document(str(written / "briefs" / "p5.docx"))
    lines = [one.text for one in paper.paragraphs]
    at = lines.index("By standards of other kinds")
    assert lines[at + 1] == "Made-up scale: Unknown (at least Category B, at most Category A)"
    assert lines[at + 2] == "Made-up triggers: 1 triggered, 1 unknown, 1 not triggered (T1)"
    assert lines[at + 3] == "Made-up duties <b>: 3 open, 1 unknown"


@pytest.fixture(scope="module")
def forbidden(varied: Dossier) -> Dossier:
    """The same, with protected areas under a licence that does not allow handing facts on."""
    column = varied.facts[PROTECTED]
    renamed = replace(column, dataset="protected_areas")
    use = AllowedUse(commercial=True, redistribute=False, display=None, derived=False)
    used = DataUsed(id="protected_areas", title="Areas", version="1", sha256="0" * 64, licence="closed", attribution="",
                    use=use)  # fmt: skip
    origin = varied.provenance.model_copy(update={"layers": (used,)})
    return replace(varied, facts=varied.facts.with_columns([renamed]), provenance=origin)


def test_categories_stay_without_the_steps_that_would_tell(forbidden: Dossier, varied: Dossier) -> None:
    before, after = varied.categories["made_scale"], publishable(forbidden).categories["made_scale"]
    same = ["project_id", "category", "best", "worst", "basis"]
    assert before.table.select(same).equals(after.table.select(same))
    for i in range(len(varied)):
        assert not [use for step in after.trace(i) for use in step.facts if use.name == PROTECTED]
        assert not [one for one in after.questions(i) if PROTECTED in one.facts]
    assert before.questions(4) and not after.questions(4)
    assert "Category A" in _page(publishable(forbidden), 6) and "more rules are not shown" in _page(
        publishable(forbidden), 6
    )


def test_an_item_that_a_withheld_fact_decides_is_unknown(forbidden: Dossier, varied: Dossier) -> None:
    """Whether the fact was known or not: its status is the fact in other words."""
    found = publishable(forbidden)
    assert varied.items["made_triggers"].table["t2"][6] == "triggered"
    for name, item in (("made_triggers", "t2"), ("made_duties", "keep_clear"), ("made_targets", "area_kept")):
        statuses = found.items[name].table.filter(pl.Series(varied.items[name].table["applies"]))[item]
        assert set(statuses) == {"unknown"}
        others = [rule.id for rule in found.items[name].items if rule.id != item]
        assert found.items[name].table.select(others).equals(varied.items[name].table.select(others))
    view = Reading(found).lists["made_triggers"].view(6)
    biodiversity = next(one for one in view.items if one.text.id == "t2")
    assert [one.en for one in biodiversity.needs] == ["Overlaps protected areas (withheld: licence)"]
    assert biodiversity.facts == [] and "Overlaps protected areas (withheld: licence)" in _page(found, 6)


def test_withheld_facts_are_the_same_in_every_file_whatever_they_were(forbidden: Dossier, tmp_path: Path) -> None:
    """What is written of lists does not change with the facts that are withheld."""
    column = forbidden.facts[PROTECTED]
    turned = replace(column, values=pl.Series([True, False, None] * 3, dtype=pl.Boolean))
    other = replace(forbidden, facts=forbidden.facts.with_columns([turned]))
    texts = []
    for name, dossier in (("one", forbidden), ("other", other)):
        write(dossier, tmp_path / name, ["csv"])
        texts.append((tmp_path / name / "items.csv").read_text("utf-8-sig"))
    assert texts[0] == texts[1] and "withheld" not in texts[0]
    assert np.array_equal(*(publishable(one).items["made_duties"].done for one in (forbidden, other)))
