"""The decision table: rules in order, the first TRUE one concludes, UNKNOWN ones before it leave their outcomes open.

If all possible outcomes have one light (or level), that is the verdict, whichever of them it will be; otherwise it is
UNKNOWN. Only where the rule that holds gives a presumption does its light stand until the open rule before it is
answered. Flags beside the table only tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from greensilk.rules.hearing import NOT_APPLICABLE, Asked, Hearing, LightArray
from greensilk.rules.logic import FALSE, TRUE, UNKNOWN, TruthArray, constant
from greensilk.rules.standard import Outcome

BitArray = NDArray[np.int16]  # a set of codes, one bit each


class DecisionTable:
    """Concludes a hearing by the first rule that holds."""

    def __init__(self, hearing: Hearing) -> None:
        self.hearing = hearing
        self.effects: dict[str, NDArray[np.int8]] = {}
        self._unknown = np.int8(len(hearing.scale) - 1)
        self._concluding = tuple(place for place, rule in enumerate(hearing.rules) if rule.kind == "outcome")
        # Every set of codes, with its lowest and its highest.
        sets = range(1 << (len(hearing.scale) - 1))
        self._every = len(sets) - 1 - (1 << int(NOT_APPLICABLE))
        self._lowest = np.array([(s & -s).bit_length() - 1 if s else self._unknown for s in sets], np.int8)
        self._highest = np.array([s.bit_length() - 1 if s else self._unknown for s in sets], np.int8)

    @cached_property
    def _decided(self) -> tuple[BitArray, LightArray]:
        return self._decide({}, self.hearing.applies)

    @property
    def lights(self) -> LightArray:
        """(n,) the light or level, UNKNOWN where more than one is possible and none presumed."""
        return self._decided[1]

    @cached_property
    def bounds(self) -> tuple[LightArray, LightArray]:
        """(n,) best and (n,) worst light or level that is possible."""
        return self._lowest[self._decided[0]], self._highest[self._decided[0]]

    @property
    def conditional(self) -> LightArray:
        """No measure changes the outcome of a table."""
        return self.lights

    @cached_property
    def outcomes(self) -> NDArray[np.int16]:
        """(n,) index of the rule that concludes, -1 where it is open or the standard does not apply.

        Where rules before it are open but can give no other light, the first that holds is the one named.
        """
        found = np.full(len(self.hearing), -1, np.int16)
        undecided = self.hearing.applies == TRUE
        something_open = np.zeros(len(self.hearing), np.bool_)
        for place in self._concluding:
            truth = self.hearing.truths[place]
            concludes = undecided & (truth == TRUE)
            found[concludes & (~something_open | (self.lights != self._unknown))] = place
            undecided = undecided & (truth != TRUE)
            something_open |= truth == UNKNOWN
        return found

    def asked(self) -> Iterator[Asked]:
        """Every rule that is open and could conclude, and whether the standard applies."""
        hearing, size = self.hearing, len(self.hearing)
        reached = hearing.applies != FALSE
        settled = {place: np.where(hearing.truths[place] == TRUE, TRUE, FALSE) for place in self._concluding}
        always = constant(TRUE, size)
        for place in self._concluding:
            rule, truth = hearing.rules[place], hearing.truths[place]
            answers = [self._decide(settled | {place: constant(answer, size)}, always)[1] for answer in (TRUE, FALSE)]
            facts = hearing.unknown_facts(hearing.asks(rule), rule.coarsest_support)
            yield Asked(place, reached & (truth == UNKNOWN), facts, answers[0], answers[1], rule.required)
            reached = reached & (truth != TRUE)
        applies = hearing.unknown_facts((hearing.standard.applies_when,), hearing.standard.applies_support)
        if_applies = self._decide(settled, always)[1]
        never = np.full(size, NOT_APPLICABLE, np.int8)
        yield Asked(-1, hearing.applies == UNKNOWN, applies, if_applies, never, False)

    def _bits(self, outcome: Outcome) -> int:
        """The set of codes that an outcome leaves possible."""
        first, last = outcome.between or (outcome.value, outcome.value)
        scale = self.hearing.scale
        return sum(1 << code for code in range(scale.index(first), scale.index(last) + 1))

    def _decide(self, replaced: Mapping[int, TruthArray], applies: TruthArray) -> tuple[BitArray, LightArray]:
        """(n,) the set of possible codes, as bits; and (n,) the light or level. replaced: place -> other truths."""
        hearing = self.hearing
        possible = np.zeros(len(hearing), np.int16)
        presumed = np.full(len(hearing), self._unknown, np.int8)
        undecided = np.ones(len(hearing), np.bool_)
        for place in self._concluding:
            truth = replaced.get(place, hearing.truths[place])
            outcome = hearing.standard.outcomes[hearing.rules[place].outcome or ""]
            possible |= np.where(undecided & (truth != FALSE), self._bits(outcome), 0).astype(np.int16)
            if outcome.presumed:
                presumed[undecided & (truth == TRUE)] = hearing.scale.index(outcome.value)
            undecided &= truth != TRUE
        # Where no rule holds (the last is not in force yet, or no more) nothing is concluded, whatever is open before.
        possible |= np.where(undecided, self._every, 0).astype(np.int16)
        not_applicable = np.int16(1 << int(NOT_APPLICABLE))
        possible = np.where(applies == FALSE, not_applicable, possible)
        possible = np.where(applies == UNKNOWN, possible | not_applicable, possible).astype(np.int16)
        best = self._lowest[possible]
        several = np.where(applies == TRUE, presumed, self._unknown)
        return possible, np.where(best == self._highest[possible], best, several).astype(np.int8)
