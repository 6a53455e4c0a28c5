"""A supposed fact in words: "were above 10 W/m²"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from greensilk.rules.explain import value_words
from greensilk.rules.suppositions import Supposed
from greensilk.texts import Language, text
from greensilk.vocabulary import FactName

SHARP = 6  # digits: a threshold is told as it is
NAMED = 6  # of a list of countries, more say no more


def supposed_words(supposed: Supposed, entries: Mapping[str, FactName], lang: Language) -> str:
    """What the fact would be, with its verb; entries: the vocabulary with the layers that the standard speaks of."""
    entry = entries[supposed.fact]
    if entry.kind == "truth":
        return text("rule_questions.truth_" + "_or_".join("yes" if one else "no" for one in supposed.values), lang)
    if entry.kind in ("number", "date"):
        return _range(supposed, entry, lang)
    if supposed.how != "is":
        held = [value_words(supposed.fact, one, entry, lang) for one in supposed.values]
        return text(f"rule_questions.list_{supposed.how}", lang, values=_listed(held, lang))
    named = [value_words(supposed.fact, one, entry, lang) for one in supposed.values]
    if supposed.another:
        known = [value_words(supposed.fact, one, entry, lang) for one in supposed.but if one not in supposed.values]
        if not known:
            return text("rule_questions.any_at_all", lang)
        return text("rule_questions.none_of", lang, values=_listed(known, lang))
    return text("rule_questions.one_of", lang, values=_listed(named, lang))


def number_words(number: float | None, entry: FactName, lang: Language) -> str:
    """A threshold with its unit; "-" where there is none."""
    from greensilk.reports.rounding import rounded

    return "-" if number is None else rounded(number, entry.unit or "1", None, SHARP).within(lang)


def _listed(names: list[str], lang: Language) -> str:
    shown = text("cli.list_comma", lang).join(names[:NAMED])
    more = len(names) - NAMED
    return shown if more <= 0 else text("rule_questions.and_more", lang, shown=shown, count=more)


def _range(supposed: Supposed, entry: FactName, lang: Language) -> str:
    """A number or day between two bounds; a day has its own words."""
    low, high = supposed.low, supposed.high
    if low is None and high is None:
        return text("rule_questions.any_at_all", lang)
    if low == high:
        exactly = text("rule_questions.exactly", lang, bound=_bound(supposed, low, entry, lang))
        return text("rule_questions.were", lang, what=exactly)
    kind = "day" if entry.kind == "date" else "number"
    parts = []
    if low is not None:
        side = "from" if supposed.closed[0] else "above"
        parts.append(text(f"rule_questions.{kind}_{side}", lang, bound=_bound(supposed, low, entry, lang)))
    if high is not None:
        side = "up_to" if supposed.closed[1] else "below"
        parts.append(text(f"rule_questions.{kind}_{side}", lang, bound=_bound(supposed, high, entry, lang)))
    return text("rule_questions.were", lang, what=text("rule_questions.both_bounds", lang).join(parts))


def _bound(supposed: Supposed, bound: float | dt.date | None, entry: FactName, lang: Language) -> str:
    return bound.isoformat() if isinstance(bound, dt.date) else number_words(bound, entry, lang)
