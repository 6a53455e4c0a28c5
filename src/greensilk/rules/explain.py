"""Standards and rules in words: what `greensilk rules` shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from greensilk.errors import UsageError
from greensilk.places import country_name
from greensilk.project_types import client_classes, documents, project_types
from greensilk.records import DEFINITIONS, Label, Source, read_yaml
from greensilk.rules.faults import entries_of
from greensilk.rules.standard import Condition, Dated, Rule, Standard
from greensilk.rules.trace import both, effect_label, objective_label, value_label
from greensilk.texts import Language, room_texts, text
from greensilk.vocabulary import FactName


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule in one language.

    asks: its conditions in words; met_by: what in hand meets an item; article: where in the text it stands;
    follows: what comes of it; until: null = still in force
    """

    rule_id: str
    label: str
    kind: str
    asks: str
    met_by: str | None
    article: str | None
    follows: str
    since: str
    until: str | None
    coarsest_support: str
    required: bool
    clause: str | None
    source: tuple[Source, ...]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class StandardText:
    """One standard in one language, with the rules asked for."""

    label: str
    about: str
    notice: str
    authority: str
    method: str
    issued: str
    endorsed: bool
    confirmed: bool
    applies_when: str
    not_read: str | None
    source: tuple[Source, ...]
    rules: tuple[RuleText, ...]


def explain(defined: Standard, rule_id: str | None, lang: Language) -> StandardText:
    """A standard in words, with all its rules or the one asked for.

    raises: UsageError if there is no rule called that
    >>> from greensilk.rules.registry import standard
    >>> explain(standard("gdg_2020"), "railway_mitigated", "en").rules[0].kind
    'lifts by recognised mitigation'
    """
    chosen = defined.rules if rule_id is None else (_rule(defined, rule_id),)
    entries = entries_of(defined)
    return StandardText(
        label=defined.label.within(lang),
        about=defined.about.within(lang),
        notice=defined.notice.within(lang),
        authority=defined.authority.within(lang),
        method=text(f"rules.method_{defined.method}", lang),
        issued=_issued(defined, lang),
        endorsed=defined.endorsed,
        confirmed=defined.confirmed,
        applies_when=in_words(defined.applies_when, entries, lang),
        not_read=None if defined.not_read is None else defined.not_read.within(lang),
        source=defined.source,
        rules=tuple(_rule_text(rule, defined, entries, lang) for rule in chosen),
    )


def _issued(defined: Standard, lang: Language) -> str:
    said = text("rules.issued_on", lang, day=defined.issued.isoformat())
    return (
        said
        if defined.issued_note is None
        else f"{said}{text('rules.note', lang, note=defined.issued_note.within(lang))}"
    )


def _rule(defined: Standard, rule_id: str) -> Rule:
    found = defined.rule(rule_id)
    if found is None:
        known = ", ".join(rule.id for rule in defined.rules)
        raise UsageError("rules.unknown_rule", standard=defined.id, name=rule_id, known=known)
    return found


def _rule_text(rule: Rule, defined: Standard, entries: dict[str, FactName], lang: Language) -> RuleText:
    every = rule.kind == "item" and rule.when is None
    asks = [text("rules.of_every_project", lang) if every else in_words(rule.when, entries, lang)]
    if rule.evidence is not None:
        evidence = Condition(fact=rule.evidence.fact, at_least=rule.evidence.at_least)
        asks.append(in_words(evidence, entries, lang))
    met = None if rule.met_when is None else in_words(rule.met_when, entries, lang)
    return RuleText(
        rule_id=rule.id,
        label=rule.label.within(lang),
        kind=text(f"rules.kind_{rule.kind}", lang),
        asks=text("rules.and", lang).join(asks),
        met_by=met,
        article=None if rule.article is None else rule.article.within(lang),
        follows=_follows(rule, defined, lang),
        since=rule.since.isoformat(),
        until=None if rule.until is None else rule.until.isoformat(),
        coarsest_support=rule.coarsest_support.name.lower(),
        required=rule.required,
        clause=None if rule.clause is None else rule.clause.within(lang),
        source=rule.source,
        confirmed=rule.confirmed,
    )


def _follows(rule: Rule, defined: Standard, lang: Language) -> str:
    if rule.outcome is not None:
        outcome = defined.outcomes[rule.outcome]
        light = value_label(defined, outcome.value).within(lang)
        return text("rules.outcome_true", lang, outcome=outcome.label.within(lang), light=light)
    if rule.kind == "item":
        return text(f"rules.{defined.outcome_kind}_true", lang)
    if rule.objective is None or rule.level is None:
        return text(f"rules.{rule.kind}_true", lang)
    objective, effect = objective_label(rule.objective), effect_label(rule.level.name.lower())
    return text(f"rules.{rule.kind}_true", lang, objective=objective.within(lang), effect=effect.within(lang))


def in_words(condition: Condition | None, entries: dict[str, FactName], lang: Language) -> str:
    """A condition in one language; entries: the vocabulary with the layers it speaks of."""
    if condition is None:
        return text("rules.always", lang)
    if condition.not_ is not None:
        return text("rules.negated", lang, what=in_words(condition.not_, entries, lang))
    if condition.fact is None:
        joint = text("rules.and" if condition.all else "rules.or", lang)
        return joint.join(_part(part, entries, lang) for part in condition.all or condition.any or ())
    entry, given = entries[condition.fact], condition.given(condition.comparison)
    label = entry.label.within(lang)
    if entry.kind == "truth" and condition.comparison != "known":
        return label if given else text("rules.negated", lang, what=label)
    if condition.comparison == "known":
        return text("rules.comparison_known" if given else "rules.comparison_not_known", lang, fact=label)
    threshold = _threshold(condition.fact, given, entry, lang)
    if lang == "zh" and threshold[0].isascii():
        threshold = f" {threshold}"  # Chinese and Latin letters or digits are set apart
    return text(f"rules.comparison_{condition.comparison}", lang, fact=label, threshold=threshold)


def _part(part: Condition, entries: dict[str, FactName], lang: Language) -> str:
    said = in_words(part, entries, lang)
    plain = part.fact is not None and part.comparison != "in"
    return said if plain else text("rules.bracketed", lang, what=said)


def _threshold(fact: str, given: Any, entry: FactName, lang: Language) -> str:
    if isinstance(given, Dated):
        dated = (f"{day.isoformat()}: {value_words(fact, value, entry, lang)}" for day, value in given.values.items())
        return text("rules.listed", lang).join(dated)
    values = given if isinstance(given, tuple) else (given,)
    return text("rules.listed", lang).join(value_words(fact, value, entry, lang) for value in values)


def value_words(fact: str, value: Any, entry: FactName, lang: Language) -> str:
    """One value of a fact in words: a type, stage or level by its label, a number with its unit."""
    if isinstance(value, bool):
        return text("rules.said_yes" if value else "rules.said_no", lang)
    if isinstance(value, float | int):
        unit = "" if entry.unit in (None, "1") else _unit_symbols().get(entry.unit, {}).get(lang, entry.unit)
        return f"{value:g} {unit}".strip()
    named = country_name(str(value)) if fact == "country" else _value_labels(fact).get(str(value))
    return str(value) if named is None else named.within(lang)


@cache
def _unit_symbols() -> dict[str, dict[str, str]]:
    symbols: dict[str, dict[str, str]] = read_yaml(DEFINITIONS / "report.yaml")["symbols"]
    return symbols


@cache
def _value_labels(fact: str) -> dict[str, Label]:
    if fact == "project_type":
        return {name: kind.label for name, kind in project_types().items()}
    if fact in ("documents", "client_class"):
        return {name: entry.label for name, entry in (documents() if fact == "documents" else client_classes()).items()}
    if fact in ("stage", "finance_product"):
        named = read_yaml(DEFINITIONS / "portfolio_fields.yaml")[f"{fact}s"]
        return {name: Label(**entry["label"]) for name, entry in named.items()}
    prefix = {"coal_case": "coal_case_", "type_family": "family_"}.get(fact, "tier_" if "mitigation_" in fact else "")
    prefix = prefix or ("effect_" if fact.startswith("effect_") else "")
    keys = [key for key in room_texts("rules") if prefix and key.startswith(prefix)]
    return {key.removeprefix(prefix): both(key) for key in keys}
