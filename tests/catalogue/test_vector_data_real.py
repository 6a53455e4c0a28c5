"""Real files through the definitions of their data sets: counts and spot values; tables of parts."""

from __future__ import annotations

import re
import runpy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from greensilk.catalogue import import_layer, open_layer
from greensilk.catalogue.data_info import DataInfo
from greensilk.catalogue.installing import Asked
from greensilk.catalogue.layer_records import LayerInfo
from greensilk.catalogue.plans import parts_table
from greensilk.catalogue.pulling import import_files
from greensilk.catalogue.readers import read_batches
from greensilk.places import country_codes

COUNTED = (
    "ne_10m_admin_0_disputed_areas", "ne_10m_glaciated_areas", "ne_10m_lakes", "ne_10m_populated_places_simple",
    "ne_10m_ports", "ne_10m_reefs", "ne_10m_rivers_lake_centerlines", "ne_110m_admin_0_countries",
    "ne_50m_admin_0_countries", "ne_50m_urban_areas",
)  # fmt: skip


@pytest.fixture(autouse=True)
def non_commercial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")


def layers_of(made: Sequence[DataInfo]) -> dict[str, LayerInfo]:
    return {info.id: info for info in made if isinstance(info, LayerInfo)}


@pytest.mark.shared
def test_the_power_plants_of_the_world(shared: Path) -> None:
    path = shared / "wri_gppd" / "global_power_plant_database.csv"
    info = layers_of(import_files("wri_power_plants", [path], Asked(version="1.3.0")).made)["power_plants"]
    assert (info.features, info.rejected, info.left_out, info.geometry_kind) == (34_936, 0, 0, "point")
    assert (info.licence, info.dataset, info.coverage_in("CHN").status) == ("CC-BY-4.0", "wri_power_plants", "partial")
    layer = open_layer("power_plants")
    plants = layer.attributes
    assert plants["country"].n_unique() == 167
    assert plants["capacity_mw"].cast(float).sum() == pytest.approx(5_706_975.447, abs=0.01)
    assert (plants["country"] == "CHN").sum() == 4235
    row = plants["gppd_idnr"].to_list().index("WRI1022391")
    assert plants.row(row, named=True)["name"] == layer.features.names[row] == "Hongsa"
    assert plants.row(row, named=True)["capacity_mw"] == "1878.0"


@pytest.mark.shared
def test_the_wetlands_of_the_ramsar_list(shared: Path) -> None:
    path = shared / "ramsar_points" / "ramsar_sites.csv"
    info = layers_of(import_files("ramsar_sites", [path], Asked(version="2024")).made)["ramsar"]
    assert (info.features, info.rejected, info.left_out) == (2521, 0, 0)
    assert info.use.commercial is False
    sites = open_layer("ramsar").attributes
    assert (sites["iso3"].n_unique(), sites["ramsarid"].n_unique()) == (172, 2521)
    found = sites.row(sites["ramsarid"].to_list().index("1012"), named=True)
    assert (found["lon"], found["lat"], found["area_off"]) == ("-67.6", "-33.0", "962370.0")


@pytest.mark.shared
def test_the_sites_of_the_world_heritage_list(shared: Path) -> None:
    path = shared / "world_heritage_2019" / "whc-sites-2019.csv"
    made = layers_of(import_files("world_heritage_list", [path], Asked(version="2019")).made)
    assert {name: info.features for name, info in made.items()} == {
        "world_heritage": 213 + 39,
        "world_heritage_cultural": 869,
    }
    assert {info.features + info.left_out for info in made.values()} == {1121}
    natural = open_layer("world_heritage")
    assert (natural.attributes["category"] == "Natural").sum() == 213
    assert "Phong Nha-Ke Bang National Park" in list(natural.features.names)
    assert "Town of Luang Prabang" in list(open_layer("world_heritage_cultural").features.names)


@pytest.mark.shared
def test_the_footprints_of_financed_projects(shared: Path) -> None:
    path = shared / "aiddata_gcdf_v2_geo" / "projects_simplified.gpkg"
    info = layers_of(import_files("aiddata_gcdf", [path]).made)["chinese_financed_projects"]
    assert (info.features + info.rejected, info.left_out, info.geometry_kind) == (3319, 0, "polygon")
    assert info.rejected == 0
    projects = open_layer("chinese_financed_projects").attributes
    assert projects["Recipient"].n_unique() == 138
    assert projects["Commitment Year"].cast(float).max() == 2017


@pytest.mark.shared
def test_layers_of_natural_earth_have_all_their_features(shared: Path) -> None:
    for name in COUNTED:
        path = shared / "natural_earth" / f"{name}.gpkg"
        tables = [table for table, _ in read_batches(path)]
        assert sum(len(table) for table in tables) == pyogrio.read_info(path)["features"], name
        whole = pyogrio.read_dataframe(path, columns=[])
        shapes = np.concatenate([table.geometry for table in tables if table.geometry is not None])
        assert shapely.to_wkb(shapes).tolist() == shapely.to_wkb(whole.geometry.to_numpy()).tolist(), name


@pytest.mark.shared
def test_ports_and_reefs_of_natural_earth(shared: Path) -> None:
    folder = shared / "natural_earth"
    made = layers_of(
        [
            *import_files("natural_earth_ports", [folder / "ne_10m_ports.gpkg"]).made,
            *import_files("natural_earth_reefs", [folder / "ne_10m_reefs.gpkg"]).made,
        ]
    )
    found = {name: (info.features, info.geometry_kind, info.accuracy_m, info.version) for name, info in made.items()}
    assert found == {
        "ports_1to10m": (1081, "point", 5000.0, "5.1"),
        "reefs_1to10m": (1043, "line", 5000.0, "5.1"),
    }
    assert {"Shanghai", "Colombo"} <= set(open_layer("ports_1to10m").features.names)


@pytest.mark.shared
def test_lakes_and_rivers_become_one_layer(shared: Path) -> None:
    paths = [shared / "natural_earth" / f"ne_10m_{name}.gpkg" for name in ("lakes", "rivers_lake_centerlines")]
    info = import_layer("water", paths, licence="public domain", version="5.1", use_commercial=True)
    assert info.features + info.rejected == 1354 + 1455
    assert info.geometry_kind == "polygon"
    assert len(open_layer("water").attributes) == info.features


@pytest.mark.parametrize(("name", "least"), [("hydrorivers", 160), ("geofabrik", 120), ("ghsl_population", 230)])
def test_tables_of_parts_name_countries_and_plain_parts(name: str, least: int) -> None:
    table = parts_table(f"{name}.csv")
    assert set(table) <= set(country_codes())
    assert len(table) >= least
    assert all(
        part == part.strip() and re.fullmatch(r"[a-z/-]+|R[0-9]+_C[0-9]+", part)
        for parts in table.values()
        for part in parts
    )
    assert all(len(parts) == len(set(parts)) for parts in table.values())
    known = {"hydrorivers": {"LAO": ("as",), "KEN": ("af",), "RUS": ("as", "eu", "si")},
             "geofabrik": {"LAO": ("asia/laos",), "KEN": ("africa/kenya",)},
             "ghsl_population": {"KEN": ("R9_C22", "R9_C23", "R10_C22", "R10_C23"), "QAT": ("R7_C24",),
                                     "FJI": ("R11_C1", "R11_C36", "R12_C1", "R12_C36")}}  # fmt: skip
    assert known[name].items() <= table.items()


def test_the_tiles_of_a_country_are_those_its_outlines_and_their_surroundings_touch() -> None:
    tool = runpy.run_path(str(Path(__file__).resolve().parents[2] / "tools" / "ghsl_tiles.py"))
    assert tool["TABLE"].read_text("utf-8") == tool["table"]()
    under = tool["tiles_under"]
    # Hanoi and Cairo, whose tiles public scripts name; a place 40 km from the next row; both sides of 180 degrees
    assert under(shapely.Point(105.8, 21.0)) == ["R7_C29"] and under(shapely.Point(31.5, 29.9)) == ["R6_C22"]
    assert under(shapely.Point(105.0, 19.5)) == ["R7_C29", "R8_C29"]
    assert under(shapely.Point(179.9, -17.0)) == under(shapely.Point(-179.9, -17.0)) == ["R11_C1", "R11_C36"]
