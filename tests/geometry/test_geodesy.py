"""Lengths, areas and planes against pyproj.Geod."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from greensilk.geometry.geodesy import (
    area_m2,
    cell_area_m2,
    from_plane,
    length_m,
    project,
    to_plane,
    unproject,
)

GEOD = Geod(ellps="WGS84")


def one(geometry: shapely.Geometry) -> np.ndarray:
    return np.array([geometry], dtype=object)


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(10, 50, 10.4, 50.3),
        shapely.box(-0.2, 79.8, 0.9, 80.4),
        shapely.box(179.5, -17, 181.5, -16),
        shapely.Polygon([(100, 20), (101, 20.2), (100.4, 21)]),
        shapely.box(0, 0, 2, 2).difference(shapely.box(0.5, 0.5, 1, 1)),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 60, 6, 61)]),
        shapely.box(102.60001, 17.96, 102.60011, 17.9601),
    ],
    ids=["mid", "80N", "antimeridian", "triangle", "hole", "two", "eleven-metres"],
)
def test_area_agrees_with_the_geodesic_area_of_the_same_edges_cut_fine(shape: shapely.Geometry) -> None:
    fine = shapely.segmentize(shape, 0.002)
    want = abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(fine))[0])
    assert area_m2(one(shape))[0] == pytest.approx(want, rel=2e-7)


def test_area_does_not_depend_on_the_order_of_vertices() -> None:
    shape = shapely.box(0, 0, 2, 2).difference(shapely.box(0.5, 0.5, 1, 1))
    assert area_m2(one(shape.reverse()))[0] == area_m2(one(shape))[0]


def test_lines_points_and_nothing_have_no_area() -> None:
    shapes = np.array(
        [shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)]), None, shapely.Polygon()], dtype=object
    )
    assert area_m2(shapes).tolist() == [0, 0, 0, 0]


def test_length_of_a_line_on_the_ellipsoid() -> None:
    line = shapely.LineString([(0, 0), (1, 0), (1, 1)])
    want = GEOD.line_length([0, 1, 1], [0, 0, 1])
    assert length_m(one(line))[0] == pytest.approx(want, rel=1e-9)
    assert length_m(np.array([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)], dtype=object)).tolist() == [0, 0]


def test_a_parallel_is_longer_than_the_geodesic_between_its_ends() -> None:
    line = shapely.LineString([(0, 60), (10, 60)])
    assert length_m(one(line))[0] > GEOD.inv(0, 60, 10, 60)[2] + 500


@given(st.floats(-180, 180), st.floats(-84, 84), st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_there_and_back_in_a_plane(lon: float, lat: float, x: float, y: float) -> None:
    there = from_plane(np.array([x]), np.array([y]), lon, lat)
    assert abs(there[0][0] - lon) <= 180
    back = to_plane(*there, lon, lat)
    assert [back[0][0], back[1][0]] == pytest.approx([x, y], abs=1e-3)


def test_projecting_geometries_keeps_distances_from_the_centre() -> None:
    line = one(shapely.LineString([(179.9, -17), (-179.9, -16.8)]))
    centre = np.array([180.0]), np.array([-17.0])
    flat = project(line, *centre)[0]
    for (x, y), (lon, lat) in zip(flat.coords, line[0].coords, strict=True):
        assert np.hypot(x, y) == pytest.approx(GEOD.inv(180, -17, lon, lat)[2], abs=1e-6)
    back = unproject(one(flat), *centre)[0]
    assert back.coords[1] == pytest.approx((180.1, -16.8))


def test_cells_of_the_globe_add_up_to_the_ellipsoid() -> None:
    edges = np.linspace(90, -90, 3601)
    assert cell_area_m2(edges[1:], edges[:-1], 360).sum() == pytest.approx(510_065_621_724_088, rel=1e-9)
