"""The columnar table of facts: projects × facts, from measurement to report.

One column a fact. A null value is UNKNOWN and has a reason; nothing else stands for "not known". What is the same for
the whole column (data set, version, method, support) is said once; where a finer data set answers for some projects,
the column says which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from greensilk.records import Label, Support
from greensilk.vocabulary import FactName, fact_name


@dataclass(frozen=True, slots=True)
class Origin:
    """Where values come from: the data set, the scale at which they are true, and how they were measured."""

    dataset: str
    version: str
    support: Support
    method: str
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class FactColumn:
    """One fact for every project.

    values: (n,) Float64, Boolean, String, Date, or Int8 for a level; null = unknown
    reasons: (n,) text key in texts/facts.yaml where the value is null ("no_layer"), else null
    features: (n,) the named feature the value speaks of (nearest port, overlapped reserve), or null
    accuracy_m: (n,) positional accuracy of the value in metres, null where it has no position
    others: origins that answer for some projects in place of the column's own; answered_by: (n,) UInt8, 0 for the
    column's own origin, k for the k-th other; null = 0
    Reasons and features are String, or an Enum of the texts that occur.
    """

    name: str
    values: pl.Series
    support: Support
    dataset: str
    version: str
    method: str
    reasons: pl.Series | None = None
    features: pl.Series | None = None
    accuracy_m: pl.Series | None = None
    confirmed: bool = True
    others: tuple[Origin, ...] = ()
    answered_by: pl.Series | None = None

    @property
    def origins(self) -> tuple[Origin, ...]:
        """The column's own origin, then the others."""
        own = Origin(self.dataset, self.version, self.support, self.method, self.confirmed)
        return (own, *self.others)

    @property
    def answers(self) -> NDArray[np.uint8]:
        """(n,) which of the origins each value has."""
        if self.answered_by is None:
            return np.zeros(len(self.values), dtype=np.uint8)
        return self.answered_by.fill_null(0).to_numpy().astype(np.uint8)

    def origin_at(self, row: int) -> Origin:
        """Where one value comes from."""
        return self.origins[0 if self.answered_by is None else self.answered_by[row] or 0]

    def of_origin(self, chosen: Callable[[Origin], bool]) -> NDArray[np.bool_]:
        """(n,) whether a value has one of the origins chosen."""
        return np.array([chosen(one) for one in self.origins], dtype=bool)[self.answers]

    def at(self, rows: NDArray[np.int64]) -> FactColumn:
        """The column of some rows, in their order, any as often as it is named."""
        index = pl.Series(rows)

        def taken(series: pl.Series | None) -> pl.Series | None:
            return None if series is None else series.gather(index)

        return replace(
            self,
            values=self.values.gather(index),
            reasons=taken(self.reasons),
            features=taken(self.features),
            accuracy_m=taken(self.accuracy_m),
            answered_by=taken(self.answered_by),
        )

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n,) where the fact is known."""
        return self.values.is_not_null().to_numpy()


@dataclass(frozen=True)
class FactTable:
    """Facts of all projects. project_ids: (n,) String, unique; layers: id -> label of the layer families in use."""

    project_ids: pl.Series
    columns: Mapping[str, FactColumn]
    layers: Mapping[str, Label] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.project_ids)

    def __getitem__(self, name: str) -> FactColumn:
        return self.columns[name]

    def get(self, name: str) -> FactColumn | None:
        """The column of a fact, or None where it was not measured (which rules read as UNKNOWN)."""
        return self.columns.get(name)

    def entry(self, name: str) -> FactName:
        """The vocabulary's entry of a fact in this table."""
        return fact_name(name, self.layers)

    def at(self, rows: NDArray[np.int64], names: Iterable[str] | None = None) -> FactTable:
        """Some facts, None = all, of some rows, in any order and any row as often as it is named; rows are numbered."""
        wanted = self.columns.keys() if names is None else self.columns.keys() & set(names)
        columns = {name: column.at(rows) for name, column in self.columns.items() if name in wanted}
        return FactTable(pl.Series([str(place) for place in range(len(rows))], dtype=pl.String), columns, self.layers)

    def with_columns(self, columns: Iterable[FactColumn]) -> FactTable:
        """The same table with more facts."""
        merged = dict(self.columns) | {column.name: column for column in columns}
        return FactTable(self.project_ids, merged, self.layers)

    def long(self) -> pl.DataFrame:
        """The table as one row a project and fact: what facts.parquet holds."""
        return self.long_lazily().collect()

    def long_lazily(self) -> pl.LazyFrame:
        """The same, put together as it is read: whole, it is many times as large as the table."""
        if not self.columns:
            return pl.LazyFrame(schema=LONG_SCHEMA)
        return pl.concat([self._long_column(column) for column in self.columns.values()])

    def _long_column(self, column: FactColumn) -> pl.LazyFrame:
        entry = self.entry(column.name)
        numeric = entry.kind == "number"
        given = {"project_id": self.project_ids, "value": column.values, "reason": column.reasons,
                 "feature": column.features, "accuracy_m": column.accuracy_m,
                 "answered_by": column.answered_by}  # fmt: skip
        frame = pl.DataFrame({name: series for name, series in given.items() if series is not None}).lazy()

        def beside(name: str) -> pl.Expr:
            return (pl.lit(None) if given[name] is None else pl.col(name)).cast(LONG_SCHEMA[name]).alias(name)

        def said(name: str, values: list[Any]) -> pl.Expr:
            if len(set(values)) == 1 or column.answered_by is None:
                return pl.lit(values[0], dtype=LONG_SCHEMA[name]).alias(name)
            by = pl.col("answered_by").fill_null(0)
            return by.replace_strict(range(len(values)), values, return_dtype=LONG_SCHEMA[name]).alias(name)

        of = column.origins
        shown = _level_names(pl.col("value"), entry.levels) if entry.levels else pl.col("value")
        return frame.select(
            pl.col("project_id").cast(pl.String),
            pl.lit(column.name).alias("fact"),
            (pl.col("value") if numeric else pl.lit(None)).cast(pl.Float64).alias("number"),
            (pl.lit(None) if numeric else shown).cast(pl.String).alias("text"),
            pl.lit(entry.unit, dtype=pl.String).alias("unit"),
            pl.col("value").is_not_null().alias("known"),
            beside("reason"),
            beside("feature"),
            said("support", [one.support.name.lower() for one in of]),
            beside("accuracy_m"),
            said("dataset", [one.dataset for one in of]),
            said("version", [one.version for one in of]),
            said("method", [one.method for one in of]),
            said("confirmed", [one.confirmed for one in of]),
        )


LONG_SCHEMA: dict[str, type[pl.DataType]] = {
    "project_id": pl.String,
    "fact": pl.String,
    "number": pl.Float64,
    "text": pl.String,
    "unit": pl.String,
    "known": pl.Boolean,
    "reason": pl.String,
    "feature": pl.String,
    "support": pl.String,
    "accuracy_m": pl.Float64,
    "dataset": pl.String,
    "version": pl.String,
    "method": pl.String,
    "confirmed": pl.Boolean,
}


def _level_names(values: pl.Expr, levels: tuple[str, ...]) -> pl.Expr:
    return values.replace_strict(list(range(len(levels))), list(levels), return_dtype=pl.String, default=None)


def joined(parts: Sequence[FactColumn]) -> FactColumn:
    """Columns of one fact and one origin, one below the other."""

    def whole(name: str, dtype: type[pl.DataType]) -> pl.Series:
        nothing = pl.Series([None], dtype=dtype)
        given = [(getattr(part, name), len(part.values)) for part in parts]
        return pl.concat([nothing.new_from_index(0, n) if one is None else one.cast(dtype) for one, n in given])

    return replace(
        parts[0],
        values=pl.concat([part.values for part in parts]),
        reasons=whole("reasons", pl.String),
        features=whole("features", pl.String),
        accuracy_m=whole("accuracy_m", pl.Float64),
    )


def compacted(columns: Iterable[FactColumn]) -> list[FactColumn]:
    """The same columns in less memory: texts that repeat are kept once, and series that are the same are shared."""
    kept: dict[tuple[object, ...], list[pl.Series]] = {}

    def shared(series: pl.Series | None) -> pl.Series | None:
        if series is None:
            return None
        alike = kept.setdefault((str(series.dtype), series.null_count(), series.hash(0).sum()), [])
        for one in alike:
            if one.equals(series):
                return one
        alike.append(series.alias(""))
        return alike[-1]

    return [
        replace(
            column,
            values=shared(column.values).alias(column.values.name),  # type: ignore[union-attr]
            reasons=shared(_few(column.reasons)),
            features=shared(_few(column.features)),
            accuracy_m=shared(column.accuracy_m),
            answered_by=shared(column.answered_by),
        )
        for column in columns
    ]


def _few(texts: pl.Series | None) -> pl.Series | None:
    """Texts as an Enum where fewer than half of them differ."""
    if texts is None or texts.dtype != pl.String:
        return texts
    differ = texts.unique().drop_nulls()
    return texts.cast(pl.Enum(differ.sort())) if 2 * len(differ) < len(texts) else texts
