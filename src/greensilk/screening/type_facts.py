"""Facts of the project type, from the type table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from greensilk.facts import FactColumn
from greensilk.project_types import OBJECTIVES, ProjectType, project_types
from greensilk.screening.origins import Detail, Texts, nothing, origin, series, texts, truths


def type_facts(types: pl.Series) -> Iterator[FactColumn]:
    """One column a fact. types: (n,) ids of project types, null where unknown; `features` names each row's table."""
    known = project_types()
    rows = [known.get(name) if name is not None else None for name in types]
    tables = _each(rows, lambda row: row.table)
    confirmed = all(row is None or row.confirmed for row in rows)
    of = origin("type", version="", confirmed=confirmed)
    detail = Detail(reason="not_given", features=tables)
    yield truths("is_built", _each(rows, lambda row: row.built), of, detail)
    yield texts("type_family", _each(rows, lambda row: row.family), of, detail)
    yield truths("type_liftable", _each(rows, lambda row: row.liftable), of, detail)
    yield truths("type_confirmed", _each(rows, lambda row: row.confirmed), of, detail)
    yield texts("coal_case", _each(rows, lambda row: row.coal_case), of, _why(rows, "not_of_this_type", tables))
    for objective in OBJECTIVES:
        levels = [None if row is None else getattr(row.effects, objective) for row in rows]
        effect = pl.Series([None if level is None else int(level) for level in levels], dtype=pl.Int8)
        yield series(f"effect_{objective}", effect, of, _why(rows, "type_unconfirmed", tables))


def _each(rows: list[ProjectType | None], value: Callable[[ProjectType], object]) -> Texts:
    found = nothing(len(rows))
    for i, row in enumerate(rows):
        if row is not None:
            found[i] = value(row)
    return found


def _why(rows: list[ProjectType | None], reason: str, tables: Texts) -> Detail:
    why = np.array(["not_given" if row is None else reason for row in rows], dtype=object)
    return Detail(reason=why, features=tables)
