"""Overlaps and their areas against shapely on a local equal-area projection."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from greensilk.geometry.features import FeatureSet
from greensilk.geometry.overlap import area_inside_m2, deeper, touching
from greensilk.geometry.rings import widened


def features(*shapes: shapely.Geometry) -> FeatureSet:
    return FeatureSet.from_geometries(np.array(shapes, dtype=object))


def equal_area(shape: shapely.Geometry, lon: float, lat: float) -> shapely.Geometry:
    to = Transformer.from_crs("EPSG:4326", f"+proj=laea +lon_0={lon} +lat_0={lat} +ellps=WGS84", always_xy=True)
    return shapely.transform(
        shapely.segmentize(shape, 0.002), lambda c: np.column_stack(to.transform(c[:, 0], c[:, 1]))
    )


def blob(rng: np.random.Generator, lon: float, lat: float, size: float) -> shapely.Geometry:
    angle = np.sort(rng.uniform(0, 2 * np.pi, 12))
    radius = rng.uniform(0.3, 1, 12) * size
    ring = np.column_stack([lon + radius * np.cos(angle) / np.cos(np.radians(lat)), lat + radius * np.sin(angle)])
    return shapely.convex_hull(shapely.multipoints(ring))


def metres_east(metres: float) -> float:
    return metres / 111_319.49


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from([(20.0, 0.0), (20.0, 50.0), (20.0, 80.0)]))
def test_union_area_agrees_with_an_equal_area_projection(seed: int, centre: tuple[float, float]) -> None:
    rng = np.random.default_rng(seed)
    lon, lat = centre
    reserves = [blob(rng, lon + rng.uniform(-0.2, 0.2), lat + rng.uniform(-0.2, 0.2), 0.3) for _ in range(4)]
    site = blob(rng, lon, lat, 0.25)
    found = area_inside_m2(features(*reserves), np.array([site], dtype=object))[0]
    flat = [equal_area(shape, lon, lat) for shape in (site, shapely.union_all(reserves))]
    assert found == pytest.approx(flat[0].intersection(flat[1]).area, rel=1e-5, abs=10)


def test_overlapping_features_count_once_and_neighbours_add() -> None:
    site = np.array([shapely.box(0, 0, 1, 1)], dtype=object)
    twice = area_inside_m2(features(shapely.box(0, 0, 0.5, 1), shapely.box(0, 0, 0.5, 1)), site)
    once = area_inside_m2(features(shapely.box(0, 0, 0.5, 1)), site)
    halves = area_inside_m2(features(shapely.box(0, 0, 0.25, 1), shapely.box(0.25, 0, 0.5, 1)), site)
    assert twice == pytest.approx(once, rel=1e-9)
    assert halves == pytest.approx(once, rel=1e-9)


def test_area_in_a_zone_over_the_antimeridian() -> None:
    east = features(shapely.box(-180, -17, -179, -16))
    here = features(shapely.box(10, -17, 11, -16))
    zone = widened(FeatureSet.from_points(np.array([179.9]), np.array([-16.5])), 50_000)
    same = widened(FeatureSet.from_points(np.array([9.9]), np.array([-16.5])), 50_000)
    assert area_inside_m2(east, zone)[0] == pytest.approx(area_inside_m2(here, same)[0], rel=1e-6)
    assert area_inside_m2(east, zone)[0] > 1e9


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
