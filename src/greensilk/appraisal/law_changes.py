"""The same portfolio judged by the rules of two days: measured once, who changes, and which change of law is why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from greensilk.appraisal.dossier import Progress, appraise
from greensilk.errors import UsageError
from greensilk.facts import FactTable
from greensilk.rules import ItemTable, StandardsAtHand
from greensilk.rules.hearing import Hearing
from greensilk.rules.judging import Table, judge_one
from greensilk.rules.logic import FALSE
from greensilk.rules.standard import Condition, Dated, Rule, Standard

if TYPE_CHECKING:
    from greensilk.screening.model import Portfolio

Flags: TypeAlias = NDArray[np.bool_]
Why: TypeAlias = tuple[dict[int, Flags], dict[str, Flags]]
CHANGED_SCHEMA = {
    "place": pl.UInt32,  # of the project in the portfolio
    "standard": pl.String,
    "item": pl.String,  # of a list, else null
    "before": pl.String,  # light that counts, level or status by name; null = the item was not in force
    "after": pl.String,
    "laws": pl.String,  # numbers of the changes of law that bear on it, joined by ";"
    "facts": pl.String,  # facts that are others on the later day, joined by ";"
}


@dataclass(frozen=True)
class LawChange:
    """One change of a standard between two days.

    rule: null where the whole standard came; day: the first on which it counts; fact, before, after: of a threshold
    that changed, null = none in force
    """

    standard: Standard
    rule: Rule | None
    how: Literal["issued", "began", "ended", "threshold"]
    day: dt.date
    fact: str | None = None
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True)
class DayComparison:
    """A portfolio by the rules of two days. changed: one row a project and standard, or item, that is not the same."""

    portfolio: Portfolio
    facts: FactTable
    days: tuple[dt.date, dt.date]
    standards: tuple[Standard, ...]
    laws: tuple[LawChange, ...]
    changed: pl.DataFrame


def compare_days(
    portfolio: Portfolio,
    standards: Sequence[Standard],
    days: tuple[dt.date, dt.date],
    layers: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> DayComparison:
    """Measure once, judge on both days.

    days: the earlier and the later, which may lie ahead; layers: ids of imported layers, None = all
    raises: UsageError if the days stand the wrong way round; LayerError, LicenceError as in appraise
    """
    from greensilk.screening.measure import as_of

    first, last = days
    if first > last:
        raise UsageError("rule_questions.days_reversed", first=first.isoformat(), last=last.isoformat())
    at_hand = StandardsAtHand({one.id: one for one in standards})
    dossier = appraise(portfolio, None, first, layers, progress, at_hand=at_hand)
    later = as_of(dossier.facts, portfolio, last)
    earlier: dict[str, Table] = {**dossier.verdicts, **dossier.categories, **dossier.items}
    laws = tuple(change for one in standards for change in changes_of(one, first, last))
    parts = [
        part
        for one in standards
        for part in _changed(earlier[one.id], judge_one(later, one, last), list(enumerate(laws)))
    ]
    changed = pl.concat(parts) if parts else pl.DataFrame(schema=CHANGED_SCHEMA)
    return DayComparison(portfolio, later, days, tuple(standards), laws, changed)


def changes_of(standard: Standard, first: dt.date, last: dt.date) -> Iterator[LawChange]:
    """What changed of a standard after the first day and until the last, in the order of its rules."""
    if standard.issued > last:
        return
    if standard.issued > first:
        yield LawChange(standard, None, "issued", standard.issued)
        return
    for condition in (standard.applies_when, standard.assessed_when):
        yield from _thresholds(standard, None, condition, first, last)
    for rule in standard.rules:
        yield from _of_rule(standard, rule, first, last)


def _of_rule(standard: Standard, rule: Rule, first: dt.date, last: dt.date) -> Iterator[LawChange]:
    was, now = rule.in_force(first), rule.in_force(last)
    if now and not was:
        yield LawChange(standard, rule, "began", rule.since)
    elif was and not now and rule.until is not None:
        yield LawChange(standard, rule, "ended", rule.until)
    elif was and now:
        for part in (rule.when, rule.met_when):
            yield from _thresholds(standard, rule, part, first, last)


def _thresholds(
    standard: Standard, rule: Rule | None, condition: Condition | None, first: dt.date, last: dt.date
) -> Iterator[LawChange]:
    for leaf in condition.leaves() if condition is not None else ():
        given, before, after = leaf.given(leaf.comparison), leaf.threshold(first), leaf.threshold(last)
        if isinstance(given, Dated) and before != after:
            day = max(day for day in given.values if day <= last)
            yield LawChange(standard, rule, "threshold", day, leaf.fact, before, after)


def _changed(before: Table, after: Table, laws: list[tuple[int, LawChange]]) -> Iterator[pl.DataFrame]:
    """A frame for the standard, or for each item that changed for anybody."""
    own = [(number, law) for number, law in laws if law.standard is after.standard]
    touched = {number: _bears_on(law, before.hearing, after.hearing) for number, law in own}
    facts = _other_facts(before.hearing, after.hearing)
    if not isinstance(before, ItemTable) or not isinstance(after, ItemTable):
        value = "counted" if "counted" in after.table.columns else "category"
        scope = {number: touched[number] for number, law in own if law.rule is None or law.rule.kind != "flag"}
        yield from _rows((before.table[value], after.table[value]), after.standard.id, None, (scope, facts))
        return
    off = after.statuses[0]  # an item that came, or went, without touching the project changed nothing for it
    for rule in after.standard.rules:
        if rule in before.items or rule in after.items:
            scope = {number: touched[number] for number, law in own if law.rule in (None, rule)}
            asked = {leaf.fact for part in (rule.when, rule.met_when) if part for leaf in part.leaves()}
            asked |= {leaf.fact for leaf in after.standard.applies_when.leaves()}
            seen = {name: differs for name, differs in facts.items() if name in asked}
            yield from _rows((_item(before, rule), _item(after, rule)), after.standard.id, rule.id, (scope, seen), off)


def _item(table: ItemTable, rule: Rule) -> pl.Series:
    """The status of an item; null where it was not in force."""
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(table))
    return table.table[rule.id] if rule in table.items else nothing


def _bears_on(law: LawChange, before: Hearing, after: Hearing) -> Flags:
    """(n,) whether a change of law is one that the project notices."""
    if law.how == "issued":
        return np.asarray(after.applies != FALSE)
    if law.rule is None:
        return np.asarray(before.applies != after.applies)
    then = dict(zip((rule.id for rule in before.rules), before.truths, strict=True)).get(law.rule.id)
    now = dict(zip((rule.id for rule in after.rules), after.truths, strict=True)).get(law.rule.id)
    if then is None or now is None:
        there = now if then is None else then
        assert there is not None, "a rule that began or ended is in force on one of the days"  # noqa: S101
        return np.asarray(there != FALSE)
    return np.asarray(then != now)


def _other_facts(before: Hearing, after: Hearing) -> dict[str, Flags]:
    """Fact that the standard asks -> (n,) where it is another on the later day, if it is for anybody."""
    found = {}
    for name in sorted(after.standard.facts_asked()):
        then, now = before.facts.get(name), after.facts.get(name)
        if then is not None and now is not None and then is not now:
            differs = then.values.ne_missing(now.values).to_numpy()
            if differs.any():
                found[name] = differs
    return found


def _rows(
    values: tuple[pl.Series, pl.Series], standard: str, item: str | None, why: Why, off: str = ""
) -> Iterator[pl.DataFrame]:
    """The projects that changed; why: changes of law and facts, with where each is noticed; off: the same as null."""
    before, after = values
    places = np.flatnonzero((before.fill_null(off) != after.fill_null(off)).to_numpy())
    if not len(places):
        return
    columns = {"before": before.gather(places), "after": after.gather(places)}
    joined = [_joined({str(name): at[places] for name, at in one.items()}, len(places)) for one in why]
    frame = pl.DataFrame({"place": places, **columns, "laws": joined[0], "facts": joined[1]})
    named = frame.with_columns(pl.lit(standard).alias("standard"), pl.lit(item, dtype=pl.String).alias("item"))
    yield named.select(pl.col(name).cast(kind) for name, kind in CHANGED_SCHEMA.items())


def _joined(flags: dict[str, Flags], size: int) -> pl.Series:
    """(n,) the names whose flag is set, joined by ";"."""
    if not flags:
        return pl.Series([""], dtype=pl.String).new_from_index(0, size)
    frame = pl.DataFrame(flags)
    named = [pl.when(pl.col(name)).then(pl.lit(name)) for name in flags]
    return frame.select(pl.concat_str(named, separator=";", ignore_nulls=True).alias("names")).to_series()
