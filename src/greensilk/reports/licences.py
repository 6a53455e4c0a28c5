"""What the licences of the data allow in a report and in the files beside it, decided once, before anything is written.

derived: facts of data whose licence does not allow handing them on are unknown in everything that is written, with the
reason "licence", whether they were known or not; verdicts and categories stay, for they are the organisation's own
judgement, without the steps, flags and questions that would tell those facts, and the report says that a light may tell
part of them. An item of a list often is one fact in other words: lists are answered anew from the facts that are
written, so that an item which a withheld fact decides is unknown there. Where the licence says nothing, facts are
written and the report asks to check.
display: a layer whose licence forbids showing it is not drawn, nor is one whose facts are withheld unless it allows it,
for a map tells where it lies and what it is called. Where the licence says nothing of either it is: a report stays
inside the organisation unless it is handed on, and a small static map that names its source is what is commonly left
free.
redistribute: no file holds shapes or attributes of a layer, but for its picture on a map. A layer that may not be
handed on, or may be for all that is known, is drawn no finer than the dots of a picture.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from greensilk.catalogue.bundle import bundle_index
from greensilk.catalogue.datasets import datasets
from greensilk.catalogue.layer_records import sensitive_layers
from greensilk.catalogue.licences import limits, may_be_drawn
from greensilk.facts import FactColumn
from greensilk.reports import labels
from greensilk.reports.bilingual import Bilingual, joined, of_label, said, same
from greensilk.rules import CategoryTable, VerdictTable, judge_all
from greensilk.rules.questions import Open, opened
from greensilk.rules.verdicts import ScaleTable

if TYPE_CHECKING:
    from greensilk.appraisal import Dossier
    from greensilk.appraisal.provenance import DataUsed, Provenance
    from greensilk.rules.model import Question, TraceStep
    from greensilk.rules.standard import Rule

REASON = "licence"  # key in texts/facts.yaml
ABSENCE_TOLD = ("overlap_{}", "overlap_area_{}")  # facts of one layer that another may answer


def imported(origin: Provenance) -> tuple[DataUsed, ...]:
    """All data of a run that is not shipped."""
    return origin.layers


class _Withholding(ScaleTable):
    """What a standard found on its scale; trace, flags and questions leave out what may not be handed on.

    A question tells of a fact that it is unknown, and what would follow: so none is told of those.
    """

    def __init__(self, whole: VerdictTable | CategoryTable, withheld: Collection[str]) -> None:
        self.whole, self.withheld = whole, frozenset(withheld)
        self.hearing, self.standard, self.on, self.method = whole.hearing, whole.standard, whole.on, whole.method

    def _told(self) -> pl.DataFrame:
        """The table without the flags that would tell."""
        told = {rule.id for rule in self.hearing.rules if not self._tells(rule)}
        flags = [";".join(flag for flag in (row or "").split(";") if flag in told) for row in self.whole.table["flags"]]
        return self.whole.table.with_columns(pl.Series("flags", [row or None for row in flags], dtype=pl.String))

    def _tells(self, rule: Rule) -> bool:
        leaves = (leaf for condition in self.hearing.asks(rule) for leaf in condition.leaves())
        return any(leaf.fact in self.withheld for leaf in leaves)

    def trace(self, i: int) -> tuple[TraceStep, ...]:
        """The steps that rest on nothing withheld."""
        return tuple(step for step in self.whole.trace(i) if self.withheld.isdisjoint(use.name for use in step.facts))

    def withheld_steps(self, i: int) -> int:
        """How many steps of project i the trace leaves out."""
        return len(self.whole.trace(i)) - len(self.trace(i))

    def questions(self, i: int) -> tuple[Question, ...]:
        """The questions that ask of nothing withheld, ranked anew."""
        free = (one for one in self.whole.questions(i) if self.withheld.isdisjoint(one.facts))
        return tuple(replace(one, rank=rank) for rank, one in enumerate(free, start=1))

    @cached_property
    def _open(self) -> tuple[Open, ...]:
        """What is open and asks of nothing withheld: what the numbers of verdicts that answers settle are made of."""
        return tuple(
            each for each in opened(self.method, self.basis_codes, self.hearing.scale)
            if self.withheld.isdisjoint(fact for fact, _ in each.asked.facts)
        )  # fmt: skip


class PublishableVerdicts(_Withholding, VerdictTable):
    """The same verdicts, without what would tell facts that may not be handed on."""

    def __init__(self, verdicts: VerdictTable, withheld: Collection[str]) -> None:
        super().__init__(verdicts, withheld)
        self.table = self._told()


class PublishableCategories(_Withholding, CategoryTable):
    """The same categories, without what would tell facts that may not be handed on."""

    def __init__(self, categories: CategoryTable, withheld: Collection[str]) -> None:
        super().__init__(categories, withheld)
        self.table = self._told()


def withheld_steps(table: ScaleTable, i: int) -> int:
    """How many steps of project i may not be told."""
    return table.withheld_steps(i) if isinstance(table, _Withholding) else 0


def withheld_facts(table: ScaleTable) -> frozenset[str]:
    """The facts on which nothing that is told may rest."""
    return table.withheld if isinstance(table, _Withholding) else frozenset()


def publishable(dossier: Dossier) -> Dossier:
    """The dossier without what may not be handed on: every writer gets this one."""
    forbidden = {one.id for one in imported(dossier.provenance) if one.use.derived is False}
    if not forbidden:
        return dossier
    columns = [*_own(dossier, forbidden), *_answered_by(dossier, forbidden)]
    names, facts = {column.name for column in columns}, dossier.facts.with_columns(columns)
    return replace(
        dossier,
        facts=facts,
        verdicts={name: PublishableVerdicts(table, names) for name, table in dossier.verdicts.items()},
        categories={name: PublishableCategories(table, names) for name, table in dossier.categories.items()},
        items=judge_all(facts, [table.standard for table in dossier.items.values()], dossier.on).items,
    )


def _own(dossier: Dossier, forbidden: Set[str]) -> Iterable[FactColumn]:
    """The facts of forbidden data, without values; why some were unknown would tell of it too."""
    for column in dossier.facts.columns.values():
        hidden = column.of_origin(lambda origin: origin.dataset in forbidden)
        if hidden.any():
            yield _emptied(column, pl.Series(hidden))


def _answered_by(dossier: Dossier, forbidden: Set[str]) -> Iterable[FactColumn]:
    """Facts of other layers that forbidden data may have answered: that there is none, and where that stays open."""
    for name, layer in sensitive_layers().items():
        if name not in forbidden and forbidden & set(layer.absence_answered_by):
            for family in ABSENCE_TOLD:
                column = dossier.facts.get(family.format(name))
                if column is not None:
                    present = column.values.cast(pl.Float64) > 0
                    yield _emptied(column, ~present.fill_null(False))


def _emptied(column: FactColumn, hidden: pl.Series) -> FactColumn:
    def kept(series: pl.Series | None) -> pl.Series | None:
        return None if series is None else pl.select(pl.when(~hidden).then(series).alias(series.name)).to_series()

    values = kept(column.values)
    assert values is not None  # noqa: S101 - for the type checker
    given = pl.lit(None, dtype=pl.String) if column.reasons is None else column.reasons.cast(pl.String)
    reasons = pl.select(pl.when(hidden).then(pl.lit(REASON)).otherwise(given).alias("reason")).to_series()
    return replace(
        column, values=values, reasons=reasons, features=kept(column.features), accuracy_m=kept(column.accuracy_m)
    )


@dataclass(frozen=True, slots=True)
class DataTerms:
    """Data as a report lists it. limits: what its licence forbids or leaves open; consequences: what the report does
    about it."""

    title: Bilingual
    version: str
    licence: str
    attribution: str
    limits: tuple[Bilingual, ...]
    consequences: tuple[Bilingual, ...]


def data_terms(origin: Provenance) -> list[DataTerms]:
    """All data of a run with the terms it comes under, what was imported first."""
    return terms_of((*imported(origin), *origin.bundle))


def terms_of(used: Iterable[DataUsed]) -> list[DataTerms]:
    """Data with the terms it comes under, in the order given."""
    return [_terms(one) for one in used]


def _terms(one: DataUsed) -> DataTerms:
    found = []
    if one.use.derived is False:
        found.append(said("reports.facts_withheld"))
    elif one.use.derived is None:
        found.append(said("reports.facts_to_check"))
    if not may_be_drawn(one.use):
        found.append(said("reports.map_withheld"))
    lines = tuple(of_label(line) for line in limits(one.use))
    return DataTerms(_title(one), one.version, one.licence, one.attribution, lines, tuple(found))


def _title(one: DataUsed) -> Bilingual:
    """The title in both languages where the data is shipped or of a data set that is defined here."""
    shipped, defined = bundle_index().get(one.id), datasets().get(one.dataset or "")
    known = [label for label in (shipped and shipped.title, defined and defined.label) if label]
    return next((of_label(label) for label in known if label.en == one.title), same(one.title))


def limited(origin: Provenance) -> list[DataTerms]:
    """The data of a run whose licence does not allow everything; layers under the same terms come once, named."""
    alike: dict[DataTerms, list[str]] = {}
    for one in (*imported(origin), *origin.bundle):
        terms = _terms(one)
        if terms.limits:
            alike.setdefault(terms, []).append(one.id)
    return [terms if len(ids) == 1 else _of_layers(terms, ids) for terms, ids in alike.items()]


def _of_layers(terms: DataTerms, ids: Iterable[str]) -> DataTerms:
    names = joined([labels.layer(one) for one in ids])
    return replace(terms, title=said("reports.title_of_layers", title=terms.title, layers=names))


def attributions(origin: Provenance) -> list[str]:
    """Every attribution the data asks for, once; what was imported first."""
    return list(dict.fromkeys(one.attribution for one in (*imported(origin), *origin.bundle) if one.attribution))


def licence_rows(origin: Provenance) -> list[dict[str, object]]:
    """The same for programs: what is owed for each, and what its licence allows."""
    wanted = {"id", "dataset", "title", "version", "licence", "attribution", "use"}
    return [one.model_dump(mode="json", include=wanted) for one in (*imported(origin), *origin.bundle)]


def not_drawn(origin: Provenance) -> set[str]:
    """Ids of layers that a map may not show."""
    return {one.id for one in origin.layers if not may_be_drawn(one.use)}


def drawn_coarsely(origin: Provenance) -> set[str]:
    """Ids of layers that may be shown, and not be handed on."""
    return {one.id for one in origin.layers if one.use.redistribute is not True}


def unnamed(origin: Provenance) -> set[str]:
    """Ids of layers whose features a map may not name: their names are facts that are withheld."""
    return {one.id for one in origin.layers if one.use.derived is False}
