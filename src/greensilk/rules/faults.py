"""What is wrong with a standard as defined: every fault, in the words of whoever writes the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any

from greensilk.project_types import OBJECTIVES, client_classes, documents, mitigations, project_types
from greensilk.records import DEFINITIONS, Label, Light, read_yaml
from greensilk.rules.standard import LIGHT_SCALE, METHODS, Condition, Dated, Outcome, Rule, Standard
from greensilk.vocabulary import FactName, fact_names

# Which comparisons make sense for which kind of fact.
_ALLOWED = {
    "number": {"above", "at_least", "below", "at_most"},
    "level": {"is", "in", "above", "at_least", "below", "at_most"},
    "truth": {"is"},
    "text": {"is", "in", "includes"},
    "date": {"before", "on_or_after"},
}
_KINDS = {
    "traffic_light": {"override", "harm", "lift", "flag"},
    "decision_table": {"outcome", "flag"},
    "items": {"item", "flag"},
}
MOST_LEVELS = 10  # a set of levels is kept in the bits of a small integer
EFFECT_LEVELS = ("contributes", "neutral", "moderate_harm", "significant_harm")
ASKED_OF_ALL = ("applies_when", "assessed_when")
BESIDE_ITEMS = ("project_id", "applies", "flags")  # columns that the table of a list has besides its items


@cache
def layer_label(layer: str) -> Label:
    """The label of a standard layer; its id where the layer has no definition yet."""
    path = DEFINITIONS / "layers" / f"{layer}.yaml"
    return Label(**read_yaml(path)["label"]) if path.is_file() else Label(en=layer, zh=layer)


def entries_of(defined: Standard) -> dict[str, FactName]:
    """The vocabulary with the layers that a standard speaks of."""
    return fact_names({layer: layer_label(layer) for layer in defined.layers})


def faults_of(defined: Standard) -> list[str]:
    """Every fault of a standard whose named conditions are written out."""
    entries = entries_of(defined)
    faults = [
        f"{name}: {fault}" for name in ASKED_OF_ALL for fault in _condition_faults(getattr(defined, name), entries)
    ]
    faults += _scale_faults(defined)
    for rule in defined.rules:
        asked = (fault for part in (rule.when, rule.met_when) for fault in _condition_faults(part, entries))
        found = [*asked, *_rule_faults(rule, defined, entries)]
        faults += [f"rules.{rule.id}: {fault}" for fault in found]
    ids = [rule.id for rule in defined.rules]
    faults += [f"rules.{name}: defined twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
    faults += _objective_faults(defined, entries)
    last = _last_outcome(defined)
    if defined.method == "decision_table" and last is not None and last.when is not None:
        faults.append(f"rules.{last.id}: the last rule of a table holds always, without when")
    return faults


def _objective_faults(defined: Standard, entries: dict[str, FactName]) -> Iterator[str]:
    if bool(defined.objectives) != (defined.method == "traffic_light"):
        yield "objectives: a traffic light has objectives, and no other standard has"
    for objective, fact in defined.objectives.items():
        if objective not in OBJECTIVES:
            yield f"objectives.{objective}: not one of {', '.join(OBJECTIVES)}"
        if entries.get(fact) is None or entries[fact].levels != EFFECT_LEVELS:
            yield f"objectives.{objective}: {fact} is not an effect of the vocabulary"


def _last_outcome(defined: Standard) -> Rule | None:
    return next((rule for rule in reversed(defined.rules) if rule.kind == "outcome"), None)


def _scale_faults(defined: Standard) -> Iterator[str]:
    kind, allowed = defined.outcome_kind, METHODS[defined.outcome_kind]
    if defined.method not in allowed:
        yield f"method: a standard of kind {kind} is concluded by {' or '.join(allowed)}, not by {defined.method}"
    if bool(defined.levels) != (kind == "category"):
        yield "levels: a category standard has levels, from the least harm to the most, and no other standard has"
    if len(defined.levels) > MOST_LEVELS:
        yield f"levels: more than {MOST_LEVELS}"
    for name in {Light.NOT_APPLICABLE.value, Light.UNKNOWN.value} & defined.levels.keys():
        yield f"levels.{name}: every scale has that already"
    for name, outcome in defined.outcomes.items():
        for fault in _outcome_faults(outcome, defined):
            yield f"outcomes.{name}: {fault}"


def _outcome_faults(outcome: Outcome, defined: Standard) -> Iterator[str]:
    scale = defined.scale
    if outcome.value not in scale or outcome.level == Light.UNKNOWN:
        yield f"{outcome.value} is not one of {', '.join(scale[:-1])}"
    elif (outcome.level is None) == (defined.outcome_kind == "category"):
        yield "a category standard concludes a level, every other table a light"
    elif outcome.presumed and outcome.value != scale[-2]:
        yield f"only {scale[-2]} is presumed: while a rule is open, nothing better is"
    if outcome.between is not None:
        first, last = (LIGHT_SCALE.index(light) if light in LIGHT_SCALE else -1 for light in outcome.between)
        if not 0 <= first < last:
            yield f"between goes from the better light to the worse, of {', '.join(LIGHT_SCALE)}"


def _item_faults(rule: Rule, defined: Standard) -> Iterator[str]:
    if rule.kind == "item" and (rule.clause is None or rule.article is None):
        yield "an item needs a clause and the article where it stands"
    if rule.kind == "item" and rule.id in BESIDE_ITEMS:
        yield f"the table of a list has a column {rule.id} already; give the item another id"
    if rule.met_when is not None and defined.outcome_kind != "checklist":
        yield "met_when is for a checklist"


def _rule_faults(rule: Rule, defined: Standard, entries: dict[str, FactName]) -> Iterator[str]:
    if rule.kind not in _KINDS[defined.method]:
        yield f"kind {rule.kind} does not belong to the method {defined.method}"
    yield from _item_faults(rule, defined)
    if rule.outcome is not None and rule.outcome not in defined.outcomes:
        yield f"outcome {rule.outcome} is not defined"
    if rule.objective is not None and rule.objective not in defined.objectives:
        yield f"objective {rule.objective} is not one of {', '.join(defined.objectives)}"
    if rule.when is None and rule is not _last_outcome(defined) and rule.kind != "item":
        yield "only the last rule of a table has no when"
    yield from _evidence_faults(rule, entries)


def _evidence_faults(rule: Rule, entries: dict[str, FactName]) -> Iterator[str]:
    if rule.evidence is not None:
        levels = entries[rule.evidence.fact].levels if rule.evidence.fact in entries else ()
        asked = [rule.evidence.conditional_at_least, rule.evidence.at_least]
        if any(name not in levels for name in asked):
            yield f"evidence: {', '.join(asked)} are not levels of {rule.evidence.fact}"
        elif levels.index(asked[0]) >= levels.index(asked[1]):
            yield "evidence: the conditional level must lie below the full one"


def near(name: str, known: Iterable[str]) -> str:
    """What was meant instead of an unknown name, to stand after a fault; empty where nothing is like it.

    >>> near("hydropwer", ["hydropower", "wind"])
    ' (near: hydropower)'
    """
    found = get_close_matches(name, list(known), n=2)
    return f" (near: {', '.join(found)})" if found else ""


def _condition_faults(condition: Condition | None, entries: dict[str, FactName]) -> Iterator[str]:
    for leaf in condition.leaves() if condition is not None else ():
        entry = entries.get(leaf.fact or "")
        if entry is None:
            yield f"there is no fact called {leaf.fact}{near(leaf.fact or '', entries)}"
        elif leaf.comparison != "known" and leaf.comparison not in _ALLOWED[entry.kind]:
            yield f"{leaf.fact}: a {entry.kind} is not compared by {leaf.comparison}"
        elif leaf.comparison != "known":
            yield from _threshold_faults(leaf, entry)


def _threshold_faults(leaf: Condition, entry: FactName) -> Iterator[str]:
    given = leaf.given(leaf.comparison)
    dated = tuple(given.values.values()) if isinstance(given, Dated) else (given,)
    values = given if isinstance(given, tuple) else dated
    kinds = {"number": (float, int), "truth": (bool,), "level": (str,), "text": (str,)}
    for value in values:
        wanted = kinds.get(entry.kind)
        if wanted and (not isinstance(value, wanted) or (bool not in wanted and isinstance(value, bool))):
            if value is not None:
                yield f"{leaf.fact}: {value!r} is not a {entry.kind}"
        elif entry.levels and value not in entry.levels:
            yield f"{leaf.fact}: {value} is not one of {', '.join(entry.levels)}"
        elif value not in _known_texts(leaf.fact or "", value):
            yield f"{leaf.fact}: {value} is not known"


def _known_texts(fact: str, value: Any) -> set[Any]:
    types = project_types()
    known = {
        "project_type": set(types),
        "coal_case": {kind.coal_case for kind in types.values() if kind.coal_case},
        "type_family": {kind.family for kind in types.values()},
        "documents": set(documents()),
        "client_class": set(client_classes()),
        "measures_in_hand": set(mitigations()),
    }
    return known.get(fact, {value})
