"""Judging facts by a standard on a day: one verdict a project, with trace and open questions on request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from greensilk.facts import FactTable
from greensilk.project_types import project_types
from greensilk.records import Basis, Effect
from greensilk.rules import questions as open_questions
from greensilk.rules import trace as traces
from greensilk.rules.conditions import Answers
from greensilk.rules.decision_table import DecisionTable
from greensilk.rules.faults import entries_of
from greensilk.rules.hearing import GREEN, NOT_APPLICABLE, YELLOW, Asked, Hearing, LightArray
from greensilk.rules.logic import TRUE, UNKNOWN
from greensilk.rules.model import Question, TraceStep
from greensilk.rules.standard import Standard
from greensilk.rules.traffic_light import TrafficLight
from greensilk.vocabulary import fact_names

GREEN_BY_TYPE, YELLOW_BY_TYPE = "GREEN_BY_TYPE", "YELLOW_BY_TYPE"
LEAST = GREEN  # the code of the best light is that of the least level
_BASES = (Basis.TYPE_ONLY, Basis.DESK_SCREENED, Basis.ASSESSED)


class Method(Protocol):
    """A way to conclude a hearing; each array has one entry a project."""

    @property
    def lights(self) -> LightArray: ...
    @property
    def bounds(self) -> tuple[LightArray, LightArray]: ...
    @property
    def conditional(self) -> LightArray: ...
    @property
    def effects(self) -> dict[str, NDArray[np.int8]]: ...
    @property
    def outcomes(self) -> NDArray[np.int16] | None: ...
    def asked(self) -> Iterator[Asked]: ...


CONCLUDING: dict[str, Callable[[Hearing], Method]] = {"traffic_light": TrafficLight, "decision_table": DecisionTable}


def hear(facts: FactTable, standard: Standard, on: dt.date, answers: Answers | None = None) -> Hearing:
    """The hearing of a table of facts by a standard. on: the day whose rules count; answers: what other standards
    found out about the same facts on that day"""
    return Hearing(standard, facts, entries_of(standard) | fact_names(facts.layers), on, answers)


class ScaleTable:
    """What all projects are found to be on the ordered scale of a standard.

    The columns that `table` of every such standard has: project_id; basis; best, worst: what is still possible; final:
    best and worst agree; confirmed: every definition that decided it is; outcome: the rule that concluded a decision
    table, else null; flags: rules that only tell, joined by ";", else null
    """

    def __init__(self, hearing: Hearing) -> None:
        self.hearing = hearing
        self.standard, self.on = hearing.standard, hearing.on
        self.method = CONCLUDING[hearing.standard.method](hearing)

    def __len__(self) -> int:
        return len(self.hearing)

    @cached_property
    def basis_codes(self) -> NDArray[np.int8]:
        """(n,) index in _BASES: what the verdict rests on."""
        answered = np.ones(len(self), np.bool_)
        found_at_site = np.zeros(len(self), np.bool_)
        for rule, truth in zip(self.hearing.rules, self.hearing.truths, strict=True):
            if rule.required:
                answered &= truth != UNKNOWN
                found_at_site |= truth == TRUE
        lights = self.method.lights
        unknown = len(self.hearing.scale) - 1
        # The worst, found at the site, rests on the site, whatever else is still open there.
        screened = answered | (found_at_site & (lights == unknown - 1))
        screened &= (lights != unknown) & (lights != NOT_APPLICABLE)
        # The best stands on the site only where something was looked at there and no worse is possible.
        looked = any(rule.required for rule in self.hearing.rules)
        screened &= (lights != LEAST) | ((self.method.bounds[1] == LEAST) & looked)
        return np.where(screened, np.where(self.hearing.assessed, 2, 1), 0).astype(np.int8)

    @cached_property
    def confirmed(self) -> NDArray[np.bool_]:
        """(n,) whether all that decided is confirmed: the standard, the rules that hold, the row of the type table."""
        found = np.full(len(self), self.standard.confirmed, np.bool_)
        for place, (rule, truth) in enumerate(zip(self.hearing.rules, self.hearing.truths, strict=True)):
            decided = truth == TRUE if self.method.outcomes is None else self.method.outcomes == place
            if not rule.confirmed and rule.kind != "flag":
                found &= ~decided
        if self.standard.objectives:
            found &= self._type_confirmed()
        return found

    def _type_confirmed(self) -> NDArray[np.bool_]:
        column = self.hearing.facts.get("project_type")
        if column is None:
            return np.zeros(len(self), np.bool_)
        known = [name for name, kind in project_types().items() if kind.confirmed]
        return column.values.is_in(known).fill_null(False).to_numpy()

    def _shared(self) -> dict[str, pl.Series]:
        best, worst = self.method.bounds
        return {
            "basis": pl.Series([one.value for one in _BASES]).gather(self.basis_codes.astype(np.uint32)),
            "best": self._names(best),
            "worst": self._names(worst),
            "final": pl.Series(best == worst),
            "confirmed": pl.Series(self.confirmed),
            "outcome": self._outcome_names(),
            "flags": self.hearing.flags(),
        }

    def _names(self, codes: LightArray) -> pl.Series:
        return pl.Series(self.hearing.scale).gather(codes.astype(np.uint32))

    def _outcome_names(self) -> pl.Series:
        size = len(self)
        found = self.method.outcomes
        if found is None or not self.hearing.rules:
            return pl.Series([None], dtype=pl.String).new_from_index(0, size)
        names = pl.Series([rule.outcome for rule in self.hearing.rules] + [None], dtype=pl.String)
        return names.gather(np.where(found < 0, len(names) - 1, found).astype(np.uint32))

    def trace(self, i: int) -> tuple[TraceStep, ...]:
        """Every rule as applied to project number i: what it asked, what it saw, what followed."""
        return traces.trace(self.hearing, i)

    def questions(self, i: int) -> tuple[Question, ...]:
        """What is open for project number i and bears on its verdict, the most telling first."""
        return open_questions.questions(self._open, self.hearing, i)

    def settlers(self) -> dict[str, NDArray[np.bool_]]:
        """Layer or field -> (n,) where an answer could change the light or level, or what it rests on."""
        return {
            key: light | basis for key, (light, basis) in open_questions.by_settler(self._open, self.hearing).items()
        }

    def settling(self) -> pl.DataFrame:
        """What would settle most verdicts: one row a layer or field, with how many verdicts an answer could change."""
        return open_questions.settling(self._open, self.hearing)

    @cached_property
    def _open(self) -> tuple[open_questions.Open, ...]:
        return open_questions.opened(self.method, self.basis_codes, self.hearing.scale)


class VerdictTable(ScaleTable):
    """Verdicts of all projects by one standard that gives lights.

    table: besides the columns of every scale: light; conditional_light: the light if promised or contracted measures
    are carried out, null where it is no other; counted: the light that counts use, a type-only green as GREEN_BY_TYPE;
    effect_<objective>: effect by name after the rules, null = unknown
    """

    @cached_property
    def table(self) -> pl.DataFrame:
        """One row a project; columns as the class says."""
        lights, conditional = self.method.lights, self.method.conditional
        by_type = (lights == GREEN) & (self.basis_codes == 0)
        names, shared = self._names(lights), self._shared()
        columns = {
            "project_id": self.hearing.facts.project_ids,
            "light": names,
            **{name: shared[name] for name in ("basis", "best", "worst", "final")},
            "conditional_light": self._names(conditional).set(pl.Series(conditional == lights), None),
            "counted": names.set(pl.Series(by_type), GREEN_BY_TYPE),
            **{name: shared[name] for name in ("confirmed", "outcome", "flags")},
        }
        effects = {f"effect_{name}": _effect_names(codes) for name, codes in self.method.effects.items()}
        return pl.DataFrame(columns | effects)

    @cached_property
    def by_basis(self) -> pl.Series:
        """(n,) the light that counts, with a type-only yellow as YELLOW_BY_TYPE too: how people are shown it."""
        yellow = (self.method.lights == YELLOW) & (self.basis_codes == 0)
        return self.table["counted"].set(pl.Series(yellow), YELLOW_BY_TYPE).alias("by_basis")


class CategoryTable(ScaleTable):
    """Categories of all projects by one standard that has levels of its own.

    table: besides the columns of every scale: category, one of the standard's levels, NOT_APPLICABLE or UNKNOWN. What
    best and worst leave between them is still possible
    """

    @cached_property
    def table(self) -> pl.DataFrame:
        """One row a project; columns as the class says."""
        named = {"project_id": self.hearing.facts.project_ids, "category": self._names(self.method.lights)}
        return pl.DataFrame(named | self._shared())


def _effect_names(codes: NDArray[np.int8]) -> pl.Series:
    names = pl.Series([effect.name.lower() for effect in Effect] + [None], dtype=pl.String)
    return names.gather(np.where(codes < 0, len(names) - 1, codes).astype(np.uint32))
