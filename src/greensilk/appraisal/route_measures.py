"""Every criterion measured for every alternative, by what `screen` measures with; each value with its origin.

Where the kinds of segments are not stated all counts as surface, so that a take is at most what is told; where a layer
is not complete, or holds named places only, a number is at least what is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.appraisal.route_options import RouteCriterion, UnitCosts, route_criteria
from greensilk.appraisal.route_places import Bools, RoutePlaces
from greensilk.catalogue.bundle import bundle_index, countries
from greensilk.facts import FactColumn, Origin
from greensilk.geometry.arrays import Floats
from greensilk.geometry.containment import containing
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.geodesy import DEG, SEMI_MAJOR_M, distance_m, length_m
from greensilk.geometry.routes import crossings
from greensilk.records import Label, Support
from greensilk.routes.alignments import KINDS, NOT_STATED, SegmentKind, lines_of
from greensilk.screening.detailed_rasters import POPULATION, population_facts
from greensilk.screening.origins import Detail, measures, numbers, origin
from greensilk.screening.place_facts import place_facts

if TYPE_CHECKING:
    from greensilk.catalogue.layers import Layer

Bounds = NDArray[np.int8]
LEAST, EXACT, MOST, ROUGH = 1, 0, -1, 2
A_MEAN = "ruggedness"  # what is not drawn may raise or lower it
ALTERNATIVES, UNIT_COSTS = "alternatives", "unit_costs"  # data sets that a user brings
RIVERS, ROADS = "rivers_detailed", "osm_main_roads"
METRES_A_KM = 1_000.0
METRES_A_DEGREE = SEMI_MAJOR_M * DEG  # along the equator
BORDER_STEP_DEG = 0.005  # between places along a line of which the country is looked up


@dataclass(frozen=True)
class Measured:
    """One criterion of all alternatives.

    part: the layer or kind of segment it is of, "" for none; bounds: (n,) LEAST where the value is at least, MOST where
    it is at most what is told, ROUGH where it may be either; resolution_m: of the raster it comes from
    """

    id: str
    criterion: RouteCriterion
    part: str
    label: Label
    unit: str
    column: FactColumn
    bounds: Bounds
    resolution_m: float | None = None

    @property
    def values(self) -> Floats:
        """(n,) NaN where unknown."""
        return self.column.values.cast(pl.Float64).fill_null(float("nan")).to_numpy()

    def reason(self, i: int) -> str | None:
        """Why a value is unknown, as a key in texts/facts or texts/routes."""
        return None if self.column.reasons is None else self.column.reasons[i]


@dataclass(frozen=True)
class Found:
    """Values before they are of a criterion. reason: where NaN; bounds: see Measured"""

    values: Floats
    origin: Origin
    detail: Detail = field(default_factory=Detail)
    bounds: Bounds | None = None
    resolution_m: float | None = None


def measured(criterion: str, found: Found, part: tuple[str, Label] | None = None, unit: str | None = None) -> Measured:
    """Values as a criterion. part: id and label of the layer or kind"""
    defined = route_criteria().named(criterion)
    name = defined.id if part is None else f"{defined.id}_{part[0]}"
    label = defined.label
    if part is not None:
        filled = {defined.per: part[1]}
        label = Label(**{lang: label.within(lang).format(**{k: v.within(lang) for k, v in filled.items()})
                         for lang in ("en", "zh")})  # fmt: skip
    column = numbers(name, found.values, found.origin, found.detail)
    bounds = np.zeros(len(found.values), np.int8) if found.bounds is None else found.bounds
    return Measured(
        name, defined, part[0] if part else "", label, unit or defined.unit, column, bounds, found.resolution_m
    )


def given(method: str) -> Origin:
    """The origin of what is measured of the lines alone."""
    return replace(origin("project_geometry", version=""), dataset=ALTERNATIVES, method=method)


def line_measures(routes: RoutePlaces, costs: UnitCosts | None) -> Iterator[Measured]:
    """Length, lengths by kind, tunnel mouths and cost."""
    yield measured("length", Found(length_m(routes.whole), given("length"), Detail(accuracy_m=routes.accuracy_m)))
    by_kind: dict[SegmentKind, Floats] = {kind: length_m(lines_of(routes.alignments, kind)) for kind in KINDS}
    for kind, metres in by_kind.items():
        known = routes.states_kinds | (metres > 0) | (kind == NOT_STATED)
        bounds = np.where(routes.states_kinds | (kind == NOT_STATED), EXACT, LEAST).astype(np.int8)
        found = Found(np.where(known, metres, np.nan), given("length"), Detail("kind_not_stated"), bounds)
        yield measured("length_of", found, (kind, route_criteria().kinds[kind]))
    mouths = np.array([2.0 * len(shapely.get_parts(one)) for one in routes.tunnels])
    found = Found(np.where(routes.states_kinds, mouths, np.nan), given("length"), Detail("kind_not_stated"))
    yield measured("tunnel_mouths", found)
    yield _cost(routes, costs, by_kind)


def _cost(routes: RoutePlaces, costs: UnitCosts | None, by_kind: Mapping[SegmentKind, Floats]) -> Measured:
    total = np.full(len(routes), np.nan)
    reason = np.full(len(routes), "no_unit_costs", dtype=object)
    if costs is not None:
        total[:] = 0.0
        for kind, metres in by_kind.items():
            amount = costs.per_km.get(kind)
            lacking = (metres > 0) & (amount is None)
            reason[lacking] = "kind_not_stated" if kind == NOT_STATED else "no_unit_cost_of_kind"
            total += np.where(lacking, np.nan, metres / METRES_A_KM * (amount or 0.0))
    version = "" if costs is None else str(costs.year)
    of = Origin(UNIT_COSTS, version, Support.FEATURE, "cost", confirmed=False)
    unit = None if costs is None else f"{costs.currency} ({costs.year})"
    return measured("cost", Found(total, of, Detail(reason)), unit=unit)


def crossing_measures(routes: RoutePlaces) -> Iterator[Measured]:
    """Rivers and roads crossed outside tunnels."""
    yield river_crossings(routes)
    yield measured("road_crossings", _crossed(routes, ROADS, "no_roads_layer"))


def river_crossings(routes: RoutePlaces) -> Measured:
    """Rivers of the detailed layer crossed outside tunnels; never from the shipped ones."""
    return measured("river_crossings", _crossed(routes, RIVERS, "needs_detail"))


def _crossed(routes: RoutePlaces, layer_id: str, why: str) -> Found:
    """How often (n,) lines meet features of a layer; those that meet at one place are met once."""
    layer = routes.layers.get(layer_id)
    if layer is None:
        return Found(np.full(len(routes), np.nan), _crossing_origin(layer_id, None), Detail(why))
    count = np.zeros(len(routes))
    box = shapely.total_bounds(routes.whole)
    parts, _ = layer.features.parts_within(*box)
    if len(parts):
        # As one feature: two reaches that join under a bridge are one river.
        together = np.full(1, None, dtype=object)
        together[0] = shapely.GeometryCollection(list(parts))
        line, _, entered, _ = crossings(FeatureSet.from_geometries(together), routes.surface)
        np.add.at(count, line, entered)
    complete = routes.is_complete(layer)
    count[(count == 0) & ~complete] = np.nan
    bounds = bounds_of(routes, count, complete)
    accuracy_m = routes.accuracy_m + (layer.info.accuracy_m or measures().default_layer_accuracy_m)
    return Found(count, _crossing_origin(layer_id, layer), Detail("no_coverage", accuracy_m=accuracy_m), bounds)


def _crossing_origin(layer_id: str, layer: Layer | None) -> Origin:
    version = "" if layer is None else layer.info.version
    return replace(origin("distance_river", version=version, dataset=layer_id), method="crossings")


def people_measures(routes: RoutePlaces) -> Iterator[Measured]:
    """People of the population grid, and those of named places, within 1 km of the strip."""
    raster = routes.rasters.get(POPULATION)
    column = next(iter(population_facts(raster, routes.sites)))
    resolution = None if raster is None else raster.info.step_deg * METRES_A_DEGREE
    people = column.values.cast(pl.Float64).fill_null(0.0).to_numpy()
    yield _as_measured("population_within_1km", column, bounds_of(routes, people), resolution)
    column = next(one for one in place_facts(routes.sites) if one.name == "people_within_1km")
    yield _as_measured("people_within_1km", column, np.full(len(routes), LEAST, np.int8))


def _as_measured(criterion: str, column: FactColumn, bounds: Bounds, resolution_m: float | None = None) -> Measured:
    defined = route_criteria().named(criterion)
    return Measured(criterion, defined, "", defined.label, defined.unit, column, bounds, resolution_m)


def border_measures(routes: RoutePlaces) -> Iterator[Measured]:
    """Countries entered after the first; a line in pieces is looked at piece by piece."""
    outlines_m = bundle_index()["countries"].accuracy_m or measures().border_tolerance_m
    tolerance_m = routes.accuracy_m + outlines_m
    count = [
        float(sum(_entries(run, off_m) for run in shapely.get_parts(line)))
        for line, off_m in zip(routes.whole, tolerance_m, strict=True)
    ]
    yield measured("border_crossings", Found(np.array(count), origin("country"), Detail(accuracy_m=tolerance_m)))


def _entries(run: shapely.LineString, tolerance_m: float) -> int:
    """How often a run comes into another country, where it stays there for more than the outlines are off.

    A line beside a border, or over a river that winds along one, would else cross it many times.
    """
    xy = shapely.get_coordinates(shapely.segmentize(run, BORDER_STEP_DEG))
    point, row = containing(countries().features, xy[:, 0], xy[:, 1])
    country = np.full(len(xy), -1)
    country[point] = row
    steps_m = distance_m(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])
    along_m = np.concatenate([[0.0], np.cumsum(steps_m)])
    first = np.flatnonzero(np.r_[True, np.diff(country) != 0])
    stay_m = np.diff(np.r_[along_m[first], along_m[-1]])
    sure = country[first][(stay_m > tolerance_m) & (country[first] >= 0)]
    return int((np.diff(sure) != 0).sum())


def bounds_of(routes: RoutePlaces, values: Floats, complete: Bools | None = None) -> Bounds:
    """(n,) what a take tells: of kinds not stated all counts as surface; a layer that is not complete shows a part.

    complete: (n,) where absence counts, None = everywhere
    """
    some = values > 0
    upper = some & ~routes.states_kinds
    lower = np.zeros(len(some), dtype=bool) if complete is None else some & ~complete
    return np.select([upper & lower, upper, lower], [ROUGH, MOST, LEAST], EXACT).astype(np.int8)


def of_what_is_drawn(one: Measured, routes: RoutePlaces) -> Measured:
    """The same, told as a part where an alternative has gaps: with a piece missing it would seem to take less."""
    part = np.where(one.bounds == MOST, ROUGH, np.where(one.bounds == EXACT, LEAST, one.bounds))
    part = np.full_like(part, ROUGH) if one.id == A_MEAN else part
    return replace(one, bounds=np.where(routes.is_whole, one.bounds, part).astype(np.int8))


def comparable(one: Measured, routes: RoutePlaces) -> Bools:
    """(n,) whether a value may be set beside others: fine enough, and no bound that others do not share."""
    coarsest = one.criterion.coarsest
    if coarsest is None:
        return np.zeros(len(routes), dtype=bool)
    fine = one.column.of_origin(lambda origin: origin.support <= coarsest)
    shared = (one.bounds == EXACT) | ((one.bounds == MOST) & ~routes.mixed)
    return np.asarray(fine & shared & one.column.known)
