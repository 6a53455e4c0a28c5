"""How facts are measured, as defined, and the columns built from it: every null has a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BeforeValidator

from greensilk.catalogue.bundle import BundleFile, bundle_index
from greensilk.catalogue.data_info import DataInfo
from greensilk.catalogue.datasets import datasets
from greensilk.facts import FactColumn, Origin
from greensilk.records import DEFINITIONS, Record, Support, load_file

Floats = NDArray[np.float64]
Texts = NDArray[np.object_]  # str or None


def _support(value: Any) -> Any:
    return Support[value.upper()] if isinstance(value, str) and value.upper() in Support.__members__ else value


class Measure(Record):
    """One way to measure. dataset: id of shipped data, "layer" for an imported one; method: key in texts/methods."""

    dataset: str
    support: Annotated[Support, BeforeValidator(_support)]
    method: str


class CountryIndicator(Record):
    """One country factor. factor: turns the table's unit into the vocabulary's."""

    table: str
    indicator: str
    factor: float


class Measures(Record):
    """All of definitions/measures.yaml."""

    measures: dict[str, Measure]
    country_indicators: dict[str, CountryIndicator]
    land_cover_classes: dict[str, str]
    power_density_types: tuple[str, ...]
    tier_names: dict[str, tuple[str, ...]]
    certificate_stages: dict[str, int]
    default_location_accuracy_m: float
    default_layer_accuracy_m: float
    border_tolerance_m: float
    offshore_tolerance_m: float
    point_feature_reach_m: float
    undrawn_reservoir_reach_m: float
    least_covered_share: float
    metres_below_step_deg: float
    ruggedness_radius_m: float
    widest_footprint_deg: float


@cache
def measures() -> Measures:
    """The measures as defined in definitions/measures.yaml."""
    return load_file(Measures, DEFINITIONS / "measures.yaml")


def origin(family: str, version: str | None = None, dataset: str | None = None, confirmed: bool = True) -> Origin:
    """The origin of a family of facts; the version of shipped data is looked up where none is given."""
    measure = measures().measures[family]
    shipped = bundle_index().get(measure.dataset) if version is None else None
    return Origin(
        dataset=dataset or measure.dataset,
        version=version if version is not None else shipped.version if shipped else "",
        support=measure.support,
        method=measure.method,
        confirmed=confirmed and (shipped is None or shipped.confirmed),
    )


def is_confirmed(info: DataInfo) -> bool:
    """Whether the definition that imported data was read by is confirmed; a file of a user's own rests on none."""
    if info.dataset is None:
        return True
    found = datasets().get(info.dataset)
    return found is not None and found.confirmed


def shipped(file_id: str) -> BundleFile | None:
    """What the index says of a shipped file, or None where it is not shipped."""
    return bundle_index().get(file_id)


def nothing(n: int) -> Texts:
    """(n,) of None."""
    return np.full(n, None, dtype=object)


def reasons_where(missing: NDArray[np.bool_], reason: str | Texts) -> Texts:
    """(n,) the reason where a value is missing, else None."""
    given = [reason] * len(missing) if isinstance(reason, str) else list(reason)
    found = nothing(len(missing))
    for i in np.flatnonzero(missing):
        found[i] = given[i] or "no_data_here"
    return found


@dataclass(frozen=True, slots=True)
class Detail:
    """What stands beside values. reason: where they are missing; features: (n,) names; accuracy_m: (n,) NaN = none;
    finer: origin that answers where `is_finer`, (n,)"""

    reason: str | Texts = "no_data_here"
    features: Texts | Sequence[str | None] | None = None
    accuracy_m: Floats | None = None
    finer: Origin | None = None
    is_finer: NDArray[np.bool_] | None = None


_PLAIN = Detail()


def _column(name: str, values: pl.Series, of: Origin, detail: Detail) -> FactColumn:
    missing = values.is_null().to_numpy()
    accuracy = None
    if detail.accuracy_m is not None:
        accuracy = pl.Series(np.where(missing, np.nan, detail.accuracy_m)).fill_nan(None)
    return FactColumn(
        name=name,
        values=values.alias(name),
        support=of.support,
        dataset=of.dataset,
        version=of.version,
        method=of.method,
        reasons=pl.Series(reasons_where(missing, detail.reason).tolist(), dtype=pl.String) if missing.any() else None,
        features=None if detail.features is None else pl.Series(list(detail.features), dtype=pl.String),
        accuracy_m=accuracy,
        confirmed=of.confirmed,
        others=() if detail.finer is None else (detail.finer,),
        answered_by=None if detail.is_finer is None else pl.Series(detail.is_finer.astype(np.uint8)),
    )


def numbers(name: str, values: Floats, of: Origin, detail: Detail = _PLAIN) -> FactColumn:
    """A column of numbers; NaN is unknown."""
    return _column(name, pl.Series(np.asarray(values, dtype=np.float64)).fill_nan(None), of, detail)


def truths(name: str, values: Texts, of: Origin, detail: Detail = _PLAIN) -> FactColumn:
    """A column of True, False and None."""
    return _column(name, pl.Series([None if v is None else bool(v) for v in values], dtype=pl.Boolean), of, detail)


def texts(name: str, values: Texts | Sequence[str | None], of: Origin, detail: Detail = _PLAIN) -> FactColumn:
    """A column of texts; None is unknown."""
    return _column(name, pl.Series(list(values), dtype=pl.String), of, detail)


def series(name: str, values: pl.Series, of: Origin, detail: Detail = _PLAIN) -> FactColumn:
    """A column from a polars series as it is (dates, levels); null is unknown."""
    return _column(name, values, of, detail)


def taken(column: FactColumn, index: NDArray[np.int64]) -> FactColumn:
    """The column of sites spread to projects. index: (n,) site of each project, -1 where it has no place."""
    at = pl.Series(np.where(index < 0, 0, index))
    placed = pl.Series(index >= 0)

    def spread(values: pl.Series | None) -> pl.Series | None:
        if values is None:
            return None
        if not len(values):
            return pl.Series([None] * len(index), dtype=values.dtype)
        return pl.select(pl.when(placed).then(values.gather(at)).otherwise(None)).to_series()

    values = spread(column.values)
    assert values is not None  # noqa: S101 - a column has values
    reasons = spread(column.reasons)
    if not placed.all():
        given = pl.Series([None] * len(index), dtype=pl.String) if reasons is None else reasons
        reasons = pl.select(pl.when(placed).then(given).otherwise(pl.lit("not_given"))).to_series()
    return replace(
        column,
        values=values.alias(column.name),
        reasons=reasons,
        features=spread(column.features),
        accuracy_m=spread(column.accuracy_m),
        answered_by=spread(column.answered_by),
    )
