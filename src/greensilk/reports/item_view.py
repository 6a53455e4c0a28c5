"""A list in words: every item with its status, its clause, what was seen and what would answer it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from greensilk.records import Source
from greensilk.reports.bilingual import Bilingual, joined, of_label, said
from greensilk.reports.fact_sheet import FactSheet
from greensilk.reports.licences import REASON
from greensilk.reports.rounding import grouped
from greensilk.reports.verdict_view import FactAsked, fact_asked
from greensilk.rules.explain import in_words
from greensilk.rules.logic import UNKNOWN
from greensilk.rules.questions import settled_by

if TYPE_CHECKING:
    from greensilk.rules import ItemTable
    from greensilk.rules.hearing import Hearing
    from greensilk.rules.standard import Condition, Rule

LIST_KINDS = ("trigger", "checklist", "state_target")
OFF = ("not_triggered", "not_touched", "not_asked")
TELLING = ("triggered", "touched", "done")  # of these is told what decided
STATUS_ORDER = ("triggered", "touched", "open", "unknown", "done", *OFF)  # what matters first


@dataclass(frozen=True, eq=False, slots=True)
class ClauseText:
    """What a rule says, the same for every project.

    anchor: where the report tells its clause; asks: when it applies; met_by: what in hand meets it
    """

    id: str
    anchor: str
    label: Bilingual
    article: Bilingual | None
    group: Bilingual | None
    clause: Bilingual | None
    asks: Bilingual
    met_by: Bilingual | None
    sources: tuple[Source, ...]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item for one project. needs: what would answer an unknown one; facts: what decided that it is asked or done.

    What would meet an open one is the same for every project and stands in its text.
    """

    text: ClauseText
    status: str
    needs: tuple[Bilingual, ...]
    facts: list[Bilingual]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Items of one chapter of a text. label: null where the text has none."""

    label: Bilingual | None
    items: list[ItemView]


@dataclass(frozen=True, slots=True)
class ListView:
    """What one standard that is a list asks of one project.

    applies: whether it speaks of the project, null = unknown; scope: what would tell; counts: (status, items), what
    matters first
    """

    standard_id: str
    standard: Bilingual
    notice: Bilingual
    kind: str
    applies: bool | None
    scope: tuple[Bilingual, ...]
    counts: list[tuple[str, int]]
    items: list[ItemView]

    @property
    def line(self) -> Bilingual:
        """The counts as one line."""
        return counts_line(self.counts)

    @property
    def chapters(self) -> list[Chapter]:
        """The items that are asked or may be, by chapter, in the order of the text."""
        found: dict[Bilingual | None, list[ItemView]] = {}
        for item in self.items:
            if item.status not in OFF:
                found.setdefault(item.text.group, []).append(item)
        return [Chapter(label, items) for label, items in found.items()]

    @property
    def off(self) -> list[ItemView]:
        """The items that are not asked of the project."""
        return [item for item in self.items if item.status in OFF]

    def having(self, status: str) -> list[ItemView]:
        """The items with one status."""
        return [item for item in self.items if item.status == status]


def counts_line(counts: Iterable[tuple[str, int]]) -> Bilingual:
    """How many items have each status, as one line."""
    found = [said("kinds.counted", count=grouped(count), status=said(f"kinds.status_{name}")) for name, count in counts]
    return joined(found) if found else said("kinds.no_items")


def fact_line(fact: FactAsked) -> Bilingual:
    """A fact as a rule saw it, as one line."""
    return said("kinds.headed", standard=fact.label, found=fact.value)


class ItemSheet:
    """The answers to one list turned for reading by project."""

    def __init__(self, table: ItemTable, sheet: FactSheet) -> None:
        self.table, self.sheet, self.standard = table, sheet, table.standard
        self.kind = table.standard.outcome_kind
        self.applies: list[bool | None] = table.table["applies"].to_list()
        self.codes = table.list.codes.T.tolist()

    @cached_property
    def ids(self) -> list[str]:
        """The items by name, in the order of the standard."""
        return [rule.id for rule in self.table.items]

    @cached_property
    def texts(self) -> list[ClauseText]:
        """The items in words, in the order of the standard."""
        return [clause_text(rule, self.table.hearing) for rule in self.table.items]

    def statuses(self, i: int) -> list[str]:
        """The status of every item for project i."""
        names = self.table.statuses
        return [names[code] for code in self.codes[i]]

    def counts(self, i: int) -> list[tuple[str, int]]:
        """How many items of project i have each status, what matters first; none where there are none."""
        found = self.statuses(i)
        return [(name, found.count(name)) for name in STATUS_ORDER if name in found]

    def view(self, i: int) -> ListView:
        """What the list asks of project i, in words."""
        return ListView(
            standard_id=self.standard.id,
            standard=of_label(self.standard.label),
            notice=of_label(self.standard.notice),
            kind=self.kind,
            applies=self.applies[i],
            scope=self._scope(i),
            counts=self.counts(i),
            items=[self._item(i, row, status) for row, status in enumerate(self.statuses(i))],
        )

    def _item(self, i: int, row: int, status: str) -> ItemView:
        needs = self.needs(i, row) if status == "unknown" else ()
        return ItemView(self.texts[row], status, needs, self._seen(i, row) if status in TELLING else [])

    def _seen(self, i: int, row: int) -> list[Bilingual]:
        uses = self.table.hearing.uses(self.table.items[row], i)
        return list(dict.fromkeys(fact_line(fact_asked(use, self.sheet, i)) for use in uses if use.value is not None))

    def needs(self, i: int, row: int) -> tuple[Bilingual, ...]:
        """What would answer one item of project i that is unknown or open."""
        return self._settled(i, (fact for fact, unknown in self.table.list.open_facts[row] if unknown[i]))

    def _scope(self, i: int) -> tuple[Bilingual, ...]:
        return self._settled(i, (fact for fact, unknown in self._scope_facts if unknown[i]))

    @cached_property
    def _scope_facts(self) -> list[tuple[str, list[bool]]]:
        hearing, standard = self.table.hearing, self.standard
        found = hearing.unknown_facts((standard.applies_when,), standard.applies_support)
        return [(fact, (unknown & (hearing.applies == UNKNOWN)).tolist()) for fact, unknown in found]

    def _settled(self, i: int, facts: Iterable[str]) -> tuple[Bilingual, ...]:
        return tuple(dict.fromkeys(self._settles(i, fact) for fact in facts))

    def _settles(self, i: int, fact: str) -> Bilingual:
        column = self.sheet.columns.get(fact)
        if column is not None and column.reasons is not None and column.reasons[i] == REASON:
            return said("kinds.withheld", fact=column.label)
        return self.sheet.settles_for(i, settled_by(self.table.hearing, fact), (fact,))[0]


def clause_text(rule: Rule, hearing: Hearing) -> ClauseText:
    """What a rule says, in words."""
    entries = dict(hearing.entries)

    def words(condition: Condition | None) -> Bilingual:
        return Bilingual(in_words(condition, entries, "en"), in_words(condition, entries, "zh"))

    return ClauseText(
        id=rule.id,
        anchor=f"c-{hearing.standard.id}-{rule.id}",
        label=of_label(rule.label),
        article=of_label(rule.article) if rule.article else None,
        group=of_label(rule.group) if rule.group else None,
        clause=of_label(rule.clause) if rule.clause else None,
        asks=words(rule.when),
        met_by=None if rule.met_when is None else words(rule.met_when),
        sources=tuple(rule.source),
        confirmed=rule.confirmed,
    )
