"""Shapes written as text (WKT) in a cell, and the decoding of WKT and WKB row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import polars as pl
import shapely

from greensilk.catalogue.raw_table import Geometries

# Readers of nested collections recurse; a cell that nests them is no site.
_NESTED = r"(?i)GEOMETRYCOLLECTION.*GEOMETRYCOLLECTION"
_DEEP = r"\({8}"


def read_wkt(cells: pl.Series) -> tuple[Geometries, list[int]]:
    """(n,) WKT cells as geometries, None where empty or unreadable, and the positions of the unreadable ones."""
    plain = cells.cast(pl.String).str.strip_chars().str.replace(r"^(?i)SRID=(4326|0);", "")
    close = plain.str.replace_all(r"\s+", "")
    harmful = (close.str.contains(_NESTED) | close.str.contains(_DEEP)).fill_null(False)
    safe = pl.select(pl.when(~harmful).then(plain)).to_series()
    shapes = np.full(len(cells), None, dtype=object)
    if safe.is_not_null().any():
        shapes[:] = decoded(shapely.from_wkt, safe.to_list())
    unread = shapely.is_missing(shapes) & cells.is_not_null().to_numpy()
    return shapes, [int(position) for position in np.flatnonzero(unread)]


def decoded(read: Callable[..., Any], written: Sequence[str | bytes | None]) -> Geometries:
    """(n,) shapes from WKT or WKB, None where missing or not decodable.

    read: shapely's reader, which stops at the first curve
    """
    shapes = np.full(len(written), None, dtype=object)
    with np.errstate(invalid="ignore"):  # a NaN among coordinates is refused later, by its row
        try:
            shapes[:] = read(np.array(written, dtype=object), on_invalid="ignore") if len(written) else []
        except NotImplementedError:
            for position, one in enumerate(written):
                with suppress(NotImplementedError):
                    shapes[position] = read(one, on_invalid="ignore")
    return shapes
