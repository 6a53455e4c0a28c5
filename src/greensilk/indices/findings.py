"""Challenges and opportunities: declared conditions over a country's values, each answered yes, no or not known.

A condition compares a value with a number, with the median of all countries or of the country's region, or asks for the
highest or lowest quarter. There are no expressions. A missing value makes a finding not known unless the rest decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from greensilk.records import DEFINITIONS, Label, Record, Source, load_file, said
from greensilk.texts import LANGUAGES, Language, text

Kind = Literal["challenge", "opportunity"]
Scope = Literal["all", "region"]
State = Literal["holds", "does_not_hold", "not_known"]
WORDS = {"person": "person", "people": "people", "world-eq.": "world_eq"}  # in units
LEAST = 5  # countries with a value, below which a median or a quarter says nothing


class Comparison(Record):
    """One comparison. above, below: a number, itself excluded; *_median: of all countries or of the region; quarter: of
    all countries, by value"""

    indicator: str
    above: float | None = None
    below: float | None = None
    above_median: Scope | None = None
    below_median: Scope | None = None
    quarter: Literal["highest", "lowest"] | None = None

    @model_validator(mode="after")
    def _one_comparison(self) -> Self:
        if len(self.model_fields_set - {"indicator"}) != 1:
            raise ValueError("needs exactly one of above, below, above_median, below_median, quarter")
        return self


class When(Record):
    """Conditions of which all, or any, must hold."""

    all_of: tuple[Comparison | When, ...] = ()
    any_of: tuple[Comparison | When, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.all_of) == bool(self.any_of):
            raise ValueError("needs either all_of or any_of")
        return self

    def tests(self) -> Iterator[Comparison]:
        """Every comparison in it, from the first."""
        for part in (*self.all_of, *self.any_of):
            if isinstance(part, Comparison):
                yield part
            else:
                yield from part.tests()


class FindingRule(Record):
    """A finding that may hold of a country.

    text: what it says; {indicator} is filled with the value, {indicator_median} and {indicator_region} with the medians
    means: what follows for projects; project_types: of which types
    """

    id: str = Field(pattern=r"^CE-[AWEC]-\d\d$")
    element: Literal["air", "water", "ecology", "climate"]
    kind: Kind
    label: Label
    when: When
    text: Label
    means: Label
    project_types: tuple[str, ...] = Field(min_length=1)
    source: tuple[Source, ...] = Field(min_length=1)
    confirmed: bool


class _Rules(Record):
    findings: tuple[FindingRule, ...]

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [rule.id for rule in self.findings]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"used more than once: {', '.join(twice)}")
        return self


@dataclass(frozen=True, slots=True)
class Known:
    """A value of a country. year: null where the source names none; source: who says so."""

    value: float
    year: int | None = None
    source: str = ""


@dataclass(frozen=True)
class Standing:
    """The values that findings are judged by.

    values: indicator -> ISO alpha-3 -> value; regions: ISO alpha-3 -> region; names, units: of the indicators, by id
    """

    values: Mapping[str, Mapping[str, Known]]
    regions: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Label] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    _quantiles: dict[tuple[str, float, str | None], float | None] = field(default_factory=dict, compare=False)

    def value(self, indicator: str, country: str) -> Known | None:
        """A country's value, or None."""
        return self.values.get(indicator, {}).get(country)

    def quantile(self, indicator: str, share: float, region: str | None = None) -> float | None:
        """The value below which a share of countries lies, of all or a region; None where fewer than LEAST have one."""
        key = (indicator, share, region)  # every finding of every country asks for the same few
        if key not in self._quantiles:
            known = self.values.get(indicator, {})
            found = [one.value for code, one in known.items() if region is None or self.regions.get(code) == region]
            self._quantiles[key] = float(np.quantile(found, share)) if len(found) >= LEAST else None
        return self._quantiles[key]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A value that a finding rests on, and what it was compared with.

    value, year: null where there is none; limit: the number compared with, null where that is not known
    against: above, below, above_median, below_median or quarter; scope: all or region, of a median
    """

    indicator: str
    label: Label
    value: float | None
    unit: str
    year: int | None
    source: str
    against: str
    scope: str | None
    limit: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a rule for one country. text: what it says, or which values are missing where it is not known."""

    id: str
    element: str
    kind: Kind
    state: State
    label: Label
    text: Label
    means: Label
    project_types: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...]
    source: tuple[Source, ...]
    confirmed: bool


@cache
def finding_rules() -> tuple[FindingRule, ...]:
    """Every rule, in the order of the file.

    raises: DefinitionError listing every fault
    """
    return load_file(_Rules, DEFINITIONS / "findings.yaml").findings


def findings_for(country: str, standing: Standing, rules: Sequence[FindingRule] | None = None) -> tuple[Finding, ...]:
    """Every rule's answer for a country, those that do not hold and those not known included.

    country: ISO alpha-3; rules: those shipped if left out
    """
    return tuple(_finding(rule, country, standing) for rule in (finding_rules() if rules is None else rules))


def _finding(rule: FindingRule, country: str, standing: Standing) -> Finding:
    answer = _answer(rule.when, country, standing)
    evidence = tuple(_evidence(test, country, standing) for test in rule.when.tests())
    missing = tuple(dict.fromkeys(one.indicator for one in evidence if one.value is None or one.limit is None))
    state: State = "not_known" if answer is None else "holds" if answer else "does_not_hold"
    spoken = _missing(missing, standing) if answer is None else _filled(rule, country, standing)
    return Finding(
        rule.id, rule.element, rule.kind, state, rule.label, spoken, rule.means, rule.project_types, evidence, missing,
        rule.source, rule.confirmed,
    )  # fmt: skip


def _answer(when: When | Comparison, country: str, standing: Standing) -> bool | None:
    """Yes, no, or None: not known. Of any_of one yes decides, of all_of one no."""
    if isinstance(when, Comparison):
        return _compared(when, country, standing)
    answers = [_answer(part, country, standing) for part in (*when.all_of, *when.any_of)]
    decides = bool(when.any_of)
    if decides in answers:
        return decides
    return None if None in answers else not decides


def _compared(test: Comparison, country: str, standing: Standing) -> bool | None:
    known, limit = standing.value(test.indicator, country), _limit(test, country, standing)[1]
    if known is None or limit is None:
        return None
    if test.quarter is not None:  # the quarter's own edge belongs to it
        return known.value >= limit if test.quarter == "highest" else known.value <= limit
    upwards = test.above is not None or test.above_median is not None
    return known.value > limit if upwards else known.value < limit


def _limit(test: Comparison, country: str, standing: Standing) -> tuple[str | None, float | None]:
    """The scope and the number that a value is compared with."""
    number = test.above if test.above is not None else test.below
    if number is not None:
        return None, number
    if test.quarter is not None:
        return "all", standing.quantile(test.indicator, 0.75 if test.quarter == "highest" else 0.25)
    scope = test.above_median or test.below_median
    if scope == "all":
        return scope, standing.quantile(test.indicator, 0.5)
    region = standing.regions.get(country)
    return scope, None if region is None else standing.quantile(test.indicator, 0.5, region)


def _evidence(test: Comparison, country: str, standing: Standing) -> Evidence:
    name, known = test.indicator, standing.value(test.indicator, country)
    scope, limit = _limit(test, country, standing)
    against = next(iter(test.model_fields_set - {"indicator"}))
    told = (known.value, known.year, known.source) if known else (None, None, "")
    label = standing.names.get(name) or Label(en=name, zh=name)
    return Evidence(name, label, told[0], standing.units.get(name, ""), *told[1:], against, scope, limit)


def _filled(rule: FindingRule, country: str, standing: Standing) -> Label:
    region = standing.regions.get(country)
    filled: dict[str, Label] = {}
    for name in dict.fromkeys(test.indicator for test in rule.when.tests()):
        known = standing.value(name, country)
        unit = standing.units.get(name, "")
        filled[name] = _shown(known.value if known else None, unit)
        filled[f"{name}_median"] = _shown(standing.quantile(name, 0.5), unit)
        filled[f"{name}_region"] = _shown(standing.quantile(name, 0.5, region) if region else None, unit)
    spoken = {
        lang: rule.text.within(lang).format(**{name: value.within(lang) for name, value in filled.items()})
        for lang in LANGUAGES
    }
    return Label(en=spoken["en"], zh=spoken["zh"])


def _missing(missing: Sequence[str], standing: Standing) -> Label:
    names = [standing.names.get(name) or Label(en=name, zh=name) for name in missing]
    listed = Label(en=", ".join(name.en for name in names), zh="、".join(name.zh for name in names))
    return said("countries.finding_not_known", names=listed)


def _shown(value: float | None, unit: str) -> Label:
    if value is None:
        return said("countries.not_known")
    number = shown_number(value)
    return Label(en=f"{number} {unit_words(unit, 'en')}".strip(), zh=f"{number} {unit_words(unit, 'zh')}".strip())


def unit_words(unit: str, lang: Language) -> str:
    """A unit as it is written in a language: its words are translated, its symbols are not.

    >>> unit_words("m³/person", "zh")
    'm³/人'
    """
    return re.sub("|".join(WORDS), lambda found: text(f"countries.unit_{WORDS[found[0]]}", lang), unit)


def shown_number(value: float) -> str:
    """A number to three digits, whole from 100 on.

    >>> shown_number(1234.6), shown_number(0.5049), shown_number(12.0), shown_number(4.1e-15)
    ('1,235', '0.505', '12', '4.1e-15')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
