"""Country context: factors of the first country of a site. Never ground for a verdict about the site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from greensilk.catalogue.bundle import bundle_table
from greensilk.facts import FactColumn, Origin
from greensilk.records import Support
from greensilk.screening.origins import Detail, measures, nothing, numbers, shipped


def country_facts(codes: Sequence[str | None]) -> Iterator[FactColumn]:
    """One column a factor. codes: (n,) ISO 3166-1 alpha-3 or None; `features` holds the year of each value."""
    for fact, indicator in measures().country_indicators.items():
        table = bundle_table(indicator.table).filter(pl.col("indicator") == indicator.indicator)
        yield _joined(fact, indicator.table, codes, (table, "value", indicator.factor))
    people = bundle_table("population").filter(pl.col("note") == "estimate")
    yield _joined("population_country", "population", codes, (people, "population", 1.0))


def _joined(fact: str, dataset: str, codes: Sequence[str | None], of: tuple[pl.DataFrame, str, float]) -> FactColumn:
    table, column, factor = of
    # The latest year wins; rows without a year are the only ones of their indicator.
    rows = table.sort("year", nulls_last=False).unique("iso_a3", keep="last", maintain_order=True)
    value = dict(zip(rows["iso_a3"], rows[column].cast(pl.Float64), strict=True))
    year = dict(zip(rows["iso_a3"], rows["year"], strict=True))
    found = np.array([np.nan if code is None else value.get(code, np.nan) for code in codes], dtype=np.float64)
    years = nothing(len(codes))
    for i, code in enumerate(codes):
        if code is not None and year.get(code) is not None and not np.isnan(found[i]):
            years[i] = str(year[code])
    entry = shipped(dataset)
    where = np.where([code is None for code in codes], "no_country", "no_data_here")
    about = Origin(
        dataset, entry.version if entry else "", Support.COUNTRY, "country_table", not entry or entry.confirmed
    )
    return numbers(fact, found * factor, about, Detail(reason=where.astype(object), features=years))
