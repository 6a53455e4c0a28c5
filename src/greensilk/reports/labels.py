"""Codes of the data as names for people: countries, land cover, climate classes, types, stages, layers, fields."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Protocol

from greensilk.catalogue.fields import portfolio_fields
from greensilk.catalogue.layer_records import sensitive_layers
from greensilk.places import country_name
from greensilk.project_types import client_classes, project_types
from greensilk.project_types import documents as known_documents
from greensilk.project_types import mitigations as known_measures
from greensilk.records import Label
from greensilk.reports.bilingual import Bilingual, joined, of_label, said, same
from greensilk.reports.rounding import report_style
from greensilk.texts import room_texts


def country(code: str) -> Bilingual:
    """The name of a country or territory; the code itself where the data set has no name."""
    return of_label(country_name(code)) if code else said("reports.no_country")


@lru_cache(maxsize=4096)
def countries(codes: str) -> Bilingual:
    """Names for a list of codes ("LAO; THA")."""
    return joined([country(code) for code in re.split(r"\s*;\s*", codes) if code])


def land_cover(code: str) -> Bilingual:
    """The name of an IGBP class."""
    found = report_style().land_cover_classes.get(code)
    if found is None and code in room_texts("values"):
        return said(f"values.{code}")
    return of_label(found) if found else same(code)


TYPE = "type"  # a row without one is rejected: where it leaves something open, it is not exact enough


@cache
def _climates() -> dict[str, Bilingual]:
    from greensilk.appraisal.provenance import BUNDLE

    with (BUNDLE / "koppen_classes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {row["symbol"]: Bilingual(f"{row['label_en']} ({row['symbol']})", f"{row['label_zh']}（{row['symbol']}）")
             for row in rows}  # fmt: skip
    return names | {row["code"]: names[row["symbol"]] for row in rows}


def climate(code: str) -> Bilingual:
    """The name of a Köppen–Geiger class, by symbol or by number."""
    return _climates().get(code) or same(code)


def project_type(type_id: str | None) -> Bilingual:
    """The name of a project type."""
    if type_id is None:
        return said("reports.type_unknown")
    found = project_types().get(type_id)
    return of_label(found.label) if found else same(type_id)


def stage(name: str) -> Bilingual:
    """The name of a project stage."""
    return _labelled(portfolio_fields().stages, name)


def finance_product(name: str) -> Bilingual:
    """The name of a kind of finance."""
    return _labelled(portfolio_fields().finance_products, name)


def client_class(name: str) -> Bilingual:
    """The name of a class of clients."""
    return _labelled(client_classes(), name)


@lru_cache(maxsize=4096)
def documents(listed: str) -> Bilingual:
    """Names for a list of documents ("esia;emergency_plan"), or that there is none."""
    return _each(known_documents(), listed)


@lru_cache(maxsize=4096)
def measures(listed: str) -> Bilingual:
    """Names for a list of measures, or that there is none."""
    return _each(known_measures(), listed)


def _each(entries: Mapping[str, _Labelled], listed: str) -> Bilingual:
    if listed == "none":
        return said("reports.none")
    return joined([_labelled(entries, name) for name in listed.split(";")])


def field(name: str) -> Bilingual:
    """The name of a portfolio field."""
    return _labelled(portfolio_fields().fields, name)


def worded(prefix: str, name: str) -> Bilingual:
    """The text reports.<prefix>_<name> where there is one, else the name itself."""
    key = f"{prefix}_{name}"
    return said(f"reports.{key}") if key in room_texts("reports") else same(name.replace("_", " "))


def layer(layer_id: str) -> Bilingual:
    """The name of a standard layer; the id of one that is not standard."""
    return _labelled(sensitive_layers(), layer_id)


def how_to_get(layer_id: str) -> Bilingual | None:
    """How a standard layer is had, by its definition."""
    found = sensitive_layers().get(layer_id)
    return of_label(found.how_to_get) if found else None


@cache
def settled_by(name: str, loaded: bool = False) -> Bilingual:
    """What would settle an unknown: a layer or a portfolio field; loaded: the layer is, but cannot show absence."""
    if loaded:
        return said("reports.the_layer_complete", layer=layer(name))
    if name in sensitive_layers():
        return said("reports.the_layer", layer=layer(name))
    if name in portfolio_fields().fields and name != TYPE:
        return said("reports.the_field", field=field(name))
    return worded("settles", name)


class _Labelled(Protocol):
    @property
    def label(self) -> Label: ...


def _labelled(entries: Mapping[str, _Labelled], name: str) -> Bilingual:
    found = entries.get(name)
    return of_label(found.label) if found else same(name.replace("_", " "))
