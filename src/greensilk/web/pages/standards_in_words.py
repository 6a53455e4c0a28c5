"""A standard as its page tells it, in one language: rules on a day, dated thresholds, worked cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from greensilk.project_types import project_types
from greensilk.rules import RuleText, Standard, StandardText, explain, standards
from greensilk.rules.explain import value_words
from greensilk.rules.faults import entries_of
from greensilk.rules.standard import Condition, Dated, Rule
from greensilk.rules.stated_facts import statable
from greensilk.rules.trace import effect_label
from greensilk.rules.worked_cases import FOLDER, Case, CaseResult, load_cases, run_cases
from greensilk.texts import Language, room_texts, text
from greensilk.vocabulary import FactName


@dataclass(frozen=True)
class Threshold:
    """A figure that changed over time. steps: from which day, which value, whether it is the one in force"""

    fact: str
    steps: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True)
class RuleShown:
    """A rule. group: the chapter that it opens, None within one; in_force: on the day that the page is of"""

    words: RuleText
    group: str | None
    in_force: bool
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True)
class CaseShown:
    """A worked case. known, follows: what, and what of it; as_expected: whether this very server finds it so"""

    name: str
    on: str
    known: tuple[tuple[str, str], ...]
    follows: tuple[tuple[str, str], ...]
    as_expected: bool


@dataclass(frozen=True)
class StandardShown:
    """All of a standard on a day. days: those from which it says something else than the day before"""

    words: StandardText
    rules: tuple[RuleShown, ...]
    cases: tuple[CaseShown, ...]
    days: tuple[dt.date, ...]


@lru_cache(maxsize=256)
def shown(name: str, on: dt.date, lang: Language) -> StandardShown:
    """A shipped standard.

    raises: KeyError if there is none of that id
    """
    defined = standards()[name]
    words = explain(defined, None, lang)
    return StandardShown(
        words, tuple(_rules(defined, words, on, lang)), tuple(_cases(name, lang)), tuple(sorted(defined.turning_days()))
    )


def _rules(defined: Standard, words: StandardText, on: dt.date, lang: Language) -> Iterator[RuleShown]:
    group = None
    for rule, told in zip(defined.rules, words.rules, strict=True):
        own = rule.group.within(lang) if rule.group else None
        yield RuleShown(
            told, own if own != group else None, rule.in_force(on), tuple(_thresholds(rule, defined, on, lang))
        )
        group = own


def _thresholds(rule: Rule, defined: Standard, on: dt.date, lang: Language) -> Iterator[Threshold]:
    entries = entries_of(defined)
    leaves = [leaf for part in (rule.when, rule.met_when) if part is not None for leaf in part.leaves()]
    for leaf in leaves:
        given = leaf.given(leaf.comparison)
        if leaf.fact is not None and isinstance(given, Dated):
            entry, current = entries[leaf.fact], _since(leaf, on)
            steps = tuple(
                (day.isoformat(), _amount(leaf.fact, value, entry, lang), day == current)
                for day, value in sorted(given.values.items())
            )
            yield Threshold(entry.label.within(lang), steps)


def _since(leaf: Condition, on: dt.date) -> dt.date | None:
    days = [day for day in leaf.given(leaf.comparison).values if day <= on]
    return max(days, default=None)


def _amount(fact: str, value: Any, entry: FactName, lang: Language) -> str:
    return text("web_standards.no_longer", lang) if value is None else value_words(fact, value, entry, lang)


@lru_cache(maxsize=1)
def _results() -> Mapping[str, tuple[CaseResult, ...]]:
    """What the worked cases come to on this machine, by standard."""
    known = standards()
    return {cases.standard: run_cases(cases, known[cases.standard]) for cases in load_cases(FOLDER, known)}


def _cases(name: str, lang: Language) -> Iterator[CaseShown]:
    defined = standards()[name]
    entries = statable(defined)
    for result in _results().get(name, ()):
        case = result.case
        known = [*_place(case, lang), *(_fact(case, fact, entries[fact], lang) for fact in case.facts)]
        follows = [_followed(defined, column, value, lang) for column, value in case.expect.items()]
        held = (defined.rule(one) for one in case.held)
        follows += [(text("web_standards.case_holds", lang), rule.label.within(lang)) for rule in held if rule]
        yield CaseShown(case.name, case.on.isoformat(), tuple(known), tuple(follows), not result.differences)


def _place(case: Case, lang: Language) -> Iterator[tuple[str, str]]:
    if case.type:
        yield text("web_standards.case_type", lang), project_types()[case.type].label.within(lang)
    if case.site:
        yield text("web_standards.case_site", lang), text("web_standards.case_clear", lang)


def _fact(case: Case, fact: str, entry: FactName, lang: Language) -> tuple[str, str]:
    value = case.facts[fact]
    said = text("web_standards.case_unknown", lang) if value is None else value_words(fact, value, entry, lang)
    return entry.label.within(lang), said + (text("web_standards.case_coarse", lang) if fact in case.coarse else "")


def _followed(defined: Standard, column: str, value: Any, lang: Language) -> tuple[str, str]:
    """What a case expects: of what, and which."""
    rule = defined.rule(column)
    if rule is not None:
        status = "web_standards.case_not_in_force" if value is None else f"kinds.status_{value}"
        return rule.label.within(lang), text(status, lang)
    key = f"column_{column}"
    name = text(f"web_standards.{key}", lang) if key in room_texts("web_standards") else column
    return name, _value(defined, column, value, lang)


def _value(defined: Standard, column: str, value: Any, lang: Language) -> str:
    if value is None:
        return text("web_standards.case_nothing", lang)
    if isinstance(value, bool):
        return text("rules.said_yes" if value else "rules.said_no", lang)
    if column == "outcome":
        return defined.outcomes[value].label.within(lang)
    if column == "flags":
        named = [defined.rule(one) for one in value.split(";")]
        return text("rules.listed", lang).join(rule.label.within(lang) for rule in named if rule is not None)
    if column == "basis":
        return text(f"reports.basis_short_{value}", lang)
    if column.startswith("effect_"):
        return effect_label(value).within(lang)
    if value in defined.levels:
        return defined.levels[value].within(lang)
    key = f"light_{value}"
    return text(f"reports.{key}", lang) if key in room_texts("reports") else value
