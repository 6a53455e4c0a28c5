"""From a definition and what else could have been chosen to an index whose uncertainty can be told.

Every combination of imputation, treatment, normalisation and year is built once, by the same steps as the index itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl
from numpy.typing import NDArray

from greensilk.indices.aggregation import copeland
from greensilk.indices.building import Built, build
from greensilk.indices.definition import AggregateMethod, Impute, IndexDefinition, Normalise, Treat
from greensilk.indices.means import MEANS, Aggregation, Floats, generalised, one_by_one
from greensilk.indices.perturbation import Perturbation, Within
from greensilk.indices.structure import ROOT, Structure, structure
from greensilk.indices.uncertainty import UncertainIndex, Way

A_QUARTER = Within(0.25)


@dataclass(frozen=True)
class Alternatives:
    """What could have been chosen beside what the definition says, which always comes first.

    aggregate: for every element that has no method of its own; years: instead of the newest of the index
    weights: how those of every level are perturbed, None = not at all; each_weight: see UncertainIndex
    """

    impute: tuple[Impute, ...] = ()
    treat: tuple[Treat | None, ...] = ()
    normalise: tuple[Normalise, ...] = ()
    aggregate: tuple[AggregateMethod, ...] = ()
    years: tuple[int, ...] = ()
    weights: Perturbation | None = A_QUARTER
    each_weight: bool = False


@dataclass(frozen=True)
class Opened:
    """An index with its alternatives, its units in their order, and the index as it was defined."""

    index: UncertainIndex
    units: tuple[str, ...]
    built: Built


def opened(
    table: pl.DataFrame, definition: IndexDefinition, alternatives: Alternatives, groups: pl.DataFrame | None = None
) -> Opened:
    """An index of the newest year, ready for `uncertainty` and `sensitivity`.

    table, groups: as `build` takes them. A unit that an alternative screens out has no score there
    raises: IndexDefinitionError listing the faults of the definition, or of the first alternative that cannot be built
    """
    plain = build(table, definition, groups)
    year = int(plain.normalised.years.max())
    now = plain.normalised.years == year
    units = tuple(unit for unit, here in zip(plain.normalised.units, now, strict=True) if here)
    choices = {
        "impute": (definition.impute, *alternatives.impute),
        "treat": (definition.treat, *alternatives.treat),
        "normalise": (definition.normalise, *alternatives.normalise),
        "year": (year, *alternatives.years),
    }
    tables = []
    for chosen in product(*choices.values()):
        changed = _changed(definition, dict(zip(choices, chosen, strict=True)), year)
        tables.append(_of_year(plain if changed == definition else build(table, changed, groups), chosen[-1], units))
    counts = {name: len(options) for name, options in choices.items()}
    tree, names = _tree(definition, plain)
    ways = [_ways(definition, tree, names, method) for method in (None, *alternatives.aggregate)]
    index = UncertainIndex(
        tree,
        np.array(tables).reshape(*counts.values(), *tables[0].shape),
        counts,
        (alternatives.weights,) * len(tree.sizes),
        ways,
        alternatives.each_weight,
        definition.aggregate.available,
        _eligible(plain, year),
        names,
    )
    return Opened(index, units, plain)


def _changed(definition: IndexDefinition, chosen: dict[str, object], newest: int) -> IndexDefinition:
    year = chosen.pop("year")
    if year != newest:  # years beside it stay, for what is normalised over all of them
        years = tuple(dict.fromkeys((*definition.select.years, year)))
        chosen["select"] = definition.select.model_copy(update={"years": years})
    return definition.model_copy(update=chosen)


def _of_year(built: Built, year: object, units: tuple[str, ...]) -> Floats:
    """(units, indicators) normalised values in one year, in the order of the units given."""
    grid = built.normalised
    row = {unit: i for i, (unit, at) in enumerate(zip(grid.units, grid.years.tolist(), strict=True)) if at == year}
    missing = np.full(len(grid.columns), np.nan)
    return np.array([grid.values[row[unit]] if unit in row else missing for unit in units])


def _tree(definition: IndexDefinition, built: Built) -> tuple[Structure, tuple[str, ...]]:
    """The tree with the weights that were used, and the id of every element of the flat tree."""
    above: dict[str, str | None] = {indicator.id: indicator.parent for indicator in definition.indicators}
    above |= {element.id: element.parent for element in definition.elements}
    names = (*built.normalised.columns, *(element.id for element in definition.elements))
    number = {name: i for i, name in enumerate(names)}
    parents = [ROOT if (parent := above[name]) is None else number[parent] for name in names]
    return structure(parents, [built.weights.get(name, 1.0) for name in names]), names


def _ways(
    definition: IndexDefinition, tree: Structure, names: tuple[str, ...], method: AggregateMethod | None
) -> tuple[Way | tuple[Way, ...], ...]:
    """Per level, how its parents are made; one way where all are made the same, so that levels go together."""
    found: list[Way | tuple[Way, ...]] = []
    own = {element.id: element.aggregate for element in definition.elements}
    general = method or definition.aggregate.method
    ways = {each: _way(each, definition) for each in {general, *own.values()} if each}
    for elements in tree.elements[1:]:
        level = tuple(ways[own.get(names[element]) or general] for element in elements.tolist())
        found.append(level[0] if all(way is level[0] for way in level) else level)
    return tuple(found)


def _way(method: AggregateMethod, definition: IndexDefinition) -> Aggregation:
    if method == "generalised":
        return generalised(definition.aggregate.power or 1.0)
    return one_by_one(copeland) if method == "copeland" else MEANS[method]


def _eligible(built: Built, year: int) -> NDArray[np.bool_]:
    status = built.results.filter(pl.col("year") == year)["status"]
    return np.asarray((status != "too_much_missing").to_numpy())
