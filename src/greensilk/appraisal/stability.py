"""How firm lights are: projects judged again where they may truly lie, and by every version of a layer that is held.

Only what a moved position changes of a light is measured anew: the countries it lies in and which sensitive areas it
overlaps. A draw takes one version of each layer; the versions that are kept take turns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from greensilk.errors import UsageError
from greensilk.facts import FactColumn, FactTable
from greensilk.geometry.arrays import Floats, Ints

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import SensitiveLayer
    from greensilk.catalogue.layers import Layer
    from greensilk.rules import Standard
    from greensilk.rules.verdicts import VerdictTable
    from greensilk.screening.footprints import Sites
    from greensilk.screening.model import Portfolio

DRAWS = 100
FRAGILE_BELOW = 0.95  # a light that fewer draws give is marked
LEAST_ERROR_M, MOST_ERROR_M = 1.0, 100_000.0
PLACES_AT_ONCE = 20_000
LIGHTS = ("RED", "YELLOW", "GREEN", "GREEN_BY_TYPE", "UNKNOWN", "NOT_APPLICABLE")


@dataclass(frozen=True)
class Stability:
    """Shares of draws. error_m: (n,) within which 95 % of a project's positions were drawn, NaN where it was not moved;
    shares: standard id -> (n, 6) share of draws by light, in the order of LIGHTS; fragile: standard id -> (n,) fewer
    than 95 % of draws give the light shown; versions: layer -> how many versions took turns"""

    stated_error_m: float
    draws: int
    error_m: Floats
    shares: Mapping[str, Floats]
    fragile: Mapping[str, NDArray[np.bool_]]
    versions: Mapping[str, int]


def check_error(error_m: float) -> float:
    """The error asked for, if it is one.

    raises: UsageError outside 1 m to 100 km
    """
    if not LEAST_ERROR_M <= error_m <= MOST_ERROR_M:
        raise UsageError("appraisal.bad_position_error", value=f"{error_m:g}", most=f"{MOST_ERROR_M / 1000:g}")
    return error_m


def stability(
    portfolio: Portfolio,
    facts: FactTable,
    verdicts: Mapping[str, VerdictTable],
    held: Mapping[str, Sequence[Layer]],
    error_m: float,
) -> Stability:
    """Judge every project again at drawn positions and by the layer versions held.

    facts, verdicts: of the portfolio where it is stated to lie; held: layer -> its versions, the one in use first;
    error_m: within which 95 % of positions lie; a project whose own accuracy is worse is moved by that
    """
    from greensilk.catalogue.layer_records import sensitive_layers
    from greensilk.screening.footprints import sites_of
    from greensilk.screening.moved import may_change

    sites = sites_of(portfolio)
    drawn = _Drawn(sites, np.maximum(sites.accuracy_m, error_m), sensitive_layers())
    standards = {name: table.standard for name, table in verdicts.items()}
    judged = _Judged(facts, standards, next(iter(verdicts.values())).on)
    counts = {name: np.zeros((len(portfolio), len(LIGHTS))) for name in verdicts}
    for turn, opened in enumerate(turns := list(_turns(held))):
        numbers, change = range(turn, DRAWS, len(turns)), may_change(sites, drawn.error_m, opened)
        # Where nothing lies near enough to be found or lost, one draw stands for all.
        for some, drawn_there in ((change, numbers), (~change, numbers[:1])):
            for block in _blocks(np.flatnonzero(some), len(drawn_there)):
                rows, columns = drawn.columns(block, drawn_there, opened)
                for name, light in judged.where(rows, columns, len(drawn_there)):
                    each = len(numbers) / len(drawn_there)
                    np.add.at(counts[name], (np.repeat(rows, len(drawn_there)), light), each)
    placed = sites.site_of >= 0
    moved = np.full(len(portfolio), np.nan)
    moved[placed] = np.where(sites.administrative, np.nan, drawn.error_m)[sites.site_of[placed]]
    return _result(error_m, moved, counts, verdicts, {name: len(versions) for name, versions in held.items()})


@dataclass(frozen=True)
class _Drawn:
    """The places of a portfolio, to be drawn. error_m: (n,) within which 95 % of positions of each lie."""

    sites: Sites
    error_m: Floats
    definitions: Mapping[str, SensitiveLayer]

    def columns(
        self, block: Ints, numbers: Sequence[int], layers: Mapping[str, Layer]
    ) -> tuple[Ints, list[FactColumn]]:
        """The projects at some places, and their country and overlaps at drawn ones: one value a project and draw."""
        from greensilk.screening.moved import drawn, facts_where_drawn

        local = np.full(len(self.sites) + 1, -1)  # the last is for a project without a place
        local[block] = np.arange(len(block))
        of_project = local[self.sites.site_of]
        rows = np.flatnonzero(of_project >= 0)
        places = drawn(self.sites.some(block), self.error_m[block], numbers)
        index = (of_project[rows][:, None] * len(numbers) + np.arange(len(numbers))).reshape(-1)
        return rows, [column.at(index) for column in facts_where_drawn(places, layers, self.definitions)]


@dataclass(frozen=True)
class _Judged:
    """What is judged again: the facts as stated, the standards, the day."""

    facts: FactTable
    standards: Mapping[str, Standard]
    on: dt.date

    def where(self, rows: Ints, moved: Sequence[FactColumn], draws: int) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Standard and (rows x draws,) light of some projects at drawn places, as a place in LIGHTS."""
        from greensilk.rules import judge

        asked = {name for standard in self.standards.values() for name in standard.facts_asked()}
        table = self.facts.at(np.repeat(rows, draws), asked).with_columns(moved)
        order = {light: place for place, light in enumerate(LIGHTS)}
        for name, standard in self.standards.items():
            counted = judge(table, standard, self.on).table["counted"]
            yield name, counted.replace_strict(order, return_dtype=pl.Int64).to_numpy()


def versions_held(layers: Mapping[str, Layer]) -> dict[str, list[Layer]]:
    """Every version of each layer that this machine holds, the one in use first."""
    from greensilk.catalogue.layers import STORE, open_version

    found = {}
    for name, layer in layers.items():
        others = [folder for folder, info in STORE.versions(name) if info != layer.info]
        found[name] = [layer, *(open_version(folder, name) for folder in others)]
    return found


def _turns(held: Mapping[str, Sequence[Layer]]) -> Iterator[dict[str, Layer]]:
    """One set of versions after another, until each version had its turn; more sets than draws are not taken."""
    for turn in range(min(DRAWS, max((len(versions) for versions in held.values()), default=1))):
        yield {name: versions[turn % len(versions)] for name, versions in held.items()}


def _blocks(sites: Ints, draws: int) -> Iterable[Ints]:
    size = max(1, PLACES_AT_ONCE // draws)
    return (sites[start : start + size] for start in range(0, len(sites), size))


def _result(
    error_m: float,
    moved_m: Floats,
    counts: Mapping[str, Floats],
    verdicts: Mapping[str, VerdictTable],
    versions: Mapping[str, int],
) -> Stability:
    shares, fragile = {}, {}
    for name, count in counts.items():
        shown = (
            verdicts[name]
            .table["counted"]
            .replace_strict({light: place for place, light in enumerate(LIGHTS)}, return_dtype=pl.Int64)
        )
        still = count.sum(axis=1) == 0  # nowhere to be moved from: the light is what it is
        share = np.where(still[:, None], np.nan, count / np.maximum(count.sum(axis=1, keepdims=True), 1))
        shares[name] = share
        fragile[name] = ~still & (share[np.arange(len(share)), shown.to_numpy()] < FRAGILE_BELOW)
    return Stability(error_m, DRAWS, moved_m, shares, fragile, versions)
