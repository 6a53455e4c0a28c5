"""Under which names people keep the fields of their tables, in both languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Literal

from greensilk.project_types import Aliases, folded
from greensilk.records import DEFINITIONS, Label, Record, load_file

_UNIT_IN_BRACKETS = re.compile(r"^(?P<name>.+?)\s*[(\[【](?P<unit>[^()\[\]【】]{1,24})[)\]】]$")
MONEY = "investment"  # in its own currency, so without a unit; its heading may still say 万元 or million
HEADING_WITHIN_ROWS = 10  # titles, units and notes that people put above their heading
HEADING_NAMES = 3  # fewer known names could be chance


class Field(Record):
    """One field of a portfolio."""

    label: Label
    unit: str | None = None
    aliases: Aliases


class Stage(Record):
    """One stage in the life of a project, or one kind of finance: a value of a field with the names it goes by."""

    label: Label
    aliases: Aliases


class PortfolioFields(Record):
    """All fields, the stages a project can be in, and what it can be financed by."""

    fields: dict[str, Field]
    stages: dict[str, Stage]
    finance_products: dict[str, Stage]


@cache
def portfolio_fields() -> PortfolioFields:
    """The fields as defined in definitions/portfolio_fields.yaml."""
    return load_file(PortfolioFields, DEFINITIONS / "portfolio_fields.yaml")


@cache
def _field_names() -> dict[str, tuple[str, int]]:
    known: dict[str, tuple[str, int]] = {}
    for field, entry in portfolio_fields().fields.items():
        names = (field, entry.label.en, entry.label.zh, *entry.aliases.en, *entry.aliases.zh)
        for rank, name in enumerate(names):
            known.setdefault(folded(name), (field, rank))
    return known


@cache
def _value_names(part: Literal["stages", "finance_products"]) -> dict[str, str]:
    entries: dict[str, Stage] = getattr(portfolio_fields(), part)
    return {
        folded(name): value
        for value, entry in reversed(entries.items())
        for name in (*entry.aliases.zh, *entry.aliases.en, entry.label.zh, entry.label.en, value)
    }


def find_stage(name: str) -> str | None:
    """The id of the stage called `name`, or None.

    >>> find_stage("In operation"), find_stage("在建")
    ('operating', 'under_construction')
    """
    return _value_names("stages").get(folded(name))


def find_finance_product(name: str) -> str | None:
    """The id of the kind of finance called `name`, or None.

    >>> find_finance_product("Project financing"), find_finance_product("过桥贷款")
    ('project_finance', 'bridge_loan')
    """
    return _value_names("finance_products").get(folded(name))


def unit_in_heading(column: str) -> tuple[str, str]:
    """A column's name without the unit in brackets at its end, and that unit; "" where there is none.

    >>> unit_in_heading("装机容量（MW）"), unit_in_heading("capacity")
    (('装机容量', 'MW'), ('capacity', ''))
    """
    plain = unicodedata.normalize("NFKC", column).strip()
    found = _UNIT_IN_BRACKETS.match(plain)
    return (found["name"], found["unit"].strip()) if found else (plain, "")


def match_columns(columns: Iterable[str]) -> dict[str, list[str]]:
    """Field -> the columns whose names mean it, the best name first; a unit in brackets does not count in a number's.

    >>> match_columns(["经度", "Latitude", "colour", "Capacity (GW)"])
    {'lon': ['经度'], 'lat': ['Latitude'], 'capacity_mw': ['Capacity (GW)']}
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for column in columns:
        known = _field_names().get(folded(column)) or _with_unit(column)
        if known is not None:
            found.setdefault(known[0], []).append((known[1], column))
    return {field: [name for _, name in sorted(names, key=lambda pair: pair[0])] for field, names in found.items()}


def _with_unit(column: str) -> tuple[str, int] | None:
    name, unit = unit_in_heading(column)
    known = _field_names().get(folded(name)) if unit and not unit.isdigit() else None
    if known is None or (known[0] != MONEY and portfolio_fields().fields[known[0]].unit is None):
        return None
    return known[0], known[1] + len(_field_names())  # a name without brackets comes first


def heading_row(rows: Sequence[Sequence[str]], holding: Collection[str] = ()) -> int | None:
    """Index of the row with the column names: the first that is not blank, or, where that one names no field, the first
    below it that names several (titles stand above the heading in many workbooks). None where all rows are blank.

    holding: names, one of which the heading is known to have; no field is looked for then

    >>> heading_row([["Our projects", ""], ["", ""], ["name", "lon", "lat"]])
    2
    """
    filled = [i for i, row in enumerate(rows) if any(cell.strip() for cell in row)][: HEADING_WITHIN_ROWS + 1]
    if holding:
        found = (i for i in filled if any(cell.strip() in holding for cell in rows[i]))
        return next(found, filled[0] if filled else None)
    if not filled or match_columns(rows[filled[0]]):
        return filled[0] if filled else None
    return next((i for i in filled[1:] if len(match_columns(rows[i])) >= HEADING_NAMES), filled[0])
