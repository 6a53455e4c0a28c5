"""The made-up areas as GeoParquet files: drawn in blocks, repaired, split at ±180°, kept between runs."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from benchmarks.areas import KM_PER_DEGREE, VERSION, Recipe, recipe, rings_of
from benchmarks.fractals import draw

BLOCK = 5_000  # areas drawn at once: about 1.1 million vertices
SEED = 7
Geometries = NDArray[np.object_]
SCHEMA = pa.schema([pa.field("id", pa.int64()), pa.field("geometry", pa.binary())]).with_metadata(
    {
        "geo": json.dumps(
            {
                "version": "1.1.0",
                "primary_column": "geometry",
                "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Polygon", "MultiPolygon"]}},
            }
        )
    }
)


def area_file(folder: Path, count: int, heads: tuple[int, ...] = (), seed: int = SEED) -> Path:
    """The file of `count` areas in a folder, made if it is not there; `heads`: also files of the first so many.

    beside it: `parts.npz` with the box and the number of vertices of every part, and `copies.npy`: of each area the
    first one that is exactly the same
    """
    home = folder / f"areas-{seed}-{count}-v{VERSION}"
    whole = home / f"areas-{count}.parquet"
    if not whole.is_file():
        home.mkdir(parents=True, exist_ok=True)
        _write(whole, home / "parts.npz", seed, count)
    for head in heads:
        if not (part := home / f"areas-{head}.parquet").is_file():
            _finish(part, lambda unfinished, head=head: _first_rows(whole, unfinished, head))
    return whole


def _finish(path: Path, write: Callable[[Path], None]) -> None:
    unfinished = path.with_suffix(".unfinished")
    write(unfinished)
    unfinished.replace(path)


def _first_rows(whole: Path, part: Path, count: int) -> None:
    taken = 0
    with pq.ParquetWriter(part, SCHEMA, compression="zstd") as out:
        for batch in pq.ParquetFile(whole).iter_batches(BLOCK):
            out.write_table(pa.Table.from_batches([batch.slice(0, count - taken)], SCHEMA))
            taken += min(len(batch), count - taken)
            if taken == count:
                return


def _write(path: Path, parts_path: Path, seed: int, count: int) -> None:
    boxes, sizes, first_of, done, started = [], [], {}, 0, time.perf_counter()
    copies: list[int] = []

    def write(unfinished: Path) -> None:
        nonlocal done
        with pq.ParquetWriter(unfinished, SCHEMA, compression="zstd") as out:
            for geometry in drawn(seed, count):
                stored = shapely.to_wkb(geometry)
                out.write_table(pa.table({"id": np.arange(done, done + len(geometry)), "geometry": stored}, SCHEMA))
                digests = (hashlib.sha256(one).digest() for one in stored)
                copies.extend(first_of.setdefault(digest, done + i) for i, digest in enumerate(digests))
                parts = shapely.get_parts(geometry)
                boxes.append(shapely.bounds(parts))
                sizes.append(shapely.get_num_coordinates(parts))
                done += len(geometry)
        np.savez(parts_path, box=np.concatenate(boxes), vertices=np.concatenate(sizes))
        np.save(parts_path.with_name("copies.npy"), np.array(copies))

    _finish(path, write)
    vertices = sum(size.sum() for size in sizes)
    print(f"made {done} areas, {vertices} vertices, in {time.perf_counter() - started:.0f} s", file=sys.stderr)


def drawn(seed: int, count: int) -> Iterator[Geometries]:
    """Blocks of valid lon/lat polygons within ±180°, without empty ones."""
    whole = recipe(seed, count)
    for first in range(0, count, BLOCK):
        yield _geometries(whole.take(np.arange(first, min(first + BLOCK, count))))


def _geometries(areas: Recipe) -> Geometries:
    rings, area, part_start, area_start = rings_of(areas)
    ring_start = np.append(0, np.cumsum(rings.vertices + 1))
    east, north = draw(rings, ring_start)
    of = np.repeat(area, np.diff(ring_start))
    lat = np.clip(areas.lat[of] + north / KM_PER_DEGREE, -85, 83.5)
    lon = areas.lon[of] + east / (111.32 * np.maximum(0.1, np.cos(np.radians(lat))))
    geometry = np.asarray(
        shapely.from_ragged_array(
            shapely.GeometryType.MULTIPOLYGON, np.column_stack([lon, lat]), (ring_start, part_start, area_start)
        )
    )
    bad = ~shapely.is_valid(geometry)
    geometry[bad] = shapely.make_valid(geometry[bad], method="structure", keep_collapsed=False)
    geometry = _split(geometry)
    return geometry[~shapely.is_empty(geometry)]


def _split(geometry: Geometries) -> Geometries:
    """Polygons that reach beyond ±180° cut there, and what is beyond brought back by a whole turn."""
    bounds = shapely.bounds(geometry)
    for i in np.flatnonzero((bounds[:, 0] < -180) | (bounds[:, 2] > 180)):
        turned = [
            shapely.transform(
                shapely.intersection(geometry[i], shapely.box(-180 + turn, -90, 180 + turn, 90)),
                lambda xy, turn=turn: xy - [turn, 0.0],
            )
            for turn in (-360.0, 0.0, 360.0)
        ]
        parts = shapely.get_parts(shapely.union_all(turned))
        geometry[i] = shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])
    return geometry


def read_areas(path: Path) -> Geometries:
    """The areas of a file as shapely geometries."""
    geometry = [
        np.asarray(shapely.from_wkb(batch.column("geometry").to_numpy(zero_copy_only=False)))
        for batch in pq.ParquetFile(path).iter_batches(BLOCK, columns=["geometry"])
    ]
    return np.concatenate(geometry)
