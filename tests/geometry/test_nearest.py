"""Nearest features against a brute-force oracle: every vertex of finely cut geometries by pyproj.Geod."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from greensilk.geometry.features import FeatureSet
from greensilk.geometry.nearest import nearest

GEOD = Geod(ellps="WGS84")


def points(*lon_lat: tuple[float, float]) -> FeatureSet:
    return FeatureSet.from_geometries(np.array([shapely.Point(p) for p in lon_lat], dtype=object))


def lines(*coords: list[tuple[float, float]]) -> FeatureSet:
    return FeatureSet.from_geometries(np.array([shapely.LineString(c) for c in coords], dtype=object))


def brute_force_m(site: shapely.Geometry, geometry: shapely.Geometry, step_deg: float = 0.0005) -> float:
    """Distance between finely cut geometries, vertex to vertex: above the truth by less than step²/8d."""
    ends = shapely.get_coordinates(shapely.segmentize(geometry, step_deg))
    best = np.inf
    for lon, lat in shapely.get_coordinates(shapely.segmentize(site, step_deg)):
        best = min(best, GEOD.inv(np.full(len(ends), lon), np.full(len(ends), lat), *ends.T)[2].min())
    return float(best)


@pytest.mark.parametrize(
    ("site", "line"),
    [
        ((10.0, 50.0), [(10.6, 49.8), (10.7, 50.4)]),
        ((179.9, -16.5), [(-179.6, -17.0), (-179.5, -16.0)]),
        ((-179.9, 65.0), [(179.2, 64.5), (179.3, 65.5)]),
        ((15.0, 80.0), [(17.4, 79.8), (17.6, 80.3)]),
        ((-150.0, 0.0), [(-149.7, -0.2), (-149.5, 0.4)]),
        ((100.0, 84.0), [(103.0, 83.8), (104.5, 84.4)]),
        ((12.0, 60.0), [(10.0, 60.4), (15.0, 60.4)]),
    ],
    ids=["mid", "antimeridian", "antimeridian-west", "80N", "ocean", "84N", "long-edge-60N"],
)
def test_a_line_at_50_km_is_right_within_half_a_metre(
    site: tuple[float, float], line: list[tuple[float, float]]
) -> None:
    found = nearest(lines(line), points(site))
    want = brute_force_m(shapely.Point(site), shapely.LineString(line), 0.0001)
    assert found.distance_m[0] == pytest.approx(want, abs=0.5)
    assert found.feature[0] == 0
    assert GEOD.inv(*site, found.lon[0], found.lat[0])[2] == pytest.approx(found.distance_m[0], abs=0.01)


def test_mid_ocean_finds_a_point_thousands_of_kilometres_away() -> None:
    ports = points((-70.0, -30.0), (-149.5, -17.5), (166.0, -22.0), (10.0, 70.0))
    found = nearest(ports, points((-120.0, -35.0), (-179.0, 0.0)))
    want = [
        min(GEOD.inv(lon, lat, *end)[2] for end in [(-70.0, -30.0), (-149.5, -17.5), (166.0, -22.0)])
        for lon, lat in [(-120.0, -35.0), (-179.0, 0.0)]
    ]
    assert found.distance_m == pytest.approx(want, abs=0.01)


def test_degrees_would_choose_the_wrong_one_at_80_north() -> None:
    """3° of longitude at 80°N are 58 km, 1° of latitude 112 km."""
    found = nearest(points((23.0, 80.0), (20.0, 81.0)), points((20.0, 80.0)))
    assert found.feature[0] == 0
    assert found.distance_m[0] == pytest.approx(GEOD.inv(20, 80, 23, 80)[2], abs=0.01)


def test_across_the_pole() -> None:
    found = nearest(points((170.0, 88.0), (-10.0, 80.0)), points((-10.0, 88.0)))
    assert found.feature[0] == 0
    assert found.distance_m[0] == pytest.approx(GEOD.inv(-10, 88, 170, 88)[2], abs=0.01)


def test_inside_and_crossing_are_zero() -> None:
    square = FeatureSet.from_geometries(np.array([shapely.box(10, 10, 12, 12)], dtype=object))
    sites = FeatureSet.from_geometries(
        np.array(
            [shapely.Point(11, 11), shapely.LineString([(9, 11), (13, 11.5)]), shapely.box(9, 9, 14, 14)], dtype=object
        )
    )
    assert nearest(square, sites).distance_m.tolist() == [0, 0, 0]


def test_a_hole_is_outside() -> None:
    ring = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 3, 3))
    found = nearest(FeatureSet.from_geometries(np.array([ring], dtype=object)), points((1.5, 2.0)))
    assert found.distance_m[0] == pytest.approx(brute_force_m(shapely.Point(1.5, 2), ring, 0.0005), abs=0.5)


def test_a_long_route_is_measured_from_its_nearest_end() -> None:
    route = lines([(0.0, 45.0), (8.0, 46.0)])
    found = nearest(points((8.3, 46.1), (-3.0, 45.0)), route)
    want = brute_force_m(shapely.Point(8.3, 46.1), shapely.LineString([(7.5, 45.9375), (8.0, 46.0)]), 0.001)
    assert found.feature[0] == 0
    assert found.distance_m[0] == pytest.approx(want, abs=0.5)


def test_nothing_within_the_cutoff_or_in_the_layer_is_not_found() -> None:
    far = nearest(points((0.0, 0.0)), points((50.0, 50.0)), cutoff_m=1_000_000)
    none = nearest(points(), points((50.0, 50.0)))
    for found in (far, none):
        assert found.feature[0] == -1
        assert np.isnan(found.distance_m[0])


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**31),
    st.sampled_from([(0.0, 0.0), (179.0, -17.0), (-180.0, 66.0), (20.0, 80.0), (100.0, 35.0), (0.0, -86.0)]),
)
def test_random_layers_agree_with_brute_force(seed: int, centre: tuple[float, float]) -> None:
    rng = np.random.default_rng(seed)
    spread = np.array([1.5 / np.cos(np.radians(centre[1])), 1.5])

    def wrap(xy: np.ndarray) -> np.ndarray:
        return np.column_stack([(xy[:, 0] + 180) % 360 - 180, np.clip(xy[:, 1], -89.9, 89.9)])

    ends = wrap(np.asarray(centre) + rng.uniform(-1, 1, (40, 2)) * spread)
    sites = wrap(np.asarray(centre) + rng.uniform(-1.5, 1.5, (12, 2)) * spread)
    found = nearest(points(*map(tuple, ends)), points(*map(tuple, sites)))
    for (lon, lat), away in zip(sites, found.distance_m, strict=True):
        want = GEOD.inv(np.full(40, lon), np.full(40, lat), ends[:, 0], ends[:, 1])[2].min()
        assert away == pytest.approx(want, abs=0.01)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from([20.0, 60.0, 80.0]))
def test_moving_everything_over_the_antimeridian_changes_nothing(seed: int, lat: float) -> None:
    rng = np.random.default_rng(seed)
    sites, ends = rng.uniform(-1, 1, (6, 2)), rng.uniform(-1, 1, (9, 2))

    def at(lon: float, xy: np.ndarray) -> FeatureSet:
        return points(*[((x + lon + 180) % 360 - 180, lat + y) for x, y in xy])

    here, there = nearest(at(10, ends), at(10, sites)), nearest(at(180, ends), at(180, sites))
    assert there.distance_m == pytest.approx(here.distance_m, abs=0.001)
    assert there.feature.tolist() == here.feature.tolist()
