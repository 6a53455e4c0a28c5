"""Places moved by as much as their coordinates may be off."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from greensilk.screening.footprints import sites_of
from greensilk.screening.moved import EXACT_M, drawn, facts_where_drawn, may_change

GEOD = Geod(ellps="WGS84")


def offsets_m(make: SimpleNamespace, lon: float, lat: float, error_m: float, each: int) -> np.ndarray:
    sites = sites_of(make.portfolio(make.point(lon, lat)))
    places = drawn(sites, np.array([error_m]), range(each))
    to = shapely.get_coordinates(places.geometry)
    return np.asarray(GEOD.inv(np.full(each, lon), np.full(each, lat), to[:, 0], to[:, 1])[2])


@settings(max_examples=30, deadline=None)
@given(st.floats(-180, 180), st.floats(-89.9, 89.9), st.floats(1, 50_000))
def test_ninety_five_of_a_hundred_draws_lie_within_the_error(
    make: SimpleNamespace, lon: float, lat: float, error_m: float
) -> None:
    off = offsets_m(make, lon, lat, error_m, 400)
    # Of 400 draws 380 are expected, give or take 4.4; five times that is not passed by chance.
    assert abs(int((off <= error_m).sum()) - 380) <= 22
    assert off.max() < 2.2 * error_m


def test_the_draws_of_a_place_do_not_depend_on_its_neighbours(make: SimpleNamespace) -> None:
    alone = drawn(sites_of(make.portfolio(make.point(10, 50))), np.array([100.0]), range(5))
    both = drawn(sites_of(make.portfolio(make.point(20, 40), make.point(10, 50))), np.array([100.0] * 2), range(5))
    assert np.array_equal(shapely.to_wkb(alone.geometry), shapely.to_wkb(both.geometry[5:]))


def test_a_place_keeps_its_shape_and_a_line_over_the_antimeridian_stays_whole(make: SimpleNamespace) -> None:
    line = shapely.LineString([(179.9, -17), (180, -17), (180.1, -17.1)])
    row = make.project(shapely.LineString([(179.9, -17), (180, -17)]), corridor_width_m=60.0)
    sites = sites_of(make.portfolio(row, make.project(line, corridor_width_m=60.0)))
    places = drawn(sites, np.array([500.0, 500.0]), range(20))
    assert np.allclose(places.area_m2.reshape(2, 20), sites.area_m2[:, None], rtol=1e-3)
    assert (places.accuracy_m == EXACT_M).all()
    assert shapely.is_valid(places.geometry).all()


def test_an_administrative_area_stays_where_it_is(make: SimpleNamespace) -> None:
    row = make.project(shapely.box(100, 10, 102, 12), location_kind="administrative_area")
    sites = sites_of(make.portfolio(row))
    places = drawn(sites, np.array([1_000.0]), range(3))
    assert shapely.equals_exact(places.geometry, sites.geometry[0], tolerance=1e-9).all()


@pytest.mark.parametrize("metres", [-800.0, -200.0, 0.0, 300.0, 900.0])
def test_the_share_inside_is_that_of_the_normal_distribution(make: SimpleNamespace, metres: float) -> None:
    from scipy.stats import norm

    error_m, each, accuracy_m = 1_000.0, 2_000, 10.0
    edge = 20.0
    lon, lat, _ = GEOD.fwd(edge, 0.0, 90, metres)  # so far east of the western edge: inside where above 0
    area = make.layer(shapely.box(edge, -1, edge + 2, 1), complete="*", accuracy_m=accuracy_m)
    places = drawn(sites_of(make.portfolio(make.point(lon, lat))), np.array([error_m]), range(each))
    columns = facts_where_drawn(places, {"own_layer": area}, {})
    inside = next(column for column in columns if column.name == "overlap_own_layer").values
    sigma = error_m / np.sqrt(-2 * np.log(0.05))
    expected = norm.cdf((metres - accuracy_m - EXACT_M) / sigma)
    found = inside.fill_null(False).sum() / each
    assert abs(found - expected) < 5 * np.sqrt(expected * (1 - expected) / each) + 1e-3


def test_a_draw_is_the_same_whichever_others_are_asked_for(make: SimpleNamespace) -> None:
    sites = sites_of(make.portfolio(make.point(10, 50)))
    every = drawn(sites, np.array([100.0]), range(10)).geometry
    assert np.array_equal(
        shapely.to_wkb(drawn(sites, np.array([100.0]), [3, 7]).geometry), shapely.to_wkb(every[[3, 7]])
    )


@settings(max_examples=15, deadline=None)
@given(st.floats(101, 105), st.floats(16, 20), st.floats(10, 5_000))
def test_where_nothing_may_change_no_draw_changes(
    make: SimpleNamespace, lon: float, lat: float, error_m: float
) -> None:
    sites = sites_of(make.portfolio(make.point(lon, lat)))
    layers = {
        "own_layer": make.layer(shapely.box(103, 17, 103.5, 17.5), shapely.box(104, 19, 104.1, 19.1), complete="LAO")
    }
    places = drawn(sites, np.array([error_m]), range(60))
    seen = {column.name: column.values.unique().to_list() for column in facts_where_drawn(places, layers, {})}
    if not may_change(sites, np.array([error_m]), layers)[0]:
        assert all(len(values) == 1 for values in seen.values())
