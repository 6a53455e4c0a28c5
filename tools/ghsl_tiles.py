"""Writes the table of the GHS-POP tiles that each country and what is around it lie in, from the shipped outlines.

Tiles are 10 degrees wide; row 1 begins at 89.1° N, column 1 at 180° W.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import shapely

from greensilk.catalogue.bundle import bundle_path
from greensilk.records import DEFINITIONS

TABLE = DEFINITIONS / "datasets" / "parts" / "ghsl_population.csv"
HEAD = "# Tiles of GHS-POP under a country and 50 km about it, by tools/ghsl_tiles.py from the shipped outlines.\n"
WEST, NORTH, STEP_DEG = -180.0079166, 89.0995833, 10.0
ROWS, COLUMNS = 18, 36
REACH_DEG = 0.5  # of latitude: rings of 50 km, and a little for outlines that are off
FURTHEST_LAT = 85.0  # where longitudes crowd, further north than anybody lives


def tiles_under(outline: shapely.Geometry) -> list[str]:
    """Names of the tiles that an outline and 50 km about it touch, row by row."""
    row, column = (one.ravel() for one in np.mgrid[1 : ROWS + 1, 1 : COLUMNS + 1])
    west, north = WEST + STEP_DEG * (column - 1), NORTH - STEP_DEG * (row - 1)
    furthest = np.minimum(np.maximum(abs(north), abs(north - STEP_DEG)) + REACH_DEG, FURTHEST_LAT)
    wide = REACH_DEG / np.cos(np.radians(furthest))
    hit = np.zeros(len(row), dtype=bool)
    shapely.prepare(outline)
    for turn in (-360.0, 0.0, 360.0):
        boxes = shapely.box(
            west - wide + turn, north - STEP_DEG - REACH_DEG, west + STEP_DEG + wide + turn, north + REACH_DEG
        )
        hit |= shapely.intersects(outline, boxes)
    return [f"R{r}_C{c}" for r, c in zip(row[hit].tolist(), column[hit].tolist(), strict=True)]


def table() -> str:
    """The whole table, as it stands in its file."""
    countries = pl.read_parquet(bundle_path("countries"), columns=["iso_a3", "geometry"]).sort("iso_a3")
    outlines = dict(zip(countries["iso_a3"], shapely.from_wkb(countries["geometry"].to_numpy()), strict=True))
    lines = [f"{code},{tile}\n" for code, outline in outlines.items() if code for tile in tiles_under(outline)]
    return HEAD + "iso_a3,part\n" + "".join(lines)


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
