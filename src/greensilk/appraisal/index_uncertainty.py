"""How sure the ranks of an index are: what could have been chosen otherwise, and what comes of choosing it.

Beside what the definition says are tried, each where it gives a result: gaps filled by the median (or mean), outliers
left or treated, ranks or a min–max scale as scores, a mean that makes up for less, the year before; weights lie within
± 25 %. Of the country values shipped and installed the same is varied as in their evaluation. Whoever has a score keeps
one, so that rank intervals are of the same units.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any

import numpy as np
import polars as pl

from greensilk.appraisal.countries import REPLICATIONS, SEED
from greensilk.appraisal.evaluating import alternatives_of
from greensilk.appraisal.indices import IndexInput
from greensilk.errors import GreensilkError, IndexDefinitionError, UsageError
from greensilk.indices import IndexDefinition, build
from greensilk.indices.alternatives import Alternatives, Opened, opened
from greensilk.indices.definition import AggregateMethod, Impute, ImputeMethod, Normalise, Select, Treat
from greensilk.indices.faults import refuse
from greensilk.indices.grid import Floats, Grid
from greensilk.indices.sensitivity import Design, Sensitivity, sensitivity
from greensilk.indices.tree_faults import tree_faults
from greensilk.indices.uncertainty import Uncertainty, uncertainty

MOST_UNITS = 1_000  # chances are told of every pair
MOST_REPLICATIONS = 200_000
MOST_NUMBERS = 200_000_000  # of a run: scores of all units in all replications
SAMPLES = 2_048
POWER = 0.5  # of the generalised mean: half way from arithmetic to geometric, and defined at zero
PERTURBED = 0.25  # share by which a weight may be more or less: that of Alternatives


@dataclass(frozen=True)
class Varied:
    """An index with its alternatives.

    opened: ready to be drawn from; year: that it is of, the newest unless another is asked for; alternatives: those
    that are; refused: why others are not, by step
    """

    input: IndexInput
    opened: Opened
    year: int
    alternatives: Alternatives
    refused: dict[str, GreensilkError]


def varied(of: IndexInput) -> Varied:
    """The index with every alternative that gives a result.

    raises: IndexDefinitionError if the index itself cannot be built; UsageError for too many units
    """
    plain = of.built
    units = len(set(plain.normalised.units))
    if units > MOST_UNITS:
        raise UsageError("indices.too_many_units", count=units, most=MOST_UNITS)
    year = int(plain.normalised.years.max())
    if not of.values.file:  # of countries the very same is told here as in their evaluation
        made = alternatives_of(of.definition)
        index = opened(of.values.table, of.definition, made, of.values.groups)
        return Varied(of, _among_ranked(index, year), year, made, {})
    kept: dict[str, Any] = {}
    refused: dict[str, GreensilkError] = {}
    for step, option in _candidates(of, year):
        try:
            if _makes_a_difference(of, step, option):
                kept[step] = (*kept.get(step, ()), option)
        except GreensilkError as error:
            refused[step] = error
    table, groups, definition = of.values.table, of.values.groups, _with_power(of.definition)
    try:
        chosen = Alternatives(**kept)
        return Varied(of, _among_ranked(opened(table, definition, chosen, groups), year), year, chosen, refused)
    except IndexDefinitionError as error:  # each alone gives a result, all together do not
        alone = _among_ranked(opened(table, definition, Alternatives(), groups), year)
        return Varied(of, alone, year, Alternatives(), {"together": error})


def earlier(of: Varied) -> Iterator[Varied]:
    """The same for every earlier year of a panel, the newest first; alternatives are those of the newest of all."""
    plain = of.opened.built
    years = sorted({*plain.normalised.years.tolist()} - {of.year}, reverse=True)
    if not years:
        return
    definition, made = _with_power(of.input.definition), of.alternatives
    steps = {
        "impute": (definition.impute, *made.impute),
        "treat": (definition.treat, *made.treat),
        "normalise": (definition.normalise, *made.normalise),
    }
    table, groups = of.input.values.table, of.input.values.groups
    every = [
        build(table, definition.model_copy(update=dict(zip(steps, chosen, strict=True))), groups).normalised
        for chosen in product(*steps.values())
    ]
    for year in years:
        units = tuple(
            unit for unit, at in zip(plain.normalised.units, plain.normalised.years, strict=True) if at == year
        )
        values = np.array([_of_year(grid, year, units) for grid in every])
        shape = (*of.opened.index.choices.values(), *values.shape[1:])
        index = replace(of.opened.index, normalised=values.reshape(shape), eligible=None)
        yield replace(of, opened=_among_ranked(Opened(index, units, plain), year), year=year)


def _of_year(grid: Grid, year: int, units: Sequence[str]) -> Floats:
    """(units, indicators) values in one year; missing for a unit that is not there."""
    own = grid.take(grid.years == year)
    row = {unit: i for i, unit in enumerate(own.units)}
    missing = np.full(len(own.columns), np.nan)
    return np.array([own.values[row[unit]] if unit in row else missing for unit in units])


def _among_ranked(index: Opened, year: int) -> Opened:
    """Ranks among those that the index as defined ranks: whom only a filled gap brings in would push others down."""
    ranked = index.built.results.filter(pl.col("year") == year)["status"] == "ranked"
    return replace(index, index=replace(index.index, eligible=ranked.to_numpy()))


def _candidates(of: IndexInput, year: int) -> list[tuple[str, Any]]:
    definition, table = of.definition, of.values.table
    filling: ImputeMethod = "mean" if definition.impute.method == "median" else "median"
    found: list[tuple[str, Any]] = [("impute", Impute(method=filling))]
    found.append(("treat", None if definition.treat else Treat()))
    scale = definition.normalise
    others = [Normalise(method="min_max", low=scale.low, high=scale.high), Normalise(method="rank")]
    if not any(indicator.normalise for indicator in definition.indicators):  # two scales would not go together
        found += [("normalise", each) for each in others if each.method != scale.method]
    found.append(("aggregate", _other_mean(definition)))
    if len(definition.select.years) <= 1 and (table["year"] == year - 1).any():
        found.append(("years", year - 1))
    return found


def _other_mean(definition: IndexDefinition) -> AggregateMethod:
    """Geometric for arithmetic; where a score may be zero it would tell only who is last in anything: see POWER."""
    if definition.aggregate.method != "arithmetic":
        return "arithmetic"
    above_zero = definition.normalise.method in {"min_max", "goalposts"} and definition.normalise.low > 0
    return "geometric" if above_zero else "generalised"


def _with_power(definition: IndexDefinition) -> IndexDefinition:
    """The definition with the power of the mean that is tried instead; no other mean looks at it."""
    if definition.aggregate.method == "generalised":
        return definition
    return definition.model_copy(update={"aggregate": definition.aggregate.model_copy(update={"power": POWER})})


def _makes_a_difference(of: IndexInput, step: str, option: Any) -> bool:
    """Whether scores of indicators, or how they are put together, are others with this in place of what is said.

    raises: GreensilkError if the index gives no result so
    """
    definition = of.definition
    if step == "years":
        select = Select(years=(option,), within_years=definition.select.within_years)
        build(of.values.table, definition.model_copy(update={"select": select}), of.values.groups)
    elif step == "aggregate":
        other = _with_power(definition).aggregate.model_copy(update={"method": option})
        for scores in (definition.normalise, Normalise(method="rank")):
            changed = definition.model_copy(update={"aggregate": other, "normalise": scores})
            refuse(definition.id[:100], tree_faults(changed))
    else:
        otherwise = build(of.values.table, definition.model_copy(update={step: option}), of.values.groups)
        return not np.array_equal(otherwise.normalised.values, of.built.normalised.values, equal_nan=True)
    return True


def ranks(of: Varied, replications: int = REPLICATIONS, seed: int = SEED) -> Uncertainty:
    """Ranks in many replications.

    raises: UsageError for too few or too many of them
    """
    units = len(of.opened.units)
    most = min(MOST_REPLICATIONS, MOST_NUMBERS // max(units, 1))
    if not 20 <= replications <= most:
        raise UsageError("indices.bad_count", option="--replications", value=replications, least=20, most=most)
    return uncertainty(of.opened.index, replications, seed)


def shares(of: Varied, samples: int = SAMPLES, seed: int = SEED) -> Sensitivity:
    """Which choice moves the rank of which unit: Sobol indices of first and total order.

    raises: UsageError for too few or too many samples
    """
    index = of.opened.index
    runs = len(index.inputs) + 2
    most = max(16, min(65_536, MOST_NUMBERS // (8 * max(len(of.opened.units), 1) * runs)))
    if not 16 <= samples <= most:
        raise UsageError("indices.bad_count", option="--samples", value=samples, least=16, most=most)
    return sensitivity(index, Design(samples, seed))


def ranking(of: Varied, found: Uncertainty) -> pl.DataFrame:
    """Every unit of its year from the first to the last, then those not ranked.

    returns: unit, year, status, score, rank, rank_low, rank_median, rank_high (5, 50 and 95 % of replications),
    ranked_share (of replications), next (the unit behind it), above_next (the chance to be above that one), missing,
    oldest, newest
    """
    root, bounds = of.opened.built.definition.root, found.intervals
    own = pl.DataFrame(
        {
            "unit": pl.Series(of.opened.units, dtype=pl.String),
            "rank_low": bounds.low, "rank_median": bounds.median, "rank_high": bounds.high,
            "ranked_share": bounds.ranked_share,
            "_place": np.arange(len(of.opened.units)),
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))  # fmt: skip
    results = of.opened.built.results.filter(pl.col("year") == of.year)
    told = results.select("unit", "year", "status", pl.col(root).alias("score"), "rank", "missing", "oldest", "newest")
    table = told.join(own, on="unit", how="left").sort("rank", "score", "unit", descending=[False, True, False],
                                                       nulls_last=True)  # fmt: skip
    ranked = table.filter(pl.col("rank").is_not_null())
    place = ranked["_place"].to_list()
    chance = [float(found.above[a, b]) for a, b in pairwise(place)]
    behind = pl.DataFrame(
        {"unit": ranked["unit"][:-1], "next": ranked["unit"][1:], "above_next": pl.Series(chance, dtype=pl.Float64)}
    )
    columns = ["unit", "year", "status", "score", "rank", "rank_low", "rank_median", "rank_high", "ranked_share",
               "next", "above_next", "missing", "oldest", "newest"]  # fmt: skip
    whole = table.join(behind, on="unit", how="left", maintain_order="left")
    return whole.select(columns).with_columns(pl.col("above_next").fill_nan(None))


def chances(of: Varied, found: Uncertainty) -> pl.DataFrame:
    """The chance that the row's unit is above the column's: unit, then a column of each unit."""
    columns = {unit: found.above[:, j] for j, unit in enumerate(of.opened.units)}
    frame = pl.DataFrame({"": pl.Series(of.opened.units, dtype=pl.String)} | columns)
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None))


def sobol_table(of: Varied, found: Sensitivity) -> pl.DataFrame:
    """Of every unit and source of uncertainty: unit, input, first, first_error, total, total_error, of its rank.

    Null where a unit's rank never moves, or it is not ranked in every run.
    """
    units, inputs = of.opened.units, found.names
    indices = {"first": found.ranks.first, "first_error": found.ranks.first_error,
               "total": found.ranks.total, "total_error": found.ranks.total_error}  # fmt: skip
    told = {
        "unit": [unit for unit in units for _ in inputs],
        "input": list(inputs) * len(units),
        **{name: values.T.ravel() for name, values in indices.items()},
    }
    return pl.DataFrame(told, schema_overrides={"unit": pl.String, "input": pl.String}).with_columns(
        pl.col(pl.Float64).fill_nan(None)
    )
