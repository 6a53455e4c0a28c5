"""Areas in geodesic disks, against shapely in an equal-area plane, and what must hold of any areas."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.geometry.random_shapes import polygons
from tests.oracles.shapely_areas import Site

from greensilk.geometry.disks import areas_in_disks, union_areas_in_disks
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.frames import split_at_antimeridian
from greensilk.geometry.geodesy import area_m2

RADII = [1_000.0, 10_000.0, 50_000.0]
DISKS = np.pi * np.array(RADII) ** 2
OFF_M = 0.06  # vertices are of whole centimetres, edges and the oracle's circle bend by up to 5 cm from their chords


def features(*shapes: shapely.Geometry) -> FeatureSet:
    return FeatureSet.from_geometries(split_at_antimeridian(np.array(shapes, dtype=object)))


def table(layer: FeatureSet, lon: float, lat: float, radii: list[float] = RADII) -> np.ndarray:
    """(features, radii) areas about one site."""
    areas = np.zeros((len(layer), len(radii)))
    _, feature, found = areas_in_disks(layer, np.array([lon]), np.array([lat]), radii)
    areas[feature] = found
    return areas


def site_near(shapes: np.ndarray, place: tuple[float, float], size_deg: float, seed: int) -> tuple[float, float]:
    """A site among the shapes, some of them right on a vertex."""
    rng = np.random.default_rng(seed)
    if seed % 3 == 0:
        lon, lat = rng.choice(shapely.get_coordinates(shapes))
    else:
        lon, lat = np.array(place) + size_deg * rng.normal(size=2)
    return (float(lon) + 180) % 360 - 180, float(np.clip(lat, -90, 90))


@settings(max_examples=60, deadline=None)
@given(polygons(), st.integers(0, 2**31))
def test_each_area_agrees_with_an_equal_area_plane(
    drawn: tuple[np.ndarray, tuple[float, float], float], seed: int
) -> None:
    shapes, place, size_deg = drawn
    site = site_near(shapes, place, size_deg, seed)
    wanted, outline_m = Site(*site).in_disks(shapes, RADII)
    areas = table(features(*shapes), *site)
    assert (np.abs(areas - wanted) <= 1e-6 * wanted + OFF_M * outline_m + 0.1).all()


@settings(max_examples=40, deadline=None)
@given(polygons(), st.integers(0, 2**31))
def test_the_union_agrees_with_shapely_and_with_its_features(
    drawn: tuple[np.ndarray, tuple[float, float], float], seed: int
) -> None:
    shapes, place, size_deg = drawn
    site = site_near(shapes, place, size_deg, seed)
    layer = features(*shapes)
    areas = table(layer, *site)
    union = union_areas_in_disks(layer, np.array([site[0]]), np.array([site[1]]), RADII)[0]
    wanted, outline_m = Site(*site).union_in_disks(shapes, RADII)
    slack = 1e-6 * DISKS + OFF_M * outline_m + 0.1
    assert (np.abs(union - wanted) <= slack).all()
    assert (union <= areas.sum(axis=0) + slack).all()
    assert (union >= areas.max(axis=0) - slack).all()
    assert (union <= DISKS * 1.000001).all()
    assert (np.diff(union) >= -0.1).all()
    assert (np.diff(areas, axis=1) >= -0.1).all()


@settings(max_examples=20, deadline=None)
@given(polygons(), st.randoms(use_true_random=False))
def test_neither_the_order_of_features_nor_copies_nor_the_batch_change_a_bit(
    drawn: tuple[np.ndarray, tuple[float, float], float], random: object
) -> None:
    shapes, (lon, lat), size_deg = drawn
    order = list(range(len(shapes)))
    random.shuffle(order)  # type: ignore[attr-defined]
    lons = np.clip(lon + size_deg * np.array([0.0, 0.3, -0.4]), -180, 180)
    lats = np.clip(lat + size_deg * np.array([0.0, 0.4, -0.1]), -90, 90)
    here = union_areas_in_disks(features(*shapes), lons, lats, RADII)
    assert (union_areas_in_disks(features(*shapes[order]), lons, lats, RADII) == here).all()
    copied = union_areas_in_disks(features(*shapes, *shapes[order][:2]), lons, lats, RADII)
    assert copied == pytest.approx(here, rel=1e-6, abs=0.1)
    alone = [union_areas_in_disks(features(*shapes), lons[i : i + 1], lats[i : i + 1], RADII)[0] for i in range(3)]
    assert (np.array(alone) == here).all()


@pytest.mark.parametrize("lat", [0.0, 52.0, 79.0, -86.0, 90.0])
def test_a_disk_wholly_covered_is_the_disk_on_the_ellipsoid(lat: float) -> None:
    world = features(shapely.box(-180, -90, 180, 90))
    centre = Site(20.0, lat)
    wanted = [centre.disk(radius).area for radius in (*RADII, 100_000.0)]
    assert table(world, 20.0, lat, [*RADII, 100_000.0])[0] == pytest.approx(wanted, rel=2e-6)


def test_a_small_feature_wholly_inside_is_its_own_area_and_one_outside_is_not_there() -> None:
    inside, outside = shapely.Point(10, 50).buffer(0.02), shapely.Point(12, 50).buffer(0.02)
    layer = features(outside, inside)
    point, feature, area = areas_in_disks(layer, np.array([0.0, 10.0]), np.array([0.0, 50.0]), RADII)
    assert (point.tolist(), feature.tolist()) == ([1], [1])
    assert area[0, 1:] == pytest.approx(area_m2(np.array([inside], dtype=object))[0], rel=1e-6)
    assert area[0, 0] == pytest.approx(DISKS[0], rel=1e-6)


def test_a_tessellation_is_the_sum_of_its_cells_and_leaves_no_gap() -> None:
    lines = np.linspace(-0.3, 0.3, 7)
    cells = [shapely.box(9 + w, 45 + s, 9.1 + w, 45.1 + s) for w in lines[:-1] for s in lines[:-1]]
    layer, whole = features(*cells), features(shapely.box(8.7, 44.7, 9.3, 45.3))
    here = np.array([9.02]), np.array([45.01])
    union = union_areas_in_disks(layer, *here, RADII)[0]
    assert union == pytest.approx(table(layer, 9.02, 45.01).sum(axis=0), rel=1e-6)
    assert union == pytest.approx(union_areas_in_disks(whole, *here, RADII)[0], rel=1e-6)


def test_one_inside_another_counts_once_even_over_its_hole() -> None:
    ring = shapely.box(0, 0, 1, 1).difference(shapely.box(0.4, 0.4, 0.6, 0.6))
    here = np.array([0.5]), np.array([0.5])
    full = union_areas_in_disks(features(shapely.box(0, 0, 1, 1)), *here, RADII)
    plugged = features(ring, shapely.box(0.3, 0.3, 0.7, 0.7), shapely.box(0.1, 0.1, 0.2, 0.2))
    assert union_areas_in_disks(plugged, *here, RADII) == pytest.approx(full, rel=1e-6)
    assert union_areas_in_disks(features(ring), *here, RADII)[0, 0] == 0


def test_parts_that_only_meet_in_a_pole_do_not_cover_each_other() -> None:
    wedges = [shapely.Polygon([(lon, -90), (lon, -80), (lon + 20, -80), (lon + 20, -90)]) for lon in (-170, -20, 60)]
    layer, here = features(*wedges), (np.array([10.0]), np.array([-90.0]))
    union = union_areas_in_disks(layer, *here, RADII)[0]
    assert union == pytest.approx(table(layer, 10.0, -90.0).sum(axis=0), rel=1e-9)
    assert union == pytest.approx(DISKS / 6, rel=1e-4)


def test_both_sides_of_the_antimeridian_are_one_place() -> None:
    moved = [shapely.Point(lon, -16.5).buffer(0.3) for lon in (10.0, 180.0)]
    areas = [table(features(shape), lon, -16.45) for shape, lon in zip(moved, (10.1, -179.9), strict=True)]
    assert areas[0] == pytest.approx(areas[1], rel=1e-5)
    assert table(features(moved[1]), 180.0, -16.5) == pytest.approx(table(features(moved[1]), -180.0, -16.5), rel=1e-6)


def test_points_lines_and_no_features_have_no_area() -> None:
    here = np.array([0.0]), np.array([0.0])
    layer = features(shapely.Point(0, 0), shapely.LineString([(-1, 0), (1, 0)]))
    assert len(areas_in_disks(layer, *here, RADII)[0]) == 0
    assert union_areas_in_disks(layer, *here, RADII).tolist() == [[0, 0, 0]]
    assert union_areas_in_disks(features(), *here, RADII).tolist() == [[0, 0, 0]]
    assert union_areas_in_disks(layer, np.empty(0), np.empty(0), RADII).shape == (0, 3)


@pytest.mark.parametrize("radii", [[], [0.0, 1.0], [5.0, 5.0], [10.0, 5.0], [100_001.0], [np.nan]])
def test_radii_that_cannot_be_are_refused(radii: list[float]) -> None:
    with pytest.raises(ValueError, match="100000"):
        areas_in_disks(features(), np.array([0.0]), np.array([0.0]), radii)
