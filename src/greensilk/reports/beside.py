"""One project rated twice, side by side: what each standard said then and now, and the facts that differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from greensilk.catalogue.layer_records import sensitive_layers
from greensilk.reports import labels, marks
from greensilk.reports.bilingual import Bilingual, of_label, said, same
from greensilk.reports.fact_sheet import value_words
from greensilk.reports.rounding import grouped, rounded
from greensilk.rules import standards_at_hand
from greensilk.vocabulary import FactName, fact_names

Result = Mapping[str, Any]  # of one project, as results.json has it
GIVEN = ("name", "type", "stage", "country_stated", "capacity_mw", "investment", "currency", "location_kind",
         "location_accuracy_m")  # fmt: skip
DECIMALS = 1  # of a number that somebody gave and that is no whole one


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was one thing then and is another now; None = it was not asked."""

    label: Bilingual
    then: Bilingual | None
    now: Bilingual | None


@dataclass(frozen=True, slots=True)
class LightLine:
    """The mark by one standard, then and now; None = not asked."""

    label: Bilingual
    then: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Beside:
    """lights: every standard of lights that either asked; levels, given, facts: what differs"""

    lights: list[LightLine]
    levels: list[Line]
    given: list[Line]
    facts: list[Line]


def beside(then: Result, now: Result) -> Beside:
    """What differs between two ratings of a project."""
    return Beside(_lights(then, now), _levels(then, now), _given(then, now), _facts(then, now))


def _lights(then: Result, now: Result) -> list[LightLine]:
    before, after = ({name: _mark(one) for name, one in rated["verdicts"].items()} for rated in (then, now))
    return [LightLine(_standard(name), before.get(name), after.get(name)) for name in before | after]


def _mark(verdict: Mapping[str, Any]) -> str:
    return marks.mark(verdict["light"], verdict["basis"] or "")


def _levels(then: Result, now: Result) -> list[Line]:
    found = []
    for name in then["categories"] | now["categories"]:
        before, after = (rated["categories"].get(name, {}).get("category") for rated in (then, now))
        if before != after:
            found.append(Line(_standard(name), _level(name, before), _level(name, after)))
    return found


def _level(standard: str, value: str | None) -> Bilingual | None:
    if value is None:
        return None
    known = standards_at_hand().known.get(standard)
    label = known.levels.get(value) if known else None
    return of_label(label) if label else labels.worded("light", value)


def _given(then: Result, now: Result) -> list[Line]:
    fields = ((name, then.get(name), now.get(name)) for name in GIVEN)
    return [Line(labels.field(name), _plain(name, before), _plain(name, after)) for name, before, after in fields
            if before != after]  # fmt: skip


def _plain(name: str, value: Any) -> Bilingual | None:
    if value is None:
        return None
    if name == "type":
        return labels.project_type(str(value))
    if name == "stage":
        return labels.stage(str(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return same(grouped(value, 0 if float(value).is_integer() else DECIMALS))
    return value_words(name, str(value))


def _facts(then: Result, now: Result) -> list[Line]:
    before, after = _told(then), _told(now)
    names = [name for name in before | after if name in before and name in after and before[name] != after[name]]
    return [Line(_fact_label(name), _said(name, before[name]), _said(name, after[name])) for name in names]


def _told(rated: Result) -> dict[str, Any]:
    """Every fact that a trace of the rating tells, by name."""
    return {use["name"]: use["value"] for step in _steps(rated) for use in step["facts"]}


def _steps(rated: Result) -> Iterator[Mapping[str, Any]]:
    for kind in ("verdicts", "categories", "items"):
        for one in rated[kind].values():
            yield from one.get("trace", ())


def _said(name: str, value: Any) -> Bilingual:
    entry = _entries().get(name)
    if value is None:
        return said("reports.unknown_only")
    if isinstance(value, bool):
        return said("reports.truth_yes" if value else "reports.truth_no")
    if entry is not None and entry.kind == "level" and isinstance(value, int):
        return labels.worded("level", entry.levels[value])
    if isinstance(value, int | float):
        return rounded(float(value), entry.unit or "" if entry else "")
    return value_words(name, str(value))


def _fact_label(name: str) -> Bilingual:
    entry = _entries().get(name)
    return of_label(entry.label) if entry else same(name.replace("_", " "))


@cache
def _entries() -> Mapping[str, FactName]:
    return fact_names({name: layer.label for name, layer in sensitive_layers().items()})


def _standard(name: str) -> Bilingual:
    known = standards_at_hand().known.get(name)
    return of_label(known.label) if known else same(name)
