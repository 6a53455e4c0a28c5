"""Cells that differ between two versions of a raster, tile by tile; tiles with the same content are not read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    are not the same, all cells of the new one do. A cell counts once: in a tile of the new version, else of the old.
    raises: LayerError if a version cannot be read
    """
    before, now = _tiles(old), _tiles(new)
    found = []
    with opened(str(old / VIRTUAL), "VRT", old.name) as one, opened(str(new / VIRTUAL), "VRT", new.name) as other:
        same = _same_grid(one.transform, other.transform)
        grid = _Grid(other.transform, other.width)
        counted = list[_Part]()
        for box in [*sorted(now), *(sorted(before.keys() - now.keys()) if same else ())]:
            if before.get(box) is not None and before.get(box) == now.get(box):
                continue
            whole = grid.part(box)
            near = [part for part in counted if grid.meet(whole, part)]
            cells = sum(_differing(one if same else None, other, part, grid, near) for part in _blocks(whole))
            counted.append(whole)
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


@dataclass(frozen=True)
class _Part:
    """Cells of a grid: row and column of the first, which may lie beyond the raster, and how many."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True)
class _Grid:
    """Cells counted from the corner of the new version. transform: its; width: how many columns it has"""

    transform: Any
    width: int

    @property
    def is_round(self) -> bool:
        """Whether the columns go round the globe."""
        step = self.transform.a
        return bool(abs(self.width * step - 360) < step / 100)

    def part(self, box: Corners) -> _Part:
        """The cells of a box."""
        west, south, east, north = box
        t = self.transform
        return _Part(
            round((t.f - north) / t.a), round((west - t.c) / t.a),
            round((north - south) / t.a), round((east - west) / t.a),
        )  # fmt: skip

    def meet(self, one: _Part, other: _Part) -> bool:
        """Whether two parts have cells in common."""
        below = one.row - other.row
        beside = one.column - other.column
        if self.is_round:
            across = beside % self.width < other.columns or -beside % self.width < one.columns
        else:
            across = -one.columns < beside < other.columns
        return -one.rows < below < other.rows and across

    def within(self, part: _Part, other: _Part) -> NDArray[np.bool_]:
        """(rows, columns) which cells of a part lie in another."""
        down = part.row - other.row + np.arange(part.rows)
        across = part.column - other.column + np.arange(part.columns)
        across = across % self.width if self.is_round else across
        return ((down >= 0) & (down < other.rows))[:, None] & ((across >= 0) & (across < other.columns))


def _differing(one: Any | None, other: Any, part: _Part, grid: _Grid, counted: Sequence[_Part]) -> int:
    """How many cells of a block differ, but for those counted before. one: None where all of them do"""
    fresh = np.ones((part.rows, part.columns), dtype=np.bool_)
    for other_part in counted:
        fresh &= ~grid.within(part, other_part)
    if one is not None and fresh.any():
        t = grid.transform
        place = (t.c + part.column * t.a, t.f - part.row * t.a, part.rows, part.columns)
        fresh &= _plain(_read(one, *place), one) != _plain(_read(other, *place), other)
    return int(fresh.sum())


def _blocks(whole: _Part) -> Iterator[_Part]:
    """A part in pieces that fit in memory."""
    for top in range(0, whole.rows, BLOCK):
        for left in range(0, whole.columns, BLOCK):
            rows, columns = min(BLOCK, whole.rows - top), min(BLOCK, whole.columns - left)
            yield _Part(whole.row + top, whole.column + left, rows, columns)


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
