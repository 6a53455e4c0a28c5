"""Dates that are not exact: a year stands for all its days, a month for all of its."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

IMPRECISE = "dates_imprecise"


def first_days(dates: pl.Series) -> NDArray[np.int32]:
    """(n,) first day each date can mean, in days since 1970; 0 where it is unknown."""
    return dates.cast(pl.Int32).fill_null(0).to_numpy()


def last_days(dates: pl.Series, said: pl.Series | None) -> NDArray[np.int32]:
    """(n,) last day each date can mean, in days since 1970; 0 where it is unknown.

    said: (n,) names of the facts that are a year only, or "<name>/month", joined by ";"; where it is null, or nothing
    is said at all, 1 January is taken as a year, for nobody can tell
    """
    day, month, year = pl.col("day"), pl.col("day").dt.month(), pl.col("day").dt.year()
    new_year = (month == 1) & (day.dt.day() == 1)
    listed = pl.col("said").str.replace_all(" ", "", literal=True).str.split(";")
    whole_year = new_year & listed.list.contains(dates.name).fill_null(True)
    whole_month = (day.dt.day() == 1) & listed.list.contains(f"{dates.name}/month").fill_null(False)
    last = pl.when(whole_year).then(pl.date(year, 12, 31)).when(whole_month).then(day.dt.month_end()).otherwise(day)
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(dates))
    frame = pl.DataFrame({"day": dates, "said": nothing if said is None else said})
    return frame.select(last.cast(pl.Int32).fill_null(0)).to_series().to_numpy()
