"""The standards that are defined, checked against the vocabulary when they are loaded; every fault in one message."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from greensilk.errors import DefinitionError, UsageError
from greensilk.project_types import project_types
from greensilk.records import DEFINITIONS, Label, load_folder, read_yaml
from greensilk.rules.standard import Condition, Dated, Rule, Standard
from greensilk.vocabulary import FactName, fact_names

FOLDER = DEFINITIONS / "standards"

# Which comparisons make sense for which kind of fact.
_ALLOWED = {
    "number": {"above", "at_least", "below", "at_most"},
    "level": {"is", "in", "above", "at_least", "below", "at_most"},
    "truth": {"is"},
    "text": {"is", "in", "includes"},
    "date": {"before", "on_or_after"},
}
METHODS = ("traffic_light", "decision_table")
EFFECT_LEVELS = ("contributes", "neutral", "moderate_harm", "significant_harm")
_ASKED = ("applies_when", "assessed_when")


@cache
def standards() -> dict[str, Standard]:
    """Every standard by id, in the order of their ids.

    raises: DefinitionError listing every fault of every file
    """
    return load_standards(FOLDER)


def standard(standard_id: str) -> Standard:
    """One standard by id.

    raises: UsageError with the nearest ids if there is none called that
    >>> standard("gdg_2020").endorsed
    False
    """
    found = standards().get(standard_id)
    if found is None:
        near = get_close_matches(standard_id, standards(), n=3, cutoff=0.4) or list(standards())
        raise UsageError("rules.unknown_standard", name=standard_id, known=", ".join(near))
    return found


def load_standards(folder: Path) -> dict[str, Standard]:
    """The standards of a folder, conditions written out.

    raises: DefinitionError listing every fault of every file
    """
    faults: list[str] = []
    checked: dict[str, Standard] = {}
    for name, defined in load_folder(Standard, folder).items():
        written, found = _written_out(defined)
        found += _faults(written)
        faults += [f"{name}.yaml: {fault}" for fault in found]
        checked[name] = written
    if faults:
        raise DefinitionError(
            "errors.definitions_wrong", folder=folder.name, count=len(faults), faults="\n".join(faults)
        )
    return checked


@cache
def layer_label(layer: str) -> Label:
    """The label of a standard layer; its id where the layer has no definition yet."""
    path = DEFINITIONS / "layers" / f"{layer}.yaml"
    return Label(**read_yaml(path)["label"]) if path.is_file() else Label(en=layer, zh=layer)


@cache
def entries_of(standard_id: str) -> dict[str, FactName]:
    """The vocabulary with the layers that a standard speaks of."""
    return _entries(standard(standard_id))


def _entries(defined: Standard) -> dict[str, FactName]:
    return fact_names({layer: layer_label(layer) for layer in defined.layers})


def _written_out(defined: Standard) -> tuple[Standard, list[str]]:
    """The standard with every named condition put where it is named."""
    faults: list[str] = []

    def out(condition: Condition | None, depth: int = 0) -> Condition | None:
        if condition is None:
            return None
        if condition.condition is not None:
            named = defined.conditions.get(condition.condition)
            if named is None or depth > 8:
                faults.append(f"condition {condition.condition}: not defined, or defined by itself")
                return None
            return out(named, depth + 1)
        parts: dict[str, Any] = {"not_": out(condition.not_, depth)}
        for name in ("all", "any"):
            below = getattr(condition, name)
            parts[name] = below and tuple(filter(None, (out(part, depth) for part in below)))
        return condition.model_copy(update=parts)

    rules = tuple(rule.model_copy(update={"when": out(rule.when)}) for rule in defined.rules)
    asked = {name: out(getattr(defined, name)) or getattr(defined, name) for name in _ASKED}
    return defined.model_copy(update={"rules": rules, **asked}), faults


def _faults(defined: Standard) -> list[str]:
    entries = _entries(defined)
    faults = [f"{name}: {fault}" for name in _ASKED for fault in _condition_faults(getattr(defined, name), entries)]
    if defined.method not in METHODS:
        faults.append(f"method: {defined.method} is not one of {', '.join(METHODS)}")
    for rule in defined.rules:
        found = [*_condition_faults(rule.when, entries), *_rule_faults(rule, defined, entries)]
        faults += [f"rules.{rule.id}: {fault}" for fault in found]
    ids = [rule.id for rule in defined.rules]
    faults += [f"rules.{name}: defined twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
    for objective, fact in defined.objectives.items():
        if entries.get(fact) is None or entries[fact].levels != EFFECT_LEVELS:
            faults.append(f"objectives.{objective}: {fact} is not an effect of the vocabulary")
    if defined.method == "decision_table" and (last := defined.rules[-1]).when is not None:
        faults.append(f"rules.{last.id}: the last rule of a table holds always, without when")
    return faults


def _rule_faults(rule: Rule, defined: Standard, entries: dict[str, FactName]) -> Iterator[str]:
    if (rule.kind == "outcome") != (defined.method == "decision_table"):
        yield f"kind {rule.kind} does not belong to the method {defined.method}"
    if rule.outcome is not None and rule.outcome not in defined.outcomes:
        yield f"outcome {rule.outcome} is not defined"
    if rule.objective is not None and rule.objective not in defined.objectives:
        yield f"objective {rule.objective} is not one of {', '.join(defined.objectives)}"
    if rule.when is None and rule is not defined.rules[-1]:
        yield "only the last rule of a table has no when"
    if rule.evidence is not None:
        levels = entries[rule.evidence.fact].levels if rule.evidence.fact in entries else ()
        asked = [rule.evidence.conditional_at_least, rule.evidence.at_least]
        if any(name not in levels for name in asked):
            yield f"evidence: {', '.join(asked)} are not levels of {rule.evidence.fact}"
        elif levels.index(asked[0]) >= levels.index(asked[1]):
            yield "evidence: the conditional level must lie below the full one"


def _condition_faults(condition: Condition | None, entries: dict[str, FactName]) -> Iterator[str]:
    for leaf in condition.leaves() if condition is not None else ():
        entry = entries.get(leaf.fact or "")
        if entry is None:
            near = get_close_matches(leaf.fact or "", entries, n=2)
            yield f"there is no fact called {leaf.fact}" + (f" (near: {', '.join(near)})" if near else "")
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
    }
    return known.get(fact, {value})
