"""A verdict in words: the light, what it rests on, what is open, and the way it came about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from greensilk.records import Basis, Light, Source
from greensilk.reports import labels, marks
from greensilk.reports.bilingual import Bilingual, joined, of_label, said, same
from greensilk.reports.fact_sheet import FactSheet, value_words
from greensilk.reports.licences import withheld_facts, withheld_steps
from greensilk.reports.rounding import rounded
from greensilk.rules import VerdictTable
from greensilk.rules.measure_sets import WouldChange, smallest_sets

if TYPE_CHECKING:
    from greensilk.rules import CategoryTable
    from greensilk.rules.model import FactUse, Question, TraceStep


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """One unknown, ranked. effect: what an answer would do to the verdict; how: how the answer is had."""

    rank: int
    what: Bilingual
    about: Bilingual
    effect: Bilingual
    how: Bilingual | None
    changes_light: bool


@dataclass(frozen=True, slots=True)
class FactAsked:
    """One fact within a step of the trace."""

    label: Bilingual
    value: Bilingual
    asked: Bilingual | None
    note: Bilingual | None


@dataclass(frozen=True, slots=True)
class Step:
    """One rule as it was applied."""

    rule_id: str
    label: Bilingual
    result: str
    consequence: Bilingual
    facts: list[FactAsked]
    clause: Bilingual | None
    sources: tuple[Source, ...]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class VerdictView:
    """What one standard says of one project. kind: the mark; withheld: how many steps a licence forbids to tell."""

    standard_id: str
    standard: Bilingual
    notice: Bilingual | None
    kind: str
    light: str
    headline: Bilingual
    basis: Bilingual
    outcome: Bilingual | None
    range: Bilingual | None
    conditional: Bilingual | None
    effects: list[tuple[Bilingual, Bilingual, str]]
    questions: list[OpenQuestion]
    steps: list[Step]
    withheld: int
    confirmed: bool

    def steps_that(self, result: str) -> list[Step]:
        """The steps with one result: true, unknown or false."""
        return [step for step in self.steps if step.result == result]


class ScaleSheet:
    """What one standard found on its scale, turned for reading by project."""

    value_column: str

    def __init__(self, table: VerdictTable | CategoryTable, sheet: FactSheet) -> None:
        self.table, self.sheet = table, sheet
        self.columns: dict[str, list[Any]] = table.table.to_dict(as_series=False)
        self.standard = table.standard

    def cell(self, i: int, name: str) -> Any:
        """A value of the table, None where there is no such column."""
        column = self.columns.get(name)
        return None if column is None else column[i]

    def value(self, i: int) -> str:
        """The light or level of project i by name."""
        return str(self.columns[self.value_column][i])

    def word(self, value: str) -> Bilingual:
        """The word for a light or level."""
        return light_word(value)

    def basis(self, i: int) -> Bilingual:
        """What the verdict of project i rests on."""
        if self.value(i) == Light.NOT_APPLICABLE:
            return said("reports.basis_not_applicable")
        if not self.standard.layers:
            return said("reports.basis_record")
        return said(f"reports.basis_{Basis(self.columns['basis'][i]).value}")

    def outcome(self, i: int) -> Bilingual | None:
        """The outcome of a decision table for project i."""
        name = self.cell(i, "outcome")
        outcome = self.standard.outcomes.get(name) if name else None
        return of_label(outcome.label) if outcome else None

    def questions(self, i: int) -> list[OpenQuestion]:
        """What is open for project i, the most telling first."""
        return [self._question(one, i) for one in self.table.questions(i)]

    def steps(self, i: int) -> list[Step]:
        """The trace of project i."""
        return [step_view(step, self.sheet, i) for step in self.table.trace(i)]

    def _question(self, question: Question, i: int) -> OpenQuestion:
        sheet = self.sheet
        names = [sheet.columns[name].label for name in question.facts if name in sheet.columns]
        about = joined(names[:3])
        if question.changes_light:
            answers = {"yes": self.word(question.if_true), "no": self.word(question.if_false)}
            effect = said("reports.question_light", **answers)
        elif question.changes_basis:
            effect = said("reports.question_basis")
        else:
            effect = said("reports.question_nothing")
        settles, placed = sheet.settles_for(i, question.settled_by, question.facts)
        layer = question.kind == "layer" and not placed
        how = labels.how_to_get(question.settled_by) if layer else said("reports.fill_field")
        return OpenQuestion(question.rank, settles, about, effect, how, question.changes_light)


class VerdictSheet(ScaleSheet):
    """The verdicts of one standard turned for reading by project."""

    value_column = "light"

    @cached_property
    def would_change(self) -> list[WouldChange]:
        """For each project the measures that would change its light, or why none would."""
        assert isinstance(self.table, VerdictTable)  # noqa: S101 - lights only
        return smallest_sets(self.table, withheld=withheld_facts(self.table))

    def kind(self, i: int) -> str:
        """The mark of project i."""
        return marks.mark(self.columns["light"][i], self.columns["basis"][i])

    def view(self, i: int, with_steps: bool = True) -> VerdictView:
        """The verdict of project i in words."""
        conditional = self.cell(i, "conditional_light")
        return VerdictView(
            standard_id=self.standard.id,
            standard=of_label(self.standard.label),
            notice=of_label(self.standard.notice),
            kind=self.kind(i),
            light=self.value(i),
            headline=headline(self.kind(i)),
            basis=self.basis(i),
            outcome=self.outcome(i),
            range=self._range(i),
            conditional=said("reports.conditional", light=light_word(conditional)) if conditional else None,
            effects=self._effects(i),
            questions=self.questions(i),
            steps=self.steps(i) if with_steps else [],
            withheld=withheld_steps(self.table, i) if with_steps else 0,
            confirmed=bool(self.columns["confirmed"][i]),
        )

    def _range(self, i: int) -> Bilingual | None:
        best, worst = self.cell(i, "best"), self.cell(i, "worst")
        if not best or not worst or self.value(i) == Light.NOT_APPLICABLE:
            return None
        if best == worst:
            return said("reports.final", light=light_word(best)) if best == self.value(i) else None
        return said("reports.between", best=light_word(best), worst=light_word(worst))

    def _effects(self, i: int) -> list[tuple[Bilingual, Bilingual, str]]:
        found = []
        for name in self.columns:
            if name.startswith("effect_"):
                level = self.columns[name][i]
                word = labels.worded("level", level) if level else said("reports.unknown_only")
                found.append((labels.worded("objective", name.removeprefix("effect_")), word, level or "unknown"))
        return found


def step_view(step: TraceStep, sheet: FactSheet, i: int) -> Step:
    """One step of the trace of project i in words."""
    return Step(
        rule_id=step.rule_id,
        label=of_label(step.label),
        result=step.result,
        consequence=of_label(step.consequence),
        facts=[fact_asked(use, sheet, i) for use in step.facts],
        clause=None if step.clause is None else of_label(step.clause),
        sources=tuple(step.source),
        confirmed=step.confirmed,
    )


def fact_asked(use: FactUse, sheet: FactSheet, i: int) -> FactAsked:
    """One fact of project i as a rule asked for it, in words."""
    view = sheet.view(i, use.name)
    label = view.label if view else same(use.name)
    value = view.value if view else said("reports.unknown_only")
    plain = use.comparison == "known" or isinstance(use.threshold, bool)
    asked = None if plain else said(f"reports.comparison_{use.comparison}", threshold=threshold_text(use))
    return FactAsked(label, value, asked, said("reports.too_coarse") if use.too_coarse else None)


def light_word(light: str) -> Bilingual:
    """The word for a light."""
    return said(f"reports.light_{light}")


def headline(kind: str) -> Bilingual:
    """The words beside the mark."""
    return said(f"reports.light_{kind}")


def threshold_text(use: FactUse) -> Bilingual:
    """What a fact was held to, as text."""
    threshold = use.threshold
    if isinstance(threshold, bool):
        return said("reports.truth_yes" if threshold else "reports.truth_no")
    if isinstance(threshold, int | float):
        return rounded(float(threshold), use.unit or "1", None, 6)
    parts = [part.strip() for part in str(threshold or "").split(";")]
    return joined([value_words(use.name, part) for part in parts])
