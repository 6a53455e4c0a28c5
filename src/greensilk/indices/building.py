"""An index from beginning to end: a table and a definition give scores and ranks, and every step's table is kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from greensilk.indices.aggregation import aggregate
from greensilk.indices.definition import AggregateMethod, IndexDefinition
from greensilk.indices.grid import Bools, Floats, Grid
from greensilk.indices.imputation import impute
from greensilk.indices.normalisation import normalise_each
from greensilk.indices.preparation import Prepared, prepare
from greensilk.indices.ranking import rank
from greensilk.indices.selection import SLACK
from greensilk.indices.treatment import Treatment, treat
from greensilk.indices.weighting import weigh


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """An index with every step's table.

    prepared: what was selected, divided and screened, and who was left out; imputed to normalised: indicators, scores:
    elements, the index last; treatments: per block of rows treated together, per indicator; weights: by id, within its
    group; consistency: ratio of the judgements of an element, where weights come from such; results: see `results`
    """

    definition: IndexDefinition
    prepared: Prepared
    imputed: Grid
    treated: Grid
    treatments: tuple[tuple[Treatment, ...], ...]
    normalised: Grid
    scores: Grid
    weights: dict[str, float]
    consistency: dict[str, float]
    results: pl.DataFrame

    @property
    def all_levels(self) -> Grid:
        """Normalised indicators and the scores of all elements side by side."""
        values = np.column_stack([self.normalised.values, self.scores.values])
        return self.normalised.with_values(values, (*self.normalised.columns, *self.scores.columns))


def build(table: pl.DataFrame, definition: IndexDefinition, groups: pl.DataFrame | None = None) -> Built:
    """The index of a table of country values.

    table: long: unit, indicator, year, value (source and others are let be); groups: unit and columns of names
    raises: IndexDefinitionError listing every fault of definition and table
    source: OECD/JRC 2008, Handbook on Constructing Composite Indicators, steps 2 to 6
    """
    prepared = prepare(table, definition, groups)
    imputed, treated, treatments, normalised = _steps(prepared, definition)
    tree = aggregate_tree(normalised, definition)
    done = (prepared, imputed, treated, treatments, normalised)
    return Built(definition, *done, *tree, results(prepared, tree[0], definition))


def _steps(
    prepared: Prepared, definition: IndexDefinition
) -> tuple[Grid, Grid, tuple[tuple[Treatment, ...], ...], Grid]:
    grid = prepared.denominated
    filled, calm, scored = grid.values.copy(), grid.values.copy(), grid.values.copy()
    treatments = []
    # A line through time needs the years together, whatever else is done to each by itself.
    apart = definition.per_year and definition.impute.method != "linear"
    for rows in grid.blocks(apart):
        groups = [group for group, here in zip(prepared.groups, rows, strict=True) if here]
        filled[rows] = impute(grid.take(rows), definition.impute, groups)
    for rows in grid.blocks(definition.per_year):
        calm[rows], done = _calmed(filled[rows], definition)
        treatments.append(done)
        units = [unit for unit, here in zip(grid.units, rows, strict=True) if here]
        scored[rows] = normalise_each(calm[rows], definition.indicators, definition.normalise, units)
    return grid.with_values(filled), grid.with_values(calm), tuple(treatments), grid.with_values(scored)


def _calmed(values: Floats, definition: IndexDefinition) -> tuple[Floats, tuple[Treatment, ...]]:
    left_alone = Treatment(0, "none", None, True)
    chosen = [j for j, indicator in enumerate(definition.indicators) if indicator.treat and definition.treat]
    out, done = values.copy(), [left_alone] * len(definition.indicators)
    if definition.treat and chosen:
        out[:, chosen], made = treat(values[:, chosen], definition.treat)
        for j, each in zip(chosen, made, strict=True):
            done[j] = each
    return out, tuple(done)


def aggregate_tree(normalised: Grid, definition: IndexDefinition) -> tuple[Grid, dict[str, float], dict[str, float]]:
    """Scores of every element from the bottom to the index, with the weights used.

    normalised: (n, k) scores of the indicators; weights that come from scores are found over all rows together
    returns: scores, weights by id within each group, consistency ratios by element
    """
    known = {name: normalised.values[:, j] for j, name in enumerate(normalised.columns)}
    order = definition.upwards()
    weights: dict[str, float] = {}
    consistency: dict[str, float] = {}
    for name in order:
        members = definition.children(name)
        below = np.column_stack([known[member] for member in members])
        weighed = weigh(definition, name, below)
        weights |= dict(zip(members, weighed.weights.tolist(), strict=True))
        if weighed.consistency is not None:
            consistency[name] = weighed.consistency
        known[name] = _aggregated(normalised, below, weighed.weights, (definition, name))
    scores = normalised.with_values(np.column_stack([known[name] for name in order]), order)
    return scores, weights, consistency


def _aggregated(grid: Grid, below: Floats, weights: Floats, of: tuple[IndexDefinition, str]) -> Floats:
    definition, name = of
    method: AggregateMethod = definition.element(name).aggregate or definition.aggregate.method
    out = np.full(len(below), np.nan)
    # Outranking compares rows with one another, and a unit with others of its year only.
    for rows in grid.blocks(method == "copeland"):
        out[rows] = aggregate(below[rows], weights, method, definition.aggregate)
    return out


def results(prepared: Prepared, scores: Grid, definition: IndexDefinition) -> pl.DataFrame:
    """What is told of each unit in each year: rank, scores, and how much data they rest on.

    returns: unit, year, status (ranked, too_much_missing, no_score), rank (null unless ranked), the scores from the
    index down, missing (share of indicators before gaps were filled), oldest and newest (year of its values)
    """
    gaps = np.isnan(prepared.denominated.values)
    missing = gaps.mean(axis=1)
    index = scores.column(definition.root)
    eligible: Bools = missing <= definition.rank.largest_missing + SLACK
    ranks = np.full(len(index), np.nan)
    for rows in scores.blocks(per_year=True):
        ranks[rows] = rank(index[rows], definition.rank.ties, eligible[rows])
    status = np.where(np.isnan(index), "no_score", np.where(eligible, "ranked", "too_much_missing"))
    vintage = prepared.vintage.values
    told = {
        "status": status,
        "rank": ranks,
        **{name: scores.column(name) for name in reversed(scores.columns)},
        "missing": missing,
        "oldest": np.fmin.reduce(vintage, axis=1),
        "newest": np.fmax.reduce(vintage, axis=1),
    }
    keys = {"unit": pl.Series(scores.units, dtype=pl.String), "year": pl.Series(scores.years)}
    frame = pl.DataFrame(keys | told).with_columns(pl.col(pl.Float64).fill_nan(None))
    return frame.with_columns(pl.col("oldest", "newest").cast(pl.Int64))
