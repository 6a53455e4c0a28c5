"""Shipped data as arrays: every file opens, and windows agree with what rasterio reads by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from greensilk.catalogue import bundle
from greensilk.catalogue.bundle import (
    bundle_features,
    bundle_index,
    bundle_path,
    bundle_raster,
    bundle_table,
    countries,
    verify_bundle,
)
from greensilk.catalogue.rasters import Raster
from greensilk.errors import BundleError
from greensilk.places import country_name, find_country

LAYERS = [name for name, entry in bundle_index().items() if entry.kind in ("vector", "points")]


@pytest.mark.parametrize("name", LAYERS)
def test_layers_open_row_by_row(name: str) -> None:
    features = bundle_features(name)
    assert len(features) == bundle_index()[name].rows
    assert not bundle_table(name).width or len(bundle_table(name)) == len(features)
    assert np.abs(shapely.get_coordinates(features.parts)).max() <= 180.0


def test_shipped_files_are_as_built_and_a_change_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verify_bundle() == []
    for entry in bundle_index().values():
        (tmp_path / entry.file).write_bytes(b"x" if entry.id == "ports" else bundle_path(entry.id).read_bytes())
    (tmp_path / bundle_index()["koppen"].file).unlink()
    monkeypatch.setattr(bundle, "FOLDER", tmp_path)
    assert sorted(verify_bundle()) == ["koppen", "ports"]
    for name in ("koppen", "nothing"):
        with pytest.raises(BundleError):
            bundle_path(name)


def test_countries_know_their_codes_and_names() -> None:
    table = countries()
    row = table.iso_a3.index("LAO")
    assert (table.iso_a2[row], table.name_zh[row]) == ("LA", "老挝")
    parts = table.features.parts[table.features.feature == row]
    assert shapely.contains(shapely.union_all(parts), shapely.Point(102.63, 18.2))
    assert find_country("Côte d’Ivoire") == "CIV"
    assert find_country("刚果（金）") == find_country("Congo, Dem. Rep.") == "COD"
    assert country_name("LAO").zh == "老挝"
    assert country_name("XXX").en == "XXX"
    assert find_country("") is None


def test_every_country_is_found_by_each_of_its_names() -> None:
    table = pl.DataFrame(
        {"code": countries().iso_a3, "en": countries().name_en, "zh": countries().name_zh}
    ).drop_nulls()
    for code, en, zh in table.unique("code").iter_rows():
        assert find_country(code) == find_country(en) == find_country(zh) == code


@pytest.fixture(scope="module")
def globe(tmp_path_factory: pytest.TempPathFactory) -> Raster:
    """A raster of 1 degree that spans the globe; value = column + 1000 x row, in tenths, with one empty cell."""
    path = tmp_path_factory.mktemp("raster") / "globe.tif"
    values = (np.arange(360)[None, :] + 1000 * np.arange(180)[:, None]).astype(np.int32)
    values[90, 180] = -1
    with rasterio.open(
        path, "w", driver="GTiff", height=180, width=360, count=1, dtype="int32", crs="EPSG:4326",
        transform=Affine(1, 0, -180, 0, -1, 90), nodata=-1, tiled=True, blockxsize=64, blockysize=64,
    ) as sink:  # fmt: skip
        sink.write(values, 1)
        sink.scales, sink.offsets = (0.1,), (5.0,)
    return Raster(path)


def expected(column: int, row: int) -> float:
    return (column % 360 + 1000 * row) * 0.1 + 5.0


def test_values_at_points_are_scaled_and_wrap(globe: Raster) -> None:
    found = globe.values_at([0.5, -179.5, 180.5, 179.9, 0.5, 0.5, np.nan], [-0.5, 89.5, 89.5, -90, 91, 0.5, 0])
    assert np.isnan(found[[0, 4, 6]]).all()
    assert found[[1, 2, 3, 5]] == pytest.approx([expected(0, 0), expected(0, 0), expected(359, 179), expected(180, 89)])
    assert globe.values_at([10.5] * 9, [10.5] * 9) == pytest.approx([expected(190, 79)] * 9)


@settings(max_examples=40, deadline=None)
@given(st.floats(-200, 200), st.floats(-95, 95), st.floats(0.01, 30), st.floats(0.01, 30))
def test_windows_hold_the_cells_that_a_box_touches(
    globe: Raster, west: float, south: float, width: float, height: float
) -> None:
    window, transform = globe.read_window((west, south, west + width, south + height))
    for (row, column), value in np.ndenumerate(window):
        lon, lat = transform.c + column + 0.5, transform.f - row - 0.5
        assert west - 1 <= lon <= west + width + 1
        found = globe.values_at([lon], [lat])[0]
        assert found == pytest.approx(value, nan_ok=True)
    if window.size:
        assert transform.c <= west + 1e-6
        assert transform.c + window.shape[1] >= west + width - 1e-6


def test_windows_read_before_and_after_the_band_is_kept_are_equal(globe: Raster) -> None:
    fresh = Raster(globe.path)
    first, _ = fresh.read_window((170, -20, 190, 10))
    for _ in range(20):
        again, _ = fresh.read_window((170, -20, 190, 10))
    assert np.array_equal(first, again, equal_nan=True)
    assert first.shape == (30, 20)


@pytest.mark.parametrize("name", [name for name, entry in bundle_index().items() if entry.kind == "raster"])
def test_shipped_rasters_agree_with_rasterio(name: str) -> None:
    raster = bundle_raster(name)
    lon, lat = np.array([36.82, 102.63, -60.0, 13.4, -178.2]), np.array([-1.29, 17.97, -3.0, 52.5, -17.5])
    with rasterio.open(raster.path) as source:
        raw = np.array([value[0] for value in source.sample(list(zip(lon, lat, strict=True)), indexes=1)], dtype=float)
        raw[raw == source.nodata] = np.nan
        assert raster.values_at(lon, lat) == pytest.approx(raw * source.scales[0] + source.offsets[0], nan_ok=True)
