"""Facts of the project itself: as its owner gave them, or computed from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.facts import FactColumn
from greensilk.geometry.geodesy import area_m2
from greensilk.places import countries_meant
from greensilk.project_types import EVIDENCE_FACTS, OBJECTIVES
from greensilk.screening.documents import document_facts
from greensilk.screening.evidence import Evidence, evidence
from greensilk.screening.model import Portfolio
from greensilk.screening.origins import Detail, Floats, Texts, measures, nothing, numbers, origin, series, texts, truths

GIVEN = Detail(reason="not_given")
DATES = ("date_commitment", "date_financial_close", "date_construction_start", "date_operation")
# Fact -> column of the portfolio whose value it is.
AS_GIVEN = {
    "project_type": "type",
    "stage": "stage",
    "location_kind": "location_kind",
    "location_accuracy": "location_accuracy_m",
    "capacity": "capacity_mw",
    "emission_intensity": "emission_intensity_g_kwh",
    "emissions_annual": "emissions_t_co2e_per_year",
    "finance_product": "finance_product",
    "loan_total": "loan_total_usd_m",
    "own_commitment": "own_commitment_usd_m",
    "loan_tenor": "loan_tenor_years",
    "equator_financed_before": "equator_financed_before",
    "displaced_physically": "people_displaced_physically",
    "displaced_economically": "people_displaced_economically",
}
SQUARE_METRES_PER_KM2 = 1e6
DOLLARS_PER_MILLION = 1e6
WATTS_PER_MW = 1e6


def project_facts(portfolio: Portfolio, on: dt.date) -> Iterator[FactColumn]:
    """One column a fact, but for those of the footprint. on: a certificate dated later does not count."""
    projects, of = portfolio.projects, origin("project", version="")
    yield series(
        "type_inferred", projects["type_inferred"], of, Detail("not_given", features=projects["type_why"].to_list())
    )
    for fact, column in AS_GIVEN.items():
        yield series(fact, projects[column], of, GIVEN)
    yield _capital_cost(projects)
    for date in DATES:
        precision = projects["year_only"].fill_null("").str.split(";").list.eval(pl.element().str.strip_chars())
        year = pl.select(pl.when(precision.list.contains(date)).then(pl.lit("year")).otherwise(None)).to_series()
        yield series(date, projects[date], of, Detail("not_given", features=year.to_list()))
    yield series("dates_imprecise", projects["year_only"].fill_null("none"), of, GIVEN)
    yield from _reservoir(portfolio)
    yield from shown_facts(projects, [on] * len(projects))
    for fact in ("client_class", "is_acquisition", "on_risk_list"):
        yield series(fact, projects[fact], of, GIVEN)
    has_parts = projects["associated_with"].is_not_null()
    reservoir = ~shapely.is_missing(portfolio.reservoirs)
    yield truths("area_of_influence_given", (has_parts.to_numpy() | reservoir).astype(object), of)


def _capital_cost(projects: pl.DataFrame) -> FactColumn:
    """Million US dollars: as given, else an investment in US dollars; no other currency is turned into them."""
    given = projects["capital_cost_usd_m"].cast(pl.Float64).to_numpy()
    invested = projects["investment"].cast(pl.Float64).to_numpy()
    in_dollars = (projects["currency"] == "USD").fill_null(False).to_numpy()
    stands_in = np.isnan(given) & in_dollars & ~np.isnan(invested)
    reason = np.where(np.isnan(invested), "not_given", "currency_not_usd").astype(object)
    return numbers(
        "capital_cost",
        np.where(stands_in, invested / DOLLARS_PER_MILLION, given),
        origin("project", version=""),
        Detail(reason, finer=origin("project_computed", version=""), is_finer=stands_in),
    )


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


def shown_facts(projects: pl.DataFrame, days: Sequence[dt.date]) -> Iterator[FactColumn]:
    """What measures, certificates and documents show. days: (n,) what is dated later does not count for a project."""
    measures_given, certificates, kinds, stages = (
        projects[name] for name in ("mitigations", "certificates", "type", "stage")
    )
    found = [evidence(*each) for each in zip(measures_given, certificates, kinds, days, stages, strict=True)]
    of = origin("mitigation", version="")
    detail = Detail("not_given", features=[one.notes() for one in found])
    for objective in OBJECTIVES:
        for fact, leaving in EVIDENCE_FACTS.items():
            tiers = [int(one.tier(objective, leaving)) if one.given else None for one in found]
            yield series(fact.format(objective), pl.Series(tiers, dtype=pl.Int8), of, detail)
    unread = Detail("not_given", features=[one.unread() for one in found])
    yield texts("measures_in_hand", [one.in_hand for one in found], of, unread)
    yield truths("has_offset", _truth(found, [one.has_offset for one in found]), of, unread)
    yield truths("assessed_evidence", _truth(found, [one.assessed for one in found]), of, detail)
    yield from document_facts(projects["documents"], days)


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
