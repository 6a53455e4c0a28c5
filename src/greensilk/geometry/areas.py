"""Areas of features inside polygon zones: feature by feature, and of their union."""

from __future__ import annotations

import numpy as np
import shapely

from greensilk.geometry.arrays import Floats, Geometries, Ints
from greensilk.geometry.disks import by_owner, of_features
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.frames import split_at_antimeridian
from greensilk.geometry.outlines import POLYGON, outlines_of
from greensilk.geometry.shapes import Shapes, shapes_of


def area_inside_m2(features: FeatureSet, zones: Geometries) -> Floats:
    """(n,) area in m² of the union of all features inside each zone: nothing is counted twice.

    zones: (n,) lon/lat polygons in any frame; None, points and lines have no area
    """
    made, total = zone_shapes(zones), np.zeros(len(zones))
    for shapes in features.union:
        zone, _, area = _part_areas(shapes, made)
        total += np.bincount(made.part_owner[zone], weights=area, minlength=len(zones))
    return total


def areas_inside(features: FeatureSet, zones: Geometries) -> tuple[Ints, Ints, Floats]:
    """(k,) triples (zone, feature, area in m²), sorted, of features that share area with a zone.

    zones: (n,) lon/lat polygons in any frame; None, points and lines have no area
    """
    made = zone_shapes(zones)
    zone, part, area = _part_areas(features.shapes, made)
    zone, shape, area = by_owner(made.part_owner[zone], features.shapes.part_owner[part], area)
    return of_features(features, zone, shape, area)


def zone_shapes(zones: Geometries) -> Shapes:
    """The polygons of (n,) zones within ±180, owned by their zones; those of one zone do not overlap."""
    whole = np.array(zones, dtype=object, copy=True)
    mixed = shapely.get_type_id(whole) == 7
    if mixed.any():
        whole[mixed] = shapely.union_all(whole[mixed, None], axis=1)
    outlines = outlines_of(split_at_antimeridian(whole))
    return shapes_of(outlines.take(np.flatnonzero(outlines.kind == POLYGON)))


def _part_areas(shapes: Shapes, zones: Shapes) -> tuple[Ints, Ints, Floats]:
    from greensilk.geometry.kernel.zone_overlap import zone_areas

    return zone_areas(shapes, zones)  # type: ignore[no-any-return]
