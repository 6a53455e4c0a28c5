"""An index in thousands of replications: the choices made at every step and all weights are drawn anew each time.

Treatment, normalisation, imputation and year are few choices, so their combinations are prepared once; a replication
takes one of them, its own weights and its own means, and costs a matrix product. The same numbers in [0, 1) that draw
a replication at random draw it for a sensitivity analysis. It re-runs no step and opens no file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from greensilk.errors import UsageError
from greensilk.indices.means import MEANS, Aggregation, Floats
from greensilk.indices.perturbation import Perturbation
from greensilk.indices.rank_intervals import (
    Convergence,
    RankIntervals,
    Ranks,
    chance_above,
    convergence,
    rank_intervals,
    ranks_of,
)
from greensilk.indices.structure import Ints, LevelMeans, Structure, aggregate

ROWS = 256  # replications computed at once: what lies between two levels stays in the processor's cache
AGGREGATION = "aggregation"
Way = str | Aggregation


@dataclass(frozen=True)
class Replications:
    """What each replication is made of.

    variant: (replications,) which prepared table; weights: per level, (replications, elements) of any sum;
    aggregation: (replications,) which of the model's tuples of means
    """

    variant: Ints
    weights: tuple[Floats, ...]
    aggregation: Ints

    def __len__(self) -> int:
        return len(self.variant)


@dataclass(frozen=True)
class Outcome:
    """Scores (replications, units), NaN where there is none, and ranks, 0 there."""

    scores: Floats
    ranks: Ranks


@dataclass(frozen=True)
class Input:
    """An uncertain input: its name, and the columns of numbers in [0, 1) that draw it.

    options: of how many a choice is made; None if it perturbs weights
    """

    name: str
    columns: tuple[int, ...]
    options: int | None


@dataclass(frozen=True)
class UncertainIndex:
    """An index with the choices that are open.

    tree: the structure with its nominal weights
    normalised: (*choices, units, indicators) every combination of treatment, normalisation ..., NaN = missing
    choices: name and number of options of each leading axis of `normalised`, in order; the first option is nominal
    perturbed: per level, how its weights are perturbed, None = not at all
    aggregations: tuples of ways, one per level (a single one for all levels): a name in MEANS, a function, or one of
    these for each element of the level above; the first tuple is nominal
    each_weight: whether the weight of every element is an input of its own, or those of a level are one
    available: the least share of the weight in a group that must be there
    eligible: (units,) which are ranked if they have a score; all if left out
    names: of the elements of the flat tree, for the names of inputs; level and number if left out
    """

    tree: Structure
    normalised: Floats
    choices: Mapping[str, int]
    perturbed: tuple[Perturbation | None, ...]
    aggregations: Sequence[Sequence[Way | Sequence[Way]]] = (("arithmetic",),)
    each_weight: bool = False
    available: float = 0.0
    eligible: NDArray[np.bool_] | None = None
    names: Sequence[str] = ()
    means: tuple[tuple[LevelMeans, ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        levels = len(self.tree.sizes)
        expected = (*self.choices.values(), *self.normalised.shape[-2:-1], self.tree.sizes[0])
        if self.normalised.ndim != len(self.choices) + 2 or self.normalised.shape != expected:
            raise UsageError("uncertainty.shape", what="normalised", found=self.normalised.shape, expected=expected)
        if len(self.perturbed) != levels:
            raise UsageError("uncertainty.shape", what="perturbed", found=(len(self.perturbed),), expected=(levels,))
        if self.eligible is not None and self.eligible.shape != expected[-2:-1]:
            raise UsageError("uncertainty.shape", what="eligible", found=self.eligible.shape, expected=expected[-2:-1])
        object.__setattr__(self, "means", tuple(_means(one, self.tree) for one in self.aggregations))

    @property
    def variants(self) -> Floats:
        """(variants, units, indicators)."""
        return self.normalised.reshape(-1, *self.normalised.shape[-2:])

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The uncertain inputs in the order of their columns; a choice among one is none."""
        found: list[Input] = []
        column = 0
        for name, count in {**self.choices, AGGREGATION: len(self.means)}.items():
            if count > 1:
                found.append(Input(name, (column,), count))
                column += 1
        for level, elements in enumerate(self.perturbed_elements):
            columns = tuple(range(column, column + len(elements)))
            if self.each_weight:
                own = zip(elements.tolist(), columns, strict=True)
                found += [Input(f"weight {self._name(level, element)}", (at,), None) for element, at in own]
            elif columns:
                found.append(Input(f"weights {level}", columns, None))
            column += len(columns)
        return tuple(found)

    @property
    def perturbed_elements(self) -> tuple[Ints, ...]:
        """Per level, which of its elements have a weight that is perturbed; that of an only child says nothing."""
        found = []
        for parents, perturbation in zip(self.tree.parents, self.perturbed, strict=True):
            siblings = np.bincount(parents)[parents] > 1
            found.append(np.flatnonzero(siblings & (perturbation is not None)))
        return tuple(found)

    def _name(self, level: int, element: int) -> str:
        return self.names[self.tree.elements[level][element]] if self.names else f"{level}:{element}"

    @property
    def columns(self) -> int:
        """How many numbers in [0, 1) make a replication."""
        return sum(len(one.columns) for one in self.inputs)


def _means(ways: Sequence[Way | Sequence[Way]], tree: Structure) -> tuple[LevelMeans, ...]:
    """One for each level; a single one holds for all."""
    levels = len(tree.sizes)
    every = tuple(ways) * levels if len(ways) == 1 else tuple(ways)
    if len(every) != levels:
        raise UsageError("uncertainty.shape", what="aggregations", found=(len(every),), expected=(levels,))
    found: list[LevelMeans] = []
    for way, elements in zip(every, tree.elements[1:], strict=True):
        if isinstance(way, str) or callable(way):
            found.append(_mean(way))
            continue
        if len(way) != len(elements):
            raise UsageError("uncertainty.shape", what="aggregations", found=(len(way),), expected=elements.shape)
        found.append(tuple(_mean(one) for one in way))
    return tuple(found)


def _mean(way: Way) -> Aggregation:
    if not isinstance(way, str):
        return way
    if way not in MEANS:
        raise UsageError("uncertainty.unknown_mean", name=way, known=", ".join(MEANS))
    return MEANS[way]


def replications_from(index: UncertainIndex, numbers: Floats) -> Replications:
    """Replications from numbers in [0, 1), (replications, columns of the index), random or regular."""
    if numbers.ndim != 2 or numbers.shape[1] != index.columns:
        expected = ("…", index.columns)
        raise UsageError("uncertainty.shape", what="numbers", found=numbers.shape, expected=expected)
    chosen = {
        one.name: (numbers[:, one.columns[0]] * one.options).astype(np.int64)
        for one in index.inputs
        if one.options is not None
    }
    none = np.zeros(len(numbers), np.int64)
    variant = none
    for name, count in index.choices.items():
        variant = variant * count + chosen.get(name, none)
    weights = []
    column = len(chosen)
    for level, elements in enumerate(index.perturbed_elements):
        nominal = index.tree.weights[level]
        own = np.full((len(numbers), len(nominal)), 0.5)
        own[:, elements] = numbers[:, column : column + len(elements)]
        column += len(elements)
        perturbation = index.perturbed[level]
        given = np.broadcast_to(nominal, own.shape)
        weights.append(perturbation.weights(own, nominal, index.tree.parents[level]) if perturbation else given)
    return Replications(variant, tuple(weights), chosen.get(AGGREGATION, none))


def nominal(index: UncertainIndex) -> Replications:
    """The one replication in which every choice is the first and no weight is perturbed."""
    none = np.zeros(1, np.int64)
    return Replications(none, tuple(level[None] for level in index.tree.weights), none)


def replicate(index: UncertainIndex, replications: Replications) -> Outcome:
    """Scores and ranks of all units in all replications.

    Replications of one variant and one tuple of means are computed together, ROWS at a time: memory beyond the outcome
    does not grow with their number, and no result depends on which others are asked for.
    raises: UsageError where a geometric, harmonic or generalised mean meets a negative score
    """
    variants = index.variants
    scores = np.empty((len(replications), variants.shape[1]))
    ranks = np.empty(scores.shape, np.int32)
    key = replications.variant * len(index.means) + replications.aggregation
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    for group in np.split(order, starts[1:]):
        variant, means = divmod(int(key[group[0]]), len(index.means)) if len(group) else (0, 0)
        values = np.ascontiguousarray(variants[variant].T)
        for start in range(0, len(group), ROWS):
            rows = group[start : start + ROWS]
            weights = [level[rows] for level in replications.weights]
            own = aggregate(values, index.tree, weights, index.means[means], index.available)
            scores[rows] = own
            ranks[rows] = ranks_of(own if index.eligible is None else np.where(index.eligible, own, np.nan))
    return Outcome(scores, ranks)


@dataclass(frozen=True)
class Uncertainty:
    """What the replications say; see rank_intervals.py.

    outcome: every replication, in the order drawn; nominal: the one without perturbation
    above: (units, units) the chance that the row's unit is above the column's
    """

    replications: Replications
    outcome: Outcome
    nominal: Outcome
    intervals: RankIntervals
    above: NDArray[np.float64]
    convergence: Convergence


def uncertainty(index: UncertainIndex, count: int = 10_000, seed: int = 0) -> Uncertainty:
    """Draws `count` replications at random and sums up where they put each unit.

    seed: of the numbers drawn; the first replications of a longer run are those of a shorter one
    raises: UsageError for too few replications to see convergence, or see replicate
    """
    if count < 20:
        raise UsageError("uncertainty.out_of_range", what="count", value=count, range="≥ 20")
    numbers = np.random.default_rng(seed).random((count, index.columns))
    drawn = replications_from(index, numbers)
    outcome, plain = replicate(index, drawn), replicate(index, nominal(index))
    intervals = rank_intervals(outcome.ranks, plain.ranks[0])
    return Uncertainty(drawn, outcome, plain, intervals, chance_above(outcome.ranks), convergence(outcome.ranks))
