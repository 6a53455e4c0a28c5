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
from greensilk.rules.decision_table import DecisionTable
from greensilk.rules.hearing import GREEN, LIGHTS, NO_LIGHT, NOT_APPLICABLE, RED, Asked, Hearing, LightArray
from greensilk.rules.logic import FALSE, TRUE, UNKNOWN
from greensilk.rules.model import Question, TraceStep
from greensilk.rules.registry import entries_of
from greensilk.rules.standard import Standard
from greensilk.rules.traffic_light import TrafficLight
from greensilk.vocabulary import fact_names

GREEN_BY_TYPE = "GREEN_BY_TYPE"
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


def judge(facts: FactTable, standard: Standard, on: dt.date) -> VerdictTable:
    """The verdict of every project in one pass.

    facts: projects × facts, null = unknown; standard: one of standards(); on: the day whose rules count
    returns: VerdictTable, rows in the order of the facts
    """
    return VerdictTable(Hearing(standard, facts, entries_of(standard.id) | fact_names(facts.layers), on))


class VerdictTable:
    """Verdicts of all projects by one standard.

    table: project_id; light; basis; best, worst: the lights still possible; final: best and worst agree;
    conditional_light: the light if promised or contracted measures are carried out, null where it is no other;
    counted: the light that counts use, a type-only green as GREEN_BY_TYPE;
    confirmed: every definition that decided it is;
    outcome: the rule that concluded a decision table, else null; flags: rules that only tell, joined by ";", else null;
    effect_<objective>: effect by name after the rules, null = unknown
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
        # A red found at the site rests on the site, whatever else is still open there.
        screened = (answered | (found_at_site & (lights == RED))) & (lights != NO_LIGHT) & (lights != NOT_APPLICABLE)
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

    @cached_property
    def table(self) -> pl.DataFrame:
        """One row a project; columns as the class says."""
        lights, (best, worst), conditional = self.method.lights, self.method.bounds, self.method.conditional
        by_type = (lights == GREEN) & (self.basis_codes == 0)
        names = light_names(lights)
        columns = {
            "project_id": self.hearing.facts.project_ids,
            "light": names,
            "basis": pl.Series([_BASES[code].value for code in range(3)]).gather(self.basis_codes.astype(np.uint32)),
            "best": light_names(best),
            "worst": light_names(worst),
            "final": best == worst,
            "conditional_light": light_names(conditional).set(pl.Series(conditional == lights), None),
            "counted": names.set(pl.Series(by_type), GREEN_BY_TYPE),
            "confirmed": self.confirmed,
            "outcome": self._outcome_names(),
            "flags": self._flags(),
        }
        effects = {f"effect_{name}": _effect_names(codes) for name, codes in self.method.effects.items()}
        return pl.DataFrame(columns | effects)

    def _outcome_names(self) -> pl.Series:
        size = len(self)
        found = self.method.outcomes
        if found is None or not self.hearing.rules:
            return pl.Series([None], dtype=pl.String).new_from_index(0, size)
        names = pl.Series([rule.outcome for rule in self.hearing.rules] + [None], dtype=pl.String)
        return names.gather(np.where(found < 0, len(names) - 1, found).astype(np.uint32))

    def _flags(self) -> pl.Series:
        raised = {
            rule.id: truth == TRUE
            for rule, truth in zip(self.hearing.rules, self.hearing.truths, strict=True)
            if rule.kind == "flag"
        }
        if not raised:
            return pl.Series([None], dtype=pl.String).new_from_index(0, len(self))
        frame = pl.DataFrame({name: holds & (self.hearing.applies != FALSE) for name, holds in raised.items()})
        named = [pl.when(pl.col(name)).then(pl.lit(name)) for name in raised]
        joined = frame.select(pl.concat_str(named, separator=";", ignore_nulls=True).alias("flags")).to_series()
        return joined.replace("", None)

    def trace(self, i: int) -> tuple[TraceStep, ...]:
        """Every rule as applied to project number i: what it asked, what it saw, what followed."""
        return traces.trace(self.hearing, self.method.outcomes, i)

    def questions(self, i: int) -> tuple[Question, ...]:
        """What is open for project number i and bears on its verdict, the most telling first."""
        return open_questions.questions(self._open, self.hearing, i)

    def settling(self) -> pl.DataFrame:
        """What would settle most verdicts: one row a layer or field, with how many verdicts an answer could change."""
        return open_questions.settling(self._open, self.hearing)

    @cached_property
    def _open(self) -> tuple[open_questions.Open, ...]:
        return open_questions.opened(self.method, self.basis_codes)


def light_names(codes: LightArray) -> pl.Series:
    """(n,) names of lights by code."""
    return pl.Series([light.value for light in LIGHTS]).gather(codes.astype(np.uint32))


def _effect_names(codes: NDArray[np.int8]) -> pl.Series:
    names = pl.Series([effect.name.lower() for effect in Effect] + [None], dtype=pl.String)
    return names.gather(np.where(codes < 0, len(names) - 1, codes).astype(np.uint32))
