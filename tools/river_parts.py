"""Which parts of HydroSHEDS hold the rivers of a country, from its outlines; `--check` only says what is amiss.

What the table of parts says of the largest piece of a country's land is taken as it is (from memory). Every other piece
must lie where one part alone can hold it (CORES, well inside the parts' borders), or near a piece that is settled.
What does not is open: the data sets may not be called complete for that country.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

SOURCE = Path(__file__).resolve().parents[1] / "src" / "greensilk"
TABLE = SOURCE / "definitions" / "datasets" / "parts" / "hydrorivers.csv"
HEAD = """\
# Which part of HydroRIVERS and HydroBASINS a country's rivers are in; of its largest land from memory, of the others by
# tools/river_parts.py. Countries at a divide, or with land overseas, are in more than one.
iso_a3,part
"""
NEAR_DEG = 3.0  # islands so near to land that is settled are in the same part
TOO_SMALL_KM2 = 1.0  # for a reach: none has a mean flow of 0.1 m³/s from less
KM2_PER_DEG2 = 111.2**2
UNSURE = frozenset(("CPV",))  # whose largest land may be in another part than stated, or in none
# West, south, east, north: inside of these boxes there is land of one part alone.
CORES = {
    "af": [(-17.5, -34.5, 33.0, 27.0), (43.0, -26.0, 51.0, -11.5)],
    "ar": [(-140.0, 66.0, -75.0, 80.0), (-165.0, 61.0, -145.0, 71.0)],
    "as": [(72.0, 8.0, 120.0, 40.0), (129.0, 31.0, 146.0, 45.0), (117.0, 6.0, 127.0, 19.0), (98.0, -8.5, 118.0, 5.0)],
    "au": [(113.0, -44.0, 154.0, -11.0), (166.5, -47.5, 178.5, -34.5), (134.0, -9.0, 156.0, -1.0)],
    "eu": [(-24.0, 38.5, 40.0, 66.5)],
    "gr": [(-55.0, 60.0, -27.0, 83.0)],
    "na": [(-124.0, 15.0, -63.0, 48.0), (-92.0, 9.0, -83.0, 15.0)],
    "sa": [(-80.0, -54.0, -35.0, 6.0)],
    "si": [(85.0, 62.0, 175.0, 76.0)],
}


def outlines() -> dict[str, NDArray[np.object_]]:
    """The pieces of land of every country, the largest first."""
    table = pl.read_parquet(SOURCE / "bundle" / "countries.parquet", columns=["iso_a3", "geometry"])
    found = {}
    for (code,), rows in table.drop_nulls("iso_a3").group_by("iso_a3", maintain_order=True):
        pieces = shapely.get_parts(shapely.from_wkb(rows["geometry"].to_numpy()))
        found[str(code)] = pieces[(-shapely.area(pieces)).argsort()]
    return found


def placed(pieces: NDArray[np.object_], stated: set[str]) -> tuple[set[str], list[shapely.Geometry]]:
    """Parts that hold a country's pieces, and the pieces of which it is open. stated: parts of the largest piece"""
    rest: list[shapely.Geometry] = []
    settled, parts = [pieces[0]], set(stated)
    for piece in pieces[1:][shapely.area(pieces[1:]) * KM2_PER_DEG2 >= TOO_SMALL_KM2]:
        held = {name for name, boxes in CORES.items() for box in boxes if shapely.intersects(piece, shapely.box(*box))}
        parts |= held
        (settled if held else rest).append(piece)
    while near := [piece for piece in rest if shapely.distance(piece, settled).min() <= NEAR_DEG]:
        settled += near
        rest = [piece for piece in rest if not any(piece is one for one in near)]
    return parts, rest


def read_table() -> dict[str, set[str]]:
    """Parts by country, as they stand."""
    found: dict[str, set[str]] = {}
    with TABLE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(line for line in stream if not line.startswith("#")):
            found.setdefault(row["iso_a3"], set()).add(row["part"])
    return found


def run() -> tuple[dict[str, set[str]], dict[str, list[shapely.Geometry]]]:
    """Parts by country as they should stand, and the open pieces of those that have some."""
    pieces = outlines()
    found = {code: placed(pieces[code], parts) for code, parts in read_table().items()}
    still_open = {code: rest for code, (_, rest) in found.items() if rest or code in UNSURE}
    return {code: parts for code, (parts, _) in found.items()}, still_open


def main() -> int:
    """Writes the table, or with --check says whether it is as it should be; names the countries that stay open."""
    parts, still_open = run()
    if "--check" in sys.argv:
        amiss = sorted(code for code, stated in read_table().items() if stated != parts[code])
        print("as it should be" if not amiss else f"run this without --check for: {' '.join(amiss)}")
        return int(bool(amiss))
    rows = [f"{code},{part}\n" for code in sorted(parts) for part in sorted(parts[code])]
    TABLE.write_text(HEAD + "".join(rows), "utf-8")
    print("open, and so partial:", " ".join(sorted(still_open)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
