"""A category in words: the level in the standard's own words, what is still possible, and what is open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from greensilk.records import Light
from greensilk.reports.bilingual import Bilingual, of_label, said
from greensilk.reports.item_view import ClauseText, clause_text, fact_line
from greensilk.reports.licences import withheld_steps
from greensilk.reports.verdict_view import OpenQuestion, ScaleSheet, fact_asked

if TYPE_CHECKING:
    from greensilk.rules import Standard
    from greensilk.rules.model import TraceStep


@dataclass(frozen=True, slots=True)
class RuleSeen:
    """One rule as it was applied. anchor: where the report tells its clause; facts: what it saw."""

    label: Bilingual
    anchor: str | None
    result: str
    facts: list[Bilingual]
    consequence: Bilingual


@dataclass(frozen=True, slots=True)
class CategoryView:
    """What one standard with levels of its own finds of one project.

    value: the level by name; range: what is still possible; withheld: how many steps a licence forbids to tell
    """

    standard_id: str
    standard: Bilingual
    notice: Bilingual
    value: str
    category: Bilingual
    range: Bilingual | None
    basis: Bilingual
    outcome: Bilingual | None
    questions: list[OpenQuestion]
    steps: list[RuleSeen]
    withheld: int
    confirmed: bool

    @property
    def line(self) -> Bilingual:
        """Standard, category and what is still possible, as one line."""
        if self.range is None:
            return said("kinds.headed", standard=self.standard, found=self.category)
        return said("kinds.headed_range", standard=self.standard, found=self.category, range=self.range)

    def steps_that(self, result: str) -> list[RuleSeen]:
        """The rules with one result: true, unknown or false."""
        return [step for step in self.steps if step.result == result]


def level_word(standard: Standard, value: str) -> Bilingual:
    """The word for a level of a standard, or for what is none."""
    level = standard.levels.get(value)
    return said(f"reports.light_{value}") if level is None else of_label(level)


class CategorySheet(ScaleSheet):
    """The categories of one standard turned for reading by project."""

    value_column = "category"

    def word(self, value: str) -> Bilingual:
        """The word for a level."""
        return level_word(self.standard, value)

    def view(self, i: int) -> CategoryView:
        """The category of project i in words."""
        return CategoryView(
            standard_id=self.standard.id,
            standard=of_label(self.standard.label),
            notice=of_label(self.standard.notice),
            value=self.value(i),
            category=self.word(self.value(i)),
            range=self.range(i),
            basis=self.basis(i),
            outcome=self.outcome(i),
            questions=self.questions(i),
            steps=[self._seen(step, i) for step in self.table.trace(i)],
            withheld=withheld_steps(self.table, i),
            confirmed=bool(self.columns["confirmed"][i]),
        )

    @cached_property
    def texts(self) -> list[ClauseText]:
        """The rules in words, in the order of the standard."""
        return [clause_text(rule, self.table.hearing) for rule in self.table.hearing.rules]

    @cached_property
    def _anchors(self) -> dict[str, str]:
        return {text.id: text.anchor for text in self.texts}

    def _seen(self, step: TraceStep, i: int) -> RuleSeen:
        seen = [] if step.result == "false" else [fact_line(fact_asked(use, self.sheet, i)) for use in step.facts]
        return RuleSeen(
            of_label(step.label), self._anchors.get(step.rule_id), step.result, list(dict.fromkeys(seen)),
            of_label(step.consequence),
        )  # fmt: skip

    def range(self, i: int) -> Bilingual | None:
        """What is still possible for project i; None where the standard does not speak of it."""
        best, worst = self.cell(i, "best"), self.cell(i, "worst")
        if self.value(i) == Light.NOT_APPLICABLE and best == worst:
            return None
        if best == worst:
            return said("kinds.settled")
        if best == Light.NOT_APPLICABLE:
            return said("kinds.range_may_not_apply", worst=self.word(worst))
        return said("kinds.range", best=self.word(best), worst=self.word(worst))
