"""What a standard asks on a day, and what the facts answer: the truth of every rule for every project."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from greensilk.facts import FactTable
from greensilk.records import Light, Support
from greensilk.rules.conditions import Answers, Reading
from greensilk.rules.logic import FALSE, TRUE, UNKNOWN, TruthArray, conjunction, constant
from greensilk.rules.model import FactUse
from greensilk.rules.standard import Condition, Rule, Standard
from greensilk.vocabulary import FactName

# Codes of lights in columns, from best to worst; UNKNOWN lies outside the order. Levels of a category are coded alike:
# not applicable is 0, the last code is UNKNOWN.
LIGHTS = (Light.NOT_APPLICABLE, Light.GREEN, Light.YELLOW, Light.RED, Light.UNKNOWN)
NOT_APPLICABLE, GREEN, YELLOW, RED, NO_LIGHT = (np.int8(code) for code in range(len(LIGHTS)))
LightArray: TypeAlias = NDArray[np.int8]


@dataclass(frozen=True)
class Asked:
    """Something still open for some projects, and the light or level that either answer would give.

    open_for: (n,) bool; facts: (fact, (n,) where it is unknown); if_true, if_false: (n,) codes on the scale
    """

    order: int
    open_for: NDArray[np.bool_]
    facts: tuple[tuple[str, NDArray[np.bool_]], ...]
    if_true: LightArray
    if_false: LightArray
    required: bool


class Hearing:
    """One standard, one table of facts, one day."""

    def __init__(
        self,
        standard: Standard,
        facts: FactTable,
        entries: Mapping[str, FactName],
        on: dt.date,
        answers: Answers | None = None,
    ) -> None:
        self.standard, self.facts, self.entries, self.on = standard, facts, entries, on
        self._answers: Answers = {} if answers is None else answers
        self.in_force = standard.issued <= on
        self.rules = tuple(rule for rule in standard.rules if rule.in_force(on)) if self.in_force else ()
        self._readings: dict[Support, Reading] = {}

    def __len__(self) -> int:
        return len(self.facts)

    @property
    def scale(self) -> tuple[str, ...]:
        """Names of the codes that a project can have: not applicable, least to most harm, unknown."""
        return self.standard.scale

    def reading(self, coarsest: Support) -> Reading:
        """The facts no coarser than that."""
        if coarsest not in self._readings:
            self._readings[coarsest] = Reading(self.facts, self.entries, self.on, coarsest, self._answers)
        return self._readings[coarsest]

    def follows_from_type(self, fact: str) -> bool:
        """Whether a fact is the project's type or changes with it."""
        return fact == "project_type" or (fact in self.entries and self.entries[fact].group == "type")

    @cached_property
    def applies(self) -> TruthArray:
        """Whether the standard speaks of each project; FALSE for all before it was issued."""
        if not self.in_force:
            return constant(FALSE, len(self))
        return self.reading(self.standard.applies_support).truth(self.standard.applies_when)

    @cached_property
    def assessed(self) -> NDArray[np.bool_]:
        """Where the project's own assessment is in hand."""
        found: NDArray[np.bool_] = (
            self.reading(self.standard.applies_support).truth(self.standard.assessed_when) == TRUE
        )
        return found

    @cached_property
    def truths(self) -> tuple[TruthArray, ...]:
        """The truth of every rule in force; a lift counts its full evidence."""
        return tuple(self._truth(rule, "at_least") for rule in self.rules)

    @cached_property
    def promised(self) -> tuple[TruthArray, ...]:
        """The truth of every rule, with lifts given on the evidence that only makes a light conditional."""
        return tuple(self._truth(rule, "conditional_at_least") for rule in self.rules)

    def _truth(self, rule: Rule, tier: str) -> TruthArray:
        reading = self.reading(rule.coarsest_support)
        found = reading.truth(rule.when)
        evidence = self.evidence(rule, tier)
        return found if evidence is None else conjunction((found, reading.truth(evidence)))

    def evidence(self, rule: Rule, tier: str = "at_least") -> Condition | None:
        """The condition on evidence that a lift makes, or None for every other rule."""
        if rule.evidence is None:
            return None
        key = (rule.id, tier)
        if key not in self._evidence:
            self._evidence[key] = Condition(fact=rule.evidence.fact, at_least=getattr(rule.evidence, tier))
        return self._evidence[key]

    @cached_property
    def _evidence(self) -> dict[tuple[str, str], Condition]:
        return {}

    def flags(self) -> pl.Series:
        """(n,) ids of the rules that only tell and hold, joined by ";"; null where none does."""
        raised = {
            rule.id: truth == TRUE for rule, truth in zip(self.rules, self.truths, strict=True) if rule.kind == "flag"
        }
        if not raised:
            return pl.Series([None], dtype=pl.String).new_from_index(0, len(self))
        frame = pl.DataFrame({name: holds & (self.applies != FALSE) for name, holds in raised.items()})
        named = [pl.when(pl.col(name)).then(pl.lit(name)) for name in raised]
        joined = frame.select(pl.concat_str(named, separator=";", ignore_nulls=True).alias("flags")).to_series()
        return joined.replace("", None)

    def asks(self, rule: Rule) -> tuple[Condition, ...]:
        """The conditions of a rule: what it asks, the evidence it wants, what would meet it."""
        return tuple(part for part in (rule.when, self.evidence(rule), rule.met_when) if part is not None)

    def uses(self, rule: Rule, row: int) -> tuple[FactUse, ...]:
        """The facts of a rule as one project saw them."""
        reading = self.reading(rule.coarsest_support)
        return tuple(use for condition in self.asks(rule) for use in reading.uses(condition, row))

    def unknown_facts(
        self, conditions: tuple[Condition, ...], coarsest: Support
    ) -> tuple[tuple[str, NDArray[np.bool_]], ...]:
        """The facts that keep conditions open, each with where it does."""
        reading = self.reading(coarsest)
        found: dict[str, NDArray[np.bool_]] = {}
        for leaf in (leaf for condition in conditions for leaf in condition.leaves()):
            if leaf.fact is not None:
                unknown = reading.truth(leaf) == UNKNOWN
                found[leaf.fact] = found[leaf.fact] | unknown if leaf.fact in found else unknown
        return tuple(found.items())
