"""Judging facts by standards on a day. Each kind of outcome has a table of its own; only like kinds are compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from greensilk.facts import FactTable
from greensilk.rules.conditions import Answers
from greensilk.rules.items import ItemTable
from greensilk.rules.standard import Standard
from greensilk.rules.verdicts import CategoryTable, VerdictTable, hear

Table: TypeAlias = VerdictTable | CategoryTable | ItemTable


@dataclass(frozen=True)
class Judgements:
    """What standards say of the same projects, apart by kind. Each: standard id -> its table, in the order asked."""

    verdicts: dict[str, VerdictTable] = field(default_factory=dict)
    categories: dict[str, CategoryTable] = field(default_factory=dict)
    items: dict[str, ItemTable] = field(default_factory=dict)


def judge(facts: FactTable, standard: Standard, on: dt.date) -> VerdictTable:
    """The light of every project in one pass.

    facts: projects × facts, null = unknown; standard: one that gives lights; on: the day whose rules count
    returns: VerdictTable, rows in the order of the facts
    """
    return VerdictTable(hear(facts, standard, on))


def judge_one(facts: FactTable, standard: Standard, on: dt.date, answers: Answers | None = None) -> Table:
    """What one standard says of every project, in a table of the kind that the standard gives.

    answers: what other standards found out about the same facts on that day
    """
    hearing = hear(facts, standard, on, answers)
    if standard.outcome_kind == "light":
        return VerdictTable(hearing)
    return CategoryTable(hearing) if standard.outcome_kind == "category" else ItemTable(hearing)


def judge_all(facts: FactTable, standards: Iterable[Standard], on: dt.date) -> Judgements:
    """What every standard says of every project, each kind of outcome in its own place."""
    found, answers = Judgements(), Answers()
    for standard in standards:
        table = judge_one(facts, standard, on, answers)
        if isinstance(table, VerdictTable):
            found.verdicts[standard.id] = table
        elif isinstance(table, CategoryTable):
            found.categories[standard.id] = table
        else:
            found.items[standard.id] = table
    return found
