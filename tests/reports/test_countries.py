"""The report on countries: no rank alone, every number with its source, text stays text, two languages."""

from __future__ import annotations

import builtins
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from greensilk.appraisal.countries import Evaluation, evaluate
from greensilk.errors import UsageError
from greensilk.indices.definition import AggregateMethod, ImputeMethod, NormaliseMethod, Transform, WeighMethod
from greensilk.records import Label
from greensilk.reports import pdf
from greensilk.reports.bilingual import same
from greensilk.reports.choropleth import CLASSES, MapFrame, Shaded, choropleth, class_edges, class_of
from greensilk.reports.countries import write_countries
from greensilk.reports.country_outlines import outlines
from greensilk.reports.country_page import country_page
from greensilk.reports.country_profiles import amount
from greensilk.reports.country_tables import country_tables
from greensilk.reports.country_view import CountryPage
from greensilk.reports.interval_chart import Ranked, interval_bar, ticks
from greensilk.reports.pages import map_foot
from greensilk.texts import room_texts

FEW = ("LAO", "VNM", "IRQ", "MDV", "TWN", "ATA")
OTHERS = ("KHM", "THA", "CHN", "FJI", "DEU")
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluate("eco_environment", FEW, replications=40)


@pytest.fixture(scope="module")
def page(evaluation: Evaluation) -> CountryPage:
    return country_page(evaluation, map_foot(None), lambda share: None)


@pytest.fixture(scope="module")
def html(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("countries")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GREENSILK_LANG", "en")
        written = write_countries(evaluation, folder)
    assert [path.name for path in written] == ["countries.html", "provenance.json"]
    return written[0].read_text("utf-8")


def trimmed(evaluation: Evaluation) -> Evaluation:
    """The same with few profiles, so that a page is quickly set."""
    kept = {*FEW, *OTHERS}
    return replace(
        evaluation,
        profiles={code: found for code, found in evaluation.profiles.items() if code in kept},
        not_ranked={code: why for code, why in evaluation.not_ranked.items() if code in kept},
    )


def words(html: str, lang: str) -> str:
    """What a reader of one language reads."""
    other = "zh" if lang == "en" else "en"
    without = re.sub(r"<(style|script)\b.*?</\1>", "", html, flags=re.DOTALL)
    without = re.sub(rf'<(span|text|g)\b[^>]*lang="{other}"[^>]*>.*?</\1>', "", without, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<title>.*?</title>|<desc>.*?</desc>", "", without)))


def test_no_rank_is_printed_without_its_interval(html: str) -> None:
    english, chinese = words(html, "en"), words(html, "zh")
    bare = re.findall(r"[Rr]ank \d+\b(?! \(\d+–\d+\))", english.replace("rank 12 by the definition", ""))
    assert bare == [] and len(re.findall(r"[Rr]ank \d+ \(\d+–\d+\)", english)) >= 4 * 5
    told = re.sub(r"表示：.*?之间。|横线为.*?百分位。", "", chinese)
    assert re.findall(r"第 \d+\b(?!（\d+–\d+）)", told) == []
    assert len(re.findall(r"第 \d+（\d+–\d+） ?名", told)) >= 4 * 5


def test_a_rank_cannot_be_made_without_bounds() -> None:
    with pytest.raises(ValueError, match="no rank"):
        Ranked(nominal=3, low=5, high=4, of=10)
    with pytest.raises(ValueError, match="no rank"):
        Ranked(nominal=11, low=1, high=2, of=10)
    assert Ranked(3, 1, 4, 10).words == ("3 (1–4)", "3（1–4）")


def test_every_value_is_in_the_annex_with_its_year_and_a_source(evaluation: Evaluation, page: CountryPage) -> None:
    assert {one.code for one in page.profiles} == set(FEW) & set(evaluation.profiles)
    for one in page.profiles:
        rows = {row.label.en: row for row in evaluation.profiles[one.code].rows}
        annex = {line.label.en: line for line in one.values}
        assert rows.keys() <= annex.keys()
        for label, row in rows.items():
            line = annex[label]
            if row.value is None:
                assert line.value is None
                continue
            assert line.value is not None and line.value.en == amount(row.value, row.unit)
            assert line.year.en == (str(row.year) if row.year is not None else "undated")
            assert line.sources and all(1 <= number <= len(page.sources) for number in line.sources)
        shown = {line.value.en for line in annex.values() if line.value}
        assert {line.value.en for line in (*one.strengths, *one.weaknesses) if line.value} <= shown
        for card in (*one.challenges, *one.opportunities):
            for evidence in card.evidence:
                value = re.match(r".*?: (.*?)(?:, \d{4})?(?: \[\d+\])+; ", evidence.en)
                assert value and value.group(1) in shown, evidence.en


def test_a_trend_is_drawn_from_the_values_it_is_of(evaluation: Evaluation) -> None:
    found = evaluation.profiles["LAO"]
    row = replace(found.rows[0], indicator="population", dataset="population", trend_per_year=-1234.6, unit="people")
    changed = replace(trimmed(evaluation), asked=("LAO",), profiles={"LAO": replace(found, rows=(row,))})
    (trend,) = country_page(changed, map_foot(None), lambda share: None).profiles[0].trends
    drawn = re.search(r'd="M([^"]+)" fill="none"', trend.picture)
    own = evaluation.values.frame.filter(indicator="population", iso_a3="LAO", flag="")
    stated = [
        year for year, note in own.select("year", "note").iter_rows() if not (note or "").startswith("projection")
    ]
    years = [year for year in stated if year > max(stated) - 20]
    assert drawn and drawn.group(1).count("L") + 1 == len(years) > 2
    assert trend.words.en == f"−1\u202f235 people a year (median slope, {years[0]}–{years[-1]})"


def test_what_is_owed_and_where_it_comes_from_is_on_the_page(evaluation: Evaluation, html: str) -> None:
    english = words(html, "en")
    for one in evaluation.provenance.bundle:
        assert one.attribution in english and one.licence in english
    assert evaluation.provenance.run_id in english


def test_who_is_not_ranked_is_shown_with_the_reason_and_hatched(evaluation: Evaluation, html: str) -> None:
    code, why = next((code, why) for code, why in evaluation.not_ranked.items() if code == "ATA")
    assert code in evaluation.profiles and why.en in words(html, "en")
    lone = next(
        code for code in evaluation.not_ranked if outlines("en", 720).get(code) and outlines("en", 720)[code].path
    )
    drawn = re.search(rf'<path d="{re.escape(outlines("en", 720)[lone].path)}" fill="([^"]+)"', html)
    assert drawn and drawn.group(1) == "url(#map-eco_environment-0)"


def test_each_language_sees_its_own_view_of_the_world() -> None:
    assert "TWN" in outlines("en", 480) and "TWN" not in outlines("zh", 480)
    shaded = {code: Shaded(1, same(code)) for code in ("CHN", "IND", "TWN", "KEN")}
    drawn = str(choropleth(shaded, MapFrame("m", 480, map_foot(None), (same("t"), same("d")))))
    english, chinese = (re.findall(rf'<g lang="{lang}">(.*?)</g>', drawn) for lang in ("en", "zh"))
    assert "<title>TWN</title>" in "".join(english) and "<title>TWN</title>" not in "".join(chinese)
    assert "<title>CHN</title>" in "".join(chinese) and drawn.count("<title>KEN</title>") == 1
    assert (
        "Borders: view of China" not in drawn
        and "底图：中国视图。" in drawn
        and "Internal, not for publication" in drawn
    )


def test_an_approval_number_takes_the_place_of_the_stamp(evaluation: Evaluation) -> None:
    page = country_page(trimmed(evaluation), map_foot("GS(2026)0001"), lambda share: None)
    assert all("GS(2026)0001" in one.picture and "not for publication" not in one.picture for one in page.maps)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60))
def test_classes_are_few_in_order_and_cover_every_value(values: list[float]) -> None:
    edges = class_edges(values)
    assert list(edges) == sorted(set(edges)) and len(edges) < CLASSES
    classes = [class_of(value, edges) for value in sorted(values)]
    assert classes == sorted(classes) and classes[0] >= 1 and classes[-1] <= len(edges) + 1
    assert set(classes) == set(range(1, len(edges) + 2))  # no class of the legend is empty


def test_the_line_of_an_interval_runs_from_bound_to_bound() -> None:
    drawn = str(interval_bar(Ranked(1, 1, 101, 201)))
    assert '<path d="M7.0 8.0H110.0"' in drawn and '<circle cx="7.0"' in drawn
    assert "NaN" not in str(interval_bar(Ranked(1, 1, 1, 1))) and ticks(186) == [1, 50, 100, 150, 186]


HOSTILE = '<img src=x onerror="alert(1)">&{{7*7}}'


def hostile(evaluation: Evaluation) -> Evaluation:
    found = evaluation.profiles["LAO"]
    rows = tuple(replace(row, source=HOSTILE, note='=HYPERLINK("http://x")') for row in found.rows)
    changed = replace(found, name=Label(en=HOSTILE, zh=HOSTILE), rows=rows)
    unit = replace(found.rows[0], unit="<b>", label=Label(en="=1+1", zh="=1+1"))
    other = replace(evaluation.profiles["VNM"], rows=(unit, *evaluation.profiles["VNM"].rows[1:]))
    small = trimmed(evaluation)
    return replace(small, profiles={**small.profiles, "LAO": changed, "VNM": other})


def test_hostile_names_stay_text(evaluation: Evaluation, tmp_path: Path) -> None:
    page, book, _ = write_countries(hostile(evaluation), tmp_path, ["html", "xlsx"])
    made = page.read_text("utf-8")
    assert "<img" not in made and "&lt;img src=x" in made and "{{7*7}}" in made and " <b>" not in made
    with zipfile.ZipFile(book) as files:
        sheets = [name for name in files.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == 5 and not any(b"<f>" in files.read(name) for name in sheets)
        assert (
            b">=1+1<" not in files.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in files.namelist() else True
        )
        assert not any(b">=HYPERLINK" in files.read(name) or b">=1+1<" in files.read(name) for name in sheets)


def test_the_same_evaluation_gives_the_same_bytes(evaluation: Evaluation, html: str, tmp_path: Path,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("GREENSILK_LANG", "en")
    again = write_countries(evaluation, tmp_path)[0].read_text("utf-8")
    assert again == html


def test_both_languages_are_complete(html: str) -> None:
    opened = {lang: len(re.findall(rf'<span lang="{lang}">', html)) for lang in ("en", "zh")}
    assert opened["en"] == opened["zh"] > 500
    for spoken in re.findall(r'<span lang="en">(.*?)</span>', html):
        assert not HAN.search(spoken), spoken
    plain = [spoken for spoken in re.findall(r'<span lang="zh">(.*?)</span>', html) if not HAN.search(spoken)]
    assert [spoken for spoken in plain if not re.fullmatch(r"[\d\s.,–%（）−+：。；]*", spoken)] == []
    assert re.search(r"\{[a-z_]+\}", words(html, "en") + words(html, "zh")) is None


def test_every_key_made_from_data_has_a_text() -> None:
    ours, theirs = room_texts("country_report"), room_texts("indices")
    comparisons = ["above", "below", "quarter", *(f"{one}_median_{scope}" for one in ("above", "below")
                                                  for scope in ("all", "region"))]  # fmt: skip
    assert {f"against_{one}" for one in comparisons} <= ours.keys()
    assert {f"choice_{one}" for one in ("impute", "treat", "normalise", "aggregate")} <= ours.keys()
    assert {f"sheet_{one}" for one in ("ranking", "scores", "values", "findings", "sources")} <= ours.keys()
    kinds: dict[str, Any] = {"impute": ImputeMethod, "normalise": NormaliseMethod, "weigh": WeighMethod,
                             "aggregate": AggregateMethod, "transform": Transform}  # fmt: skip
    assert {f"{kind}_{name}" for kind, names in kinds.items() for name in get_args(names)} <= theirs.keys()


def test_tables_hold_every_country_and_no_bare_rank(evaluation: Evaluation) -> None:
    tables = country_tables(evaluation, "zh")
    assert len(tables["ranking"]) == len(evaluation.profiles)
    for name in ("ranking", "scores"):
        ranked = tables[name].filter(pl.col("rank").is_not_null())
        assert len(ranked) > 100 and ranked.select("rank_low", "rank_high").null_count().sum_horizontal().item() == 0
    assert "rank" not in tables["values"].columns
    known = tables["values"].filter(pl.col("value").is_not_null())
    assert known["source"].null_count() == 0 and len(known) > 5000


@pytest.fixture
def without_weasyprint(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Exception]]:
    """Its import fails with what the list holds."""
    failures: list[Exception] = []
    importing = builtins.__import__

    def failing(name: str, *rest: Any, **named: Any) -> Any:
        if name == "weasyprint" and failures:
            raise failures[0]
        return importing(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", failing)
    yield failures


def test_what_a_pdf_lacks_is_named(
    evaluation: Evaluation, without_weasyprint: list[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_weasyprint.append(ImportError("weasyprint"))
    with pytest.raises(UsageError, match=r"greensilk\[pdf\]"):
        write_countries(evaluation, tmp_path, ["html", "pdf"])
    without_weasyprint[0] = OSError("cannot load library 'libpango-1.0-0': error 0x7e")
    with pytest.raises(UsageError, match=r"library libpango-1\.0-0.*apt install libpango-1\.0-0 libpangoft2-1\.0-0"):
        write_countries(evaluation, tmp_path, ["pdf"])
    without_weasyprint.clear()
    pytest.importorskip("weasyprint")
    monkeypatch.setattr(pdf, "has_chinese_font", lambda: False)
    monkeypatch.setenv("GREENSILK_LANG", "zh")
    with pytest.raises(UsageError) as missing:
        write_countries(evaluation, tmp_path, ["pdf"])
    assert "fonts-wqy-microhei" in missing.value.message("zh") and list(tmp_path.iterdir()) == []
    monkeypatch.setenv("GREENSILK_LANG", "en")
    pdf.require_pdf("en")  # needs no such font


def test_a_pdf_is_the_same_twice(evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        pdf.require_pdf("zh")
    except UsageError as missing:
        pytest.skip(str(missing))
    monkeypatch.setenv("GREENSILK_LANG", "zh")
    small = replace(trimmed(evaluation), asked=("LAO",))
    first, second = (write_countries(small, tmp_path / name, ["pdf"])[0].read_bytes() for name in ("a", "b"))
    assert first == second and first.startswith(b"%PDF-") and len(first) > 50_000


def test_a_page_for_paper_keeps_what_follows_what_is_taken_out() -> None:
    from xml.etree import ElementTree

    root = ElementTree.fromstring('<p>a<b lang="en">x</b>b<i lang="zh">y</i>c<script>z</script>d</p>')  # noqa: S314 - our own
    pdf.keep_language(root, "zh")
    assert "".join(root.itertext()) == "abycd"


def test_an_unknown_format_is_refused(evaluation: Evaluation, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="docx"):
        write_countries(evaluation, tmp_path, ["docx"])


def test_the_command_writes_where_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from greensilk.cli import report

    monkeypatch.setenv("GREENSILK_LANG", "en")
    asked = ["countries", "--countries", "LAO,Vietnam", "--format", "xlsx", "--out", str(tmp_path)]
    result = CliRunner().invoke(report.build(), asked)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["countries.xlsx", "provenance.json"]
    refused = CliRunner().invoke(report.build(), ["countries", "--format", "docx"])
    assert isinstance(refused.exception, UsageError)
