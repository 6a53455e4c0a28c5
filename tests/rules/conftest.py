"""Tables of facts made by hand, for the tests of the rules."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from greensilk.facts import FactColumn, FactTable
from greensilk.records import Support
from greensilk.rules.faults import entries_of, layer_label
from greensilk.rules.registry import standard
from greensilk.vocabulary import FactName

DTYPES = {"number": pl.Float64, "truth": pl.Boolean, "text": pl.String, "date": pl.Date, "level": pl.Int8}
Maker = Callable[..., FactTable]


def make_table(
    rows: Sequence[Mapping[str, Any]], standard_id: str = "gdg_2020", support: Mapping[str, Support] | None = None
) -> FactTable:
    """Rows of {fact: value} as a table; a fact absent from a row is unknown there; a level is given by name."""
    entries = entries_of(standard("gdg_2020")) | entries_of(standard(standard_id))
    names = sorted({name for row in rows for name in row})
    columns = [
        _column(name, [row.get(name) for row in rows], entries[name], (support or {}).get(name)) for name in names
    ]
    layers = {layer: layer_label(layer) for layer in standard(standard_id).layers}
    ids = pl.Series([f"p{number}" for number in range(len(rows))], dtype=pl.String)
    return FactTable(ids, {column.name: column for column in columns}, layers)


def _column(name: str, values: list[Any], entry: FactName, support: Support | None) -> FactColumn:
    if entry.levels:
        values = [None if value is None else entry.levels.index(value) for value in values]
    reasons = pl.Series([None if value is not None else "not_given" for value in values], dtype=pl.String)
    series = pl.Series(name, values, dtype=DTYPES[entry.kind])
    return FactColumn(
        name, series, Support.METRES if support is None else support, "made by hand", "1", "test", reasons=reasons
    )


@pytest.fixture(scope="session")
def table() -> Maker:
    """make_table as a fixture."""
    return make_table


@pytest.fixture(scope="session")
def oracle() -> ModuleType:
    """The slow, plain re-implementation of the rules that the engine is compared with."""
    path = Path(__file__).parents[1] / "oracles" / "rules_by_hand.py"
    spec = importlib.util.spec_from_file_location("rules_by_hand", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
