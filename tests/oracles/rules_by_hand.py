"""The rules once more, one project at a time, in plain Python over the raw YAML: slow, and apart from the engine.

A truth is True, False or None (unknown). A level is its name, a date a date, an unknown fact is absent or None.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

ORDER = ["NOT_APPLICABLE", "GREEN", "YELLOW", "RED"]
EFFECTS = ["contributes", "neutral", "moderate_harm", "significant_harm"]
TIERS = ["none", "promised", "contracted", "certified", "monitored"]
SCALES = {"mitigation": TIERS, "effect": EFFECTS}


def both(truths: list[bool | None]) -> bool | None:
    """All of them."""
    if False in truths:
        return False
    return None if None in truths else True


def either(truths: list[bool | None]) -> bool | None:
    """Any of them."""
    if True in truths:
        return True
    return None if None in truths else False


def turned(truth: bool | None) -> bool | None:
    """Not."""
    return None if truth is None else not truth


def holds(asked: dict[str, Any] | None, named: dict[str, Any], facts: dict[str, Any], on: dt.date) -> bool | None:
    """Whether a condition holds for one project."""
    if asked is None:
        return True
    if "condition" in asked:
        return holds(named[asked["condition"]], named, facts, on)
    if "all" in asked:
        return both([holds(part, named, facts, on) for part in asked["all"]])
    if "any" in asked:
        return either([holds(part, named, facts, on) for part in asked["any"]])
    if "not" in asked:
        return turned(holds(asked["not"], named, facts, on))
    return compared(asked, facts, on)


def compared(asked: dict[str, Any], facts: dict[str, Any], on: dt.date) -> bool | None:
    """One comparison of one fact."""
    name = asked["fact"]
    (word, wanted), value = next((k, v) for k, v in asked.items() if k != "fact"), facts.get(name)
    if word == "known":
        return (value is not None) is wanted
    if isinstance(wanted, dict):
        begun = [day for day in wanted["values"] if dt.date.fromisoformat(day) <= on]
        wanted = wanted["values"][max(begun)] if begun else None
    if value is None or wanted is None:
        return None
    if word == "includes":
        return wanted in [part.strip() for part in value.split(";")]
    if word in ("is", "in"):
        return value in (wanted if word == "in" else [wanted])
    if word in ("before", "on_or_after"):
        early = is_before(name, value, dt.date.fromisoformat(wanted), facts)
        return early if word == "before" else turned(early)
    scale = SCALES.get(name.split("_")[0])
    left, right = (scale.index(value), scale.index(wanted)) if scale else (value, wanted)
    return {"above": left > right, "at_least": left >= right, "below": left < right, "at_most": left <= right}[word]


def is_before(name: str, day: dt.date, bound: dt.date, facts: dict[str, Any]) -> bool | None:
    """A date that stands for its whole year is before a day only if the year is over by then."""
    said = facts.get("dates_imprecise")
    words = None if said is None else [word.strip() for word in said.split(";")]
    last = day
    if (day.month, day.day) == (1, 1) and (words is None or name in words):
        last = dt.date(day.year, 12, 31)
    elif day.day == 1 and words is not None and f"{name}/month" in words:
        while (last + dt.timedelta(days=1)).month == day.month:
            last += dt.timedelta(days=1)
    if last < bound:
        return True
    return False if day >= bound else None


def verdict(standard: dict[str, Any], facts: dict[str, Any], on: dt.date) -> dict[str, Any]:
    """light, best, worst, conditional_light of one project; standard: the raw YAML."""
    issued = dt.date.fromisoformat(standard["issued"])
    named = standard.get("conditions", {})
    applies = False if on < issued else holds(standard["applies_when"], named, facts, on)
    if applies is False:
        nothing = "NOT_APPLICABLE"
        return {"light": nothing, "best": nothing, "worst": nothing, "conditional_light": None}
    rules = [rule for rule in standard["rules"] if in_force(rule, on)]
    if standard["method"] == "decision_table":
        return table_verdict(standard, rules, [holds(r.get("when"), named, facts, on) for r in rules], applies)
    return light_verdict(standard, rules, facts, on, applies)


def in_force(rule: dict[str, Any], on: dt.date) -> bool:
    """From its first day to the day before its last."""
    until = rule.get("until")
    return dt.date.fromisoformat(rule["since"]) <= on and (until is None or on < dt.date.fromisoformat(until))


def light_verdict(
    standard: dict[str, Any], rules: list[dict[str, Any]], facts: dict[str, Any], on: dt.date, applies: bool | None
) -> dict[str, Any]:
    """The traffic light, worked out for one project."""
    full = [truth_of(rule, standard.get("conditions", {}), facts, on, "at_least") for rule in rules]
    soft = [truth_of(rule, standard.get("conditions", {}), facts, on, "conditional_at_least") for rule in rules]
    firsts = {name: facts.get(fact) for name, fact in standard["objectives"].items()}
    low = {name: first or "contributes" for name, first in firsts.items()}
    high = {name: first or "significant_harm" for name, first in firsts.items()}

    def nominal(truths: list[bool | None]) -> str:
        ends = {concluded(rules, truths, start, ()) for start in (low, high)}
        return ends.pop() if len(ends) == 1 and applies is True else "UNKNOWN"

    light, kept = nominal(full), nominal(soft)
    return {
        "light": light,
        "best": concluded(rules, full, low, ("lift",)) if applies else "NOT_APPLICABLE",
        "worst": concluded(rules, full, high, ("override", "harm")),
        "conditional_light": None if kept == light else kept,
    }


def truth_of(rule: dict[str, Any], named: dict[str, Any], facts: dict[str, Any], on: dt.date, tier: str) -> bool | None:
    """The truth of a rule; a lift needs its evidence as well."""
    found = [holds(rule.get("when"), named, facts, on)]
    if "evidence" in rule:
        asked = {"fact": rule["evidence"]["fact"], "at_least": rule["evidence"][tier]}
        found.append(holds(asked, named, facts, on))
    return both(found)


def concluded(
    rules: list[dict[str, Any]], truths: list[bool | None], start: dict[str, str], unknown_counts: tuple[str, ...]
) -> str:
    """The light of one end of the interval; unknown_counts: kinds of rule that count when unknown."""
    counts = [t is True or (t is None and r["kind"] in unknown_counts) for r, t in zip(rules, truths, strict=True)]
    acting = [rule for rule, counted in zip(rules, counts, strict=True) if counted]
    if any(rule["kind"] == "override" for rule in acting):
        return "RED"
    effects = dict(start)
    for rule in (rule for rule in acting if rule["kind"] == "lift"):
        effects[rule["objective"]] = min(effects[rule["objective"]], rule["level"], key=EFFECTS.index)
    for rule in (rule for rule in acting if rule["kind"] == "harm"):
        effects[rule["objective"]] = max(effects[rule["objective"]], rule["level"], key=EFFECTS.index)
    found = set(effects.values())
    if "significant_harm" in found:
        return "RED"
    return "YELLOW" if "moderate_harm" in found or "contributes" not in found else "GREEN"


def table_verdict(
    standard: dict[str, Any], rules: list[dict[str, Any]], truths: list[bool | None], applies: bool | None
) -> dict[str, Any]:
    """The decision table, walked through for one project."""
    possible: set[str] = set() if applies else {"NOT_APPLICABLE"}
    presumed = "UNKNOWN"
    for rule, truth in zip(rules, truths, strict=True):
        if truth is False:
            continue
        outcome = standard["outcomes"][rule["outcome"]]
        first, last = outcome.get("between") or [outcome["light"]] * 2
        possible |= set(ORDER[ORDER.index(first) : ORDER.index(last) + 1])
        if truth is True:
            presumed = outcome["light"] if outcome.get("presumed") and applies else "UNKNOWN"
            break
    best, worst = min(possible, key=ORDER.index), max(possible, key=ORDER.index)
    light = best if best == worst else presumed
    return {"light": light, "best": best, "worst": worst, "conditional_light": None}
