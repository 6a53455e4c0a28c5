"""One look at a whole portfolio: exposure, concentration, areas that several projects share, what would tell most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from greensilk.appraisal.exposure import NOT_GIVEN, By, Concentration, Unit, concentration, counted, exposure
from greensilk.appraisal.unknowns import value_of_information
from greensilk.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from greensilk.appraisal.dossier import Dossier
    from greensilk.catalogue.layer_records import LayerInfo
    from greensilk.screening.model import Portfolio

SQUARE_METRES_PER_KM2 = 1e6


@dataclass(frozen=True)
class Holdings:
    """exposure: as exposure() gives; concentration: currency -> how concentrated, "" = by number; shared: one row a
    feature that two places or more overlap: layer, name, places, projects, taken_km2; withheld: layers of which a
    licence forbids to tell that; unknowns: what would tell most"""

    dossier: Dossier
    standard: str
    by: By
    unit: Unit
    exposure: pl.DataFrame
    concentration: dict[str, Concentration]
    shared: pl.DataFrame
    withheld: tuple[str, ...]
    unknowns: pl.DataFrame


def holdings(dossier: Dossier, standard: str, by: By, unit: Unit) -> Holdings:
    """Everything asked of a portfolio as a whole.

    raises: UsageError if the standard gives no lights
    """
    if standard not in dossier.verdicts:
        raise UsageError("questions.no_lights", name=standard, known=", ".join(dossier.verdicts))
    rows = counted(dossier, standard, unit)
    currencies = sorted(set(rows.filter(pl.col("amount") > 0)["currency"]) - {NOT_GIVEN})
    found = {currency: concentration(rows, by, currency or None) for currency in ("", *currencies)}
    told = {name: info for name, info in dossier.layers.items() if info.use.derived is not False}
    return Holdings(
        dossier, standard, by, unit, exposure(rows, by), {name: one for name, one in found.items() if one is not None},
        shared(dossier.portfolio, told), tuple(sorted(dossier.layers.keys() - told.keys())),
        value_of_information(dossier),
    )  # fmt: skip


def shared(portfolio: Portfolio, layers: Mapping[str, LayerInfo]) -> pl.DataFrame:
    """Sensitive areas that two places of a portfolio or more overlap: those with most places first."""
    from greensilk.catalogue.layers import open_same
    from greensilk.screening.footprints import sites_of
    from greensilk.screening.shared_areas import shared_areas

    opened = {name: open_same(info) for name, info in layers.items()}
    sites, ids = sites_of(portfolio), portfolio.projects["id"].to_list()
    projects: dict[int, list[str]] = {}
    for project, site in zip(ids, sites.site_of.tolist(), strict=True):
        projects.setdefault(site, []).append(project)
    rows = [
        {
            "layer": area.layer,
            "name": area.name,
            "places": len(area.sites),
            "projects": [project for site in area.sites for project in projects[site]],
            "taken_km2": None if area.taken_m2 is None else area.taken_m2 / SQUARE_METRES_PER_KM2,
        }
        for area in shared_areas(opened, sites)
    ]
    texts = dict.fromkeys(("layer", "name"), pl.String)
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        **texts, "places": pl.Int64, "projects": pl.List(pl.String()), "taken_km2": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema).sort("places", descending=True, maintain_order=True)
