"""geopandas: one spatial join."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import shapely

from benchmarks.area_files import read_areas
from benchmarks.sides.strtree import Answer, pairs
from benchmarks.sites import Sites

VERSION_OF = "geopandas"
LABEL = "geopandas sjoin"


def open_areas(path: Path) -> geopandas.GeoDataFrame:
    """The areas as a frame, with its tree."""
    frame = geopandas.GeoDataFrame(geometry=read_areas(path), crs=4326)
    assert len(frame.sindex)
    return frame


def contains(frame: geopandas.GeoDataFrame, sites: Sites) -> Answer:
    """Pairs of a point and an area that holds it."""
    return _joined(frame, shapely.points(sites.lon, sites.lat))


def _joined(frame: geopandas.GeoDataFrame, shapes: object) -> Answer:
    found = geopandas.sjoin(geopandas.GeoDataFrame(geometry=shapes, crs=4326), frame, predicate="intersects")
    return pairs(np.asarray(found.index), found["index_right"].to_numpy())


TASKS = {"contains": contains}
