"""Which rows of a file a definition speaks of: the same reading of its rules for layers and for country tables."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def holds(columns: Sequence[str], values: Sequence[str]) -> pl.Expr:
    """Whether any of some columns holds one of some values; case and the spaces around do not count.

    A row in which the columns are empty holds none: what is not said is no ground.
    """
    wanted = [value.strip().lower() for value in values]
    cells = [pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase() for column in columns]
    return pl.any_horizontal(cell.is_in(wanted) for cell in cells).fill_null(False)
