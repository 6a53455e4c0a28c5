"""Cells of text as numbers and dates. A cell that can be read in two ways is refused, not guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import cache
from typing import Literal

import polars as pl

from greensilk.catalogue.coordinates import plain_text
from greensilk.records import DEFINITIONS, Record, load_file

_THOUSANDS = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_DECIMAL_COMMA = re.compile(r"^[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+$")
_NUMBER = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(\S.*)?$")
_YEAR_FIRST = re.compile(
    r"^(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?)?月?(?:[T ]\d{1,2}:\d{2}\S*)?$"
)
_YEAR_LAST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?: \d{1,2}:\d{2}\S*)?$")
_YEAR = re.compile(r"^(\d{4})(?:\.0)?\s*年?$")
Precision = Literal["day", "month", "year"]


class PortfolioReading(Record):
    """What the reader takes for granted; see definitions/portfolio_reading.yaml."""

    too_big_factor: float
    drawn_accuracy_m: float
    country_far_deg: float
    year_first: int
    year_last: int
    gcj02_countries: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    powers_mw: dict[str, float]
    amounts: dict[str, float]
    areas_km2: dict[str, float]
    lengths_m: dict[str, float]
    amounts_usd_m: dict[str, float]
    years: dict[str, float]
    tonnes_a_year: dict[str, float]
    people: dict[str, float]
    intensities: dict[str, float]
    most: dict[str, float]


@cache
def reading() -> PortfolioReading:
    """The reader's own choices."""
    return load_file(PortfolioReading, DEFINITIONS / "portfolio_reading.yaml")


def read_numbers(cells: pl.Series, units: Mapping[str, float]) -> tuple[pl.Series, list[int]]:
    """(n,) text cells as Float64 in the field's unit, and the positions of cells that are no number, zero or more.

    units: unit name -> how many of the field's unit it is; a number without unit is in the field's unit already
    """
    plain = cells.cast(pl.String).str.normalize("NFKC").str.strip_chars()
    numeric = plain.str.contains(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$").fill_null(False)
    numbers = pl.select(pl.when(numeric).then(plain)).to_series().cast(pl.Float64, strict=False)
    rest = plain.filter(plain.is_not_null() & ~numeric).unique().to_list()
    heads = [_digits(text) for text in rest]
    comma = any(_DECIMAL_COMMA.match(head) and not _THOUSANDS.match(head) for head in heads)
    known = {text: _number(text, units, decimal_comma=comma) for text in rest}
    spoken = plain.replace_strict(known, default=None, return_dtype=pl.Float64) if known else numbers.clear(len(plain))
    numbers = pl.select(pl.coalesce(numbers, spoken)).to_series()
    usable = numbers.is_finite() & (numbers >= 0)
    wrong = (plain.is_not_null() & ~usable.fill_null(False)).arg_true().to_list()
    return pl.select(pl.when(usable).then(numbers)).to_series(), wrong


def _squeezed(text: str) -> str:
    return re.sub(r"(?<=\d)[\s'’](?=\d{3}\b)", "", text)


def _digits(text: str) -> str:
    """The number at the start of a cell, as written; empty where there is none."""
    head = re.match(r"^[+-]?[\d.,]+", _squeezed(text))
    return head.group() if head else ""


def _number(text: str, units: Mapping[str, float], *, decimal_comma: bool) -> float | None:
    digits = _digits(text)
    rest = _squeezed(text)[len(digits) :]
    if decimal_comma and _DECIMAL_COMMA.match(digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif _THOUSANDS.match(digits):
        digits = digits.replace(",", "")
    found = _NUMBER.match(digits + rest)
    if found is None:
        return None
    factor = known_unit(found[2], units) if found[2] else 1.0
    return None if factor is None else float(found[1]) * factor


def known_unit(unit: str, units: Mapping[str, float]) -> float | None:
    """How many of the field's unit one of `unit` is; None where it is not known."""
    return units.get(re.sub(r"\s+", "", unit).casefold().replace("²", "2"))


def read_dates(cells: pl.Series) -> tuple[pl.Series, pl.Series, list[int]]:
    """(n,) text cells as Date, their precision ("day", "month", "year"), and the positions of unreadable cells."""
    texts = cells.cast(pl.String)
    known = {text: read_date(text) for text in texts.drop_nulls().unique().to_list()}
    if not known:
        return pl.Series([None] * len(cells), dtype=pl.Date), pl.Series([None] * len(cells), dtype=pl.String), []
    days = {text: found[0] if found else None for text, found in known.items()}
    precisions = {text: found[1] if found else None for text, found in known.items()}
    dates = texts.replace_strict(days, default=None, return_dtype=pl.Date)
    precision = texts.replace_strict(precisions, default=None, return_dtype=pl.String)
    return dates, precision, (texts.is_not_null() & dates.is_null()).arg_true().to_list()


def read_date(text: str) -> tuple[dt.date, Precision] | None:
    """A date and how precise it is; None where it cannot be read without guessing (03/04/2019).

    >>> read_date("2018年5月"), read_date("2019"), read_date("03/04/2019")
    ((datetime.date(2018, 5, 1), 'month'), (datetime.date(2019, 1, 1), 'year'), None)
    """
    plain = plain_text(text)
    try:
        if found := _YEAR.match(plain):
            return _in_range(dt.date(int(found[1]), 1, 1), "year")
        if found := _YEAR_FIRST.match(plain):
            day = int(found[3]) if found[3] else 1
            return _in_range(dt.date(int(found[1]), int(found[2]), day), "day" if found[3] else "month")
        if found := _YEAR_LAST.match(plain):
            first, second, year = (int(part) for part in found.groups())
            if first > 12 or first == second:
                return _in_range(dt.date(year, second, first), "day")
            return _in_range(dt.date(year, first, second), "day") if second > 12 else None
    except ValueError:
        return None
    return None


def _in_range(day: dt.date, precision: Precision) -> tuple[dt.date, Precision] | None:
    known = reading().year_first <= day.year <= reading().year_last
    return (day, precision) if known else None
