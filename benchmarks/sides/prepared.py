"""shapely: boxes by the tree, then prepared areas, candidates sorted by area: the fair baseline of containment."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.area_files import read_areas
from benchmarks.sides.strtree import Answer, pairs
from benchmarks.sites import Sites

VERSION_OF = "shapely"
LABEL = "shapely STRtree boxes + prepared areas"
WARM_WHOLE = True  # preparing an area takes place when it is first asked, and is not counted


class Prepared(NamedTuple):
    """The areas, prepared, and their tree."""

    areas: NDArray[np.object_]
    tree: shapely.STRtree


def open_areas(path: Path) -> Prepared:
    """The areas told to prepare themselves, and the tree built."""
    areas = read_areas(path)
    shapely.prepare(areas)
    tree = shapely.STRtree(areas)
    tree.query(shapely.Point(0, 0))
    return Prepared(areas, tree)


def contains(prepared: Prepared, sites: Sites) -> Answer:
    """Pairs of a point and an area that holds it."""
    points = shapely.points(sites.lon, sites.lat)
    site, area = prepared.tree.query(points)
    order = np.argsort(area, kind="stable")
    site, area = site[order], area[order]
    keep = shapely.intersects_xy(prepared.areas[area], sites.lon[site], sites.lat[site])
    return pairs(site[keep], area[keep])


def touches(prepared: Prepared, sites: Sites) -> Answer:
    """Pairs of a shape and an area that meet."""
    assert sites.shape is not None
    site, area = prepared.tree.query(sites.shape)
    order = np.argsort(area, kind="stable")
    site, area = site[order], area[order]
    keep = shapely.intersects(prepared.areas[area], sites.shape[site])
    return pairs(site[keep], area[keep])


TASKS = {"contains": contains, "touch_lines": touches, "touch_polygons": touches}
