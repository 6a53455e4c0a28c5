"""Conditions over a table of facts, for all projects at once, in three-valued logic.

A fact is UNKNOWN where its value is null, where it was not measured, and where it is coarser than the rule accepts.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from greensilk.facts import FactColumn, FactTable, Origin
from greensilk.records import Support
from greensilk.rules.dates import IMPRECISE, first_days, last_days
from greensilk.rules.logic import (
    FALSE,
    TRUE,
    UNKNOWN,
    TruthArray,
    conjunction,
    constant,
    disjunction,
    negation,
    truths,
)
from greensilk.rules.model import FactUse
from greensilk.rules.standard import Condition
from greensilk.vocabulary import FactName

_ORDER = {"above": operator.gt, "at_least": operator.ge, "below": operator.lt, "at_most": operator.le}
_EPOCH = dt.date(1970, 1, 1)


# Truths of comparisons that were made, so that standards that ask the same of the same facts on one day ask once.
Answers: TypeAlias = dict[tuple[Support, str, str, str], TruthArray]


@dataclass(frozen=True)
class Reading:
    """The facts as seen on one day at one coarsest support. answers: shared with other readings of these facts and
    this day, of whatever support"""

    facts: FactTable
    entries: Mapping[str, FactName]
    on: dt.date
    coarsest: Support
    answers: Answers = field(default_factory=dict)

    def column(self, name: str) -> FactColumn | None:
        """The column of a fact, null where a value is too coarse to be ground for a verdict; None where all are."""
        column = self.facts.get(name)
        if column is None:
            return None
        coarse = column.of_origin(self._too_coarse)
        if coarse.all():
            return None
        if not coarse.any():
            return column
        shown = pl.select(pl.when(pl.Series(~coarse)).then(column.values).alias(name)).to_series()
        return replace(column, values=shown)

    def _too_coarse(self, origin: Origin) -> bool:
        return origin.support > self.coarsest

    def truth(self, condition: Condition | None) -> TruthArray:
        """Whether the condition holds for each project; (n,). No condition always holds."""
        if condition is None:
            return constant(TRUE, len(self.facts))
        if condition.fact is not None:
            # By its spelling, for True is 1 and 1 is 1.0 as a key.
            threshold = repr(condition.threshold(self.on))
            key = (self.coarsest, condition.fact, condition.comparison, threshold)
            if key not in self.answers:
                self.answers[key] = self._leaf(condition)
            return self.answers[key]
        if condition.all is not None:
            return conjunction(self.truth(part) for part in condition.all)
        if condition.any is not None:
            return disjunction(self.truth(part) for part in condition.any)
        assert condition.not_ is not None, "names of conditions are written out when a standard is loaded"  # noqa: S101
        return negation(self.truth(condition.not_))

    def _leaf(self, condition: Condition) -> TruthArray:
        assert condition.fact is not None  # noqa: S101
        column, threshold = self.column(condition.fact), condition.threshold(self.on)
        if condition.comparison == "known":
            known = constant(FALSE, len(self.facts)) if column is None else truths(column.known, np.array(True))
            return known if threshold else negation(known)
        if column is None or threshold is None:
            return constant(UNKNOWN, len(self.facts))
        kind = self.entries[condition.fact].kind
        if kind == "date":
            return self._date(column, condition.comparison, threshold)
        if kind in ("number", "level"):
            return self._ordered(column, condition.comparison, threshold)
        if condition.comparison == "includes":
            listed = _listed(column.values).list.contains(threshold)
            return truths(listed.fill_null(False).to_numpy(), column.known)
        allowed = threshold if condition.comparison == "in" else (threshold,)
        return truths(column.values.is_in(list(allowed)).fill_null(False).to_numpy(), column.known)

    def _ordered(self, column: FactColumn, comparison: str, threshold: Any) -> TruthArray:
        levels = self.entries[column.name].levels
        # A value that is no number, or no level of the vocabulary, is no knowledge.
        numbers = column.values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        known = np.isfinite(numbers)
        if levels:
            known &= (numbers >= 0) & (numbers < len(levels))
        if comparison in ("is", "in"):
            names = threshold if comparison == "in" else (threshold,)
            return truths(np.isin(numbers, [levels.index(name) for name in names]), known)
        bound = levels.index(threshold) if levels else float(threshold)
        with np.errstate(invalid="ignore"):
            return truths(_ORDER[comparison](numbers, bound), known)

    def _date(self, column: FactColumn, comparison: str, day: dt.date) -> TruthArray:
        said, bound = self.facts.get(IMPRECISE), (day - _EPOCH).days
        first = first_days(column.values)
        last = last_days(column.values.alias(column.name), None if said is None else said.values)
        before = np.where(last < bound, TRUE, np.where(first >= bound, FALSE, UNKNOWN)).astype(np.int8)
        before[~column.known] = UNKNOWN
        return before if comparison == "before" else negation(before)

    def uses(self, condition: Condition | None, row: int) -> tuple[FactUse, ...]:
        """Every comparison of the condition as one project saw it."""
        return () if condition is None else tuple(self._use(leaf, row) for leaf in condition.leaves())

    def _use(self, leaf: Condition, row: int) -> FactUse:
        assert leaf.fact is not None  # noqa: S101
        column, entry = self.facts.get(leaf.fact), self.entries[leaf.fact]
        threshold = leaf.threshold(self.on)
        value = None if column is None else _plain(column.values[row], entry.levels)
        return FactUse(
            name=leaf.fact,
            value=value,
            unit=entry.unit,
            comparison=leaf.comparison,
            threshold="; ".join(threshold) if isinstance(threshold, tuple) else _plain(threshold, ()),
            too_coarse=column is not None and self._too_coarse(column.origin_at(row)),
            reason=None if value is not None else self._reason(column, leaf.fact, row),
        )

    def _reason(self, column: FactColumn | None, name: str, row: int) -> str:
        if column is not None:
            given = None if column.reasons is None else column.reasons[row]
            return given or "not_computable"
        return "no_layer" if self.entries[name].group == "sensitive" else "not_given"


def _listed(joined: pl.Series) -> pl.Series:
    return joined.str.replace_all(" ", "", literal=True).str.split(";")


def _plain(value: Any, levels: tuple[str, ...]) -> float | str | bool | None:
    if isinstance(value, dt.date):
        return value.isoformat()
    if levels and value is not None:
        return levels[int(value)] if 0 <= int(value) < len(levels) else None
    found: float | str | bool | None = value
    return found
