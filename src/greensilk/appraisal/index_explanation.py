"""An index taken apart: what weighs how much in it, and why a unit stands where it stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from greensilk.appraisal.indices import IndexInput
from greensilk.errors import UsageError
from greensilk.indices import Built, IndexDefinition
from greensilk.indices.building import aggregate_tree
from greensilk.indices.definition import Element, Indicator
from greensilk.indices.faults import some
from greensilk.indices.weighting import weigh
from greensilk.indices.whatif import reweighed
from greensilk.places import find_country
from greensilk.records import Label

FROM_SCORES = {"entropy", "pca", "optimised"}


@dataclass(frozen=True)
class Node:
    """One indicator or element of the tree.

    depth: 0 = the index itself; weight: in its group, effective: in the index, None where it comes from values that
    are not there
    """

    node: Indicator | Element
    depth: int
    weight: float | None
    effective: float | None

    @property
    def label(self) -> Label:
        """Its name."""
        return self.node.label


def tree(definition: IndexDefinition, built: Built | None = None) -> list[Node]:
    """The index from the top down, each element followed by what is below it.

    built: the index, for weights that come from its values
    """
    weights = built.weights if built else stated_weights(definition)
    nodes: dict[str, Indicator | Element] = {node.id: node for node in definition.elements}
    nodes |= {node.id: node for node in definition.indicators}
    found: list[Node] = []

    def visit(name: str, depth: int, above: float | None) -> None:
        weight = 1.0 if depth == 0 else weights.get(name)
        effective = None if weight is None or above is None else weight * above
        found.append(Node(nodes[name], depth, weight, effective))
        if isinstance(nodes[name], Element):
            for child in definition.children(name):
                visit(child, depth + 1, effective)

    visit(definition.root, 0, 1.0)
    return found


def stated_weights(definition: IndexDefinition) -> dict[str, float]:
    """Weights within each group, as far as they do not come from values."""
    weights: dict[str, float] = {}
    for element in definition.elements:
        members = definition.children(element.id)
        if (element.weigh or definition.weigh.method) not in FROM_SCORES:
            own = weigh(definition, element.id, np.empty((0, len(members)))).weights
            weights |= dict(zip(members, own.tolist(), strict=True))
    return weights


def unit_meant(of: IndexInput, asked: str) -> str:
    """The unit of that code or name, whatever its case.

    raises: UsageError if the newest year of the index has none, or too little data of it
    """
    grid, left = of.built.normalised, of.built.prepared.left_out
    newest = int(grid.years.max())
    now = [unit for unit, year in zip(grid.units, grid.years.tolist(), strict=True) if year == newest]
    rows = left.filter(pl.col("year") == newest).select("unit", "available").iter_rows()
    out: dict[str, float] = dict(rows)
    meant = {asked.strip().casefold(), (find_country(asked) or asked).casefold()}
    for unit in (*now, *out):
        names = (unit, of.name_of(unit, "en"), of.name_of(unit, "zh"))
        if meant & {name.casefold() for name in names}:
            if unit in out:
                share = f"{out[unit]:.0%}"
                raise UsageError("indices.unit_left_out", unit=unit, index=of.definition.id[:100], available=share)
            return unit
    raise UsageError("indices.unknown_unit", unit=asked[:100], index=of.definition.id[:100], known=some(now))


def contributions(of: IndexInput, unit: str) -> pl.DataFrame:
    """What makes a unit's score, indicator by indicator, in the newest year.

    unit: one that the index has: see unit_meant
    returns: indicator, value (as divided), year (of the value, null if its source names none), state (given, filled,
    treated, missing), score, median (score of all units), effect (how much lower the index would be were this score
    the median; null if missing), sorted by the size of the effect
    """
    built = of.built
    grid = built.normalised
    newest = grid.years == grid.years.max()
    row = next(i for i, name in enumerate(grid.units) if name == unit and newest[i])
    scores = grid.values[row]
    with np.errstate(all="ignore"):
        middle = np.array([np.median(own[~np.isnan(own)]) if len(own) else np.nan for own in grid.values[newest].T])
    told = {
        "indicator": list(grid.columns),
        "value": built.prepared.denominated.values[row],
        "year": _years(of, unit, row),
        "state": _states(built, row),
        "score": scores,
        "median": middle,
        "effect": _effects(built, row, middle),
    }
    frame = pl.DataFrame(told, schema_overrides={"year": pl.Float64, "state": pl.String, "effect": pl.Float64})
    frame = frame.with_columns(pl.col(pl.Float64).fill_nan(None)).with_columns(pl.col("year").cast(pl.Int64))
    return frame.sort(pl.col("effect").abs(), descending=True, nulls_last=True, maintain_order=True)


def _years(of: IndexInput, unit: str, row: int) -> list[float | None]:
    """The year of each value; None where there is none, or its source names no year."""
    grid, table = of.built.prepared.vintage, of.values.table
    undated: set[str] = set()
    if "dated" in table.columns:
        undated = set(table.filter(pl.col("unit") == unit, ~pl.col("dated"))["indicator"])
    at = grid.values[row].tolist()
    return [
        None if np.isnan(year) or (name in undated and year == grid.years[row]) else year
        for name, year in zip(grid.columns, at, strict=True)
    ]


def _states(built: Built, row: int) -> list[str]:
    given, filled = built.prepared.denominated.values[row], built.imputed.values[row]
    treated = built.treated.values[row]
    changed = (treated != filled) & ~np.isnan(filled)
    gap, still = np.isnan(given), np.isnan(filled)
    return [
        "missing" if still[j] else "filled" if gap[j] else "treated" if changed[j] and _pulled(built, j) else "given"
        for j in range(len(given))
    ]


def _pulled(built: Built, column: int) -> bool:
    """Whether the column's ends were pulled in; a transform of all its values is no change of one."""
    return any(block[column].transform == "none" for block in built.treatments)


def _effects(built: Built, row: int, middle: np.ndarray) -> list[float | None]:
    grid, root = built.normalised, built.definition.root
    fixed = reweighed(built, {})  # the weights stay, wherever they came from
    here = grid.years == grid.years[row]
    own = int(here[:row].sum())
    part = grid.take(here)
    score = built.scores.column(root)[row]
    effects: list[float | None] = []
    for j in range(len(grid.columns)):
        if np.isnan(part.values[own, j]) or np.isnan(score):
            effects.append(None)
            continue
        values = part.values.copy()
        values[own, j] = middle[j]
        changed = aggregate_tree(part.with_values(values), fixed)[0].column(root)[own]
        effects.append(float(score - changed))
    return effects
