"""shapely: one tree query with a predicate, which prepares the sites."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.area_files import read_areas
from benchmarks.sites import Sites

VERSION_OF = "shapely"
LABEL = "shapely STRtree.query(predicate)"
Answer = dict[str, NDArray[np.generic]]


def open_areas(path: Path) -> shapely.STRtree:
    """The tree, built."""
    tree = shapely.STRtree(read_areas(path))
    tree.query(shapely.Point(0, 0))  # the tree is built on the first question
    return tree


def contains(tree: shapely.STRtree, sites: Sites) -> Answer:
    """Pairs of a point and an area that holds it."""
    return pairs(*tree.query(shapely.points(sites.lon, sites.lat), predicate="intersects"))


def touches(tree: shapely.STRtree, sites: Sites) -> Answer:
    """Pairs of a shape and an area that meet."""
    return pairs(*tree.query(sites.shape, predicate="intersects"))


def pairs(site: NDArray[np.int64], area: NDArray[np.int64]) -> Answer:
    """What every side answers to a question of pairs; the order is of no account."""
    return {"site": np.asarray(site, np.int64), "area": np.asarray(area, np.int64)}


TASKS = {"contains": contains, "touch_lines": touches, "touch_polygons": touches}
