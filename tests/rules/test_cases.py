"""Every rule of every standard, worked out case by case; the cases are data in tests/cases/standards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from greensilk.facts import FactTable
from greensilk.project_types import OBJECTIVES, project_types
from greensilk.records import Record, Support, load_folder
from greensilk.rules import judge, standard, standards
from greensilk.rules.faults import entries_of

FOLDER = Path(__file__).parents[1] / "cases" / "standards"
TODAY = dt.date(2026, 1, 1)
REQUIRED = ("protected_areas", "key_biodiversity_areas", "ramsar", "world_heritage")


class Case(Record):
    """One worked case: what is known, and what must follow."""

    name: str
    on: dt.date = TODAY
    type: str | None = None
    site: str | None = None
    facts: dict[str, Any] = {}  # noqa: RUF012 - pydantic copies it
    coarse: tuple[str, ...] = ()
    expect: dict[str, Any]
    held: dict[str, str] = {}  # noqa: RUF012


class Cases(Record):
    """The worked cases of one standard."""

    standard: str
    cases: tuple[Case, ...]


CASES = [(cases.standard, case) for cases in load_folder(Cases, FOLDER).values() for case in cases.cases]


def facts_of(case: Case, standard_id: str) -> dict[str, Any]:
    """The facts of a case: of its type, of its site, its own."""
    facts: dict[str, Any] = {}
    if case.type is not None:
        kind = project_types()[case.type]
        facts = {
            "project_type": kind.id,
            "is_built": kind.built,
            "type_family": kind.family,
            "coal_case": kind.coal_case,
        }
        facts["type_liftable"] = kind.liftable
        for objective in OBJECTIVES:
            effect = getattr(kind.effects, objective)
            facts[f"effect_{objective}"] = None if effect is None else effect.name.lower()
    if case.site == "clear":
        facts |= {f"overlap_{layer}": False for layer in REQUIRED} | {"country": "LAO"}
    entries = entries_of(standard("gdg_2020")) | entries_of(standard(standard_id))
    own = {
        name: dt.date.fromisoformat(value) if value is not None and entries[name].kind == "date" else value
        for name, value in case.facts.items()
    }
    return facts | own


@pytest.mark.parametrize(("standard_id", "case"), CASES, ids=[f"{name}: {case.name}" for name, case in CASES])
def test_worked_case(standard_id: str, case: Case, table: Any) -> None:
    support = dict.fromkeys(case.coarse, Support.COUNTRY)
    facts: FactTable = table([facts_of(case, standard_id)], standard_id, support)
    verdicts = judge(facts, standard(standard_id), case.on)
    found: Mapping[str, Any] = verdicts.table.row(0, named=True)
    assert {name: found[name] for name in case.expect} == case.expect
    trace = {step.rule_id: step for step in verdicts.trace(0)}
    for rule_id, words in case.held.items():
        clause = trace[rule_id].clause
        assert trace[rule_id].result == "true"
        assert clause is not None and words in clause.en


@pytest.mark.parametrize("standard_id", sorted(standards()))
def test_every_rule_has_a_case_in_which_it_holds(standard_id: str, table: Any) -> None:
    held: set[str] = set()
    for name, case in CASES:
        if name == standard_id:
            facts = table([facts_of(case, name)], name, dict.fromkeys(case.coarse, Support.COUNTRY))
            held |= {step.rule_id for step in judge(facts, standard(name), case.on).trace(0) if step.result == "true"}
    assert {rule.id for rule in standard(standard_id).rules} <= held
