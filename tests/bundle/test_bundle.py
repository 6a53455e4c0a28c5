"""The shipped files are what the index says, and their values are those of the world."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import rasterio
import shapely
import yaml

from greensilk.catalogue.bundle import BundleFile, bundle_index, file_sha256

FOLDER = Path(__file__).resolve().parents[2] / "src" / "greensilk" / "bundle"
LARGEST_BUNDLE_BYTES = 50_000_000
ALLOWED_LICENCES = {
    "LicenseRef-public-domain",
    "LicenseRef-nasa-open",
    "CC-BY-4.0",
    "CC-BY-3.0-IGO",
    "MIT",
    "Apache-2.0",
}
TABLES = ("country_environment", "country_factors", "grid_carbon", "population")
LAYERS = ("countries", "countries_chn", "coastline", "rivers", "lakes")
POINTS = ("ports", "airports", "places")
RASTERS = ("land_cover", "ndvi_max", "koppen", "temperature", "precipitation", "elevation", "land_mask")


def read(name: str) -> pl.DataFrame:
    return pl.read_parquet(FOLDER / f"{name}.parquet")


def cell(name: str, lon: float, lat: float, band: int = 1) -> float:
    with rasterio.open(FOLDER / f"{name}.tif") as raster:
        value = next(iter(raster.sample([(lon, lat)], indexes=band)))[0]
        return float(value) * float(raster.scales[band - 1])


def geometries(name: str) -> np.ndarray:
    return np.array([shapely.from_wkb(wkb) for wkb in read(name)["geometry"]], dtype=object)


def country_at(lon: float, lat: float) -> list[str]:
    names = read("countries")["name_en"]
    return [names[int(index)] for index in np.flatnonzero(shapely.intersects_xy(geometries("countries"), lon, lat))]


@pytest.mark.parametrize("entry", bundle_index().values(), ids=lambda entry: entry.id)
def test_file_is_the_one_of_the_index(entry: BundleFile) -> None:
    path = FOLDER / entry.file
    assert path.stat().st_size == entry.bytes
    assert file_sha256(path) == entry.sha256


def test_index_names_every_file_and_the_whole_is_small() -> None:
    files = {entry.file for entry in bundle_index().values()}
    assert files == {path.name for path in FOLDER.iterdir()} - {"index.yaml"}
    assert sum(entry.bytes for entry in bundle_index().values()) <= LARGEST_BUNDLE_BYTES
    assert {*LAYERS, *POINTS, *RASTERS, *TABLES} <= set(bundle_index())


@pytest.mark.parametrize("entry", bundle_index().values(), ids=lambda entry: entry.id)
def test_licence_is_allowed_and_has_evidence(entry: BundleFile) -> None:
    assert entry.licence in ALLOWED_LICENCES
    assert len(entry.licence_evidence) > 20
    assert entry.attribution


def test_strings_of_the_index_are_quoted() -> None:
    text = (FOLDER / "index.yaml").read_text(encoding="utf-8")
    bare = [event for event in yaml.parse(text, Loader=yaml.SafeLoader)
            if isinstance(event, yaml.ScalarEvent) and event.style is None]  # fmt: skip
    keys = {*BundleFile.model_fields, "files", "en", "zh", "href", "ecosystem", "name"}
    literals = {event.value for event in bare} - keys
    assert all(value in {"null", "true", "false"} or value.replace(".", "", 1).isdigit() for value in literals)


@pytest.mark.parametrize("name", LAYERS)
def test_layer_is_valid_and_inside_the_map(name: str) -> None:
    shapes = geometries(name)
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()
    west, south, east, north = shapely.total_bounds(shapes)
    assert -180 <= west < east <= 180 and -90 <= south < north <= 90
    lon = np.diff(shapely.get_coordinates(shapely.get_parts(shapes)[0])[:, 0])
    assert np.abs(lon).max() < 180


@pytest.mark.parametrize("name", ["countries", "countries_chn", "lakes"])
def test_polygon_layer_holds_polygons_only(name: str) -> None:
    assert {shape.geom_type for shape in geometries(name)} <= {"Polygon", "MultiPolygon"}


def test_every_country_has_a_code_or_says_why_not() -> None:
    countries = read("countries")
    assert set(countries["level"]) == {"country", "territory without ISO code"}
    assert countries.filter((pl.col("level") == "country") != pl.col("iso_a3").is_not_null()).is_empty()
    for code, length in (("iso_a3", 3), ("iso_a2", 2), ("iso_n3", 3)):
        known = countries[code].drop_nulls()
        assert (known.str.len_chars() == length).all()
        assert known.is_unique().all()
    assert countries["name_en"].str.len_chars().min() > 0
    assert countries["name_zh"].str.contains(r"\p{Han}").all()


@pytest.mark.parametrize(
    ("lon", "lat", "name"),
    [
        (36.82, -1.29, "Kenya"),
        (179.99, 67.0, "Russia"),
        (-179.9, 67.0, "Russia"),
        (178.0, -17.8, "Fiji"),
        (0.0, -89.0, "Antarctica"),
        (20.9, 42.6, "Kosovo"),
        (44.0, 9.5, "Somaliland"),
        (15.6, 78.2, "Norway"),
        (103.85, 1.35, "Singapore"),
    ],
)
def test_place_lies_in_its_country(lon: float, lat: float, name: str) -> None:
    assert country_at(lon, lat) == [name]


def test_areas_of_countries_are_right_on_the_ellipsoid() -> None:
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    countries = read("countries")
    for name, area_km2 in (("Kenya", 580_367), ("Russia", 17_098_246), ("Fiji", 18_274), ("Laos", 236_800)):
        shape = shapely.from_wkb(countries.filter(name_en=name)["geometry"][0])
        measured_km2 = abs(geod.geometry_area_perimeter(shape)[0]) / 1e6
        assert measured_km2 == pytest.approx(area_km2, rel=0.04)


def test_world_view_of_china_joins_without_gaps() -> None:
    joined = read("countries_chn")
    china = shapely.from_wkb(joined.filter(iso_a3="CHN")["geometry"][0])
    assert all(china.contains(shapely.Point(place)) for place in [(121.0, 24.0), (114.17, 22.4), (94.0, 28.2)])
    assert sum(len(part.interiors) for part in china.geoms) == 0
    assert not {"TWN", "HKG", "MAC"} & set(joined["iso_a3"].drop_nulls())


@pytest.mark.parametrize("name", POINTS)
def test_points_lie_on_the_map_with_known_countries(name: str) -> None:
    table = read(name)
    assert table["lon"].is_between(-180, 180).all()
    assert table["lat"].is_between(-90, 90).all()
    assert table["lon"].null_count() == table["lat"].null_count() == 0
    assert table["iso_a2"].str.contains(r"^[A-Z]{2}$").all()
    assert table["iso_a2"].null_count() <= (20 if name == "ports" else 0)
    assert not {"AN", "CS", "SU", "YU"} & set(table["iso_a2"].drop_nulls())


def test_airports_have_a_real_code() -> None:
    airports = read("airports")
    assert airports["code"].str.contains(r"^[A-Z]{3,4}$").all()
    assert airports.filter(pl.col("icao").is_null() & pl.col("iata").is_null()).is_empty()
    nairobi = airports.filter(iata="NBO")
    assert nairobi["icao"].to_list() == ["HKJK"]
    assert (nairobi["lon"][0], nairobi["lat"][0]) == pytest.approx((36.93, -1.32), abs=0.02)


@pytest.mark.parametrize("name", ["rivers", "lakes"])
def test_names_hold_no_lost_letters(name: str) -> None:
    names = read(name)["name_en"].drop_nulls()
    assert not names.str.contains(r"[?\x{FFFD}]").any()
    assert len(names) > 300


def test_unknown_population_is_null_never_zero() -> None:
    population = read("places")["population"]
    assert population.min() > 0
    assert population.null_count() == 11_933


def test_ports_away_from_the_sea_are_marked() -> None:
    ports = read("ports")
    by_code = dict(zip(ports["code"], ports["sea_within_25_km"], strict=True))
    assert by_code["KEMBA"] and by_code["CNSHA"] and by_code["LKCMB"]
    assert not by_code["USMXI"]


@pytest.mark.parametrize("name", RASTERS)
def test_raster_is_tiled_north_up_round_the_globe(name: str) -> None:
    with rasterio.open(FOLDER / f"{name}.tif") as raster:
        assert raster.crs.to_epsg() == 4326
        assert raster.profile["tiled"] and raster.profile["blockxsize"] == 256
        assert raster.transform.a > 0 > raster.transform.e
        assert raster.width * raster.transform.a == pytest.approx(360)
        assert abs(raster.bounds.left + 180) <= raster.transform.a / 2 + 1e-9
        assert all(raster.descriptions)
        assert (raster.nodata is None) == (name == "land_mask")


@pytest.mark.parametrize(
    ("name", "lon", "lat", "band", "value"),
    [
        ("temperature", 36.82, -1.29, 1, 19.9),
        ("precipitation", 36.82, -1.29, 4, 130),
        ("land_cover", 22.0, -1.0, 1, 2),
        ("land_cover", 10.0, 24.0, 1, 16),
        ("land_cover", -63.0, -5.0, 1, 2),
        ("land_cover", -93.5, 42.0, 1, 12),
        ("land_cover", 36.82, -1.29, 1, 13),
        ("ndvi_max", 22.0, -1.0, 1, 0.87),
        ("ndvi_max", 10.0, 24.0, 1, 0.10),
        ("elevation", 38.75, 9.03, 1, 2433),
        ("land_mask", 36.82, -1.29, 1, 1),
        ("land_mask", -30.0, 0.0, 1, 0),
    ],
)
def test_spot_value(name: str, lon: float, lat: float, band: int, value: float) -> None:
    tolerance = {"temperature": 0.15, "precipitation": 1.5, "ndvi_max": 0.03, "elevation": 50}.get(name, 0)
    assert cell(name, lon, lat, band) == pytest.approx(value, abs=tolerance)


@pytest.mark.parametrize(
    ("lon", "lat", "symbols"),
    [
        (22.0, -1.0, {"Af", "Am"}),
        (10.0, 24.0, {"BWh"}),
        (-0.13, 51.5, {"Cfb"}),
        (100.0, 62.0, {"Dfc"}),
        (67.0, 24.9, {"BWh"}),
        (102.6, 18.0, {"Aw"}),
        (0.0, -80.0, {"EF"}),
    ],
)
def test_climate_class_of_well_known_places(lon: float, lat: float, symbols: set[str]) -> None:
    classes = dict(pl.read_csv(FOLDER / "koppen_classes.csv").select("code", "symbol").iter_rows())
    assert len(classes) == 30
    assert classes[int(cell("koppen", lon, lat))] in symbols


@pytest.mark.parametrize("name", TABLES)
def test_every_value_has_unit_source_and_year_or_note(name: str) -> None:
    table = read(name)
    value = "population" if name == "population" else "value"
    assert table[value].null_count() == 0
    assert table[value].cast(pl.Float64).is_finite().all()
    assert (table["unit"].str.len_chars() > 0).all()
    assert (table["source"].str.len_chars() > 0).all()
    assert table.filter(pl.col("year").is_null() & (pl.col("note").str.len_chars() == 0)).is_empty()
    assert table["iso_a3"].str.contains(r"^[A-Z]{3}$").all()


@pytest.mark.parametrize(
    ("name", "iso_a3", "indicator", "value"),
    [
        ("country_environment", "KEN", "pm25_mean", 12.7),
        ("country_environment", "KEN", "co2_total", 19.023e6),
        ("country_environment", "KEN", "water_withdrawal_agricultural", 3.234e9),
        ("country_environment", "CHN", "forest_share", 23.4),
        ("country_factors", "KEN", "water_scarcity_unspecified", 22.1),
        ("country_factors", "CHN", "water_scarcity_unspecified", 22.3),
        ("country_factors", "SAU", "water_scarcity_unspecified", 38.1),
        ("country_factors", "MDG", "species_loss_annual_crop", 6.3e-14),
        ("country_factors", "KEN", "species_loss_annual_crop", 7.0e-15),
        ("grid_carbon", "KEN", "grid_carbon_average", 70.5),
    ],
)
def test_country_value(name: str, iso_a3: str, indicator: str, value: float) -> None:
    rows = read(name).filter(iso_a3=iso_a3, indicator=indicator)
    assert rows["value"].to_list() == pytest.approx([value], rel=0.02)


def test_implausible_figures_are_not_shipped() -> None:
    table = read("country_environment")
    assert table.filter(pl.col("indicator").str.starts_with("co2") & (pl.col("value") < 0)).is_empty()
    shares = table.filter(pl.col("indicator").str.contains("share"))
    assert shares["value"].is_between(0, 100).all()


def test_low_and_high_enclose_a_plausible_spread() -> None:
    known = read("country_factors").drop_nulls("low")
    assert (known["low"] <= known["high"]).all()


def test_electricity_mix_adds_up_and_agrees_with_the_factbook() -> None:
    grid = read("grid_carbon")
    mix = grid.filter(pl.col("indicator").str.starts_with("electricity_mix"))
    sums = mix.group_by("iso_a3").agg(pl.col("value").sum())
    assert sums["value"].is_between(99.9, 100.1).all()
    hydro = mix.filter(indicator="electricity_mix_hydro").select("iso_a3", "value")
    printed = read("country_environment").filter(indicator="electricity_share_hydro").select("iso_a3", "value")
    both = hydro.join(printed, on="iso_a3")
    assert len(both) > 100
    # the factbook calls them shares of capacity; as shares of generation the two sources agree
    assert float((both["value"] - both["value_right"]).abs().median()) < 3


def test_population_of_the_world_and_of_kenya() -> None:
    table = read("population")
    assert table.filter(year=2020)["population"].sum() == pytest.approx(7.89e9, rel=0.01)
    assert table.filter(iso_a3="KEN", year=2020)["population"].to_list() == pytest.approx([52.2e6], rel=0.01)
    assert set(table.filter(pl.col("year") > 2024)["note"]) == {"projection, medium variant"}


def test_document_is_that_of_the_index() -> None:
    document = (FOLDER.parents[2] / "docs" / "method" / "bundle.md").read_text(encoding="utf-8")
    for entry in bundle_index().values():
        assert f"| {entry.file} | {entry.title.en} | {entry.licence} |" in document
        assert entry.licence_evidence in document
