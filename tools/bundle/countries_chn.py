"""Build the outlines of countries in the world view of China, for display only."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import polars as pl
import shapely
import yaml
from shapely.geometry.base import BaseGeometry
from shapes import clean_polygons, to_wkb
from write import write_table

# the province outline is not quantised as the countries are; this margin takes up the difference along shared borders
MARGIN_DEG = 0.02


def build_countries_chn(qgis: Path, out: Path) -> dict[str, float]:
    """Join and move areas of countries.parquet as countries_chn.yaml says; the main row gives names and codes."""
    view = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    countries = pl.read_parquet(out / "countries.parquet")
    shapes: dict[str, BaseGeometry] = {
        row["iso_a3"] or row["name_en"]: shapely.from_wkb(row["geometry"]) for row in countries.iter_rows(named=True)
    }
    for move in view["moved"]:
        _move(shapes, move, _province(qgis, move["province"]))
    for main, parts in view["joined"].items():
        shapes[main] = clean_polygons(shapely.union_all([shapes[main], *(shapes.pop(part) for part in parts)]))
    key = pl.coalesce("iso_a3", "name_en")
    frame = countries.with_columns(key.alias("key")).filter(pl.col("key").is_in(list(shapes)))
    outlines = pl.Series("geometry", to_wkb(shapes[name] for name in frame["key"]), dtype=pl.Binary)
    write_table(out / "countries_chn.parquet", frame.with_columns(outlines).drop("key"))
    return {"rows": float(len(frame)), "joined": float(len(countries) - len(frame))}


def _move(shapes: dict[str, BaseGeometry], move: dict[str, Any], province: BaseGeometry) -> None:
    # cut out of the country it leaves, so that shared borders stay the same vertices
    part = shapely.intersection(shapes[move["from"]], shapely.buffer(province, MARGIN_DEG))
    shapes[move["from"]] = clean_polygons(shapely.difference(shapes[move["from"]], part))
    shapes[move["to"]] = clean_polygons(shapely.union_all([shapes[move["to"]], part]))


def _province(qgis: Path, name: str) -> BaseGeometry:
    raw = importlib.import_module("pyogrio.raw")
    path = qgis / "usr" / "share" / "qgis" / "resources" / "data" / "world_map.gpkg"
    meta, _, wkb, columns = raw.read(path, layer="states_provinces", columns=["name"])
    names = list(columns[list(meta["fields"]).index("name")])
    return shapely.from_wkb(wkb[names.index(name)])
