"""Everything the portfolio page says: counts, the table, what is unknown, what was rejected, what is owed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from greensilk.records import Source
from greensilk.reports import labels
from greensilk.reports.bilingual import Bilingual, of_label, said, same
from greensilk.reports.files import page_of
from greensilk.reports.marks import BY_TYPE, COUNTED, SEVERITY
from greensilk.reports.project_view import Reading, plain
from greensilk.reports.summary import StandardCounts, Summary
from greensilk.reports.verdict_view import VerdictSheet

BAR_WIDTH = 70
MOST_UNKNOWNS = 12
MOST_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class CountLine:
    """One mark with its counts; bar: width of its bar, from zero."""

    kind: str
    rows: int
    places: int
    loans: int
    bar: int


@dataclass(frozen=True, slots=True)
class StandardView:
    """One standard with its counts."""

    id: str
    label: Bilingual
    about: Bilingual
    notice: Bilingual | None
    confirmed: bool
    sources: tuple[Source, ...]
    counts: list[CountLine]

    @property
    def idle(self) -> bool:
        """Whether it speaks of no project of the portfolio."""
        return all(line.kind == "NOT_APPLICABLE" for line in self.counts)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of projects. page: it links to a page of its own; lead: the mark by the first standard."""

    name: Bilingual
    country: Bilingual
    type: Bilingual
    marks: list[str]
    lead: str
    open: Bilingual
    href: str
    page: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """Something unknown, with how many verdicts an answer could change or complete."""

    what: Bilingual
    lights: int
    bases: int
    how: Bilingual


@dataclass(frozen=True, slots=True)
class Rejected:
    """Rows rejected for one reason, and the first of them."""

    reason: Bilingual
    count: int
    row: int
    field: str
    value: str


def standard_views(reading: Reading, counts: Summary) -> list[StandardView]:
    """Every standard in the order asked for."""
    found = []
    for name, sheet in reading.verdicts.items():
        standard: Any = sheet.standard
        found.append(
            StandardView(
                id=name,
                label=of_label(standard.label),
                about=of_label(standard.about),
                notice=of_label(standard.notice) if standard.notice else None,
                confirmed=standard.confirmed,
                sources=tuple(standard.source),
                counts=_count_lines(counts.standards[name]),
            )
        )
    return found


def _count_lines(counts: StandardCounts) -> list[CountLine]:
    most = max(*counts.rows.values(), 1)
    return [
        CountLine(kind, counts.rows[kind], counts.places[kind], counts.loans[kind],
                  round(counts.rows[kind] / most * BAR_WIDTH))
        for kind in COUNTED
        if counts.rows[kind]
    ]  # fmt: skip


def table_rows(reading: Reading, split: bool) -> list[Row]:
    """The table of projects; split: each has a page of its own."""
    first = next(iter(reading.verdicts.values()), None)
    rows = []
    for i in range(len(reading)):
        name = reading.columns["id"][i]
        rows.append(
            Row(
                name=reading.name(i),
                country=reading.country(i),
                type=labels.project_type(reading.columns["type"][i]),
                marks=[sheet.kind(i) for sheet in reading.verdicts.values()],
                lead=reading.mark(i),
                open=_first_question(first, i),
                href=page_of(name, split),
                page=split,
            )
        )
    return rows


def packed(rows: list[Row]) -> Markup:
    """The table of projects as data for the script of the page: words once each, rows by their numbers."""
    words = short_words()
    lists: dict[str, dict[Bilingual, int]] = {"countries": {}, "types": {}, "open": {}}

    def number(name: str, value: Bilingual) -> int:
        return lists[name].setdefault(value, len(lists[name]))

    lines = [
        [row.name.en, row.name.zh if row.name.zh != row.name.en else 0, row.href, number("countries", row.country),
         number("types", row.type), [COUNTED.index(kind) for kind in row.marks], number("open", row.open)]
        for row in rows
    ]  # fmt: skip
    content = {name: list(values) for name, values in lists.items()} | {
        "marks": [[*words[kind], kind, SEVERITY.index(kind)] for kind in COUNTED],
        "rows": lines,
    }
    # Within a script element only "<" could end it.
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return Markup(written)  # noqa: S704 - escaped above


def _first_question(sheet: VerdictSheet | None, i: int) -> Bilingual:
    questions = sheet.table.questions(i) if sheet else ()
    first = questions[0] if questions else None
    return sheet.sheet.settles_for(i, first.settled_by, first.facts)[0] if sheet and first else same("–")


def missing(reading: Reading) -> list[Missing]:
    """What is unknown over the whole portfolio, by the number of verdicts an answer could change."""
    totals: dict[tuple[str, str], list[int]] = {}
    for sheet in reading.verdicts.values():
        for row in sheet.table.settling().iter_rows(named=True):
            total = totals.setdefault((row["kind"], row["settled_by"]), [0, 0])
            total[0] += row["changes_light"]
            total[1] += row["changes_basis"]
    ranked = sorted(totals.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
    return [
        Missing(reading.sheet.settles(name), lights, bases, _how(kind, name))
        for (kind, name), (lights, bases) in ranked[:MOST_UNKNOWNS]
    ]


def _how(kind: str, name: str) -> Bilingual:
    return (labels.how_to_get(name) if kind == "layer" else None) or said("reports.fill_field")


def rejected(reading: Reading) -> list[Rejected]:
    """Rejected rows by reason, the most frequent first."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in reading.dossier.portfolio.rejects.iter_rows(named=True):
        groups.setdefault(row["reason"], []).append(row)
    return [
        Rejected(
            reason=Bilingual(_generic(rows[0], "en"), _generic(rows[0], "zh")),
            count=len(rows),
            row=rows[0]["row"] or 0,
            field=rows[0]["field"] or "–",
            value=plain(rows[0]["value"] or "")[:MOST_CHARACTERS],
        )
        for _, rows in sorted(groups.items(), key=lambda item: -len(item[1]))
    ]


def _generic(row: dict[str, Any], lang: str) -> str:
    return str(row[f"reason_{lang}"] or row["reason"])


def short_words() -> dict[str, Bilingual]:
    """The word beside each mark in a table."""
    words = {kind: said(f"reports.light_{kind}") for kind in COUNTED}
    return words | {kind: said(f"reports.short_{kind}") for kind in BY_TYPE.values()}
