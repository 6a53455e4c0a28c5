"""Shapes written as text (WKT) in a cell."""

from __future__ import annotations

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
        shapes[:] = shapely.from_wkt(np.array(safe.to_list(), dtype=object), on_invalid="ignore")
    unread = shapely.is_missing(shapes) & cells.is_not_null().to_numpy()
    return shapes, [int(position) for position in np.flatnonzero(unread)]
