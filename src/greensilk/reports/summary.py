"""How a portfolio comes out: counts per row, per place and per loan. The terminal and the report both print these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from greensilk.reports.marks import COUNTED, SEVERITY, mark
from greensilk.rules.hearing import NOT_APPLICABLE
from greensilk.rules.logic import FALSE, TRUE

if TYPE_CHECKING:
    from greensilk.appraisal import Dossier
    from greensilk.rules import CategoryTable, ItemTable

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class StandardCounts:
    """Verdicts of one standard by mark. A place or loan counts once, by its gravest."""

    rows: Counts
    places: Counts
    loans: Counts


@dataclass(frozen=True, slots=True)
class CategoryCounts:
    """Projects by level of one standard, the gravest level first.

    rows: found to be of that level; possible: undecided, and still able to turn out so
    """

    rows: Counts
    possible: Counts


@dataclass(frozen=True, slots=True)
class ListCounts:
    """Answers to one list. projects: of which it speaks for certain; items: item -> status -> number of projects."""

    kind: str
    projects: int
    items: Mapping[str, Counts]

    @property
    def statuses(self) -> Counts:
        """Answers by status over all projects and items."""
        found: Counts = {}
        for counts in self.items.values():
            for status, count in counts.items():
                found[status] = found.get(status, 0) + count
        return found


@dataclass(frozen=True, slots=True)
class Summary:
    """rows_read = rated + not_applicable + rejected, always.

    not_applicable: by every standard asked for that gives lights or categories; where there is none, by every list
    """

    rows_read: int
    rated: int
    not_applicable: int
    rejected: int
    places: int
    loans: int
    standards: Mapping[str, StandardCounts]
    categories: Mapping[str, CategoryCounts]
    items: Mapping[str, ListCounts]


def summary(dossier: Dossier) -> Summary:
    """Count a dossier."""
    projects = dossier.portfolio.projects
    places = _keys(projects["place_id"].to_list())
    loans = _keys(projects["loan_id"].to_list())
    standards = {}
    for name, verdicts in dossier.verdicts.items():
        marks = [mark(light, basis) for light, basis in verdicts.table.select("light", "basis").iter_rows()]
        standards[name] = StandardCounts(_count(marks), _grouped(places, marks), _grouped(loans, marks))
    rated = int(_spoken_of(dossier).sum())
    return Summary(
        rows_read=dossier.portfolio.rows_read,
        rated=rated,
        not_applicable=len(projects) - rated,
        rejected=dossier.portfolio.rows_read - len(projects),
        places=len(set(places)),
        loans=len(set(loans)),
        standards=standards,
        categories={name: _categories(table) for name, table in dossier.categories.items()},
        items={name: _items(table) for name, table in dossier.items.items()},
    )


def _spoken_of(dossier: Dossier) -> NDArray[np.bool_]:
    """(n,) whether any standard says more of a project than that it does not apply."""
    scales = (*dossier.verdicts.values(), *dossier.categories.values())
    said = [table.method.lights != NOT_APPLICABLE for table in scales]
    said = said or [table.hearing.applies != FALSE for table in dossier.items.values()]
    found = np.zeros(len(dossier), np.bool_)
    for one in said:
        found |= one
    return found


def _categories(table: CategoryTable) -> CategoryCounts:
    found, (best, worst) = table.method.lights, table.method.bounds
    open_ = found == len(table.hearing.scale) - 1
    levels = list(enumerate(table.hearing.scale))
    order = [*levels[-2:0:-1], levels[-1], levels[0]]  # the gravest level first, then unknown, then not applicable
    return CategoryCounts(
        {name: int((found == code).sum()) for code, name in order},
        {name: int((open_ & (best <= code) & (code <= worst)).sum()) for code, name in order[:-2]},
    )


def _items(table: ItemTable) -> ListCounts:
    counts = {row.pop("item"): row for row in table.counts.iter_rows(named=True)}
    return ListCounts(table.standard.outcome_kind, int((table.hearing.applies == TRUE).sum()), counts)


def _keys(given: Iterable[str | None]) -> list[str]:
    """A row without a place or loan of its own name is one of its own."""
    return [f"row {i}" if key is None else f"id {key}" for i, key in enumerate(given)]


def _count(marks: Iterable[str]) -> Counts:
    counts = dict.fromkeys(COUNTED, 0)
    for one in marks:
        counts[one] += 1
    return counts


def _grouped(keys: list[str], marks: list[str]) -> Counts:
    gravest: dict[str, str] = {}
    for key, one in zip(keys, marks, strict=True):
        if key not in gravest or SEVERITY.index(one) < SEVERITY.index(gravest[key]):
            gravest[key] = one
    return _count(gravest.values())
