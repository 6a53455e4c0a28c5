"""All values of countries in one table: what is shipped, what is installed and may be used, what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl
from pydantic import Field

from greensilk.catalogue.bundle import bundle_index, bundle_table
from greensilk.catalogue.licences import FREE
from greensilk.catalogue.table_records import TableInfo
from greensilk.catalogue.tables import open_table, table_states
from greensilk.country_groups import areas_km2
from greensilk.errors import GreensilkError
from greensilk.places import country_codes
from greensilk.records import DEFINITIONS, Label, Record, load_file
from greensilk.texts import text

SHIPPED = ("country_environment", "country_factors", "grid_carbon", "population")
OUTLINES = "countries"
LAST_YEAR = 2024  # of what is shipped; what comes later is projected, and nothing is computed from it
COMPUTED, INTERPOLATED = "computed", "interpolated"
SCHEMA = {
    "iso_a3": pl.String, "indicator": pl.String, "year": pl.Int32, "value": pl.Float64, "unit": pl.String,
    "source": pl.String, "note": pl.String, "dataset": pl.String, "version": pl.String, "flag": pl.String,
}  # fmt: skip
KEY = ["indicator", "iso_a3", "dataset", "year"]


class NamedIndicator(Record):
    """A quantity of a shipped table."""

    label: Label
    unit: str


class ComputedIndicator(NamedIndicator):
    """A quantity that follows from others: their sum, divided by `per` and multiplied by `times`."""

    sum: tuple[str, ...] = Field(min_length=1)
    per: str | None = None
    times: float = 1.0


class _Indicators(Record):
    indicators: dict[str, NamedIndicator]
    computed: dict[str, ComputedIndicator]


@dataclass(frozen=True, eq=False)
class CountryValues:
    """Values of countries.

    frame: one row a value: iso_a3, indicator, year (null where the source names none), value, unit, source, note,
    dataset (of several: joined by " + "), version, flag ("computed", "interpolated", "out_of_range" or empty); ordered
    by indicator, country, dataset and year
    tables: the installed tables that are in it; left_out: id of an installed table -> why it is not
    """

    frame: pl.DataFrame
    tables: Mapping[str, TableInfo]
    left_out: Mapping[str, Label]


@cache
def _definition() -> _Indicators:
    return load_file(_Indicators, DEFINITIONS / "country_indicators.yaml")


@cache
def country_indicators() -> dict[str, NamedIndicator]:
    """Name and unit of every quantity that is shipped or computed from it, by id.

    >>> country_indicators()["pm25_mean"].unit
    'µg/m³'
    """
    found = _definition()
    return {**found.indicators, **found.computed}


def country_values() -> CountryValues:
    """Every value of every country that is shipped or installed and may be used."""
    opened, left_out = _installed()
    parts = [shipped_values(), *(_table_values(info, frame) for info, frame in opened)]
    frame = pl.concat(parts).sort(KEY, nulls_last=False)
    return CountryValues(frame, {info.id: info for info, _ in opened}, left_out)


@cache
def shipped_values() -> pl.DataFrame:
    """The values that come with greensilk, and what is computed from them; see CountryValues.frame."""
    known = pl.concat([*(_shipped(name) for name in SHIPPED), _areas()])
    known = known.filter(pl.col("iso_a3").is_in(list(country_codes())))
    for name, how in _definition().computed.items():
        known = pl.concat([known, _computed(known, name, how)])
    return known.sort(KEY, nulls_last=False)


def _shipped(dataset: str) -> pl.DataFrame:
    entry, table = bundle_index()[dataset], bundle_table(dataset)
    assert entry.licence in FREE, dataset  # noqa: S101 - decision 0003: nothing else is shipped
    flag = pl.lit("")
    if dataset == "population":
        table = _every_year(table)
        flag = pl.when(pl.col("note").str.starts_with(INTERPOLATED)).then(pl.lit(INTERPOLATED)).otherwise(pl.lit(""))
    return _shaped(table.with_columns(dataset=pl.lit(dataset), version=pl.lit(entry.version), flag=flag))


def _shaped(table: pl.DataFrame) -> pl.DataFrame:
    return table.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _every_year(table: pl.DataFrame) -> pl.DataFrame:
    """Population of each year until LAST_YEAR: the table has every fifth, the years between lie on a line."""
    whole = table.select("iso_a3", "year", "population", "unit", "source", "note").sort("iso_a3", "year")
    following = whole.with_columns(
        next_year=pl.col("year").shift(-1).over("iso_a3"), next_value=pl.col("population").shift(-1).over("iso_a3")
    )
    step = pl.col("year") + pl.col("after")
    share = pl.col("after") / (pl.col("next_year") - pl.col("year"))
    between = (
        following.filter(pl.col("year") < LAST_YEAR, pl.col("next_year").is_not_null())
        .with_columns(after=pl.int_ranges(1, pl.col("next_year") - pl.col("year")))
        .explode("after")
        .with_columns(
            note=pl.format("interpolated between {} and {}", "year", "next_year"),
            value=pl.col("population") + share * (pl.col("next_value") - pl.col("population")),
            year=step,
        )
    )
    columns = ["iso_a3", "year", "value", "unit", "source", "note"]
    kinds = {"year": pl.Int32, "value": pl.Float64}
    stated = whole.rename({"population": "value"}).select(columns).cast(kinds)  # type: ignore[arg-type]
    made = between.select(columns).cast(kinds)  # type: ignore[arg-type]
    return pl.concat([stated, made]).with_columns(indicator=pl.lit("population"))


def _areas() -> pl.DataFrame:
    entry, areas = bundle_index()[OUTLINES], areas_km2()
    table = pl.DataFrame({"iso_a3": list(areas), "value": list(areas.values())})
    return _shaped(
        table.with_columns(
            indicator=pl.lit("area"), year=pl.lit(None), unit=pl.lit("km²"), source=pl.lit("Natural Earth"),
            note=pl.lit("geodesic area of the shipped outline, inland water included"), dataset=pl.lit(OUTLINES),
            version=pl.lit(entry.version), flag=pl.lit(COMPUTED),
        )
    )  # fmt: skip


def _computed(known: pl.DataFrame, name: str, how: ComputedIndicator) -> pl.DataFrame:
    """A new quantity of each country that has all its parts."""
    parts = [newest(known, part, LAST_YEAR) for part in how.sum]
    whole = parts[0]
    for part in parts[1:]:
        whole = _joined(whole, part, pl.col("value") + pl.col("value_right"))
    if how.per is not None:
        divisor = newest(known, how.per, LAST_YEAR)
        if how.per == "population":
            divisor = known.filter(pl.col("indicator") == "population").join(
                whole.select("iso_a3", "year"), on=["iso_a3", "year"], how="semi"
            )
        positive = divisor.filter(pl.col("value") > 0)
        whole = _joined(whole, positive, pl.col("value") / pl.col("value_right"))
    told = " + ".join(how.sum) + (f" / {how.per}" if how.per else "") + (f" × {how.times:g}" if how.times != 1 else "")
    return _shaped(
        whole.with_columns(
            indicator=pl.lit(name), value=pl.col("value") * how.times, unit=pl.lit(how.unit),
            note=pl.lit(text("countries.computed", "en", how=told)), flag=pl.lit(COMPUTED),
        )
    )  # fmt: skip


def _joined(left: pl.DataFrame, right: pl.DataFrame, value: pl.Expr) -> pl.DataFrame:
    both = left.join(right, on="iso_a3", how="inner", maintain_order="left")
    both = both.with_columns(value=value, year=pl.min_horizontal("year", "year_right"))
    for column in ("source", "dataset", "version"):
        pairs = zip(both[column], both[f"{column}_right"], strict=True)
        both = both.with_columns(pl.Series(column, [_both(*pair) for pair in pairs], pl.String))
    return both.select(list(SCHEMA))


def _both(*lists: str) -> str:
    """Two lists of names as one, each name once."""
    return " + ".join(dict.fromkeys(name for one in lists for name in one.split(" + ")))


def newest(values: pl.DataFrame, indicator: str, year: int | None = None) -> pl.DataFrame:
    """The newest value of an indicator in each country, not later than a year; an undated one where there is no other.

    values: as CountryValues.frame; interpolated ones and projections count up to `year` like others
    """
    own = values.filter(pl.col("indicator") == indicator, pl.col("flag") != "out_of_range")
    if year is not None:
        own = own.filter(pl.col("year").is_null() | (pl.col("year") <= year))
    return own.sort(KEY, nulls_last=False).unique("iso_a3", keep="last", maintain_order=True)


def _installed() -> tuple[list[tuple[TableInfo, pl.DataFrame]], dict[str, Label]]:
    opened, left_out = [], {}
    for name, found in _tables():
        if isinstance(found, GreensilkError):
            left_out[name] = Label(en=found.message("en"), zh=found.message("zh"))
        else:
            opened.append(found)
    return opened, left_out


def _tables() -> Iterator[tuple[str, tuple[TableInfo, pl.DataFrame] | GreensilkError]]:
    for name in sorted(table_states()):
        try:
            table = open_table(name)
            yield name, (table.info, table.frame)
        except GreensilkError as error:
            yield name, error


def _table_values(info: TableInfo, frame: pl.DataFrame) -> pl.DataFrame:
    named = pl.concat_str(pl.lit(f"{info.id}:"), "indicator")
    return _shaped(
        frame.rename({"footnote": "note"}).with_columns(
            indicator=named, dataset=pl.lit(info.id), version=pl.lit(info.version)
        )
    )
