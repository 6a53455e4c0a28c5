"""Alternatives of a route compared: measured as projects are, ranked by weighted criteria, ranks with intervals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from greensilk.appraisal.provenance import Provenance
from greensilk.appraisal.route_file import RouteFile, read_routes
from greensilk.appraisal.route_measures import (
    Measured,
    border_measures,
    comparable,
    crossing_measures,
    line_measures,
    of_what_is_drawn,
    people_measures,
)
from greensilk.appraisal.route_options import UnitCosts, Weights, read_option, route_criteria
from greensilk.appraisal.route_places import RoutePlaces, as_measured, usual_width_m
from greensilk.appraisal.route_provenance import route_provenance
from greensilk.appraisal.route_takes import area_measures, land_measures
from greensilk.errors import UsageError
from greensilk.geometry.arrays import Floats, Ints
from greensilk.records import Label, said
from greensilk.routes.comparison import DRAWS, SEED, Ranking, Standing, outdone, ranking, standings

if TYPE_CHECKING:
    from greensilk.catalogue.data_info import DataInfo
    from greensilk.catalogue.layer_records import LayerInfo

Progress = Callable[[Label, float], None]
Others = tuple[tuple[int, ...], ...]
WIDEST_M = 5_000.0
STEPS_A_MARGIN = 100


@dataclass(frozen=True)
class RouteComparison:
    """Alternatives compared, (n,) in the order of the file.

    criteria: all that was measured; compared: ids of those the ranking and standings rest on; left_out: id -> why not,
    for criteria that would be; weights: by id of those compared, shares of 1; unused_weights: ids weighted by the user
    on which nothing is known; standings, outdone_by, ranking: see routes.comparison, of lines among lines and of
    sketches among sketches; perhaps_by: those that may outdo it, as far as is known; ranking: None where
    nothing is compared; width_assumed: whether the width is the usual one; layers: those used
    """

    file: RouteFile
    criteria: tuple[Measured, ...]
    compared: tuple[str, ...]
    left_out: Mapping[str, Label]
    weights: Mapping[str, float]
    stated_weights: Weights | None
    unused_weights: tuple[str, ...]
    costs: UnitCosts | None
    standings: tuple[Standing, ...]
    outdone_by: Others
    perhaps_by: Others
    ranking: Ranking | None
    places: RoutePlaces
    width_assumed: bool
    on: dt.date
    layers: Mapping[str, LayerInfo]
    provenance: Provenance

    def __len__(self) -> int:
        return len(self.places)

    def criterion(self, name: str) -> Measured:
        """The criterion of an id."""
        return self._by_id[name]

    @cached_property
    def _by_id(self) -> dict[str, Measured]:
        return {one.id: one for one in self.criteria}

    @cached_property
    def order(self) -> list[int]:
        """Lines, then sketches, each by rank, those without one after the others; equal ones as in the file."""
        n, sketch = len(self), self.places.sketch
        nominal = np.zeros(n, dtype=np.int64) if self.ranking is None else self.ranking.nominal
        return sorted(range(n), key=lambda i: (bool(sketch[i]), int(nominal[i]) or n + 1, i))

    def group_of(self, i: int) -> Ints:
        """The alternatives that one is compared with, itself among them."""
        return next(alike for alike in self.places.groups if i in alike)


@dataclass(frozen=True)
class RouteOptions:
    """What a comparison is asked for beside its file. layers: ids to use, None = all installed; weights, unit_costs:
    YAML files; width_m: of the strip, None = the usual corridor; progress: told what is done, and the share done"""

    layers: Sequence[str] | None = None
    weights: Path | None = None
    unit_costs: Path | None = None
    width_m: float | None = None
    progress: Progress = field(default=lambda label, share: None)


def compare_routes(path: Path, options: RouteOptions | None = None) -> RouteComparison:
    """Compare the alternatives in a GeoJSON file.

    raises: PortfolioError for a file that cannot be used; UsageError, DefinitionError for options that cannot;
    LayerError, LicenceError for a layer that cannot or may not be used
    """
    asked = options or RouteOptions()
    if asked.width_m is not None and not 0 < asked.width_m <= WIDEST_M:
        raise UsageError("routes.bad_width", value=f"{asked.width_m:g}", most=f"{WIDEST_M:g}")
    weights, weights_sha256 = read_option(Weights, asked.weights)
    costs, costs_sha256 = read_option(UnitCosts, asked.unit_costs)
    asked.progress(said("routes.reading", name=path.name), 0.0)
    file = read_routes(path)
    places = _placed(file, asked)
    criteria = _measured(places, costs, asked.progress)
    infos: dict[str, DataInfo] = {name: layer.info for name, layer in places.layers.items()}
    infos |= {name: raster.info for name, raster in places.rasters.items()}
    with_what = {"weights": weights_sha256, "unit_costs": costs_sha256, "width_m": f"{places.width_m:g}"}
    origin = route_provenance(file, {name: one for name, one in with_what.items() if one}, infos)
    return _compared(file, criteria, places, (weights, costs, asked.width_m is None), origin)


def _placed(file: RouteFile, asked: RouteOptions) -> RoutePlaces:
    from greensilk.appraisal.dossier import open_layers
    from greensilk.screening.readiness import is_ready, make_ready

    asked.progress(said("appraisal.opening_layers"), 0.0)
    layers, rasters = open_layers(asked.layers)
    if not is_ready():
        preparing = said("appraisal.compiling")
        make_ready(lambda share: asked.progress(preparing, share))
    return RoutePlaces(
        tuple(as_measured(one) for one in file.alignments), asked.width_m or usual_width_m(), layers, rasters
    )


def _measured(places: RoutePlaces, costs: UnitCosts | None, tell: Progress) -> tuple[Measured, ...]:
    steps: tuple[Callable[[], Iterator[Measured]], ...] = (
        lambda: line_measures(places, costs),
        lambda: area_measures(places),
        lambda: crossing_measures(places),
        lambda: land_measures(places),
        lambda: people_measures(places),
        lambda: border_measures(places),
    )
    found: list[Measured] = []
    measuring = said("routes.measuring", count=len(places))
    for done, step in enumerate(steps):
        tell(measuring, done / len(steps))
        found += step()
    return tuple(of_what_is_drawn(one, places) for one in found)


def _compared(
    file: RouteFile,
    criteria: tuple[Measured, ...],
    places: RoutePlaces,
    said_by_user: tuple[Weights | None, UnitCosts | None, bool],
    origin: Provenance,
) -> RouteComparison:
    stated, costs, width_assumed = said_by_user
    matrix, left_out = _matrix(criteria, places, stated)
    ids = tuple(matrix)
    values = np.column_stack([matrix[name] for name in ids]) if ids else np.empty((len(places), 0))
    given = {name: stated.weights[name] if stated else 1.0 for name in ids}
    total = sum(given.values()) or 1.0
    weights = np.array([given[name] for name in ids])
    standing, by, perhaps_by = _stood((ids, values), criteria, places)
    return RouteComparison(
        file=file,
        criteria=criteria,
        compared=ids,
        left_out=left_out,
        weights={name: one / total for name, one in given.items()},
        stated_weights=stated,
        unused_weights=tuple(name for name in stated.weights if name not in matrix) if stated else (),
        costs=costs,
        standings=standing,
        outdone_by=by,
        perhaps_by=perhaps_by,
        ranking=_ranked((ids, values, weights), criteria, places) if ids else None,
        places=places,
        width_assumed=width_assumed,
        on=dt.date.today(),
        layers={name: layer.info for name, layer in places.layers.items()},
        provenance=origin,
    )


def _stood(
    compared: tuple[Sequence[str], Floats], criteria: tuple[Measured, ...], places: RoutePlaces
) -> tuple[tuple[Standing, ...], Others, Others]:
    """Standings, who outdoes each, and who would on what is known of both, of lines and of sketches apart."""
    ids, values = compared
    standing: list[Standing] = ["front"] * len(places)
    by: list[tuple[int, ...]] = [()] * len(places)
    perhaps_by = by.copy()
    for alike in places.groups:
        margin = _margins(ids, criteria, bool(places.sketch[alike[0]]))
        among = values[alike]
        if_known = outdone(among, margin, as_known=True)
        rows = zip(alike.tolist(), standings(among, margin), outdone(among, margin), if_known, strict=True)
        for i, found, row, perhaps in rows:
            standing[i], by[i], perhaps_by[i] = found, tuple(alike[row].tolist()), tuple(alike[perhaps].tolist())
    return tuple(standing), tuple(by), tuple(perhaps_by)


def _margins(ids: Sequence[str], criteria: tuple[Measured, ...], sketch: bool) -> Floats:
    """(ids,) differences that prove nothing; the length of a sketch is no better known than where it lies."""
    found = {one.id: one.criterion.margin for one in criteria}
    if sketch:
        found["length"] = max(found["length"], route_criteria().sketch_accuracy_m)
    return np.array([found[name] for name in ids])


def _ranked(
    compared: tuple[Sequence[str], Floats, Floats], criteria: tuple[Measured, ...], places: RoutePlaces
) -> Ranking:
    """Ranks of lines among lines and of sketches among sketches; one that is alone has none."""
    (ids, values, weights), n = compared, len(places)
    nominal, low, high = (np.zeros(n, dtype=np.int64) for _ in range(3))
    shares, score, unknown = np.full((n, n), np.nan), np.full(n, np.nan), np.zeros(n)
    for alike in places.groups:
        known = np.flatnonzero(~np.isnan(values[alike]).all(axis=0))
        if len(alike) < 2 or not len(known):
            continue
        margin = _margins(ids, criteria, bool(places.sketch[alike[0]]))[known]
        found = ranking(values[np.ix_(alike, known)], weights[known], margin, DRAWS, SEED)
        nominal[alike], low[alike], high[alike] = found.nominal, found.low, found.high
        shares[np.ix_(alike, np.arange(len(alike)))] = found.shares
        score[alike], unknown[alike] = found.score, found.unknown
    return Ranking(nominal, low, high, shares, score, unknown)


def _matrix(
    criteria: tuple[Measured, ...], places: RoutePlaces, stated: Weights | None
) -> tuple[dict[str, Floats], dict[str, Label]]:
    """What is compared: id -> (n,) values, NaN where they may not be; and why other criteria are left out."""
    if stated is not None:
        may = [one.id for one in criteria if one.criterion.coarsest is not None]
        wrong = sorted(set(stated.weights) - set(may))
        if wrong:
            raise UsageError("routes.bad_weight", name=", ".join(wrong)[:200], known=", ".join(may))
    matrix: dict[str, Floats] = {}
    left_out: dict[str, Label] = {}
    for one in criteria:
        if one.criterion.coarsest is None:
            continue
        usable = comparable(one, places)
        if stated is not None and one.id not in stated.weights:
            left_out[one.id] = said("routes.out_not_weighted")
        elif one.criterion.per == "layer" and one.part not in places.layers:
            left_out[one.id] = said("facts.no_layer")  # another layer may show for some that there is none
        elif usable.any():
            matrix[one.id] = np.where(usable, _plainer(one), np.nan)
        else:
            left_out[one.id] = said("routes.out_bounds" if one.column.known.any() else "routes.out_unknown")
    return matrix, left_out


def _plainer(one: Measured) -> Floats:
    """(n,) values without digits that come from how a line is cut into segments."""
    step = one.criterion.margin / STEPS_A_MARGIN
    return np.round(one.values / step) * step if step else one.values
