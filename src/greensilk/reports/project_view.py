"""Everything a project's page and its brief say, in the order in which it is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from greensilk.reports import labels
from greensilk.reports.bilingual import Bilingual, joined, of_label, said, same
from greensilk.reports.category_view import CategorySheet, CategoryView
from greensilk.reports.country_context import ContextView, CountryContext
from greensilk.reports.fact_sheet import FactSheet, FactView
from greensilk.reports.files import anchor
from greensilk.reports.item_view import ItemSheet, ListView
from greensilk.reports.measures_view import MeasuresView, measures_views
from greensilk.reports.rounding import grouped
from greensilk.reports.stability_view import StabilityView, is_fragile, stability_view
from greensilk.reports.verdict_view import VerdictSheet, VerdictView
from greensilk.reports.warnings import Case, warning_keys
from greensilk.vocabulary import vocabulary

if TYPE_CHECKING:
    from greensilk.appraisal import Dossier


@dataclass(frozen=True, slots=True)
class Matrix:
    """Facts of one family as a table. rows: (label, values, one a column)."""

    columns: list[Bilingual]
    rows: list[tuple[Bilingual, list[FactView | None]]]


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts of one group: a list, or a table where they are a family."""

    id: str
    label: Bilingual
    facts: list[FactView]
    matrix: Matrix | None

    @property
    def everything(self) -> list[FactView]:
        """All facts of the group, for the list of origins."""
        inner = [view for _, views in self.matrix.rows for view in views if view] if self.matrix else []
        return self.facts + inner


@dataclass(frozen=True, slots=True)
class ProjectView:
    """One project, ready to be shown."""

    index: int
    id: str
    anchor: str
    name: Bilingual
    type: Bilingual
    type_note: Bilingual | None
    country: Bilingual
    stage: Bilingual | None
    money: Bilingual | None
    verdicts: list[VerdictView]
    categories: list[CategoryView]
    lists: list[ListView]
    measures: list[MeasuresView]
    stability: StabilityView | None
    warnings: list[Bilingual]
    links: list[tuple[Bilingual, str]]
    groups: list[FactGroup]
    context: list[ContextView]
    next_steps: list[Bilingual]
    note: str | None
    source: str | None
    remarks: list[Bilingual]


class Reading:
    """A dossier turned for reading: by project, in words."""

    def __init__(self, dossier: Dossier) -> None:
        self.dossier = dossier
        projects = dossier.portfolio.projects
        self.columns: dict[str, list[Any]] = projects.to_dict(as_series=False)
        self.sheet = FactSheet(dossier.facts, self.columns["year_only"], dossier.layers)
        self.verdicts = {name: VerdictSheet(table, self.sheet) for name, table in dossier.verdicts.items()}
        self.categories = {name: CategorySheet(table, self.sheet) for name, table in dossier.categories.items()}
        self.lists = {name: ItemSheet(table, self.sheet) for name, table in dossier.items.items()}
        self._context = CountryContext(dossier.on)

    def __len__(self) -> int:
        return len(self.dossier.portfolio)

    @property
    def scales(self) -> dict[str, VerdictSheet | CategorySheet]:
        """Lights and categories by standard: what has questions of its own."""
        return {**self.verdicts, **self.categories}

    @property
    def sheets(self) -> list[VerdictSheet | CategorySheet | ItemSheet]:
        """Everything that was judged, lights first."""
        return [*self.scales.values(), *self.lists.values()]

    def name(self, i: int) -> Bilingual:
        """The name of project i; in Chinese where the owner gave one."""
        english = plain(self.columns["name"][i] or "") or plain(self.columns["id"][i]) or "–"
        return Bilingual(english, plain(self.columns["name_zh"][i] or "") or english)

    def country(self, i: int) -> Bilingual:
        """Where project i lies, by its location, else as stated."""
        codes = self._codes(i)
        return labels.countries(codes) if codes else said("reports.no_country")

    def _codes(self, i: int) -> str | None:
        codes: str | None = self.sheet.raw(i, "country") or self.columns["country_stated"][i]
        return codes

    def mark(self, i: int) -> str:
        """The mark of project i by the first standard."""
        return next(iter(self.verdicts.values())).kind(i) if self.verdicts else "UNKNOWN"

    @cached_property
    def place_of(self) -> dict[str, int]:
        """Project id -> its row."""
        return {name: i for i, name in enumerate(self.columns["id"])}

    @cached_property
    def _links(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for one, other, relation in self.dossier.portfolio.links.iter_rows():
            found.setdefault(one, []).append((relation, other))
        return found

    @cached_property
    def _remarks(self) -> dict[str, list[Bilingual]]:
        found: dict[str, list[Bilingual]] = {}
        for row in self.dossier.portfolio.notes.iter_rows(named=True):
            key = row["note"] or ""
            found.setdefault(row["id"] or "", []).append(Bilingual(row["note_en"] or key, row["note_zh"] or key))
        return found

    def view(self, i: int) -> ProjectView:
        """Project i in words."""
        column = {name: values[i] for name, values in self.columns.items()}
        verdicts = [sheet.view(i) for sheet in self.verdicts.values()]
        return ProjectView(
            index=i,
            id=plain(column["id"]),
            anchor=anchor(column["id"]),
            name=self.name(i),
            type=labels.project_type(column["type"]),
            type_note=said("reports.type_inferred", why=plain(column["type_why"] or "") or "–")
            if column["type_inferred"]
            else None,
            country=self.country(i),
            stage=labels.stage(column["stage"]) if column["stage"] else None,
            money=_money(column),
            verdicts=verdicts,
            categories=[sheet.view(i) for sheet in self.categories.values()],
            lists=[sheet.view(i) for sheet in self.lists.values()],
            measures=measures_views(self.verdicts.values(), i),
            stability=stability_view(self.dossier, i),
            warnings=self.warnings(i),
            links=[(self._link(*one), one[1]) for one in self._links.get(column["id"], [])],
            groups=self.groups(i),
            context=self._context.of(self._codes(i), column["type"]),
            next_steps=next_steps(verdicts),
            note=plain(column["note"] or "") or None,
            source=plain(column["source"] or "") or None,
            remarks=self._remarks.get(column["id"], []),
        )

    def _link(self, relation: str, other: str) -> Bilingual:
        known = self.place_of.get(other)
        return said(f"reports.link_{relation}", other=same(other) if known is None else self.name(known))

    def groups(self, i: int) -> list[FactGroup]:
        """The facts of project i by group; families of facts as tables."""
        words = vocabulary()
        rings = list(words.rings)
        found = []
        for group, label in words.groups.items():
            views = self.sheet.group(i, group)
            if not views:
                continue
            matrix = None
            if group == "land":
                covers = [(of_label(cover.label), f"land_share_{name}_{{}}") for name, cover in
                          words.land_cover_groups.items()]  # fmt: skip
                covers.append((said("reports.ndvi"), "ndvi_max_{}"))
                matrix = self._matrix(i, covers, rings, [of_label(words.rings[ring].label) for ring in rings])
            elif group == "sensitive":
                matrix = self._sensitive(i)
            inside = {view.name for _, row in matrix.rows for view in row if view} if matrix else set()
            found.append(FactGroup(group, of_label(label), [view for view in views if view.name not in inside], matrix))
        return found

    def _sensitive(self, i: int) -> Matrix:
        layers = self.dossier.facts.layers
        heads = ["overlap_{}", "overlap_area_{}", "distance_{}", *(f"area_{ring}_{{}}" for ring in vocabulary().rings)]
        names = [said("reports.overlaps"), said("reports.overlap_area"), said("reports.distance")]
        names += [said("reports.area_within", ring=of_label(ring.label)) for ring in vocabulary().rings.values()]
        rows = [
            (of_label(label), [self.sheet.view(i, head.format(layer)) for head in heads])
            for layer, label in layers.items()
        ]
        return _without_empty(Matrix(names, rows))

    def _matrix(self, i: int, rows: list[tuple[Bilingual, str]], parts: list[str], heads: list[Bilingual]) -> Matrix:
        return _without_empty(
            Matrix(heads, [(label, [self.sheet.view(i, name.format(part)) for part in parts]) for label, name in rows])
        )

    def warnings(self, i: int) -> list[Bilingual]:
        """What a reader must know before using the verdict of project i."""
        return [said(f"reports.warn_{key}", **values) for key, values in self.warning_keys(i)]

    def warning_keys(self, i: int) -> list[tuple[str, dict[str, Any]]]:
        """The same as keys and values, for the data files."""
        column = {name: values[i] for name, values in self.columns.items()}
        confirmed = all(sheet.cell(i, "confirmed") for sheet in self.verdicts.values())
        return warning_keys(Case(column, lambda name: self.sheet.raw(i, name), confirmed, is_fragile(self.dossier, i)))


def plain(words: str) -> str:
    """A name without the control characters that turn the order of letters around or that XML does not hold."""
    return _CONTROLS.sub("", words.replace("\n", " ")).strip()


_CONTROLS = re.compile("[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def _without_empty(matrix: Matrix) -> Matrix:
    """Columns that nobody measured are left out; a row of unknowns stays, for it says what it needs."""
    kept = [k for k in range(len(matrix.columns)) if any(row[k] for _, row in matrix.rows)]
    return Matrix([matrix.columns[k] for k in kept], [(label, [row[k] for k in kept]) for label, row in matrix.rows])


def _money(column: dict[str, Any]) -> Bilingual | None:
    if column["investment"] is None:
        return None
    currency = column["currency"] or said("reports.no_currency")
    return said("reports.investment", amount=grouped(column["investment"]), currency=currency)


def next_steps(verdicts: list[VerdictView]) -> list[Bilingual]:
    """What to do now, from the light and from what would change it, most useful first."""
    steps: list[Bilingual] = []
    for verdict in verdicts:
        if verdict.kind not in {"NOT_APPLICABLE"}:
            steps.append(said(f"reports.next_{verdict.kind}"))
            break
    telling = [question.what for verdict in verdicts for question in verdict.questions if question.changes_light]
    if telling:
        steps.append(said("reports.next_settle", what=joined(list(dict.fromkeys(telling))[:4])))
    return steps


def origins(groups: list[FactGroup]) -> list[tuple[Bilingual, FactView]]:
    """Distinct origins (data set, version, method, support) with the facts that share each."""
    shared: dict[Any, list[FactView]] = {}
    for group in groups:
        for view in group.everything:
            shared.setdefault(view.origin, []).append(view)
    found = []
    for views in shared.values():
        distinct = list(dict.fromkeys(view.label for view in views))
        names = joined(distinct[:6])
        more = len(distinct) - 6
        found.append((said("reports.and_more", names=names, count=more) if more > 0 else names, views[0]))
    return found
