"""What the facts of projects would be with more measures: another table for the same engine, no second way to judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from greensilk.facts import FactColumn, FactTable
from greensilk.project_types import EVIDENCE_FACTS, OBJECTIVES, Mitigation, mitigations
from greensilk.records import Effect, Support, Tier

Register: TypeAlias = Mapping[str, Mitigation]
Named: TypeAlias = Mapping[str, Tier]  # measure id -> how far it is evidenced
IN_HAND, OFFSET, ASSESSED, NO_MEASURE = "measures_in_hand", "has_offset", "assessed_evidence", "none"
FACTS = [(fact.format(name), name, leaving) for name in OBJECTIVES for fact, leaving in EVIDENCE_FACTS.items()]
_PART = [place for place, (_, _, leaving) in enumerate(FACTS) if leaving is Effect.MODERATE_HARM]
NOT_GIVEN = -1


def with_measures(facts: FactTable, named: Sequence[Named], register: Register | None = None) -> FactTable:
    """The facts as they would be if each project had these measures besides what it has.

    named: (n,) one mapping a project, empty = as it is; the evidence is taken to be there; register: the measures that
    are known, None = those defined
    returns: the same table, other facts left as they are; evidence only rises
    """
    known = mitigations() if register is None else register
    firsts = first_effects(facts)
    kinds = _values(facts, "project_type")
    keys = [
        (kind, tuple(first), tuple(sorted(one.items())))
        for kind, first, one in zip(kinds, firsts.T.tolist(), named, strict=True)
    ]
    place = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    given = np.array([[*_evidence(key, known)] for key in place], np.int8).reshape(len(place), len(FACTS))
    changed = np.array([bool(one) for one in named], np.bool_)
    before = np.stack([_levels(facts, name) for name, _, _ in FACTS])
    after = np.where(changed, np.maximum(before, given[[place[key] for key in keys]].T), before)
    columns = [_column(facts, name, _nullable(row), pl.Int8) for (name, _, _), row in zip(FACTS, after, strict=True)]
    return facts.with_columns([*columns, *_told(facts, named, known), _assessed(facts, after, firsts, changed)])


def at_best(facts: FactTable) -> FactTable:
    """The facts as they would be if measures that leave no harm were monitored, for every objective."""
    best = [int(Tier.MONITORED)] * len(facts)
    return facts.with_columns(_column(facts, name, best, pl.Int8) for name, _, _ in FACTS)


def first_effects(facts: FactTable) -> NDArray[np.int8]:
    """(objectives, n) first effects by code; -1 where unknown."""
    return np.stack([_levels(facts, f"effect_{name}") for name in OBJECTIVES])


def _evidence(key: tuple[Any, ...], known: Register) -> Iterable[Tier]:
    """What measures give as evidence, a tier for each of FACTS."""
    kind, firsts, items = key
    first = {name: None if code == NOT_GIVEN else Effect(code) for name, code in zip(OBJECTIVES, firsts, strict=True)}
    counting = [(known[name], tier) for name, tier in items if known[name].recognised and known[name].meant_for(kind)]
    for _, objective, leaving in FACTS:
        tiers = (
            tier for one, tier in counting if one.objective == objective and one.leaves(first[objective]) <= leaving
        )
        yield max(tiers, default=Tier.NONE)


def _told(facts: FactTable, named: Sequence[Named], known: Register) -> Iterable[FactColumn]:
    """The measures in hand, and whether an offset is offered."""
    kinds, held, offered = (_values(facts, name) for name in ("project_type", IN_HAND, OFFSET))
    for row, one in enumerate(named):
        if one:
            bound = {name for name, tier in one.items() if tier >= Tier.CONTRACTED and _fits(known[name], kinds[row])}
            bound |= set((held[row] or NO_MEASURE).split(";")) - {NO_MEASURE}
            held[row] = ";".join(sorted(bound)) or NO_MEASURE
            offered[row] = bool(offered[row]) or any(known[name].hierarchy == "offset" for name in one)
    yield _column(facts, IN_HAND, held, pl.String)
    yield _column(facts, OFFSET, offered, pl.Boolean)


def _fits(measure: Mitigation, kind: str | None) -> bool:
    return measure.hierarchy != "offset" and measure.meant_for(kind)


def _assessed(
    facts: FactTable, after: NDArray[np.int8], firsts: NDArray[np.int8], changed: NDArray[np.bool_]
) -> FactColumn:
    """Whether certified measures lower all that the type harms; without harm, the measure that the place asks for."""
    harmed = firsts >= Effect.MODERATE_HARM
    harmed[OBJECTIVES.index("biodiversity")] |= ~harmed.any(axis=0)
    typed = np.array([kind is not None for kind in _values(facts, "project_type")])
    answered = typed & ((after[_PART] >= Tier.CERTIFIED) | ~harmed).all(axis=0)
    before = _values(facts, ASSESSED)
    found = [bool(old) or bool(new) if now else old for old, new, now in zip(before, answered, changed, strict=True)]
    return _column(facts, ASSESSED, found, pl.Boolean)


def _values(facts: FactTable, name: str) -> list[Any]:
    column = facts.get(name)
    return [None] * len(facts) if column is None else column.values.to_list()


def _levels(facts: FactTable, name: str) -> NDArray[np.int8]:
    column = facts.get(name)
    if column is None:
        return np.full(len(facts), NOT_GIVEN, np.int8)
    return column.values.cast(pl.Int8).fill_null(NOT_GIVEN).to_numpy().copy()


def _nullable(levels: NDArray[np.int8]) -> list[int | None]:
    return [None if level == NOT_GIVEN else level for level in levels.tolist()]


def _column(facts: FactTable, name: str, values: list[Any], dtype: type[pl.DataType]) -> FactColumn:
    series = pl.Series(name, values, dtype=dtype)
    column = facts.get(name)
    if column is None:
        return FactColumn(name, series, Support.FEATURE, dataset="supposed", version="", method="supposed")
    return replace(column, values=series)
