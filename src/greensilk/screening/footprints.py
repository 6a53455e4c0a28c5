"""Places to measure: the different footprints of a portfolio, each once, as they count on the ground.

A point with a radius counts as a disc, a line with a corridor as a strip, a drawn reservoir with what it belongs to. A
footprint far too big for its type (an administrative area) stands only for its country: nothing else is measured of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.geometry.arrays import Floats, Geometries, Ints
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.frames import framed, split_at_antimeridian, wrapped
from greensilk.geometry.geodesy import area_m2, length_m
from greensilk.geometry.rings import widened, zones
from greensilk.project_types import project_types
from greensilk.screening.model import Portfolio
from greensilk.screening.origins import measures
from greensilk.vocabulary import vocabulary

SQUARE_METRES_PER_KM2 = 1e6
BESIDE_RESERVOIR_M = 1.0  # a bare point or line beside its reservoir becomes an area too, so that all is of one kind


@dataclass(frozen=True)
class Sites:
    """Different footprints. geometry: (n,) as they count, split at ±180; given: (n,) as given; accuracy_m: (n,) of the
    location; administrative: (n,); site_of: (projects,) index of each project's site, -1 where it has none; assumed:
    (n,) a line that was given the usual corridor of its type; reach_m: (n,) how far beyond what is given the project
    may lie, its extent or reservoir not being given"""

    geometry: Geometries
    given: Geometries
    accuracy_m: Floats
    administrative: NDArray[np.bool_]
    site_of: Ints
    assumed: NDArray[np.bool_]
    reach_m: Floats

    def __len__(self) -> int:
        return len(self.accuracy_m)

    @cached_property
    def measured(self) -> Ints:
        """Indices of the sites that are measured: all but administrative areas."""
        return np.flatnonzero(~self.administrative)

    @cached_property
    def features(self) -> FeatureSet:
        """The footprints as they count."""
        return FeatureSet.from_geometries(self.geometry)

    @cached_property
    def measured_features(self) -> FeatureSet:
        """The footprints of the sites that are measured, renumbered."""
        return self.only(self.measured)

    @cached_property
    def frame(self) -> Geometries:
        """(n,) each footprint whole, in its own frame."""
        return framed(self.geometry)

    @cached_property
    def points(self) -> tuple[Floats, Floats]:
        """(n,) longitude and latitude of a point in or on each footprint."""
        inside = shapely.point_on_surface(framed(self.given))
        return wrapped(shapely.get_x(inside)), shapely.get_y(inside)

    @cached_property
    def is_point(self) -> NDArray[np.bool_]:
        """(n,) whether a footprint is a bare point."""
        return np.asarray(shapely.get_type_id(self.geometry) == 0)

    @cached_property
    def area_m2(self) -> Floats:
        """(n,) area of the footprint as it counts; 0 for a point or a bare line."""
        return area_m2(self.frame)

    @cached_property
    def length_m(self) -> Floats:
        """(n,) length of the given lines; 0 for points and polygons."""
        return length_m(framed(self.given))

    @cached_property
    def _zones(self) -> dict[float, Geometries]:
        radii = sorted({ring.outer_m for ring in vocabulary().rings.values() if ring.outer_m > 0})
        found: dict[float, Geometries] = {}
        for radius, zone in zip(radii, zones(self.measured_features, radii), strict=True):
            found[radius] = np.full(len(self), None, dtype=object)
            found[radius][self.measured] = zone
        return found

    @cached_property
    def _measured_frame(self) -> Geometries:
        frame = self.frame.copy()
        frame[self.administrative] = None
        return frame

    def zone(self, radius_m: float) -> Geometries:
        """(n,) zone within one of the vocabulary's ring distances, None where not measured or over a pole."""
        return self._zones[radius_m] if radius_m > 0 else self._measured_frame

    def only(self, index: Ints) -> FeatureSet:
        """The footprints of some sites, renumbered."""
        return FeatureSet.from_geometries(self.geometry[index])

    def some(self, index: Ints) -> Sites:
        """Some of the sites, with no projects."""
        return Sites(
            geometry=self.geometry[index],
            given=self.given[index],
            accuracy_m=self.accuracy_m[index],
            administrative=self.administrative[index],
            site_of=np.empty(0, dtype=np.int64),
            assumed=self.assumed[index],
            reach_m=self.reach_m[index],
        )


def sites_of(portfolio: Portfolio) -> Sites:
    """The different footprints of a portfolio."""
    projects = portfolio.projects
    radius = _radius(projects)
    accuracy = projects["location_accuracy_m"].fill_null(measures().default_location_accuracy_m).to_numpy()
    administrative = (projects["location_kind"] == "administrative_area").fill_null(False).to_numpy()
    administrative = administrative | _far_too_wide(portfolio.geometry)
    placed = ~shapely.is_missing(portfolio.geometry) & ~shapely.is_empty(portfolio.geometry)
    wkb = shapely.to_wkb(portfolio.geometry)
    reach = np.where(administrative, 0, _reach(portfolio))
    flooded = shapely.to_wkb(portfolio.reservoirs)
    assumed = (
        ((projects["location_kind"] == "line") & projects["corridor_width_m"].is_null()).fill_null(False).to_numpy()
    )
    alike = (wkb, flooded, radius, reach, accuracy, administrative, assumed)
    keys: dict[tuple[object, ...], int] = {}
    site_of, first = np.full(len(projects), -1), list[int]()
    for i in np.flatnonzero(placed):
        key = tuple(one[i] for one in alike)
        if key not in keys:
            keys[key] = len(first)
            first.append(int(i))
        site_of[i] = keys[key]
    chosen = np.array(first, dtype=np.int64)
    given = split_at_antimeridian(portfolio.geometry[chosen])
    geometry = _as_they_count(given, np.where(administrative, 0, radius)[chosen])
    reservoirs = portfolio.reservoirs.copy()
    reservoirs[administrative] = None
    geometry = _with_reservoirs(geometry, reservoirs[chosen])
    return Sites(geometry, given, accuracy[chosen], administrative[chosen], site_of, assumed[chosen], reach[chosen])


def _far_too_wide(geometry: Geometries) -> NDArray[np.bool_]:
    """(n,) polygons with a part that no footprint can be as wide as; a cable may."""
    parts, owner = shapely.get_parts(geometry, return_index=True)
    bounds = np.nan_to_num(np.asarray(shapely.bounds(parts)).reshape(-1, 4))
    wide = (bounds[:, 2:] - bounds[:, :2]).max(axis=1, initial=0) > measures().widest_footprint_deg
    found = np.zeros(len(geometry), dtype=bool)
    found[owner[wide & (shapely.get_dimensions(parts) == 2)]] = True
    return found


def _radius(projects: pl.DataFrame) -> Floats:
    """(n,) metres by which points and lines are widened: the radius, half the corridor, or half the type's corridor."""
    kinds = project_types()
    typical = {name: kind.corridor_width_m for name, kind in kinds.items()}
    corridor = projects["corridor_width_m"].fill_null(
        projects["type"].replace_strict(typical, default=None, return_dtype=pl.Float64)
    )
    line = projects["location_kind"] == "line"
    point = projects["location_kind"] == "point"
    return (
        pl.select(pl.when(point).then(projects["radius_m"]).when(line).then(corridor / 2).otherwise(0.0))
        .to_series()
        .fill_null(0.0)
        .to_numpy()
    )


def _reach(portfolio: Portfolio) -> Floats:
    """(n,) metres beyond what is given within which the project may lie.

    A bare point may be anywhere in the largest usual footprint of its type; a dam is where its reservoir is, which if
    not drawn may be anywhere within the reach of one.
    """
    projects = portfolio.projects
    usual = {
        name: float(np.sqrt(kind.typical_footprint_km2[1] * SQUARE_METRES_PER_KM2 / np.pi))
        for name, kind in project_types().items()
        if kind.typical_footprint_km2 is not None
    }
    extent = projects["type"].replace_strict(usual, default=0.0, return_dtype=pl.Float64).fill_null(0.0).to_numpy()
    bare = ((projects["location_kind"] == "point") & projects["radius_m"].is_null()).fill_null(False).to_numpy()
    dam = projects["type"].is_in(list(measures().power_density_types)).fill_null(False).to_numpy()
    outlined = (projects["location_kind"] == "polygon").fill_null(False).to_numpy()
    undrawn = dam & ~outlined & shapely.is_missing(portfolio.reservoirs)
    return np.where(undrawn, measures().undrawn_reservoir_reach_m, np.where(bare & ~dam, extent, 0.0))


def _with_reservoirs(geometry: Geometries, reservoirs: Geometries) -> Geometries:
    """The footprints with the reservoirs that belong to them."""
    drawn = ~shapely.is_missing(reservoirs) & ~shapely.is_empty(reservoirs)
    if not drawn.any():
        return geometry
    whole = framed(geometry)
    bare = np.flatnonzero(drawn & (area_m2(whole) == 0))
    beside = FeatureSet.from_geometries(split_at_antimeridian(whole[bare]))
    whole[bare] = widened(beside, np.full(len(bare), BESIDE_RESERVOIR_M))
    whole[drawn] = shapely.union(whole[drawn], reservoirs[drawn])
    return split_at_antimeridian(whole)


def _as_they_count(given: Geometries, radius_m: Floats) -> Geometries:
    wide = np.flatnonzero(radius_m > 0)
    if not len(wide):
        return given
    strips = widened(FeatureSet.from_geometries(given[wide]), radius_m[wide])
    geometry = given.copy()
    geometry[wide] = np.where(shapely.is_missing(strips), given[wide], split_at_antimeridian(strips))
    return geometry
