"""The results as data: the promised fields of results.json, and the flat table behind CSV, sheet and GeoJSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields, is_dataclass
from typing import Any

import polars as pl

from greensilk.records import Record
from greensilk.reports.category_view import CategorySheet
from greensilk.reports.files import safe_stem
from greensilk.reports.item_view import ItemSheet
from greensilk.reports.kinds_data import flat_rows, flat_schema, item_promise, list_result
from greensilk.reports.labels import project_type
from greensilk.reports.licences import withheld_steps
from greensilk.reports.measures_view import measures_promise
from greensilk.reports.project_view import Reading
from greensilk.reports.stability_view import stability_promise
from greensilk.reports.summary import summary
from greensilk.reports.verdict_view import ScaleSheet, VerdictSheet

SCHEMA_VERSION = "1.2"
MOST_TRACES = 200  # above that results.json holds no traces: a page a project has them, and a run of fewer projects

_PLAIN = (
    "row", "id", "name", "name_zh", "type", "type_inferred", "type_why", "stage", "country_stated", "capacity_mw",
    "investment", "currency", "location_kind", "location_accuracy_m", "place_id", "loan_id", "part_of",
    "associated_with", "note", "source",
)  # fmt: skip


def results(reading: Reading) -> dict[str, Any]:
    """The content of results.json, as definitions/schemas/results.json promises it."""
    dossier, origin = reading.dossier, reading.dossier.provenance
    traced = len(reading) <= MOST_TRACES
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": origin.run_id,
        "created_at": origin.created_at,
        "greensilk": origin.code.version,
        "on": dossier.on.isoformat(),
        "portfolio": {"name": origin.portfolio.name, "sha256": origin.portfolio.sha256},
        "summary": asdict(summary(dossier)),
        "standards": [_standard(sheet) for sheet in reading.sheets],
        "layers": [layer.model_dump(mode="json") for layer in origin.layers],
        "traces_included": traced,
        "projects": [project_result(reading, i, traced) for i in range(len(reading))],
        "links": dossier.portfolio.links.to_dicts(),
        "rejects": dossier.portfolio.rejects.to_dicts(),
        "notes": dossier.portfolio.notes.to_dicts(),
    }


def _standard(sheet: ScaleSheet | ItemSheet) -> dict[str, Any]:
    standard = sheet.standard
    found: dict[str, Any] = {
        "id": standard.id,
        "label": standard.label.model_dump(),
        "outcome_kind": standard.outcome_kind,
        "endorsed": standard.endorsed,
        "confirmed": standard.confirmed,
        "notice": standard.notice.model_dump(),
    }
    if standard.levels:
        found["levels"] = {name: label.model_dump() for name, label in standard.levels.items()}
    if isinstance(sheet, ItemSheet):
        found["items"] = [item_promise(rule) for rule in sheet.table.items]
    return found


def project_result(reading: Reading, i: int, traced: bool) -> dict[str, Any]:
    """What results.json says of project i. traced: with the steps that led to each verdict"""
    return {
        **{name: reading.columns[name][i] for name in _PLAIN},
        "country": _codes(reading.sheet.raw(i, "country")),
        "page": safe_stem(reading.columns["id"][i]),
        "warnings": [key for key, _ in reading.warning_keys(i)],
        "verdicts": {
            name: _verdict(sheet, i, traced) | {"stability": stability_promise(reading.dossier, name, i)}
            for name, sheet in reading.verdicts.items()
        },
        "categories": {name: _category(sheet, i, traced) for name, sheet in reading.categories.items()},
        "items": {name: _list(sheet, i, traced) for name, sheet in reading.lists.items()},
    }


def _codes(value: str | None) -> list[str]:
    return value.replace(",", ";").replace(" ", "").split(";") if value else []


def _verdict(sheet: VerdictSheet, i: int, traced: bool) -> dict[str, Any]:
    effects = {key.removeprefix("effect_"): sheet.cell(i, key) for key in sheet.columns if key.startswith("effect_")}
    return {
        "light": sheet.cell(i, "light"),
        "counted": sheet.cell(i, "counted"),
        "conditional_light": sheet.cell(i, "conditional_light"),
        "effects": effects,
        "measures": measures_promise(sheet.would_change[i]),
        **_scale(sheet, i, traced),
    }


def _category(sheet: CategorySheet, i: int, traced: bool) -> dict[str, Any]:
    return {"category": sheet.cell(i, "category"), **_scale(sheet, i, traced)}


def _scale(sheet: ScaleSheet, i: int, traced: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        **{name: sheet.cell(i, name) for name in ("basis", "best", "worst", "outcome", "confirmed")},
        "flags": [flag for flag in (sheet.cell(i, "flags") or "").split(";") if flag],
        "questions": [_plain(question) for question in sheet.table.questions(i)],
    }
    if traced:
        found["trace"] = [_plain(step) for step in sheet.table.trace(i)]
        found["trace_withheld"] = withheld_steps(sheet.table, i)
    return found


def _list(sheet: ItemSheet, i: int, traced: bool) -> dict[str, Any]:
    found = list_result(sheet, i)
    if traced:
        found["settled_by"] = {item: list(names) for item, names in sheet.table.settles(i).items()}
        found["trace"] = [_plain(step) for step in sheet.table.trace(i)]
    return found


def _plain(value: Any) -> Any:
    """Steps and questions as plain dictionaries. There are thousands: `asdict`, which copies each value, takes long."""
    if isinstance(value, str | int | float | None):
        return value
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Record):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def flat(reading: Reading) -> pl.DataFrame:
    """One row a project with its verdicts side by side. Columns of a standard begin with its id."""
    return pl.DataFrame(list(_flat_rows(reading)), schema=_flat_schema(reading), orient="row")


def _flat_schema(reading: Reading) -> dict[str, pl.DataType | type[pl.DataType]]:
    projects = reading.dossier.portfolio.projects
    schema: dict[str, pl.DataType | type[pl.DataType]] = {name: projects.schema[name] for name in _PLAIN}
    schema |= dict.fromkeys(("type_en", "type_zh", "country", "country_en", "country_zh"), pl.String)
    schema |= dict.fromkeys(("lon", "lat"), pl.Float64)
    for name in reading.verdicts:
        schema |= dict.fromkeys([f"{name}_{part}" for part in _PARTS], pl.String)
        schema |= {f"{name}_confirmed": pl.Boolean, f"{name}_first_open": pl.String}
    schema |= flat_schema(reading)
    return schema | {"warnings": pl.String}


_PARTS = ("light", "counted", "basis", "best", "worst", "conditional_light", "outcome")


def _flat_rows(reading: Reading) -> Iterator[list[Any]]:
    other_kinds = flat_rows(reading)
    for i, geometry in enumerate(reading.dossier.portfolio.geometry):
        kind, country = project_type(reading.columns["type"][i]), reading.country(i)
        point = None if geometry is None or geometry.is_empty else geometry.representative_point()
        row: list[Any] = [reading.columns[name][i] for name in _PLAIN]
        row += [kind.en, kind.zh, ";".join(_codes(reading.sheet.raw(i, "country"))) or None, country.en, country.zh]
        row += [None, None] if point is None else [round(point.x, 6), round(point.y, 6)]
        for sheet in reading.verdicts.values():
            questions = sheet.table.questions(i)
            row += [sheet.cell(i, part) for part in _PARTS]
            row += [sheet.cell(i, "confirmed"), questions[0].settled_by if questions else None]
        yield [*row, *next(other_kinds), ";".join(key for key, _ in reading.warning_keys(i)) or None]
