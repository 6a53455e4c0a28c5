"""The HTML: one self-contained file, or a portfolio page and a page a project; both languages in each."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from greensilk.reports import licences, marks, portfolio_view, verdict_view
from greensilk.reports.bilingual import Bilingual, joined, of_label, said, same
from greensilk.reports.fact_sheet import FactView
from greensilk.reports.ground import area_layers, ground
from greensilk.reports.item_view import LIST_KINDS, ClauseText
from greensilk.reports.kinds_view import clauses, kinds_of
from greensilk.reports.project_view import ProjectView, Reading, origins
from greensilk.reports.rounding import grouped
from greensilk.reports.site_map import Cartographer, Site, SiteMap
from greensilk.reports.stability_view import fragile_view
from greensilk.reports.summary import summary
from greensilk.reports.world_map import MarkedPlace, locator_symbol, world_map
from greensilk.texts import user_language

TEMPLATES = Path(__file__).parent / "templates"
MOST_ROWS = 100  # in the table of a long portfolio, for readers without script; the others come as data
HOME = "../report.html"  # from the page of a project
MANY = 40  # from here on a browser draws only the projects in view


class Pages:
    """The pages of one dossier."""

    def __init__(self, reading: Reading, split: bool, map_approval: str | None = None) -> None:
        """split: whether each project has a page of its own"""
        self.reading, self.split, self.map_approval = reading, split, map_approval
        self.environment = environment()
        self.home = HOME if split else ""

    def portfolio(self, articles: Sequence[Markup]) -> str:
        """The portfolio page. articles: of all projects, or none where they are split off"""
        reading, split = self.reading, self.split
        counts = summary(reading.dossier)
        rows = portfolio_view.table_rows(reading, split)
        standards = portfolio_view.standard_views(reading, counts)
        return self.environment.get_template("report.html.j2").render(
            self._frame(self.title),
            alone=False,
            counts=counts,
            rows=rows,
            articles=articles,
            kinds=kinds_of(reading, counts),
            clauses=clauses(reading),
            home="",
            standards=standards,
            world=self._world(rows),
            unknowns=portfolio_view.missing(reading),
            fragile=fragile_view(reading, self.split),
            rejects=portfolio_view.rejected(reading),
            heads=[said(f"reports.head_{name}") for name in ("name", "country", "type")]
            + [standard.label for standard in standards]
            + [said("reports.head_open")],
            ranks={kind: rank for rank, kind in enumerate(marks.SEVERITY)},
            words=portfolio_view.short_words(),
            kinds_all=marks.COUNTED,
            most_rows=MOST_ROWS if split else len(rows),
            packed=portfolio_view.packed(rows) if split else None,
            marks_here=[kind for kind in marks.COUNTED if any(kind == row.lead for row in rows)],
            has_layers="protected_areas" in reading.dossier.layers,
            data=licences.data_terms(reading.dossier.provenance),
            many=len(reading) > MANY,
            portfolio_name=reading.dossier.portfolio.source_name,
        )

    def article(self, i: int) -> Markup:
        """All that is said of project i."""
        view = self.reading.view(i)
        drawn: str = self._article.render(self.shared, home=self.home, p=view, map=self.map_of(view))
        return Markup(drawn)  # noqa: S704 - drawn by a template

    @cached_property
    def owed(self) -> Markup:
        """What is owed to the sources of the data, the same for all projects."""
        return Markup(self.environment.get_template("owed.html.j2").render(self.shared))  # noqa: S704

    def single(self, i: int) -> str:
        """The page of project i alone."""
        return self.around(i, self.article(i))

    def around(self, i: int, article: Markup) -> str:
        """The page of project i alone. article: as `article` gives it"""
        page: str = self._single.render(
            self._frame(self.reading.name(i)), alone=True, many=False, article=article, owed=self.owed
        )
        return page

    @cached_property
    def _article(self) -> Any:
        return self.environment.get_template("project.html.j2")

    @cached_property
    def _single(self) -> Any:
        return self.environment.get_template("single.html.j2")

    @cached_property
    def title(self) -> Bilingual:
        """The title of the report."""
        return said("reports.page_title", file=self.reading.dossier.portfolio.source_name)

    def _frame(self, title: Bilingual) -> dict[str, Any]:
        return {**self.shared, "title": title}

    @cached_property
    def shared(self) -> dict[str, Any]:
        """What templates are given for every page of the report."""
        reading, origin = self.reading, self.reading.dossier.provenance
        return {
            "lang": user_language(),
            "origin": origin,
            "any_drawn": bool(reading.dossier.layers.keys() - self._not_drawn),
            "on": reading.dossier.on.isoformat(),
            "symbols": marks.symbols() + marks.status_symbols(),
            "locator": locator_symbol(ground()),
            "attributions": licences.attributions(origin),
            "limited": licences.limited(origin),
            "not_drawn": [
                of_label(info.label) for name, info in sorted(reading.dossier.layers.items()) if name in self._not_drawn
            ],
            **assets(f"greensilk {origin.code.version}, run {origin.run_id}, {reading.dossier.on.isoformat()}"),
        }

    @cached_property
    def areas(self) -> list[Any]:
        """The imported layers as maps draw them."""
        dossier = self.reading.dossier
        shown = dossier.layers.keys() & dossier.facts.layers.keys() - self._not_drawn
        layers = {name: (dossier.layers[name], of_label(dossier.facts.layers[name])) for name in shown}
        owed = {one.id: one.attribution for one in dossier.provenance.layers}
        drawn = area_layers(layers, licences.drawn_coarsely(dossier.provenance), owed)
        unnamed = licences.unnamed(dossier.provenance)
        return [replace(one, sheet=one.sheet.unnamed()) if one.id in unnamed else one for one in drawn]

    @cached_property
    def _not_drawn(self) -> set[str]:
        return licences.not_drawn(self.reading.dossier.provenance)

    def map_of(self, view: ProjectView) -> SiteMap | None:
        """The map of a project; None where it has no location."""
        geometry = self.reading.dossier.portfolio.geometry[view.index]
        if geometry is None or geometry.is_empty:
            return None
        accuracy_m = self.reading.columns["location_accuracy_m"][view.index]
        return self.cartographer.site_map(Site(view.name, geometry, accuracy_m))

    @cached_property
    def cartographer(self) -> Cartographer:
        """Who draws the maps of projects."""
        return Cartographer(ground(), self.areas, self.foot)

    @cached_property
    def foot(self) -> tuple[Bilingual, Bilingual]:
        """What stands below every map."""
        return map_foot(self.map_approval)

    def _world(self, rows: list[portfolio_view.Row]) -> Markup | None:
        places = []
        for i, geometry in enumerate(self.reading.dossier.portfolio.geometry):
            if geometry is not None and not geometry.is_empty:
                point = geometry.representative_point()
                places.append(MarkedPlace(point.x, point.y, rows[i].lead, rows[i].name, rows[i].href))
        return world_map(places, ground(), self.foot) if places else None


def map_foot(approval: str | None) -> tuple[Bilingual, Bilingual]:
    """What stands below a map: its view of the world; a stamp, or the approval number of the user's."""
    chinese = said("reports.world_view_chn" if ground().land_chn is not None else "reports.world_view_ne").zh
    stamp = said("reports.approved", number=approval) if approval else said("reports.stamp")
    return Bilingual(said("reports.world_view_ne").en, chinese), stamp


@cache
def environment() -> Environment:
    """Templates with everything escaped, and the texts at hand."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(t=_text, said=said, origins=origins, runs=runs, same=same, n=grouped)
    found.globals.update(light_word=verdict_view.light_word, joined=joined, list_kinds=LIST_KINDS)
    found.globals.update(item_line=item_line, status_count=status_count)
    return found


@cache
def _kind_macros() -> Any:
    return environment().get_template("kind_macros.html.j2").module


@lru_cache(maxsize=8192)
def item_line(item: ClauseText, status: str, needs: tuple[Bilingual, ...], home: str) -> Markup:
    """How an item stands, drawn once for all projects that it stands alike for. home: the page that tells clauses."""
    return Markup(_kind_macros().item_line(item, status, needs, home))  # noqa: S704 - drawn by a template


@lru_cache(maxsize=1024)
def status_count(status: str, count: int) -> Markup:
    """How many items have one status, with its mark."""
    words = said("kinds.counted", count=count, status=said(f"kinds.status_{status}"))
    return Markup(_kind_macros().status_count(status, words))  # noqa: S704


def _text(key: str, plain: bool = False, **values: Any) -> Any:
    """A text in both languages: as two spans, or as one plain line for attributes."""
    if not values and not plain:
        return _fixed(key)
    words = said(key, **values)
    return str(words) if plain else words


@cache
def _fixed(key: str) -> Markup:
    return Markup(said(key).__html__())  # noqa: S704 - escapes what it holds


def runs(views: list[FactView | None]) -> list[tuple[FactView | None, int]]:
    """Cells of one line of a table, each with how many columns it spans: the same unknown is said once."""
    found: list[tuple[FactView | None, int]] = []
    for view in views:
        before = found[-1][0] if found else None
        if view and before and not view.known and not before.known and view.value == before.value:
            found[-1] = (before, found[-1][1] + 1)
        else:
            found.append((view, 1))
    return found


@cache
def assets(foot: str, more: str | None = None) -> Mapping[str, Any]:
    """Style and script with their hashes.

    foot: what printed pages say below, in letters that CSS takes as they are; more: name of a further style sheet
    """
    style = "".join((TEMPLATES / name).read_text("utf-8") for name in ("style.css", more) if name)
    style += (
        f'@page{{@bottom-left{{content:"{foot}";font-size:8pt}}@bottom-right{{content:counter(page);font-size:8pt}}}}'
    )
    script = (TEMPLATES / "report.js").read_text("utf-8")
    return {
        "style": Markup(style),  # noqa: S704 - our own files
        "script": Markup(script),  # noqa: S704
        "style_hash": _integrity(style),
        "script_hash": _integrity(script),
    }


def _integrity(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
