"""The shipped map as vector tiles, in each view of the world: made on first use and kept in the user's cache folder.

One layer, SOURCE_LAYER, holds everything; `kind` tells what a feature is: countries (whose outlines are the coast),
lakes, rivers, places.
Nothing of it ships: it is made of the bundle, and made anew when that changes.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from threading import Lock
from typing import Any, Literal, get_args

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.bundle import bundle_features, bundle_index, bundle_table
from greensilk.catalogue.locks import alone
from greensilk.catalogue.ready_indexes import cache_folder
from greensilk.catalogue.tile_file import Detail, thinned, write_tile_file
from greensilk.geometry.arrays import Geometries

WorldView = Literal["ne", "chn"]
WORLD_VIEWS: tuple[WorldView, ...] = get_args(WorldView)
COUNTRIES: dict[WorldView, str] = {"ne": "countries", "chn": "countries_chn"}
OTHERS = ("lakes", "rivers", "places")
DETAIL = Detail(4)  # 611 m a unit: the data is at 1:10 million, good to 5 km
FORMAT = 2  # raise it whenever what is written changes
LEAST_PLACE = 200_000  # people of a town that is named
_ONE_AT_A_TIME = Lock()
_PROPERTIES = ("name_en", "name_zh", "iso_a3", "scale_rank", "population")


def base_tiles(view: WorldView) -> Path:
    """The file of tiles of one view of the world.

    raises: BundleError if shipped data is missing
    """
    sums = " ".join(bundle_index()[name].sha256 for name in (COUNTRIES[view], *OTHERS))
    key = hashlib.sha256(f"{FORMAT} {sums}".encode()).hexdigest()[:16]
    path = cache_folder().parent / "tiles" / f"base-{view}-{key}.pmtiles"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with _ONE_AT_A_TIME, alone(path.parent):
            if not path.is_file():
                _write(path, view)
    return path


def base_attributions(view: WorldView) -> list[str]:
    """What is owed to the sources of the map, each once."""
    return list(dict.fromkeys(bundle_index()[name].attribution for name in (COUNTRIES[view], *OTHERS)))


def _write(path: Path, view: WorldView) -> None:
    sheets = [("countries", *_sheet(COUNTRIES[view])), *((name, *_sheet(name)) for name in OTHERS)]
    table = pl.concat([rows.with_columns(pl.lit(kind).alias("kind")) for kind, _, rows in sheets], how="diagonal")
    parts = np.concatenate([found for _, found, _ in sheets])
    fields: dict[str, NDArray[Any]] = {"kind": table["kind"].to_numpy().astype(object)}
    for name in _PROPERTIES:
        column = table[name]
        # Numbers stay words where they are missing: a field of GDAL has one type, and null is none of its numbers.
        fields[name] = np.asarray(column.cast(pl.String).to_list(), dtype=object)
    write_tile_file(path, parts, fields, DETAIL, f"greensilk-{view}")


def _sheet(name: str) -> tuple[Geometries, pl.DataFrame]:
    """Parts of a shipped layer that a map shows, and a row of properties for each."""
    features, table = bundle_features(name), bundle_table(name)
    if name == "places":
        table = table.rename({"name": "name_en"})
    rows = table.select([column for column in _PROPERTIES if column in table.columns])
    wanted = np.ones(len(features), dtype=bool)
    if name == "places":
        wanted = (rows["population"] >= LEAST_PLACE).fill_null(value=False).to_numpy()
    of_part = features.feature
    kept = wanted[of_part]
    parts = thinned(features.parts[kept], DETAIL)
    seen = ~shapely.is_empty(parts)
    owner = of_part[kept][seen]
    return parts[seen], (rows[owner] if rows.width else pl.DataFrame({"name_en": [None] * len(owner)}))
