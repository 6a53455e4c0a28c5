"""What single fact would change what a standard says of a project: one row for each fact changed, all judged at once.

Only facts that rules in force ask are changed, one at a time, all others staying as they are. A known fact that follows
from the project's type is left alone: it changes with the type only, and with others together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from greensilk.facts import FactColumn, FactTable, Origin
from greensilk.records import Support
from greensilk.rules.dates import IMPRECISE
from greensilk.rules.hearing import GREEN, Hearing
from greensilk.rules.items import ItemTable
from greensilk.rules.judging import Table, judge_one
from greensilk.rules.standard import Condition
from greensilk.rules.stated_facts import DTYPES
from greensilk.rules.suppositions import How, Supposed, Supposition, suppositions
from greensilk.rules.verdicts import GREEN_BY_TYPE, VerdictTable

SUPPOSED = "supposed"
Codes: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What would follow. item: id of an item of a list, None for the one light that counts or category; before, after:
    by name"""

    item: str | None
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """A fact that, were it so, would change what the standard says. is_open: the fact is not known as it is."""

    supposed: Supposed
    is_open: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class TurningPoints:
    """All turning points of one project by one standard.

    points: those of one fact together, in the order in which rules ask; open_facts: facts that some rule asks and that
    are not known, or too coarse for it
    """

    points: tuple[TurningPoint, ...]
    open_facts: tuple[str, ...]


def turning_points(table: Table, row: int) -> TurningPoints:
    """What single fact would change what a table says of project number `row`."""
    hearing = table.hearing
    if not hearing.in_force:
        return TurningPoints((), ())
    asked = _asked(hearing)
    is_open = {name: _is_open(hearing, name, leaves, row) for name, leaves in asked.items()}
    changed = [
        one
        for name, leaves in asked.items()
        if is_open[name] or not hearing.follows_from_type(name)
        for one in suppositions(
            hearing.entries[name], name, [leaf for leaf, _ in leaves], hearing.on, _now(hearing.facts, name, row)
        )
    ]
    codes = _codes(judge_one(_supposing(hearing, row, changed, list(asked)), hearing.standard, hearing.on))
    by_fact: dict[str, list[tuple[Supposition, Codes]]] = {}
    for one, code in zip(changed, codes[1:], strict=True):
        by_fact.setdefault(one.fact, []).append((one, code))
    points = tuple(
        TurningPoint(supposed, is_open[name], _changes(table, codes[0], code))
        for name, found in by_fact.items()
        for supposed, code in _told(found, codes[0], _now(hearing.facts, name, row), is_open[name])
    )
    return TurningPoints(points, tuple(name for name, unknown in is_open.items() if unknown))


def _asked(hearing: Hearing) -> dict[str, list[tuple[Condition, Support]]]:
    """Fact -> the comparisons of it that can bear on what is concluded, with the coarsest support they accept."""
    standard = hearing.standard
    conditions = [(standard.applies_when, standard.applies_support)]
    first = (Condition(fact=fact, known=True) for fact in standard.objectives.values())
    conditions += [(one, Support.COUNTRY) for one in first]
    for rule in hearing.rules:
        if rule.kind != "flag":
            conditions += [(part, rule.coarsest_support) for part in hearing.asks(rule)]
    found: dict[str, list[tuple[Condition, Support]]] = {}
    for condition, coarsest in conditions:
        for leaf in condition.leaves():
            found.setdefault(leaf.fact or "", []).append((leaf, coarsest))
    return found


def _is_open(hearing: Hearing, name: str, leaves: Iterable[tuple[Condition, Support]], row: int) -> bool:
    """Whether the fact is not known to some rule that asks it."""
    columns = (hearing.reading(coarsest).column(name) for _, coarsest in leaves)
    return any(column is None or column.values[row] is None for column in columns)


def _now(facts: FactTable, name: str, row: int) -> Any:
    """What the fact is in the table, null = unknown."""
    column = facts.get(name)
    return None if column is None else column.values[row]


def _told(
    found: list[tuple[Supposition, Codes]], base: Codes, stands: Any, is_open: bool
) -> Iterator[tuple[Supposed, Codes]]:
    """What is worth telling of one fact: ranges with one outcome joined, and of a known number only the nearest."""
    runs: list[tuple[Supposed, Codes]] = []
    for one, code in found:
        if runs and runs[-1][1] == code and one.ordered:
            runs[-1] = (runs[-1][0].joined(one.supposed), code)
        else:
            runs.append((one.supposed, code))
    if not found[0][0].ordered:
        together: dict[tuple[Codes, How], Supposed] = {}
        for supposed, code in runs:
            key = (code, supposed.how)
            together[key] = together[key].joined(supposed) if key in together else supposed
        runs = [(supposed, code) for (code, _), supposed in together.items()]
    elif stands is not None and not is_open:
        above = [(supposed, code) for supposed, code in runs if not supposed.lies_below(stands)]
        below = [(supposed, code) for supposed, code in reversed(runs) if supposed.lies_below(stands)]
        runs = [*_first_of_each(below), *_first_of_each(above)]
    yield from ((supposed, code) for supposed, code in runs if code != base)


def _first_of_each(runs: Iterable[tuple[Supposed, Codes]]) -> list[tuple[Supposed, Codes]]:
    seen: dict[Codes, Supposed] = {}
    for supposed, code in runs:
        seen.setdefault(code, supposed)
    return [(supposed, code) for code, supposed in seen.items()]


def _codes(table: Table) -> list[Codes]:
    """What is concluded of each row, as codes: one on a scale (past its end for a green by type), one an item."""
    found = table.list.codes if isinstance(table, ItemTable) else table.method.lights[None, :]
    if isinstance(table, VerdictTable):
        found = np.where((found == GREEN) & (table.basis_codes == 0), len(table.hearing.scale), found)
    return [tuple(column) for column in found.T.tolist()]


def _changes(table: Table, before: Codes, after: Codes) -> tuple[Change, ...]:
    names = table.statuses if isinstance(table, ItemTable) else (*table.hearing.scale, GREEN_BY_TYPE)
    of = [rule.id for rule in table.items] if isinstance(table, ItemTable) else [None]
    return tuple(
        Change(item, names[then], names[now]) for item, then, now in zip(of, before, after, strict=True) if then != now
    )


def _supposing(hearing: Hearing, row: int, changed: list[Supposition], names: list[str]) -> FactTable:
    """The project as it is, then once for each fact changed."""
    size = len(changed) + 1
    columns = {}
    for name in dict.fromkeys([*names, "project_type"]):
        kind = hearing.entries[name].kind
        places = {place: one.value for place, one in enumerate(changed, start=1) if one.fact == name}
        columns[name] = _column(hearing.facts.get(name) or _nothing(name, kind, len(hearing)), row, size, places)
    days = {place: one.fact for place, one in enumerate(changed, start=1) if isinstance(one.value, dt.date)}
    said = hearing.facts.get(IMPRECISE) or _nothing(IMPRECISE, "text", len(hearing))
    dates = [name for name in names if hearing.entries[name].kind == "date"]
    exact = {place: _exact(said.values[row], fact, dates) for place, fact in days.items()}
    columns[IMPRECISE] = _column(said, row, size, exact)
    ids = pl.Series([str(place) for place in range(size)], dtype=pl.String)
    return FactTable(ids, columns, hearing.facts.layers)


def _exact(said: str | None, fact: str, dates: list[str]) -> str:
    """What is said of dates that are a year or month only, when one of them is a day; nothing said means all may be."""
    listed = dates if said is None else [one.strip() for one in said.split(";")]
    return "; ".join(one for one in listed if one not in (fact, f"{fact}/month")) or "none"


def _nothing(name: str, kind: str, size: int) -> FactColumn:
    values = pl.Series(name, [None] * size, dtype=DTYPES[kind])
    return FactColumn(name, values, Support.FEATURE, SUPPOSED, "", SUPPOSED)


def _column(column: FactColumn, row: int, size: int, changed: Mapping[int, object]) -> FactColumn:
    """One project's fact `size` times, with some of them replaced by what is supposed, as fine as can be asked for."""
    answers = np.full(size, column.answers[row], np.uint8)
    values = column.values.gather([row] * size)
    if changed:
        places = list(changed)
        values = values.scatter(places, pl.Series(list(changed.values()), dtype=values.dtype))
        answers[places] = len(column.others) + 1
    supposed = Origin(SUPPOSED, "", Support.FEATURE, SUPPOSED)
    return replace(column, values=values, reasons=None, features=None, accuracy_m=None,
                   others=(*column.others, supposed), answered_by=pl.Series(answers))  # fmt: skip
