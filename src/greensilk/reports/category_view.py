"""A category in words: the level in the standard's own words, what is still possible, and what is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from greensilk.records import Light
from greensilk.reports.bilingual import Bilingual, of_label, said
from greensilk.reports.licences import withheld_steps
from greensilk.reports.verdict_view import OpenQuestion, ScaleSheet, Step

if TYPE_CHECKING:
    from greensilk.rules import Standard


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
    steps: list[Step]
    withheld: int
    confirmed: bool

    @property
    def line(self) -> Bilingual:
        """Standard, category and what is still possible, as one line."""
        if self.range is None:
            return said("kinds.headed", standard=self.standard, found=self.category)
        return said("kinds.headed_range", standard=self.standard, found=self.category, range=self.range)

    def steps_that(self, result: str) -> list[Step]:
        """The steps with one result: true, unknown or false."""
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
            steps=self.steps(i),
            withheld=withheld_steps(self.table, i),
            confirmed=bool(self.columns["confirmed"][i]),
        )

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
