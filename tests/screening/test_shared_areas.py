"""Areas that several places overlap, against shapely and geodesic areas."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from pyproj import Geod

from greensilk.screening.footprints import sites_of
from greensilk.screening.shared_areas import SharedArea, shared_areas

GEOD = Geod(ellps="WGS84")


def geodesic_m2(shape: shapely.Geometry) -> float:
    return abs(GEOD.geometry_area_perimeter(shapely.segmentize(shapely.orient_polygons(shape), 0.001))[0])


def found(make: SimpleNamespace, area: shapely.Geometry, *shapes: shapely.Geometry) -> list[SharedArea]:
    sites = sites_of(make.portfolio(*(make.project(shape) for shape in shapes)))
    layer = make.layer(area, shapely.box(50, 50, 51, 51), complete="*", names=["Reserve", "Elsewhere"])
    return list(shared_areas({"own_layer": layer}, sites))


def test_what_two_places_take_together_is_counted_once(make: SimpleNamespace) -> None:
    area = shapely.box(10, 0, 11, 1)
    shapes = [shapely.box(10.9, 0.1, 11.1, 0.3), shapely.box(10.95, 0.2, 11.1, 0.4), shapely.box(10.8, 0.6, 10.9, 0.7)]
    (one,) = found(make, area, *shapes, shapely.box(20, 0, 20.1, 0.1))
    assert one.name == "Reserve" and one.sites == (0, 1, 2)
    assert one.taken_m2 == pytest.approx(geodesic_m2(shapely.intersection(shapely.union_all(shapes), area)), rel=1e-4)


def test_one_place_alone_shares_nothing_and_a_touch_within_the_tolerance_is_none(make: SimpleNamespace) -> None:
    area = shapely.box(10, 0, 11, 1)
    assert found(make, area, shapely.box(10.5, 0.5, 10.6, 0.6)) == []
    assert found(make, area, shapely.box(10.5, 0.5, 10.6, 0.6), shapely.box(11, 0, 11.1, 0.1)) == []


def test_over_the_antimeridian(make: SimpleNamespace) -> None:
    area = shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)])
    shapes = [shapely.box(179.9, 0.1, 180, 0.2), shapely.box(-180, 0.15, -179.9, 0.25)]
    (one,) = found(make, area, *shapes)
    assert one.taken_m2 == pytest.approx(sum(map(geodesic_m2, shapes)), rel=1e-4)


def test_points_have_no_area(make: SimpleNamespace) -> None:
    sites = sites_of(make.portfolio(make.point(10.2, 0.2), make.point(10.3, 0.2), make.point(10.3, 0.2)))
    layer = make.layer(shapely.box(10, 0, 11, 1), complete="*")
    (one,) = shared_areas({"own_layer": layer}, sites)
    assert one.sites == (0, 1) and one.taken_m2 is None
    assert np.array_equal(sites.site_of, [0, 1, 1])
