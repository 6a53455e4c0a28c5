"""Worked cases: what is known of a project, and what must follow by a standard. Those shipped, and a user's own.

A case names its facts: those of a type of project, of a site where every area asked for is known to lie elsewhere, and
its own. What it does not name is unknown. `expect` names columns of the table that the standard gives (light, category,
an item ...), `held` rules that hold, with words of their clause.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from greensilk.errors import DefinitionError
from greensilk.project_types import project_types
from greensilk.records import DEFINITIONS, Label, Record, Support, load_folder, said
from greensilk.rules.faults import near
from greensilk.rules.judging import Table, judge_one
from greensilk.rules.model import TraceStep
from greensilk.rules.registry import definition_files
from greensilk.rules.standard import Standard
from greensilk.rules.stated_facts import facts_of_type, statable, stated_facts
from greensilk.vocabulary import FactName

FOLDER = DEFINITIONS / "worked_cases"
DAY = dt.date(2026, 1, 1)  # of a case that names none
# Of a clear site it is known that none of these is touched, and in which country it lies.
CLEAR_OF = ("protected_areas", "key_biodiversity_areas", "ramsar", "world_heritage")
CLEAR_COUNTRY = "LAO"


class Case(Record):
    """One worked case.

    on: the day whose rules count; type: id of a project type; facts: fact -> value, null = unknown, a level by name;
    coarse: facts that are known for the country only; expect: column -> value; held: rule -> words of its clause,
    "" where they do not matter
    """

    name: str = Field(min_length=1)
    on: dt.date = DAY
    type: str | None = None
    site: Literal["clear"] | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
    coarse: tuple[str, ...] = ()
    expect: dict[str, str | bool | None] = Field(default_factory=dict)
    held: dict[str, str] = Field(default_factory=dict)


class Cases(Record):
    """The worked cases of one standard."""

    standard: str
    cases: tuple[Case, ...] = Field(min_length=1)


@dataclass(frozen=True)
class CaseResult:
    """What came of one case. held: ids of rules that hold; differences: what is not as expected, nothing if all is."""

    standard: str
    case: Case
    found: Mapping[str, Any]
    held: frozenset[str]
    differences: tuple[Label, ...]


def load_cases(folder: Path, standards: Mapping[str, Standard]) -> tuple[Cases, ...]:
    """The worked cases of a folder, in the order of their files.

    raises: DefinitionError listing every fault of every file
    """
    loaded = load_folder(Cases, folder)
    faults = [f"{name}.yaml: {fault}" for name, cases in loaded.items() for fault in _faults(cases, standards)]
    if faults:
        raise DefinitionError(
            "errors.definitions_wrong", folder=folder.name, count=len(faults), faults="\n".join(faults)
        )
    return tuple(loaded.values())


def run_all(standards: Mapping[str, Standard], own: Path | None = None) -> tuple[CaseResult, ...]:
    """What comes of the shipped cases, and of those in a folder of one's own, in the order of their standards.

    raises: UsageError if the folder cannot be used; DefinitionError listing every fault of every file
    """
    found = list(load_cases(FOLDER, standards))
    if own is not None:
        definition_files(own)
        found += load_cases(own, standards)
    order = list(standards)
    found.sort(key=lambda cases: order.index(cases.standard))
    return tuple(result for cases in found for result in run_cases(cases, standards[cases.standard]))


def run_cases(cases: Cases, standard: Standard) -> tuple[CaseResult, ...]:
    """What comes of every case of a standard, in the order written."""
    entries = statable(standard)
    found: dict[int, CaseResult] = {}
    for on in dict.fromkeys(case.on for case in cases.cases):
        places = [place for place, case in enumerate(cases.cases) if case.on == on]
        chosen = [cases.cases[place] for place in places]
        supports = [dict.fromkeys(case.coarse, Support.COUNTRY) for case in chosen]
        facts = stated_facts([facts_of(case, entries) for case in chosen], standard, supports)
        table = judge_one(facts, standard, on)
        found |= {
            place: _result(table, row, case) for row, (place, case) in enumerate(zip(places, chosen, strict=True))
        }
    return tuple(found[place] for place in range(len(cases.cases)))


def facts_of(case: Case, entries: Mapping[str, FactName]) -> dict[str, Any]:
    """The facts of a case: of its type, of its site, its own. entries: what can be stated."""
    facts = {} if case.type is None else facts_of_type(project_types()[case.type])
    if case.site == "clear":
        facts |= {f"overlap_{layer}": False for layer in CLEAR_OF} | {"country": CLEAR_COUNTRY}
    return facts | {name: _plain(value, entries[name]) for name, value in case.facts.items()}


def _plain(value: Any, entry: FactName) -> Any:
    return dt.date.fromisoformat(value) if value is not None and entry.kind == "date" else value


def _result(table: Table, row: int, case: Case) -> CaseResult:
    steps = {step.rule_id: step for step in table.trace(row) if step.result == "true"}
    columns = table.table.row(row, named=True)
    found = {name: columns.get(name) for name in case.expect}
    differing = [
        said("rule_questions.case_found", name=name, expected=_shown(wanted), found=_shown(found[name]))
        for name, wanted in case.expect.items()
        if found[name] != wanted
    ]
    differing += [fault for rule, words in case.held.items() for fault in _not_held(rule, words, steps.get(rule))]
    return CaseResult(table.standard.id, case, found, frozenset(steps), tuple(differing))


def _not_held(rule: str, words: str, step: TraceStep | None) -> Iterator[Label]:
    if step is None:
        yield said("rule_questions.case_not_held", rule=rule)
    elif words and (step.clause is None or not (words in step.clause.en or words in step.clause.zh)):
        yield said("rule_questions.case_other_clause", rule=rule, words=words)


def _shown(value: Any) -> Label | str:
    return (
        said("rule_questions.case_nothing")
        if value is None
        else str(value).lower()
        if value in (True, False)
        else value
    )


def _faults(cases: Cases, standards: Mapping[str, Standard]) -> Iterator[str]:
    standard = standards.get(cases.standard)
    if standard is None:
        yield f"standard: there is no standard called {cases.standard}{near(cases.standard, standards)}"
        return
    names = [case.name for case in cases.cases]
    yield from (f"{name}: two cases of that name" for name in sorted({n for n in names if names.count(n) > 1}))
    entries = statable(standard)
    columns = _columns(standard)
    for case in cases.cases:
        for fault in (*_fact_faults(case, entries), *_expectation_faults(case, standard, columns)):
            yield f"{case.name}: {fault}"


def _fact_faults(case: Case, entries: Mapping[str, FactName]) -> Iterator[str]:
    if case.type is not None and case.type not in project_types():
        yield f"there is no project type called {case.type}{near(case.type, project_types())}"
    for name in (*case.facts, *case.coarse):
        if name not in entries:
            yield f"there is no fact called {name}{near(name, entries)}"
    for name, value in case.facts.items():
        if name in entries and value is not None and not _fits(value, entries[name]):
            yield f"{name}: {value!r} is not a {entries[name].kind}"


def _fits(value: Any, entry: FactName) -> bool:
    if entry.kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if entry.kind == "truth":
        return isinstance(value, bool)
    if entry.kind == "level":
        return value in entry.levels
    return isinstance(value, str) and (entry.kind == "text" or _is_day(value))


def _is_day(value: str) -> bool:
    try:
        return dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _expectation_faults(case: Case, standard: Standard, columns: Collection[str]) -> Iterator[str]:
    if not case.expect and not case.held:
        yield "expects nothing"
    for name in case.expect:
        if name not in columns:
            yield f"expect: {standard.id} gives no {name}{near(name, columns)}"
    for name in case.held:
        if standard.rule(name) is None:
            yield f"held: there is no rule called {name}{near(name, [rule.id for rule in standard.rules])}"


def _columns(standard: Standard) -> set[str]:
    """What a case can expect: the columns of the standard's table, and items whether or not in force on the day."""
    empty = judge_one(stated_facts([], standard), standard, standard.issued)
    return {*empty.table.columns, *(rule.id for rule in standard.rules if rule.kind == "item")} - {"project_id"}
