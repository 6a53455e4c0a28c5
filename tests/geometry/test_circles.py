"""Geodesic discs against pyproj and against shapely's buffer in a plane about the centre."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from greensilk.geometry.circles import EQUAL_AREA, LARGEST_M, VERTICES, circles
from greensilk.geometry.geodesy import area_m2, unproject

GEOD = Geod(ellps="WGS84")


@settings(max_examples=80, deadline=None)
@given(st.floats(-180, 180), st.floats(-88.5, 88.5), st.floats(0.01, 150_000))
def test_vertices_lie_at_their_distance_and_azimuth(lon: float, lat: float, radius_m: float) -> None:
    disc = circles(np.array([lon]), np.array([lat]), np.array([radius_m]))
    azimuth = 90 - np.arange(VERTICES + 1) * 360 / VERTICES
    ends = GEOD.fwd(*(np.full(VERTICES + 1, value) for value in (lon, lat)), azimuth, [radius_m * EQUAL_AREA] * 193)
    off = GEOD.inv(disc.lon, disc.lat, ends[0], ends[1])[2]
    assert off.max() < (0.001 if radius_m <= 50_000 else 0.005)
    assert np.abs(disc.lon - lon).max() <= 180
    assert (disc.lon[0], disc.lat[0]) == (disc.lon[-1], disc.lat[-1])


@pytest.mark.parametrize("radius_m", [100.0, 1_000.0, 50_000.0])
@pytest.mark.parametrize("lat", [0.0, -35.0, 60.0, 80.0, 89.0])
def test_the_area_is_that_of_the_disc(lat: float, radius_m: float) -> None:
    disc = circles(np.array([20.0]), np.array([lat]), np.array([radius_m])).geometries()
    bend = radius_m**2 / (12 * 6_371_000.0**2)  # of a disc on a sphere, against one in a plane
    assert area_m2(disc)[0] == pytest.approx(np.pi * radius_m**2 * (1 - bend), rel=1e-6)


def test_it_is_the_buffer_of_a_point_in_a_plane() -> None:
    lon, lat, radius = np.array([-179.9, 31.0]), np.array([64.0, -12.0]), np.array([50_000.0, 1_000.0])
    found = circles(lon, lat, radius).geometries()
    flat = shapely.buffer(shapely.points([[0, 0], [0, 0]]), radius * EQUAL_AREA, quad_segs=VERTICES // 4)
    want = unproject(flat, lon, lat)
    assert shapely.is_valid(found).all()
    assert shapely.is_ccw(shapely.get_exterior_ring(found)).all()
    assert (shapely.area(shapely.symmetric_difference(found, want)) / shapely.area(want)).max() < 1e-7


def test_a_disc_does_not_depend_on_the_others() -> None:
    rng = np.random.default_rng(2)
    lon, lat, radius = rng.uniform(-180, 180, 9), rng.uniform(-80, 80, 9), rng.uniform(1, 50_000, 9)
    together = circles(lon, lat, radius)
    for i in range(9):
        alone = circles(lon[i : i + 1], lat[i : i + 1], radius[i : i + 1])
        assert np.array_equal(alone.lon, together.lon[i * (VERTICES + 1) : (i + 1) * (VERTICES + 1)])


def test_no_points_give_no_discs() -> None:
    assert len(circles(np.empty(0), np.empty(0), np.empty(0)).geometries()) == 0


@pytest.mark.parametrize(
    ("lat", "radius_m"), [(89.7, 50_000.0), (-89.99, 2_000.0), (0.0, 0.0), (0.0, LARGEST_M + 1), (np.nan, 1.0)]
)
def test_a_disc_over_a_pole_or_too_wide_is_refused(lat: float, radius_m: float) -> None:
    with pytest.raises(ValueError, match="radii"):
        circles(np.array([0.0]), np.array([lat]), np.array([radius_m]))
