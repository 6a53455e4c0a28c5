"""What a layer's licence forbids stays out of reports and exports; what is owed and limited is said in all of them."""

from __future__ import annotations

import csv
import datetime as dt
import json
import pickle
import re
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import python_calamine
import shapely

from greensilk.appraisal import Dossier, appraise
from greensilk.appraisal.provenance import DataUsed
from greensilk.catalogue import import_layer, installed_layers
from greensilk.catalogue.data_info import AllowedUse
from greensilk.catalogue.licences import FREE, limits, use_of_shipped
from greensilk.catalogue.shelves import LAYERS
from greensilk.facts import Origin
from greensilk.geometry.features import FeatureSet
from greensilk.records import Support
from greensilk.reports import write
from greensilk.reports.briefs import _owed
from greensilk.reports.cells import _STARTS
from greensilk.reports.ground import AreaLayer, ground, sheet_of
from greensilk.reports.licences import (
    PublishableVerdicts,
    data_terms,
    not_drawn,
    publishable,
    unnamed,
    withheld_steps,
)
from greensilk.reports.map_layers import sensitive_areas
from greensilk.reports.pages import Pages
from greensilk.reports.plane import LocalView
from greensilk.reports.project_view import Reading
from greensilk.rules import judge, standard
from greensilk.screening.portfolio import read_portfolio

SECRET = "attribute-of-the-row"
HIDDEN, SHOWN, UNSAID = "Silver Ridge Reserve", "Heron Marsh", "Old Walls"
HOSTILE = ('=HYPERLINK("http://x","y")', "@SUM(A1:A9)", "+cmd|' /C calc'!A0", "<img src=x onerror=alert(1)>")
RED = AllowedUse(commercial=False, redistribute=False, display=False, derived=False)
SITES = """id,name,type,country,lat,lon,accuracy_m
a1,Vang solar park,solar_pv,LAO,18.02,102.68,50
a2,Hill solar park,solar_pv,LAO,18.32,102.08,50
a3,Athi substation,transmission_line,KEN,-1.31,36.82,50
a4,Lake wind farm,wind_onshore,KEN,2.5,36.8,50
a5,Cape solar park,solar_pv,ZAF,-33.2,20.1,50
"""


@dataclass(frozen=True)
class Run:
    dossier: Dossier
    folder: Path
    shapes: dict[str, list[shapely.Geometry]]

    def text(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8-sig")

    def sheet(self, title: str) -> list[list[Any]]:
        book = python_calamine.CalamineWorkbook.from_path(str(self.folder / "results.xlsx"))
        return book.get_sheet_by_name(title).to_python()


def _layer(folder: Path, name: str, shapes: dict[str, shapely.Geometry], use: AllowedUse, **terms: Any) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"name": one, "secret": SECRET},
            "geometry": json.loads(shapely.to_geojson(g)),
        }
        for one, g in shapes.items()
    ]
    path = folder / f"{name}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    import_layer(name, path, version="2026-11", coverage="complete", use_commercial=use.commercial,
                 redistribute=use.redistribute, display=use.display, derived=use.derived, **terms)  # fmt: skip
    assert installed_layers()[name].use == use


def _disc(lon: float, lat: float, radius: float) -> shapely.Geometry:
    return shapely.Point(lon, lat).buffer(radius, quad_segs=12)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A report of five places with a layer whose licence forbids everything, one not to be handed on, one unsaid."""
    folder = tmp_path_factory.mktemp("licences")
    shapes = {
        "protected_areas": {HIDDEN: _disc(102.7123457, 18.0123457, 0.1), HOSTILE[0]: _disc(36.81, -1.3, 0.05)},
        "ramsar": {SHOWN: _disc(102.5123457, 18.1123457, 0.12), HOSTILE[1]: _disc(36.91, -1.1, 0.1),
                   HOSTILE[2]: _disc(36.8, 2.5, 0.08), HOSTILE[3]: _disc(20.1, -33.2, 0.08)},
        "world_heritage": {UNSAID: _disc(102.4123457, 17.9123457, 0.03)},
    }  # fmt: skip
    unsaid = AllowedUse(commercial=None, redistribute=None)
    kept = AllowedUse(commercial=True, redistribute=False, display=None, derived=True)
    with pytest.MonkeyPatch.context() as patch:
        for key, value in (("DATA_DIR", str(folder / "data")), ("USE", "non_commercial"), ("LANG", "en")):
            patch.setenv(f"GREENSILK_{key}", value)
        _layer(folder, "protected_areas", shapes["protected_areas"], RED, title="World Register",
               licence="Register terms", attribution="Register 2026")  # fmt: skip
        _layer(folder, "ramsar", shapes["ramsar"], kept, title='=1+1<b>"', licence="Marsh licence",
               attribution="=cmd|' /C calc'!A0")  # fmt: skip
        _layer(folder, "world_heritage", shapes["world_heritage"], unsaid, title="Outlines", licence="not stated",
               attribution="Heritage desk")  # fmt: skip
        (folder / "sites.csv").write_text(SITES)
        dossier = appraise(read_portfolio(folder / "sites.csv"), None, dt.date(2026, 1, 1))
        write(dossier, folder / "out", briefs=True)
        patch.setenv("GREENSILK_LANG", "zh")
        write(dossier, folder / "out_zh", ["xlsx"], briefs=True)
    return Run(dossier, folder / "out", {name: list(of.values()) for name, of in shapes.items()})


def _everything(folder: Path) -> dict[str, str]:
    """All that was written, as text; sheets, briefs and tables taken apart."""
    found: dict[str, str] = {}
    for path in (one for one in folder.rglob("*") if one.is_file()):
        if path.suffix == ".parquet":
            found[path.name] = pl.read_parquet(path).write_csv() + str(pl.read_parquet_metadata(path))
        elif path.suffix in {".xlsx", ".docx"}:
            with zipfile.ZipFile(path) as book:
                found |= {f"{path.name}/{name}": book.read(name).decode("utf-8", "replace") for name in book.namelist()}
        else:
            found[path.name] = path.read_text("utf-8-sig")
    assert len(found) > 30
    return found


def test_facts_that_may_not_be_handed_on_are_nowhere(run: Run) -> None:
    table = run.dossier.facts
    assert table["overlap_protected_areas"].values.to_list()[0] is True, "there is something to withhold"
    assert table["distance_protected_areas"].features is not None
    metres = [value for value in table["distance_protected_areas"].values.to_list() if value]
    assert len(metres) >= 2
    for name, content in _everything(run.folder).items():
        assert HIDDEN not in content and "HYPERLINK" not in content, name
        assert not [value for value in metres if str(value)[:12] in content], name
    facts = pl.read_parquet(run.folder / "facts.parquet")
    withheld = facts.filter(pl.col("dataset") == "protected_areas")
    assert len(withheld) >= 5 * 6 and not withheld["known"].any()
    assert withheld["reason"].unique().to_list() == ["licence"] and withheld["feature"].null_count() == len(withheld)
    assert withheld["accuracy_m"].null_count() == len(withheld)
    assert facts.filter(pl.col("feature") == SHOWN)["known"].all()


def test_another_layer_does_not_tell_what_is_withheld(run: Run) -> None:
    """That no Ramsar site is here may have been concluded from the protected areas."""
    facts = pl.read_parquet(run.folder / "facts.parquet").filter(pl.col("fact") == "overlap_ramsar")
    by_project = dict(facts.select("project_id", "text").iter_rows())
    assert run.dossier.facts["overlap_ramsar"].values.to_list()[0] is False
    assert (by_project["a1"], by_project["a4"]) == (None, "true")


def test_the_verdicts_stay_without_the_steps_that_would_tell(run: Run) -> None:
    content = json.loads(run.text("results.json"))
    before = run.dossier.verdicts["gdg_2020"]
    for i, project in enumerate(content["projects"]):
        after = project["verdicts"]["gdg_2020"]
        for name in ("light", "basis", "best", "worst", "counted", "outcome"):
            assert after[name] == before.table[name][i]
        asked = {use["name"] for step in after["trace"] for use in step["facts"]}
        assert not {name for name in asked if name.endswith("protected_areas")}
        assert after["trace_withheld"] == len(before.trace(i)) - len(after["trace"]) > 0
    assert content["projects"][0]["verdicts"]["gdg_2020"]["light"] == "RED"


def test_flags_that_would_tell_are_left_out(run: Run) -> None:
    for name, before in run.dossier.verdicts.items():
        told = publishable(run.dossier).verdicts[name].table["flags"].to_list()
        for rule in before.hearing.rules:
            leaves = (leaf.fact or "" for condition in before.hearing.asks(rule) for leaf in condition.leaves())
            if any(fact.endswith("_protected_areas") for fact in leaves):
                assert not [row for row in told if row and rule.id in row.split(";")]


def test_questions_do_not_name_what_is_withheld(run: Run) -> None:
    """That a fact is unknown, and which light would follow from it, tells of the data too."""
    before = run.dossier.verdicts["gdg_2020"]
    asked = [list(before.questions(i)) for i in range(len(before))]
    first = next(one for questions in asked for one in questions)
    kept = PublishableVerdicts(before, first.facts)
    for i, questions in enumerate(asked):
        left = [one for one in questions if not set(one.facts) & set(first.facts)]
        told = kept.questions(i)
        assert [replace(one, rank=0) for one in told] == [replace(one, rank=0) for one in left]
        assert [one.rank for one in told] == [*range(1, len(left) + 1)]
    counts = dict(before.settling().select("settled_by", "changes_light").iter_rows())
    less = dict(kept.settling().select("settled_by", "changes_light").iter_rows())
    assert less.get(first.settled_by, 0) < counts[first.settled_by]
    assert less.keys() <= counts.keys()


@pytest.mark.parametrize(
    ("derived", "display", "drawn"),
    [(False, None, False), (False, True, True), (None, None, True), (True, None, True), (True, False, False)],
)
def test_where_facts_are_withheld_a_map_shows_data_only_if_that_is_allowed(
    varied: Dossier, derived: bool | None, display: bool | None, drawn: bool
) -> None:
    use = AllowedUse(commercial=True, redistribute=False, display=display, derived=derived)
    used = DataUsed(id="x", title="X", version="1", sha256="", licence="closed", attribution="", use=use)
    origin = varied.provenance.model_copy(update={"layers": (used,)})
    assert not_drawn(origin) == (set() if drawn else {"x"})
    assert unnamed(origin) == ({"x"} if derived is False else set())
    told = [line.en for one in data_terms(origin) for line in one.consequences]
    assert ("No map here shows it." in told) is not drawn
    assert any("may tell part of them" in line for line in told) is (derived is False)


def test_features_of_withheld_data_have_no_names_on_a_map() -> None:
    sheet = sheet_of(FeatureSet.from_geometries(np.array([_disc(102.5, 18.1, 0.12)], dtype=object), [HIDDEN]))
    view, label = LocalView(102.5, 18.0, 60_000.0, 50_000.0, 480.0, 400.0), ground().land.names[0]
    assert label is not None
    named = {of: [name[0].en for name in sensitive_areas(view, [AreaLayer("x", label, of_sheet, 0)])[2]]
             for of, of_sheet in (("as it is", sheet), ("unnamed", sheet.unnamed()))}  # fmt: skip
    assert named == {"as it is": [HIDDEN], "unnamed": []}


def test_withheld_facts_judged_again_never_become_green(run: Run) -> None:
    again = judge(publishable(run.dossier).facts, standard("gdg_2020"), run.dossier.on)
    assert not ((again.table["light"] == "GREEN") & (again.table["basis"] != "type_only")).any()


def test_nothing_is_changed_where_nothing_is_forbidden(varied: Dossier) -> None:
    assert publishable(varied) is varied


def test_a_finer_raster_is_withheld_only_where_it_answered(varied: Dossier) -> None:
    column = varied.facts["elevation"]
    finer = Origin("fine_heights", "1", Support.METRES, "cell_at_centre")
    mixed = replace(column, others=(finer,), answered_by=pl.Series([1, 0, 1, *[0] * 6], dtype=pl.UInt8))
    used = DataUsed(id="fine_heights", title="Fine heights", version="1", sha256="0" * 64, licence="closed",
                    attribution="", use=RED)  # fmt: skip
    origin = varied.provenance.model_copy(update={"layers": (used,)})
    found = publishable(replace(varied, facts=varied.facts.with_columns([mixed]), provenance=origin))
    values, reasons = found.facts["elevation"].values.to_list(), found.facts["elevation"].reasons
    assert values[:4] == [None, 812.0, None, 4.0]
    assert reasons is not None and reasons.to_list()[:2] == ["licence", None]
    assert "withheld: licence" in Pages(Reading(found), True).single(0)


def test_a_layer_that_may_not_be_shown_is_not_drawn_and_the_legend_says_so(run: Run) -> None:
    html = run.text("report.html")
    assert "Protected areas: not drawn, as the licence does not allow this data to be shown" in html
    assert "自然保护地：未绘出，数据许可不允许展示" in html
    assert [area.id for area in _areas(run)] == ["ramsar", "world_heritage"]
    first = re.search(r'<article class="project".*?</article>', html, re.DOTALL)
    assert first and first[0].count('class="zone"') >= 2  # what may be shown is
    assert f">{SHOWN}</text>" in first[0] and "No imported layer" not in first[0]
    assert "Data: =cmd|&#39; /C calc&#39;!A0; Heritage desk" in first[0], "owed where it is shown"
    last = re.findall(r'<article class="project".*?</article>', html, re.DOTALL)[3]
    assert "withheld: licence" in last and "因许可限制不予列出" in last


def _areas(run: Run) -> list[AreaLayer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GREENSILK_DATA_DIR", str(run.folder.parent / "data"))
        patch.setenv("GREENSILK_USE", "non_commercial")
        return Pages(Reading(run.dossier), True).areas


def test_no_file_holds_shapes_or_attributes_of_a_layer(run: Run) -> None:
    corners = {f"{edge:.4f}" for shapes in run.shapes.values() for shape in shapes
               for edge in shapely.get_coordinates(shape).ravel()}  # fmt: skip
    corners -= {f"{float(cell):.4f}" for row in csv.reader(SITES.splitlines()[1:]) for cell in row[4:6]}
    for name, content in _everything(run.folder).items():
        assert SECRET not in content, name
        if not name.startswith("report.html"):  # pictures have coordinates of their own
            numbers = {f"{float(number):.4f}" for number in re.findall(r"-?\d+\.\d{4,}", content)}
            assert not numbers & corners, name


def test_what_may_not_be_handed_on_is_drawn_no_finer_than_dots() -> None:
    view = LocalView(102.5, 18.0, 60_000.0, 50_000.0, 480.0, 400.0)
    shapes = np.array([_disc(102.5, 18.1, 0.12), _disc(102.8, 18.2, 0.0011)], dtype=object)
    sheet = sheet_of(FeatureSet.from_geometries(shapes))
    label = ground().land.names[0]
    assert label is not None
    drawings = {coarse: sensitive_areas(view, [AreaLayer("x", label, sheet, 0, coarse)])[0] for coarse in (True, False)}
    numbers = {coarse: re.findall(r"-?\d+\.\d", "".join(re.findall(r' d="([^"]*)"', drawing)))
               for coarse, drawing in drawings.items()}  # fmt: skip
    assert not numbers[True] and len(numbers[False]) > 20
    assert drawings[True].count("M") == 2, "what is smaller than a dot is still there"


def test_licences_decide_how_a_layer_is_drawn(run: Run) -> None:
    assert {area.id: area.coarse for area in _areas(run)} == {"ramsar": True, "world_heritage": True}


def test_attribution_licence_and_limits_are_in_every_kind_of_file(run: Run) -> None:
    html = run.text("report.html")
    for words in ("World Register", "Register terms", "Register 2026", "Heritage desk",
                  "Not allowed: commercial use, handing on the data, showing it on a map, handing on facts derived",
                  "不允许：商业使用、再分发数据、在地图上展示、对外提供由其得出的信息。",
                  "This report holds facts derived from it: check before you share it."):  # fmt: skip
        assert words in html, words
    head = json.loads(run.text("results.geojson"))["greensilk"]
    register = next(one for one in head["licences"] if one["id"] == "protected_areas")
    assert register["use"] == RED.model_dump() and register["attribution"] in head["attributions"]
    assert json.loads(pl.read_parquet_metadata(run.folder / "facts.parquet")["licences"]) == head["licences"]
    origin = json.loads(run.text("provenance.json"))
    assert origin["layers"][0]["use"] == RED.model_dump() and origin["layers"][0]["dataset"] is None
    assert origin["schema_version"] == "1.2"
    assert all(one["use"]["redistribute"] is True for one in origin["bundle"])
    sources = run.sheet("sources")
    at = sources[0].index("limits")
    assert next(row[at] for row in sources if row[0] == "protected_areas").startswith("Not allowed: commercial use")
    with zipfile.ZipFile(run.folder / "briefs" / "a1.docx") as brief:
        paper = brief.read("word/document.xml").decode()
    assert "Data: Register 2026" in paper and "World Register (licence: Register terms). Not allowed" in paper
    with zipfile.ZipFile(run.folder.parent / "out_zh" / "briefs" / "a1.docx") as brief:
        assert "World Register（许可：Register terms）。不允许：商业使用" in brief.read("word/document.xml").decode()


def test_no_name_from_a_layer_is_run_or_becomes_markup(run: Run) -> None:
    content = json.loads(run.text("results.geojson"))
    assert content["greensilk"]["attributions"][1] == "=cmd|' /C calc'!A0"  # JSON runs nothing
    facts = pl.read_parquet(run.folder / "facts.parquet")["feature"].drop_nulls().to_list()
    assert set(HOSTILE[1:]) <= set(facts), "the names reach the facts"
    for title in ("facts", "sources", "overview", "results"):
        cells = [cell for row in run.sheet(title) for cell in row if isinstance(cell, str) and cell]
        assert not [cell for cell in cells if cell[0] in _STARTS], title
    assert {f"'{name}" for name in HOSTILE[1:3]} <= {cell for row in run.sheet("facts") for cell in row}
    sources = {cell for row in run.sheet("sources") for cell in row}
    assert "'=cmd|' /C calc'!A0" in sources and "'=1+1<b>\"" in sources
    with zipfile.ZipFile(run.folder / "results.xlsx") as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets" in name]
    assert len(sheets) >= 5 and not [sheet for sheet in sheets if "<f>" in sheet or "<hyperlink" in sheet]
    for path in run.folder.glob("*.csv"):
        rows = csv.reader(path.read_text("utf-8-sig").splitlines())
        assert not [cell for row in rows for cell in row if cell[:1] in {"=", "+", "@"}], path.name
    html = run.text("report.html")
    assert "<img" not in html and "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "<b>" not in html and "=1+1&lt;b&gt;" in html


def test_a_brief_stays_one_page_however_many_licences_limit(varied: Dossier) -> None:
    closed = [DataUsed(id=f"x{k}", title=f"Set {k}", version="1", sha256="", licence="closed", attribution="©", use=RED)
              for k in range(7)]  # fmt: skip
    origin = varied.provenance.model_copy(update={"layers": tuple(closed)})
    lines = _owed(Reading(replace(varied, provenance=origin)), "en")
    assert lines[0] == "Data: ©" and len(lines) == 1 + 3 + 1
    assert lines[-1] == "Licence limits of 4 more data sets: see report.html."


def test_limits_are_said_by_flag() -> None:
    free = AllowedUse(commercial=True, redistribute=True, display=True, derived=True)
    assert limits(free) == []
    assert [line.zh for line in limits(AllowedUse(commercial=True, redistribute=False, display=True))] == [
        "不允许：再分发数据。", "未说明：对外提供由其得出的信息。"]  # fmt: skip
    assert {use_of_shipped(name) for name in FREE} == {free}
    assert use_of_shipped("CC-BY-NC-4.0").commercial is None


def test_all_that_is_shipped_is_free_and_titled_in_both_languages(varied: Dossier) -> None:
    terms = data_terms(varied.provenance)
    assert len(terms) > 10 and [one.title for one in terms if one.limits] == []
    assert "机场" in {one.title.zh for one in terms}


def test_verdicts_that_withhold_cross_to_another_process(run: Run) -> None:
    """Large reports are written by several."""
    verdicts = publishable(run.dossier).verdicts["gdg_2020"]
    there = pickle.loads(pickle.dumps(verdicts))  # noqa: S301 - made here
    assert there.trace(0) == verdicts.trace(0) and withheld_steps(there, 0) == withheld_steps(verdicts, 0) > 0
    assert there.table.equals(verdicts.table)


def test_the_shelf_is_where_the_terms_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    _layer(tmp_path, "ramsar", {SHOWN: _disc(1.0, 1.0, 0.1)}, RED, title="x", licence="y")
    folder = LAYERS.current("ramsar")
    assert folder and json.loads((folder / "info.json").read_text())["use"]["derived"] is False
