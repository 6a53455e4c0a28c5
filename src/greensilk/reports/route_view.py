"""A comparison of alternatives as its page shows it: rows by rank, what is compared, what is not known, every value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isnan
from typing import TYPE_CHECKING

import polars as pl
from markupsafe import Markup

from greensilk.appraisal.route_measures import Measured
from greensilk.catalogue.layer_records import sensitive_layers
from greensilk.reports import labels
from greensilk.reports.bilingual import Bilingual, joined, of_label, said, same
from greensilk.reports.files import anchor
from greensilk.reports.interval_chart import Ranked, interval_bar
from greensilk.reports.licences import REASON
from greensilk.reports.rounding import percent, rounded
from greensilk.reports.route_values import Cell, basis, cell, reason_words
from greensilk.routes.alignments import HELD_BACK
from greensilk.routes.comparison import Standing
from greensilk.routes.stretches import ends_apart_m

if TYPE_CHECKING:
    from greensilk.appraisal.route_comparison import RouteComparison

MOST_NAMED = 3


@dataclass(frozen=True)
class Line:
    """One criterion of one alternative, with what it rests on."""

    label: Bilingual
    cell: Cell
    basis: Bilingual


@dataclass(frozen=True)
class Row:
    """One alternative. number: of its row; ranked: None where it has no rank"""

    index: int
    number: int
    id: str
    name: Bilingual
    anchor: str
    standing: Standing
    standing_words: Bilingual
    ranked: Ranked | None
    first_share: Bilingual | None
    bar: Markup | None
    sketch: bool
    cells: tuple[Cell, ...]
    notes: tuple[Bilingual, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Compared:
    """One criterion that is compared. weight: share of all weights; same: whether it is the same for all"""

    label: Bilingual
    how: Bilingual
    basis: Bilingual
    weight: Bilingual
    same: bool


@dataclass(frozen=True)
class NotCompared:
    """Criteria that are not compared, for one reason. how: what would make them known"""

    labels: Bilingual
    reason: Bilingual
    how: tuple[Bilingual, ...]


def withheld(comparison: RouteComparison) -> RouteComparison:
    """The comparison without values of data whose licence does not allow handing them on; ranks and standings stay."""
    forbidden = {one.id for one in comparison.provenance.layers if one.use.derived is False}
    if not forbidden:
        return comparison
    return replace(comparison, criteria=tuple(_emptied(one, forbidden) for one in comparison.criteria))


def _emptied(one: Measured, forbidden: set[str]) -> Measured:
    if not forbidden & {of.dataset for of in one.column.origins}:
        return one
    n = len(one.column.values)
    reasons = pl.Series([REASON] * n)
    column = replace(one.column, values=pl.Series([None] * n, dtype=pl.Float64), reasons=reasons, features=None)
    return replace(one, column=replace(column, accuracy_m=None))


class RouteReading:
    """A comparison read for a page."""

    def __init__(self, comparison: RouteComparison) -> None:
        self.comparison = withheld(comparison)

    def rows(self) -> list[Row]:
        """Every alternative, by rank."""
        return [self._row(i, number) for number, i in enumerate(self.comparison.order, start=1)]

    def _row(self, i: int, number: int) -> Row:
        comparison = self.comparison
        alignment, found = comparison.places.alignments[i], comparison.ranking
        ranked = self.ranked(i)
        standing = comparison.standings[i]
        return Row(
            index=i, number=number, id=alignment.id, name=same(alignment.name), anchor=anchor(alignment.id),
            standing=standing, ranked=ranked,
            standing_words=said(f"routes.standing_{'alone' if self.alone(i) else standing}"),
            first_share=percent(float(found.shares[i, 0])) if found is not None and ranked else None,
            bar=interval_bar(ranked, standing == "front", "routes.rank_of") if ranked else None,
            sketch=alignment.sketch,
            cells=tuple(cell(comparison.criterion(name), i) for name in comparison.compared),
            notes=tuple(self._notes(i)), lines=tuple(self._lines(i)),
        )  # fmt: skip

    def alone(self, i: int) -> bool:
        """Whether an alternative is compared with none."""
        return len(self.comparison.group_of(i)) < 2

    def ranked(self, i: int) -> Ranked | None:
        """The rank of an alternative with its interval; None where it has none."""
        found = self.comparison.ranking
        if found is None or not found.nominal[i]:
            return None
        of = int(found.ranked[self.comparison.group_of(i)].sum())
        return Ranked(int(found.nominal[i]), int(found.low[i]), int(found.high[i]), of)

    def _notes(self, i: int) -> Iterator[Bilingual]:
        comparison = self.comparison
        if comparison.standings[i] == "outdone":
            yield self._by("outdone_by", comparison.outdone_by[i])
        elif comparison.standings[i] == "open":
            yield self._by("open_by", comparison.perhaps_by[i])
        unknown = [name for name in comparison.compared if not comparison.criterion(name).column.known[i]]
        if unknown:
            yield said("routes.note_unknown", labels=_together([comparison.criterion(name) for name in unknown]))
        if comparison.ranking is not None and not comparison.ranking.nominal[i] and not self.alone(i):
            yield said("routes.note_not_ranked", share=percent(float(comparison.ranking.unknown[i])))
        gaps_m = float(comparison.places.gaps_m[i])
        if not comparison.places.is_whole[i]:
            yield said("routes.note_pieces") if isnan(gaps_m) else said("routes.note_gaps", length=rounded(gaps_m, "m"))
        if not comparison.places.states_kinds[i]:
            yield said("routes.note_sketch" if comparison.places.sketch[i] else "routes.note_kinds")

    def _by(self, key: str, others: tuple[int, ...]) -> Bilingual:
        names = [same(self.comparison.places.alignments[j].name) for j in others[:MOST_NAMED]]
        more = len(others) - MOST_NAMED
        return said(f"routes.{key}_more" if more > 0 else f"routes.{key}", names=joined(names), more=more)

    def _lines(self, i: int) -> Iterator[Line]:
        for one in self.comparison.criteria:
            if one.column.known[i] or one.id in self.comparison.compared:
                yield Line(of_label(one.label), cell(one, i), basis(one, i))

    def compared(self) -> list[Compared]:
        """What the ranking rests on."""
        found = []
        for name in self.comparison.compared:
            one = self.comparison.criterion(name)
            values = one.column.values
            alike = not values.has_nulls() and values.n_unique() == 1 and len(values) > 1
            found.append(
                Compared(of_label(one.label), of_label(one.criterion.how), basis(one),
                         percent(self.comparison.weights[name]), alike)
            )  # fmt: skip
        return found

    def not_compared(self) -> list[NotCompared]:
        """What is measured and not compared, or not known of any alternative: each reason once."""
        groups: dict[tuple[Bilingual, str], list[Measured]] = {}
        for one in self.comparison.criteria:
            if one.id in self.comparison.left_out:
                why = one.reason(0) if not one.column.known.any() else None
                why = "no_layer" if one.criterion.per == "layer" and one.part not in self.comparison.layers else why
                reason = reason_words(why) if why else of_label(self.comparison.left_out[one.id])
                groups.setdefault((reason, why or ""), []).append(one)
        return [
            NotCompared(_together(ones), reason, tuple(_how_to_get(ones, why)))
            for (reason, why), ones in groups.items()
        ]

    def cautions(self) -> Iterator[Bilingual]:
        """What must be known before the table is read."""
        comparison = self.comparison
        places = comparison.places
        sketches = sum(one.sketch for one in places.alignments)
        if held_back := comparison.file.made_by.get(HELD_BACK):
            yield said("routes.caution_held_back", data=held_back)
        if sketches:
            yield said("routes.caution_sketch", count=sketches)
        if len(places.groups) > 1:
            yield said("routes.caution_apart")
        yield from self._ends()
        if not places.states_kinds.all():
            key = "caution_kinds_mixed" if places.mixed.any() else "caution_kinds"
            yield said(f"routes.{key}", count=int((~places.states_kinds).sum()))
        if comparison.unused_weights:
            named = [comparison.criterion(name) for name in comparison.unused_weights]
            yield said("routes.caution_unused", labels=_together(named))
        if comparison.ranking is None:
            yield said("routes.caution_nothing")
        if comparison.width_assumed:
            yield said("routes.caution_width", width=f"{places.width_m:g}")

    def _ends(self) -> Iterator[Bilingual]:
        """Whether alternatives that are compared join the same places, as far as it is known where they lie."""
        places = self.comparison.places
        for alike in places.groups:
            apart_m = ends_apart_m([places.alignments[i] for i in alike.tolist()])
            if apart_m > places.accuracy_m[alike].max():
                yield said("routes.caution_ends", length=rounded(apart_m, "m"))


def _together(ones: list[Measured]) -> Bilingual:
    """Names of criteria, what is taken of areas in one."""
    areas = [labels.layer(one.part) for one in ones if one.criterion.id == "area_in"]
    others = [of_label(one.label) for one in ones if one.criterion.id != "area_in"]
    return joined([*([said("routes.takes_in", layers=joined(areas))] if areas else []), *others])


def _how_to_get(ones: list[Measured], why: str) -> Iterator[Bilingual]:
    """How to load the layers that are missing."""
    if why == "no_layer":
        known = sensitive_layers()
        yield from (of_label(known[one.part].how_to_get) for one in ones if one.part in known)
