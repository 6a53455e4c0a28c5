"""Rasters: discs of 50 km and points of one large raster, against exactextract and rasterio.

Both sides get the same file, opened anew in every run, or the same array. greensilk makes the discs itself, the peers
get them ready, and a cache of 1 GB. Mean here is weighted by the true area of cells, there by coverage alone: the sides
are held together by the largest value, and by means that differ little.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource, RasterioRasterSource
from numpy.typing import NDArray
from rasterio.windows import Window

from benchmarks.timing import memory_mb, pin_to_one, timed
from greensilk.catalogue.blocks import BlockCache
from greensilk.catalogue.rasters import Raster
from greensilk.geometry.circles import circles
from greensilk.geometry.raster import Grid, ZoneCells, ZoneSums
from greensilk.geometry.shapes import hilbert_code

FOLDER = Path(__file__).parents[1] / "out" / "bench"
WIDTH = {"full": 36_000, "small": 3_600}
SITES = {"full": (200, 2_000), "small": (200,)}
POINTS = {"full": (5_000, 200_000), "small": (500, 5_000)}
RADIUS_M = 50_000.0
TILE = 256
PEER_CACHE_BYTES = 1_000_000_000
SEED = 17
Floats = NDArray[np.float64]
Row = dict[str, Any]


@dataclass(frozen=True)
class ArrayBand:
    """A band in memory, given out by tiles."""

    values: NDArray[np.int16]
    grid: Grid
    tile_shape: tuple[int, int] = (TILE, TILE)
    nodata: float = -32768.0
    scale: float = 1.0
    offset: float = 0.0

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.values.dtype

    def tiles(self, wanted: NDArray[np.int64]) -> NDArray[Any]:
        found = np.empty((len(wanted), TILE, TILE), self.dtype)
        for i, (row, column) in enumerate((wanted * TILE).tolist()):
            tile = self.values[row : row + TILE, column : column + TILE]
            found[i, : tile.shape[0], : tile.shape[1]] = tile
        return found


def raster_file(width: int) -> Path:
    """A made-up raster of heights round the globe, in tiles of 256; made if it is not there."""
    path = FOLDER / f"raster-{SEED}-{width}.tif"
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    rng = np.random.default_rng(SEED)
    step = 360 / width
    options = {"tiled": True, "blockxsize": TILE, "blockysize": TILE, "compress": "zstd", "predictor": 2}
    with rasterio.open(
        unfinished, "w", driver="GTiff", count=1, height=width // 2, width=width, dtype="int16", crs="EPSG:4326",
        nodata=-32768, transform=rasterio.Affine(step, 0, -180, 0, -step, 90), **options,
    ) as sink:  # fmt: skip
        lon = np.radians(-180 + step * (np.arange(width) + 0.5))
        for top in range(0, width // 2, TILE):
            rows = min(TILE, width // 2 - top)
            lat = np.radians(90 - step * (top + np.arange(rows) + 0.5))[:, None]
            rough = rng.integers(-60, 60, (rows, width), dtype=np.int16)
            heights = 900 * np.sin(40 * lon + 9 * lat) * np.cos(31 * lat) + 500 * np.sin(7 * lon - 5 * lat) + 1_500
            sink.write((heights.astype(np.int16) + rough)[None], window=Window(0, top, width, rows))
    unfinished.replace(path)
    return path


def places(n: int) -> tuple[Floats, Floats]:
    """n places anywhere on land's latitudes, neighbours following one another."""
    rng = np.random.default_rng([SEED, n])
    lon, lat = rng.uniform(-179, 179, n), np.degrees(np.arcsin(rng.uniform(-0.82, 0.95, n)))
    order = np.argsort(hilbert_code(lon, lat))
    return lon[order], lat[order]


def features(lon: Floats, lat: Floats) -> list[Row]:
    """The discs as exactextract takes them."""
    discs = circles(lon, lat, np.full(len(lon), RADIUS_M)).geometries()
    return [{"type": "Feature", "geometry": disc.__geo_interface__, "properties": {}} for disc in discs]


def summed(band: Any, lon: Floats, lat: Floats) -> ZoneSums:
    """What greensilk does: discs, their cells, sums."""
    discs = circles(lon, lat, np.full(len(lon), RADIUS_M))
    return ZoneCells.under(discs, len(lon), band.grid).sums(band)


def run(scale: str) -> list[Row]:
    """Rows of case, ours_us, peer, peer_us and ratio (the peer's time by greensilk's). scale: full or small."""
    pin_to_one()
    path = raster_file(WIDTH[scale])
    summed(Raster(path, BlockCache()).band(), *places(2))
    rows = [_from_file(path, n) for n in SITES[scale]]
    rows += [_from_memory(path, n) for n in SITES[scale]]
    return rows + [_points(path, n) for n in POINTS[scale]]


def _from_file(path: Path, n: int) -> Row:
    lon, lat = places(n)
    ours, own = timed(lambda: summed(Raster(path, BlockCache()).band(), lon, lat))
    discs = features(lon, lat)

    def extracted() -> list[Row]:
        with rasterio.Env(GDAL_CACHEMAX=PEER_CACHE_BYTES), rasterio.open(path) as source:
            found: list[Row] = exact_extract(RasterioRasterSource(source), discs, ["mean", "max"])
            return found

    theirs, peer = timed(extracted)
    return _row(f"mean and max in 50 km, file, {n:,} sites", n, own, peer) | _agreement(ours, theirs)


def _from_memory(path: Path, n: int) -> Row:
    lon, lat = places(n)
    grid = Raster(path).grid
    with rasterio.open(path) as source:
        band = ArrayBand(source.read(1), grid)
    ours, own = timed(lambda: summed(band, lon, lat))
    discs = features(lon, lat)
    box = {"xmin": -180, "ymin": -90, "xmax": 180, "ymax": 90}
    source = NumPyRasterSource(band.values, nodata=int(band.nodata), **box)
    theirs, peer = timed(lambda: exact_extract(source, discs, ["mean", "max"]))
    return _row(f"mean and max in 50 km, memory, {n:,} sites", n, own, peer) | _agreement(ours, theirs)


def _points(path: Path, n: int) -> Row:
    lon, lat = places(n)
    ours, own = timed(lambda: Raster(path, BlockCache()).values_at(lon, lat))
    where = list(zip(lon.tolist(), lat.tolist(), strict=True))

    def sampled() -> NDArray[np.int16]:
        with rasterio.Env(GDAL_CACHEMAX=PEER_CACHE_BYTES), rasterio.open(path) as source:
            return np.array(list(source.sample(where)))[:, 0]

    theirs, peer = timed(sampled)
    assert np.array_equal(ours, theirs)
    return _row(f"value at a point, file, {n:,} sites", n, own, peer, "rasterio.sample")


def _row(case: str, n: int, ours: Row, peer: Row, name: str = "exactextract") -> Row:
    own_us, peer_us = (1e6 * times["cpu_s"] / n for times in (ours, peer))
    return {"case": case, "ours_us": own_us, "peer": name, "peer_us": peer_us, "ratio": peer_us / own_us}


def _agreement(ours: ZoneSums, theirs: list[Row]) -> Row:
    """The largest values must be equal; how far means differ, as a share of the raster's spread."""
    assert ours.largest.tolist() == [one["properties"]["max"] for one in theirs]
    mean = np.array([one["properties"]["mean"] for one in theirs])
    return {"mean_off": float(np.abs(ours.mean() - mean).max() / ours.spread().mean())}


def resident_growth_mb(path: Path, n: int) -> float:
    """By how much a process grows that measures n discs of a raster, once it has measured two."""
    command = [sys.executable, "-m", "benchmarks.rasters", "grow", str(path), str(n)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _grow(path: Path, n: int) -> float:
    raster = Raster(path)
    summed(raster.band(), *places(2))
    before = memory_mb()["resident"]
    lon, lat = places(n)
    raster.values_at(lon, lat)
    summed(raster.band(), lon, lat)
    return memory_mb()["peak"] - before


def main() -> None:
    """`python -m benchmarks.rasters [full|small]` prints the rows and the growth of memory."""
    if sys.argv[1:2] == ["grow"]:
        print(_grow(Path(sys.argv[2]), int(sys.argv[3])))
        return
    scale = sys.argv[1] if len(sys.argv) > 1 else "small"
    for row in run(scale):
        print(row)
    n = SITES[scale][-1]
    print(f"resident memory grew by {resident_growth_mb(raster_file(WIDTH[scale]), n):.0f} MB for {n:,} sites")


if __name__ == "__main__":
    main()
