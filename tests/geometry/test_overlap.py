"""Overlaps that are deeper than a tolerance, and those that are not."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from greensilk.geometry.features import FeatureSet
from greensilk.geometry.overlap import deeper, touching


def features(*shapes: shapely.Geometry) -> FeatureSet:
    return FeatureSet.from_geometries(np.array(shapes, dtype=object))


def metres_east(metres: float) -> float:
    return metres / 111_319.49


@pytest.mark.parametrize(("depth_m", "is_deeper"), [(90, False), (110, True)])
def test_a_point_must_be_deeper_inside_than_the_tolerance(depth_m: float, is_deeper: bool) -> None:
    reserve = features(shapely.box(0, -1, 1, 1))
    site = features(shapely.Point(metres_east(depth_m), 0))
    pairs = touching(reserve, site)
    assert [side.tolist() for side in pairs] == [[0], [0]]
    assert deeper(reserve, site, pairs, np.array([100.0])).tolist() == [is_deeper]


@pytest.mark.parametrize("turn", [0.0, 179.99])
def test_a_reserve_thinner_than_the_tolerance_deep_inside_a_footprint_counts(turn: float) -> None:
    """At 179.99 the footprint lies on both sides of the antimeridian."""
    thin = shapely.box(turn, -0.01, turn + metres_east(40), 0.01)
    parts = [shapely.box(turn - 0.1, -0.1, min(turn + 0.1, 180), 0.1)]
    if turn + 0.1 > 180:
        parts.append(shapely.box(-180, -0.1, turn + 0.1 - 360, 0.1))
    site, reserve = features(shapely.MultiPolygon(parts)), features(thin)
    assert deeper(reserve, site, touching(reserve, site), np.array([100.0])).tolist() == [True]


def test_crossing_lines_and_equal_points_prove_nothing() -> None:
    route = features(shapely.LineString([(0, 0), (1, 1)]), shapely.Point(5, 5))
    layer = features(shapely.LineString([(0, 1), (1, 0)]), shapely.Point(5, 5))
    pairs = touching(layer, route)
    assert [side.tolist() for side in pairs] == [[0, 1], [0, 1]]
    assert not deeper(layer, route, pairs, np.array([10.0, 10.0])).any()


def test_a_route_through_a_reserve_is_an_overlap() -> None:
    route = features(shapely.LineString([(-1, 0.1), (2, 0.4)]))
    reserve = features(shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6))
    pairs = touching(reserve, route)
    assert pairs[1].tolist() == [0]
    assert deeper(reserve, route, pairs, np.array([500.0])).tolist() == [True]


def test_a_hole_is_not_inside() -> None:
    reserve = features(shapely.box(0, 0, 1, 1).difference(shapely.box(0.4, 0.4, 0.6, 0.6)))
    assert len(touching(reserve, features(shapely.Point(0.5, 0.5)))[0]) == 0
