"""Sites cut into shards of neighbours, and the facts of a shard as one Parquet part.

What is measured of a site depends on that site and the layers alone, so shards may be measured anywhere and in any
order. Parts are read back some facts at a time: a long run never holds its results twice.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from greensilk.errors import WorkerError
from greensilk.facts import FactColumn, Origin
from greensilk.geometry.arrays import Ints
from greensilk.geometry.shapes import hilbert_code
from greensilk.records import Support
from greensilk.screening.footprints import Sites

SHARD_SITES = 500  # bounds the memory of a worker, and paces what is told of progress
VALUES_AT_ONCE = 200_000  # read back from parts
LEAST_FACTS_AT_ONCE = 8
HEADING = "greensilk"
PARTS_OF_COLUMN = {"reasons": pl.String, "features": pl.String, "accuracy_m": pl.Float64, "answered_by": pl.UInt8}


def walk_order(sites: Sites) -> Ints:
    """(n,) the sites along a Hilbert curve, by the middle of the first part of each; the same for any order given."""
    n = len(sites)
    bounds = np.asarray(shapely.bounds(shapely.get_geometry(sites.geometry, 0))).reshape(-1, 4)
    code = hilbert_code((bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2)
    told_apart = np.column_stack(
        [code, bounds, sites.accuracy_m, sites.reach_m, sites.administrative, sites.assumed]
    ).astype(np.float64)
    order = np.lexsort(told_apart.T[::-1])
    ties = (told_apart[order[1:]] == told_apart[order[:-1]]).all(axis=1)
    starts = np.flatnonzero(np.r_[True, ~ties])
    sizes = np.diff(np.r_[starts, n])
    for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
        run = order[start : start + size]
        order[start : start + size] = sorted(run, key=lambda i: _shape_bytes(sites, int(i)))
    return order


def _shape_bytes(sites: Sites, i: int) -> tuple[bytes, bytes]:
    return bytes(shapely.to_wkb(sites.geometry[i])), bytes(shapely.to_wkb(sites.given[i]))


def shard_starts(count: int, size: int) -> range:
    """Where each shard begins; no sites are one empty shard, which has the columns."""
    return range(0, max(count, 1), size)


def part_of(columns: Sequence[FactColumn]) -> bytes:
    """The facts of a shard as a Parquet file: five columns a fact, and what is the same for all sites once."""
    frame: dict[str, pl.Series] = {}
    heading = []
    for column in columns:
        n = len(column.values)
        frame[column.name] = column.values
        for name, dtype in PARTS_OF_COLUMN.items():
            given: pl.Series | None = getattr(column, name)
            empty = pl.Series([None], dtype=dtype).new_from_index(0, n)
            frame[f"{column.name}/{name}"] = empty if given is None else given.cast(dtype)
        heading.append([column.name, *(asdict(one) for one in column.origins)])
    file = io.BytesIO()
    pl.DataFrame(frame).write_parquet(file, compression="zstd", metadata={HEADING: json.dumps(heading)})
    return file.getvalue()


class Parts:
    """The parts of one run in a folder of their own; part k holds the sites of shard k."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, shard: int) -> Path:
        """Where the part of a shard lies."""
        return self.folder / f"{shard:08d}.parquet"

    def put(self, shard: int, part: bytes) -> None:
        """Stores a part whole: one that is there can be read."""
        handle, temporary = tempfile.mkstemp(prefix=".part-", dir=self.folder)
        with os.fdopen(handle, "wb") as sink:
            sink.write(part)
        Path(temporary).replace(self.path(shard))

    def columns(self, shards: int, sites: int) -> Iterator[FactColumn]:
        """Every fact, one value a site, in the order of the shards.

        raises: WorkerError if a site is missing
        """
        paths = [self.path(k) for k in range(shards)]
        missing = [path for path in paths if not path.is_file()]
        heading = [] if missing else json.loads(pl.read_parquet_metadata(paths[0])[HEADING])
        at_once = max(LEAST_FACTS_AT_ONCE, VALUES_AT_ONCE // max(sites, 1))
        for start in range(0, max(len(heading), 1), at_once):
            facts = heading[start : start + at_once]
            names = [name for fact, *_ in facts for name in (fact, *(f"{fact}/{part}" for part in PARTS_OF_COLUMN))]
            frame = pl.DataFrame() if missing else pl.read_parquet(paths, columns=names, glob=False)
            if missing or len(frame) != sites:
                raise WorkerError("workers.lost", got=len(frame), wanted=sites)
            for said in facts:
                yield _column(frame, said)


def _column(frame: pl.DataFrame, said: list[Any]) -> FactColumn:
    name, own, *others = said[0], *(Origin(**{**one, "support": Support(one["support"])}) for one in said[1:])
    beside = {part: frame[f"{name}/{part}"] for part in PARTS_OF_COLUMN}
    given = {part: None if values.null_count() == len(frame) else values.alias("") for part, values in beside.items()}
    return FactColumn(
        name=name,
        values=frame[name],
        support=own.support,
        dataset=own.dataset,
        version=own.version,
        method=own.method,
        confirmed=own.confirmed,
        others=tuple(others),
        **given,
    )
