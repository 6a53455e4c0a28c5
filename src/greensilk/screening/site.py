"""A portfolio of one point, for an answer in the terminal. It takes the same way as any other portfolio."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
import shapely

from greensilk.errors import UsageError
from greensilk.project_types import find_type, suggest_types
from greensilk.screening.model import LINK_SCHEMA, PROJECT_SCHEMA, REJECT_SCHEMA, Portfolio
from greensilk.texts import text

METRES_PER_DEGREE = 111_320.0


def one_site(lon: float, lat: float, type_name: str, radius_km: float | None = None) -> Portfolio:
    """A portfolio that holds one project at a point.

    lon, lat: degrees, WGS 84; type_name: id, label or alias of a project type; radius_km: of its footprint, if known
    raises: UsageError if no project type is called that
    """
    found = find_type(type_name)
    if found is None:
        near = ", ".join(suggest_types(type_name)) or "solar_pv"
        hint = text("cli.bad_type_hint", suggestions=near)
        raise UsageError("cli.bad_option", option="--type", value=type_name, hint=hint)
    project = {name: None for name in PROJECT_SCHEMA} | {
        "row": 1, "id": "site", "name": f"{lat}, {lon}", "type": found, "type_inferred": False, "type_why": type_name,
        "radius_m": None if radius_km is None else radius_km * 1000.0, "location_kind": "point",
        "location_accuracy_m": rounding_accuracy_m(lon, lat), "place_id": "site",
    }  # fmt: skip
    geometry = np.array([shapely.Point(lon, lat)], dtype=object)
    return Portfolio(
        projects=pl.DataFrame([project], schema=PROJECT_SCHEMA),
        geometry=geometry,
        reservoirs=np.array([None], dtype=object),
        rejects=pl.DataFrame(schema=REJECT_SCHEMA),
        links=pl.DataFrame(schema=LINK_SCHEMA),
        rows_read=1,
        source_name="site",
        source_sha256=hashlib.sha256(f"{lon},{lat},{found},{radius_km}".encode()).hexdigest(),
    )


def rounding_accuracy_m(lon: float, lat: float) -> float:
    """Half a unit of the last decimal that either coordinate was given with, in metres; at least 1 m.

    >>> rounding_accuracy_m(102.6, 17.97)
    557.0
    """
    decimals = max(_decimals(lon), _decimals(lat))
    return max(1.0, float(round(0.5 * 10.0**-decimals * METRES_PER_DEGREE)))


def _decimals(degrees: float) -> int:
    return len(repr(float(degrees)).partition(".")[2].rstrip("0"))
