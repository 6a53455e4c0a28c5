"""Features: nothing is lost or doubled on the way into parts."""

from __future__ import annotations

import numpy as np
import shapely

from greensilk.geometry.features import FeatureSet


def test_a_collection_becomes_single_parts_of_its_feature() -> None:
    shapes = [
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)]),
        shapely.Point(),
        None,
        shapely.GeometryCollection(
            [shapely.Point(5, 5), shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]])]
        ),
    ]
    features = FeatureSet.from_geometries(np.array(shapes, dtype=object), names=["a", "b", "c", None])
    assert features.feature.tolist() == [0, 0, 3, 3, 3]
    assert features.geometry_kind == "polygon"
    assert len(features) == 4
    assert [features.name_of(i) for i in (0, 3, -1)] == ["a", "3", None]


def test_a_point_without_coordinates_is_a_feature_without_parts() -> None:
    features = FeatureSet.from_points(np.array([1.0, np.nan]), np.array([2.0, 3.0]), accuracy_m=50.0)
    assert features.feature.tolist() == [0]
    assert features.accuracy_m.tolist() == [50, 50]
    assert features.geometry_kind == "point"
