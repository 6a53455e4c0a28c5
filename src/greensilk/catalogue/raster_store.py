"""Imported rasters on this machine: opened without being read, checked each time, removed in one step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, SupportsIndex, TypeVar

from greensilk.catalogue.datasets import datasets
from greensilk.catalogue.layer_import import ID_PATTERN, NO_ROUTE
from greensilk.catalogue.licences import require_permission
from greensilk.catalogue.raster_import import stored
from greensilk.catalogue.raster_join import VIRTUAL
from greensilk.catalogue.raster_records import RasterInfo
from greensilk.catalogue.rasters import Raster
from greensilk.catalogue.shelves import INFO, RASTERS
from greensilk.errors import LayerError
from greensilk.records import Label

T = TypeVar("T")


@dataclass(frozen=True)
class ImportedRaster:
    """An opened raster. It crosses to another process by its name: it is opened there, and must be the same."""

    info: RasterInfo
    raster: Raster

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        return open_raster, (self.info.id, self.info.raster_sha256)


def installed_rasters() -> dict[str, RasterInfo]:
    """Every imported raster by id.

    raises: LayerError if what is known about one is damaged
    """
    return {raster_id: _info(_folder(raster_id), raster_id) for raster_id in RASTERS.ids()}


def raster_states() -> dict[str, RasterInfo | LayerError]:
    """Every imported raster by id, or what is wrong with it as far as can be told without reading it."""
    states: dict[str, RasterInfo | LayerError] = {}
    for raster_id in RASTERS.ids():
        try:
            states[raster_id] = _steady(raster_id, _glance)
        except LayerError as error:
            states[raster_id] = error
    return states


def open_raster(raster_id: str, fingerprint: str | None = None) -> ImportedRaster:
    """An imported raster, ready to measure against.

    fingerprint: RasterInfo.raster_sha256 that it must have; it need not be the version in use, None = that one
    raises: LayerError if it is not installed, files of it are missing, or none has the fingerprint; LicenceError if the
    organisation may not use it
    """
    if fingerprint is None:
        return _steady(raster_id, open_version)
    for folder, info in raster_versions(raster_id):
        if info.raster_sha256 == fingerprint:
            return open_version(folder, raster_id)
    found = _info(_folder(raster_id), raster_id).raster_sha256
    raise LayerError("rasters.differs", id=raster_id, found=found[:12], expected=fingerprint[:12])


def open_version(folder: Path, raster_id: str) -> ImportedRaster:
    """A version of a raster that need not be the one in use, by its folder.

    raises: LayerError if files of it are missing; LicenceError if the organisation may not use it
    """
    info = _glance(folder, raster_id)
    require_permission(info.label, info.licence, info.use.commercial, _route(info))
    return ImportedRaster(info, Raster(folder / VIRTUAL, damaged=LayerError("rasters.damaged", id=raster_id)))


def raster_versions(raster_id: str) -> list[tuple[Path, RasterInfo]]:
    """Folder and record of every version that is kept and not damaged, the one in use first."""
    found = []
    for folder in reversed(RASTERS.versions(raster_id) if ID_PATTERN.match(raster_id) else []):
        with suppress(LayerError):
            found.append((folder, _info(folder, raster_id)))
    return found


def verify_raster(raster_id: str) -> RasterInfo:
    """What is known about a raster, once all of its files are read and found unaltered.

    raises: LayerError if it is not installed or was altered on disk
    """

    def look(folder: Path, name: str) -> RasterInfo:
        info = _glance(folder, name)
        if stored(folder)[1] != info.raster_sha256:
            raise LayerError("rasters.damaged", id=name)
        return info

    return _steady(raster_id, look)


def remove_raster(raster_id: str) -> None:
    """Takes a raster off this machine.

    raises: LayerError if it is not installed
    """
    _folder(raster_id)
    RASTERS.drop(raster_id)


def _steady(raster_id: str, look: Callable[[Path, str], T]) -> T:
    """What is found in a raster's folder; looked at once more where another import replaced the folder meanwhile."""
    folder = _folder(raster_id)
    try:
        return look(folder, raster_id)
    except LayerError:
        now = _folder(raster_id)
        if now == folder:
            raise
        return look(now, raster_id)


def _folder(raster_id: str) -> Path:
    folder = RASTERS.current(raster_id) if ID_PATTERN.match(raster_id) else None
    if folder is None:
        raise LayerError("rasters.not_installed", id=raster_id[:60], known=", ".join(RASTERS.ids()) or "-")
    return folder


def _info(folder: Path, raster_id: str) -> RasterInfo:
    try:
        return RasterInfo.model_validate_json((folder / INFO).read_bytes())
    except (OSError, ValueError) as error:
        raise LayerError("rasters.damaged", id=raster_id) from error


def _glance(folder: Path, raster_id: str) -> RasterInfo:
    info = _info(folder, raster_id)
    try:
        found = sum(path.stat().st_size for path in folder.iterdir() if path.name != INFO)
    except OSError as error:
        raise LayerError("rasters.damaged", id=raster_id) from error
    if not (folder / VIRTUAL).is_file() or found != info.bytes:
        raise LayerError("rasters.damaged", id=raster_id)
    return info


def _route(info: RasterInfo) -> Label:
    """The licensed way to the data set that a raster is from."""
    made_of = datasets().get(info.dataset or "")
    return (made_of.licence.licensed_route if made_of else None) or NO_ROUTE
