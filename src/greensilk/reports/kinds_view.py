"""What the portfolio page says of categories, triggers, checklists and targets of states: like kinds side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from greensilk.records import Light
from greensilk.reports.bilingual import Bilingual, joined, of_label, said
from greensilk.reports.category_view import CategorySheet
from greensilk.reports.item_view import LIST_KINDS, STATUS_ORDER, ClauseText, ItemSheet
from greensilk.reports.project_view import Reading
from greensilk.reports.summary import CategoryCounts, Counts, ListCounts, Summary

BAR_WIDTH = 70
MOST_OPEN = 10


@dataclass(frozen=True, slots=True)
class LevelLine:
    """One level with its projects. possible: undecided, and still able to turn out so; null where that says nothing."""

    label: Bilingual
    rows: int
    possible: int | None
    bar: int


@dataclass(frozen=True, slots=True)
class CategoryTotals:
    """One category standard over the portfolio."""

    label: Bilingual
    notice: Bilingual
    lines: list[LevelLine]


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item over the portfolio. counts: in the order of the table's statuses."""

    anchor: str
    article: Bilingual | None
    label: Bilingual
    standard: Bilingual
    counts: list[int]


@dataclass(frozen=True, slots=True)
class ListTotals:
    """One list over the portfolio. counts: answers over all projects and items, as the table orders statuses."""

    label: Bilingual
    notice: Bilingual
    projects: int
    counts: list[int]
    items: list[ItemLine]


@dataclass(frozen=True, slots=True)
class ListTable:
    """All lists of one kind side by side. idle: standards that speak of no project; most: items most often open."""

    kind: str
    statuses: list[str]
    lists: list[ListTotals]
    idle: Bilingual | None
    most: list[ItemLine]


@dataclass(frozen=True, slots=True)
class Kinds:
    """Everything that is no light, by kind."""

    categories: list[CategoryTotals]
    idle: Bilingual | None
    lists: list[ListTable]

    def __bool__(self) -> bool:
        return bool(self.categories or self.idle or self.lists)


def kinds_of(reading: Reading, counts: Summary) -> Kinds:
    """The tables of one portfolio."""
    spoken = {name: one for name, one in counts.categories.items() if not _silent(one)}
    idle = (reading.categories[name].standard.label for name in counts.categories if name not in spoken)
    return Kinds(
        categories=[_category(reading, name, one) for name, one in spoken.items()],
        idle=_named(of_label(label) for label in idle),
        lists=[table for kind in LIST_KINDS if (table := _lists(reading, counts, kind)) is not None],
    )


def clauses(reading: Reading) -> list[tuple[Bilingual, list[ClauseText]]]:
    """Every list and category standard with its rules in words: told once, for the pages of all projects."""
    sheets: list[CategorySheet | ItemSheet] = [*reading.categories.values(), *reading.lists.values()]
    return [(of_label(sheet.standard.label), sheet.texts) for sheet in sheets if sheet.texts]


def _silent(counts: CategoryCounts) -> bool:
    return not any(count for name, count in counts.rows.items() if name != Light.NOT_APPLICABLE)


def _named(names: Iterable[Bilingual]) -> Bilingual | None:
    found = list(names)
    return said("kinds.idle", names=joined(found)) if found else None


def _category(reading: Reading, name: str, counts: CategoryCounts) -> CategoryTotals:
    sheet, most = reading.categories[name], max(*counts.rows.values(), 1)
    lines = [
        LevelLine(sheet.word(level), rows, counts.possible.get(level), round(rows / most * BAR_WIDTH))
        for level, rows in counts.rows.items()
        if rows or level in counts.possible
    ]
    return CategoryTotals(of_label(sheet.standard.label), of_label(sheet.standard.notice), lines)


def _lists(reading: Reading, counts: Summary, kind: str) -> ListTable | None:
    """The table of one kind; None where no standard of that kind was asked for."""
    found = {name: one for name, one in counts.items.items() if one.kind == kind}
    if not found:
        return None
    names = reading.lists[next(iter(found))].table.statuses
    statuses = [status for status in STATUS_ORDER if status in names]
    # What is not asked of anybody, for certain, is told in one line.
    spoken = {name: one for name, one in found.items() if any(one.statuses.get(status) for status in statuses[:-1])}
    lists = [_totals(reading, name, one, statuses) for name, one in spoken.items()]
    every = sorted((item for one in lists for item in one.items), key=lambda item: -item.counts[0])
    return ListTable(
        kind=kind,
        statuses=statuses,
        lists=lists,
        idle=_named(of_label(reading.lists[name].standard.label) for name in found if name not in spoken),
        most=[item for item in every[:MOST_OPEN] if item.counts[0]] if kind == "checklist" else [],
    )


def _totals(reading: Reading, name: str, counts: ListCounts, statuses: list[str]) -> ListTotals:
    sheet = reading.lists[name]
    label = of_label(sheet.standard.label)
    items = [
        ItemLine(text.anchor, text.article, text.label, label, _ordered(counts.items[text.id], statuses))
        for text in sheet.texts
    ]
    total = _ordered(counts.statuses, statuses)
    return ListTotals(label, of_label(sheet.standard.notice), counts.projects, total, items)


def _ordered(counts: Counts, statuses: list[str]) -> list[int]:
    return [counts[status] for status in statuses]
