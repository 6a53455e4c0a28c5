"""The made-up indices that are measured, and the slow ways of doing the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from greensilk.indices.perturbation import Within
from greensilk.indices.sensitivity import Base, SobolIndices
from greensilk.indices.structure import structure
from greensilk.indices.topsis import topsis
from greensilk.indices.uncertainty import Replications, UncertainIndex, replicate, replications_from

Floats = NDArray[np.float64]
SEED = 3
WIDTH = 5  # indicators in a pillar
PILLARS = 4  # pillars in a sub-index


@dataclass(frozen=True)
class Size:
    """Of one case; indicators a multiple of WIDTH · PILLARS, or fewer than two pillars' sub-indices."""

    units: int
    indicators: int
    replications: int
    samples: int


SCALES = {"full": Size(200, 60, 10_000, 1_024), "small": Size(20, 20, 400, 64)}


def nested(size: Size) -> UncertainIndex:
    """Pillars in sub-indices in an index; 2 treatments, 3 normalisations, 2 aggregations, every weight ± 25 %."""
    pillars = size.indicators // WIDTH
    tops = -(-pillars // PILLARS)
    first, second = size.indicators, size.indicators + pillars
    parent = [first + i // WIDTH for i in range(size.indicators)] + [second + i // PILLARS for i in range(pillars)]
    tree = structure([*parent, *[second + tops] * tops, -1], np.ones(second + tops + 1))
    rng = np.random.default_rng(SEED)
    quality = np.linspace(0, 20, size.units)[:, None]  # units differ, so that ranks mean something
    values = rng.uniform(1, 80, (2, 3, size.units, size.indicators)) * 0.3
    values += rng.uniform(0, 50, (size.units, size.indicators)) + quality + 1
    return UncertainIndex(
        tree, values, {"treatment": 2, "normalisation": 3}, (Within(0.25),) * 3,
        (("arithmetic",), ("arithmetic", "arithmetic", "geometric")), each_weight=True,
    )  # fmt: skip


def topsis_index(size: Size) -> UncertainIndex:
    """One level, one table scaled to 0–1, every weight ± 50 %."""
    rng = np.random.default_rng(SEED)
    values = rng.random((size.units, size.indicators))
    values = (values - values.min(axis=0)) / np.ptp(values, axis=0)
    flat = structure([size.indicators] * size.indicators + [-1], np.ones(size.indicators + 1))
    return UncertainIndex(flat, values, {}, (Within(0.5),), ((topsis,),))


def ranks_model(index: UncertainIndex) -> Callable[[Floats], Floats]:
    """Numbers in [0, 1) to the ranks of all units."""
    return lambda numbers: replicate(index, replications_from(index, numbers)).ranks.astype(np.float64)


def of_sample(runs: Floats, inputs: int) -> SobolIndices:
    """Our estimates from runs in SALib's order, (samples · (inputs + 2), outputs)."""
    blocks = runs.reshape(-1, inputs + 2, runs.shape[1])
    base = Base.of(np.concatenate([blocks[:, 0], blocks[:, -1]]))
    parts = [base.estimate(blocks[:, i + 1]) for i in range(inputs)]
    first, total, first_error, total_error = (np.array(part) for part in zip(*parts, strict=True))
    return SobolIndices(first, total, first_error, total_error, base.variance, len(runs))


def naive_loop(index: UncertainIndex, drawn: Replications) -> NDArray[np.int64]:
    """Ranks of one replication after another, each level by matrix products: what one writes first."""
    members = [np.eye(int(parents.max()) + 1)[parents] for parents in index.tree.parents]
    found = np.empty((len(drawn), index.variants.shape[1]), np.int64)
    for r in range(len(drawn)):
        scores = index.variants[drawn.variant[r]]
        geometric = drawn.aggregation[r] == 1
        for level, member in enumerate(members):
            weights = drawn.weights[level][r][:, None] * member
            weights = weights / weights.sum(axis=0)
            last = geometric and level == len(members) - 1
            scores = np.exp(np.log(scores) @ weights) if last else scores @ weights
        found[r, np.argsort(-scores[:, 0])] = np.arange(1, len(scores) + 1)
    return found
