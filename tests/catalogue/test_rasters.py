"""Rasters by tiles against rasterio: any layout, any size of cache, and never the whole band in memory."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from greensilk.catalogue import rasters
from greensilk.catalogue.blocks import BlockCache
from greensilk.catalogue.rasters import Band, Raster
from greensilk.errors import BundleError
from greensilk.geometry.circles import circles
from greensilk.geometry.outlines import outlines_of
from greensilk.geometry.raster import ZoneCells

ROWS, COLUMNS = 90, 170  # no multiple of a tile
LAYOUTS: dict[str, dict[str, Any]] = {
    "tiles": {"tiled": True, "blockxsize": 64, "blockysize": 32, "compress": "deflate"},
    "strips": {"blockysize": 7, "compress": "lzw"},
    "pixels": {"tiled": True, "blockxsize": 32, "blockysize": 32, "interleave": "pixel"},
    "floats": {"tiled": True, "blockxsize": 16, "blockysize": 16, "dtype": "float32", "nodata": np.nan},
}


def numbers(dtype: str) -> np.ndarray:
    """(2, rows, columns) with a tenth missing."""
    rng = np.random.default_rng(5)
    values = rng.integers(-500, 500, (2, ROWS, COLUMNS)).astype(dtype)
    values[rng.random(values.shape) < 0.1] = np.nan if dtype == "float32" else -999
    return values


def written(path: Path, values: np.ndarray, **layout: Any) -> Path:
    options = {"dtype": "int16", "nodata": -999} | layout
    with rasterio.open(
        path, "w", driver="GTiff", count=len(values), height=ROWS, width=COLUMNS, crs="EPSG:4326",
        transform=Affine(0.5, 0, 10, 0, -0.5, 50), **options,
    ) as sink:  # fmt: skip
        sink.write(values)
        sink.scales, sink.offsets = (0.1, 2.0), (5.0, 0.0)
    return path


@pytest.fixture(scope="module", params=list(LAYOUTS))
def layout(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    chosen = LAYOUTS[request.param]
    values = numbers(chosen.get("dtype", "int16"))
    path = written(tmp_path_factory.mktemp("rasters") / f"{request.param}.tif", values, **chosen)
    scaled = values.astype(float) * np.array([0.1, 2.0])[:, None, None] + np.array([5.0, 0.0])[:, None, None]
    return path, np.where((values == -999) | np.isnan(values), np.nan, scaled)


@pytest.mark.parametrize("band", [1, 2])
@pytest.mark.parametrize("most_bytes", [0, 9_000, 10**8])
def test_cells_are_those_of_the_file(layout: tuple[Path, np.ndarray], band: int, most_bytes: int) -> None:
    path, values = layout
    blocks = BlockCache(most_bytes)
    raster = Raster(path, blocks)
    rng = np.random.default_rng(1)
    row, column = rng.integers(0, ROWS, 500), rng.integers(0, COLUMNS, 500)
    for _ in range(2):
        found = raster.values_at(10 + (column + 0.5) / 2, 50 - (row + 0.5) / 2, band)
        assert found == pytest.approx(values[band - 1, row, column], nan_ok=True)
    tile = np.prod(raster.band().tile_shape) * raster.band().dtype.itemsize
    assert blocks.held_bytes <= max(most_bytes, tile)


@settings(max_examples=25, deadline=None)
@given(st.floats(9, 94), st.floats(4, 51), st.floats(0.01, 20), st.floats(0.01, 20))
def test_windows_are_those_of_the_file(
    layout: tuple[Path, np.ndarray], west: float, south: float, width: float, height: float
) -> None:
    path, values = layout
    window, corner = Raster(path, BlockCache()).read_window((west, south, west + width, south + height))
    row, column = round((50 - corner.f) * 2), round((corner.c - 10) * 2)
    rows, columns = window.shape
    assert window == pytest.approx(values[0, row : row + rows, column : column + columns], nan_ok=True)


@pytest.mark.parametrize("most_bytes", [0, 10**8])
def test_sums_over_zones_are_those_of_the_whole_band(layout: tuple[Path, np.ndarray], most_bytes: int) -> None:
    path, values = layout
    raster = Raster(path, BlockCache(most_bytes))
    discs = circles(np.array([12.0, 60.0, 94.8]), np.array([48.0, 20.0, 7.0]), np.full(3, 150_000.0))
    cells = ZoneCells.under(discs, 3, raster.grid)
    found = cells.sums(raster.band())
    area, total = np.zeros(3), np.zeros(3)
    for (zone, row, column, length), fraction in zip(cells.runs, cells.fraction, strict=True):
        held = values[0, row, column : column + length]
        weight = fraction * raster.grid.row_area_m2()[row]
        area[zone] += weight * np.isfinite(held).sum()
        total[zone] += weight * np.nansum(held)
    assert found.area_m2 == pytest.approx(area)
    assert found.total == pytest.approx(total)


def counted_reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    reads: list[tuple[int, int, int]] = []
    plain: Callable[[Band, int, int], np.ndarray] = Band._read

    def counting(band: Band, row: int, column: int) -> np.ndarray:
        reads.append((band.number, row, column))
        return plain(band, row, column)

    monkeypatch.setattr(Band, "_read", counting)
    return reads


def test_each_tile_is_read_once_and_only_those_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = counted_reads(monkeypatch)
    raster = Raster(written(tmp_path / "a.tif", numbers("int16"), **LAYOUTS["tiles"]), BlockCache())
    for _ in range(3):
        raster.values_at([10.1, 10.2, 30.0, 60.0], [49.9, 49.8, 49.9, 20.0])
        raster.values_at([10.1], [49.9], band=2)
    assert sorted(reads) == [(1, 0, 0), (1, 1, 1), (2, 0, 0)]


def test_the_tile_not_used_for_longest_is_dropped_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = counted_reads(monkeypatch)
    raster = Raster(written(tmp_path / "a.tif", numbers("int16"), **LAYOUTS["tiles"]), BlockCache(2 * 64 * 32 * 2))
    for lon in (10.0, 50.0, 10.0, 90.0, 10.0, 50.0):  # three tiles, room for two
        raster.values_at([lon], [49.9])
    assert [column for _, _, column in reads] == [0, 1, 2, 1]


def test_the_cache_is_one_for_all_rasters_and_keys_do_not_mix(tmp_path: Path) -> None:
    values = numbers("int16")
    blocks = BlockCache()
    one = Raster(written(tmp_path / "a.tif", values, **LAYOUTS["tiles"]), blocks)
    other = Raster(written(tmp_path / "b.tif", values[::-1], **LAYOUTS["tiles"]), blocks)
    row, column = (grid.ravel() for grid in np.indices((ROWS, COLUMNS)))
    for raster, held in ((one, values), (other, values[::-1]), (one, values)):
        for band in (1, 2):
            raw = (raster.band(band).cells(row, column) - raster.band(band).offset) / raster.band(band).scale
            want = np.where(held[band - 1] == -999, np.nan, held[band - 1]).ravel()
            assert raw == pytest.approx(want, abs=1e-6, nan_ok=True)
    assert blocks.held_bytes == 2 * values.nbytes
    assert Raster(one.path).blocks is rasters.BLOCKS


def test_another_process_opens_the_file_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raster = Raster(written(tmp_path / "a.tif", numbers("int16"), **LAYOUTS["tiles"]), BlockCache())
    first = raster.dataset
    assert raster.dataset is first
    monkeypatch.setattr("greensilk.catalogue.rasters.os.getpid", lambda: -1)
    assert raster.dataset is not first


def test_a_file_cut_short_or_not_square_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "a.tif", numbers("int16"), **LAYOUTS["tiles"])
    (tmp_path / "none.tif").write_bytes(b"II*\0")
    with pytest.raises(BundleError, match="altered"):
        _ = Raster(tmp_path / "none.tif").grid
    content = bytearray(whole.read_bytes())
    content[len(content) // 3 :] = bytes(len(content) - len(content) // 3)
    (tmp_path / "cut.tif").write_bytes(content)
    with pytest.raises(BundleError, match="altered"):
        Raster(tmp_path / "cut.tif", BlockCache()).read_window((10, 5, 95, 50))
    with rasterio.open(whole, "r+") as sink:
        sink.transform = Affine(0.5, 0, 10, 0, -0.25, 50)
    with pytest.raises(BundleError, match="square"):
        _ = Raster(whole).grid


MEASURE = """
    import sys
    import numpy as np
    from greensilk.catalogue.rasters import Raster
    from greensilk.geometry.circles import circles
    from greensilk.geometry.raster import ZoneCells

    def resident(field):
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(field)) * 1024

    def measured(raster, n):
        rng = np.random.default_rng(3)
        lon, lat = rng.uniform(-180, 180, n), rng.uniform(-80, 80, n)
        discs = circles(lon, lat, np.full(n, 50_000.0))
        raster.values_at(lon, lat)
        return ZoneCells.under(discs, n, raster.grid).sums(raster.band())

    raster = Raster(sys.argv[1])
    measured(raster, 2)
    before = resident("VmRSS")
    assert (measured(raster, 400).cells > 0).all()
    print(resident("VmHWM") - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="resident memory is read from /proc")
def test_a_large_raster_is_measured_without_being_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "sparse.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=10_800, width=21_600, dtype="int16", crs="EPSG:4326",
        transform=Affine(1 / 60, 0, -180, 0, -1 / 60, 90), tiled=True, sparse_ok=True,
    ):  # fmt: skip
        pass
    command = [sys.executable, "-c", textwrap.dedent(MEASURE), str(path)]
    grown = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert grown < 130_000_000 < 10_800 * 21_600 * 2  # the cache, tiles at work, zones; and the band that is not there


def test_polygons_and_discs_have_the_same_cells(layout: tuple[Path, np.ndarray]) -> None:
    raster = Raster(layout[0], BlockCache())
    discs = circles(np.array([30.0]), np.array([30.0]), np.array([90_000.0]))
    one, other = (ZoneCells.under(zone, 1, raster.grid) for zone in (discs, outlines_of(discs.geometries())))
    assert np.array_equal(one.runs, other.runs)
    assert np.array_equal(one.fraction, other.fraction)
