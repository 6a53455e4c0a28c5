"""Rasters written anew in tiles, where they came as pictures, NetCDF or strips; and a look at their values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from greensilk.catalogue.outputs import RasterOutput
from greensilk.catalogue.raster_files import RasterFile, opened
from greensilk.catalogue.raster_join import BLOCK
from greensilk.errors import LayerError

AT_ONCE_BYTES = 64_000_000
BLOCKS_LOOKED_AT = 256  # of all tiles that are kept as they came
COMPRESSION = "zstd"


@dataclass
class Seen:
    """Values looked at. cells: with a value; outside: of them not plausible, or of no known class"""

    cells: int = 0
    outside: int = 0

    def join(self, other: Seen) -> None:
        """Counts what another has seen."""
        self.cells, self.outside = self.cells + other.cells, self.outside + other.outside

    def add(self, raw: NDArray[Any], of: RasterFile, output: RasterOutput) -> None:
        """Counts some raw numbers of a file."""
        values = raw.astype(np.float64).ravel()
        known = ~np.isnan(values)
        if of.nodata is not None:
            known &= values != of.nodata
        values = values[known] * of.scale + of.offset
        self.cells += len(values)
        if output.classes:
            self.outside += int((~np.isin(values, [float(code) for code in output.classes])).sum())
        elif output.plausible is not None:
            low, high = output.plausible
            self.outside += int(((values < low) | (values > high)).sum())


def write_tiled(source: RasterFile, output: RasterOutput, target: Path) -> tuple[RasterFile, Seen]:
    """A file as a tiled TIFF of one band: its raw numbers as they are, read once from north to south.

    returns: what is written, as a tile, and what was seen of its values
    raises: LayerError if the file cannot be read to its end
    """
    import rasterio
    from affine import Affine
    from rasterio.errors import RasterioError

    corner = Affine(source.step_lon_deg, 0, source.west, 0, -source.step_lat_deg, source.north)
    profile = {
        "driver": "GTiff", "width": source.width, "height": source.height, "count": 1, "dtype": source.dtype,
        "crs": "EPSG:4326", "transform": corner, "nodata": source.nodata, "compress": COMPRESSION,
        "tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "bigtiff": "if_safer", "sparse_ok": True,
    }  # fmt: skip
    seen = Seen()
    with opened(source.opened_as, source.driver, source.name) as dataset:
        try:
            with rasterio.open(target, "w", **profile) as sink:
                for window in _windows(source):
                    raw = dataset.read(output.band, window=window)
                    seen.add(raw, source, output)
                    sink.write(raw, 1, window=window)
        except (RasterioError, ValueError) as error:
            target.unlink(missing_ok=True)
            raise LayerError("rasters.unreadable", file=source.name, why=str(error)[:200]) from error
    return replace(source, path=target, opened_as=str(target), driver="GTiff", block=(BLOCK, BLOCK)), seen


def _windows(source: RasterFile) -> Iterator[Any]:
    """Whole rows of tiles, in parts where they are very long."""
    from rasterio.windows import Window

    item = np.dtype(source.dtype).itemsize
    wide = max(AT_ONCE_BYTES // (BLOCK * item) // BLOCK, 1) * BLOCK
    for top in range(0, source.height, BLOCK):
        for left in range(0, source.width, wide):
            yield Window(left, top, min(wide, source.width - left), min(BLOCK, source.height - top))


def look_at_blocks(tiles: list[RasterFile], output: RasterOutput, seen: Seen, told: Callable[[], None]) -> None:
    """Counts the values of some blocks of each tile, evenly spread, and finds files cut short without reading all.

    told: called after each tile
    raises: LayerError if a tile is cut short, or a block cannot be read
    """
    from rasterio.windows import Window

    each = max(BLOCKS_LOOKED_AT // max(len(tiles), 1), 1)
    for tile in tiles:
        height, width = tile.block
        down, across = -(-tile.height // height), -(-tile.width // width)
        with opened(tile.opened_as, tile.driver, tile.name) as dataset:
            _require_whole(dataset, tile, output.band, (down, across))
            for number in np.unique(np.linspace(0, down * across - 1, each).astype(np.int64)).tolist():
                top, left = number // across * height, number % across * width
                window = Window(left, top, min(width, tile.width - left), min(height, tile.height - top))
                seen.add(dataset.read(output.band, window=window), tile, output)
        told()


def _require_whole(dataset: Any, tile: RasterFile, band: int, blocks: tuple[int, int]) -> None:
    """Every block lies within the file; a block that is left out holds nothing."""
    size = tile.path.stat().st_size
    for row in range(blocks[0]):
        for column in range(blocks[1]):
            names = (f"BLOCK_{what}_{column}_{row}" for what in ("OFFSET", "SIZE"))
            place = [int(dataset.get_tag_item(name, "TIFF", bidx=band) or 0) for name in names]
            if sum(place) > size:
                raise LayerError("rasters.cut_short", file=tile.name, bytes=f"{size:,}")
