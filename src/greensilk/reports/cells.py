"""Cells that a spreadsheet takes for what they are: text stays text."""

from __future__ import annotations

import polars as pl

_STARTS = "=+-@\t\r\n＝＋－＠"


def safe_cell(value: str) -> str:
    """A text that no spreadsheet runs as a formula.

    >>> safe_cell("=1+1"), safe_cell("plain")
    ("'=1+1", 'plain')
    """
    return f"'{value}" if value[:1] in _STARTS and value else value


def safe_frame(table: pl.DataFrame) -> pl.DataFrame:
    """A table with every text made safe; numbers, dates and truths stay as they are."""
    texts = [name for name, kind in table.schema.items() if kind == pl.String]
    pattern = f"^[{_STARTS.replace('-', '')}-]"
    return table.with_columns(
        pl.when(pl.col(name).str.contains(pattern)).then("'" + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name in texts
    )
