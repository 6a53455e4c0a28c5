"""The builder reads figures, splits polygons and classifies climates as it says."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

TOOLS = Path(__file__).resolve().parents[2] / "tools" / "bundle"
TONNES = {"metric tonnes of CO2": 1.0}


def tool(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(TOOLS))
        return importlib.import_module(name)


@pytest.mark.parametrize(
    ("text", "units", "value", "year"),
    [
        ("19.023 million metric tonnes of CO2 (2023 est.)", TONNES, 19.023e6, 2023),
        ("741,000 metric tonnes of CO2 (2023 est.)", TONNES, 741_000, 2023),
        ("3.234 billion cubic meters (2022)", {"cubic meters": 1.0}, 3.234e9, 2022),
        ("1,241 kt (2019-2021 est.)", {"kt": 1.0}, 1241, 2021),
        ("4.09% annual rate of change (2020-25 est.)", {"% annual rate of change": 1.0}, 4.09, 2025),
        ("arable land: 11.4% (2023 est.)", {"%": 1.0}, 11.4, 2023),
        ("98%", {"%": 1.0}, 98, None),
    ],
)
def test_printed_figure_is_read(text: str, units: dict[str, float], value: float, year: int | None) -> None:
    figure = tool("factbook").read_figure(text, units)
    assert figure.value == pytest.approx(value, rel=1e-12)
    assert figure.year == year


@pytest.mark.parametrize(
    "text",
    [
        "NA",
        "",
        "19 million short tons (2023 est.)",
        "12 million (2023 est.)",
        "<b>note:</b> 5%",
        "5% (2023 est.); note",
    ],
)
def test_other_text_is_refused_not_guessed(text: str) -> None:
    assert tool("factbook").read_figure(text, TONNES | {"%": 1.0}) is None


@given(number=st.integers(0, 10**9), scale=st.sampled_from(["", "thousand ", "million "]), year=st.integers(1990, 2030))
@settings(max_examples=50, deadline=None)
def test_any_printed_number_comes_back(number: int, scale: str, year: int) -> None:
    factor = {"": 1, "thousand ": 1e3, "million ": 1e6}[scale]
    figure = tool("factbook").read_figure(f"{number:,} {scale}kt ({year} est.)", {"kt": 1.0})
    assert figure.value == pytest.approx(number * factor)
    assert figure.year == year


def test_ring_over_the_antimeridian_is_split() -> None:
    ring = np.array([[178.0, -18], [-178.0, -18], [-178.0, -16], [178.0, -16], [178.0, -18]])
    parts = tool("shapes").split_at_antimeridian(ring, [])
    assert sorted(part.bounds for part in parts) == [(-180.0, -18.0, -178.0, -16.0), (178.0, -18.0, 180.0, -16.0)]


def test_ring_round_the_pole_is_closed_along_it() -> None:
    lon = np.arange(-180.0, 181.0, 30.0)
    ring = np.column_stack([lon, np.full(len(lon), -70.0)])
    ring[-1] = ring[0]
    (part,) = tool("shapes").split_at_antimeridian(ring, [])
    assert part.bounds == (-180.0, -90.0, 180.0, -70.0)
    assert part.area == pytest.approx(360 * 20)


@given(west=st.floats(-180, 180), width=st.floats(0.5, 100))
@settings(max_examples=60, deadline=None)
def test_split_keeps_the_area(west: float, width: float) -> None:
    east = west + width
    lon = np.array([west, east, east, west, west])
    ring = np.column_stack([(lon + 180) % 360 - 180, [0.0, 0, 5, 5, 0]])
    parts = tool("shapes").split_at_antimeridian(ring, [])
    assert sum(part.area for part in parts) == pytest.approx(width * 5, rel=1e-6)
    assert all(part.bounds[0] >= -180 and part.bounds[2] <= 180 for part in parts)


@pytest.mark.parametrize(
    ("celsius", "millimetres", "symbol"),
    [
        ([26] * 12, [200] * 12, "Af"),
        ([26] * 12, [300, 300, 300, 300, 300, 300, 300, 20, 20, 300, 300, 300], "Am"),
        ([26] * 12, [0, 0, 0, 50, 150, 200, 200, 150, 100, 50, 0, 0], "Aw"),
        ([20, 22, 25, 28, 32, 34, 34, 33, 30, 27, 23, 20], [2] * 12, "BWh"),
        ([5, 6, 8, 10, 13, 16, 18, 18, 15, 12, 8, 6], [60] * 12, "Cfb"),
        ([8, 9, 11, 14, 18, 23, 26, 26, 22, 18, 13, 9], [90, 80, 60, 50, 30, 10, 3, 5, 30, 80, 100, 100], "Csa"),
        ([-3, 0, 6, 14, 20, 25, 27, 26, 20, 13, 5, -1], [3, 5, 9, 25, 60, 120, 250, 220, 90, 30, 10, 3], "Dwa"),
        ([-42, -35, -20, -5, 6, 14, 17, 13, 5, -8, -28, -39], [15] * 12, "Dfd"),
        ([-20, -20, -15, -8, 0, 4, 7, 6, 1, -6, -12, -18], [20] * 12, "ET"),
        ([-50, -50, -50, -50, -50, -50, -40, -40, -45, -50, -50, -50], [3] * 12, "EF"),
    ],
)
def test_climate_class(celsius: list[float], millimetres: list[float], symbol: str) -> None:
    temperature = np.array(celsius, dtype=float)[:, None]
    precipitation = np.array(millimetres, dtype=float)[:, None]
    assert str(tool("koppen").classify(temperature, precipitation)[0]) == symbol
    # half a year later the same climate is that of the other hemisphere
    turned = tool("koppen").classify(np.roll(temperature, 6, axis=0), np.roll(precipitation, 6, axis=0))
    assert str(turned[0]) == symbol


def test_node_grid_puts_nodes_at_cell_centres() -> None:
    values = np.arange(4 * 3).reshape(3, 4)
    cells, grid = tool("grids").node_grid(values, 90.0)
    centre = (grid.c + 2.5 * grid.a, grid.f + 0.5 * grid.e)
    assert centre == (0.0, 90.0)
    assert cells[0, 2] == values[0, 0]


def test_operating_margin_needs_enough_fossil_power() -> None:
    empty = dict.fromkeys(tool("power").SOURCES, 0.0)
    coal = empty | {"coal_TWh": 50.0, "hydroelectricity_TWh": 50.0, "total_TWh": 100.0, "carbon_intensity": 450.0}
    assert tool("power").operating_margin(coal) == pytest.approx((450 * 100 - 50 * 24) / 50, abs=0.1)
    hydro = empty | {"coal_TWh": 1.0, "hydroelectricity_TWh": 99.0, "total_TWh": 100.0, "carbon_intensity": 40.0}
    assert tool("power").operating_margin(hydro) is None


def test_values_digest_ignores_compression_and_sees_every_cell(tmp_path: Path) -> None:
    frame = pl.DataFrame({"name": ["a", None, "c"], "value": [1.0, 2.0, None]})
    frame.write_parquet(tmp_path / "zstd.parquet", compression="zstd")
    frame.write_parquet(tmp_path / "plain.parquet", compression="uncompressed")
    frame.with_columns(pl.Series("value", [1.0, 2.5, None])).write_parquet(tmp_path / "other.parquet")
    digest = tool("write").values_sha256
    assert digest(tmp_path / "zstd.parquet") == digest(tmp_path / "plain.parquet")
    assert digest(tmp_path / "zstd.parquet") != digest(tmp_path / "other.parquet")


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    target.write_text("old", encoding="utf-8")

    def fail(part: Path) -> None:
        part.write_text("half", encoding="utf-8")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        tool("write").atomically(target, fail)
    assert target.read_text(encoding="utf-8") == "old"


def test_topojson_arcs_are_joined_both_ways(tmp_path: Path) -> None:
    topology = (
        '{"type":"Topology","transform":{"scale":[1,1],"translate":[0,0]},'
        '"arcs":[[[0,0],[2,0]],[[0,0],[0,2],[2,0],[0,-2]]],'
        '"objects":{"countries":{"type":"GeometryCollection","geometries":'
        '[{"type":"Polygon","arcs":[[0,-2]],"id":"404","properties":{"name":"K"}}]}}}'
    )
    path = tmp_path / "world.json"
    path.write_text(topology, encoding="utf-8")
    (feature,) = tool("topojson").read_topojson(path, "countries")
    assert feature.code == "404"
    assert shapely.equals(feature.geometry, shapely.box(0, 0, 2, 2))
