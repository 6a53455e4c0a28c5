"""Cells of country tables become rows: countries found, numbers read, units counted, contradictions refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from greensilk.catalogue.outputs import TableOutput
from greensilk.catalogue.table_numbers import is_missing, numbers, shown, years
from greensilk.errors import LayerError
from greensilk.places import find_country

KEY = ("iso_a3", "indicator", "year")
COLUMNS = {
    "iso_a3": pl.String,
    "indicator": pl.String,
    "year": pl.Int32,
    "value": pl.Float64,
    "unit": pl.String,
    "source": pl.String,
    "footnote": pl.String,
    "flag": pl.String,
}
OUT_OF_RANGE = "out_of_range"
SHOWN = 5  # of what was found wrong
NO_AREA = "-"
_SUBDIVISION = re.compile(r"^[A-Za-z]{2}-[A-Za-z0-9]{1,3}(-|$)")  # ISO 3166-2


@dataclass(frozen=True)
class Rows:
    """Rows of a country table and what became of the cells they come from.

    frame: (n,) columns as in COLUMNS, sorted; garbled: countries whose names came in a wrong encoding; skipped: area
    that is no country -> its rows, most first; missing: cells without a value; unreadable: cells whose value or year is
    no number, left out; examples: of these, (file, row, indicator, text); duplicates: cells that repeat another
    """

    frame: pl.DataFrame
    garbled: tuple[str, ...]
    skipped: dict[str, int]
    missing: int
    unreadable: int
    examples: tuple[tuple[str, int, str, str], ...]
    duplicates: int


def rows_of(cells: pl.DataFrame, files: Sequence[str], output: TableOutput, source: str) -> Rows:
    """The rows that cells come to.

    cells: as table_shapes.cells_of gives them; files: their names; source: of variables that state none
    raises: LayerError if two cells say different values of one country, year and indicator, naming both
    """
    placed = cells.with_columns(iso_a3=_countries(cells["area"]))
    skipped = _skipped(placed)
    read = placed.filter(pl.col("iso_a3").is_not_null()).with_columns(
        number=numbers(pl.col("value")), when=years(pl.col("year")), lacking=is_missing(pl.col("value"))
    )
    no_year = pl.col("when").is_null() & pl.col("year").is_not_null()
    no_number = pl.col("number").is_null() & ~pl.col("lacking")
    units = output.shape == "records"  # one that states no number is a unit nevertheless
    good = read.filter(~no_year & (pl.lit(units) | pl.col("number").is_not_null()))
    good = good.with_columns(year="when", value="number").drop("when", "number")
    rows = _added_up(good) if units else _once(good, files)
    wrong = read.filter((no_year & ~pl.col("lacking")) | no_number)
    return Rows(
        frame=_finished(rows, output, source),
        garbled=tuple(sorted(shown(area) for area in read["area"].unique() if find_country(area) is None)),
        skipped=skipped,
        missing=int(read["lacking"].sum()),
        unreadable=len(wrong),
        examples=_examples(wrong.with_columns(text=pl.when(no_number).then("value").otherwise("year")), files),
        duplicates=0 if units else len(good) - len(rows),
    )


def _examples(wrong: pl.DataFrame, files: Sequence[str]) -> tuple[tuple[str, int, str, str], ...]:
    first = wrong.sort("file", "row", "indicator").head(SHOWN).select("file", "row", "indicator", "text")
    return tuple((files[file], row, indicator, shown(text or "")) for file, row, indicator, text in first.iter_rows())


def _countries(areas: pl.Series) -> pl.Series:
    known = {area: country_of(area) for area in areas.unique().drop_nulls().to_list()}
    return areas.replace_strict(known, default=None, return_dtype=pl.String)


def country_of(area: str) -> str | None:
    """The country that an area is; None for a part of one, whose code could be read as another's.

    >>> country_of("BN"), country_of("BR-N"), country_of("World")
    ('BRN', None, None)
    """
    if _SUBDIVISION.match(area.strip()):
        return None
    return find_country(area) or find_country(undone(area) or "")


def undone(area: str) -> str | None:
    """A name whose UTF-8 was read as Latin-1 by an earlier program, as it was; None where that is not what happened.

    >>> undone("TÃ¼rkiye"), undone("Türkiye")
    ('Türkiye', None)
    """
    for encoding in ("cp1252", "latin-1"):
        try:
            return area.encode(encoding).decode("utf-8") if not area.isascii() else None
        except UnicodeError:
            continue
    return None


def _skipped(placed: pl.DataFrame) -> dict[str, int]:
    """Names of areas that are no countries and the number of their rows, most frequent first."""
    rows = (
        placed.filter(pl.col("iso_a3").is_null())
        .unique(["file", "row"])
        .select(pl.coalesce("name", "area", pl.lit(NO_AREA)))
    )
    counted = rows.group_by("name").len().sort(["len", "name"], descending=[True, False])
    named: dict[str, int] = {}
    for area, count in counted.iter_rows():
        named[shown(area)] = named.get(shown(area), 0) + count
    return named


def _once(good: pl.DataFrame, files: Sequence[str]) -> pl.DataFrame:
    """Each value once.

    raises: LayerError where two differ
    """
    differing = good.group_by(KEY).agg(pl.col("value").n_unique()).filter(pl.col("value") > 1)
    if len(differing):
        raise _contradiction(good, differing.sort(KEY, nulls_last=True), files)
    return good.sort(*KEY, "footnote", nulls_last=True).unique(KEY, keep="first", maintain_order=True)


def _contradiction(good: pl.DataFrame, differing: pl.DataFrame, files: Sequence[str]) -> LayerError:
    iso_a3, indicator, year, _ = differing.row(0)
    same = pl.col("iso_a3").eq(iso_a3) & pl.col("indicator").eq(indicator) & pl.col("year").eq_missing(pl.lit(year))
    cells = good.filter(same).sort("file", "row").unique("value", keep="first", maintain_order=True).head(SHOWN)
    said = "; ".join(
        f"{files[file]} : {row} : {shown(area)} = {value:.10g}"
        for file, row, area, value in cells.select("file", "row", "area", "value").iter_rows()
    )
    return LayerError(
        "datasets.table_contradiction", country=iso_a3, indicator=indicator, year="-" if year is None else year,
        cells=said, count=len(differing),
    )  # fmt: skip


def _added_up(good: pl.DataFrame) -> pl.DataFrame:
    """Sums by country; what states no number is left out of them and told in the footnote."""
    unknown = pl.col("value").null_count()
    told = pl.format("{} of {} rows state no number", unknown, pl.len())
    added = good.group_by(KEY).agg(
        value=pl.when(unknown < pl.len()).then(pl.col("value").sort().sum()),
        footnote=pl.when(unknown > 0).then(told),
    )
    return added.filter(pl.col("value").is_not_null())


def _finished(rows: pl.DataFrame, output: TableOutput, source: str) -> pl.DataFrame:
    """Rows with their units, sources, footnotes and flags, sorted."""
    said = pl.DataFrame(
        [
            (name, one.unit, one.source or source, one.footnote, *one.plausible)
            for name, one in output.variables.items()
        ],
        schema={
            "indicator": pl.String, "unit": pl.String, "source": pl.String, "said": pl.String,
            "least": pl.Float64, "most": pl.Float64,
        },
        orient="row",
    )  # fmt: skip
    beyond = (pl.col("value") < pl.col("least")) | (pl.col("value") > pl.col("most"))
    return (
        rows.join(said, on="indicator", how="left")
        .with_columns(
            footnote=pl.concat_list("footnote", "said").list.drop_nulls().list.join("; ").replace("", None),
            flag=pl.when(beyond.fill_null(False)).then(pl.lit(OUT_OF_RANGE)).otherwise(pl.lit("")),
        )
        .select(pl.col(name).cast(kind) for name, kind in COLUMNS.items())
        .sort(KEY, nulls_last=True)
    )
