"""How weights are perturbed: each within a share of its own, or all of a group as a Dirichlet distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from greensilk.errors import UsageError
from greensilk.indices.means import Floats
from greensilk.indices.structure import Ints

NODES = 2_048
SMALL = -20.0  # logarithm of a variate
TAIL = 1e-12  # share of the distribution below a table
LEAST = 1e-18  # a number of zero is taken for this, so that no weight of a group vanishes with all others


class Perturbation(Protocol):
    """Makes weights from numbers in [0, 1)."""

    def weights(self, numbers: Floats, nominal: Floats, parents: Ints) -> Floats:
        """(replications, elements) of any sum in a group, from as many numbers and (elements,) nominal weights."""


@dataclass(frozen=True)
class Within:
    """Each weight is uniform within ± a share of itself, before those of a group are rescaled to one.

    share: 0.25 = a quarter less to a quarter more; from 0 to 1
    """

    share: float

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise UsageError("uncertainty.out_of_range", what="share", value=self.share, range="0–1")

    def weights(self, numbers: Floats, nominal: Floats, parents: Ints) -> Floats:
        """See Perturbation."""
        return nominal * (1.0 - self.share + 2.0 * self.share * numbers)


@dataclass(frozen=True)
class Dirichlet:
    """The weights of a group are Dirichlet distributed about the nominal ones.

    concentration: the sum of a group's parameters; a weight w in it varies by w (1 - w) / (concentration + 1)
    """

    concentration: float

    def __post_init__(self) -> None:
        if not 0 < self.concentration < math.inf:
            raise UsageError("uncertainty.out_of_range", what="concentration", value=self.concentration, range="> 0")

    def weights(self, numbers: Floats, nominal: Floats, parents: Ints) -> Floats:
        """Gamma variates, which rescaled to a sum of one are Dirichlet; a nominal weight of zero stays zero."""
        of_group = nominal / np.bincount(parents, nominal)[parents]
        logs = np.full(numbers.shape, -np.inf)
        for element in np.flatnonzero(of_group):
            logs[:, element] = log_gamma_quantile(numbers[:, element], self.concentration * of_group[element])
        # Of small shapes only the ratios can be held as numbers.
        largest = np.full((len(numbers), int(parents.max()) + 1), -np.inf)
        for one, parent in enumerate(parents.tolist()):
            np.maximum(largest[:, parent], logs[:, one], out=largest[:, parent])
        return np.asarray(np.exp(logs - largest[:, parents]))


def log_gamma_quantile(numbers: Floats, shape: float) -> Floats:
    """The logarithm of the gamma variate (scale 1) below which a share `numbers` of the distribution lies.

    numbers: any shape, in [0, 1); shape: above zero
    returns: from a table over the logarithm x, within about 1e-4 between 1e-9 and 0.9999 of the distribution
    """
    # For small x the distribution is x^shape / Γ(shape + 1): exact to 1e-9 below SMALL.
    log_gamma = math.lgamma(shape + 1)
    start = max(SMALL, (math.log(TAIL) + log_gamma) / shape)
    at = np.linspace(start, math.log(shape + 8.0 * math.sqrt(shape) + 30.0), NODES)
    density = np.exp(shape * at - np.exp(at) - math.lgamma(shape))
    below = np.exp(shape * start - log_gamma) + np.concatenate(
        [[0.0], np.cumsum((density[1:] + density[:-1]) / 2.0 * (at[1] - at[0]))]
    )
    tail = (np.log(np.maximum(numbers, LEAST)) + log_gamma) / shape
    return np.where(numbers < below[0], tail, np.interp(numbers, below, at))
