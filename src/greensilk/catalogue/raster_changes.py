"""Cells that differ between two versions of a raster, tile by tile; tiles with the same content are not read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from greensilk.catalogue.bundle import file_sha256
from greensilk.catalogue.raster_files import opened
from greensilk.catalogue.raster_join import BLOCK, VIRTUAL

Corners = tuple[float, float, float, float]  # west, south, east, north
DIGITS = 6  # of degrees: a tenth of a metre


def changed_cells(old: Path, new: Path) -> list[tuple[str, int]]:
    """How many cells differ, in each tile where any do, named by its south-west corner.

    old, new: folders of two versions; cells that only one of them has, or has a value for, differ; where their grids
    are not the same, all cells of the new one do
    raises: LayerError if a version cannot be read
    """
    before, now = _tiles(old), _tiles(new)
    found = []
    with opened(str(old / VIRTUAL), "VRT", old.name) as one, opened(str(new / VIRTUAL), "VRT", new.name) as other:
        same = _same_grid(one.transform, other.transform)
        for box in sorted({*before, *now}):
            if before.get(box) is not None and before.get(box) == now.get(box):
                continue
            cells = _differing(one, other, box) if same else _cells_in(other, box)
            if cells:
                found.append((f"{box[1]:g} {box[0]:g}", cells))
    return found


def _tiles(folder: Path) -> dict[Corners, str]:
    """Where each tile lies -> sum over its content."""
    found = {}
    for path in sorted(folder.glob("tile*.tif")):
        with opened(str(path), "GTiff", path.name) as tile:
            west, south, east, north = (round(float(edge), DIGITS) for edge in tile.bounds)
        found[west, south, east, north] = file_sha256(path)
    return found


def _same_grid(one: Any, other: Any) -> bool:
    """Whether cells of two grids lie on one another, wherever each begins."""
    if not np.isclose(one.a, other.a, rtol=1e-9):
        return False
    off = np.array([(one.c - other.c) / one.a, (one.f - other.f) / one.a])
    return bool((np.abs(off - np.round(off)) < 1e-3).all())


def _differing(one: Any, other: Any, box: Corners) -> int:
    return sum(
        int((_plain(_read(one, *part), one) != _plain(_read(other, *part), other)).sum()) for part in _parts(other, box)
    )


def _cells_in(raster: Any, box: Corners) -> int:
    return sum(rows * columns for _, _, rows, columns in _parts(raster, box))


def _parts(raster: Any, box: Corners) -> Iterator[tuple[float, float, int, int]]:
    """West and north of blocks of a box, and how many rows and columns they have."""
    west, south, east, north = box
    step = raster.transform.a
    rows, columns = round((north - south) / step), round((east - west) / step)
    for top in range(0, rows, BLOCK):
        for left in range(0, columns, BLOCK):
            yield west + left * step, north - top * step, min(BLOCK, rows - top), min(BLOCK, columns - left)


def _read(raster: Any, west: float, north: float, rows: int, columns: int) -> NDArray[Any]:
    """A block by its corner, columns going round the globe; beyond the raster there is no value."""
    from rasterio.windows import Window

    t = raster.transform
    first, top = round((west - t.c) / t.a), round((t.f - north) / t.a)
    found = np.full((rows, columns), np.nan)
    wanted = first + np.arange(columns)
    wanted = wanted % raster.width if abs(raster.width * t.a - 360) < t.a / 100 else wanted
    low, high = max(top, 0), min(top + rows, raster.height)
    inside = (wanted >= 0) & (wanted < raster.width)
    if low < high and inside.any():
        for run in np.split(wanted[inside], np.flatnonzero(np.diff(wanted[inside]) != 1) + 1):
            values = raster.read(1, window=Window(int(run[0]), low, len(run), high - low))
            found[low - top : high - top, np.isin(wanted, run)] = values
    return found


def _plain(raw: NDArray[Any], raster: Any) -> NDArray[Any]:
    """Values in the raster's unit, a number that no raster holds for none."""
    nodata = raster.nodatavals[0]
    missing = np.isnan(raw) if nodata is None else np.isnan(raw) | (raw == nodata)
    return np.where(missing, np.inf, raw * raster.scales[0] + raster.offsets[0])
