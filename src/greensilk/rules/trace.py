"""The trace of one verdict: every rule, what it asked, what it saw, what followed, with clause and source."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from greensilk.facts import FactTable
from greensilk.project_types import ProjectType, project_types
from greensilk.records import Label, Light, Support
from greensilk.rules.hearing import Hearing
from greensilk.rules.logic import FALSE, NAMES, TRUE, UNKNOWN
from greensilk.rules.model import TraceStep
from greensilk.rules.standard import Condition, Rule, Standard
from greensilk.texts import room_texts


def both(key: str, **parts: Label | str) -> Label:
    """One text of this room in both languages, filled with labels of the same language."""
    entry = room_texts("rules")[key]
    filled = {lang: {name: _said(part, lang) for name, part in parts.items()} for lang in entry}
    return Label(en=entry["en"].format(**filled["en"]), zh=entry["zh"].format(**filled["zh"]))


def _said(part: Label | str, lang: str) -> str:
    return part if isinstance(part, str) else part.zh if lang == "zh" else part.en


def light_label(light: Light) -> Label:
    """The name of a light in both languages."""
    return both(f"light_{light.value.lower()}")


def value_label(standard: Standard, value: str) -> Label:
    """The name of a light, or of a level of the standard's own scale, in both languages."""
    return standard.levels[value] if value in standard.levels else light_label(Light(value))


def effect_label(name: str) -> Label:
    """The name of an effect in both languages."""
    return both(f"effect_{name}")


def objective_label(name: str) -> Label:
    """The name of an objective in both languages."""
    return both(f"objective_{name}")


def trace(hearing: Hearing, row: int) -> tuple[TraceStep, ...]:
    """All steps for one project: whether the standard applies, first effects, every rule."""
    if not hearing.in_force:
        return (_not_yet(hearing.standard),)
    first = _applies(hearing, row)
    if hearing.applies[row] == FALSE:
        return (first,)
    return (first, *_first_effects(hearing, row), *_rules(hearing, row))


def _not_yet(standard: Standard) -> TraceStep:
    issued = both("issued_on", day=standard.issued.isoformat())
    return TraceStep("in_force", issued, "false", both("not_in_force"), (), None, standard.source, standard.confirmed)


def _applies(hearing: Hearing, row: int) -> TraceStep:
    truth, standard = hearing.applies[row], hearing.standard
    uses = hearing.reading(standard.applies_support).uses(standard.applies_when, row)
    result = NAMES[truth]
    return TraceStep(
        "applies", both("applies"), result, both(f"applies_{result}"), uses, None, standard.source, standard.confirmed
    )


def _first_effects(hearing: Hearing, row: int) -> Iterator[TraceStep]:
    kind = _type_of(hearing.facts, row)
    for objective, fact in hearing.standard.objectives.items():
        use = hearing.reading(Support.COUNTRY).uses(_known(fact), row)[0]
        said = use.value if isinstance(use.value, str) else None
        objective_name = objective_label(objective)
        consequence = (
            both("starts_unknown", objective=objective_name)
            if said is None
            else both("starts_at", objective=objective_name, effect=effect_label(said))
        )
        yield TraceStep(
            rule_id=fact,
            label=both("first_effect", objective=objective_name),
            result="unknown" if said is None else "true",
            consequence=consequence,
            facts=(use,),
            clause=None,
            source=kind.source if kind else (),
            confirmed=bool(kind and kind.confirmed),
        )


@cache
def _known(fact: str) -> Condition:
    return Condition(fact=fact, known=True)


def _type_of(facts: FactTable, row: int) -> ProjectType | None:
    column = facts.get("project_type")
    return None if column is None else project_types().get(column.values[row] or "")


def _rules(hearing: Hearing, row: int) -> Iterator[TraceStep]:
    overridden = any(
        rule.kind == "override" and truth[row] == TRUE
        for rule, truth in zip(hearing.rules, hearing.truths, strict=True)
    )
    concluded = False
    for place, (rule, truth) in enumerate(zip(hearing.rules, hearing.truths, strict=True)):
        state: dict[str, Any] = {"overridden": overridden, "promised": hearing.promised[place][row]}
        if concluded and rule.kind == "outcome":
            continue  # a table ends where a rule holds; what stands below was not asked
        yield TraceStep(
            rule_id=rule.id,
            label=rule.label,
            result=NAMES[truth[row]],
            consequence=_consequence(hearing.standard, rule, truth[row], **state),
            facts=hearing.uses(rule, row),
            clause=rule.clause,
            source=rule.source,
            confirmed=rule.confirmed,
        )
        concluded |= rule.kind == "outcome" and bool(truth[row] == TRUE)


def _consequence(standard: Standard, rule: Rule, truth: np.int8, overridden: bool, promised: np.int8) -> Label:
    if rule.kind == "outcome":
        return _outcome(standard, rule, truth)
    if rule.kind == "item":
        return both(f"{standard.outcome_kind}_{NAMES[truth]}")
    if rule.kind in ("override", "flag"):
        return both(f"{rule.kind}_{NAMES[truth]}")
    level = "" if rule.level is None else rule.level.name.lower()
    named = {"objective": objective_label(rule.objective or ""), "effect": effect_label(level)}
    if rule.kind == "lift" and truth == TRUE and overridden:
        return both("lift_overridden", **named)
    if rule.kind == "lift" and truth == FALSE and promised != FALSE:
        return both("lift_promised" if promised == TRUE else "lift_promised_open", **named)
    return both(f"{rule.kind}_{NAMES[truth]}", **named)


def _outcome(standard: Standard, rule: Rule, truth: np.int8) -> Label:
    outcome = standard.outcomes[rule.outcome or ""]
    if truth == FALSE:
        return both("outcome_false")
    if outcome.between is not None and truth == TRUE:
        first, last = map(light_label, outcome.between)
        return both("outcome_unsettled", outcome=outcome.label, first=first, last=last)
    parts = {"outcome": outcome.label, "light": value_label(standard, outcome.value)}
    return both("outcome_unknown" if truth == UNKNOWN else "outcome_true", **parts)
