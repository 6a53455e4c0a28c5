"""Countries: a map and a ranking by an index, and a profile of each; no rank without its interval."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, BeforeValidator

from greensilk.appraisal.countries import Evaluation
from greensilk.appraisal.evaluated import USUAL_INDEX, evaluated
from greensilk.appraisal.indices import index_definitions
from greensilk.country_groups import country_groups, region_of, regions
from greensilk.errors import GreensilkError, NotFoundError, UsageError
from greensilk.places import country_codes, country_name
from greensilk.records import Label
from greensilk.reports.bilingual import Bilingual, of_label, said
from greensilk.reports.country_maps import LARGE, Mapped, country_map
from greensilk.reports.country_page import element_ids, lines
from greensilk.reports.country_profiles import ProfileMaker
from greensilk.reports.country_view import CountryMap, Line
from greensilk.reports.interval_chart import interval_axis
from greensilk.reports.pages import map_foot
from greensilk.reports.rounding import grouped
from greensilk.web.asking import Computing
from greensilk.web.visits import Visiting
from greensilk.workspace.people import organisation

router = APIRouter(include_in_schema=False)
BY_RANK, BY_NAME = "rank", "name"
EARLIEST = dt.date(1990, 1, 1)  # before it, hardly a value is known


def _given(value: object) -> object:
    """What a form leaves empty was not asked for."""
    return value or None


class Asked(BaseModel):
    """What a page of countries is asked for. among: id of a group or region; on: the day; sort: rank, name, or the
    number of an element, from 1; what cannot be used is told on the page"""

    index: Annotated[str, BeforeValidator(lambda value: value or USUAL_INDEX)] = USUAL_INDEX
    among: str = ""
    on: Annotated[dt.date | None, BeforeValidator(_given)] = None
    sort: str = BY_RANK


@dataclass(frozen=True)
class Among:
    """A choice of countries. id: in the address; about: what there is to know of it; codes: who is in it"""

    id: str
    label: Label
    about: Label | None
    confirmed: bool
    codes: frozenset[str]


@router.get("/countries")
def countries_page(visit: Visiting, asked: Annotated[Asked, Query()], turn: Computing) -> HTMLResponse:
    """All countries, or those of a group or region, by an index."""
    day, late = _day(asked.on)
    evaluation, refused = _evaluation(asked.index, day)
    chosen = _among(asked.among, day)
    codes = [code for code in evaluation.profiles if chosen is None or code in chosen.codes]
    with visit.served.store.reading() as db:
        approval = organisation(db, visit.who).map_approval
    marked = tuple(sorted(chosen.codes & evaluation.profiles.keys())) if chosen else ()
    heads = [of_label(evaluation.definition.element(one).label) for one in element_ids(evaluation)]
    return visit.page(
        "countries.html.j2", asked=asked, evaluation=evaluation, chosen=chosen, on=day,
        refused=refused or late, indices=index_definitions().values(), groups=country_groups().values(),
        regions=regions(), today=dt.date.today(), earliest=EARLIEST, sorts=(BY_NAME, BY_RANK),
        map=_map(evaluation, marked, approval), lines=_sorted(lines(evaluation, codes, strong=True), asked.sort),
        without=sorted(chosen.codes - evaluation.profiles.keys()) if chosen else [], country_name=country_name,
        heads=[said("country_report.index_short"), *heads], axis=interval_axis(evaluation.ranked),
        replications=grouped(evaluation.replications),
    )  # fmt: skip


@router.get("/countries/{iso}")
def country_page(visit: Visiting, iso: str, asked: Annotated[Asked, Query()], turn: Computing) -> HTMLResponse:
    """The profile of one country: scores, findings, every value with its year and source, neighbours."""
    code = iso.upper()
    if code not in country_codes():
        raise NotFoundError("web_countries.no_country", code=iso[:20])
    day, late = _day(asked.on)
    evaluation, refused = _evaluation(asked.index, day)
    region = regions().get(region_of().get(code, ""))
    shared: dict[str, Any] = {
        "asked": asked, "evaluation": evaluation, "code": code, "name": country_name(code), "on": day,
        "indices": index_definitions().values(), "refused": refused or late, "region": region,
        "region_id": region_of().get(code),
    }  # fmt: skip
    if code not in evaluation.profiles:
        return visit.page("country.html.j2", p=None, **shared)
    maker = ProfileMaker(evaluation, evaluation.profiles)
    profile = maker.profile(code)
    near = [one.iso_a3 for one in evaluation.profiles[code].neighbours]
    return visit.page(
        "country.html.j2", p=profile, near=near, axis=interval_axis(evaluation.ranked),
        sources=list(maker.sources.numbers), terms=_terms(evaluation, maker), **shared,
    )  # fmt: skip


def _evaluation(index: str, day: dt.date) -> tuple[Evaluation, GreensilkError | None]:
    """The evaluation asked for; where a day is too early for one, that of today, and why."""
    try:
        return evaluated(index, day), None
    except NotFoundError:
        raise
    except GreensilkError:
        return evaluated(index), UsageError("web_countries.too_early", on=day.isoformat())


def _day(asked: dt.date | None) -> tuple[dt.date, GreensilkError | None]:
    today = dt.date.today()
    if asked is None or EARLIEST <= asked <= today:
        return asked or today, None
    return today, UsageError("web_countries.no_day", on=asked.isoformat(), first=EARLIEST.isoformat())


def _among(asked: str, on: dt.date) -> Among | None:
    """The choice of that id, None for all countries."""
    if not asked:
        return None
    if asked in country_groups():
        group = country_groups()[asked]
        return Among(group.id, group.label, group.about, group.confirmed, frozenset(group.on(on)))
    if asked in regions():
        region = regions()[asked]
        return Among(asked, region.label, None, True, frozenset(region.countries))
    raise NotFoundError("web_countries.no_group", id=asked[:40])


def _sorted(found: tuple[Line, ...], by: str) -> list[Line]:
    """Lines in the order asked for; those without a value at the end."""
    if by == BY_NAME:
        return sorted(found, key=lambda line: line.name.en)
    if by.isdecimal() and found and 0 < int(by[:3]) <= len(found[0].scores):
        place = int(by[:3]) - 1
        return sorted(found, key=lambda line: -float(line.scores[place] or -1))
    return list(found)


def _map(evaluation: Evaluation, marked: tuple[str, ...], approval: str | None) -> CountryMap:
    root = evaluation.definition.root
    scores = {
        code: one.score
        for code, found in evaluation.profiles.items()
        for one in found.scores
        if one.element == root and one.score is not None and found.rank is not None
    }
    names = {code: of_label(country_name(code)) for code in evaluation.profiles}
    label = of_label(evaluation.definition.element(root).label)
    return country_map(Mapped(root, label, scores), names, marked, (LARGE, map_foot(approval)))


def _terms(evaluation: Evaluation, maker: ProfileMaker) -> dict[str, Bilingual]:
    """Data set, version and licence behind each source that a profile names."""
    used = {one.id: one for one in (*evaluation.provenance.tables, *evaluation.provenance.bundle)}
    found = {}
    for name in maker.sources.numbers:
        data = used.get(maker.sources.datasets.get(name, ""))
        if data is not None:
            found[name] = said("web_countries.terms", title=data.title, version=data.version, licence=data.licence)
    return found
