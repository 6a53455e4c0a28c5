"""Every item of a list for every project: triggers, checklists, targets of states."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import polars as pl

from greensilk.rules import trace as traces
from greensilk.rules.hearing import Hearing
from greensilk.rules.item_list import ASKED, MAYBE_ASKED, MET, STATUSES, ItemList
from greensilk.rules.logic import TRUE
from greensilk.rules.model import TraceStep
from greensilk.rules.questions import settled_by
from greensilk.rules.standard import Rule


class ItemTable:
    """Answers of all projects to one standard that is a list.

    table: project_id; applies: whether the standard speaks of the project (true, false, null = unknown); one column an
    item with its status by name (see statuses); flags: rules that only tell, joined by ";", else null
    """

    def __init__(self, hearing: Hearing) -> None:
        self.hearing = hearing
        self.standard, self.on = hearing.standard, hearing.on
        self.list = ItemList(hearing)

    def __len__(self) -> int:
        return len(self.hearing)

    @property
    def items(self) -> tuple[Rule, ...]:
        """The items in force, in the order of the standard."""
        return self.list.items

    @property
    def statuses(self) -> tuple[str, ...]:
        """What an item can be, by its code."""
        return STATUSES[self.standard.outcome_kind]

    @cached_property
    def table(self) -> pl.DataFrame:
        """One row a project; columns as the class says."""
        names = pl.Series(self.statuses)
        applies = [None if truth == 1 else bool(truth == TRUE) for truth in self.hearing.applies]
        columns = {"project_id": self.hearing.facts.project_ids, "applies": pl.Series(applies, dtype=pl.Boolean)}
        for item, codes in zip(self.items, self.list.codes, strict=True):
            columns[item.id] = names.gather(codes.astype(np.uint32))
        return pl.DataFrame(columns | {"flags": self.hearing.flags()})

    @cached_property
    def counts(self) -> pl.DataFrame:
        """One row an item: item, and how many projects have each status."""
        codes = self.list.codes
        counted = {name: [int((row == code).sum()) for row in codes] for code, name in enumerate(self.statuses)}
        return pl.DataFrame({"item": [item.id for item in self.items]} | counted)

    def settles(self, i: int) -> dict[str, tuple[str, ...]]:
        """What would answer the unknown and open items of project i: item -> layers and portfolio fields."""
        found: dict[str, tuple[str, ...]] = {}
        for item, codes, facts in zip(self.items, self.list.codes, self.list.open_facts, strict=True):
            if codes[i] in (MAYBE_ASKED, ASKED):
                wanted = (settled_by(self.hearing, fact) for fact, unknown in facts if unknown[i])
                found[item.id] = tuple(dict.fromkeys(wanted))
        return found

    def settlers(self) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
        """Layer or field -> (n,) number of items that an answer could settle: whether asked, or whether met."""
        found: dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]] = {}
        for codes, facts in zip(self.list.codes, self.list.open_facts, strict=True):
            keys = {settled_by(self.hearing, fact) for fact, _ in facts}
            for key in keys:
                open_here = [unknown for fact, unknown in facts if settled_by(self.hearing, fact) == key]
                open_any = np.logical_or.reduce(open_here) & np.isin(codes, (MAYBE_ASKED, ASKED))
                found[key] = found.get(key, np.zeros(len(self), np.int64)) + open_any
        return found

    @cached_property
    def done(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """(n,) number of items that something in hand meets."""
        return np.asarray((self.list.codes == MET).sum(axis=0), dtype=np.int64)

    def trace(self, i: int) -> tuple[TraceStep, ...]:
        """Every item as asked of project number i: what it saw, what followed."""
        return traces.trace(self.hearing, i)
