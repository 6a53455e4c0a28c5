"""Numbers and dates in cells: read as written, or refused."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from greensilk.screening.cells import read_date, read_dates, read_numbers, reading


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,250,000"], [1_250_000.0]),
        (["1,250"], [1250.0]),
        (["1,250", "1,5"], [1.25, 1.5]),
        (["1.250,75"], [1250.75]),
        (["1 250 000"], [1_250_000.0]),
        (["1'250'000"], [1_250_000.0]),
        (["１２．５"], [12.5]),
        (["2.5e3"], [2500.0]),
        (["3 亿元"], [3e8]),
        (["1.2 million"], [1.2e6]),
        (["0"], [0.0]),
    ],
)
def test_amounts(cells: list[str], numbers: list[float]) -> None:
    found, wrong = read_numbers(pl.Series(cells), reading().amounts)
    assert found.to_list() == numbers
    assert wrong == []


@pytest.mark.parametrize(
    "cell", ["-1", "nan", "inf", "1e999", "about 5", "5-6", "5 lakh", "=5", "1,2,3", "--5", "0x10", "5%"]
)
def test_what_is_no_amount_is_refused(cell: str) -> None:
    found, wrong = read_numbers(pl.Series(["7", cell]), reading().amounts)
    assert found.to_list() == [7.0, None]
    assert wrong == [1]


@given(st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=6))
def test_every_cell_is_a_usable_number_empty_or_refused(cells: list[str | None]) -> None:
    found, wrong = read_numbers(pl.Series(cells, dtype=pl.String), reading().powers_mw)
    for position, cell in enumerate(cells):
        value = found[position]
        assert value is None or 0 <= value < float("inf")
        assert (cell is not None and value is None) == (position in wrong)


@given(st.floats(0, 1e15, allow_nan=False))
def test_a_number_survives_its_own_spelling(value: float) -> None:
    assert read_numbers(pl.Series([repr(value)]), {})[0].to_list() == [value]


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("2018-05-01", dt.date(2018, 5, 1), "day"),
        ("2018/5/1", dt.date(2018, 5, 1), "day"),
        ("2018.05.01", dt.date(2018, 5, 1), "day"),
        ("2018年5月1日", dt.date(2018, 5, 1), "day"),
        ("2018-05-01T00:00:00", dt.date(2018, 5, 1), "day"),
        ("2018-05-01 00:00:00.000", dt.date(2018, 5, 1), "day"),
        ("31/12/2018", dt.date(2018, 12, 31), "day"),
        ("12/31/2018", dt.date(2018, 12, 31), "day"),
        ("05/05/2018", dt.date(2018, 5, 5), "day"),
        ("2018-05", dt.date(2018, 5, 1), "month"),
        ("2018年5月", dt.date(2018, 5, 1), "month"),
        ("2018", dt.date(2018, 1, 1), "year"),
        ("2018.0", dt.date(2018, 1, 1), "year"),
        ("2018年", dt.date(2018, 1, 1), "year"),
    ],
)
def test_dates(text: str, day: dt.date, precision: str) -> None:
    assert read_date(text) == (day, precision)


@pytest.mark.parametrize(
    "text", ["03/04/2019", "2019-13-01", "2019-02-30", "1066", "9999", "soon", "18-05-01", "44197", "2018-5-1x"]
)
def test_what_has_two_readings_or_none_is_no_date(text: str) -> None:
    assert read_date(text) is None


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))
def test_a_date_survives_its_own_spelling(day: dt.date) -> None:
    dates, precision, wrong = read_dates(pl.Series([day.isoformat(), None, "never"]))
    assert dates.to_list() == [day, None, None]
    assert precision.to_list() == ["day", None, None]
    assert wrong == [2]
