"""Facts as people read them: label, rounded value, what an unknown one needs, and where the value comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from greensilk.facts import FactColumn, FactTable
from greensilk.reports import labels
from greensilk.reports.bilingual import Bilingual, of_label, said, same
from greensilk.reports.rounding import percent, report_style, rounded
from greensilk.texts import room_texts
from greensilk.vocabulary import FactName, fact_names, vocabulary

# Text facts whose values are codes.
_READ_AS: dict[str, Callable[[str], Bilingual]] = {
    "country": labels.countries,
    "countries_within_50km": labels.countries,
    "land_cover_here": labels.land_cover,
    "koppen_class": labels.climate,
    "project_type": labels.project_type,
    "stage": labels.stage,
    "client_class": labels.client_class,
    "documents": labels.documents,
    "measures_in_hand": labels.measures,
    "finance_product": labels.finance_product,
    "location_kind": lambda name: labels.worded("location", name),
    "type_family": lambda name: labels.worded("family", name),
    "coal_case": lambda name: labels.worded("coal", name),
}


_LEVELS = {level for entry in vocabulary().facts.values() for level in entry.levels}

# Reasons for which no layer would settle a fact, only a better place.
PLACE_REASONS = ("extent_not_given", "within_tolerance")


@dataclass(frozen=True, slots=True)
class FactView:
    """One fact of one project, ready to be shown. number: the unrounded value where it is one."""

    name: str
    label: Bilingual
    group: str
    known: bool
    value: Bilingual
    number: float | None
    feature: str | None
    origin: FactOrigin


@dataclass(frozen=True, slots=True)
class FactOrigin:
    """Where a fact comes from."""

    dataset: str
    version: str
    method: str
    support: Bilingual
    confirmed: bool


@dataclass(frozen=True, slots=True)
class _Column:
    entry: FactName
    label: Bilingual
    origins: list[FactOrigin]
    answered_by: list[int | None] | None
    values: list[Any]
    reasons: list[str | None] | None
    features: list[str | None] | None
    accuracy_m: list[float | None] | None


def value_words(name: str, value: str) -> Bilingual:
    """A text value of a fact, or a level by name, as people read it."""
    read = _READ_AS.get(name)
    return read(value) if read else labels.worded("level", value) if value in _LEVELS else same(value)


class FactSheet:
    """A fact table turned for reading by project."""

    def __init__(
        self, facts: FactTable, year_only: list[str | None] | None = None, loaded: Collection[str] = ()
    ) -> None:
        entries = fact_names(facts.layers)
        self.columns = {name: _column(column, entries[name]) for name, column in facts.columns.items()}
        self._year_only = year_only or [None] * len(facts)
        self._loaded = set(loaded)

    def settles(self, name: str) -> Bilingual:
        """What would settle an unknown, given the layers loaded."""
        return labels.settled_by(name, name in self._loaded)

    def settles_for(self, i: int, name: str, facts: Collection[str]) -> tuple[Bilingual, bool]:
        """What would settle unknown facts of project i, and whether it is the place that has to be given better."""
        columns = [self.columns[fact] for fact in facts if fact in self.columns]
        reasons = {column.reasons[i] for column in columns if column.reasons is not None and column.values[i] is None}
        placed = next((reason for reason in PLACE_REASONS if reasons == {reason}), None)
        return (self.settles(name), False) if placed is None else (labels.worded("settles", placed), True)

    def view(self, i: int, name: str) -> FactView | None:
        """One fact of project i, or None if it was not measured for anybody."""
        column = self.columns.get(name)
        return None if column is None else self._view(i, name, column)

    def raw(self, i: int, name: str) -> Any:
        """The value of one fact of project i as it stands in the table; None = unknown or not measured."""
        column = self.columns.get(name)
        return None if column is None else column.values[i]

    def group(self, i: int, group: str) -> list[FactView]:
        """Facts of one group of project i, as the vocabulary orders them; project and type facts not given are left,
        and those that only repeat which data set is not loaded."""
        hidden = report_style().not_listed
        return [
            self._view(i, name, self.columns[name])
            for name in self.by_group.get(group, [])
            if name not in hidden
            and not (group in {"project", "type"} and self.columns[name].values[i] is None)
            and not self._repeats(i, name)
        ]

    def _repeats(self, i: int, name: str) -> bool:
        reasons = self.columns[name].reasons
        return name in report_style().not_listed_without_data and reasons is not None and reasons[i] == "no_layer"

    @cached_property
    def by_group(self) -> dict[str, list[str]]:
        """Group -> names of its facts; groups in the order of the vocabulary."""
        groups: dict[str, list[str]] = {name: [] for name in vocabulary().groups}
        for name, column in self.columns.items():
            groups[column.entry.group].append(name)
        return groups

    def _view(self, i: int, name: str, column: _Column) -> FactView:
        value = column.values[i]
        number = value if column.entry.kind == "number" else None
        shown = self._unknown(i, column) if value is None else self._known(i, name, column)
        hidden = column.entry.kind == "date" or name in report_style().feature_not_shown
        feature = None if hidden or column.features is None else column.features[i]
        origin = column.origins[0 if column.answered_by is None else column.answered_by[i] or 0]
        return FactView(name, column.label, column.entry.group, value is not None, shown, number, feature, origin)

    def _known(self, i: int, name: str, column: _Column) -> Bilingual:
        value, entry = column.values[i], column.entry
        if entry.kind == "number":
            return _number(name, float(value), entry, column.accuracy_m[i] if column.accuracy_m is not None else None)
        if entry.kind == "truth":
            return said("reports.truth_yes" if value else "reports.truth_no")
        if entry.kind == "level":
            return labels.worded("level", entry.levels[value])
        if entry.kind == "date":
            return same(self._date(i, name, value))
        return _READ_AS.get(name, same)(str(value)) if value else said("reports.none")

    def _date(self, i: int, name: str, value: dt.date) -> str:
        said_short = {one.strip() for one in (self._year_only[i] or "").split(";")}
        if f"{name}/month" in said_short:
            return value.isoformat()[:7]
        return f"{value.year}" if name in said_short else value.isoformat()

    def _unknown(self, i: int, column: _Column) -> Bilingual:
        return _needs(column.reasons[i] if column.reasons is not None else None, column.entry.settled_by)


@cache
def _needs(reason: str | None, settles: str | None) -> Bilingual:
    """What an unknown fact says instead of a value."""
    if reason == "licence":
        return said("reports.withheld")
    if settles and (reason in {None, "no_layer", "not_given", "needs_detail"}):
        return said("reports.unknown_needs", what=labels.settled_by(settles))
    if reason is None or reason not in room_texts("facts"):
        return said("reports.unknown_only")
    return said("reports.unknown_because", reason=said(f"facts.{reason}"))


def _number(name: str, value: float, entry: FactName, accuracy_m: float | None) -> Bilingual:
    style = report_style()
    if any(name.startswith(start) for start in style.shown_as_percent):
        return percent(value)
    unit = entry.unit or "1"
    if name in style.given_as_is:
        return rounded(value, unit, None, 9)
    # The accuracy is that of the place: it bounds distances, not heights.
    return rounded(value, unit, accuracy_m if unit == "m" and entry.group != "climate" else None)


def _column(column: FactColumn, entry: FactName) -> _Column:
    origins = [
        FactOrigin(
            dataset=one.dataset,
            version=one.version,
            method=one.method,
            support=labels.worded("support", one.support.name.lower()),
            confirmed=one.confirmed,
        )
        for one in column.origins
    ]
    return _Column(
        entry=entry,
        label=of_label(entry.label),
        origins=origins,
        answered_by=None if column.answered_by is None else column.answered_by.to_list(),
        values=column.values.to_list(),
        reasons=None if column.reasons is None else column.reasons.to_list(),
        features=None if column.features is None else column.features.to_list(),
        accuracy_m=None if column.accuracy_m is None else column.accuracy_m.to_list(),
    )
