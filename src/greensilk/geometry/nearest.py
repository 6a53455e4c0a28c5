"""The nearest feature to each footprint, at any range, and all features within a radius, in geodesic metres.

Edges are straight in lon/lat. Distances are right to a few centimetres up to 100 km and to a millionth beyond.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from greensilk.geometry.arrays import Floats, Ints, spans
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.geodesy import distance_m
from greensilk.geometry.outlines import POINT
from greensilk.geometry.shapes import UNITS_PER_DEGREE, Shapes

_EVERYWHERE_M = 20_100_000.0
_NEAR_ANTIPODE_M = 19_000_000.0  # beyond, the kernel's inverse may not converge


@dataclass(frozen=True)
class Nearest:
    """feature: (n,) index, -1 where none is within reach; distance_m: (n,) 0 inside or touching, NaN where none; lon,
    lat: (n,) of the nearest point of the feature."""

    feature: Ints
    distance_m: Floats
    lon: Floats
    lat: Floats


def nearest(features: FeatureSet, footprints: FeatureSet, cutoff_m: float = _EVERYWHERE_M) -> Nearest:
    """The nearest of `features` to each of (n,) footprints; of several equally near, the first.

    cutoff_m: how far to look; returns Nearest, of (n,) arrays
    """
    from greensilk.geometry.kernel.nearest import nearest_to_parts

    sites = footprints.shapes
    metres, shape, place = nearest_to_parts(features.shapes, sites, float(cutoff_m))
    degrees = place / UNITS_PER_DEGREE
    _remeasure_antipodes(sites, metres, degrees)
    got = np.flatnonzero(shape >= 0)
    feature = np.full(len(shape), -1)
    feature[got] = features.first_feature[shape[got]]
    # One part of each footprint shape: the nearest, of equals that of the first feature.
    order = got[np.lexsort((feature[got], metres[got], sites.part_owner[got]))]
    owners, first = np.unique(sites.part_owner[order], return_index=True)
    best = np.full(int(footprints.shape_of.max(initial=-1)) + 1, -1)
    best[owners] = order[first]
    found = Nearest(
        np.full(len(footprints), -1),
        np.full(len(footprints), np.nan),
        np.full(len(footprints), np.nan),
        np.full(len(footprints), np.nan),
    )
    have = np.flatnonzero(footprints.shape_of >= 0)
    part = best[footprints.shape_of[have]]
    have, part = have[part >= 0], part[part >= 0]
    found.feature[have], found.distance_m[have] = feature[part], metres[part]
    found.lon[have], found.lat[have] = degrees[part].T
    return found


def _remeasure_antipodes(sites: Shapes, metres: Floats, degrees: Floats) -> None:
    far = np.flatnonzero((metres > _NEAR_ANTIPODE_M) & (sites.part_kind == POINT))
    vertex = sites.ring_start[sites.part_start[far]]
    metres[far] = distance_m(sites.lon[vertex], sites.lat[vertex], degrees[far, 0], degrees[far, 1])


def within(features: FeatureSet, footprints: FeatureSet, radius_m: float) -> tuple[Ints, Ints, Floats]:
    """Every feature within a radius of each footprint: footprint, feature, metres (0 inside or touching), sorted."""
    from greensilk.geometry.kernel.nearest import parts_within

    part, shape, metres = parts_within(features.shapes, footprints.shapes, float(radius_m))
    site = footprints.shapes.part_owner[part]
    footprint, pair = features_of(footprints, site)
    feature, again = features_of(features, shape[pair])
    footprint, metres = footprint[again], metres[pair][again]
    order = np.lexsort((metres, feature, footprint))
    footprint, feature, metres = footprint[order], feature[order], metres[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(footprint) != 0) | (np.diff(feature) != 0)
    return footprint[first], feature[first], metres[first]


def features_of(features: FeatureSet, shape: Ints) -> tuple[Ints, Ints]:
    """The features of each of (k,) shapes, and which of the k each is of."""
    start, order = features.shape_features
    count = (start[1:] - start[:-1])[shape]
    return order[spans(start[shape], count)], np.repeat(np.arange(len(shape)), count)
