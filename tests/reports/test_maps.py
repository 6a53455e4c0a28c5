"""Maps: right on the ellipsoid, right at the antimeridian, labels apart, nothing from data drawn as markup."""

from __future__ import annotations

import re
from types import ModuleType
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer

from greensilk.reports import svg
from greensilk.reports.bilingual import Bilingual, same
from greensilk.reports.ground import AreaLayer, ground, sheet_of
from greensilk.reports.lettering import Lettering, shortened
from greensilk.reports.marks import COUNTED, shape
from greensilk.reports.plane import LocalView, equal_earth, view_of
from greensilk.reports.site_map import Cartographer, Site
from greensilk.reports.world_map import MarkedPlace, world_map

FOOT = (same("view"), same("stamp"))
lons = st.floats(-180, 180)
lats = st.floats(-84, 84)


@settings(max_examples=60)
@given(lons, lats, st.floats(0, 360), st.floats(1, 60_000))
def test_a_view_is_true_to_distance_from_its_centre(lon: float, lat: float, azimuth: float, distance_m: float) -> None:
    view = LocalView(lon, lat, 60_000.0, 50_000.0, 480.0, 400.0)
    east, north, _ = Geod(ellps="WGS84").fwd(lon, lat, azimuth, distance_m)
    x, y = view.project(np.array([[east, north]]))[0]
    shown_m = np.hypot(x - 240.0, y - 200.0) * view.metres_per_unit
    assert shown_m == pytest.approx(distance_m, rel=1e-6, abs=0.01)


def test_a_view_agrees_with_the_projection_library() -> None:
    view = LocalView(179.9, -16.6, 60_000.0, 50_000.0, 480.0, 400.0)
    points = np.array([[179.5, -16.2], [-179.9, -16.9], [179.9, -16.6]])
    crs = CRS.from_proj4("+proj=aeqd +lon_0=179.9 +lat_0=-16.6 +ellps=WGS84 +units=m")
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(points[:, 0], points[:, 1])
    expected = np.column_stack([240 + np.array(x) / view.metres_per_unit, 200 - np.array(y) / view.metres_per_unit])
    assert np.allclose(view.project(points), expected, atol=1e-3)


@pytest.mark.parametrize("lon", [179.95, -179.95, 180.0, -180.0, 0.0])
def test_the_window_holds_what_is_shown_also_across_the_antimeridian(lon: float) -> None:
    view = LocalView(lon, -16.6, 60_000.0, 50_000.0, 480.0, 400.0)
    boxes = [shapely.box(*window) for window in view.windows()]
    for x, y in [(-59_000, -49_000), (59_000, 49_000), (-59_000, 49_000), (59_000, -49_000)]:
        azimuth = np.degrees(np.arctan2(x, y))
        east, north, _ = Geod(ellps="WGS84").fwd(lon, -16.6, azimuth, np.hypot(x, y))
        assert any(box.covers(shapely.Point(east, north)) for box in boxes)


def test_a_footprint_split_at_the_antimeridian_is_one_in_its_view() -> None:
    halves = shapely.MultiPolygon([shapely.box(179.9, -17, 180, -16.9), shapely.box(-180, -17, -179.9, -16.9)])
    view = view_of(halves, 480, 400, 11_000)
    drawn = view.drawn(np.array([halves], dtype=object))[0]
    west, north, east, south = drawn.bounds
    assert abs(view.lon) == pytest.approx(180, abs=0.01)
    assert 0 < west < 240 < east < 480 and 0 < north < south < 400


@given(lons, lats)
def test_the_world_keeps_every_place_inside_the_picture(lon: float, lat: float) -> None:
    x, y = equal_earth(np.array([[lon, lat]]), 1000.0, 1000.0)[0]
    assert -1e-6 <= x <= 1000 + 1e-6 and 0 <= y <= 1000


def test_the_world_is_equal_area() -> None:
    def area(west: float, south: float) -> float:
        box = shapely.segmentize(shapely.box(west, south, west + 5, south + 5), 0.1)
        drawn = shapely.transform(box, lambda lonlat: equal_earth(lonlat, 1000.0, 1000.0))
        return float(drawn.area) / (np.sin(np.radians(south + 5)) - np.sin(np.radians(south)))

    areas = [area(20, 0), area(100, 40), area(-60, -50), area(150, 70)]
    assert max(areas) / min(areas) == pytest.approx(1, abs=2e-3)


names = st.text(min_size=1, max_size=30)


@settings(max_examples=50)
@given(st.lists(st.tuples(names, st.floats(0, 480), st.floats(0, 400)), max_size=25))
def test_labels_never_lie_on_one_another(labels: list[tuple[str, float, float]]) -> None:
    letters = Lettering(480, 400)
    for name, x, y in labels:
        letters.beside(same(shortened(name)), x, y, 12.0)
    boxes = [shapely.box(*box) for box in letters.taken]
    for k, one in enumerate(boxes):
        assert one.bounds[0] >= 0 and one.bounds[2] <= 480 and one.bounds[1] >= 0 and one.bounds[3] <= 400
        assert not any(one.intersection(other).area > 1e-9 for other in boxes[:k])


def test_a_site_map_is_well_formed_and_says_what_it_shows(dossiers: ModuleType) -> None:
    areas = [AreaLayer("ramsar", Bilingual("Ramsar", "湿地"), sheet_of(_lake_park()), 2)]
    maps = Cartographer(ground(), areas, FOOT).site_map(
        Site(same(dossiers.HOSTILE[6]), shapely.Point(36.8, 2.5), 5000.0)
    )
    assert len(maps.pictures) == 2 and [
        (one.pattern, one.label, one.as_areas, one.as_points) for one in maps.shown
    ] == [(2, ("Ramsar", "湿地"), True, False)]
    for picture in maps.pictures:
        root = ElementTree.fromstring(str(picture))  # noqa: S314 - our own
        kinds = {child.tag.rpartition("}")[2] for child in root.iter()}
        assert {"title", "desc", "path", "text"} <= kinds and not kinds & {"script", "img", "image"}
    wide = str(maps.pictures[0])
    assert "10 km" in wide and "50 km" in wide and "url(#zone-2)" in wide and 'href="#world"' in wide
    assert "1 km" in str(maps.pictures[1])


def _lake_park():  # type: ignore[no-untyped-def]
    from greensilk.geometry.features import FeatureSet

    shapes = np.array([shapely.box(36.5, 2.6, 36.7, 2.8)], dtype=object)
    return FeatureSet.from_geometries(shapes, names=["<b>Park</b>"])


@pytest.mark.parametrize("point", [(179.99, 71.0), (-179.99, -16.5), (15.0, 80.0), (0.0, -89.9), (0.0, 0.0)])
def test_a_site_anywhere_has_a_map(point: tuple[float, float]) -> None:
    maps = Cartographer(ground(), [], FOOT).site_map(Site(same("x"), shapely.Point(point), None))
    numbers = re.findall(r'd="([^"]*)"', str(maps.pictures[0]))
    assert numbers and not any("nan" in data or "inf" in data for data in numbers)


def test_many_places_become_one_mark_where_they_would_hide_one_another() -> None:
    places = [MarkedPlace(100 + k / 1e4, 15.0, "RED", same(f"p{k}"), "#p") for k in range(201)]
    assert str(world_map(places, ground(), FOOT)).count('class="mark RED"') == 1
    assert str(world_map(places[:200], ground(), FOOT)).count('class="mark RED"') == 200


def test_every_mark_has_a_shape_of_its_own() -> None:
    drawn = {kind: re.sub(r"[-\d. ]+", "", shape(kind, 10, 10, 8)) for kind in COUNTED}
    for light in ("GREEN", "YELLOW"):
        assert drawn[light] == drawn[f"{light}_BY_TYPE"]  # told apart by hatching and by the word
    assert len(set(drawn.values())) == len(COUNTED) - 2


def test_path_data_gives_back_the_geometry() -> None:
    square = np.array([shapely.box(1, 2, 3.04, 4)], dtype=object)
    assert svg.path(square) in {
        "M3 2l0 2 -2 0 0 -2z",
        "M3 4l-2 0 0 -2 2 0z",
        "M1 2l0 2 2 0 0 -2z",
    }


def test_each_language_has_its_own_view_of_the_world_where_they_differ() -> None:
    drawer = Cartographer(ground(), [], FOOT)
    disputed = str(drawer.site_map(Site(same("x"), shapely.Point(94.5, 28.5), None)).pictures[0])
    plain = str(drawer.site_map(Site(same("x"), shapely.Point(36.8, 2.5), None)).pictures[0])
    both = '<g lang="en"><path class="land"', '<g lang="zh"><path class="land"'
    assert all(part in disputed for part in both) and not any(part in plain for part in both)
