"""greensilk: the public functions of greensilk.geometry over a layer's features, on one thread and on two."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import area_layer
from benchmarks.sides.local_plane import CUTOFF_M, RADII_M
from benchmarks.sides.strtree import Answer, pairs
from benchmarks.sites import Sites

VERSION_OF = "greensilk"
LABEL = "greensilk"
THREADS = 2


def open_areas(path: Path) -> Any:
    """The features of the imported layer."""
    return area_layer.open_areas(path).features


def contains(features: Any, sites: Sites) -> Answer:
    """Pairs of a point and an area that holds it."""
    from greensilk.geometry.containment import containing

    return pairs(*containing(features, sites.lon, sites.lat))


def nearest(features: Any, sites: Sites) -> Answer:
    """The nearest area within the cut-off, its distance and its nearest point."""
    from greensilk.geometry.features import FeatureSet
    from greensilk.geometry.nearest import nearest as nearest_feature

    found = nearest_feature(features, FeatureSet.from_points(sites.lon, sites.lat), CUTOFF_M)
    return {"distance_m": found.distance_m, "area": found.feature, "lon": found.lon, "lat": found.lat}


def disks(features: Any, sites: Sites) -> Answer:
    """The nearest area, and of each area within 50 km how much lies in each disk."""
    from greensilk.geometry.disks import areas_in_disks

    found = nearest(features, sites)
    site, area, size = areas_in_disks(features, sites.lon, sites.lat, np.array(RADII_M))
    return {**found, "nearest": found["area"], "site": site, "area": area, "area_m2": size}


def ring_areas(features: Any, sites: Sites) -> Answer:
    """Of each area within 50 km how much lies in each disk, without the nearest."""
    from greensilk.geometry.disks import areas_in_disks

    site, area, size = areas_in_disks(features, sites.lon, sites.lat, np.array(RADII_M))
    return {"site": site, "area": area, "area_m2": size}


def union_disks(features: Any, sites: Sites) -> Answer:
    """How much of each disk lies in any area, nothing counted twice."""
    from greensilk.geometry.disks import union_areas_in_disks

    return {"union_m2": union_areas_in_disks(features, sites.lon, sites.lat, np.array(RADII_M))}


def touches(features: Any, sites: Sites) -> Answer:
    """Pairs of a shape and an area that meet; making ready the shapes counts."""
    from greensilk.geometry.features import FeatureSet
    from greensilk.geometry.overlap import touching

    return pairs(*touching(features, FeatureSet.from_geometries(sites.shape)))


def _in_threads(task: Callable[[Any, Sites], Answer]) -> Callable[[Any, Sites], Answer]:
    """The same task with the sites in halves, one a thread, and the answers put together again."""

    def work(features: Any, sites: Sites) -> Answer:
        edges = np.linspace(0, len(sites), THREADS + 1).astype(int)
        halves = [sites.take(slice(a, b)) for a, b in pairwise(edges)]
        with ThreadPoolExecutor(THREADS) as crew:
            found = list(crew.map(lambda half: task(features, half), halves))
        for part, first in zip(found, edges[:-1], strict=True):
            if "site" in part:
                part["site"] = part["site"] + first
        return {name: np.concatenate([part[name] for part in found]) for name in found[0]}

    return work


ONE_THREAD: dict[str, Callable[[Any, Sites], Answer]] = {
    "contains": contains,
    "nearest": nearest,
    "disks": disks,
    "ring_areas": ring_areas,
    "union_disks": union_disks,
    "touch_lines": touches,
    "touch_polygons": touches,
}
TASKS = ONE_THREAD | {f"{name}_2": _in_threads(task) for name, task in ONE_THREAD.items()}
