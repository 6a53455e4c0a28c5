"""A file of somebody's own values, long or wide, as the table that an index is built from. Nothing in it is guessed.

Long: a row a value, with columns unit, indicator, year and value (source and name if there are). Wide: a row a unit
(and year), a column an indicator or denominator. What cannot be read in one way only is listed as a fault, by row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from greensilk.catalogue.delimited import read_delimited
from greensilk.catalogue.raw_table import RawTable
from greensilk.catalogue.sheets import read_sheet
from greensilk.catalogue.table_files import parquet_cells, require_readable, workbook_of
from greensilk.catalogue.table_numbers import is_missing, numbers, shown, years
from greensilk.errors import PortfolioError
from greensilk.indices import IndexDefinition
from greensilk.indices.faults import Fault, fault, some

# The first of these that is a heading, whatever its case; blanks and underscores are one.
ROLES = {
    "unit": ("unit", "iso_a3", "iso3", "code", "ucode", "country", "单元", "国家代码", "国家"),
    "indicator": ("indicator", "icode", "指标"),
    "year": ("year", "time", "年份"),
    "value": ("value", "数值"),
    "source": ("source", "来源"),
    "name": ("name", "uname", "unit name", "country name", "名称", "国家名称"),
}
LONG = ("indicator", "value")
UNDATED = 0  # the year of all values of a file that has no years
LARGEST = 1e100  # of a value: products of larger ones are no numbers any more
LARGE_ENOUGH = 1e-100


@dataclass(frozen=True)
class Terms:
    """What is owed for a data set. derived: whether what is derived from it may be handed on, None = not said"""

    dataset: str
    version: str
    licence: str
    attribution: str
    derived: bool | None


@dataclass(frozen=True)
class Values:
    """A table of values.

    table: unit, indicator, year, value, source (of country values also dataset and dated); groups: unit and the
    grouping that the definition names, None without; names: of units, where the file has them; file: its name, empty
    for the country values that are shipped and installed; sha256: of the content; faults: what is wrong with cells;
    terms: of the data sets that country values are from
    """

    table: pl.DataFrame
    groups: pl.DataFrame | None
    names: dict[str, str]
    file: str
    sha256: str
    faults: tuple[Fault, ...] = ()
    terms: tuple[Terms, ...] = ()


READERS: dict[str, Callable[[Path, str | None, Collection[str]], RawTable]] = {
    ".csv": lambda path, sheet, holding: read_delimited(path, holding),
    ".tsv": lambda path, sheet, holding: read_delimited(path, holding),
    ".txt": lambda path, sheet, holding: read_delimited(path, holding),
    ".xlsx": read_sheet,
    ".xlsm": read_sheet,
    ".parquet": lambda path, sheet, holding: parquet_cells(path),
}


def read_values(path: Path, definition: IndexDefinition) -> Values:
    """The values of a file, with every fault of its columns and cells.

    path: a CSV, TSV, XLSX (a sheet of it: "book.xlsx:Sheet") or Parquet file
    raises: PortfolioError if it is missing, of another kind, too large, or cannot be read at all
    """
    file, sheet = workbook_of(path)
    require_readable(file, READERS)
    used = used_names(definition)
    try:
        raw = READERS[file.suffix.lower()](file, sheet, {*used, *_spelled(ROLES["indicator"])})
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    except (OSError, MemoryError, RecursionError) as error:
        raise PortfolioError("catalogue.not_readable", file=file.name, why=str(error)[:200]) from error
    cells = Cells.of(raw)
    long = all(role in cells.roles for role in LONG)
    table, found = _long(cells, used) if long else _wide(cells, used)
    found = [*_file_faults(raw, cells, long), *_year_faults(cells, definition), *found]
    groups = _groups(cells, definition.impute.group)
    return Values(_dated(table, cells, definition), groups, _names(cells), file.name, sha256, tuple(found))


def used_names(definition: IndexDefinition) -> tuple[str, ...]:
    """Ids of the indicators and denominators of a definition, each once."""
    own = [indicator.id for indicator in definition.indicators]
    return tuple(dict.fromkeys([*own, *(i.denominator for i in definition.indicators if i.denominator)]))


def _spelled(names: Iterable[str]) -> set[str]:
    return {form for name in names for form in (name, name.capitalize(), name.upper())}


def _folded(heading: str) -> str:
    return " ".join(heading.replace("_", " ").casefold().split())


@dataclass(frozen=True)
class Cells:
    """A file's columns of text, `""` beside them being the number of each row, and the heading that plays each role."""

    frame: pl.DataFrame
    roles: dict[str, str]

    @classmethod
    def of(cls, raw: RawTable) -> Cells:
        """The cells of a file as read."""
        by_name = {_folded(heading): heading for heading in reversed(raw.columns.columns)}
        aliases = {role: [_folded(name) for name in names] for role, names in ROLES.items()}
        roles = {role: next((by_name[n] for n in names if n in by_name), None) for role, names in aliases.items()}
        frame = raw.columns.clone().insert_column(0, pl.Series("", list(raw.rows), pl.Int64))
        return cls(frame, {role: heading for role, heading in roles.items() if heading})

    @property
    def headings(self) -> list[str]:
        """The file's own headings."""
        return self.frame.columns[1:]

    def text(self, role: str) -> pl.Expr:
        """The text of the column with a role; null where the file has none."""
        return pl.col(self.roles[role]) if role in self.roles else pl.lit(None, pl.String)

    def year(self) -> pl.Expr:
        """The year of each row, null where its cell is none."""
        return years(self.text("year")).cast(pl.Int64) if "year" in self.roles else pl.lit(UNDATED, pl.Int64)

    def common(self) -> list[pl.Expr]:
        """The columns that both layouts have."""
        return [
            pl.col("").alias("row"),
            self.text("unit").alias("unit"),
            self.year().alias("year"),
            self.text("source").alias("source"),
        ]


def _long(cells: Cells, used: Collection[str]) -> tuple[pl.DataFrame, list[Fault]]:
    table = cells.frame.select(
        *cells.common(), cells.text("indicator").alias("indicator"), cells.text("value").alias("cell")
    )
    return _numbered(table, used)


def _wide(cells: Cells, used: Collection[str]) -> tuple[pl.DataFrame, list[Fault]]:
    """Every column that the definition uses, and of the others those that hold numbers alone: a message names them."""
    free = [heading for heading in cells.headings if heading not in cells.roles.values() or heading in used]
    numeric = cells.frame.select(
        (numbers(pl.col(name)).is_not_null() | is_missing(pl.col(name))).all() for name in free
    )
    columns = [name for name, fits in zip(free, numeric.row(0) if free else (), strict=True) if fits or name in used]
    # A column may be both a year and an indicator's name: its cells are copied under a number first.
    copies = {f"{number}": name for number, name in enumerate(columns)}
    table = cells.frame.select(*cells.common(), *(pl.col(name).alias(copy) for copy, name in copies.items()))
    table = table.unpivot(
        list(copies), index=["row", "unit", "year", "source"], variable_name="indicator", value_name="cell"
    ).with_columns(pl.col("indicator").replace_strict(copies, return_dtype=pl.String))
    return _numbered(table.with_columns(pl.col("cell").cast(pl.String)), used)


def _numbered(table: pl.DataFrame, used: Collection[str]) -> tuple[pl.DataFrame, list[Fault]]:
    read = table.with_columns(numbers(pl.col("cell")).alias("value"))
    counts = read.filter(pl.col("indicator").is_in(list(used)))
    wrong = counts.filter(pl.col("value").is_null() & ~is_missing(pl.col("cell")))
    size = pl.col("value").abs()
    extreme = counts.filter((size > LARGEST) | ((size < LARGE_ENOUGH) & (size > 0)))
    found = [
        fault(key, count=len(rows), cells=some(_told(rows)))
        for key, rows in {"indices.file_no_number": wrong, "indices.file_extreme": extreme}.items()
        if len(rows)
    ]
    return read.select("unit", "indicator", "year", "value", "source"), found


def _told(rows: pl.DataFrame) -> Iterator[str]:
    for row, indicator, cell in rows.select("row", "indicator", "cell").iter_rows():
        yield f'{row}/{shown(indicator)}: "{shown(cell)}"'


def _file_faults(raw: RawTable, cells: Cells, long: bool) -> Iterator[Fault]:
    columns = some(shown(heading) for heading in cells.headings)
    if "unit" not in cells.roles:
        yield fault("indices.file_no_unit", names=", ".join(ROLES["unit"]), columns=columns)
    if long and "year" not in cells.roles:
        yield fault("indices.file_no_year", names=", ".join(ROLES["year"]), columns=columns)
    twice = [heading for heading in cells.headings if f"{heading} (2)" in cells.headings]
    if twice:
        yield fault("indices.file_heading_twice", columns=some(map(shown, twice)))
    for reason in ("too_many_cells", "wrong_encoding"):
        rows = sorted({each.row for each in raw.faults if each.reason == reason})
        if rows:
            yield fault(f"indices.file_{reason}", count=len(rows), rows=some(rows))
    for role in ("unit", "name", "indicator"):
        if rows := _unprintable(cells, role):
            yield fault("indices.file_unprintable", column=shown(cells.roles[role]), rows=some(rows))


def _unprintable(cells: Cells, role: str) -> list[int]:
    """Rows whose cell holds what a terminal would obey, or a page could not show."""
    if role not in cells.roles:
        return []
    bad = cells.text(role).str.contains(r"[\p{Cc}\p{Zl}\p{Zp}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2066}-\x{2069}]")
    return cells.frame.filter(bad)[""].to_list()


def _year_faults(cells: Cells, definition: IndexDefinition) -> Iterator[Fault]:
    if "year" not in cells.roles:
        if len(definition.select.years) > 1:
            yield fault("indices.file_undated", years=some(definition.select.years))
        return
    wrong = cells.frame.filter(cells.year().is_null() & ~is_missing(cells.text("year")))
    if len(wrong):
        told = (f'{row}: "{shown(cell)}"' for row, cell in wrong.select("", cells.roles["year"]).iter_rows())
        yield fault("indices.file_years", column=shown(cells.roles["year"]), count=len(wrong), cells=some(told))


def _dated(table: pl.DataFrame, cells: Cells, definition: IndexDefinition) -> pl.DataFrame:
    """Values without years are of the one year that the definition asks for."""
    if "year" in cells.roles or len(definition.select.years) != 1:
        return table
    return table.with_columns(pl.lit(definition.select.years[0], pl.Int64).alias("year"))


def _groups(cells: Cells, column: str | None) -> pl.DataFrame | None:
    if column is None:
        return None
    if column not in cells.headings:  # so that the message can say which columns there are
        return pl.DataFrame(schema=dict.fromkeys(["unit", *cells.headings], pl.String))
    rows = cells.frame.select(cells.text("unit").alias("unit"), pl.col(column).alias("group"))
    return rows.drop_nulls().unique(maintain_order=True).rename({"group": column} if column != "unit" else {})


def _names(cells: Cells) -> dict[str, str]:
    if "name" not in cells.roles or "unit" not in cells.roles:
        return {}
    rows = cells.frame.select(cells.text("unit").alias("unit"), cells.text("name").alias("name")).drop_nulls()
    return dict(rows.unique("unit", keep="first", maintain_order=True).iter_rows())
