"""What a fact could be instead, as far as a standard would notice: a value, or a range between two thresholds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from greensilk.rules.standard import Condition
from greensilk.vocabulary import FactName

ANOTHER = "?"  # a text that no standard names
How: TypeAlias = Literal["is", "with", "without"]
# Numbers that can lie below nothing; every other is a length, an area, a share, a count.
BELOW_ZERO = ("[temperature]",)


@dataclass(frozen=True, slots=True)
class Supposed:
    """A fact taken to be something else.

    values: truths, texts, levels by name, any of them; how: a list of things is not taken to be another, but to hold or
    not to hold one of the values as well; another: any text besides those that are named in `but`
    low, high: a number or day between them, null = no bound on that side; closed: whether low, high belong to it
    """

    fact: str
    values: tuple[bool | str, ...] = ()
    how: How = "is"
    another: bool = False
    but: tuple[str, ...] = ()
    low: float | dt.date | None = None
    high: float | dt.date | None = None
    closed: tuple[bool, bool] = (False, False)

    def joined(self, other: Supposed) -> Supposed:
        """This or the next."""
        return replace(
            self,
            values=(*self.values, *other.values),
            another=self.another or other.another,
            but=self.but or other.but,
            high=other.high,
            closed=(self.closed[0], other.closed[1]),
        )

    def lies_below(self, stands: Any) -> bool:
        """Whether all of a range lies below a number or day."""
        return self.high is not None and (self.high < stands or (self.high == stands and not self.closed[1]))


@dataclass(frozen=True, slots=True)
class Supposition:
    """One thing to try. value: as it stands in a column of facts; ordered: neighbours lie side by side"""

    fact: str
    value: Any
    supposed: Supposed
    ordered: bool = False


def suppositions(
    entry: FactName, fact: str, leaves: Sequence[Condition], on: dt.date, stands: Any = None
) -> Iterator[Supposition]:
    """Everything that a fact could be that the comparisons given can tell apart on a day, ranges from low to high.

    stands: what the fact is now, null = unknown; a list of things gains or loses one of them
    """
    held = list(_thresholds(leaves, on))
    if entry.kind == "truth":
        yield from (Supposition(fact, value, Supposed(fact, (value,))) for value in (True, False))
    elif entry.kind == "level":
        for code, level in enumerate(entry.levels):
            yield Supposition(fact, code, Supposed(fact, (level,)))
    elif entry.kind == "number":
        floor = None if entry.dimension in BELOW_ZERO or fact == "elevation" else 0.0
        yield from _numbers(fact, sorted({float(one) for one in held}), floor)
    elif entry.kind == "date":
        yield from _days(fact, sorted(set(held)))
    else:
        yield from _texts(fact, leaves, on, stands)


def _texts(fact: str, leaves: Sequence[Condition], on: dt.date, stands: str | None) -> Iterator[Supposition]:
    """Each text that is named, and one that is not; to a list that is known, one more or one less."""
    listed = [leaf for leaf in leaves if leaf.comparison == "includes"]
    whole = [leaf for leaf in leaves if leaf.comparison != "includes"]
    if stands is not None and listed:
        now = [one.strip() for one in stands.split(";") if one.strip() not in ("", "none")]
        for text in dict.fromkeys(_thresholds(listed, on)):
            changed, how = [*now, text], "with"
            if text in now:
                changed, how = [one for one in now if one != text], "without"
            yield Supposition(fact, "; ".join(changed) or "none", Supposed(fact, (text,), how))  # type: ignore[arg-type]
    if whole or stands is None:
        named = tuple(dict.fromkeys(_thresholds(leaves, on)))
        yield from (Supposition(fact, text, Supposed(fact, (text,))) for text in named)
        yield Supposition(fact, ANOTHER, Supposed(fact, another=True, but=named))


def _thresholds(leaves: Iterable[Condition], on: dt.date) -> Iterator[Any]:
    for leaf in leaves:
        threshold = leaf.threshold(on)
        if leaf.comparison != "known" and threshold is not None:
            yield from threshold if isinstance(threshold, tuple) else (threshold,)


def _numbers(fact: str, held: Sequence[float], floor: float | None) -> Iterator[Supposition]:
    """Each range between thresholds, and each threshold itself."""
    inner = [one for one in held if floor is None or one >= floor]

    def between(low: float | None, high: float | None) -> Supposition:
        if low is None:
            tried = 0.0 if high is None else high - max(1.0, abs(high)) if floor is None else (floor + high) / 2.0
        else:
            tried = low + max(1.0, abs(low)) if high is None else (low + high) / 2.0
        return Supposition(fact, tried, Supposed(fact, low=low, high=high), ordered=True)

    def at(one: float) -> Supposition:
        return Supposition(fact, one, Supposed(fact, low=one, high=one, closed=(True, True)), ordered=True)

    if not inner:
        yield between(None, None)
        return
    if inner[0] != floor:
        yield between(None, inner[0])
    for low, high in pairwise([*inner, None]):
        assert low is not None  # noqa: S101 - only the last is none
        yield at(low)
        yield between(low, high)


def _days(fact: str, held: Sequence[dt.date]) -> Iterator[Supposition]:
    """Each span of days from one threshold to the day before the next."""
    if not held:
        yield Supposition(fact, dt.date(2000, 1, 2), Supposed(fact), ordered=True)
        return
    if held[0] > dt.date.min:
        before = held[0] - dt.timedelta(days=1)
        yield Supposition(fact, before, Supposed(fact, high=held[0]), ordered=True)
    for low, high in pairwise([*held, None]):
        yield Supposition(fact, low, Supposed(fact, low=low, high=high, closed=(True, False)), ordered=True)
