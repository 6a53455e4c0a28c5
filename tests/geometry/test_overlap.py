"""Overlaps that are deeper than a tolerance, and those that are not."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.geometry.random_shapes import polygons, rough_polygon
from tests.oracles import shapely_geometry

from greensilk.geometry.features import FeatureSet
from greensilk.geometry.geodesy import project
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


def test_a_seam_at_the_antimeridian_is_no_boundary() -> None:
    """A point on the meridian is deep in a reserve that was split there."""
    reserve = features(shapely.MultiPolygon([shapely.box(179, -1, 180, 1), shapely.box(-180, -1, -179, 1)]))
    for lon in (180.0, -180.0, 179.9999):
        site = features(shapely.Point(lon, 0))
        assert deeper(reserve, site, touching(reserve, site), np.array([500.0])).tolist() == [True]


def test_the_meridians_of_180_are_one_and_a_pole_is_one_place() -> None:
    east = features(shapely.box(179, -1, 180, 1), shapely.box(0, 80, 10, 90))
    west = features(shapely.box(-180, 0, -179, 3), shapely.Point(-180, -1), shapely.box(100, 85, 120, 90))
    assert list(zip(*(side.tolist() for side in touching(east, west)), strict=True)) == [(0, 0), (1, 0), (2, 1)]


@settings(max_examples=40, deadline=None)
@given(polygons(places=[(0.0, 0.0), (103.0, 19.0), (25.0, 64.0), (10.0, 79.9)]), st.integers(0, 2**32 - 1))
def test_touching_is_what_shapely_intersects(layer: tuple[np.ndarray, tuple[float, float], float], seed: int) -> None:
    """Points, routes, outlines, and things that share borders and vertices with the layer, to the last digit."""
    shapes, (lon, lat), size = layer
    rng = np.random.default_rng(seed)
    vertices = shapely.get_coordinates(shapes)
    some = vertices[rng.integers(0, len(vertices), 8)]
    route = np.array([lon, lat]) + np.cumsum(rng.normal(size=(30, 2)), axis=0) * size / 8
    sites = [
        *shapely.points(some),
        *shapely.points((some + vertices[rng.integers(0, len(vertices), 8)]) / 2),
        shapely.LineString(np.clip(route, -90, 90)),
        shapely.LineString(some),
        rough_polygon(seed, lon, lat, size / 3, 40),
        shapely.MultiPoint(some[:3] + 1e-9),
        shapely.box(*some.min(axis=0), *some.max(axis=0)),
        *shapely.get_parts(shapes[0]),
    ]
    footprints = np.array(sites, dtype=object)
    site, feature = touching(features(*shapes), features(*footprints))
    assert set(zip(site.tolist(), feature.tolist(), strict=True)) == shapely_geometry.touching(shapes, footprints)


@settings(max_examples=30, deadline=None)
@given(polygons(places=[(0.0, 0.0), (103.0, 19.0), (25.0, 64.0)], most=4), st.integers(0, 2**32 - 1))
def test_deeper_is_what_erosion_says(layer: tuple[np.ndarray, tuple[float, float], float], seed: int) -> None:
    shapes, (lon, lat), size = layer
    rng = np.random.default_rng(seed)
    sites = np.array(
        [
            *shapely.points(np.array([lon, lat]) + rng.normal(size=(6, 2)) * size),
            rough_polygon(seed, lon, lat, size / 4, 30),
        ],
        dtype=object,
    )
    reserves, footprints = features(*shapes), features(*sites)
    pairs = touching(reserves, footprints)
    tolerance = rng.uniform(0.001, 0.1) * size * 111_000
    found = deeper(reserves, footprints, pairs, np.full(len(pairs[0]), tolerance))
    for site, feature, is_deeper in zip(*pairs, found, strict=True):
        whole = np.array([sites[site], shapes[feature]], dtype=object)
        middle = shapely.get_coordinates(shapely.centroid(sites[site]))[0]
        a, b = project(shapely.segmentize(whole, 0.01), np.full(2, middle[0]), np.full(2, middle[1]))
        # Planes differ a little: the answer must be right for a tolerance a little more or a little less.
        by_erosion = [
            any(shapely.intersects(x, shapely.buffer(y, -tolerance * share)) for x, y in ((a, b), (b, a)))
            for share in (0.98, 1.02)
        ]
        assert is_deeper in by_erosion
