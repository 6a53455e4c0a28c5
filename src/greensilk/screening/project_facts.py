"""Facts of the project itself: as its owner gave them, or computed from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.facts import FactColumn
from greensilk.geometry.geodesy import area_m2
from greensilk.places import countries_meant
from greensilk.project_types import OBJECTIVES
from greensilk.screening.documents import document_facts
from greensilk.screening.evidence import Evidence, evidence
from greensilk.screening.model import Portfolio
from greensilk.screening.origins import Detail, Floats, Texts, measures, nothing, numbers, origin, series, truths

GIVEN = Detail(reason="not_given")
DATES = ("date_commitment", "date_financial_close", "date_construction_start", "date_operation")
SQUARE_METRES_PER_KM2 = 1e6
WATTS_PER_MW = 1e6


def project_facts(portfolio: Portfolio, on: dt.date) -> Iterator[FactColumn]:
    """One column a fact, but for those of the footprint. on: a certificate dated later does not count."""
    projects, of = portfolio.projects, origin("project", version="")
    for fact, column in (("project_type", "type"), ("stage", "stage"), ("location_kind", "location_kind")):
        yield series(fact, projects[column], of, GIVEN)
    yield series(
        "type_inferred", projects["type_inferred"], of, Detail("not_given", features=projects["type_why"].to_list())
    )
    for fact, column in (("capacity", "capacity_mw"), ("emission_intensity", "emission_intensity_g_kwh")):
        yield series(fact, projects[column], of, GIVEN)
    yield series("location_accuracy", projects["location_accuracy_m"], of, GIVEN)
    for date in DATES:
        precision = projects["year_only"].fill_null("").str.split(";").list.eval(pl.element().str.strip_chars())
        year = pl.select(pl.when(precision.list.contains(date)).then(pl.lit("year")).otherwise(None)).to_series()
        yield series(date, projects[date], of, Detail("not_given", features=year.to_list()))
    yield series("dates_imprecise", projects["year_only"].fill_null("none"), of, GIVEN)
    yield from _reservoir(portfolio)
    yield from _evidence_facts(projects, on)
    yield from document_facts(projects["documents"], on)
    for fact in ("client_class", "is_acquisition", "on_risk_list"):
        yield series(fact, projects[fact], of, GIVEN)
    has_parts = projects["associated_with"].is_not_null()
    reservoir = ~shapely.is_missing(portfolio.reservoirs)
    yield truths("area_of_influence_given", (has_parts.to_numpy() | reservoir).astype(object), of)


def _reservoir(portfolio: Portfolio) -> Iterator[FactColumn]:
    projects = portfolio.projects
    given = projects["reservoir_area_km2"].cast(pl.Float64).to_numpy() * SQUARE_METRES_PER_KM2
    drawn = area_m2(portfolio.reservoirs)
    area = np.where(drawn > 0, drawn, given)
    yield numbers("reservoir_area", area, origin("project_geometry", version=""), GIVEN)
    hydro = projects["type"].is_in(list(measures().power_density_types)).fill_null(False).to_numpy()
    yield numbers(
        "power_density",
        _power_density(projects["capacity_mw"].cast(pl.Float64).to_numpy(), area, hydro),
        origin("project_computed", version=""),
        Detail(reason=np.where(hydro, "not_computable", "not_of_this_type").astype(object)),
    )


def _power_density(capacity_mw: Floats, area: Floats, hydro: NDArray[np.bool_]) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(hydro & (area > 0), capacity_mw * WATTS_PER_MW / area, np.nan)


def _evidence_facts(projects: pl.DataFrame, on: dt.date) -> Iterator[FactColumn]:
    columns = (projects[name] for name in ("mitigations", "certificates", "type", "stage"))
    found = [evidence(given, shown, kind, on, stage) for given, shown, kind, stage in zip(*columns, strict=True)]
    of = origin("mitigation", version="")
    detail = Detail("not_given", features=[one.notes() for one in found])
    for objective in OBJECTIVES:
        tiers = [int(one.tiers[objective]) if one.given else None for one in found]
        yield series(f"mitigation_{objective}", pl.Series(tiers, dtype=pl.Int8), of, detail)
    yield truths("has_offset", _truth(found, [one.has_offset for one in found]), of, detail)
    yield truths("assessed_evidence", _truth(found, [one.assessed for one in found]), of, detail)


def _truth(found: list[Evidence], values: list[bool]) -> Texts:
    truth = nothing(len(found))
    for i, (one, value) in enumerate(zip(found, values, strict=True)):
        truth[i] = value if one.given else None
    return truth


def stated_country_differs(stated: pl.Series, country: FactColumn) -> FactColumn:
    """Whether the country the owner states is none of those the location lies in."""
    values = nothing(len(stated))
    for i, (code, found) in enumerate(zip(stated, country.values, strict=True)):
        if code is not None and found is not None:
            values[i] = not set(countries_meant(code)) & set(found.split("; "))
    reason = np.where(stated.is_null().to_numpy(), "not_given", "no_country").astype(object)
    return truths("country_stated_differs", values, origin("country"), Detail(reason=reason, features=stated.to_list()))
