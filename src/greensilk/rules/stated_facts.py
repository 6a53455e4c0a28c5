"""Tables of facts that somebody states, as worked cases do, instead of measuring them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from greensilk.facts import FactColumn, FactTable, Origin
from greensilk.project_types import OBJECTIVES, ProjectType
from greensilk.records import DEFINITIONS, Support
from greensilk.rules.faults import entries_of, layer_label
from greensilk.rules.standard import Standard
from greensilk.vocabulary import FactName, fact_names

DTYPES = {"number": pl.Float64, "truth": pl.Boolean, "text": pl.String, "date": pl.Date, "level": pl.Int8}
STATED = "stated"


@cache
def _defined_layers() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (DEFINITIONS / "layers").glob("*.yaml")))


def statable(standard: Standard) -> dict[str, FactName]:
    """Every fact that can be stated to a standard: of every layer that is defined, and of those the standard names."""
    return fact_names({layer: layer_label(layer) for layer in _defined_layers()}) | entries_of(standard)


def facts_of_type(kind: ProjectType) -> dict[str, Any]:
    """What the type table says of a type: fact -> value, a level by name."""
    effects = {name: getattr(kind.effects, name) for name in OBJECTIVES}
    return {
        "project_type": kind.id,
        "is_built": kind.built,
        "type_family": kind.family,
        "coal_case": kind.coal_case,
        "type_liftable": kind.liftable,
    } | {f"effect_{name}": None if effect is None else effect.name.lower() for name, effect in effects.items()}


def stated_facts(
    rows: Sequence[Mapping[str, Any]], standard: Standard, supports: Sequence[Mapping[str, Support]] = ()
) -> FactTable:
    """Rows of {fact: value} as a table.

    rows: a fact absent from a row is unknown there; a level is given by name; supports: one mapping a row, fact -> how
    coarse it is; metres where nothing is said
    """
    entries = statable(standard)
    coarse: Sequence[Mapping[str, Support]] = supports or [{}] * len(rows)
    columns = {
        name: _column(name, [row.get(name) for row in rows], entries[name], [one.get(name) for one in coarse])
        for name in sorted({name for row in rows for name in row})
    }
    ids = pl.Series([f"p{number}" for number in range(len(rows))], dtype=pl.String)
    return FactTable(ids, columns, {layer: layer_label(layer) for layer in standard.layers})


def _column(name: str, values: list[Any], entry: FactName, supports: Sequence[Support | None]) -> FactColumn:
    if entry.levels:
        values = [None if value is None else entry.levels.index(value) for value in values]
    reasons = pl.Series([None if value is not None else "not_given" for value in values], dtype=pl.String)
    others = [one for one in Support if one is not Support.METRES]
    answered = [0 if one is None or one is Support.METRES else others.index(one) + 1 for one in supports]
    return FactColumn(
        name=name,
        values=pl.Series(name, values, dtype=DTYPES[entry.kind]),
        support=Support.METRES,
        dataset=STATED,
        version="",
        method=STATED,
        reasons=reasons,
        others=tuple(Origin(STATED, "", one, STATED) for one in others),
        answered_by=pl.Series(np.array(answered, np.uint8)),
    )
