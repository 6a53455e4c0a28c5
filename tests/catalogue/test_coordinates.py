"""Coordinates as people write them, coordinate systems, and repairs, against values known by other means."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from pyproj import Transformer

from greensilk.catalogue.coordinates import point_accuracy_m, read_axis
from greensilk.catalogue.projection import to_wgs84
from greensilk.catalogue.raw_table import RawTable
from greensilk.catalogue.repair import repair
from greensilk.errors import PortfolioError


@pytest.mark.parametrize(
    ("text", "axis", "degrees", "half_step"),
    [
        ("102.63", "lon", 102.63, 0.005),
        (" １０２.６３ ", "lon", 102.63, 0.005),
        ("102.630", "lon", 102.63, 0.0005),
        ("-17", "lat", -17.0, 0.5),
        ("17,25", "lat", 17.25, 0.005),
        ("1.0263e2", "lon", 102.63, 0.005),
        ("12°30'N", "lat", 12.5, 0.5 / 60),
        ("12°30'15\"S", "lat", -12.504166666, 0.5 / 3600),
        ("12°30′15.5″ N", "lat", 12.504305555, 0.05 / 3600),
        ("12.5°", "lat", 12.5, 0.05),
        ("102.63E", "lon", 102.63, 0.005),
        ("W 3.5", "lon", -3.5, 0.05),
        ("东经102.63", "lon", 102.63, 0.005),
        ("北纬17度58分", "lat", 17.966666, 0.5 / 60),
    ],
)
def test_coordinates_are_read_as_written(text: str, axis: str, degrees: float, half_step: float) -> None:
    found = read_axis(pl.Series([text]), "lon" if axis == "lon" else "lat")
    assert found.degrees[0] == pytest.approx(degrees, abs=1e-6)
    assert found.half_step_deg[0] == pytest.approx(half_step)


@pytest.mark.parametrize(
    "text", ["", "n/a", "12°75'N", "102.63N", "-12 S", "nan", "inf", "1e999", "12 13", "=1", "17.5.2"]
)
def test_what_is_no_longitude_is_not_guessed(text: str) -> None:
    assert np.isnan(read_axis(pl.Series([text]), "lon").degrees[0])


@given(st.floats(-90, 90, allow_nan=False))
def test_any_number_survives_its_own_spelling(value: float) -> None:
    assert read_axis(pl.Series([repr(value)]), "lat").degrees[0] == value


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_nothing(text: str) -> None:
    found = read_axis(pl.Series([text]), "lat")
    assert np.isnan(found.degrees[0]) or np.isfinite(found.degrees[0])


def test_accuracy_follows_the_digits() -> None:
    lon, lat = read_axis(pl.Series(["101.5", "101.50"]), "lon"), read_axis(pl.Series(["17.966", "17.96"]), "lat")
    assert point_accuracy_m(lon, lat, exact_decimals=True) == pytest.approx([5566, 556.6])
    assert point_accuracy_m(lon, lat, exact_decimals=False) == pytest.approx([55.66, 556.6])
    fine = read_axis(pl.Series(["101.123456789012"]), "lon")
    assert point_accuracy_m(fine, fine, exact_decimals=True) == [1.0]


def table(shapes: list[object], crs: str | None) -> RawTable:
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return RawTable(pl.DataFrame({"id": [str(i) for i in range(len(shapes))]}), geometry, crs)


@pytest.mark.parametrize("crs", ["EPSG:32648", "EPSG:3857", "urn:ogc:def:crs:EPSG::4490", "EPSG:2343"])
def test_any_system_comes_back_to_where_it_was(crs: str) -> None:
    there = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    line = shapely.LineString([(104.8, 17.9), (105.2, 18.3), (105.4, 18.1)])
    moved = shapely.transform(line, lambda xy: np.column_stack(there(xy[:, 0], xy[:, 1])))
    back, _ = to_wgs84(table([moved, None], crs), "f")
    assert back[1] is None
    assert shapely.equals_exact(back[0], line, 1e-6)


def test_a_system_that_is_not_said_is_assumed_only_where_it_fits() -> None:
    shapes, notes = to_wgs84(table([shapely.Point(102, 17)], None), "f")
    assert [note.key for note in notes] == ["crs_assumed"]
    assert shapes[0].x == 102
    with pytest.raises(PortfolioError) as caught:
        to_wgs84(table([shapely.Point(250_000, 1_900_000)], None), "f")
    assert caught.value.key == "catalogue.crs_missing"


LOCAL = 'LOCAL_CS["site",LOCAL_DATUM["site",0],UNIT["metre",1],AXIS["x",EAST],AXIS["y",NORTH]]'


@pytest.mark.parametrize(
    "crs", ["/etc/passwd", "+init=/etc/passwd:1", "EPSG:999999", "{", "PROJCS[", "x" * 200_000, LOCAL]
)
def test_unknown_systems_are_refused(crs: str) -> None:
    with pytest.raises(PortfolioError) as caught:
        to_wgs84(table([shapely.Point(1, 1)], crs), "f")
    assert caught.value.key == "catalogue.crs_unknown"


def fixed(*shapes: object):  # type: ignore[no-untyped-def]
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return repair(geometry)


def test_shapes_across_180_degrees_are_cut_there_with_their_area() -> None:
    beyond = shapely.Polygon([(179, -17), (182, -17), (182, -16), (179, -16)])
    jumping = shapely.Polygon([(179, -17), (-178, -17), (-178, -16), (179, -16)])
    inside = shapely.Polygon([(9, -17), (12, -17), (12, -16), (9, -16)])
    found = fixed(beyond, jumping, inside, shapely.LineString([(179, 0), (-179, 1)]))
    assert found.split.tolist() == [True, True, False, True]
    assert found.geometry[0].equals(found.geometry[1])
    for shape in found.geometry:
        assert shape.is_valid
        assert -180 <= shape.bounds[0] <= shape.bounds[2] <= 180
    assert found.geometry[0].area == pytest.approx(inside.area)
    assert {part.geom_type for part in found.geometry[3].geoms} == {"LineString"}


def test_a_wide_shape_that_crosses_nothing_is_left_alone() -> None:
    antarctica = shapely.Polygon([(-180, -90), (180, -90), (180, -75), (0, -70), (-180, -75)])
    islands = shapely.MultiPoint([(179, -17), (-179, -17)])
    found = fixed(antarctica, islands)
    assert not found.split.any()
    assert found.geometry[0] is antarctica


def test_a_bow_tie_is_rebuilt_and_a_flat_polygon_refused() -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    flat = shapely.Polygon([(0, 0), (1, 1), (0, 0)])
    found = fixed(bow, flat, shapely.Point(), None, shapely.Point(200, 0), shapely.Point(np.inf, 0))
    assert found.mended.tolist()[:2] == [True, False]
    assert found.geometry[0].is_valid
    assert found.geometry[0].area == pytest.approx(2.0)
    assert found.refused.tolist() == [
        None,
        "invalid_geometry",
        "empty_geometry",
        "missing_geometry",
        "out_of_range",
        "not_finite",
    ]


def test_a_mixed_collection_keeps_its_widest_kind() -> None:
    found = fixed(shapely.GeometryCollection([shapely.Point(5, 5), shapely.box(0, 0, 1, 1)]))
    assert found.reduced.tolist() == [True]
    assert found.geometry[0].equals(shapely.box(0, 0, 1, 1))


@example([(0.0, 0.0), (0.0, 2.2250738585072014e-308), (181.0, 0.0)])  # thinner than any grid
@example([(0.0, 0.0), (1.0, 2.0), (7.27e-99, 0.0), (0.0, 1.0)])  # what is left of it has no area
@given(st.lists(st.tuples(st.floats(-400, 400), st.floats(-100, 100)), min_size=3, max_size=8))
def test_repair_never_gives_what_cannot_be_measured(corners: list[tuple[float, float]]) -> None:
    found = fixed(shapely.Polygon(corners))
    shape = found.geometry[0]
    assert (shape is None) == (found.refused[0] is not None)
    if shape is not None:
        assert shape.is_valid
        assert not shape.is_empty
        assert shape.bounds[0] >= -180
        assert shape.bounds[2] <= 180
