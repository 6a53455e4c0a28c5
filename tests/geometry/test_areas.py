"""Areas in polygon zones, against shapely's overlays on a grid."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.geometry.random_shapes import polygons, rough_polygon
from tests.oracles import shapely_areas

from greensilk.geometry.areas import area_inside_m2, areas_inside
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.geodesy import area_m2
from greensilk.geometry.outlines import POLYGON
from greensilk.geometry.rings import widened
from greensilk.geometry.union import dissolved


def features(*shapes: shapely.Geometry) -> FeatureSet:
    return FeatureSet.from_geometries(np.array(shapes, dtype=object))


def objects(*shapes: shapely.Geometry | None) -> np.ndarray:
    return np.array([*shapes, None], dtype=object)[:-1]


def on_grid(shapes: np.ndarray, step: float) -> list[shapely.Geometry]:
    """The polygons with coarse coordinates, so that vertices and edges of many fall together."""
    coarse = (shapely_areas.polygons_of(shape) for shape in shapely.set_precision(shapes, step))
    return [shape for shape in coarse if not shape.is_empty]


@settings(max_examples=60, deadline=None)
@given(polygons(), st.booleans())
def test_areas_in_a_zone_agree_with_shapely(drawn: tuple[np.ndarray, tuple[float, float], float], coarse: bool) -> None:
    shapes, _, size_deg = drawn
    if coarse:
        shapes = np.array([*on_grid(shapes, max(size_deg / 8, 1e-3)), shapely.box(0, 0, 1, 1)], dtype=object)
    *others, zone = [shapely_areas.polygons_of(shape) for shape in shapes]
    layer, zones = features(*others), objects(zone)
    areas = np.zeros(len(others))
    _, feature, found = areas_inside(layer, zones)
    areas[feature] = found
    wanted = [shapely_areas.area_inside_m2(objects(other), zones)[0] for other in others]
    outlines_m = 111_320 * (shapely.length(zone) + shapely.length(others).sum())
    slack = 0.01 * outlines_m + 0.01  # vertices are of whole centimetres
    assert areas == pytest.approx(wanted, rel=1e-6, abs=slack)
    union = area_inside_m2(layer, zones)[0]
    assert union == pytest.approx(shapely_areas.area_inside_m2(objects(*others), zones)[0], rel=1e-6, abs=slack)
    assert areas.max(initial=0) - slack <= union <= areas.sum() + slack


@settings(max_examples=40, deadline=None)
@given(polygons(most=8), st.booleans())
def test_dissolved_polygons_cover_the_same_and_do_not_overlap(
    drawn: tuple[np.ndarray, tuple[float, float], float], coarse: bool
) -> None:
    shapes = on_grid(drawn[0], max(drawn[2] / 8, 1e-3)) if coarse else list(drawn[0])
    union = dissolved(features(*shapes).shapes)
    alone = np.flatnonzero(union.alone.part_kind == POLYGON)
    made = np.concatenate(
        [
            union.alone.outlines(alone).geometries(),
            union.joined.outlines(np.arange(union.joined.part_count)).geometries(),
        ]
    )
    wanted = shapely.union_all([shapely_areas.polygons_of(shape) for shape in shapes], grid_size=1e-9)
    slack = 1e-9 * wanted.length + 1e-14
    assert float(shapely.area(made).sum()) == pytest.approx(wanted.area, rel=1e-9, abs=slack)
    assert shapely.union_all(made, grid_size=1e-9).area == pytest.approx(wanted.area, rel=1e-9, abs=slack)


def test_overlapping_features_count_once_and_neighbours_add() -> None:
    site = objects(shapely.box(0, 0, 1, 1))
    once = area_inside_m2(features(shapely.box(0, 0, 0.5, 1)), site)
    assert once == pytest.approx(area_m2(objects(shapely.box(0, 0, 0.5, 1))), rel=1e-9)
    twice = features(shapely.box(0, 0, 0.5, 1), shapely.box(0, 0, 0.5, 1), shapely.box(0.1, 0.1, 0.2, 0.2))
    assert area_inside_m2(twice, site) == pytest.approx(once, rel=1e-9)
    halves = features(shapely.box(0, 0, 0.25, 1), shapely.box(0.25, 0, 0.5, 1))
    assert area_inside_m2(halves, site) == pytest.approx(once, rel=1e-9)
    assert [side.tolist() for side in areas_inside(halves, site)[:2]] == [[0, 0], [0, 1]]


def test_a_zone_equal_to_a_feature_holds_it_all_and_a_neighbour_not_at_all() -> None:
    zone = shapely.Point(5, 60).buffer(0.5)
    layer = features(zone, shapely.box(6, 59, 7, 61), shapely.box(5, 60, 5.1, 60.1))
    _, feature, area = areas_inside(layer, objects(zone))
    assert feature.tolist() == [0, 2]
    assert area == pytest.approx(area_m2(objects(zone, shapely.box(5, 60, 5.1, 60.1))), rel=1e-7)


@pytest.mark.parametrize("turn", [-360.0, 0.0, 360.0])
def test_a_zone_over_the_antimeridian_in_any_frame(turn: float) -> None:
    reserve = features(shapely.box(-180, -17, -179, -16), shapely.box(179.5, -17, 180, -16))
    zone = objects(shapely.box(179.8 + turn, -16.8, 180.4 + turn, -16.2))
    assert area_inside_m2(reserve, zone) == pytest.approx(area_m2(zone), rel=1e-9)


def test_a_polar_cap_and_the_whole_world() -> None:
    cap, world = shapely.box(-180, 80, 180, 90), shapely.box(-180, -90, 180, 90)
    layer = features(cap, shapely.box(-30, 70, 40, 85))
    wanted = area_m2(objects(shapely.union(cap, shapely.box(-30, 70, 40, 85))))
    assert area_inside_m2(layer, objects(world)) == pytest.approx(wanted, rel=1e-8)
    assert area_inside_m2(features(world), objects(cap)) == pytest.approx(area_m2(objects(cap)), rel=1e-8)


def test_zones_without_area_and_layers_without_features_give_none() -> None:
    zones = objects(None, shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)]), shapely.box(0, 0, 1, 1))
    layer = features(shapely.box(-1, -1, 2, 2), shapely.Point(0.5, 0.5))
    assert area_inside_m2(layer, zones)[:3].tolist() == [0, 0, 0]
    assert area_inside_m2(layer, zones)[3] > 1e10
    assert area_inside_m2(features(), zones).tolist() == [0, 0, 0, 0]
    assert len(area_inside_m2(layer, zones[:0])) == 0


def test_overlapping_parts_of_one_zone_count_once() -> None:
    zone = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.box(0.5, 0, 1, 1), shapely.Point(3, 3)])
    world = features(shapely.box(-10, -10, 10, 10))
    assert area_inside_m2(world, objects(zone)) == pytest.approx(area_m2(objects(shapely.box(0, 0, 1, 1))), rel=1e-9)


@pytest.mark.parametrize("centre", [(20.0, 0.0), (20.0, 50.0), (20.0, 80.0)])
def test_the_union_in_a_zone_agrees_with_an_equal_area_plane(centre: tuple[float, float]) -> None:
    reserves = [rough_polygon(seed, centre[0] + 0.05 * seed, centre[1], 0.2, 40) for seed in range(4)]
    zone = rough_polygon(9, *centre, 0.25, 30)
    plane = shapely_areas.Site(*centre)
    flat = shapely.intersection(plane.flat(zone), shapely.union_all([plane.flat(shape) for shape in reserves]))
    assert area_inside_m2(features(*reserves), objects(zone))[0] == pytest.approx(flat.area, rel=1e-5)


def test_a_ring_zone_over_the_antimeridian_is_as_one_elsewhere() -> None:
    areas = []
    for lon, west in ((179.9, -180.0), (9.9, 10.0)):
        zone = widened(FeatureSet.from_points(np.array([lon]), np.array([-16.5])), 50_000)
        areas.append(area_inside_m2(features(shapely.box(west, -17, west + 1, -16)), zone)[0])
    assert areas[0] == pytest.approx(areas[1], rel=1e-6)
    assert areas[0] > 1e9
