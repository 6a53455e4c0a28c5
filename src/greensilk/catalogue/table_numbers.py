"""Cells of country tables: numbers and years that can be read in one way only; nothing is guessed."""

from __future__ import annotations

import polars as pl

# What providers write where they have no value.
MISSING_MARKS = (
    "",
    ".",
    "..",
    "...",
    "…",
    "-",
    "--",
    "–",
    "—",
    ":",
    "na",
    "n/a",
    "n.a.",
    "nan",
    "null",
    "none",
    "#n/a",
)
# One comma in a number may part thousands or decimals: read is what has several, or a point behind them.
_PLAIN = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?$"
_COMMAS = r"^[+-]?[0-9]{1,3}((,[0-9]{3}){2,}(\.[0-9]+)?|,[0-9]{3}\.[0-9]+)$"
_BLANKS = r"^[+-]?[0-9]{1,3}([ \x{A0}\x{202F}\x{2009}][0-9]{3})+(\.[0-9]+)?$"
_YEAR = r"^([0-9]{4})(\.0+)?$"


def shown(cell: str) -> str:
    """A cell as it may stand in a message: short, and without characters that a terminal would obey.

    >>> shown("a" + chr(27) + "[2J")
    'a�[2J'
    """
    return "".join(character if character.isprintable() else "\ufffd" for character in cell[:80])


def is_missing(cells: pl.Expr) -> pl.Expr:
    """Whether a cell of text says that there is no value."""
    return cells.is_null() | cells.str.strip_chars().str.to_lowercase().is_in(MISSING_MARKS)


def numbers(cells: pl.Expr) -> pl.Expr:
    """Float64 of cells of text, null where a cell is no number or can be read in two ways ("1,234", "<0.1").

    >>> cells = pl.DataFrame({"x": ["1 234.5", "1,234,567", "1,234", "-2e3", "inf"]})
    >>> cells.select(numbers(pl.col("x")))["x"].to_list()
    [1234.5, 1234567.0, None, -2000.0, None]
    """
    plain = cells.str.strip_chars().str.replace("\u2212", "-", literal=True)
    readable = plain.str.contains(_PLAIN) | plain.str.contains(_COMMAS) | plain.str.contains(_BLANKS)
    digits = plain.str.replace_all(r"[, \x{A0}\x{202F}\x{2009}]", "").str.strip_prefix("+")
    value = pl.when(readable).then(digits).cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value + 0.0)  # without a negative zero


def years(cells: pl.Expr) -> pl.Expr:
    """Int32 of cells that hold a year of four digits, null of others.

    >>> pl.DataFrame({"x": ["2015", "2015.0", "2015Q1"]}).select(years(pl.col("x")))["x"].to_list()
    [2015, 2015, None]
    """
    return cells.str.strip_chars().str.extract(_YEAR, 1).cast(pl.Int32)
