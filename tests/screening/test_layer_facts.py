"""Layers: inside, outside or unknown, and what can be said of either."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from pyproj import Geod

from greensilk.catalogue.layers import Layer
from greensilk.facts import FactTable
from greensilk.screening.measure import measure

ON = dt.date(2024, 6, 1)
METRE = 1 / 111_319.49  # degrees of longitude at the equator
UGANDA = (32.5, 0.0)  # a point in Uganda on the equator


def facts(make: SimpleNamespace, site: dict[str, object], **layers: Layer) -> FactTable:
    return measure(make.portfolio(site), layers, ON)


def said(table: FactTable, name: str) -> tuple[object, str | None]:
    column = table[name]
    return column.values[0], None if column.reasons is None else column.reasons[0]


def reserve(depth_m: float) -> shapely.Geometry:
    """A polygon whose western edge is `depth_m` west of the point in Uganda."""
    lon, lat = UGANDA
    return shapely.box(lon - depth_m * METRE, lat - 0.2, lon + 0.4, lat + 0.2)


@pytest.mark.parametrize(
    ("depth_m", "want"),
    [
        (200, (True, None)),
        (61, (True, None)),
        (59, (None, "within_tolerance")),
        (-59, (None, "within_tolerance")),
        (-61, (False, None)),
        (-5_000, (False, None)),
    ],
)
def test_overlap_is_decided_beyond_the_accuracy_of_both(
    make: SimpleNamespace, depth_m: float, want: tuple[object, str | None]
) -> None:
    """The location is good to 10 m, the layer to 50 m."""
    layer = make.layer(reserve(depth_m), complete="UGA", names=["Mabira"])
    table = facts(make, make.point(*UGANDA), protected_areas=layer)
    assert said(table, "overlap_protected_areas") == want
    features = table["overlap_protected_areas"].features
    assert features is not None
    assert features[0] == "Mabira"


def test_absence_counts_only_where_the_layer_is_complete(make: SimpleNamespace) -> None:
    for complete, want in [("UGA", (False, None)), ("KEN", (None, "no_coverage")), ("*", (False, None))]:
        table = facts(make, make.point(*UGANDA), protected_areas=make.layer(reserve(-5_000), complete=complete))
        assert said(table, "overlap_protected_areas") == want


def test_presence_counts_everywhere(make: SimpleNamespace) -> None:
    table = facts(make, make.point(*UGANDA), protected_areas=make.layer(reserve(5_000)))
    assert said(table, "overlap_protected_areas") == (True, None)
    assert said(table, "distance_protected_areas") == (0, None)


def test_no_layer_says_so(make: SimpleNamespace) -> None:
    table = facts(make, make.point(*UGANDA))
    for name in ("overlap_ramsar", "distance_ramsar", "overlap_area_ramsar", "area_10_50km_ramsar"):
        assert said(table, name) == (None, "no_layer")
    assert said(table, "distance_river") == (None, "needs_detail")


def test_a_point_says_inside_or_unknown_never_outside(make: SimpleNamespace) -> None:
    site = make.project(shapely.box(32.4, -0.1, 32.6, 0.1))
    inside = facts(make, site, ramsar=make.layer(shapely.Point(32.5, 0), complete="*", names=["Lutembe"]))
    outside = facts(make, site, ramsar=make.layer(shapely.Point(33.5, 0), complete="*"))
    edge = facts(make, site, ramsar=make.layer(shapely.Point(32.6, 0), complete="*"))
    assert said(inside, "overlap_ramsar") == (True, None)
    assert said(outside, "overlap_ramsar") == (None, "point_only")
    assert said(edge, "overlap_ramsar") == (None, "within_tolerance")
    assert said(outside, "distance_ramsar")[0] == pytest.approx(0.9 / METRE, rel=1e-3)
    assert outside["distance_ramsar"].method == "geodesic_to_centroid"
    assert said(outside, "area_10_50km_ramsar") == (None, "point_only")
    assert said(inside, "overlap_area_ramsar") == (None, "not_computable")


def test_a_complete_layer_answers_for_the_points_it_contains(make: SimpleNamespace) -> None:
    points = make.layer(shapely.Point(33.5, 0))
    site = make.point(*UGANDA)
    complete = facts(make, site, ramsar=points, protected_areas=make.layer(reserve(-9_000), complete="UGA"))
    partial = facts(make, site, ramsar=points, protected_areas=make.layer(reserve(-9_000)))
    overlapped = facts(make, site, ramsar=points, protected_areas=make.layer(reserve(9_000), complete="UGA"))
    assert said(complete, "overlap_ramsar") == (False, None)
    assert said(partial, "overlap_ramsar") == (None, "point_only")
    assert said(overlapped, "overlap_ramsar") == (None, "point_only")


def test_an_island_missing_from_the_layer_is_not_free_of_reserves(make: SimpleNamespace) -> None:
    """Sao Tome is in no country for which the layer is complete."""
    layer = make.layer(reserve(0), complete=("UGA", "KEN", "GAB"))
    table = facts(make, make.point(6.6, 0.2), protected_areas=layer)
    assert table["country"].values[0] == "STP"
    assert said(table, "overlap_protected_areas") == (None, "no_coverage")
    assert said(table, "distance_protected_areas") == (None, "no_coverage")


def test_at_sea_only_a_layer_complete_everywhere_shows_absence(make: SimpleNamespace) -> None:
    for complete, want in [("UGA", (None, "no_coverage")), ("*", (False, None))]:
        table = facts(make, make.point(-140.0, -40.0), protected_areas=make.layer(reserve(0), complete=complete))
        assert said(table, "overlap_protected_areas") == want


def test_outside_its_country_a_national_layer_holds_nothing(make: SimpleNamespace) -> None:
    table = facts(make, make.point(*UGANDA))
    assert said(table, "overlap_ecological_redline") == (False, None)
    assert said(facts(make, make.point(110.0, 30.0)), "overlap_ecological_redline") == (None, "no_layer")


def test_areas_of_overlap_and_rings_add_up_without_counting_twice(make: SimpleNamespace) -> None:
    whole = shapely.box(31.0, -1.5, 34.0, 1.5)
    half = shapely.box(32.5, -1.5, 34.0, 1.5)
    site = make.point(*UGANDA, radius_m=2_000.0)
    twice = facts(make, site, protected_areas=make.layer(whole, whole, complete="*"))
    once = facts(make, site, protected_areas=make.layer(half, complete="*"))
    circle = np.pi * 2_000**2
    assert said(twice, "overlap_area_protected_areas")[0] == pytest.approx(circle, rel=2e-4)
    assert said(once, "overlap_area_protected_areas")[0] == pytest.approx(circle / 2, rel=1e-3)
    for inner_m, outer_m, ring in [(0, 1_000, "0_1km"), (1_000, 10_000, "1_10km"), (10_000, 50_000, "10_50km")]:
        area = np.pi * ((outer_m + 2_000) ** 2 - (inner_m + 2_000) ** 2)
        assert said(twice, f"area_{ring}_protected_areas")[0] == pytest.approx(area, rel=1e-3)
        assert said(once, f"area_{ring}_protected_areas")[0] == pytest.approx(area / 2, rel=1e-3)
    assert said(twice, "area_footprint_protected_areas")[0] == pytest.approx(circle, rel=2e-4)


def test_a_distance_is_known_only_where_nothing_nearer_can_be_missing(make: SimpleNamespace) -> None:
    """The layer is complete in Uganda, not in Kenya, 170 km east of the point."""
    far = shapely.box(31.0, -0.1, 31.2, 0.1)  # 145 km west
    near = shapely.box(32.7, -0.1, 32.8, 0.1)  # 22 km east
    site = make.point(*UGANDA)

    def distance(*shapes: shapely.Geometry, complete: str) -> tuple[object, str | None]:
        layer = make.layer(*shapes, complete=complete)
        return said(facts(make, site, protected_areas=layer), "distance_protected_areas")

    assert distance(far, complete="UGA") == (None, "no_coverage")
    assert distance(far, near, complete="UGA")[0] == pytest.approx(0.2 / METRE, rel=1e-3)
    assert distance(far, complete="*")[0] == pytest.approx(1.3 / METRE, rel=1e-3)


def test_ring_areas_need_the_neighbours_covered_too(make: SimpleNamespace) -> None:
    site = make.point(102.6, 18.3)  # Laos, some 40 km from Thailand
    here = make.layer(shapely.box(102, 18, 103, 19), complete="LAO")
    both = make.layer(shapely.box(102, 18, 103, 19), complete=("LAO", "THA"))
    assert said(facts(make, site, protected_areas=here), "overlap_protected_areas") == (True, None)
    assert said(facts(make, site, protected_areas=here), "area_10_50km_protected_areas") == (None, "no_coverage")
    assert said(facts(make, site, protected_areas=both), "area_10_50km_protected_areas")[0] > 1e8


def test_a_feature_known_by_a_point_only_keeps_its_surroundings_open(make: SimpleNamespace) -> None:
    """A layer of polygons in which one reserve is a point 20 km away: that reserve may reach here."""
    mixed = make.layer(reserve(-90_000), shapely.Point(UGANDA[0] + 20_000 * METRE, 0), complete="*")
    far = make.layer(reserve(-90_000), shapely.Point(UGANDA[0] + 2, 0), complete="*")
    assert said(facts(make, make.point(*UGANDA), protected_areas=mixed), "overlap_protected_areas") == (
        None,
        "point_only",
    )
    assert said(facts(make, make.point(*UGANDA), protected_areas=far), "overlap_protected_areas") == (False, None)


def test_overlapped_features_are_named_and_the_rest_counted(make: SimpleNamespace) -> None:
    layer = make.layer(*[reserve(5_000)] * 5, names=["A", "B", None, "D", "E"])
    features = facts(make, make.point(*UGANDA), protected_areas=layer)["overlap_protected_areas"].features
    assert features is not None
    assert features[0] == "A; B; 2; +2"


def test_a_custom_layer_has_its_own_family_of_facts(make: SimpleNamespace) -> None:
    table = facts(make, make.point(*UGANDA), my_reserves=make.layer(reserve(5_000)))
    assert said(table, "overlap_my_reserves") == (True, None)
    assert table["overlap_my_reserves"].dataset == "my_reserves"
    assert table["overlap_my_reserves"].version == "7"
    assert table.entry("overlap_my_reserves").label.en == "Overlaps own"


def test_a_detailed_river_layer_answers_the_distance_to_a_river(make: SimpleNamespace) -> None:
    lon, lat = UGANDA
    river = shapely.LineString([(lon + 0.1, lat - 1), (lon + 0.1, lat + 1)])
    layer = make.layer(river, complete="UGA", names=["Katonga"])
    table = facts(make, make.point(lon, lat), rivers_detailed=layer)
    assert said(table, "distance_river")[0] == pytest.approx(0.1 / METRE, rel=1e-6)


def test_a_river_is_the_nearest_only_where_the_layer_is_complete(make: SimpleNamespace) -> None:
    lon, lat = UGANDA
    beside, on, far = (shapely.LineString([(lon + x, lat - 1), (lon + x, lat + 1)]) for x in (0.1, 0.0, 1.0))
    unknown = (None, "no_coverage")
    assert said(facts(make, make.point(lon, lat), rivers_detailed=make.layer(beside)), "distance_river") == unknown
    assert said(facts(make, make.point(lon, lat), rivers_detailed=make.layer(on)), "distance_river") == (0, None)
    for complete, known in (("UGA", False), ("LAO", False), ("*", True)):
        table = facts(make, make.point(lon, lat), rivers_detailed=make.layer(far, complete=complete))
        distance, why = said(table, "distance_river")
        assert (distance is not None, why) == ((True, None) if known else (False, "no_coverage"))


@pytest.mark.parametrize("name", ["protected_areas", "rivers_detailed"])
def test_facts_are_as_confirmed_as_the_definition_of_their_data_set(make: SimpleNamespace, name: str) -> None:
    own = make.layer(reserve(5_000))
    of = {None: True, "hydrorivers": False, "electricity_maps_yearly": True, "defined_no_longer": False}
    facts_of = ("distance_river",) if name == "rivers_detailed" else ("overlap_protected_areas", f"distance_{name}")
    for dataset, confirmed in of.items():
        layer = Layer(own.info.model_copy(update={"dataset": dataset}), own.features)
        table = facts(make, make.point(*UGANDA), **{name: layer})
        assert {table[fact].confirmed for fact in facts_of} == {confirmed}


def test_a_layer_without_features_shows_nothing(make: SimpleNamespace) -> None:
    layer = make.layer(shapely.Polygon(), complete="*")
    table = facts(make, make.point(*UGANDA), protected_areas=layer)
    assert said(table, "overlap_protected_areas") == (None, "point_only")
    assert said(table, "distance_protected_areas")[0] is None


@pytest.mark.parametrize(
    ("depth_m", "given", "want"),
    [
        (-600, {"radius_m": 500.0}, (False, None)),
        (-600, {"radius_m": None}, (None, "extent_not_given")),
        (-6_000, {"radius_m": None}, (None, "extent_not_given")),
        (-6_500, {"radius_m": None}, (False, None)),
        (-600, {"radius_m": None, "type": "hospital"}, (None, "extent_not_given")),
        (-1_500, {"radius_m": None, "type": "hospital"}, (False, None)),
    ],
    ids=["extent-given", "bare", "edge-of-the-usual", "beyond", "small-type", "beyond-small-type"],
)
def test_a_bare_point_is_outside_only_beyond_the_usual_extent_of_its_type(
    make: SimpleNamespace, depth_m: float, given: dict[str, object], want: tuple[object, str | None]
) -> None:
    """A solar plant is up to 120 km2 (a disc of 6.2 km), a hospital up to 3 km2 (1.0 km)."""
    layer = make.layer(reserve(depth_m), complete="UGA")
    assert said(facts(make, make.point(*UGANDA, **given), protected_areas=layer), "overlap_protected_areas") == want


def test_a_bare_point_inside_is_inside(make: SimpleNamespace) -> None:
    layer = make.layer(reserve(200), complete="UGA")
    table = facts(make, make.point(*UGANDA, radius_m=None), protected_areas=layer)
    assert said(table, "overlap_protected_areas") == (True, None)


def flooded(west_m: float, east_m: float) -> shapely.Geometry:
    lon, lat = UGANDA
    return shapely.box(lon + west_m * METRE, lat - 0.01, lon + east_m * METRE, lat + 0.01)


DAM = {"type": "hydropower_large", "capacity_mw": 600.0}


@pytest.mark.parametrize(
    ("given", "want"),
    [
        ({}, (None, "extent_not_given")),
        ({"reservoir_area_km2": 50.0}, (None, "extent_not_given")),
        ({"reservoir": flooded(10, 500), "radius_m": None}, (False, None)),
        ({"reservoir": flooded(10, 500)}, (False, None)),
        ({"reservoir": flooded(-500, 500)}, (False, None)),
        ({"reservoir": flooded(10, 2_000)}, (True, None)),
    ],
    ids=["nothing", "area-only", "bare-and-drawn", "drawn-clear", "drawn-around-clear", "drawn-floods"],
)
def test_a_dam_is_where_its_reservoir_is_too(
    make: SimpleNamespace, given: dict[str, object], want: tuple[object, str | None]
) -> None:
    layer = make.layer(reserve(-1_000), complete="UGA")
    table = facts(make, make.point(*UGANDA, **DAM, **given), protected_areas=layer)
    assert said(table, "overlap_protected_areas") == want


def test_a_dam_given_by_its_outline_is_taken_to_be_all_of_it(make: SimpleNamespace) -> None:
    layer = make.layer(reserve(-1_000), complete="UGA")
    table = facts(make, make.project(flooded(-500, 500), **DAM), protected_areas=layer)
    assert said(table, "overlap_protected_areas") == (False, None)


@pytest.mark.parametrize(("complete", "want"), [("UGA", None), (("UGA", "KEN"), False)])
def test_a_dam_near_a_border_may_flood_the_other_side(
    make: SimpleNamespace, complete: str | tuple[str, ...], want: bool | None
) -> None:
    layer = make.layer(reserve(-1_000), complete=complete)
    beside = {"lon": 33.95, "lat": 0.45}  # 20 km west of Kenya, and further from the reserve than a reservoir reaches
    dam = facts(make, make.point(**beside, **DAM), protected_areas=layer)
    solar = facts(make, make.point(**beside), protected_areas=layer)
    assert said(dam, "overlap_protected_areas")[0] is want
    assert said(solar, "overlap_protected_areas")[0] is False


def test_a_flooded_reserve_is_measured(make: SimpleNamespace) -> None:
    layer = make.layer(reserve(-1_000), complete="UGA")
    table = facts(make, make.point(*UGANDA, **DAM, reservoir=flooded(10, 2_000)), protected_areas=layer)
    lon, lat = UGANDA
    drowned = shapely.box(lon + 1_000 * METRE, lat - 0.01, lon + 2_000 * METRE, lat + 0.01)
    want, _ = Geod(ellps="WGS84").geometry_area_perimeter(shapely.segmentize(drowned, 0.001))
    assert said(table, "overlap_area_protected_areas")[0] == pytest.approx(abs(want), rel=1e-5)


def test_dams_of_one_point_with_two_reservoirs_are_two_places(make: SimpleNamespace) -> None:
    layer = make.layer(reserve(-1_000), complete="UGA")
    dams = [make.point(*UGANDA, **DAM, reservoir=flooded(10, far)) for far in (500, 2_000)]
    table = measure(make.portfolio(*dams), {"protected_areas": layer}, ON)
    assert list(table["overlap_protected_areas"].values) == [False, True]


def test_layers_of_a_portfolio_without_a_place_ask_nothing(make: SimpleNamespace) -> None:
    whole = make.portfolio(make.point(*UGANDA))
    none = replace(whole, projects=whole.projects.clear(), geometry=whole.geometry[:0], reservoirs=whole.reservoirs[:0])
    found = measure(none, {"protected_areas": make.layer(reserve(200), complete="UGA")}, ON)
    assert len(found["overlap_ramsar"].values) == 0
