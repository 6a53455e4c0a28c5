"""Write the shipped files whole or not at all, and give the digest of their decoded values."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import rasterio
from numpy.typing import NDArray
from rasterio.transform import Affine

Grid = NDArray[Any]


def atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place in one step."""
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    write(part)
    with part.open("rb+") as handle:
        os.fsync(handle.fileno())
    part.replace(path)


def file_sha256(path: Path) -> str:
    """Digest of the bytes of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_table(path: Path, frame: pl.DataFrame) -> None:
    """Write a table as ZSTD Parquet; the row order is the caller's and must be deterministic."""
    atomically(path, lambda part: frame.write_parquet(part, compression="zstd", compression_level=19))


@dataclass(frozen=True)
class RasterForm:
    """How the cells of a raster are placed, named and stored; unit = stored value × scale."""

    transform: Affine
    nodata: float | None
    descriptions: Sequence[str]
    scale: float = 1.0
    one_bit: bool = False


def write_raster(path: Path, bands: Grid, form: RasterForm) -> None:
    """Write bands (band, row, column) as a tiled ZSTD GeoTIFF in EPSG:4326 with scale and band names."""
    options: dict[str, Any] = {
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "compress": "zstd",
        "zstd_level": 22,
    }
    options |= {"interleave": "band"} | ({"nbits": 1} if form.one_bit else {"predictor": 2})

    def fill(part: Path) -> None:
        count, height, width = bands.shape
        with rasterio.open(
            part, "w", driver="GTiff", count=count, height=height, width=width, dtype=bands.dtype,
            crs="EPSG:4326", transform=form.transform, nodata=form.nodata, **options,
        ) as raster:  # fmt: skip
            raster.write(bands)
            raster.scales = (form.scale,) * count
            raster.offsets = (0.0,) * count
            for band, description in enumerate(form.descriptions, start=1):
                raster.set_band_description(band, description)

    atomically(path, fill)


def table_values_sha256(path: Path) -> str:
    """Digest of the decoded cells of a Parquet file, whatever its compression or writer version."""
    digest = hashlib.sha256()
    frame = pl.read_parquet(path)
    for name in frame.columns:
        column = frame[name]
        digest.update(f"{name}:{column.dtype}:{len(column)};".encode())
        digest.update(column.is_null().to_numpy().tobytes())
        if column.dtype in {pl.Binary, pl.String}:
            for cell in column.drop_nulls():
                cell_bytes = cell if isinstance(cell, bytes) else cell.encode()
                digest.update(len(cell_bytes).to_bytes(8, "little") + cell_bytes)
        else:
            cells = column.drop_nulls().to_numpy()
            digest.update(np.ascontiguousarray(cells, dtype=cells.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


def raster_values_sha256(path: Path) -> str:
    """Digest of the decoded cells of a GeoTIFF with its grid, scale and names, whatever its compression."""
    digest = hashlib.sha256()
    with rasterio.open(path) as raster:
        grid = [round(part, 12) for part in raster.transform[:6]]
        head = f"{raster.dtypes[0]}:{raster.shape}:{grid}:{raster.nodata}:{raster.scales}:{raster.descriptions}"
        digest.update(head.encode())
        for band in raster.indexes:
            cells = raster.read(band)
            digest.update(np.ascontiguousarray(cells, dtype=cells.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


def values_sha256(path: Path) -> str:
    """Digest of the decoded values of a shipped file; a text file counts by its bytes."""
    if path.suffix == ".parquet":
        return table_values_sha256(path)
    if path.suffix == ".tif":
        return raster_values_sha256(path)
    return file_sha256(path)
