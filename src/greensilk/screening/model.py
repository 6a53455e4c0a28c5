"""A portfolio as read: projects, their geometry, every rejected row, and how projects hang together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

# One row a project. What the owner did not give is null. Dates given as a year only keep the year in <field>_precision.
PROJECT_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "row": pl.Int64,  # first data row = 1
    "id": pl.String,  # unique in the portfolio
    "name": pl.String,
    "name_zh": pl.String,
    "type": pl.String,  # id in definitions/project_types
    "type_inferred": pl.Boolean,  # true: by a mapping file's pattern, not by the owner
    "type_why": pl.String,  # the line of the mapping file or the alias that gave the type
    "stage": pl.String,
    "country_stated": pl.String,  # ISO 3166-1 alpha-3
    "capacity_mw": pl.Float64,
    "investment": pl.Float64,
    "currency": pl.String,
    "finance_product": pl.String,  # key in portfolio_fields.yaml
    "capital_cost_usd_m": pl.Float64,
    "loan_total_usd_m": pl.Float64,
    "own_commitment_usd_m": pl.Float64,
    "loan_tenor_years": pl.Float64,
    "equator_financed_before": pl.Boolean,
    "emissions_t_co2e_per_year": pl.Float64,  # scope 1 and 2
    "people_displaced_physically": pl.Float64,
    "people_displaced_economically": pl.Float64,
    "date_commitment": pl.Date,
    "date_financial_close": pl.Date,
    "date_construction_start": pl.Date,
    "date_operation": pl.Date,
    "year_only": pl.String,  # date fields given as a year (1 January) or "<field>/month" (first of it), joined by ";"
    "mitigations": pl.String,  # as given: "measure:tier; measure:tier"
    "certificates": pl.String,  # as given: "scheme/level/stage/issuer/date; ..."
    "documents": pl.String,  # as given: "name; name/date"
    "client_class": pl.String,  # id in definitions/client_classes.yaml
    "lender": pl.String,
    "is_acquisition": pl.Boolean,
    "on_risk_list": pl.Boolean,  # the lender counts the client among those with major risks
    "reservoir_area_km2": pl.Float64,
    "emission_intensity_g_kwh": pl.Float64,
    "part_of": pl.String,
    "associated_with": pl.String,
    "radius_m": pl.Float64,
    "corridor_width_m": pl.Float64,
    "location_accuracy_m": pl.Float64,  # given, or from the decimals of the coordinates
    "location_kind": pl.String,  # point | line | polygon | administrative_area | none
    "place_id": pl.String,  # projects on the same footprint share it
    "loan_id": pl.String,
    "note": pl.String,
    "source": pl.String,
}

# One row a rejected row of the source. value is what stood there, cut to 200 characters.
REJECT_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "row": pl.Int64,
    "id": pl.String,
    "field": pl.String,
    "value": pl.String,
    "reason": pl.String,  # text key in texts/rejects.yaml
    "reason_en": pl.String,
    "reason_zh": pl.String,
    "hint_en": pl.String,
    "hint_zh": pl.String,
}

# One row a thing the reader decided or could not use without rejecting the row. row, id: null = the whole file.
NOTE_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "row": pl.Int64,
    "id": pl.String,
    "field": pl.String,
    "value": pl.String,
    "note": pl.String,  # text key
    "note_en": pl.String,
    "note_zh": pl.String,
}

# relation: same_place | part_of | associated_with
LINK_SCHEMA = {"project_id": pl.String, "other_id": pl.String, "relation": pl.String}


@dataclass(frozen=True)
class Portfolio:
    """Everything that was in the file: rated or rejected, nothing dropped.

    projects: one row a project, PROJECT_SCHEMA; geometry: (n,) shapely geometries in lon/lat (WGS 84), None where
    location_kind is "none"; reservoirs: (n,) polygons or None; rejects: one row a rejected row, REJECT_SCHEMA; notes:
    NOTE_SCHEMA; rows_read == len(projects) + len(rejects); read_with: sha256 of what else decided how the file was read
    """

    projects: pl.DataFrame
    geometry: NDArray[np.object_]
    reservoirs: NDArray[np.object_]
    rejects: pl.DataFrame
    links: pl.DataFrame
    rows_read: int
    source_name: str
    source_sha256: str
    notes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=NOTE_SCHEMA))
    read_with: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.projects)
