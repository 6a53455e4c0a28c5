"""The list: every item is answered for itself, by whether it is asked of the project and whether it is met.

An item that is asked and not known to be met is open: what nobody named is no proof that it was not done, and no reason
to tick it off. Nor is an item ticked off where it is not known whether it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from greensilk.rules.hearing import Hearing
from greensilk.rules.logic import FALSE, TRUE
from greensilk.rules.standard import OutcomeKind, Rule

# Codes of an item's status, and how each kind of standard names them.
NOT_ASKED, MAYBE_ASKED, ASKED, MET = (np.int8(code) for code in range(4))
STATUSES: dict[OutcomeKind, tuple[str, ...]] = {
    "trigger": ("not_triggered", "unknown", "triggered"),
    "checklist": ("not_asked", "unknown", "open", "done"),
    "state_target": ("not_touched", "unknown", "touched"),
}
_OF_TRUTH = np.array([NOT_ASKED, MAYBE_ASKED, ASKED], np.int8)


class ItemList:
    """Answers every item of a hearing."""

    def __init__(self, hearing: Hearing) -> None:
        self.hearing = hearing

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Places of the items among the rules in force."""
        return tuple(place for place, rule in enumerate(self.hearing.rules) if rule.kind == "item")

    @property
    def items(self) -> tuple[Rule, ...]:
        """The items in force, in the order of the standard."""
        return tuple(self.hearing.rules[place] for place in self.places)

    @cached_property
    def codes(self) -> NDArray[np.int8]:
        """(items, n) status of every item for every project."""
        hearing = self.hearing
        found = np.zeros((len(self.places), len(hearing)), np.int8)
        for row, (place, rule) in enumerate(zip(self.places, self.items, strict=True)):
            asked = np.minimum(hearing.truths[place], hearing.applies)
            found[row] = _OF_TRUTH[asked]
            if rule.met_when is not None:
                met = hearing.reading(rule.coarsest_support).truth(rule.met_when) == TRUE
                found[row][met & (asked == TRUE)] = MET
        return found

    @cached_property
    def open_facts(self) -> tuple[tuple[tuple[str, NDArray[np.bool_]], ...], ...]:
        """A tuple an item: the facts that keep it unknown, or that would meet it, each with (n,) where they do."""
        return tuple(
            (*self._unanswered(rule, self.codes[row]), *self._unmet(rule, self.codes[row]))
            for row, rule in enumerate(self.items)
        )

    def _unanswered(self, rule: Rule, codes: NDArray[np.int8]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        asked = () if rule.when is None else (rule.when,)
        for fact, unknown in self.hearing.unknown_facts(asked, rule.coarsest_support):
            yield fact, unknown & (codes == MAYBE_ASKED)

    def _unmet(self, rule: Rule, codes: NDArray[np.int8]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Of lists and levels more may be named: lacking what is asked for, they keep an item as open as if unknown."""
        met = () if rule.met_when is None else (rule.met_when,)
        reading = self.hearing.reading(rule.coarsest_support)
        for fact, unknown in self.hearing.unknown_facts(met, rule.coarsest_support):
            yield fact, unknown & (codes == ASKED)
        for leaf in (leaf for part in met for leaf in part.leaves()):
            if leaf.fact is not None and leaf.comparison in ("includes", "at_least"):
                yield leaf.fact, (reading.truth(leaf) == FALSE) & (codes == ASKED)
