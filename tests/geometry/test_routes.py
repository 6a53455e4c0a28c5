"""Routes through features: how often, and how far, against shapely and pyproj."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from tests.geometry.random_shapes import polygons

from greensilk.geometry.features import FeatureSet
from greensilk.geometry.frames import split_at_antimeridian
from greensilk.geometry.geodesy import length_m
from greensilk.geometry.routes import crossings, lengths_inside_m

GEOD = Geod(ellps="WGS84")


def features(*shapes: shapely.Geometry) -> FeatureSet:
    return FeatureSet.from_geometries(split_at_antimeridian(np.array(shapes, dtype=object)))


def one(layer: FeatureSet, route: shapely.Geometry) -> tuple[list[tuple[int, int]], list[float]]:
    """(feature, count) of one route, and the metres inside each."""
    line, feature, count, metres = crossings(layer, features(route))
    assert set(line.tolist()) <= {0}
    return list(zip(feature.tolist(), count.tolist(), strict=True)), metres.tolist()


def test_a_route_enters_a_comb_three_times() -> None:
    comb = shapely.union_all([shapely.box(x, 0, x + 0.5, 2) for x in (0, 1, 2)] + [shapely.box(0, 2, 2.5, 3)])
    pairs, metres = one(features(comb), shapely.LineString([(-1, 1), (4, 1)]))
    assert pairs == [(0, 3)]
    parts = [shapely.LineString([(x, 1), (x + 0.5, 1)]) for x in (0, 1, 2)]
    assert metres[0] == pytest.approx(length_m(np.array([shapely.MultiLineString(parts)], dtype=object))[0], rel=1e-9)


def test_a_hole_is_left_and_entered_again() -> None:
    ring = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 3, 3))
    assert one(features(ring), shapely.LineString([(2, -1), (2, 5)]))[0] == [(0, 2)]
    assert one(features(ring), shapely.LineString([(2, 2), (2, 2.5)])) == ([], [])


def test_over_the_antimeridian_is_one_entry() -> None:
    reserve = shapely.box(178, -5, 182, 5)
    pairs, metres = one(features(reserve), shapely.LineString([(175, 0), (185, 0)]))
    assert pairs == [(0, 1)]
    assert metres[0] == pytest.approx(GEOD.inv(178, 0, -178, 0)[2], rel=1e-9)


def test_rivers_are_crossed_over_no_length_and_a_shared_vertex_is_one_crossing() -> None:
    river = shapely.LineString([(0, -1), (0.5, 0), (1, 1), (1.5, 0), (2, -1)])
    pairs, metres = one(features(river), shapely.LineString([(-1, 0), (0.5, 0), (3, 0)]))
    assert pairs == [(0, 2)]
    assert metres == [0.0]


def test_a_route_along_a_border_lies_in_both_and_is_counted_once() -> None:
    layer = features(shapely.box(0, 0, 2, 1), shapely.box(0, -1, 2, 0), shapely.box(0, 0, 2, 1))
    route = shapely.LineString([(-1, 0), (3, 0)])
    along = GEOD.inv(0, 0, 2, 0)[2]
    assert one(layer, route)[0] == [(0, 1), (1, 1), (2, 1)]
    assert lengths_inside_m(layer, features(route)) == pytest.approx([along], rel=1e-9)


def test_nothing_there_is_nothing() -> None:
    layer = features(shapely.box(0, 0, 1, 1))
    footprints = FeatureSet.from_geometries(np.array([None, shapely.Point(0.5, 0.5), shapely.box(0, 0, 1, 1)]))
    assert [len(column) for column in crossings(layer, footprints)] == [0, 0, 0, 0]
    assert lengths_inside_m(layer, footprints).tolist() == [0, 0, 0]


@settings(max_examples=40, deadline=None)
@given(polygons(places=[(0.0, 0.0), (103.0, 19.0), (25.0, 64.0), (10.0, 79.9)]), st.integers(0, 2**32 - 1))
def test_lengths_are_those_of_shapely_intersections(
    layer: tuple[np.ndarray, tuple[float, float], float], seed: int
) -> None:
    shapes, place, size = layer
    steps = np.random.default_rng(seed).normal(size=(40, 2)) * size / 5
    route = shapely.LineString(np.array(place) + np.cumsum(steps, axis=0))
    reserves = FeatureSet.from_geometries(shapes)
    _, feature, count, metres = crossings(reserves, features(route))
    inside = shapely.intersection(route, shapes)
    want = length_m(inside)
    got, entered = np.zeros(len(shapes)), np.zeros(len(shapes), dtype=int)
    got[feature], entered[feature] = metres, count
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-3)
    # A walk that crosses itself comes out of shapely in more pieces, never in fewer.
    pieces = shapely.get_num_geometries(shapely.line_merge(inside))
    assert (entered[want > 1] <= pieces[want > 1]).all()
    assert (entered[want > 1] > 0).all()
    union = length_m(np.array([shapely.intersection(route, shapely.union_all(shapes))], dtype=object))
    np.testing.assert_allclose(lengths_inside_m(reserves, features(route)), union, rtol=1e-6, atol=1e-3)
