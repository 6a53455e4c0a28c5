"""Parts cut small: nothing is lost or doubled, whatever the shape."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from greensilk.geometry.pieces import MAX_VERTICES, cut_small


def blob(rng: np.random.Generator, vertices: int) -> shapely.Polygon:
    angle = np.sort(rng.uniform(0, 2 * np.pi, vertices))
    radius = rng.uniform(0.5, 2, vertices)
    return shapely.make_valid(shapely.Polygon(np.column_stack([10 + radius * np.cos(angle), radius * np.sin(angle)])))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.integers(3, 400))
def test_pieces_of_a_polygon_are_small_and_cover_it_once(seed: int, vertices: int) -> None:
    shape = blob(np.random.default_rng(seed), vertices)
    pieces = cut_small(shapely.get_parts(np.array([shape], dtype=object)))
    assert shapely.area(pieces.geometry).sum() == pytest.approx(shape.area, rel=1e-9)
    assert shapely.union_all(pieces.geometry, grid_size=1e-9).area == pytest.approx(shape.area, rel=1e-6)


def test_holes_stay_holes() -> None:
    ring = shapely.box(0, 0, 4, 4).difference(shapely.Point(2, 2).buffer(1, quad_segs=64))
    pieces = cut_small(np.array([ring], dtype=object))
    assert not shapely.intersects(pieces.geometry, shapely.Point(2, 2)).any()
    assert shapely.area(pieces.geometry).sum() == pytest.approx(ring.area, rel=1e-12)


def test_a_long_line_is_cut_into_runs_that_join() -> None:
    coords = np.column_stack([np.linspace(0, 5, 1000), np.sin(np.linspace(0, 9, 1000))])
    cut = cut_small(np.array([shapely.LineString(coords), shapely.LineString([(0, 0), (0, 0.01)])], dtype=object))
    runs = cut.geometry[cut.owner == 0]
    assert shapely.get_num_coordinates(runs).max() <= MAX_VERTICES
    assert shapely.length(runs).sum() == pytest.approx(shapely.LineString(coords).length, rel=1e-12)
    assert shapely.line_merge(shapely.multilinestrings(runs)).geom_type == "LineString"
    assert (cut.owner == 1).sum() == 1


def test_long_edges_are_made_short() -> None:
    cut = cut_small(np.array([shapely.LineString([(0, 60), (10, 60)]), shapely.box(0, 0, 10, 10)], dtype=object))
    for piece in cut.geometry:
        line = piece if piece.geom_type == "LineString" else piece.exterior
        steps = np.abs(np.diff(shapely.get_coordinates(line), axis=0)).max()
        assert steps <= 0.03 + 1e-12
