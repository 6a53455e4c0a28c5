"""Outlines and shapes: nothing is lost on the way into flat arrays, boxes hold what is under them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.geometry.random_shapes import polygons

from greensilk.geometry.geodesy import area_m2
from greensilk.geometry.outlines import LINE, POINT, POLYGON, outlines_of, point_outlines
from greensilk.geometry.shapes import FANOUT, Shapes, hilbert_code, shapes_of, to_units, walk_of

MIXED = np.array(
    [
        shapely.Point(1, 2),
        None,
        shapely.MultiPoint([[0, 0], [3, 3]]),
        shapely.LineString([[0, 0], [1, 1], [2, 0]]),
        shapely.box(0, 0, 2, 2).difference(shapely.box(0.5, 0.5, 1, 1)),
        shapely.Polygon(),
        shapely.GeometryCollection([shapely.Point(5, 5), shapely.MultiPolygon([shapely.box(6, 6, 7, 7)])]),
    ],
    dtype=object,
)


def test_every_kind_comes_back_as_it_was() -> None:
    outlines = outlines_of(MIXED)
    assert outlines.owner.tolist() == [0, 2, 2, 3, 4, 6, 6]
    assert outlines.kind.tolist() == [POINT, POINT, POINT, LINE, POLYGON, POINT, POLYGON]
    back = outlines.geometries()
    assert back[3].equals_exact(MIXED[3]) and back[4].equals(MIXED[4]) and back[6].equals(shapely.box(6, 6, 7, 7))
    assert [point.coords[0] for point in back[outlines.kind == POINT]] == [(1, 2), (0, 0), (3, 3), (5, 5)]


def test_nothing_makes_shapes_of_nothing() -> None:
    shapes = shapes_of(outlines_of(np.array([None, shapely.Polygon()], dtype=object)))
    assert shapes.part_count == 0 and len(shapes.node_box) == 0


def check_boxes(shapes: Shapes) -> None:
    """Every box holds exactly what is under it, level by level."""
    x, y = shapes.x.astype(int), shapes.y.astype(int)
    for ring in range(len(shapes.ring_start) - 1):
        first, last = shapes.ring_start[ring], shapes.ring_start[ring + 1] - 1
        chunks = range(shapes.chunk_start[ring], shapes.chunk_start[ring + 1])
        assert len(chunks) == -(-(last - first) // FANOUT)
        for k, chunk in enumerate(chunks):
            run = slice(first + k * FANOUT, min(first + (k + 1) * FANOUT, last) + 1)
            expected = [x[run].min(), y[run].min(), x[run].max(), y[run].max()]
            assert shapes.chunk_box[chunk].tolist() == expected
    for level in range(len(shapes.level_start) - 2):
        below = shapes.node_box[shapes.level_start[level] : shapes.level_start[level + 1]]
        above = shapes.node_box[shapes.level_start[level + 1] : shapes.level_start[level + 2]]
        for i, box in enumerate(above):
            under = below[i * FANOUT : (i + 1) * FANOUT]
            assert box.tolist() == [*under[:, :2].min(axis=0), *under[:, 2:].max(axis=0)]


@settings(max_examples=30, deadline=None)
@given(polygons())
def test_boxes_hold_what_is_under_them(drawn: tuple[np.ndarray, tuple[float, float], float]) -> None:
    shapes = shapes_of(outlines_of(drawn[0]))
    check_boxes(shapes)
    assert shapes.part_area_m2.sum() == pytest.approx(area_m2(drawn[0]).sum(), rel=1e-9)
    assert not any(array.flags.writeable for array in shapes)


def test_boxes_of_many_points() -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(-180, 180, 700), rng.uniform(-90, 90, 700)
    shapes = shapes_of(point_outlines(lon, lat, np.arange(700)))
    check_boxes(shapes)
    assert len(shapes.level_start) == 5  # 700, 44, 3, 1
    assert np.array_equal(np.sort(shapes.part_owner), np.arange(700))


def test_rings_are_turned_so_that_the_inside_is_on_the_left() -> None:
    clockwise = shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)], [[(0.2, 0.2), (0.4, 0.2), (0.4, 0.4), (0.2, 0.4)]])
    outlines = outlines_of(np.array([clockwise], dtype=object))
    rings = [slice(a, b) for a, b in zip(outlines.ring_start[:-1], outlines.ring_start[1:], strict=True)]
    shell, hole = (shapely.LinearRing(np.column_stack([outlines.lon[r], outlines.lat[r]])) for r in rings)
    assert shell.is_ccw and not hole.is_ccw


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_units_are_a_centimetre_fine(lon: float, lat: float) -> None:
    assert abs(to_units(np.array([lon]))[0] / 1e7 - lon) <= 0.5e-7 + 1e-12
    assert abs(to_units(np.array([lat]))[0] / 1e7 - lat) <= 0.5e-7 + 1e-12


def test_the_hilbert_curve_visits_each_cell_once_and_steps_to_a_neighbour() -> None:
    side = 16  # the curve over the sixteen largest squares a side is the coarse form of the whole
    lon = (np.arange(side) + 0.5) / side * 360 - 180
    lat = (np.arange(side) + 0.5) / side * 180 - 90
    x, y = (axis.ravel() for axis in np.meshgrid(lon, lat))
    order = np.argsort(hilbert_code(x, y))
    steps = np.abs(np.diff(x[order])) / (360 / side) + np.abs(np.diff(y[order])) / (180 / side)
    assert steps == pytest.approx(1.0)


def test_a_walk_takes_every_point_once_and_equal_places_in_order() -> None:
    rng = np.random.default_rng(9)
    lon, lat = rng.uniform(-180, 180, 500).round(-1), rng.uniform(-90, 90, 500).round(-1)
    walk = walk_of(lon, lat)
    assert np.array_equal(walk, np.argsort(hilbert_code(lon, lat), kind="stable"))
