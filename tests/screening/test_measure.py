"""Every fact of the vocabulary, measured with the shipped data."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from greensilk.catalogue.bundle import bundle_features, bundle_table
from greensilk.facts import FactTable
from greensilk.records import Support
from greensilk.screening.measure import measure
from greensilk.texts import room_texts
from greensilk.vocabulary import fact_names

GEOD = Geod(ellps="WGS84")
ON = dt.date(2024, 6, 1)
DTYPES = {"number": pl.Float64, "truth": pl.Boolean, "text": pl.String, "date": pl.Date, "level": pl.Int8}


@pytest.fixture(scope="module")
def world(make: SimpleNamespace) -> FactTable:
    """Sites that are hard in one way each."""
    return measure(
        make.portfolio(
            make.point(104.75, 16.55, id="border", location_accuracy_m=500.0, country_stated="LAO"),
            make.point(179.95, -16.6, id="antimeridian"),
            make.point(15.6, 78.22, id="78N"),
            make.point(-36.0, 80.5, id="80N"),
            make.point(-140.0, -40.0, id="ocean"),
            make.point(0.0, 89.9, id="pole"),
            make.point(103.85, 1.29, id="radius", radius_m=40_000.0),
            make.project(shapely.LineString([(38.0, 9.0), (42.5, 11.5)]), id="route", type="rail_mixed"),
            make.project(shapely.box(30, 0, 32, 2), id="province", location_kind="administrative_area"),
            make.project(None, id="nowhere", type="debt_relief", country_stated="KEN"),
            make.point(104.75, 16.55, id="wrong_country", location_accuracy_m=500.0, country_stated="KEN"),
        ),
        {},
        ON,
    )


def value(table: FactTable, fact: str, project: str) -> object:
    return table[fact].values[table.project_ids.to_list().index(project)]


def reason(table: FactTable, fact: str, project: str) -> str | None:
    reasons = table[fact].reasons
    return None if reasons is None else reasons[table.project_ids.to_list().index(project)]


def test_every_fact_of_the_vocabulary_is_there_with_its_kind(world: FactTable) -> None:
    names = fact_names(world.layers)
    assert set(world.columns) == set(names)
    for name, column in world.columns.items():
        assert column.values.dtype == DTYPES[names[name].kind], name
        assert len(column.values) == len(world)


def test_every_unknown_has_a_reason_and_every_column_an_origin(world: FactTable) -> None:
    known_reasons, known_methods = room_texts("facts"), room_texts("methods")
    for name, column in world.columns.items():
        missing = column.values.is_null()
        if missing.any():
            assert column.reasons is not None, name
            assert column.reasons.is_null().equals(~missing, check_names=False), name
            assert set(column.reasons.drop_nulls()) <= set(known_reasons), name
        else:
            assert column.reasons is None or column.reasons.is_null().all(), name
        assert column.dataset, name
        assert column.method in known_methods, name


def test_numbers_are_finite_and_shares_are_shares(world: FactTable) -> None:
    for name, column in world.columns.items():
        if column.values.dtype == pl.Float64:
            assert column.values.drop_nulls().is_finite().all(), name
        if name.startswith("land_share"):
            assert column.values.drop_nulls().is_between(0, 1).all(), name


@pytest.mark.parametrize(
    ("project", "at"),
    [("antimeridian", (179.95, -16.6)), ("78N", (15.6, 78.22)), ("80N", (-36.0, 80.5)), ("ocean", (-140.0, -40.0))],
)
@pytest.mark.parametrize(("fact", "layer"), [("distance_port", "ports"), ("distance_town", "places")])
def test_distances_agree_with_every_feature_tried(
    world: FactTable, fact: str, layer: str, project: str, at: tuple[float, float]
) -> None:
    ends = shapely.get_coordinates(bundle_features(layer).parts)
    away = GEOD.inv(np.full(len(ends), at[0]), np.full(len(ends), at[1]), *ends.T)[2]
    assert value(world, fact, project) == pytest.approx(away.min(), abs=0.5)
    features = world[fact].features
    assert features is not None
    nearest_name = bundle_table(layer)["name"][int(away.argmin())]
    assert features[world.project_ids.to_list().index(project)] == nearest_name


def test_people_are_those_of_the_places_within_reach(world: FactTable) -> None:
    table = bundle_table("places")
    ends = table.select("lon", "lat").to_numpy().T
    away = GEOD.inv(np.full(len(table), 104.75), np.full(len(table), 16.55), *ends)[2]
    for fact, radius in [("people_within_10km", 10_000), ("people_within_50km", 50_000)]:
        want = table["population"].fill_null(0).filter(pl.Series(away <= radius)).sum()
        assert value(world, fact, "border") == want


def test_a_site_on_a_border_names_both_sides(world: FactTable) -> None:
    assert value(world, "country", "border") == "LAO; THA"
    assert value(world, "countries_within_50km", "border") == ""
    assert value(world, "country_stated_differs", "border") is False
    assert value(world, "country_stated_differs", "wrong_country") is True
    assert value(world, "population_country", "border") == value(world, "population_country", "wrong_country")


def test_a_route_names_the_country_with_most_of_it_first(world: FactTable) -> None:
    assert str(value(world, "country", "route")).split("; ")[0] == "ETH"
    assert value(world, "route_length", "route") == pytest.approx(GEOD.inv(38, 9, 42.5, 11.5)[2], rel=1e-3)


def test_mid_ocean_is_in_no_country_but_everything_else_answers(world: FactTable) -> None:
    assert value(world, "country", "ocean") is None
    assert reason(world, "country", "ocean") == "no_country"
    assert value(world, "countries_within_50km", "ocean") == ""
    assert value(world, "on_land", "ocean") is False
    assert value(world, "land_share_water_10_50km", "ocean") == 1
    assert value(world, "people_within_50km", "ocean") == 0
    assert reason(world, "pm25_annual", "ocean") == "no_country"


def test_off_the_coast_within_the_outline_s_error_it_is_the_nearest_country(make: SimpleNamespace) -> None:
    """Points off Mombasa's open coast, moved seawards."""
    lon = np.linspace(39.57, 39.68, 45)
    table = measure(make.portfolio(*[make.point(float(x), -4.3) for x in lon]), {}, ON, {})
    away = table["distance_coast_1to10m"].values.to_numpy()
    country = table["country"].values.to_list()
    land = table["on_land"].values.to_list()
    sea = [i for i in range(len(lon)) if land[i] is not True]
    near = [i for i in sea if away[i] < 5_900]
    far = [i for i in sea if away[i] > 6_200]
    assert near
    assert far
    assert {country[i] for i in near} == {"KEN"}
    assert {land[i] for i in near} == {None}
    assert {country[i] for i in far} == {None}
    assert {land[i] for i in far} == {False}
    assert table["countries_within_50km"].values[far[0]] == "KEN"


def test_near_a_pole_zones_are_unknown_and_say_so(world: FactTable) -> None:
    assert value(world, "people_within_50km", "pole") == 0
    assert value(world, "countries_within_50km", "pole") == ""
    for fact in ("land_share_forest_10_50km", "ruggedness"):
        assert value(world, fact, "pole") is None
        assert reason(world, fact, "pole") == "near_pole"
    assert value(world, "distance_port", "pole") is not None


def test_a_bare_point_is_smaller_than_twenty_cells(world: FactTable) -> None:
    assert reason(world, "land_share_forest_footprint", "border") == "too_few_cells"
    assert reason(world, "ndvi_max_0_1km", "border") == "too_few_cells"
    assert value(world, "land_cover_here", "border") == "grassland"
    assert world["land_cover_here"].support == Support.KILOMETRES
    assert reason(world, "footprint_area", "border") == "not_computable"


def test_a_radius_makes_a_disc(world: FactTable) -> None:
    assert value(world, "footprint_area", "radius") == pytest.approx(np.pi * 40_000**2, rel=1e-4)
    assert value(world, "land_share_water_footprint", "radius") is not None


def test_an_administrative_area_stands_only_for_its_country(world: FactTable) -> None:
    assert value(world, "country", "province") == "UGA"
    for fact in ("distance_port", "people_within_10km", "land_share_forest_10_50km", "elevation", "overlap_ramsar"):
        assert value(world, fact, "province") is None
        assert reason(world, fact, "province") == "administrative_area"


def test_a_project_without_a_place_keeps_its_stated_country(world: FactTable) -> None:
    assert value(world, "population_country", "nowhere") is not None
    assert reason(world, "distance_port", "nowhere") == "not_given"
    assert reason(world, "overlap_protected_areas", "nowhere") == "not_given"
    assert value(world, "is_built", "nowhere") is False


def test_country_factors_are_country_context_with_their_year(world: FactTable) -> None:
    for name, entry in fact_names(world.layers).items():
        if entry.group == "country":
            assert world[name].support == Support.COUNTRY
    years = world["forest_share_country"].features
    assert years is not None
    assert years[0] is not None
    assert years[0].isdigit()


def test_spot_values_of_land_and_climate(make: SimpleNamespace) -> None:
    spots = make.portfolio(
        make.point(36.8, -1.3, id="nairobi"),
        make.point(91.1, 29.65, id="lhasa"),
        make.point(22.0, 0.5, id="congo"),
        make.point(15.0, 25.0, id="sahara"),
    )
    table = measure(spots, {}, ON, {})
    assert table["temperature_mean"].values[0] == pytest.approx(19, abs=1.5)
    assert table["elevation"].values[1] == pytest.approx(4_200, abs=800)
    assert table["ruggedness"].values[1] > 200
    assert table["land_share_forest_10_50km"].values[2] > 0.8
    assert table["land_cover_here"].values[3] == "barren"
    assert table["ndvi_max_10_50km"].values[3] < 0.2
    assert table["ndvi_max_10_50km"].values[2] > 0.7
    assert table["koppen_class"].values[3] == "BWh"
    assert table["precipitation_annual"].values[2] > 1_200
    assert table["precipitation_annual"].values[3] < 50


def test_an_empty_portfolio_has_columns_and_no_rows(make: SimpleNamespace) -> None:
    table = measure(make.portfolio(), {}, ON)
    assert len(table) == 0
    assert set(table.columns) == set(fact_names(table.layers))


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_projects_does_not_matter(make: SimpleNamespace, random: object) -> None:
    rows = [
        make.point(102.6, 17.97, id="a"),
        make.point(179.95, -16.6, id="b"),
        make.point(102.6, 17.97, id="same_place"),
        make.project(shapely.box(39.0, -5.0, 39.2, -4.8), id="c"),
        make.project(None, id="d"),
    ]
    layers = {"protected_areas": make.layer(shapely.box(39.1, -5, 40, -4), complete=("KEN", "TZA"))}
    shuffled = rows.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    straight = measure(make.portfolio(*rows), layers, ON).long().sort("project_id", "fact")
    mixed = measure(make.portfolio(*shuffled), layers, ON).long().sort("project_id", "fact")
    assert straight.equals(mixed)


def test_a_place_without_an_iso_code_is_named_as_tables_name_it(make: SimpleNamespace) -> None:
    table = measure(make.portfolio(make.point(20.9, 42.6), make.point(45.0, 9.8)), {}, ON, {})
    assert table["country"].values.to_list() == ["XKX", "Somaliland"]
    assert table["forest_share_country"].values[0] == pytest.approx(0.42, abs=0.05)
