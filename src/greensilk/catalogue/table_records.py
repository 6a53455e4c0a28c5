"""What is known about an imported country table."""

from __future__ import annotations

from greensilk.catalogue.data_info import DataInfo
from greensilk.records import Label, Record


class Indicator(Record):
    """A quantity of an imported country table. rows: how many values of it there are"""

    label: Label
    unit: str
    rows: int


class TableInfo(DataInfo):
    """An imported country table.

    rows: country, year, indicator, value; countries_held: countries with a value; years: first and last, null where
    undated; indicators: by id; flagged: values outside their plausible range; skipped: areas that are no countries ->
    rows of the files, most first; skipped_rows: of all such areas; missing: cells without a value; unreadable: cells
    left out because they are no number; duplicates: cells that repeat another; left_out: units in
    a state that is not counted
    """

    rows: int
    countries_held: int
    years: tuple[int, int] | None
    indicators: dict[str, Indicator]
    flagged: int
    skipped: dict[str, int]
    skipped_rows: int
    missing: int
    unreadable: int
    duplicates: int
    left_out: int
    table_sha256: str
