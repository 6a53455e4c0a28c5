"""Large files a bounded number of vertices at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import shapely

from greensilk.catalogue.raw_table import RawTable

FIRST_ROWS = 1_000
VERTICES_AT_ONCE = 1_500_000  # about 300 MB while they are mended and taken apart
MOST_ROWS = 200_000
GROWTH = 4


class Batch(NamedTuple):
    """Some rows of a file, and the share of it that has been read with them."""

    table: RawTable
    share: float


def read_in_batches(total: int, read: Callable[[int, int], RawTable]) -> Iterator[Batch]:
    """The rows of a file in batches whose size follows from the vertices of the batch before.

    total: rows of the file; read: (first row, number of rows) -> these rows
    """
    first, rows = 0, FIRST_ROWS
    while first < total or not first:
        table = read(first, min(rows, total - first))
        first += max(rows, 1)
        yield Batch(table, min(first / max(total, 1), 1.0))
        per_row = _vertices(table) / max(len(table), 1)
        rows = int(np.clip(VERTICES_AT_ONCE / max(per_row, 1.0), 1, min(GROWTH * rows, MOST_ROWS)))


def cut_in_batches(table: RawTable) -> Iterator[Batch]:
    """A table that is in memory already, in batches."""

    def rows_of(first: int, count: int) -> RawTable:
        some = slice(first, first + count)
        shapes = None if table.geometry is None else table.geometry[some]
        return replace(table, columns=table.columns[some], geometry=shapes, rows=table.rows[some], faults=())

    return read_in_batches(len(table), rows_of)


def _vertices(table: RawTable) -> int:
    return 0 if table.geometry is None else int(shapely.get_num_coordinates(table.geometry).sum())
