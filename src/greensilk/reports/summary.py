"""How a portfolio comes out: counts per row, per place and per loan. The terminal and the report both print these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greensilk.reports.marks import COUNTED, SEVERITY, mark

if TYPE_CHECKING:
    from greensilk.appraisal import Dossier

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class StandardCounts:
    """Verdicts of one standard by mark. A place or loan counts once, by its gravest."""

    rows: Counts
    places: Counts
    loans: Counts


@dataclass(frozen=True, slots=True)
class Summary:
    """rows_read = rated + not_applicable + rejected, always. not_applicable: by every standard asked for."""

    rows_read: int
    rated: int
    not_applicable: int
    rejected: int
    places: int
    loans: int
    standards: Mapping[str, StandardCounts]


def summary(dossier: Dossier) -> Summary:
    """Count a dossier."""
    projects = dossier.portfolio.projects
    places = _keys(projects["place_id"].to_list())
    loans = _keys(projects["loan_id"].to_list())
    standards, applies = {}, [False] * len(projects)
    for name, verdicts in dossier.verdicts.items():
        marks = [mark(light, basis) for light, basis in verdicts.table.select("light", "basis").iter_rows()]
        standards[name] = StandardCounts(_count(marks), _grouped(places, marks), _grouped(loans, marks))
        applies = [before or mark != "NOT_APPLICABLE" for before, mark in zip(applies, marks, strict=True)]
    rated = sum(applies)
    return Summary(
        rows_read=dossier.portfolio.rows_read,
        rated=rated,
        not_applicable=len(projects) - rated,
        rejected=dossier.portfolio.rows_read - len(projects),
        places=len(set(places)),
        loans=len(set(loans)),
        standards=standards,
    )


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
