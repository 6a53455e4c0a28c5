"""Geometry made fit to measure: finite, in range, split at the antimeridian, valid. Every repair is told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.raw_table import Geometries
from greensilk.geometry.geodesy import area_m2

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Repaired:
    """(n,) lon/lat geometries, None where refused.

    refused: (n,) text key in texts/rejects.yaml, or None; mended: (n,) was invalid and was rebuilt; split: (n,) was cut
    at 180 degrees; reduced: (n,) held parts of several kinds, of which the widest kind was kept; added_m2: (n,)
    area that mending gave it beyond that of its rings as they were drawn, below 0 for less
    """

    geometry: Geometries
    refused: NDArray[np.object_]
    mended: Mask
    split: Mask
    reduced: Mask
    added_m2: NDArray[np.float64]


def repair(geometry: Geometries) -> Repaired:
    """(n,) lon/lat geometries, checked and mended; areas are kept, what cannot be mended is refused with its reason."""
    shapes = geometry.copy()
    refused = np.full(len(shapes), None, dtype=object)
    refused[shapely.is_missing(shapes)] = "missing_geometry"
    refused[~shapely.is_missing(shapes) & shapely.is_empty(shapes)] = "empty_geometry"
    _refuse_by_coordinates(shapes, refused)
    shapes[_is_set(refused)] = None
    split = _split_at_antimeridian(shapes, refused)
    drawn = shapes.copy()
    mended = _make_valid(shapes, refused)
    added_m2 = np.zeros(len(shapes))
    added_m2[mended] = area_m2(shapes[mended]) - area_m2(drawn[mended])
    reduced = _one_kind(shapes)
    shapes[_is_set(refused)] = None
    return Repaired(shapes, refused, mended, split, reduced, added_m2)


def _is_set(reasons: NDArray[np.object_]) -> Mask:
    return np.array([reason is not None for reason in reasons], dtype=bool)


def _refuse_by_coordinates(shapes: Geometries, refused: NDArray[np.object_]) -> None:
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    point = np.isin(shapely.get_type_id(shapes), (0, 4))
    limit = np.where(point[owner], 180.0, 360.0)  # wider shapes may run past 180 and are split there
    far = (np.abs(coordinates[:, 0]) > limit) | (np.abs(coordinates[:, 1]) > 90.0)
    finite = np.isfinite(coordinates).all(axis=1)
    for reason, wrong in (("out_of_range", far & finite), ("not_finite", ~finite)):
        refused[np.unique(owner[wrong])] = reason


def _split_at_antimeridian(shapes: Geometries, refused: NDArray[np.object_]) -> Mask:
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        wide = (bounds[:, 2] - bounds[:, 0] > 180.0) | (bounds[:, 0] < -180.0) | (bounds[:, 2] > 180.0)
    wide &= shapely.get_dimensions(shapes) > 0
    split = np.zeros(len(shapes), dtype=bool)
    for position in np.flatnonzero(wide):
        try:
            parts = list(shapely.get_parts(shapes[position]))
            turned = [_unwrapped(part) for part in parts]
            if all(part is None for part in turned):
                continue
            kept = [new or old for new, old in zip(turned, parts, strict=True)]
            shapes[position] = shapely.union_all([piece for part in kept for piece in _pieces(part)])
            split[position] = not shapes[position].is_empty
            if shapes[position].is_empty:
                raise ValueError("nothing is left of it")
        except (ValueError, shapely.errors.GEOSException):
            refused[position] = "invalid_geometry"
    return split


def _unwrapped(part: shapely.Geometry) -> shapely.Geometry | None:
    """A part whose line jumps by more than half the globe, or runs past 180, with continuous longitudes; else None.

    An edge of more than 180 degrees is taken the short way round, as on any map.
    """

    def unwrap(ring: NDArray[np.float64]) -> NDArray[np.float64]:
        step = np.diff(ring[:, 0])
        jump = np.where((np.abs(step) > 180.0) & (np.abs(step) < 360.0), -np.sign(step) * 360.0, 0.0)
        turned = ring.copy()
        turned[1:, 0] += np.cumsum(jump)
        return turned

    if part.geom_type == "LineString":
        turned = shapely.LineString(unwrap(shapely.get_coordinates(part)))
    elif part.geom_type == "Polygon":
        shell, *holes = [unwrap(shapely.get_coordinates(ring)) for ring in (part.exterior, *part.interiors)]
        if abs(shell[-1, 0] - shell[0, 0]) > 180.0:
            raise ValueError("the ring runs round a pole")
        middle = shell[:, 0].mean()
        turns = [round((middle - hole[:, 0].mean()) / 360.0) for hole in holes]
        moved = [np.add(hole, [360.0 * turn, 0.0]) for hole, turn in zip(holes, turns, strict=True)]
        turned = shapely.Polygon(shell, moved)
    else:
        return None
    west, _, east, _ = turned.bounds
    jumped = (west, east) != (part.bounds[0], part.bounds[2])
    return turned if jumped or west < -180.0 or east > 180.0 else None


@np.errstate(divide="ignore", invalid="ignore")  # a part thinner than the grid leaves nothing, and a warning
def _pieces(part: shapely.Geometry) -> list[shapely.Geometry]:
    part = part if shapely.is_valid(part) else shapely.make_valid(part, method="structure", keep_collapsed=False)
    pieces = []
    for turn in (-2, -1, 0, 1, 2):
        west = -180.0 + 360.0 * turn
        piece = shapely.intersection(part, shapely.box(west, -90.0, west + 360.0, 90.0), grid_size=1e-9)
        if not piece.is_empty and shapely.get_dimensions(piece) == shapely.get_dimensions(part):
            pieces.append(shapely.transform(piece, lambda xy, west=west: xy - [west + 180.0, 0.0]))
    return pieces


def _make_valid(shapes: Geometries, refused: NDArray[np.object_]) -> Mask:
    invalid: Mask = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    for position in np.flatnonzero(invalid):
        dimension = shapely.get_dimensions(shapes[position])
        try:
            made = shapely.make_valid(shapes[position], method="structure", keep_collapsed=False)
        except shapely.errors.GEOSException:
            made = None
        parts = [] if made is None or made.is_empty else shapely.get_parts(made)
        kept = [part for part in parts if shapely.get_dimensions(part) == dimension and not part.is_empty]
        whole = shapely.union_all(kept)  # of slivers it can be empty
        if whole.is_empty:
            refused[position] = "invalid_geometry"
            invalid[position] = False
        shapes[position] = None if whole.is_empty else whole
    return invalid


def _one_kind(shapes: Geometries) -> Mask:
    mixed: Mask = shapely.get_type_id(shapes) == 7
    for position in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapes[position])
        widest = shapely.get_dimensions(parts).max(initial=0)
        kept = parts[shapely.get_dimensions(parts) == widest]
        mixed[position] = len(kept) < len(parts)
        shapes[position] = shapely.union_all(kept)
    return mixed
