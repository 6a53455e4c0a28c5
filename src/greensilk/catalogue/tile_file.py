"""Vector tiles in one PMTiles file, written by GDAL: generalised, and with no more work than was planned.

A tile is 512 pixels wide on a screen. Written finely it has 4096 units across; coarsely one a pixel, so that what is
drawn is no finer than the dots of a picture.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Geometries, Ints

EQUATOR_M = 40_075_016.7  # of the sphere that web maps are drawn on
EQUATOR_DEG = 360.0
FINE_UNITS, COARSE_UNITS = 4096, 512
TILE_PX = 512  # on a screen
UNSEEN_PX = 0.4  # by which an outline may be off at smaller zooms
SOURCE_LAYER = "features"
MOST_WORK = 50_000  # pairs of a part and a tile that it touches, over all zooms: some three seconds
VERTICES_A_PAIR = 100  # of a part that cost as much as the pair itself
NORTHERNMOST_DEG = 85.0511  # where web maps end


@dataclass(frozen=True)
class Detail:
    """How finely tiles are written. units: across a tile"""

    max_zoom: int
    units: int = FINE_UNITS

    @property
    def unit_deg(self) -> float:
        """A unit at the largest zoom, in degrees of longitude."""
        return EQUATOR_DEG / float(1 << self.max_zoom) / self.units


def zoom_for(accuracy_m: float, units: int = FINE_UNITS) -> int:
    """The zoom at which a unit is no longer than an accuracy.

    >>> zoom_for(5000.0), zoom_for(30.0)
    (1, 9)
    """
    return max(0, int(np.ceil(np.log2(EQUATOR_M / units / accuracy_m))))


def affordable_zoom(boxes: Floats, vertices: Ints, most: Detail) -> int | None:
    """The largest zoom up to which writing takes no more work than is planned, None where there is none.

    boxes: (p, 4) west, south, east, north of the parts in degrees; vertices: (p,) of them; most: the finest allowed
    """
    found, edge_deg = None, (boxes[:, 2:] - boxes[:, :2]).sum(axis=1)
    pairs = np.zeros(len(boxes))
    for zoom in range(most.max_zoom + 1):
        across = (boxes[:, 2] - boxes[:, 0]) * 2**zoom / EQUATOR_DEG
        down = (_mercator(boxes[:, 3]) - _mercator(boxes[:, 1])) * 2**zoom
        pairs += (np.floor(across) + 1) * (np.floor(down) + 1)
        seen = np.minimum(vertices, 4 * edge_deg / Detail(zoom, most.units).unit_deg + 1)
        if (pairs * (1 + seen / VERTICES_A_PAIR)).sum() > MOST_WORK:
            break
        found = zoom
    return found


def _mercator(lat: Floats) -> Floats:
    """Latitudes as shares of the web map's height."""
    bounded = np.radians(np.clip(lat, -NORTHERNMOST_DEG, NORTHERNMOST_DEG))
    shares: Floats = np.arcsinh(np.tan(bounded)) / (2 * np.pi)
    return shares


def thinned(parts: Geometries, detail: Detail) -> Geometries:
    """Parts without the vertices that cannot be seen; at one unit a pixel what is smaller than a pixel becomes one."""
    unit = detail.unit_deg
    if detail.units == FINE_UNITS:
        return np.asarray(shapely.simplify(parts, unit / 2, preserve_topology=True))
    shape = shapely.simplify(parts, 0.7 * unit, preserve_topology=False)
    rounded = shapely.transform(shape, lambda xy: np.round(xy / unit) * unit)
    area = shapely.get_dimensions(rounded) == 2
    rounded[area] = shapely.make_valid(rounded[area], method="structure", keep_collapsed=False)
    gone = shapely.is_empty(rounded)
    x, y = np.floor(shapely.get_coordinates(shapely.centroid(parts[gone])) / unit).T * unit
    rounded[gone] = shapely.box(x, y, x + unit, y + unit)
    return np.asarray(rounded)


def write_tile_file(
    path: Path, parts: Geometries, fields: Mapping[str, NDArray[Any]], detail: Detail, name: str
) -> None:
    """Writes tiles of parts in lon/lat under a temporary name, then puts them in their place.

    fields: (p,) properties by name; name: of the tiles, kept in the file
    raises: OSError, or pyogrio.errors.DataSourceError, where that fails
    """
    import pyogrio.raw

    with tempfile.TemporaryDirectory(prefix=".tiles-", dir=path.parent) as folder:
        made = Path(folder) / "made.pmtiles"
        with warnings.catch_warnings():  # one layer may hold points, lines and polygons
            warnings.simplefilter("ignore")
            pyogrio.raw.write(
                str(made), np.asarray(shapely.to_wkb(parts), dtype=object), list(fields.values()), list(fields),
                geometry_type="Unknown", crs="EPSG:4326", driver="PMTiles", layer=SOURCE_LAYER,
                dataset_options={
                    "NAME": name, "MINZOOM": 0, "MAXZOOM": detail.max_zoom, "EXTENT": detail.units,
                    "SIMPLIFICATION": detail.units * UNSEEN_PX / TILE_PX,
                    "SIMPLIFICATION_MAX_ZOOM": 0,  # there the parts are as thin as they should be
                },
            )  # fmt: skip
        made.replace(path)
