"""Layers that corridors keep out of or pay for: which ones, their shapes about the search, exact checks of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from greensilk.appraisal.provenance import DataUsed, data_used
from greensilk.catalogue.layer_records import LayerInfo, sensitive_layers
from greensilk.catalogue.layers import Layer, installed_layers, open_layer
from greensilk.errors import UsageError
from greensilk.geometry.arrays import Floats, Geometries
from greensilk.geometry.containment import containing
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.frames import shift, split_at_antimeridian
from greensilk.geometry.geodesy import DEG, project, unproject
from greensilk.geometry.overlap import touching
from greensilk.routes.grid import METRES_PER_DEGREE
from greensilk.routes.obstacles import Bools, Obstacles
from greensilk.routes.structures import structure_rules
from greensilk.routes.surface import Areas
from greensilk.screening.origins import measures

CIRCLE_QUARTER = 8  # edges of a quarter of a circle
OUTSIDE = 1 / np.cos(np.pi / (4 * CIRCLE_QUARTER))  # a polygon about a circle, not in it


@dataclass(frozen=True)
class Avoid:
    """How a layer is treated. cost: of a metre inside, in metres outside; None = it is not entered at all."""

    layer: str
    cost: float | None

    @property
    def shown(self) -> str:
        """As it is written in a command."""
        return f"{self.layer}:hard" if self.cost is None else f"{self.layer}:soft={self.cost:g}"


@dataclass(frozen=True)
class AvoidedLayer:
    """A layer with its treatment."""

    avoid: Avoid
    layer: Layer

    @property
    def info(self) -> LayerInfo:
        """What is known of the layer."""
        return self.layer.info

    @property
    def used(self) -> DataUsed:
        """What a run says of it."""
        return data_used(self.info.id, self.info)

    @property
    def accuracy_m(self) -> Floats:
        """(n,) how far each feature may be off."""
        default = self.info.accuracy_m or measures().default_layer_accuracy_m
        return np.where(np.isnan(self.layer.features.accuracy_m), default, self.layer.features.accuracy_m)


def avoided_layers(asked: Sequence[Avoid]) -> list[AvoidedLayer]:
    """The layers asked for, and every other imported layer of sensitive areas as a soft one.

    raises: UsageError if one is not imported, or named twice; LayerError, LicenceError as layers are opened
    """
    installed = installed_layers()
    named = {one.layer: one for one in asked}
    for name in named:
        if name not in installed:
            known = ", ".join(installed) or "-"
            raise UsageError("route_generation.unknown_layer", layer=name[:60], known=known)
    if len(named) < len(asked):
        twice = next(one.layer for one in asked if named[one.layer] is not one)
        raise UsageError("route_generation.layer_twice", layer=twice)
    definitions, cost = sensitive_layers(), structure_rules().soft_layer_cost
    usual = [name for name in installed if name in definitions and definitions[name].group != "context"]
    treated = named | {name: Avoid(name, cost) for name in usual if name not in named}
    return [AvoidedLayer(one, open_layer(name)) for name, one in sorted(treated.items())]


def areas_of(layers: Sequence[AvoidedLayer], window: tuple[float, float, float, float]) -> Areas:
    """The shapes of layers that meet a window, in its longitudes.

    window: west, south, east, north in degrees, longitudes running on over ±180
    """
    hard = [shapes_in(one, window) for one in layers if one.avoid.cost is None]
    soft = [(shapes_in(one, window), one.avoid.cost) for one in layers if one.avoid.cost is not None]
    return Areas(
        Obstacles(np.concatenate([np.empty(0, dtype=object), *hard])),
        tuple((Obstacles(shapes), cost) for shapes, cost in soft if len(shapes)),
    )


def shapes_in(one: AvoidedLayer, window: tuple[float, float, float, float]) -> Geometries:
    """Polygons of a layer, and its points and lines with all that lies within their accuracy, about a window."""
    west, south, east, north = _wide(window, float(one.accuracy_m.max(initial=1.0)) * OUTSIDE)
    found = [np.empty(0, dtype=object)]
    for turn in (-360.0, 0.0, 360.0):
        if west - turn > 180 or east - turn < -180:
            continue
        box = max(west - turn, -180.0), south, min(east - turn, 180.0), north
        parts, feature = one.layer.features.parts_within(*box)
        thin = shapely.get_dimensions(parts) < 2
        about = _about(parts[thin], one.accuracy_m[feature[thin]])
        parts = np.concatenate([parts, about])
        found.append(shift(parts, np.full(len(parts), turn)))
    return np.concatenate(found)


def _wide(window: tuple[float, float, float, float], reach_m: float) -> tuple[float, float, float, float]:
    """A window with all that lies within a reach of it: what is drawn as a point out there may come into it."""
    west, south, east, north = window
    more = reach_m / METRES_PER_DEGREE * 1.01  # a degree of latitude is shorter than that at the equator
    farthest = min(max(abs(south), abs(north)) + more, 89.0)
    aside = min(more / float(np.cos(farthest * DEG)), 180.0)
    return west - aside, south - more, east + aside, north + more


def _about(parts: Geometries, reach_m: Floats) -> Geometries:
    """All that lies within a reach of points and lines."""
    if not len(parts):
        return parts
    centres = shapely.get_coordinates(shapely.centroid(parts))
    flat = project(parts, centres[:, 0], centres[:, 1])
    wide = shapely.buffer(flat, np.maximum(reach_m, 1.0) * OUTSIDE, quad_segs=CIRCLE_QUARTER)
    return unproject(np.asarray(wide, dtype=object), centres[:, 0], centres[:, 1])


def barred_at(layers: Sequence[AvoidedLayer], place: Floats) -> str | None:
    """The hard layer that holds a place, with the name of its feature; None where none does."""
    lon = (place[:1] + 180) % 360 - 180
    for one in layers:
        if one.avoid.cost is None:
            inside = containing(one.layer.features, lon, place[1:])[1]
            if len(inside):
                return f"{one.info.id} ({one.layer.features.name_of(int(inside[0]))})"
            near = float(place[0]), float(place[1])
            if Obstacles(shapes_in(one, (*near, *near))).holding(place[:1], place[1:]).any():
                return one.info.id
    return None


def touched(layers: Sequence[AvoidedLayer], lines: Sequence[shapely.LineString]) -> Bools:
    """(n,) whether each line, its longitudes running on over ±180, touches a hard layer as it is stored."""
    found = np.zeros(len(lines), dtype=bool)
    if len(lines):
        made = FeatureSet.from_geometries(split_at_antimeridian(np.array(lines, dtype=object)))
        for one in layers:
            if one.avoid.cost is None:
                found[touching(one.layer.features, made)[0]] = True
    return found
