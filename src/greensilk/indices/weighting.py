"""How much each member of a group counts. Every function gives (k,) weights that are not negative and sum to one.

source: OECD/JRC 2008, step 6 (weighting)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from greensilk.indices.definition import IndexDefinition, WeighMethod
from greensilk.indices.faults import Fault, fault, refuse, some
from greensilk.indices.grid import Floats, Ints
from greensilk.indices.moments import constant, counted, deviation, mean
from greensilk.indices.nonnegative import nonnegative_least_squares

# Mean consistency index of random pairwise matrices of order 1 to 15: Saaty 1980, The Analytic Hierarchy Process.
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)

LEAST_ROWS = 3  # two rows without gaps always correlate perfectly


def equal(members: int) -> Floats:
    """The same for each."""
    return np.full(members, 1 / members)


def budget_allocation(points: Floats) -> Floats:
    """The mean over experts of the share each gave; points: (experts, k), not negative, each row with a sum above 0.

    >>> import numpy as np
    >>> budget_allocation(np.array([[60.0, 40.0], [40.0, 60.0]])).tolist()
    [0.5, 0.5]
    """
    shares: Floats = points / points.sum(axis=1, keepdims=True)
    return np.asarray(shares.mean(axis=0))


def analytic_hierarchy(judgements: Floats) -> tuple[Floats, float]:
    """Weights from pairwise judgements, and their consistency ratio: up to 0.1 is taken as consistent.

    judgements: (k, k) positive, cell (i, j) how many times as important i is as j, reciprocal; k ≤ 15
    returns: the principal eigenvector, and (λmax − k)/(k − 1)/(that of random judgements), 0 for k ≤ 2
    source: Saaty 1980
    >>> import numpy as np
    >>> weights, ratio = analytic_hierarchy(np.array([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]]))
    >>> weights.round(4).tolist(), round(abs(ratio), 9)
    ([0.5714, 0.2857, 0.1429], 0.0)
    """
    k = len(judgements)
    values, vectors = np.linalg.eig(judgements)
    first = int(np.argmax(values.real))
    vector = np.abs(vectors[:, first].real)
    if k <= 2:
        return vector / vector.sum(), 0.0
    return vector / vector.sum(), float((values[first].real - k) / (k - 1) / RANDOM_INDEX[k - 1])


def entropy(scores: Floats) -> Floats:
    """More for members that tell units apart: 1 − the entropy of how a member's (n, k) scores are spread over units.

    Scores must not be negative. Equal weights where no member tells anything apart.
    source: Shannon 1948; Zeleny 1982
    >>> import numpy as np
    >>> entropy(np.array([[1.0, 0.0], [1.0, 8.0]])).tolist()
    [0.0, 1.0]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        share = scores / np.nansum(scores, axis=0)
        told = -np.nansum(np.where(share > 0, share * np.log(share), 0.0), axis=0) / np.log(counted(scores))
    apart = np.where(np.isfinite(told), np.maximum(1 - told, 0.0), 0.0)
    apart[apart < 1e-12] = 0.0
    return np.asarray(apart / apart.sum()) if apart.sum() > 0 else equal(len(apart))


def _complete(scores: Floats) -> Floats:
    whole: Floats = scores[~np.isnan(scores).any(axis=1)]
    return whole


def principal_loadings(scores: Floats) -> Floats:
    """Loadings (k,) of the first principal component of standardised (n, k) scores, their sum not negative.

    Rows with gaps are left out. Loadings may be negative: they are for looking at, not for use as weights.
    source: COINr 1.1, which calls them PCA weights
    """
    rows = _complete(scores)
    standard = (rows - mean(rows)) / deviation(rows)
    _, vectors = np.linalg.eigh(standard.T @ standard / (len(rows) - 1))
    first: Floats = vectors[:, -1]
    return first if first.sum() >= 0 else -first


def principal(scores: Floats) -> Floats:
    """Squared loadings of the first principal component: the part of its variance that each member makes up.

    source: OECD/JRC 2008, section 6.1, with one component and no rotation
    """
    return principal_loadings(scores) ** 2


def correlation_optimised(scores: Floats, targets: Floats | None = None) -> Floats:
    """Weights by which the weighted mean correlates with its members in the proportions of `targets` (None = equally).

    Correlations of the mean with members are proportional to R·v, R being their correlations and v weights times
    deviations; so v is found by solving R·v = targets, exactly where that gives no negative weight, else by least
    squares without negative ones. Rows with gaps are left out.
    source: Becker et al. 2017, Weights and importance in composite indicators (the linear case)
    """
    rows = _complete(scores)
    spread = deviation(rows)
    standard = (rows - mean(rows)) / spread
    wanted = np.ones(rows.shape[1]) if targets is None else targets
    found = nonnegative_least_squares(standard.T @ standard / (len(rows) - 1), wanted) / spread
    return np.asarray(found / found.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Weights of a group's members, and the consistency ratio of the judgements they come from (ahp only)."""

    weights: Floats
    consistency: float | None = None


def weigh(definition: IndexDefinition, element: str, scores: Floats) -> Weighed:
    """Weights of what stands directly below an element.

    scores: (n, k) of those, in the order of the definition
    raises: IndexDefinitionError if weights are to come from scores that cannot give any
    """
    members = definition.children(element)
    method: WeighMethod = definition.element(element).weigh or definition.weigh.method
    if method == "ahp":
        return Weighed(*analytic_hierarchy(np.array(definition.weigh.judgements[element])))
    if method == "given":
        return Weighed(_given(definition, members))
    if method == "budget":
        return Weighed(budget_allocation(np.array([[e[m] for m in members] for e in definition.weigh.experts])))
    if method in {"entropy", "pca", "optimised"}:
        refuse(definition.id, _speechless(scores, members, (element, method)))
    if method == "optimised":
        targets = np.array([definition.weigh.targets.get(member, 1.0) for member in members])
        return Weighed(correlation_optimised(scores, targets))
    from_scores = {"entropy": entropy, "pca": principal}
    return Weighed(from_scores[method](scores) if method in from_scores else equal(len(members)))


def _speechless(scores: Floats, members: Sequence[str], of: tuple[str, WeighMethod]) -> Iterator[Fault]:
    """Scores that give no weights: members that tell no unit from another, or too few rows without gaps."""
    element, method = of
    rows = scores if method == "entropy" else _complete(scores)
    mute = counted(rows) == 0 if method == "entropy" else constant(rows)
    if len(rows) < LEAST_ROWS:
        yield fault("indices.fault_few_rows", element=element, method=method, rows=len(rows), least=LEAST_ROWS)
    elif mute.any():
        names = some(member for member, silent in zip(members, mute, strict=True) if silent)
        yield fault("indices.fault_silent", element=element, method=method, ids=names)


def _given(definition: IndexDefinition, members: Sequence[str]) -> Floats:
    stated = {node.id: node.weight for node in definition.indicators}
    stated |= {node.id: node.weight for node in definition.elements}
    weights = np.array([stated[member] or 0.0 for member in members], dtype=np.float64)
    return np.asarray(weights / weights.sum())


def effective_weights(definition: IndexDefinition, weights: Mapping[str, float]) -> dict[str, float]:
    """What everything weighs in the index itself: its weight times those of all above it; the index is 1.

    weights: by id, each within its own group
    source: COINr 1.1
    """
    effective = {definition.root: 1.0}
    for name in reversed(definition.upwards()):
        effective |= {child: effective[name] * weights[child] for child in definition.children(name)}
    return effective


def flat_tree(definition: IndexDefinition, weights: Mapping[str, float]) -> tuple[tuple[str, ...], Ints, Floats]:
    """The tree as arrays, as structure.py takes it.

    weights: by id, each within its own group
    returns: ids, indicators first in their order; the number of each one's parent, -1 for the index; weights
    """
    nodes: dict[str, str | None] = {node.id: node.parent for node in definition.indicators}
    nodes |= {node.id: node.parent for node in definition.elements}
    names = tuple(nodes)
    parents = [-1 if parent is None else names.index(parent) for parent in nodes.values()]
    return names, np.array(parents, dtype=np.int64), np.array([weights.get(name, 1.0) for name in names])
