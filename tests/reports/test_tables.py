"""Tables for other programs: complete, typed, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import json
import zipfile
from functools import partial
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest
import python_calamine
import shapely
from hypothesis import given
from hypothesis import strategies as st

from greensilk.appraisal import Dossier
from greensilk.reports import tables, write
from greensilk.reports.cells import safe_cell, safe_frame
from greensilk.reports.project_view import Reading
from greensilk.reports.results import flat
from greensilk.reports.tables import overview

DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")


@given(st.text(max_size=12))
def test_no_text_starts_a_formula(value: str) -> None:
    assert not safe_cell(value).startswith(DANGEROUS)
    assert safe_cell(value).endswith(value)
    assert safe_frame(pl.DataFrame({"a": [value]}))["a"][0] == safe_cell(value)


def test_the_csv_has_every_project_and_no_formula(written: Path, varied: Dossier) -> None:
    raw = (written / "results.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines(keepends=True)))
    assert [row["row"] for row in rows] == [str(k) for k in range(1, 10)]
    texts = {name for name, kind in flat(Reading(varied)).schema.items() if kind == pl.String}
    assert not [(name, row[name]) for row in rows for name in texts if row[name].startswith(DANGEROUS)]
    assert rows[7]["id"] == "'=cmd|' /C calc'!A0"
    assert rows[1]["gdg_2020_counted"] == "GREEN_BY_TYPE" and rows[1]["gdg_2020_light"] == "GREEN"
    assert rows[5]["lon"] == "" and rows[0]["lon"] == "39.65"


def test_rejected_rows_come_back(written: Path) -> None:
    rows = list(csv.DictReader((written / "rejects.csv").read_text("utf-8-sig").splitlines()))
    assert [(row["row"], row["value"]) for row in rows] == [("10", "'=1+1"), ("11", "'=1+1")]


def test_the_geojson_is_whole(written: Path, varied: Dossier) -> None:
    collection = json.loads((written / "results.geojson").read_text("utf-8"))
    assert len(collection["features"]) == len(varied)
    for feature, geometry in zip(collection["features"], varied.portfolio.geometry, strict=True):
        assert set(feature) == {"type", "id", "geometry", "properties"}
        found = feature["geometry"]
        assert (found is None) == (geometry is None)
        assert geometry is None or shapely.from_geojson(json.dumps(found)).equals_exact(geometry, 1e-9)
    assert "attributions" in collection["greensilk"]


def test_the_workbook_holds_texts_as_texts(written: Path) -> None:
    book = python_calamine.CalamineWorkbook.from_path(written / "results.xlsx")
    assert book.sheet_names == [
        "overview",
        "results",
        "open questions",
        "categories",
        "item counts",
        "items",
        "facts",
        "rejected rows",
        "sources",
    ]
    results = book.get_sheet_by_name("results").to_python()
    assert len(results) == 10 and results[8][results[0].index("id")] == "'=cmd|' /C calc'!A0"
    facts = book.get_sheet_by_name("facts").to_python()
    assert len(facts) > 500
    with zipfile.ZipFile(written / "results.xlsx") as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
        assert not any(b"<f>" in sheet or b"<f " in sheet or b"hyperlink" in sheet for sheet in sheets)


def test_the_workbook_opens_with_the_verdicts_in_words(varied: Dossier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENSILK_LANG", "zh")
    table = overview(Reading(varied))
    assert table.columns[:4] == ["编号", "项目", "国家（地区）", "类型"]
    assert len(table) == len(varied)
    verdict = table["《“一带一路”项目绿色发展指南》：交通灯分类"][1]
    assert "绿" in verdict and "场址未核查" in verdict
    assert not table.select(pl.all().str.contains("GREEN|RED|NOT_APPLICABLE|type_only").any()).transpose()[:, 0].any()


def test_facts_are_never_rounded_and_unknown_is_null(written: Path, varied: Dossier) -> None:
    facts = pl.read_parquet(written / "facts.parquet")
    assert len(facts) == len(varied) * len(varied.facts.columns)
    port = facts.filter((pl.col("fact") == "distance_port") & (pl.col("project_id") == "p1"))
    assert port["number"][0] == 402_310.0
    unknown = facts.filter(~pl.col("known"))
    assert unknown["number"].is_null().all() and unknown["text"].is_null().all()
    assert unknown["reason"].is_not_null().all()


def test_the_flat_table_is_the_verdict_table(dossiers: ModuleType, varied: Dossier) -> None:
    table = flat(Reading(varied))
    for name, verdicts in varied.verdicts.items():
        for part in ("light", "counted", "basis", "best", "worst", "conditional_light"):
            assert table[f"{name}_{part}"].to_list() == verdicts.table[part].to_list()


def test_rows_that_a_sheet_cannot_hold_go_on_in_the_next(
    varied: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "parted", partial(tables.parted, most=2))
    write(varied, tmp_path, formats=["xlsx"])
    book = python_calamine.CalamineWorkbook.from_path(tmp_path / "results.xlsx")
    results = [name for name in book.sheet_names if name.startswith("results")]
    rows = [len(book.get_sheet_by_name(name).to_python()) - 1 for name in results]
    assert sum(rows) == len(varied) and max(rows) == 2 and len(results) > 1
