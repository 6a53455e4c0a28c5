"""The decision table: rules in order, the first TRUE one concludes, UNKNOWN ones before it leave their outcomes open.

If all possible outcomes have one light, that is the light, whichever of them it will be; otherwise it is UNKNOWN. Only
where the rule that holds gives a presumption does its light stand until the open rule before it is answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from greensilk.rules.hearing import LIGHTS, NO_LIGHT, NOT_APPLICABLE, Asked, Hearing, LightArray
from greensilk.rules.logic import FALSE, TRUE, UNKNOWN, TruthArray, constant
from greensilk.rules.standard import Outcome

# One bit for each determinate light, by its code; _BEST and _WORST read the lowest and highest bit of a set.
_SETS = 1 << (len(LIGHTS) - 1)
_BEST = np.array([NO_LIGHT] + [(s & -s).bit_length() - 1 for s in range(1, _SETS)], np.int8)
_WORST = np.array([NO_LIGHT] + [s.bit_length() - 1 for s in range(1, _SETS)], np.int8)


def _bits(outcome: Outcome) -> int:
    """The set of lights that an outcome leaves possible."""
    first, last = outcome.between or (outcome.light, outcome.light)
    return sum(1 << code for code in range(LIGHTS.index(first), LIGHTS.index(last) + 1))


class DecisionTable:
    """Concludes a hearing by the first rule that holds."""

    def __init__(self, hearing: Hearing) -> None:
        self.hearing = hearing
        self.effects: dict[str, NDArray[np.int8]] = {}

    @cached_property
    def _decided(self) -> tuple[NDArray[np.int8], LightArray]:
        return self._decide(self.hearing.truths, self.hearing.applies)

    @property
    def lights(self) -> LightArray:
        """(n,) the light, UNKNOWN where more than one is possible and none presumed."""
        return self._decided[1]

    @cached_property
    def bounds(self) -> tuple[LightArray, LightArray]:
        """(n,) best and (n,) worst light that is possible."""
        return _BEST[self._decided[0]], _WORST[self._decided[0]]

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
        for place, truth in enumerate(self.hearing.truths):
            concludes = undecided & (truth == TRUE)
            found[concludes & (~something_open | (self.lights != NO_LIGHT))] = place
            undecided = undecided & (truth != TRUE)
            something_open |= truth == UNKNOWN
        return found

    def asked(self) -> Iterator[Asked]:
        """Every rule that is open and could conclude, and whether the standard applies."""
        hearing, size = self.hearing, len(self.hearing)
        reached = hearing.applies != FALSE
        settled = tuple(np.where(truth == TRUE, TRUE, FALSE) for truth in hearing.truths)
        always = constant(TRUE, size)
        for place, rule in enumerate(hearing.rules):
            truth = hearing.truths[place]
            answers = [
                self._decide((*settled[:place], constant(answer, size), *settled[place + 1 :]), always)[1]
                for answer in (TRUE, FALSE)
            ]
            facts = hearing.unknown_facts(hearing.asks(rule), rule.coarsest_support)
            yield Asked(place, reached & (truth == UNKNOWN), facts, answers[0], answers[1], rule.required)
            reached = reached & (truth != TRUE)
        applies = hearing.unknown_facts((hearing.standard.applies_when,), hearing.standard.applies_support)
        if_applies = self._decide(settled, always)[1]
        never = np.full(size, NOT_APPLICABLE, np.int8)
        yield Asked(-1, hearing.applies == UNKNOWN, applies, if_applies, never, False)

    def _decide(self, truths: Sequence[TruthArray], applies: TruthArray) -> tuple[NDArray[np.int8], LightArray]:
        """(n,) the set of possible lights, as bits; and (n,) the light."""
        possible = np.zeros(len(self.hearing), np.int8)
        presumed = np.full(len(self.hearing), NO_LIGHT, np.int8)
        undecided = np.ones(len(self.hearing), np.bool_)
        for rule, truth in zip(self.hearing.rules, truths, strict=True):
            outcome = self.hearing.standard.outcomes[rule.outcome or ""]
            possible |= np.where(undecided & (truth != FALSE), _bits(outcome), 0).astype(np.int8)
            if outcome.presumed:
                presumed[undecided & (truth == TRUE)] = LIGHTS.index(outcome.light)
            undecided &= truth != TRUE
        not_applicable = np.int8(1 << int(NOT_APPLICABLE))
        possible = np.where(applies == FALSE, not_applicable, possible)
        possible = np.where(applies == UNKNOWN, possible | not_applicable, possible).astype(np.int8)
        best = _BEST[possible]
        several = np.where(applies == TRUE, presumed, NO_LIGHT)
        return possible, np.where(best == _WORST[possible], best, several).astype(np.int8)
