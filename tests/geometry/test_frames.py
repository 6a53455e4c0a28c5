"""Frames: what lies on both sides of the antimeridian is one, and is split there again."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from greensilk.geometry.frames import framed, gather, split_at_antimeridian, wrapped


def test_a_footprint_on_both_sides_comes_together() -> None:
    split = shapely.MultiPolygon([shapely.box(179, -1, 180, 1), shapely.box(-180, -1, -179, 1)])
    other = shapely.box(-10, 0, 10, 1)
    whole = framed(np.array([split, other, None, shapely.Polygon()], dtype=object))
    assert shapely.bounds(whole[0]).tolist() == [179, -1, 181, 1]
    assert shapely.bounds(whole[1]).tolist() == [-10, 0, 10, 1]
    assert whole[2] is None and whole[3] is None


@pytest.mark.parametrize("shape", [shapely.box(178, -1, 183, 1), shapely.box(-182, -1, -177, 1)])
def test_splitting_keeps_the_area_and_the_range(shape: shapely.Geometry) -> None:
    cut = split_at_antimeridian(np.array([shape], dtype=object))[0]
    assert cut.area == pytest.approx(shape.area)
    west, _, east, _ = shapely.bounds(cut)
    assert (west, east) == (-180, 180)


def test_a_line_over_the_antimeridian_is_split_into_lines() -> None:
    cut = split_at_antimeridian(np.array([shapely.LineString([(179, 0), (182, 3)])], dtype=object))[0]
    assert shapely.length(shapely.get_parts(cut)).sum() == pytest.approx(np.hypot(3, 3))
    assert {part.geom_type for part in shapely.get_parts(cut)} == {"LineString"}


def test_what_is_inside_stays_as_it_is() -> None:
    shapes = np.array([shapely.Point(180, 0), shapely.box(-180, 0, 180, 1), None], dtype=object)
    assert [a is b for a, b in zip(split_at_antimeridian(shapes), shapes, strict=True)] == [True] * 3


def test_gather_puts_parts_with_their_owner() -> None:
    parts = np.array([shapely.Point(0, 0), shapely.Point(1, 1), shapely.Point(2, 2)], dtype=object)
    gathered = gather(parts, np.array([2, 0, 2]), 4)
    assert [None if g is None else len(g.geoms) for g in gathered] == [1, None, 2, None]


def test_wrapped_longitudes() -> None:
    assert wrapped(np.array([180.0, 181, -181, 539, -180])).tolist() == [-180, -179, 179, 179, -180]
