"""Which features hold which points, exactly."""

from __future__ import annotations

import numpy as np

from greensilk.geometry.arrays import Floats, Ints
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.shapes import walk_of


def containing(features: FeatureSet, lon: Floats, lat: Floats) -> tuple[Ints, Ints]:
    """Pairs (point, feature), sorted, of points and the features that hold them; a boundary belongs to its feature.

    lon, lat: (n,) degrees in [-180, 180] and [-90, 90]; the meridians of -180 and 180 are one, and a pole one place
    """
    from greensilk.geometry.kernel.contains import contained

    lon, lat = np.ascontiguousarray(lon, np.float64), np.ascontiguousarray(lat, np.float64)
    walk = walk_of(lon, lat)
    point, shape = contained(features.shapes, lon[walk], lat[walk])
    return features.pairs_of_shapes(walk[point], shape)
