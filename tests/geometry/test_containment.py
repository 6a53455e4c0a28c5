"""Points in features: the same answer as exact arithmetic on the float64 coordinates, everywhere on the globe."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from tests.geometry.random_shapes import polygons

from greensilk.geometry.containment import containing
from greensilk.geometry.features import FeatureSet


def oracle(shapes: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> set[tuple[int, int]]:
    points = shapely.points(lon, lat)
    return {(int(i), j) for j, shape in enumerate(shapes) for i in np.flatnonzero(shapely.intersects(shape, points))}


def found(features: FeatureSet, lon: np.ndarray, lat: np.ndarray) -> list[tuple[int, int]]:
    return list(zip(*(side.tolist() for side in containing(features, lon, lat)), strict=True))


def near_edges(shapes: np.ndarray, size_deg: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points among the shapes: anywhere, on vertices, on and a few micrometres to metres beside edges."""
    rng = np.random.default_rng(seed)
    vertices = shapely.get_coordinates(shapes)
    west, south, east, north = shapely.total_bounds(shapes)
    anywhere = np.column_stack([rng.uniform(west, east, 60), rng.uniform(south, north, 60)])
    k = rng.integers(0, len(vertices) - 1, 120)
    middle = vertices[k] + (vertices[k + 1] - vertices[k]) * rng.random((120, 1))
    beside = middle + rng.normal(size=(120, 2)) * 10.0 ** rng.uniform(-12, -4, (120, 1))
    points = np.concatenate([anywhere, vertices[rng.integers(0, len(vertices), 60)], middle, beside])
    return np.clip(points[:, 0], -180, 180), np.clip(points[:, 1], -89.999999, 89.999999)


@settings(max_examples=120, deadline=None)
@given(polygons())
def test_as_exact_arithmetic_says(drawn: tuple[np.ndarray, tuple[float, float], float]) -> None:
    shapes, _, size_deg = drawn
    lon, lat = near_edges(shapes, size_deg, 1)
    inner = np.abs(lon) < 180  # at ±180 both sides of the meridian count: tested below
    lon, lat = lon[inner], lat[inner]
    pairs = found(FeatureSet.from_geometries(shapes), lon, lat)
    assert pairs == sorted(pairs)
    assert set(pairs) == oracle(shapes, lon, lat)
    assert len(pairs) == len(set(pairs))


@settings(max_examples=20, deadline=None)
@given(polygons())
def test_the_order_of_points_does_not_matter(drawn: tuple[np.ndarray, tuple[float, float], float]) -> None:
    shapes, _, size_deg = drawn
    lon, lat = near_edges(shapes, size_deg, 2)
    features = FeatureSet.from_geometries(shapes)
    order = np.random.default_rng(5).permutation(len(lon))
    turned = {(int(order[i]), j) for i, j in found(features, lon[order], lat[order])}
    assert turned == set(found(features, lon, lat))


def test_lines_and_points_hold_what_lies_exactly_on_them() -> None:
    shapes = np.array(
        [shapely.LineString([(0, 0), (3, 1.5)]), shapely.Point(7, 7), shapely.box(2, 1, 4, 3)], dtype=object
    )
    lon, lat = np.array([1.0, 1.0, 7.0, 7.0, 2.0]), np.array([0.5, 0.5000000001, 7.0, 7.0000000001, 1.0])
    assert found(FeatureSet.from_geometries(shapes), lon, lat) == [(0, 0), (2, 1), (4, 0), (4, 2)]


def test_the_meridian_of_180_is_one() -> None:
    east, west = shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)
    features = FeatureSet.from_geometries(np.array([east, west, shapely.MultiPolygon([east, west])], dtype=object))
    assert found(features, np.array([180.0, -180.0]), np.array([0.5, 0.5])) == [
        (i, j) for i in (0, 1) for j in (0, 1, 2)
    ]
    assert found(features, np.array([179.5, -179.5]), np.array([0.5, 0.5])) == [(0, 0), (0, 2), (1, 1), (1, 2)]


def test_a_pole_is_one_place() -> None:
    cap, slice_ = shapely.box(-180, 80, 180, 90), shapely.box(10, 70, 20, 90)
    features = FeatureSet.from_geometries(np.array([cap, slice_, shapely.box(0, -10, 1, 89.9)], dtype=object))
    assert found(features, np.array([0.0, -77.0]), np.array([90.0, 90.0])) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert found(features, np.array([15.0]), np.array([-90.0])) == []


def test_no_features_hold_nothing() -> None:
    features = FeatureSet.from_geometries(np.array([None, shapely.Polygon()], dtype=object))
    assert found(features, np.array([0.0]), np.array([0.0])) == []
    one = FeatureSet.from_geometries(np.array([shapely.box(0, 0, 1, 1)], dtype=object))
    assert found(one, np.array([]), np.array([])) == []


def test_many_hits_grow_the_answer() -> None:
    shapes = np.array([shapely.box(-k, -k, k, k) for k in range(1, 60)], dtype=object)
    assert found(FeatureSet.from_geometries(shapes), np.array([0.0]), np.array([0.0])) == [(0, k) for k in range(59)]


def test_features_of_one_shape_are_all_named() -> None:
    box = FeatureSet.from_geometries(np.array([shapely.box(0, 0, 1, 1)], dtype=object))
    twice = FeatureSet(
        box.shapes, np.array([0, -1, 0]), ("a", "none", "b"), ("1", "2", "3"), np.full(3, np.nan), "polygon"
    )
    assert found(twice, np.array([0.5]), np.array([0.5])) == [(0, 0), (0, 2)]
    assert twice.feature.tolist() == [0, 2] and twice.first_feature.tolist() == [0]
