"""HDF5 files, which NetCDF files of version 4 are, may take values from any other file that their reader may open.

Neither HDF5 nor NetCDF has a switch against that for absolute paths, so every link and data set is looked at first.
Only in a process of its own: the library may break down over a damaged file.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_uint, c_void_p
from pathlib import Path
from typing import Any

from greensilk.errors import LayerError

SIGNATURE = b"\x89HDF"
DEFAULT, BY_NAME, NATIVE = 0, 0, 2  # of HDF5: properties as usual, by name, in the fastest order
BASIC = 1  # what is asked of each object
EXTERNAL = 64  # links to other files; larger ones are of kinds that programs define
DATASET, VIRTUAL = 5, 3
NAMES_SHOWN = 5
VISIT_LINK = CFUNCTYPE(c_int, c_int64, c_char_p, POINTER(c_int), c_void_p)
VISIT_OBJECT = CFUNCTYPE(c_int, c_int64, c_char_p, c_void_p, c_void_p)


def require_self_contained(path: Path, name: str) -> None:
    """Nothing, if a file holds its values itself, or is no HDF5 file. name: what it is called in errors

    raises: LayerError naming what it takes from other files; also if it cannot be read, or not be looked at here
    """
    with path.open("rb") as stream:
        if stream.read(len(SIGNATURE)) != SIGNATURE:
            return
    hdf5 = _library(name)
    file = _call(hdf5, "H5Fopen", c_int64, [c_char_p, c_uint, c_int64], bytes(path), 0, DEFAULT)
    if file < 0:
        raise LayerError("rasters.no_raster", file=name)
    try:
        found = _pointers(hdf5, file, name)
    finally:
        _call(hdf5, "H5Fclose", c_int, [c_int64], file)
    if found:
        shown = ", ".join(found[:NAMES_SHOWN]) + (" …" if found[NAMES_SHOWN:] else "")
        raise LayerError("rasters.points_elsewhere", file=name, names=shown)


def _library(name: str) -> Any:
    """The HDF5 library that reads rasters, so that both read a file in the same way."""
    from rasterio import _base

    beside = sorted((Path(_base.__file__).parents[1] / "rasterio.libs").glob("*hdf5*"))
    for place in (_base.__file__, *map(str, beside)):  # the first gives what it depends on too, but not on Windows
        found = ctypes.CDLL(place)
        if hasattr(found, "H5Ovisit3") and hasattr(found, "H5Lvisit2"):
            _call(found, "H5open", c_int, [])
            _call(found, "H5Eset_auto2", c_int, [c_int64, c_void_p, c_void_p], 0, None, None)
            return found
    raise LayerError("rasters.unchecked_links", file=name)


def _call(hdf5: Any, function: str, result: Any, kinds: list[Any], *given: Any) -> Any:
    called = getattr(hdf5, function)
    called.restype, called.argtypes = result, kinds
    return called(*given)


def _pointers(hdf5: Any, file: int, name: str) -> list[str]:
    """Names of what lies in other files.

    raises: LayerError if not everything could be looked at
    """
    found: list[str] = []

    def look_at_link(group: int, link: bytes, info: Any, given: Any) -> int:
        if info[0] >= EXTERNAL:
            found.append(link.decode("utf-8", "replace"))
        return 0

    def look_at_object(group: int, link: bytes, info: Any, given: Any) -> int:
        outside = _is_outside(hdf5, group, link)
        if outside:
            found.append(link.decode("utf-8", "replace"))
        return -1 if outside is None else 0

    visits: list[tuple[str, Callable[..., Any], list[Any], tuple[int, ...]]] = [
        ("H5Lvisit2", VISIT_LINK(look_at_link), [VISIT_LINK, c_void_p], ()),
        ("H5Ovisit3", VISIT_OBJECT(look_at_object), [VISIT_OBJECT, c_void_p, c_uint], (BASIC,)),
    ]
    for function, visit, kinds, more in visits:
        given = (file, BY_NAME, NATIVE, visit, None, *more)
        if _call(hdf5, function, c_int, [c_int64, c_int, c_int, *kinds], *given) < 0:
            raise LayerError("rasters.no_raster", file=name)
    return found


def _is_outside(hdf5: Any, group: int, link: bytes) -> bool | None:
    """Whether the values of an object lie in other files; None where it cannot be told."""
    one = _call(hdf5, "H5Oopen", c_int64, [c_int64, c_char_p, c_int64], group, link, DEFAULT)
    if one < 0:
        return None
    try:
        if _call(hdf5, "H5Iget_type", c_int, [c_int64], one) != DATASET:
            return False
        made = _call(hdf5, "H5Dget_create_plist", c_int64, [c_int64], one)
        files = _call(hdf5, "H5Pget_external_count", c_int, [c_int64], made)
        layout = _call(hdf5, "H5Pget_layout", c_int, [c_int64], made)
        _call(hdf5, "H5Pclose", c_int, [c_int64], made)
        return None if files < 0 or layout < 0 else files > 0 or layout == VIRTUAL
    finally:
        _call(hdf5, "H5Oclose", c_int, [c_int64], one)
