"""Areas of features within concentric geodesic disks about points: feature by feature, and of their union."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Ints, spans
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.shapes import Shapes

LARGEST_M = 100_000.0


def areas_in_disks(
    features: FeatureSet, lon: Floats, lat: Floats, radii_m: Sequence[float]
) -> tuple[Ints, Ints, Floats]:
    """Triples (point, feature, area in m² within each radius), sorted, of features with area in the largest disk.

    lon, lat: (n,) degrees in [-180, 180] and [-90, 90]; radii_m: (r,) metres, ascending, up to 100 km
    returns: (k,) points, (k,) features, (k, r) areas
    raises: ValueError for radii that do not ascend from above 0 to at most 100 km
    """
    site, part, area = _part_areas(features.shapes, lon, lat, radii_m)
    site, shape, area = by_owner(site, features.shapes.part_owner[part], area)
    return of_features(features, site, shape, area)


def union_areas_in_disks(features: FeatureSet, lon: Floats, lat: Floats, radii_m: Sequence[float]) -> Floats:
    """(n, r) area in m² of the union of all features within each radius: nothing is counted twice.

    lon, lat, radii_m, raises: as in areas_in_disks
    """
    total = np.zeros((len(lon), len(radii_m)))
    for shapes in features.union:
        site, _, area = _part_areas(shapes, lon, lat, radii_m)
        total += np.column_stack([np.bincount(site, weights=column, minlength=len(lon)) for column in area.T])
    return total


def _part_areas(shapes: Shapes, lon: Floats, lat: Floats, radii_m: Sequence[float]) -> tuple[Ints, Ints, Floats]:
    from greensilk.geometry.kernel.disks import disk_areas

    radii = np.array(radii_m, dtype=np.float64)
    if not len(radii) or not radii[0] > 0 or not (np.diff(radii) > 0).all() or not radii[-1] <= LARGEST_M:
        raise ValueError(f"radii must ascend, from above 0 m to at most {LARGEST_M:.0f} m: {list(radii_m)}")
    return disk_areas(shapes, np.ascontiguousarray(lon, float), np.ascontiguousarray(lat, float), radii)  # type: ignore[no-any-return]


def by_owner(item: Ints, owner: Ints, area: Floats) -> tuple[Ints, Ints, Floats]:
    """Rows (item, owner, areas) of parts -> rows of what owns them, added up, sorted by item and owner."""
    order = np.lexsort((owner, item))
    item, owner, area = item[order], owner[order], area[order]
    first: NDArray[np.bool_] = np.ones(len(item), dtype=bool)
    first[1:] = (item[1:] != item[:-1]) | (owner[1:] != owner[:-1])
    return item[first], owner[first], np.add.reduceat(area, np.flatnonzero(first)) if len(area) else area


def of_features(features: FeatureSet, item: Ints, shape: Ints, area: Floats) -> tuple[Ints, Ints, Floats]:
    """Rows (item, shape, areas) -> rows (item, feature, areas), sorted; features that share a shape have a row each."""
    start, shape_features = features.shape_features
    count = (start[1:] - start[:-1])[shape]
    items, feature = np.repeat(item, count), shape_features[spans(start[shape], count)]
    order = np.lexsort((feature, items))
    return items[order], feature[order], np.repeat(area, count, axis=0)[order]
