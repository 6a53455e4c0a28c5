"""HDF5 files that take their values from other files, made here with HDF5 itself: none of them is read."""

from __future__ import annotations

import ctypes
import random
from ctypes import c_char_p, c_int, c_int64, c_uint, c_uint64, c_void_p
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from greensilk.catalogue import hdf5_links
from greensilk.catalogue.hdf5_links import require_self_contained
from greensilk.catalogue.outputs import RasterGrid, RasterOutput
from greensilk.catalogue.raster_apart import Apart
from greensilk.catalogue.raster_files import RasterFile, look
from greensilk.errors import LayerError
from greensilk.records import Label

ID = c_int64
CELLS = np.arange(100.0).reshape(10, 10)
OUTPUT = RasterOutput(
    kind="raster", raster="warmth", label=Label(en="Warmth", zh="温度"), files=("*.nc",), variable="warmth", unit="1",
    grid=RasterGrid(west=0, north=10, step_deg=1), accuracy_m=0,
)  # fmt: skip


class Made:
    """Files of HDF5, through the library that rasterio brings."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.hdf5 = folder, hdf5_links._library("made")

    def call(self, function: str, result: Any, kinds: list[Any], *given: Any) -> Any:
        found = hdf5_links._call(self.hdf5, function, result, kinds, *given)
        assert found >= 0, function
        return found

    def constant(self, name: str) -> int:
        return int(ID.in_dll(self.hdf5, name).value)

    def properties(self) -> int:
        return int(self.call("H5Pcreate", ID, [ID], self.constant("H5P_CLS_DATASET_CREATE_ID_g")))

    def space(self) -> int:
        shape = (c_uint64 * 2)(*CELLS.shape)
        return int(self.call("H5Screate_simple", ID, [c_int, c_void_p, c_void_p], 2, shape, None))

    def file(self, name: str) -> int:
        path = bytes(self.folder / name)
        return int(self.call("H5Fcreate", ID, [c_char_p, c_uint, ID, ID], path, 2, 0, 0))

    def closed(self, file: int, name: str) -> Path:
        self.call("H5Fclose", c_int, [ID], file)
        return self.folder / name

    def cells(self, place: int, name: bytes, properties: int = 0) -> None:
        kinds = [ID, c_char_p, ID, ID, ID, ID, ID]
        kind = self.constant("H5T_IEEE_F64LE_g")
        one = self.call("H5Dcreate2", ID, kinds, place, name, kind, self.space(), 0, properties, 0)
        if not properties:
            kind = self.constant("H5T_NATIVE_DOUBLE_g")
            values = CELLS.ctypes.data_as(c_void_p)
            self.call("H5Dwrite", c_int, [ID, ID, ID, ID, ID, c_void_p], one, kind, 0, 0, 0, values)
        self.call("H5Dclose", c_int, [ID], one)

    def plain(self, name: str = "plain.nc") -> Path:
        file = self.file(name)
        self.cells(file, b"warmth")
        return self.closed(file, name)

    def linked(self) -> Path:
        target, file = self.plain("target.h5"), self.file("linked.nc")
        kinds = [c_char_p, c_char_p, ID, c_char_p, ID, ID]
        self.call("H5Lcreate_external", c_int, kinds, bytes(target), b"/warmth", file, b"warmth", 0, 0)
        return self.closed(file, "linked.nc")

    def stored_outside(self) -> Path:
        (self.folder / "raw").write_bytes(CELLS.tobytes())
        properties, file = self.properties(), self.file("outside.nc")
        where = bytes(self.folder / "raw")
        self.call("H5Pset_external", c_int, [ID, c_char_p, c_int64, c_uint64], properties, where, 0, CELLS.nbytes)
        self.cells(file, b"warmth", properties)
        return self.closed(file, "outside.nc")

    def virtual(self, group: bytes = b"") -> Path:
        target, properties, file = self.plain("target.h5"), self.properties(), self.file("virtual.nc")
        kinds = [ID, ID, c_char_p, c_char_p, ID]
        given = (properties, self.space(), bytes(target), b"/warmth", self.space())
        self.call("H5Pset_virtual", c_int, kinds, *given)
        if group:
            self.call("H5Gcreate2", ID, [ID, c_char_p, ID, ID, ID], file, group, 0, 0, 0)
        self.cells(file, group + b"/warmth", properties)
        return self.closed(file, "virtual.nc")


@pytest.mark.parametrize("how", ["linked", "stored_outside", "virtual"])
def test_values_of_other_files_are_not_read(how: str, tmp_path: Path) -> None:
    path = getattr(Made(tmp_path), how)()
    with Apart() as apart, pytest.raises(LayerError) as raised:
        apart.ask(path.name, look, path, path.name, OUTPUT)
    assert raised.value.key == "rasters.points_elsewhere" and "warmth" in str(raised.value)
    assert path.name in raised.value.message("zh")


def test_what_lies_in_a_group_is_looked_at_too(tmp_path: Path) -> None:
    path = Made(tmp_path).virtual(b"/inner")
    with pytest.raises(LayerError, match="inner/warmth"):
        require_self_contained(path, path.name)


def test_a_file_of_its_own_is_read(tmp_path: Path) -> None:
    path = Made(tmp_path).plain()
    with Apart() as apart:
        found = apart.ask(path.name, look, path, path.name, OUTPUT)
    assert (found.width, found.height, found.dtype) == (10, 10, "float64")
    (tmp_path / "classic.nc").write_bytes(b"CDF\1" + bytes(50))
    require_self_contained(tmp_path / "classic.nc", "classic.nc")  # has no such pointers


def test_a_machine_without_the_library_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Made(tmp_path).plain()
    monkeypatch.setattr(ctypes, "CDLL", lambda place: object())
    with pytest.raises(LayerError) as raised:
        require_self_contained(path, "plain.nc")
    assert raised.value.key == "rasters.unchecked_links" and "plain.nc" in raised.value.message("zh")


def test_damaged_files_are_told_and_end_nothing(tmp_path: Path) -> None:
    whole, chance = Made(tmp_path).plain().read_bytes(), random.Random(3)
    told = 0
    with Apart() as apart:
        for turn in range(12):
            damaged = bytearray(whole[: chance.randrange(8, len(whole))] if turn < 4 else whole)
            for _ in range(6):
                damaged[chance.randrange(4, min(len(damaged), 2000))] = chance.randrange(256)
            (tmp_path / "damaged.nc").write_bytes(damaged)
            try:
                assert isinstance(
                    apart.ask("damaged.nc", look, tmp_path / "damaged.nc", "damaged.nc", OUTPUT), RasterFile
                )
            except LayerError as error:
                told += "damaged.nc" in str(error)
    assert told >= 4
