"""Any footprint anywhere gives a full table: what is known is finite, what is unknown has a reason."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import polars as pl
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from greensilk.screening.measure import measure

ON = dt.date(2024, 6, 1)
LON = st.floats(-180, 180, allow_nan=False)
LAT = st.floats(-90, 90, allow_nan=False)
SMALL = st.floats(1e-7, 3)
AREAS = [shapely.box(0, 0, 20, 20), shapely.box(-180, 60, -170, 70)]


@st.composite
def shapes(draw: st.DrawFn) -> shapely.Geometry:
    lon, lat = draw(LON), draw(LAT)
    kind = draw(st.sampled_from(["point", "line", "box", "multi"]))
    if kind == "point":
        return shapely.Point(lon, lat)
    if kind == "line":
        ends = draw(st.lists(st.tuples(LON, LAT), min_size=1, max_size=3, unique=True))
        return shapely.LineString([(lon, lat), *ends]) if (lon, lat) not in ends else shapely.Point(lon, lat)
    box = shapely.box(lon, lat, min(180, lon + draw(SMALL)), min(90, lat + draw(SMALL)))
    if not box.area:
        return shapely.Point(lon, lat)
    return box if kind == "box" else shapely.MultiPolygon([box, shapely.box(-179.5, 10, -179.4, 10.1)])


@pytest.mark.filterwarnings("error")
@settings(max_examples=12, deadline=None)
@given(shapes(), st.floats(0.1, 20_000), st.one_of(st.none(), st.floats(1, 90_000)))
@example(shapely.Point(0, 90), 10.0, None)
@example(shapely.Point(180, -90), 10.0, 5_000.0)
@example(shapely.Point(-180, 0), 1.0, 5_000.0)
@example(shapely.LineString([(-180, 0), (180, 0)]), 1.0, 100.0)
@example(shapely.LineString([(0, 1), (0, 89.5), (178.8, 89)]), 1.0, 13_873.0)  # the outer ring reaches the pole
@example(shapely.LineString([(0, 26), (-54, 26), (-0.4, -89.7), (-160, -89.7)]), 1.0, 20_000.0)
@example(shapely.box(90.13, -39.65, 90.1304, -37.53), 1.0, None)  # long edges far from long edges
@example(shapely.box(-180, -90, 180, 90), 1.0, None)
@example(shapely.box(170, 80, 180, 90), 1.0, None)
def test_any_footprint_is_measured(
    make: SimpleNamespace, shape: shapely.Geometry, accuracy_m: float, width_m: float | None
) -> None:
    row = make.project(shape, location_accuracy_m=accuracy_m, radius_m=width_m, corridor_width_m=width_m)
    layers = {"protected_areas": make.layer(*AREAS, complete="*")}
    table = measure(make.portfolio(row), layers, ON)
    for name, column in table.columns.items():
        if column.values.dtype == pl.Float64:
            assert column.values.drop_nulls().is_finite().all(), name
        assert (column.values[0] is None) == (column.reasons is not None and column.reasons[0] is not None), name
    distance = table["distance_protected_areas"].values[0]
    if table["overlap_protected_areas"].values[0] is True:
        assert distance == 0
    for fact in ("distance_port", "distance_coast_1to10m"):
        column = table[fact]
        if column.values[0] is None:  # a polygon over half the globe is no footprint
            assert column.reasons is not None
            assert column.reasons[0] == "administrative_area"
        else:
            assert 0 <= column.values[0] <= 20_010_000
