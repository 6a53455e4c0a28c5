"""Which measures would change a light: for each project the smallest sets of them, or why none would.

A set is tried as one more project whose facts have its evidence; all are judged in one pass by the same engine. What
measures leave of a harm is not added up, so that one measure for each objective is as good as any number: measures for
the same objective that leave equally much are tried once, and all of them are told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

import numpy as np

from greensilk.project_types import EVIDENCE_FACTS, OBJECTIVES, mitigations
from greensilk.records import Effect, Tier
from greensilk.rules.hearing import GREEN, RED, YELLOW
from greensilk.rules.judging import judge
from greensilk.rules.measures import FACTS, NOT_GIVEN, Named, Register, first_effects, with_measures
from greensilk.rules.set_reasons import Reason, Reasons
from greensilk.rules.standard import Standard
from greensilk.rules.verdicts import VerdictTable

HIERARCHY = ("avoid", "minimise", "restore", "offset")
Choice: TypeAlias = tuple[tuple[str, ...], ...]  # measures of which any one is meant, a tuple an objective


@dataclass(frozen=True, slots=True)
class MeasureSet:
    """Measures that together would change a light.

    light, basis: the light once all are shown as the standard asks, and what it would rest on;
    conditional_light: the light that would stand beside the present one while they are only promised, null = none
    """

    measures: tuple[str, ...]
    light: str
    basis: str
    conditional_light: str | None


@dataclass(frozen=True, slots=True)
class WouldChange:
    """What would change the light of one project. sets: the better light first, then by the order of the mitigation
    hierarchy; reason: why none would, where there is none"""

    light: str
    sets: tuple[MeasureSet, ...]
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class _Try:
    row: int
    named: tuple[str, ...]  # one of each choice
    choice: Choice


def smallest_sets(
    verdicts: VerdictTable, register: Register | None = None, withheld: Collection[str] = ()
) -> list[WouldChange]:
    """For each project the smallest sets of measures that would give it a better light.

    verdicts: by one standard; register: the measures that are known, None = those defined; withheld: facts that may not
    be told, on which no reason then rests
    returns: (n,). Of every better light the sets with the fewest measures that give it, unless fewer give a better one
    """
    known = mitigations() if register is None else register
    return _Search(verdicts, known, frozenset(withheld)).found()


def tier_asked(standard: Standard) -> Tier:
    """How far a standard asks measures to be shown: certified, or what its rules ask beyond that."""
    names = {name for name, _, _ in FACTS}
    asked = [rule.evidence.at_least for rule in standard.rules if rule.evidence is not None]
    for rule in standard.rules:
        leaves = rule.when.leaves() if rule.when is not None else ()
        asked += [leaf.given(leaf.comparison) for leaf in leaves if leaf.fact in names]
    tiers = [Tier[name.upper()] for name in asked if isinstance(name, str)]
    return max([Tier.CERTIFIED, *tiers])


class _Search:
    def __init__(self, verdicts: VerdictTable, known: Register, withheld: frozenset[str]) -> None:
        self.verdicts, self.known, self.withheld = verdicts, known, withheld
        self.facts, self.lights = verdicts.hearing.facts, verdicts.method.lights
        self.asked = verdicts.standard.facts_asked()
        self.objectives = [
            name for name in OBJECTIVES if any(fact.format(name) in self.asked for fact in EVIDENCE_FACTS)
        ]
        self._cache: dict[Any, tuple[Choice, ...]] = {}

    def found(self) -> list[WouldChange]:
        names = self.verdicts.table["light"].to_list()
        sets = self._sets()
        missing = [row for row in range(len(names)) if row not in sets]
        reasons = Reasons(self.verdicts, self.objectives, self.withheld).of(missing)
        return [WouldChange(light, sets.get(row, ()), reasons.get(row)) for row, light in enumerate(names)]

    def _sets(self) -> dict[int, tuple[MeasureSet, ...]]:
        tries = list(self._tries())
        if not tries:
            return {}
        shown = self._judged(tries, tier_asked(self.verdicts.standard))
        codes = shown.method.lights
        better = codes < self.lights[[one.row for one in tries]]
        better &= np.isin(codes, (GREEN, YELLOW))
        kept = [tries[k] for k in np.flatnonzero(better)]
        if not kept:
            return {}
        promised = self._judged(kept, Tier.PROMISED).table["conditional_light"].to_list()
        bases = [shown.table["basis"][int(k)] for k in np.flatnonzero(better)]
        lights = [int(code) for code in codes[better]]
        by_row: dict[int, list[tuple[int, _Try, str, str | None]]] = {}
        for one, light, basis, soft in zip(kept, lights, bases, promised, strict=True):
            by_row.setdefault(one.row, []).append((light, one, basis, soft))
        return {row: tuple(self._smallest(found)) for row, found in by_row.items()}

    def _smallest(self, found: list[tuple[int, _Try, str, str | None]]) -> Iterator[MeasureSet]:
        fewest = len(OBJECTIVES)
        for light in sorted({light for light, *_ in found}):
            same = [(one, basis, soft) for code, one, basis, soft in found if code == light]
            number = min(len(one.named) for one, _, _ in same)
            if number > fewest:
                continue
            fewest = number
            sets = [
                MeasureSet(tuple(sorted(names, key=self._order)), self.verdicts.hearing.scale[light], basis, soft)
                for one, basis, soft in same
                if len(one.named) == number
                for names in product(*one.choice)
            ]
            yield from sorted(sets, key=lambda one: [self._order(name) for name in one.measures])

    def _order(self, name: str) -> tuple[int, str]:
        return HIERARCHY.index(self.known[name].hierarchy), name

    def _tries(self) -> Iterator[_Try]:
        if not self.objectives:
            return
        kinds = self.facts["project_type"].values.to_list() if "project_type" in self.facts.columns else None
        firsts = first_effects(self.facts).T.tolist()
        for row in np.flatnonzero(np.isin(self.lights, (YELLOW, RED))).tolist():
            key = (None if kinds is None else kinds[row], tuple(firsts[row]))
            if key not in self._cache:
                self._cache[key] = tuple(self._choices(*key))
            for choice in self._cache[key]:
                yield _Try(row, tuple(names[0] for names in choice), choice)

    def _choices(self, kind: str | None, firsts: tuple[int, ...]) -> Iterator[Choice]:
        """For every objective none or one of the measures that leave equally much."""
        options = []
        for name, code in zip(OBJECTIVES, firsts, strict=True):
            if name in self.objectives:
                options.append([(), *self._alike(name, kind, None if code == NOT_GIVEN else Effect(code))])
        for chosen in product(*options):
            choice = tuple(names for names in chosen if names)
            if choice:
                yield choice

    def _alike(self, objective: str, kind: str | None, first: Effect | None) -> list[tuple[str, ...]]:
        alike: dict[bool, list[str]] = {}
        for name, one in sorted(self.known.items()):
            left = one.leaves(first)
            if one.recognised and one.objective == objective and left <= Effect.MODERATE_HARM and one.meant_for(kind):
                alike.setdefault(left <= Effect.NEUTRAL, []).append(name)
        return [tuple(names) for names in alike.values()]

    def _judged(self, tries: list[_Try], tier: Tier) -> VerdictTable:
        rows = np.array([one.row for one in tries], np.int64)
        names = self.asked | {name for name, _, _ in FACTS} | {f"effect_{name}" for name in OBJECTIVES}
        named: list[Named] = [dict.fromkeys(one.named, tier) for one in tries]
        facts = with_measures(self.facts.at(rows, names), named, self.known)
        return judge(facts, self.verdicts.standard, self.verdicts.on)
