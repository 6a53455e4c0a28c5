"""Why no measure would change a light."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from greensilk.facts import FactTable
from greensilk.records import Light
from greensilk.rules.judging import judge
from greensilk.rules.logic import FALSE, TRUE, UNKNOWN
from greensilk.rules.measures import at_best
from greensilk.rules.model import Question
from greensilk.rules.standard import Rule
from greensilk.rules.verdicts import VerdictTable, hear

LIFTING = ("lift", "outcome")
HARMS = ("moderate_harm", "significant_harm")
Why = Literal[
    "not_applicable",
    "already_best",
    "light_unknown",
    "asks_of_no_measure",
    "no_go",
    "nothing_contributed",
    "never_lifted",
    "no_measure",
    "facts_missing",
    "not_told",
    "conditions_fail",
    "harm_stays",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why no measure would change a light.

    about: the rules that set it (no_go), the facts that are missing or fail (light_unknown, facts_missing,
    conditions_fail), else the objectives that stay harmed
    """

    why: Why
    about: tuple[str, ...] = ()


class Reasons:
    """Reasons for the projects of one table of verdicts. objectives: those of whose measures the standard asks."""

    def __init__(self, verdicts: VerdictTable, objectives: Sequence[str], withheld: frozenset[str]) -> None:
        self.verdicts, self.objectives, self.withheld = verdicts, objectives, withheld
        self.hearing = verdicts.hearing

    def of(self, rows: Sequence[int]) -> dict[int, Reason]:
        """The reason for each of some projects, by its place."""
        at_once = {row: self._at_once(row) for row in rows}
        left = [row for row, reason in at_once.items() if reason is None]
        found = {row: reason for row, reason in at_once.items() if reason is not None}
        return found | (_Ideal(self, left).reasons() if left else {})

    def _at_once(self, row: int) -> Reason | None:
        light, why = self.verdicts.table["light"][row], None
        if light == Light.NOT_APPLICABLE:
            why = Reason("not_applicable")
        elif light == Light.GREEN:
            why = Reason("already_best")
        elif light == Light.UNKNOWN:
            why = Reason("light_unknown", _facts(self.verdicts.questions(row)))
        elif not self.objectives:
            why = Reason("asks_of_no_measure")
        else:
            holding = [rule.id for rule in self.overrides(row) if self.may_tell(rule)]
            if holding:
                why = Reason("no_go", tuple(holding))
            elif light == Light.YELLOW and not self.harmed(self.verdicts, row):
                why = Reason("nothing_contributed")
        return why

    def overrides(self, row: int) -> list[Rule]:
        """The rules that make a project red whatever else is true."""
        pairs = zip(self.hearing.rules, self.hearing.truths, strict=True)
        return [rule for rule, truth in pairs if rule.kind == "override" and truth[row] == TRUE]

    def may_tell(self, rule: Rule) -> bool:
        """Whether a rule rests on nothing withheld."""
        leaves = (leaf for condition in self.hearing.asks(rule) for leaf in condition.leaves())
        return self.withheld.isdisjoint(leaf.fact for leaf in leaves if leaf.fact)

    @staticmethod
    def harmed(verdicts: VerdictTable, row: int) -> tuple[str, ...]:
        """The objectives that are harmed after the rules."""
        names = verdicts.standard.objectives
        return tuple(name for name in names if verdicts.table[f"effect_{name}"][row] in HARMS)


class _Ideal:
    """The projects as if every measure of the world were monitored: what still stands in the way of a better light."""

    def __init__(self, reasons: Reasons, rows: Sequence[int]) -> None:
        self.of, self.rows = reasons, rows
        hearing = reasons.hearing
        asked = hearing.standard.facts_asked()
        facts = hearing.facts.at(np.array(rows, np.int64), asked)
        self.verdicts = judge(at_best(facts), hearing.standard, hearing.on)
        typed = {name: one for name, one in facts.columns.items() if hearing.follows_from_type(name)}
        self.by_type = hear(FactTable(facts.project_ids, typed, facts.layers), hearing.standard, hearing.on)

    def reasons(self) -> dict[int, Reason]:
        return {row: self._reason(place, row) for place, row in enumerate(self.rows)}

    def _reason(self, place: int, row: int) -> Reason:
        lights, before = self.verdicts.method.lights, self.of.verdicts.method.lights[row]
        lifts = [
            number for number, rule in enumerate(self.by_type.rules)
            if rule.kind in LIFTING and self.by_type.truths[number][place] != FALSE
        ]  # fmt: skip
        if not lifts:
            return Reason("never_lifted", Reasons.harmed(self.of.verdicts, row))
        if lights[place] < before:
            return Reason("no_measure", Reasons.harmed(self.of.verdicts, row))
        if self.verdicts.method.bounds[0][place] < before:
            missing = tuple(name for name in self._missing(place) if name not in self.of.withheld)
            return Reason("facts_missing", missing) if missing else Reason("not_told")
        if self.of.overrides(row):
            return Reason("not_told")
        return self._closed(place, lifts)

    def _missing(self, place: int) -> tuple[str, ...]:
        """The facts that keep a lift open."""
        hearing, found = self.verdicts.hearing, []
        for rule, truth in zip(hearing.rules, hearing.truths, strict=True):
            if rule.kind in LIFTING and truth[place] == UNKNOWN:
                unknown = hearing.unknown_facts(hearing.asks(rule), rule.coarsest_support)
                found += [name for name, where in unknown if where[place]]
        return tuple(dict.fromkeys(found))

    def _closed(self, place: int, lifts: Sequence[int]) -> Reason:
        """The lifts for the type do not hold, or they hold and other harm stays."""
        hearing, failing = self.verdicts.hearing, []
        for number in lifts:
            rule = hearing.rules[number]
            if hearing.truths[number][place] == FALSE and rule.when is not None:
                reading = hearing.reading(rule.coarsest_support)
                failing += [
                    leaf.fact for leaf in rule.when.leaves()
                    if leaf.fact and not hearing.follows_from_type(leaf.fact) and reading.truth(leaf)[place] == FALSE
                ]  # fmt: skip
        told = tuple(name for name in dict.fromkeys(failing) if name not in self.of.withheld)
        if failing:
            return Reason("conditions_fail", told) if told else Reason("not_told")
        return Reason("harm_stays", Reasons.harmed(self.verdicts, place))


def _facts(questions: Iterable[Question]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in questions for name in one.facts))
