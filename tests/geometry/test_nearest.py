"""Nearest features against a brute-force oracle: every vertex of finely cut geometries by pyproj.Geod."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from tests.geometry.random_shapes import PLACES, rough_polygon
from tests.oracles import shapely_geometry

from greensilk.geometry.features import FeatureSet
from greensilk.geometry.frames import split_at_antimeridian
from greensilk.geometry.nearest import nearest, within
from greensilk.geometry.overlap import touching

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


def mixed(seed: int, lon: float, lat: float, size: float) -> np.ndarray:
    """Points, a route and rough outlines, scattered around a place over eight times their size."""
    rng = np.random.default_rng(seed)
    wide = 1 / max(np.cos(np.radians(lat)), 0.02)
    places = np.array([lon, lat]) + rng.normal(size=(5, 2)) * size * 4 * np.array([wide, 1])
    places[:, 1] = np.clip(places[:, 1], -89.9, 89.9)
    route = places[0] + np.cumsum(rng.normal(size=(12, 2)), axis=0) * size * 0.3
    shapes = [
        shapely.LineString(np.column_stack([route[:, 0], np.clip(route[:, 1], -90, 90)])),
        *shapely.points(places[1:3]),
        rough_polygon(seed, *places[3], size * 0.6, 60),
        rough_polygon(seed + 1, *places[4], size * 0.3, 20),
    ]
    return split_at_antimeridian(np.array(shapes, dtype=object))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(PLACES), st.sampled_from([0.001, 0.05, 0.3, 2.0]))
def test_any_shapes_are_as_far_as_shapely_in_many_planes_says(
    seed: int, place: tuple[float, float], size: float
) -> None:
    """The oracle's own edges are cut at 0.03°: within 0.2 m of straight at 85°."""
    layer, sites = mixed(seed, *place, size), mixed(seed + 5, *place, size)
    reserves, footprints = FeatureSet.from_geometries(layer), FeatureSet.from_geometries(sites)
    found, want = nearest(reserves, footprints), shapely_geometry.nearest(layer, sites)
    touched = np.unique(touching(reserves, footprints)[0])
    assert np.flatnonzero(found.distance_m == 0).tolist() == touched.tolist()
    apart = np.setdiff1d(np.arange(len(sites)), touched)
    np.testing.assert_allclose(found.distance_m[apart], want.distance_m[apart], rtol=2e-6, atol=0.3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(PLACES), st.sampled_from([0.05, 0.3, 2.0]))
def test_neither_order_nor_company_changes_anything(seed: int, place: tuple[float, float], size: float) -> None:
    """Bit for bit: features in another order, each footprint alone, duplicates of features behind the first."""
    layer, sites = mixed(seed, *place, size), mixed(seed + 5, *place, size)
    footprints = FeatureSet.from_geometries(sites)
    found = nearest(FeatureSet.from_geometries(layer), footprints)
    order = np.random.default_rng(seed).permutation(len(layer))
    again = nearest(FeatureSet.from_geometries(np.concatenate([layer[order], layer])), footprints)
    np.testing.assert_array_equal(again.distance_m, found.distance_m)
    far = found.distance_m > 0
    assert order[again.feature[far]].tolist() == found.feature[far].tolist()
    for i in range(len(sites)):
        alone = nearest(FeatureSet.from_geometries(layer), FeatureSet.from_geometries(sites[i : i + 1]))
        np.testing.assert_array_equal(alone.distance_m, found.distance_m[i : i + 1])
        assert alone.feature.tolist() == found.feature[i : i + 1].tolist()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(PLACES), st.sampled_from([0.05, 0.3, 2.0]))
def test_within_a_radius_is_each_feature_at_its_own_distance(
    seed: int, place: tuple[float, float], size: float
) -> None:
    layer, sites = mixed(seed, *place, size), mixed(seed + 5, *place, size)
    footprints = FeatureSet.from_geometries(sites)
    away = np.column_stack(
        [nearest(FeatureSet.from_geometries(layer[k : k + 1]), footprints).distance_m for k in range(len(layer))]
    )
    radius = float(np.median(away)) + 1e-3
    footprint, feature, metres = within(FeatureSet.from_geometries(layer), footprints, radius)
    want = np.argwhere(away <= radius).tolist()
    assert np.column_stack([footprint, feature]).tolist() == want
    np.testing.assert_allclose(metres, away[footprint, feature], rtol=1e-6, atol=0.05)


def test_a_border_that_two_features_share_is_the_first_ones() -> None:
    left, right = shapely.Polygon([(0, 0), (1, 0.3), (1, 1), (0, 1)]), shapely.Polygon([(0, 0), (0.5, -1), (1, 0.3)])
    hole = shapely.Polygon([(0.2, 0.5), (0.8, 0.5), (0.5, 0.8)])
    outer, inner = shapely.difference(left, hole), hole
    site = points((0.5, 0.45), (0.4, 0.55))
    for layer in ([outer, inner, right], [inner, outer, right]):
        found = nearest(FeatureSet.from_geometries(np.array(layer, dtype=object)), site)
        assert found.distance_m.tolist() == [0, 0]
    edge = points((0.5, -0.2))
    assert nearest(FeatureSet.from_geometries(np.array([left, right], dtype=object)), edge).feature[0] == 1


def test_duplicates_name_the_first() -> None:
    shape = shapely.box(10, 10, 11, 11)
    layer = FeatureSet.from_geometries(np.array([shapely.box(50, 50, 51, 51), shape, shape], dtype=object))
    assert nearest(layer, points((10.5, 10.5), (12.0, 10.5))).feature.tolist() == [1, 1]
    assert within(layer, points((12.0, 10.5)), 200_000)[1].tolist() == [1, 2]


def test_a_long_edge_bends_towards_the_pole_as_a_straight_line_in_lon_lat_does() -> None:
    edge = shapely.LineString([(0, 60), (40, 60)])
    found = nearest(FeatureSet.from_geometries(np.array([edge], dtype=object)), points((20.0, 60.2)))
    assert found.distance_m[0] == pytest.approx(GEOD.inv(20, 60.2, 20, 60)[2], abs=0.05)


def between_edges_m(mine: np.ndarray, theirs: np.ndarray) -> float:
    """Distance between two edges, (2, 2) lon, lat of their ends, by a grid over both drawn together round its best."""
    low, high, best = np.zeros(2), np.ones(2), np.inf
    for _ in range(9):
        s, t = (grid.ravel() for grid in np.meshgrid(*np.linspace(low, high, 33).T))
        here, there = mine[0] + np.outer(s, mine[1] - mine[0]), theirs[0] + np.outer(t, theirs[1] - theirs[0])
        away = GEOD.inv(*here.T, *there.T)[2]
        place, reach = np.array([s[away.argmin()], t[away.argmin()]]), 0.15 * (high - low)
        low, high, best = np.clip(place - reach, 0, 1), np.clip(place + reach, 0, 1), min(best, away.min())
    return float(best)


def test_long_edges_far_from_each_other_are_right_to_a_ten_millionth() -> None:
    """Meridians, parallels and anything between, of up to a third of the way round the earth."""
    rng = np.random.default_rng(7)
    ends = rng.uniform((-180, -85), (180, 85), (40, 2, 2))
    ends[::4, 1, 0], ends[1::4, 1, 1] = ends[::4, 0, 0], ends[1::4, 0, 1]
    ends[:, 1, 0] = np.clip(ends[:, 1, 0], ends[:, 0, 0] - 120, ends[:, 0, 0] + 120)
    seen = 0
    for mine, theirs in zip(ends[::2], ends[1::2], strict=True):
        want = between_edges_m(mine, theirs)
        found = nearest(lines(list(map(tuple, theirs))), lines(list(map(tuple, mine)))).distance_m[0]
        if found > 0:
            assert found == pytest.approx(want, rel=1e-7)
            seen += 1
    assert seen > 10


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ([(90.13, -37.53), (90.13, -39.65)], [(20, 0), (20, 20)]),
        ([(-130, -34), (118, -34)], [(0, 0), (20, 0)]),  # for most of their way equally far
        ([(0, 80), (40, 80)], [(0, 60), (40, 60)]),  # all the way equally far
        ([(0, -1), (0, 1)], [(178, -1), (178, 2)]),  # all but on the other side of the earth
    ],
)
def test_edges_nearly_as_far_along_all_their_way(
    mine: list[tuple[float, float]], theirs: list[tuple[float, float]]
) -> None:
    found = nearest(lines(theirs), lines(mine)).distance_m[0]
    assert found == pytest.approx(between_edges_m(np.array(mine), np.array(theirs)), rel=1e-7)


def test_the_far_side_of_the_earth() -> None:
    site, port = (20.0, 10.0), (-160.3, -9.8)
    assert nearest(points(port), points(site)).distance_m[0] == pytest.approx(GEOD.inv(*site, *port)[2], abs=0.01)
