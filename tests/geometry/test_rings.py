"""Zones around footprints against circles and pyproj.Geod."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from tests.geometry.random_shapes import rough_polygon

from greensilk.geometry.features import FeatureSet
from greensilk.geometry.geodesy import area_m2, length_m, project
from greensilk.geometry.kernel.dents import without_dents
from greensilk.geometry.rings import widened, zones

GEOD = Geod(ellps="WGS84")


def features(*shapes: shapely.Geometry) -> FeatureSet:
    return FeatureSet.from_geometries(np.array(shapes, dtype=object))


@pytest.mark.parametrize("radius_m", [1_000, 10_000, 50_000])
@pytest.mark.parametrize("lat", [0.0, 35.0, 60.0, 80.0, -85.0])
def test_the_area_of_a_circle_is_right(lat: float, radius_m: float) -> None:
    zone = widened(features(shapely.Point(20, lat)), radius_m)
    assert area_m2(zone)[0] == pytest.approx(np.pi * radius_m**2, rel=2e-4)


@pytest.mark.parametrize("lon", [12.0, 179.9, -180.0])
def test_the_edge_is_at_the_radius_in_every_direction(lon: float) -> None:
    zone = widened(features(shapely.Point(lon, 80)), 50_000)[0]
    ends = shapely.get_coordinates(zone)
    away = GEOD.inv(np.full(len(ends), lon), np.full(len(ends), 80.0), *ends.T)[2]
    assert np.abs(away - 50_000).max() < 50_000 * 1e-4
    assert np.ptp(ends[:, 0]) < 10  # one frame, not round the globe


def test_a_long_route_has_a_zone_as_long_and_as_wide_as_it_should_be() -> None:
    """A meridian of 6 degrees (several planes): a strip of 2 r and two half circles."""
    route = shapely.LineString([(30, 40), (30, 46)])
    length = GEOD.inv(30, 40, 30, 46)[2]
    zone = widened(features(route), 10_000)
    assert shapely.is_valid(zone[0])
    want = 2 * 10_000 * length + np.pi * 10_000**2
    assert area_m2(zone)[0] == pytest.approx(want, rel=1e-3)


def test_points_of_a_wide_zone_are_within_the_radius_of_the_route() -> None:
    route = shapely.LineString([(0, 60), (7, 62)])
    zone = widened(features(route), 20_000)[0]
    fine = shapely.get_coordinates(shapely.segmentize(route, 0.002))
    for lon, lat in shapely.get_coordinates(zone)[::40]:
        away = GEOD.inv(np.full(len(fine), lon), np.full(len(fine), lat), *fine.T)[2].min()
        assert away == pytest.approx(20_000, rel=2e-3)


@pytest.mark.parametrize(
    "route",
    [
        [(98, 89.5), (179.9, 89.5), (150, 89.2)],
        [(-110, 89.5), (110, 89.5)],  # all but round the pole
        [(0, 88), (0, 89.5), (178, 89)],
    ],
)
@pytest.mark.parametrize("radius_m", [1_000, 10_000, 50_000])
def test_a_route_round_a_pole_has_the_zone_that_it_has_in_a_plane_about_the_pole(
    route: list[tuple[float, float]], radius_m: float
) -> None:
    zone = widened(features(shapely.LineString(route)), radius_m)[0]
    fine = np.array([shapely.segmentize(shapely.LineString(route), 0.05)], dtype=object)
    want = shapely.buffer(project(fine, np.zeros(1), np.full(1, 90.0)), radius_m, quad_segs=64)[0]
    assert shapely.is_valid(zone)
    assert area_m2(np.array([zone], dtype=object))[0] == pytest.approx(want.area, rel=2e-3)


def test_a_zone_over_a_pole_does_not_hinder_the_nearer_ones() -> None:
    """In several planes: the outermost goes over the pole, and could not be joined."""
    found = zones(features(shapely.LineString([(0, 1), (0, 89.5), (178.8, 89)])), [1_000, 50_000, 60_000])
    assert shapely.is_valid(found[0][0])
    assert found[1][0] is not None
    assert found[2][0] is None


def test_a_route_from_a_pole_is_widened_in_small_planes_everywhere() -> None:
    """However narrow a degree of longitude is at its end."""
    route = np.array([shapely.LineString([(0, 20), (60, 20), (60, 89.7)])], dtype=object)
    zone = widened(features(*route), 10_000)
    want = 2 * 10_000 * length_m(route)[0] + np.pi * 10_000**2
    assert area_m2(zone)[0] == pytest.approx(want, rel=1e-3)


def test_over_a_pole_there_is_no_zone() -> None:
    found = zones(features(shapely.Point(0, 89.7), shapely.Point(0, 89.0), shapely.Point(0, -89.95)), [1_000, 50_000])
    assert [zone is None for zone in found[0]] == [False, False, False]
    assert [zone is None for zone in found[1]] == [True, False, True]


def test_each_footprint_may_have_its_own_radius() -> None:
    shapes = features(shapely.Point(0, 0), shapely.Point(9, 0))
    area = area_m2(widened(shapes, np.array([1_000.0, 2_000.0])))
    assert area[1] / area[0] == pytest.approx(4, rel=1e-3)


def test_a_feature_without_geometry_has_no_zone() -> None:
    assert widened(features(shapely.Point(0, 0), None), 1_000)[1] is None


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from([0.0, 50.0, 79.0]))
@example(134782, 0.0)  # wholly beyond the antimeridian
def test_zones_are_nested_and_hold_the_footprint(seed: int, lat: float) -> None:
    rng = np.random.default_rng(seed)
    shape = shapely.convex_hull(shapely.multipoints(rng.uniform((179.8, lat), (180.2, lat + 0.4), (8, 2))))
    inner, outer = zones(features(shapely.MultiPolygon(_split(shape))), [1_000, 10_000])
    if shape.bounds[0] >= 180:  # wholly beyond the antimeridian, its frame is the one there
        shape = shapely.transform(shape, lambda xy: xy - (360, 0))
    assert shapely.area(shapely.difference(shape, inner[0])) < 1e-9
    assert shapely.area(shapely.difference(inner[0], outer[0])) < 1e-9


def _split(shape: shapely.Geometry) -> list[shapely.Geometry]:
    west = shapely.intersection(shape, shapely.box(0, -90, 180, 90))
    east = shapely.affinity.translate(shapely.intersection(shape, shapely.box(180, -90, 360, 90)), -360)
    return [part for part in (west, east) if part.geom_type == "Polygon" and not part.is_empty]


@settings(max_examples=40, deadline=None)
@example(3070, 0.2, 50_000.0)  # 57 km long and 2 m wide: made plainer, it crosses itself
@given(st.integers(0, 2**31), st.sampled_from([0.002, 0.02, 0.2]), st.sampled_from([1_000.0, 10_000.0, 50_000.0]))
def test_dents_and_holes_that_widening_closes_do_not_show(seed: int, size_deg: float, radius_m: float) -> None:
    """Rough outlines, plainer before they are widened, against a widening of all their points in one plane."""
    shape = rough_polygon(seed, 103.0, 19.0, size_deg, 80)
    zone = widened(features(shape), radius_m)[0]
    centre = np.array([shape.centroid.x]), np.array([shape.centroid.y])
    fine = shapely.segmentize(shape, 0.01)
    whole, plain = project(np.array([fine, zone], dtype=object), np.repeat(centre[0], 2), np.repeat(centre[1], 2))
    exact = shapely.union_all(shapely.buffer(shapely.get_parts(whole), radius_m, quad_segs=64))
    apart = shapely.area(shapely.symmetric_difference(exact, plain))
    assert apart <= 2e-3 * shapely.area(exact)
    assert shapely.area(plain) == pytest.approx(shapely.area(exact), rel=5e-4)


def test_a_dent_is_filled_only_where_it_is_narrow() -> None:
    narrow = [(0, 0), (100, 0), (100, 100), (55, 100), (50, 10), (45, 100), (0, 100), (0, 0)]
    x, y = np.array(narrow, dtype=float).T
    for chord, left in ((5.0, 8), (12.0, 7), (1e9, 5)):
        kept_x, kept_y, start = without_dents(x, y, np.array([0, len(x)]), np.array([chord]))
        ring = shapely.Polygon(np.column_stack([kept_x, kept_y]))
        assert start.tolist() == [0, left]
        assert ring.is_valid and (kept_x[0], kept_y[0]) == (kept_x[-1], kept_y[-1])
