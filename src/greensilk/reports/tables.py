"""Tables for other programs: CSV, GeoJSON, Parquet and a spreadsheet. No cell can be run as a formula."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import shapely

from greensilk.reports import kinds_data
from greensilk.reports.bilingual import said
from greensilk.reports.cells import safe_cell, safe_frame
from greensilk.reports.licences import attributions, data_terms, imported, licence_rows
from greensilk.reports.portfolio_view import table_rows
from greensilk.reports.project_view import Reading
from greensilk.reports.results import MOST_TRACES, SCHEMA_VERSION
from greensilk.reports.verdict_view import headline
from greensilk.texts import user_language

MAX_CELL = 32_000  # a sheet cell holds 32,767 characters
OF_KINDS = ("categories", "item_counts", "items")  # sheets whose title stands in another room of texts
ROWS_IN_GROUP = 100_000  # of facts.parquet; said, so that the same facts give the same bytes
MOST_SHEET_ROWS = 1_048_575  # below the heading; a line more is dropped in silence by what writes the sheet


def csv_bytes(table: pl.DataFrame) -> bytes:
    """A table as CSV that spreadsheets open with the right encoding."""
    return safe_frame(table).write_csv(include_bom=True).encode("utf-8")


def geojson(reading: Reading, table: pl.DataFrame) -> str:
    """Every project with its geometry and its flat results; a project without location has a null geometry."""
    shapes = shapely.to_geojson(reading.dossier.portfolio.geometry)
    features = [
        f'{{"type":"Feature","id":{_json(row["id"])},"geometry":{shape or "null"},"properties":{_json(row)}}}'
        for row, shape in zip(table.iter_rows(named=True), shapes, strict=True)
    ]
    head = {
        "run_id": reading.dossier.provenance.run_id,
        "schema_version": SCHEMA_VERSION,
        "attributions": attributions(reading.dossier.provenance),
        "licences": licence_rows(reading.dossier.provenance),
        "notice": " / ".join(said("reports.stamp")),
    }
    return (
        '{"type":"FeatureCollection","greensilk":' + _json(head) + ',"features":[\n' + ",\n".join(features) + "\n]}\n"
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def write_facts(reading: Reading, path: Path) -> None:
    """Every fact of every project, one a row, as definitions/schemas/facts.json promises it."""
    table = reading.dossier.facts.long_lazily()
    origin = reading.dossier.provenance
    marks = {"greensilk_schema": "facts", "schema_version": SCHEMA_VERSION, "run_id": origin.run_id,
             "licences": _json(licence_rows(origin))}  # fmt: skip
    table.sink_parquet(path, compression="zstd", metadata=marks, row_group_size=ROWS_IN_GROUP)


def write_workbook(reading: Reading, table: pl.DataFrame, path: Path) -> None:
    """A spreadsheet: overview in words, results, open questions, categories, items, rejected rows, sources.

    Facts and the items of every project stand in it where projects are few; else in facts.parquet and items.csv.
    """
    lang = user_language()
    sheets = {"overview": overview(reading), "results": table, "open_questions": questions(reading)}
    if reading.categories:
        sheets["categories"] = kinds_data.categories(reading, lang)
    if reading.lists:
        sheets["item_counts"] = kinds_data.item_counts(reading, lang)
    if len(reading) <= MOST_TRACES:
        if reading.lists:
            sheets["items"] = kinds_data.items(reading)
        sheets["facts"] = reading.dossier.facts.long()
    sheets |= {"rejects": reading.dossier.portfolio.rejects, "sources": _sources(reading)}
    titled = {
        said(f"{'kinds' if name in OF_KINDS else 'reports'}.sheet_{name}").within(lang): content
        for name, content in sheets.items()
    }
    write_book(titled, f"run {reading.dossier.provenance.run_id}", path)


def write_book(sheets: dict[str, pl.DataFrame], comments: str, path: Path) -> None:
    """A spreadsheet with a table on each sheet, by its title; comments: what its properties say of it."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "nan_inf_to_errors": True}  # fmt: skip
    with xlsxwriter.Workbook(path, options) as book:
        # The same run gives the same file, but for the time within it.
        book.set_properties({"title": "greensilk", "comments": comments})
        bold = book.add_format({"bold": True, "bg_color": "#EEF1F4", "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for title, content in sheets.items():
            for number, rows in enumerate(parted(content), start=1):
                _write_sheet(book, title if number == 1 else f"{title} {number}", rows, (bold, day))


def parted(table: pl.DataFrame, most: int = MOST_SHEET_ROWS) -> list[pl.DataFrame]:
    """A table in parts that a sheet can hold: what stands below its last line would be lost without a word.

    >>> [len(part) for part in parted(pl.DataFrame({"a": range(5)}), most=2)], len(parted(pl.DataFrame({"a": []})))
    ([2, 2, 1], 1)
    """
    return list(table.iter_slices(most)) or [table]


def _write_sheet(book: Any, name: str, table: pl.DataFrame, formats: tuple[Any, Any]) -> None:
    sheet = book.add_worksheet(name[:31])
    sheet.freeze_panes(1, 0)
    for column, (title, kind) in enumerate(table.schema.items()):
        sheet.set_column(column, column, 14 if kind != pl.String else 22)
        sheet.write_string(0, column, title, formats[0])
    for line, row in enumerate(table.iter_rows(), start=1):
        for column, value in enumerate(row):
            _write_cell(sheet, line, column, (value, formats[1]))
    if len(table):
        sheet.autofilter(0, 0, len(table), len(table.columns) - 1)


def _write_cell(sheet: Any, line: int, column: int, content: tuple[Any, Any]) -> None:
    value, day = content
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(line, column, value)
    elif isinstance(value, dt.date):
        sheet.write_datetime(line, column, value, day)
    else:
        sheet.write_string(line, column, safe_cell(str(value))[:MAX_CELL])


def overview(reading: Reading) -> pl.DataFrame:
    """One row a project, in the words of the user's language: what to paste into a paper."""
    lang = user_language()
    standards = [sheet.standard.label.within(lang) for sheet in reading.verdicts.values()]
    heads = [said(f"reports.head_{name}").within(lang) for name in ("id", "name", "country", "type")]
    lines = [
        [identity, row.name.within(lang), row.country.within(lang), row.type.within(lang),
         *(headline(kind).within(lang) for kind in row.marks), row.open.within(lang)]
        for identity, row in zip(reading.columns["id"], table_rows(reading, split=False), strict=True)
    ]  # fmt: skip
    names = [*heads, *standards, said("reports.head_open").within(lang)]
    return pl.DataFrame(lines, dict.fromkeys(names, pl.String), orient="row")


def questions(reading: Reading) -> pl.DataFrame:
    """Every open question of every project, one a row."""
    rows = [
        [reading.columns["id"][i], name, one.rank, one.kind, one.settled_by, "; ".join(one.facts), one.if_true,
         one.if_false, one.changes_light, one.changes_basis]
        for name, sheet in reading.scales.items()
        for i in range(len(reading))
        for one in sheet.table.questions(i)
    ]  # fmt: skip
    names = ["project_id", "standard", "rank", "kind", "settled_by", "facts", "if_true", "if_false"]
    schema = {name: pl.Int64 if name == "rank" else pl.String for name in names}
    return pl.DataFrame(rows, {**schema, "changes_light": pl.Boolean, "changes_basis": pl.Boolean}, orient="row")


def _sources(reading: Reading) -> pl.DataFrame:
    origin = reading.dossier.provenance
    lang = user_language()
    rows = [
        [one.id, one.dataset or "", terms.title.within(lang), one.version, one.licence,
         " ".join(line.within(lang) for line in (*terms.limits, *terms.consequences)), one.attribution, one.sha256]
        for one, terms in zip((*imported(origin), *origin.bundle), data_terms(origin), strict=True)
    ]  # fmt: skip
    rows += [
        [sheet.standard.id, "", source.title, "", "", "", source.href or "", ""]
        for sheet in reading.sheets
        for source in sheet.standard.source
    ]
    names = ("id", "dataset", "title", "version", "licence", "limits", "attribution", "sha256")
    return pl.DataFrame(rows, dict.fromkeys(names, pl.String), orient="row")
