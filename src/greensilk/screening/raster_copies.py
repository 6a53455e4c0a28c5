"""Imported rasters as workers get them: by name and content, opened from the worker's own data folder; never sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greensilk.errors import WorkerError
from greensilk.screening.layer_copies import fingerprint

if TYPE_CHECKING:
    from greensilk.catalogue.raster_records import RasterInfo
    from greensilk.catalogue.raster_store import ImportedRaster


@dataclass(frozen=True)
class RasterCopy:
    """A raster that every worker is to have itself, in use or as an older version. content: sum over its files;
    fingerprint: over everything of it that moves facts."""

    id: str
    content: str
    fingerprint: str


def named_rasters(rasters: Mapping[str, RasterCopy | ImportedRaster]) -> dict[str, RasterCopy | ImportedRaster]:
    """The rasters to be named to workers."""
    return {
        name: one if isinstance(one, RasterCopy) else RasterCopy(name, one.info.raster_sha256, fingerprint(one.info))
        for name, one in rasters.items()
    }


_OPENED: dict[str, tuple[str, ImportedRaster]] = {}  # id -> fingerprint and raster: a worker opens a raster once


def found_rasters(copies: Mapping[str, RasterCopy | ImportedRaster], worker: str) -> dict[str, ImportedRaster]:
    """The rasters named, opened here. worker: what this process is called, for errors.

    raises: WorkerError if one is missing here or another; LayerError if it is damaged; LicenceError if not allowed here
    """
    return {name: _opened(copy, worker) if isinstance(copy, RasterCopy) else copy for name, copy in copies.items()}


def require(copies: Mapping[str, RasterCopy | ImportedRaster], worker: str) -> None:
    """Whether the rasters named are here, without opening them.

    raises: WorkerError if one is missing here or another
    """
    from greensilk.catalogue.raster_store import STORE

    for copy in copies.values():
        if isinstance(copy, RasterCopy):
            _require(copy, [info for _, info in STORE.versions(copy.id)], worker)


def _opened(copy: RasterCopy, worker: str) -> ImportedRaster:
    from greensilk.catalogue.raster_store import open_raster

    mark, raster = _OPENED.get(copy.id, ("", None))
    if raster is None or mark != copy.fingerprint:
        require({copy.id: copy}, worker)
        raster = open_raster(copy.id, copy.content)
        _OPENED[copy.id] = copy.fingerprint, raster
    return raster


def _require(copy: RasterCopy, here: Sequence[RasterInfo], worker: str) -> None:
    found = [fingerprint(info) for info in here]
    if not found:
        raise WorkerError("workers.raster_missing", worker=worker, raster=copy.id, wanted=copy.fingerprint)
    if copy.fingerprint not in found:
        said = ", ".join(found)
        raise WorkerError("workers.raster_differs", worker=worker, raster=copy.id, wanted=copy.fingerprint, found=said)
