"""Alternatives as places to measure: the strip each takes at the surface, its tunnels, the countries it lies in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.appraisal.route_options import route_criteria
from greensilk.geometry.arrays import Floats, Geometries, Ints
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.frames import split_at_antimeridian
from greensilk.geometry.rings import widened
from greensilk.project_types import project_types
from greensilk.routes.alignments import NOT_STATED, Alignment, Segment
from greensilk.routes.stretches import gaps_m, runs_of, tunnel_mouths
from greensilk.screening.countries_here import Countries, countries_of
from greensilk.screening.footprints import Sites
from greensilk.screening.origins import measures

if TYPE_CHECKING:
    from greensilk.catalogue.layers import Layer
    from greensilk.catalogue.raster_store import ImportedRaster

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class RoutePlaces:
    """Alternatives, (n,), and what they are measured against.

    alignments: of a sketch without its kinds; width_m: of the strip taken at the surface; layers, rasters: id -> opened
    """

    alignments: tuple[Alignment, ...]
    width_m: float
    layers: Mapping[str, Layer]
    rasters: Mapping[str, ImportedRaster]

    def __len__(self) -> int:
        return len(self.alignments)

    @cached_property
    def whole(self) -> Geometries:
        """(n,) all runs of each."""
        return runs_of(self.alignments)

    @cached_property
    def outside(self) -> Geometries:
        """(n,) what is not in a tunnel, as lines; empty where all is."""
        return runs_of(self.alignments, tunnels=False)

    @cached_property
    def surface(self) -> FeatureSet:
        """(n,) the same, to be measured."""
        return FeatureSet.from_geometries(self.outside)

    @cached_property
    def tunnels(self) -> Geometries:
        """(n,) what is in tunnels; empty where there are none, or kinds are not stated."""
        return runs_of(self.alignments, tunnels=True)

    @cached_property
    def states_kinds(self) -> Bools:
        """(n,) whether every segment says what it is."""
        return np.array([one.states_kinds for one in self.alignments], dtype=bool)

    @cached_property
    def sketch(self) -> Bools:
        """(n,) which are sketches; these and lines that are none are never set against each other."""
        return np.array([one.sketch for one in self.alignments], dtype=bool)

    @cached_property
    def mixed(self) -> Bools:
        """(n,) whether an alternative stands among some that state kinds and some that do not."""
        found = np.zeros(len(self), dtype=bool)
        for alike in self.groups:
            stated = self.states_kinds[alike]
            found[alike] = stated.any() and not stated.all()
        return found

    @cached_property
    def groups(self) -> list[Ints]:
        """The alternatives that are compared with each other: lines, and sketches."""
        return [alike for alike in (np.flatnonzero(~self.sketch), np.flatnonzero(self.sketch)) if len(alike)]

    @cached_property
    def gaps_m(self) -> Floats:
        """(n,) metres that are not drawn; NaN where an alternative is in too many pieces to tell."""
        return np.array([gaps_m(one) for one in self.alignments])

    @cached_property
    def is_whole(self) -> Bools:
        """(n,) whether no more is left undrawn than a difference in length that proves nothing."""
        return np.asarray(self.gaps_m <= route_criteria().named("length").margin)

    @cached_property
    def accuracy_m(self) -> Floats:
        """(n,) of where the lines lie."""
        drawn, sketch = measures().default_location_accuracy_m, route_criteria().sketch_accuracy_m
        return np.where(self.sketch, sketch, drawn)

    @cached_property
    def sites(self) -> Sites:
        """(n,) the strips taken at the surface: along all that is not in a tunnel, and around tunnel mouths."""
        given = np.full(len(self), None, dtype=object)
        for i, one in enumerate(self.alignments):
            taken = [self.outside[i], tunnel_mouths(one)]
            given[i] = shapely.GeometryCollection([part for part in taken if not part.is_empty])
        strips = widened(FeatureSet.from_geometries(given), np.full(len(self), self.width_m / 2))
        strips = np.where(shapely.is_missing(strips), given, split_at_antimeridian(strips))
        return _sites(strips, given, self.accuracy_m)

    @cached_property
    def with_tunnels(self) -> Ints:
        """Which alternatives have tunnels."""
        return np.flatnonzero(~shapely.is_empty(self.tunnels))

    @cached_property
    def tunnel_sites(self) -> Sites:
        """The tunnels of those that have any, as lines."""
        lines = self.tunnels[self.with_tunnels]
        return _sites(lines, lines, self.accuracy_m[self.with_tunnels])

    @cached_property
    def where(self) -> Countries:
        """Countries about the strips."""
        return countries_of(self.sites)

    def is_complete(self, layer: Layer) -> Bools:
        """(n,) whether absence counts in all countries that the strip touches."""
        status = layer.info.coverage_in
        whole = [all(status(code).status == "complete" for code in codes or {"*"}) for codes in self.where.codes_inside]
        return np.array(whole, dtype=bool)


def as_measured(alignment: Alignment) -> Alignment:
    """The alignment, of a sketch without the kinds of its segments: they come from ground that is not the real one."""
    if not alignment.sketch:
        return alignment
    return replace(alignment, segments=tuple(Segment(NOT_STATED, one.line) for one in alignment.segments))


def _sites(geometry: Geometries, given: Geometries, accuracy_m: Floats) -> Sites:
    n = len(geometry)
    none = np.zeros(n, dtype=bool)
    return Sites(geometry, given, accuracy_m, none, np.arange(n), none, np.zeros(n))


def usual_width_m() -> float:
    """Width of the strip where none is given: the usual corridor of the type of project that stands for a line."""
    width_m = project_types()[route_criteria().usual_type].corridor_width_m
    assert width_m is not None  # noqa: S101 - a line has one
    return width_m
