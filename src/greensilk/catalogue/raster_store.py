"""Imported rasters on this machine: opened without being read, checked each time, removed in one step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, SupportsIndex

from greensilk.catalogue.datasets import licensed_route
from greensilk.catalogue.licences import require_permission
from greensilk.catalogue.next_steps import damaged
from greensilk.catalogue.raster_import import stored_files, stored_sha256
from greensilk.catalogue.raster_join import VIRTUAL, tile_boxes
from greensilk.catalogue.raster_records import RasterInfo
from greensilk.catalogue.rasters import Meant, Raster
from greensilk.catalogue.shelves import RASTERS
from greensilk.catalogue.stores import Store
from greensilk.errors import LayerError
from greensilk.geometry.arrays import Floats

STORE = Store(RASTERS, RasterInfo, missing="rasters.not_installed", damaged="rasters.damaged")


@dataclass(frozen=True)
class ImportedRaster:
    """An opened raster. It crosses to another process by its name: it is opened there, and must be the same."""

    info: RasterInfo
    raster: Raster

    @cached_property
    def boxes(self) -> Floats:
        """(k, 4) west, south, east, north of its tiles, in longitudes of its grid.

        raises: LayerError if what names them was altered
        """
        try:
            return tile_boxes(self.raster.path, self.raster.grid)
        except (OSError, ValueError) as error:
            raise self.raster.damaged from error

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        return open_raster, (self.info.id, self.info.raster_sha256)


def raster_states() -> dict[str, RasterInfo | LayerError]:
    """Every imported raster by id, or what is wrong with it as far as can be told without reading it."""
    return STORE.states(_glance)


def open_raster(raster_id: str, fingerprint: str | None = None) -> ImportedRaster:
    """An imported raster, ready to measure against.

    fingerprint: RasterInfo.raster_sha256 that it must have; it need not be the version in use, None = that one
    raises: LayerError if it is not installed, files of it are missing or altered, or none has the fingerprint;
    LicenceError if the organisation may not use it
    """
    if fingerprint is None:
        return STORE.steady(raster_id, open_version)
    for folder, info in STORE.versions(raster_id):
        if info.raster_sha256 == fingerprint:
            return open_version(folder, raster_id)
    found = STORE.info(STORE.folder(raster_id), raster_id).raster_sha256
    raise LayerError("rasters.differs", id=raster_id, found=found[:12], expected=fingerprint[:12])


def open_version(folder: Path, raster_id: str) -> ImportedRaster:
    """A version of a raster that need not be the one in use, by its folder.

    raises: LayerError if files of it are missing or altered; LicenceError if the organisation may not use it
    """
    info = _glance(folder, raster_id)
    require_permission(info.label, info.licence, info.use.commercial, licensed_route(info.dataset))
    _require_unaltered(folder, info, thorough=False)
    # A filler that a file does not declare (-32768 m) would pass for a value, and take a good one's place.
    meant = Meant(info.plausible, tuple(int(code) for code in info.classes))
    return ImportedRaster(info, Raster(folder / VIRTUAL, damaged=damaged("rasters.damaged", raster_id), meant=meant))


def verify_raster(raster_id: str) -> RasterInfo:
    """What is known about a raster, once all of its files are read and found unaltered.

    raises: LayerError if it is not installed or was altered on disk
    """

    def look(folder: Path, name: str) -> RasterInfo:
        info = _glance(folder, name)
        _require_unaltered(folder, info, thorough=True)
        return info

    return STORE.steady(raster_id, look)


def remove_raster(raster_id: str) -> None:
    """Takes a raster off this machine.

    raises: LayerError if it is not installed
    """
    STORE.drop(raster_id)


def _require_unaltered(folder: Path, info: RasterInfo, *, thorough: bool) -> None:
    try:
        unaltered = stored_sha256(folder, thorough=thorough) == info.raster_sha256
    except OSError as error:
        raise damaged("rasters.damaged", info.id) from error
    if not unaltered:
        raise damaged("rasters.damaged", info.id)


def _glance(folder: Path, raster_id: str) -> RasterInfo:
    info = STORE.info(folder, raster_id)
    try:
        found = sum(path.stat().st_size for path in stored_files(folder))
    except OSError as error:
        raise damaged("rasters.damaged", raster_id) from error
    if not (folder / VIRTUAL).is_file() or found != info.bytes:
        raise damaged("rasters.damaged", raster_id)
    return info
