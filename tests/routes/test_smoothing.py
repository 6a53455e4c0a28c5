"""Curves: measured radii, ends and exclusions of rounded lines, with lengths of pyproj alone."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Geod

from greensilk.routes.obstacles import Obstacles
from greensilk.routes.smoothing import Corners, radii_m, rounded, simplified

GEOD = Geod(ellps="WGS84")
NOTHING = Obstacles(np.empty(0, dtype=object))
Line = NDArray[np.float64]


def corners(places: Line) -> Corners:
    fixed = np.zeros(len(places), dtype=bool)
    fixed[[0, -1]] = True
    return Corners(np.asarray(places, dtype=float), fixed)


def radius_by_sides(a: Line, b: Line, c: Line) -> float:
    """Radius of the circle through three places from the geodesic lengths of the triangle's sides alone."""
    x, y, z = (GEOD.inv(*one, *other)[2] for one, other in ((a, b), (b, c), (a, c)))
    half = (x + y + z) / 2
    area2 = half * (half - x) * (half - y) * (half - z)
    return float(x * y * z / (4 * np.sqrt(area2))) if area2 > 0 else np.inf


@pytest.mark.parametrize("lat", [0.0, 52.0, -70.0])
def test_a_right_angle_is_rounded_to_the_radius_asked_for(lat: float) -> None:
    aside = 0.2 / np.cos(np.radians(lat))
    line = rounded(corners(np.array([[10.0, lat], [10.0 + aside, lat], [10.0 + aside, lat + 0.2]])), 2_000.0, NOTHING)
    assert line is not None
    assert line[0].tolist() == [10.0, lat] and line[-1].tolist() == [10.0 + aside, lat + 0.2]
    assert 2_000 <= radii_m(line).min() < 2_100
    narrow = int(np.argmin(radii_m(line)))
    # Heron's formula loses digits for thin triangles: two places of an arc farther apart are taken.
    assert radius_by_sides(line[narrow], line[narrow + 8], line[narrow + 16]) == pytest.approx(2_040, rel=0.01)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 40), st.sampled_from([300.0, 1_000.0, 4_000.0]))
def test_no_curve_is_narrower_than_asked_and_the_ends_stay(seed: int, count: int, radius_m: float) -> None:
    random = np.random.default_rng(seed)
    places = np.column_stack([np.linspace(179.5, 181.0, count), 20 + 0.1 * random.random(count)])
    line = rounded(corners(places), radius_m, NOTHING)
    if line is not None:
        assert radii_m(line).min(initial=np.inf) >= radius_m
        assert np.array_equal(line[[0, -1]], places[[0, -1]])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_neither_straights_nor_curves_touch_an_exclusion(seed: int) -> None:
    random = np.random.default_rng(seed)
    walls = [shapely.box(x, 19.0, x + 0.02, 20 + 0.1 * random.random()) for x in (10.2, 10.4, 10.6)]
    walls += [shapely.box(x, 20.12 + 0.02 * random.random(), x + 0.02, 21.0) for x in (10.2, 10.4, 10.6)]
    hard = Obstacles(np.array(walls, dtype=object))
    steps = [[10.0, 20.0]]
    for low, high in zip(walls[:3], walls[3:], strict=True):
        west, _, east, south = low.bounds
        middle = (south + high.bounds[1]) / 2
        steps += [[west, middle], [east, middle]]
    path = corners(np.array([*steps, [10.9, 20.0]]))
    straight = simplified(path, 400.0, hard)
    assert not shapely.LineString(straight.place).intersects(shapely.union_all(walls))
    line = rounded(straight, 600.0, hard)
    if line is not None:
        assert not shapely.LineString(line).intersects(shapely.union_all(walls))
        assert radii_m(line).min() >= 600


def test_a_corner_at_an_exclusion_is_moved_out_until_its_curve_is_clear() -> None:
    block = shapely.box(10.0, 19.0, 10.19, 19.999)
    hard = Obstacles(np.array([block], dtype=object))
    line = rounded(corners(np.array([[9.8, 20.0], [10.1905, 20.0], [10.2, 19.0]])), 3_000.0, hard)
    assert line is not None
    assert not shapely.LineString(line).intersects(block)
    assert radii_m(line).min() >= 3_000


def test_a_way_back_on_itself_has_no_room_for_a_curve() -> None:
    place = np.array([[10.0, 20.0], [10.01, 20.0], [10.0, 20.0001]])
    assert rounded(Corners(place, np.ones(3, dtype=bool)), 2_000.0, NOTHING) is None


def test_simplifying_keeps_within_the_tolerance_and_keeps_fixed_places() -> None:
    random = np.random.default_rng(3)
    place = np.column_stack([np.linspace(0, 1, 200), 0.002 * random.random(200)])
    fixed = np.zeros(200, dtype=bool)
    fixed[[0, 77, 199]] = True
    found = simplified(Corners(place, fixed), 150.0, NOTHING)
    assert 3 <= len(found.place) < 200
    assert place[77].tolist() in found.place.tolist()
    off = shapely.distance(shapely.points(place), shapely.LineString(found.place)) * 111_320
    assert off.max() <= 150.5
