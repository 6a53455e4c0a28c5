"""The facts of one project as facts.parquet of an earlier screening keeps them, to be judged again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from greensilk.errors import NotFoundError, StoreError
from greensilk.facts import LONG_SCHEMA, FactColumn, FactTable
from greensilk.records import Label, Support
from greensilk.vocabulary import FactName, fact_name, fact_names

TOLD_OF_EACH = "distance_{layer}"  # by this a layer is known: "overlap_area_x" may be of x, or of a layer "area_x"
KIND = {"number": pl.Float64, "truth": pl.Boolean, "text": pl.String, "date": pl.Date, "level": pl.Int8}


def kept_facts(path: Path, project_id: str) -> FactTable:
    """A table of one row: what a screening knew of a project, without what a licence kept out of its files.

    path: of facts.parquet; project_id: as the portfolio's file named it
    raises: NotFoundError for a project that is not in it; StoreError for a file that is no such table
    """
    try:
        table = pl.scan_parquet(path).select(LONG_SCHEMA.keys()).filter(pl.col("project_id") == project_id).collect()
    except (PolarsError, OSError) as error:
        raise StoreError("appraisal.no_facts", file=path.name[:12]) from error
    if table.is_empty():
        raise NotFoundError("appraisal.no_facts_of", project=project_id[:60])
    layers = _layers(table["fact"])
    columns = [_column(row, fact_name(row["fact"], layers)) for row in table.iter_rows(named=True)]
    return FactTable(pl.Series([project_id]), {one.name: one for one in columns}, layers)


def _layers(names: Iterable[str]) -> dict[str, Label]:
    """The layers that facts speak of; one of a user's own is called by its id, since its title lies with the layer."""
    from greensilk.catalogue.layer_records import sensitive_layers

    fixed, defined = fact_names(), sensitive_layers()
    begins = TOLD_OF_EACH.format(layer="")
    found = (name.removeprefix(begins) for name in names if name.startswith(begins) and name not in fixed)
    return {name: defined[name].label if name in defined else Label(en=name, zh=name) for name in found}


def _column(row: dict[str, Any], entry: FactName) -> FactColumn:
    value = row["number"] if entry.kind == "number" else _read(row["text"], entry)
    return FactColumn(
        row["fact"], pl.Series(row["fact"], [value], dtype=KIND[entry.kind]), Support[row["support"].upper()],
        row["dataset"], row["version"], row["method"], reasons=pl.Series([row["reason"]], dtype=pl.String),
        features=pl.Series([row["feature"]], dtype=pl.String), confirmed=row["confirmed"],
        accuracy_m=pl.Series([row["accuracy_m"]], dtype=pl.Float64),
    )  # fmt: skip


def _read(text: str | None, entry: FactName) -> Any:
    if text is None:
        return None
    if entry.kind == "truth":
        return text == "true"
    if entry.kind == "date":
        return dt.date.fromisoformat(text)
    return entry.levels.index(text) if entry.kind == "level" else text
