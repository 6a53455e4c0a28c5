"""What measures would change a light, or why none would, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from greensilk.project_types import Mitigation, mitigations
from greensilk.reports import marks
from greensilk.reports.bilingual import Bilingual, joined, of_label, said
from greensilk.rules.measure_sets import MeasureSet, WouldChange, tier_asked
from greensilk.rules.set_reasons import Reason
from greensilk.rules.trace import objective_label

if TYPE_CHECKING:
    from greensilk.reports.verdict_view import VerdictSheet
    from greensilk.rules.verdicts import ScaleTable

MOST_FACTS = 4  # of those that are missing; the open questions list them all
NOTHING_TO_SAY = ("not_applicable", "already_best")
BY_RULE, BY_FACT = ("no_go",), ("light_unknown", "facts_missing", "conditions_fail")


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure of a set."""

    id: str
    label: Bilingual
    hierarchy: Bilingual
    shown_by: Bilingual


@dataclass(frozen=True, slots=True)
class LightReached:
    """Sets of measures any of which would give one light. kind: its mark, a green by type only drawn as such."""

    kind: str
    headline: Bilingual
    promised: Bilingual
    sets: list[list[MeasureLine]]


@dataclass(frozen=True, slots=True)
class MeasuresView:
    """What would change the light of one project by one standard. reasons: why nothing would, else empty"""

    standard: Bilingual
    reached: list[LightReached]
    reasons: list[Bilingual]


def measures_views(sheets: Iterable[VerdictSheet], i: int) -> list[MeasuresView]:
    """What would change the lights of project i, standard by standard; a light that cannot be better is left out.

    Of the standards after the first, one that asks of no measure is left out too.
    """
    found = []
    for place, sheet in enumerate(sheets):
        one = sheet.would_change[i]
        why = None if one.reason is None else one.reason.why
        if why not in NOTHING_TO_SAY and (place == 0 or why != "asks_of_no_measure"):
            found.append(measures_view(sheet.table, one))
    return found


def measures_view(verdicts: ScaleTable, found: WouldChange) -> MeasuresView:
    """What would change a light, in words. found: of one project of the verdicts"""
    standard = of_label(verdicts.standard.label)
    reasons = [] if found.reason is None else list(_reasons(verdicts, found.reason))
    tier = tier_asked(verdicts.standard).name.lower()
    alike = groupby(found.sets, key=lambda one: (one.light, one.basis, one.conditional_light))
    return MeasuresView(standard, [_reached(list(sets), tier) for _, sets in alike], reasons)


def _reached(sets: list[MeasureSet], tier: str) -> LightReached:
    first = sets[0]
    kind = marks.mark(first.light, first.basis)
    many = len(first.measures) > 1
    form = ("any_set" if many else "any") if len(sets) > 1 else ("all" if many else "one")
    soft = first.conditional_light
    promised = (
        said("measures.while_promised_nothing")
        if soft is None
        else said("measures.while_promised", light=said(f"reports.light_{soft}"))
    )
    return LightReached(
        kind=kind,
        headline=said(f"measures.{form}_{tier}", light=said(f"reports.light_{kind}")),
        promised=promised,
        sets=[[measure_line(mitigations()[name]) for name in one.measures] for one in sets],
    )


def measure_line(measure: Mitigation) -> MeasureLine:
    """A measure of the register in words."""
    return MeasureLine(
        measure.id, of_label(measure.label), said(f"measures.hierarchy_{measure.hierarchy}"), of_label(measure.asks_for)
    )


def _reasons(verdicts: ScaleTable, reason: Reason) -> Iterator[Bilingual]:
    key = f"measures.why_{reason.why}"
    if reason.why in BY_RULE:
        yield said(key, about=joined([_rule(verdicts, name) for name in reason.about]))
    elif reason.why in BY_FACT:
        yield said(key, about=_facts(verdicts, reason.about))
    else:
        yield said(key)
        if reason.about:
            yield said("measures.harmed", about=joined([of_label(objective_label(name)) for name in reason.about]))


def _rule(verdicts: ScaleTable, name: str) -> Bilingual:
    rule = verdicts.standard.rule(name)
    assert rule is not None  # noqa: S101 - reasons name rules of the standard
    return of_label(rule.label)


def _facts(verdicts: ScaleTable, names: tuple[str, ...]) -> Bilingual:
    told = joined([of_label(verdicts.hearing.entries[name].label) for name in names[:MOST_FACTS]])
    more = len(names) - MOST_FACTS
    return said("measures.more_facts", names=told, count=more) if more > 0 else told


def measures_promise(found: WouldChange) -> dict[str, Any]:
    """The same for results.json: sets, or the reason why there are none."""
    return {
        "sets": [
            {
                "measures": list(one.measures),
                "light": one.light,
                "basis": one.basis,
                "conditional_light": one.conditional_light,
            }
            for one in found.sets
        ],
        "reason": None if found.reason is None else found.reason.why,
        "about": [] if found.reason is None else list(found.reason.about),
    }
