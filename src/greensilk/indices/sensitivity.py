"""How much of the spread of every unit's rank comes from which uncertain input: Sobol indices of all units at once.

First order is the share of a variance that would vanish were the input known; total order the share that would be left
were all others known. Inputs may be single numbers or groups of them, continuous or choices. It draws no chart and
holds no model: a model is a function of numbers in [0, 1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from greensilk.errors import UsageError
from greensilk.indices.lattice import shifted_lattice
from greensilk.indices.means import Floats
from greensilk.indices.rank_intervals import Ranks
from greensilk.indices.uncertainty import UncertainIndex, nominal, replicate, replications_from

Model = Callable[[Floats], Floats]
RUNS_AT_ONCE = 8_192
CONSTANT = 1e-20  # a variance below this share of the mean square is rounding
TWO_SIDED_95 = 1.959963984540054


@dataclass(frozen=True)
class Design:
    """How a model is run.

    samples: base samples; with d inputs the model runs samples · (d + 2) times. Powers of two serve best
    seed: of the shift of the points
    """

    samples: int = 1_024
    seed: int = 0

    def __post_init__(self) -> None:
        if self.samples < 16:
            raise UsageError("uncertainty.out_of_range", what="samples", value=self.samples, range="≥ 16")


@dataclass(frozen=True)
class SobolIndices:
    """First- and total-order indices, (inputs, outputs); NaN for an output that does not vary or is not always there.

    first_error, total_error: half the width of their 95 % intervals: what resampling the base samples without end would
    give. The points are more even than random ones, so the true error is rather smaller
    variance: (outputs,) of the model's outputs; runs: how often the model was run
    """

    first: Floats
    total: Floats
    first_error: Floats
    total_error: Floats
    variance: Floats
    runs: int

    def of(self, outputs: slice) -> SobolIndices:
        """Those of some outputs."""
        parts = (self.first, self.total, self.first_error, self.total_error)
        first, total, first_error, total_error = (part[:, outputs] for part in parts)
        return SobolIndices(first, total, first_error, total_error, self.variance[outputs], self.runs)


def sobol_indices(model: Model, inputs: Sequence[Sequence[int]], design: Design | None = None) -> SobolIndices:
    """Sobol indices of every output of a model.

    model: (runs, columns) numbers in [0, 1) to (runs, outputs)
    inputs: the columns of each input; each column in exactly one
    raises: UsageError if a column is in no input or in several
    source: first order Saltelli et al. 2010, total order Jansen 1999, both of centred outputs
    """
    plan = design or Design()
    columns = np.sort(np.concatenate([np.asarray(one, np.int64) for one in inputs]))
    if not np.array_equal(columns, np.arange(len(columns))):
        raise UsageError("uncertainty.columns", columns=", ".join(map(str, columns.tolist())))
    points = shifted_lattice(plan.samples, 2 * len(columns), plan.seed)
    first_half, second_half = points[:, : len(columns)], points[:, len(columns) :]
    runs = model(np.concatenate([first_half, second_half]))
    base = Base.of(runs)
    estimates = [base.estimate(run) for run in _mixed_runs(model, inputs, first_half, second_half)]
    first, total, first_error, total_error = (np.array(part) for part in zip(*estimates, strict=True))
    return SobolIndices(first, total, first_error, total_error, base.variance, plan.samples * (len(inputs) + 2))


def _mixed_runs(model: Model, inputs: Sequence[Sequence[int]], first: Floats, second: Floats) -> Iterator[Floats]:
    """For each input, the outputs where it comes from the second half of the points and all else from the first."""
    samples = len(first)
    at_once = max(1, RUNS_AT_ONCE // samples)
    for start in range(0, len(inputs), at_once):
        part = inputs[start : start + at_once]
        mixed = np.tile(first, (len(part), 1))
        for i, columns in enumerate(part):
            mixed[i * samples : (i + 1) * samples, list(columns)] = second[:, list(columns)]
        yield from model(mixed).reshape(len(part), samples, -1)


@dataclass(frozen=True)
class Base:
    """The outputs at both halves of the points, centred and of unit variance.

    mean, scale, variance: (outputs,); first, second: (samples, outputs); squares: (samples, outputs) what each sample
    adds to the variance
    """

    mean: Floats
    scale: Floats
    variance: Floats
    first: Floats
    second: Floats
    squares: Floats

    @classmethod
    def of(cls, runs: Floats) -> Base:
        """runs: (2 · samples, outputs)."""
        samples = len(runs) // 2
        mean, variance = runs.mean(axis=0), runs.var(axis=0)
        scale = np.sqrt(np.where(variance > CONSTANT * (mean**2 + variance), variance, np.nan))
        first, second = (runs[:samples] - mean) / scale, (runs[samples:] - mean) / scale
        return cls(mean, scale, variance, first, second, (first**2 + second**2) / 2)

    def estimate(self, mixed: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """First and total order of the input whose runs these are, then half the widths of their intervals."""
        change = (mixed - self.mean) / self.scale - self.first
        first, first_error = self._mean_and_error(self.second * change)
        total, total_error = self._mean_and_error(change * change / 2)
        return first, total, first_error, total_error

    def _mean_and_error(self, terms: Floats) -> tuple[Floats, Floats]:
        """A mean by the variance, and its error: each sample pulls on both (infinitesimal jackknife, Efron 1982)."""
        mean = terms.mean(axis=0)
        pull = terms - mean * self.squares
        return mean, TWO_SIDED_95 * np.sqrt(np.einsum("so,so->o", pull, pull)) / len(terms)


@dataclass(frozen=True)
class Sensitivity:
    """What moves the index, by the names of its inputs.

    names: (inputs,); ranks, scores: an output per unit; shift: one output, by how many ranks the units moved on average
    from their nominal ones
    """

    names: tuple[str, ...]
    ranks: SobolIndices
    scores: SobolIndices
    shift: SobolIndices


def sensitivity(index: UncertainIndex, design: Design | None = None) -> Sensitivity:
    """Sobol indices of the rank and score of every unit, from one set of runs.

    A unit that is not ranked in every run has none (NaN), and one whose rank never moves has none of its rank.
    raises: UsageError if nothing of the index is uncertain, or see uncertainty.replicate
    """
    inputs = index.inputs
    if not inputs:
        raise UsageError("uncertainty.nothing_open")
    units = index.variants.shape[1]
    plain = _as_numbers(replicate(index, nominal(index)).ranks)

    def model(numbers: Floats) -> Floats:
        outcome = replicate(index, replications_from(index, numbers))
        ranks = _as_numbers(outcome.ranks)
        moved = np.abs(ranks - plain)
        there = ~np.isnan(moved)
        shift = np.where(there, moved, 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
        return np.concatenate([ranks, outcome.scores, shift[:, None]], axis=1)

    found = sobol_indices(model, [one.columns for one in inputs], design)
    ranks, scores, shift = slice(0, units), slice(units, 2 * units), slice(2 * units, None)
    return Sensitivity(tuple(one.name for one in inputs), found.of(ranks), found.of(scores), found.of(shift))


def _as_numbers(ranks: Ranks) -> Floats:
    return np.where(ranks > 0, ranks, np.nan)
