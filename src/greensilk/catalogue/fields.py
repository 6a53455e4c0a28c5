"""Under which names people keep the fields of their tables, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from greensilk.project_types import Aliases, folded
from greensilk.records import DEFINITIONS, Label, Record, load_file


class Field(Record):
    """One field of a portfolio."""

    label: Label
    unit: str | None = None
    aliases: Aliases


class Stage(Record):
    """One stage in the life of a project."""

    label: Label
    aliases: Aliases


class PortfolioFields(Record):
    """All fields, and the stages a project can be in."""

    fields: dict[str, Field]
    stages: dict[str, Stage]


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
def _stage_names() -> dict[str, str]:
    return {
        folded(name): stage
        for stage, entry in reversed(portfolio_fields().stages.items())
        for name in (*entry.aliases.zh, *entry.aliases.en, entry.label.zh, entry.label.en, stage)
    }


def find_stage(name: str) -> str | None:
    """The id of the stage called `name`, or None.

    >>> find_stage("In operation"), find_stage("在建")
    ('operating', 'under_construction')
    """
    return _stage_names().get(folded(name))


def match_columns(columns: Iterable[str]) -> dict[str, list[str]]:
    """Field -> the columns whose names mean it, the best name first.

    >>> match_columns(["经度", "Latitude", "colour"])
    {'lon': ['经度'], 'lat': ['Latitude']}
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for column in columns:
        known = _field_names().get(folded(column))
        if known is not None:
            found.setdefault(known[0], []).append((known[1], column))
    return {field: [name for _, name in sorted(names, key=lambda pair: pair[0])] for field, names in found.items()}
