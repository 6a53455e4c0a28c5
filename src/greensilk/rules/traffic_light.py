"""The traffic light: effects on objectives, raised by harm, lowered by recognised mitigation, overridden by place.

Each effect is an interval [best, worst]. A rule that is TRUE moves both ends; one that is UNKNOWN only widens it. A
lift lowers the first effect that the type has; harm found at the site stands beside it. Where an override holds, no
lift does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from greensilk.records import Effect, Support
from greensilk.rules.hearing import GREEN, NO_LIGHT, NOT_APPLICABLE, RED, YELLOW, Asked, Hearing, LightArray
from greensilk.rules.logic import FALSE, TRUE, UNKNOWN, TruthArray, constant
from greensilk.rules.standard import Rule

EffectArray = NDArray[np.int8]
_WIDENS_WORST, _WIDENS_BEST = ("override", "harm"), ("lift",)


class TrafficLight:
    """Concludes a hearing by effects on objectives."""

    def __init__(self, hearing: Hearing) -> None:
        self.hearing = hearing
        self.objectives = tuple(hearing.standard.objectives)

    @cached_property
    def start(self) -> tuple[EffectArray, EffectArray]:
        """(objectives, n) best and worst first effect; an unknown one spans the whole range."""
        size = (len(self.objectives), len(self.hearing))
        best, worst = np.zeros(size, np.int8), np.full(size, int(Effect.SIGNIFICANT_HARM), np.int8)
        for row, fact in enumerate(self.hearing.standard.objectives.values()):
            column = self.hearing.reading(Support.COUNTRY).column(fact)
            if column is not None:
                codes = column.values.cast(pl.Int8).fill_null(-1).to_numpy()
                known = (codes >= 0) & (codes < len(Effect))
                best[row] = np.where(known, codes, best[row])
                worst[row] = np.where(known, codes, worst[row])
        return best, worst

    @cached_property
    def lights(self) -> LightArray:
        """(n,) nominal light: unknown harm and override rules as not triggered, unknown lifts as not given."""
        return self._nominal(self.hearing.truths)

    @cached_property
    def bounds(self) -> tuple[LightArray, LightArray]:
        """(n,) best and (n,) worst light that the unknown leaves possible."""
        truths, applies = self.hearing.truths, self.hearing.applies
        best = self._conclude(self.start[0], self._taken(truths, _WIDENS_BEST))
        worst = self._conclude(self.start[1], self._taken(truths, _WIDENS_WORST))
        best = np.where(applies == TRUE, best, NOT_APPLICABLE)
        return best, np.where(applies == FALSE, NOT_APPLICABLE, worst)

    @cached_property
    def conditional(self) -> LightArray:
        """(n,) light if promised and contracted measures are carried out."""
        return self._nominal(self.hearing.promised)

    @cached_property
    def effects(self) -> dict[str, EffectArray]:
        """(n,) nominal effect on each objective after the rules; -1 where unknown."""
        taken = self._taken(self.hearing.truths, ())
        low, high = (self._after(start, taken)[0] for start in self.start)
        known = (low == high) & (self.hearing.applies == TRUE)
        return {name: np.where(known[row], low[row], -1).astype(np.int8) for row, name in enumerate(self.objectives)}

    @property
    def outcomes(self) -> None:
        """Only a table has named outcomes."""
        return None

    def asked(self) -> Iterator[Asked]:
        """Everything open: first effects, rules, and whether the standard applies."""
        hearing = self.hearing
        for row, fact in enumerate(hearing.standard.objectives.values()):
            unknown = self.start[0][row] != self.start[1][row]
            ends = [self._nominal(hearing.truths, (row, end)) for end in self.start]
            yield Asked(row, unknown, ((fact, unknown),), ends[1], ends[0], False)
        for place, rule in enumerate(hearing.rules):
            if rule.kind != "flag":
                yield self._asked_rule(place, rule)
        applies = hearing.unknown_facts((hearing.standard.applies_when,), hearing.standard.applies_support)
        if_applies = self._nominal(hearing.truths, applies=constant(TRUE, len(hearing)))
        never = np.full(len(hearing), NOT_APPLICABLE, np.int8)
        yield Asked(-1, hearing.applies == UNKNOWN, applies, if_applies, never, False)

    def _asked_rule(self, place: int, rule: Rule) -> Asked:
        truths = self.hearing.truths
        answers = []
        for answer in (TRUE, FALSE):
            given = list(truths)
            given[place] = np.where(truths[place] == UNKNOWN, answer, truths[place])
            answers.append(self._nominal(given))
        facts = self.hearing.unknown_facts(self.hearing.asks(rule), rule.coarsest_support)
        order = place + len(self.objectives)
        return Asked(order, truths[place] == UNKNOWN, facts, answers[0], answers[1], rule.required)

    def _nominal(
        self,
        truths: Sequence[TruthArray],
        replaced: tuple[int, EffectArray] | None = None,
        applies: TruthArray | None = None,
    ) -> LightArray:
        taken, ends = self._taken(truths, ()), []
        for start in self.start:
            effects = start
            if replaced is not None:
                effects = start.copy()
                effects[replaced[0]] = replaced[1][replaced[0]]
            ends.append(self._conclude(effects, taken))
        applied = self.hearing.applies if applies is None else applies
        lights = np.where((ends[0] == ends[1]) & (applied == TRUE), ends[0], NO_LIGHT)
        return np.where(applied == FALSE, NOT_APPLICABLE, lights).astype(np.int8)

    def _taken(self, truths: Sequence[TruthArray], also_unknown: tuple[str, ...]) -> list[NDArray[np.bool_]]:
        rules = self.hearing.rules
        return [
            truth >= (UNKNOWN if rule.kind in also_unknown else TRUE) for rule, truth in zip(rules, truths, strict=True)
        ]

    def _after(self, start: EffectArray, taken: Sequence[NDArray[np.bool_]]) -> tuple[EffectArray, NDArray[np.bool_]]:
        """Effects after lifts, then harms; and where an override holds."""
        effects, overridden = start.copy(), np.zeros(len(self.hearing), np.bool_)
        by_kind = {kind: [pair for pair in zip(self.hearing.rules, taken, strict=True) if pair[0].kind == kind]
                   for kind in ("override", "lift", "harm")}  # fmt: skip
        for _, holds in by_kind["override"]:
            overridden |= holds
        for rule, holds in by_kind["lift"]:
            row, level = self._target(rule)
            effects[row] = np.where(holds & ~overridden, np.minimum(effects[row], level), effects[row])
        for rule, holds in by_kind["harm"]:
            row, level = self._target(rule)
            effects[row] = np.where(holds, np.maximum(effects[row], level), effects[row])
        return effects, overridden

    def _target(self, rule: Rule) -> tuple[int, np.int8]:
        assert rule.objective is not None and rule.level is not None  # noqa: S101 - checked when the standard is loaded
        return self.objectives.index(rule.objective), np.int8(rule.level)

    def _conclude(self, start: EffectArray, taken: Sequence[NDArray[np.bool_]]) -> LightArray:
        effects, overridden = self._after(start, taken)
        worst = effects.max(axis=0)
        contributes = (effects == Effect.CONTRIBUTES).any(axis=0)
        lights = np.where(worst == Effect.MODERATE_HARM, YELLOW, np.where(contributes, GREEN, YELLOW))
        return np.where(overridden | (worst == Effect.SIGNIFICANT_HARM), RED, lights).astype(np.int8)
