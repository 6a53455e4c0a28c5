"""The example of sustainable connectivity of 51 countries (ASEM), with what the reference package made of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from greensilk.indices.definition import Element, IndexDefinition, Indicator
from greensilk.indices.grid import Floats, Grid
from greensilk.records import Label

YEAR = 2018


def name(text: str) -> Label:
    return Label(en=text, zh=text)


@dataclass(frozen=True)
class Asem:
    """The example's table, groups and tree, and the folder of expected results."""

    table: pl.DataFrame
    groups: pl.DataFrame
    indicators: tuple[Indicator, ...]
    elements: tuple[Element, ...]
    expected: Path

    def definition(self, **methods: Any) -> IndexDefinition:
        """The tree with some methods; the others are the engine's own."""
        tree = {"indicators": self.indicators, "elements": self.elements}
        return IndexDefinition(id="asem", label=name("ASEM"), **(tree | methods))

    def read(self, file: str) -> pl.DataFrame:
        return pl.read_csv(self.expected / file, null_values=["NA", ""], infer_schema_length=None)

    def differ(self, file: str, grid: Grid) -> float:
        """The greatest difference from a file, each relative to the expected value where that is above 1."""
        frame = self.read(file)
        assert tuple(frame["uCode"]) == grid.units
        expected = frame.select(frame.columns[1:]).cast(pl.Float64).to_numpy()
        found: Floats = grid.of(tuple(frame.columns[1:]))
        assert (np.isnan(expected.astype(float)) == np.isnan(found)).all()
        return float(np.nanmax(np.abs(expected - found) / np.maximum(np.abs(expected), 1)))


def long_table(wide: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    numbers = wide.select(pl.col("uCode").alias("unit"), pl.col("Time").cast(pl.Int64).alias("year"), *columns)
    long = numbers.with_columns(pl.col(columns).cast(pl.Float64)).unpivot(columns, index=["unit", "year"])
    return long.rename({"variable": "indicator"}).with_columns(pl.lit("ASEM").alias("source"))


def read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, null_values=["NA", ""], infer_schema_length=None)


@pytest.fixture(scope="session")
def asem_folder(shared: Path) -> Path:
    return shared / "coinr_asem"


@pytest.fixture(scope="session")
def asem(asem_folder: Path) -> Asem:
    wide, meta = read(asem_folder / "ASEM_iData.csv"), read(asem_folder / "ASEM_iMeta.csv")
    below = meta.filter(pl.col("Type") == "Indicator").iter_rows(named=True)
    above = meta.filter(pl.col("Type") == "Aggregate").iter_rows(named=True)
    indicators = tuple(
        Indicator(
            id=row["iCode"],
            label=name(row["iName"]),
            unit=row["Unit"],
            parent=row["Parent"],
            direction=int(row["Direction"]),
            denominator=row["Denominator"],
            target=row["Target"],
        )
        for row in below
    )
    elements = tuple(Element(id=row["iCode"], label=name(row["iName"]), parent=row["Parent"]) for row in above)
    numbers = [*(i.id for i in indicators), "Area", "Energy", "GDP", "Population"]
    groups = wide.select(pl.col("uCode").alias("unit"), pl.col("^.*_group$"))
    return Asem(long_table(wide, numbers), groups, indicators, elements, asem_folder / "expected")


@pytest.fixture(scope="session")
def asem_panel(asem_folder: Path, asem: Asem) -> pl.DataFrame:
    """Five years of the same example, made up by the authors of the reference package from the one."""
    numbers = [*(i.id for i in asem.indicators), "Area", "Energy", "GDP", "Population"]
    return long_table(read(asem_folder / "ASEM_iData_p.csv"), numbers)
