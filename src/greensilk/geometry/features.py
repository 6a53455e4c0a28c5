"""A layer's features as arrays: parts in lon/lat, which feature each belongs to, and small pieces under a tree.

Parts are single points, lines or polygons that do not cross the antimeridian. Pieces are parts cut small with their
long edges made short, so that a box in the tree is near what it holds and edges stay straight in any local plane.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import shapely

from greensilk.geometry.arrays import Floats, Geometries, Ints

GeometryKind = Literal["point", "line", "polygon"]

MAX_EDGE_DEG = 0.03  # a longer edge bends by more than 0.5 m between lon/lat and a local plane at 60°N
MAX_VERTICES = 64
LARGE_VERTICES = 3_000_000
FEW_PLACES = 16
MAX_SIDE_DEG = 2.0  # a wider piece of a polygon would be too wide for one plane
_KIND_OF_TYPE: dict[int, GeometryKind] = {0: "point", 1: "line", 2: "line", 3: "polygon"}


@dataclass(frozen=True)
class Pieces:
    """Small geometries. geometry: (k,) lon/lat; owner: (k,) index of what each was cut from."""

    geometry: Geometries
    owner: Ints

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the pieces by their boxes."""
        return shapely.STRtree(self.geometry)

    @cached_property
    def bounds(self) -> Floats:
        """(k, 4) west, south, east, north in degrees."""
        return np.asarray(shapely.bounds(self.geometry), dtype=np.float64).reshape(-1, 4)


@dataclass(frozen=True)
class FeatureSet:
    """Features of one layer.

    parts: (p,) shapely lon/lat in [-180, 180]; feature: (p,) index of the feature a part belongs to; names, ids: (n,);
    accuracy_m: (n,) positional accuracy, NaN where unknown; geometry_kind: polygon wins if mixed
    """

    parts: Geometries
    feature: Ints
    names: tuple[str | None, ...]
    ids: tuple[str, ...]
    accuracy_m: Floats
    geometry_kind: GeometryKind

    @classmethod
    def from_geometries(
        cls,
        geometries: Geometries,
        names: Sequence[str | None] | None = None,
        ids: Sequence[str] | None = None,
        accuracy_m: Floats | float | None = None,
    ) -> FeatureSet:
        """Features from (n,) lon/lat geometries of any kind; empty and missing ones become features without parts.

        geometries crossing the antimeridian must have been split at ±180 before
        """
        n = len(geometries)
        parts, feature = single_parts(geometries)
        kinds = {_KIND_OF_TYPE[int(code)] for code in np.unique(shapely.get_type_id(parts))}
        kind: GeometryKind = "polygon" if "polygon" in kinds else "line" if "line" in kinds else "point"
        accuracy = np.full(n, np.nan) if accuracy_m is None else np.broadcast_to(np.asarray(accuracy_m, float), (n,))
        return cls(
            parts=parts,
            feature=feature,
            names=tuple(names) if names is not None else (None,) * n,
            ids=tuple(ids) if ids is not None else tuple(map(str, range(n))),
            accuracy_m=accuracy,
            geometry_kind=kind,
        )

    @classmethod
    def from_points(
        cls,
        lon: Floats,
        lat: Floats,
        names: Sequence[str | None] | None = None,
        ids: Sequence[str] | None = None,
        accuracy_m: Floats | float | None = None,
    ) -> FeatureSet:
        """Point features from (n,) degrees; a point with a NaN is a feature without parts."""
        n = len(lon)
        good = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        accuracy = np.full(n, np.nan) if accuracy_m is None else np.broadcast_to(np.asarray(accuracy_m, float), (n,))
        return cls(
            parts=np.asarray(shapely.points(np.asarray(lon)[good], np.asarray(lat)[good]), dtype=object),
            feature=good,
            names=tuple(names) if names is not None else (None,) * n,
            ids=tuple(ids) if ids is not None else tuple(map(str, range(n))),
            accuracy_m=accuracy,
            geometry_kind="point",
        )

    @cached_property
    def is_large(self) -> bool:
        """Whether cutting every part small would cost more than doing so only around some places."""
        return int(shapely.get_num_coordinates(self.parts).sum()) > LARGE_VERTICES

    def around(self, geometries: Geometries) -> FeatureSet:
        """The features with only the parts whose boxes meet those of lon/lat geometries, in any frame.

        itself where its pieces are there already, or where cutting them all is cheap
        """
        if "pieces" in vars(self) or not (self.is_large or len(geometries) <= FEW_PLACES):
            return self
        west, south, east, north = np.asarray(shapely.bounds(geometries)).reshape(-1, 4).T
        turned = [shapely.box(west + turn, south, east + turn, north) for turn in (-360.0, 0.0, 360.0)]
        return self.with_parts(np.unique(self.part_tree.query(np.concatenate(turned))[1]))

    def with_parts(self, keep: Ints) -> FeatureSet:
        """The same features with only some of their parts."""
        return replace(self, parts=self.parts[keep], feature=self.feature[keep])

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def pieces(self) -> Pieces:
        """The parts cut small; owner is the feature."""
        small = cut_small(self.parts)
        return Pieces(small.geometry, self.feature[small.owner])

    @cached_property
    def part_tree(self) -> shapely.STRtree:
        """Index of the whole parts."""
        return shapely.STRtree(self.parts)

    def name_of(self, index: int) -> str | None:
        """The name of a feature, or its id where it has none; None for a negative index."""
        return None if index < 0 else self.names[index] or self.ids[index]


def single_parts(geometries: Geometries) -> tuple[Geometries, Ints]:
    """(n,) geometries taken apart into points, lines and polygons, with the index of the geometry each came from."""
    parts, owner = np.asarray(geometries, dtype=object), np.arange(len(geometries), dtype=np.int64)
    while len(parts):
        inner, index = shapely.get_parts(parts, return_index=True)
        owner = owner[index]
        same = len(inner) == len(parts)
        parts = inner
        if same and not (shapely.get_type_id(parts) > 3).any():
            break
    keep = ~shapely.is_empty(parts)
    return parts[keep], owner[keep].astype(np.int64)


def cut_small(parts: Geometries, max_vertices: int = MAX_VERTICES, max_edge_deg: float = MAX_EDGE_DEG) -> Pieces:
    """Single parts cut into pieces of few vertices with short edges; their union is unchanged."""
    done: list[Geometries] = []
    owners: list[Ints] = []
    index = np.arange(len(parts), dtype=np.int64)
    types = shapely.get_type_id(parts)
    done.append(parts[types == 0])
    owners.append(index[types == 0])
    lines = types == 1
    cut, owner = _cut_lines(shapely.segmentize(parts[lines], max_edge_deg), max_vertices)
    done.append(cut)
    owners.append(index[lines][owner])
    other = (types == 2) | (types == 3)
    cut, owner = _cut_polygons(parts[other], max_vertices, max_edge_deg)
    done.append(cut)
    owners.append(index[other][owner])
    return Pieces(np.concatenate(done), np.concatenate(owners))


def _cut_lines(lines: Geometries, max_vertices: int) -> tuple[Geometries, Ints]:
    """Each line in runs of `max_vertices`, one vertex shared by neighbours."""
    if not len(lines):
        return lines, np.empty(0, dtype=np.int64)
    coords, line = shapely.get_coordinates(lines, return_index=True)
    counts = np.bincount(line, minlength=len(lines))
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    step = max_vertices - 1
    runs = np.maximum(1, -(-(counts - 1) // step))
    owner = np.repeat(np.arange(len(lines)), runs)
    run = np.arange(len(owner)) - np.repeat(np.cumsum(runs) - runs, runs)
    start = first[owner] + run * step
    size = np.minimum(step, first[owner] + counts[owner] - 1 - start) + 1
    where = np.repeat(start - (np.cumsum(size) - size), size) + np.arange(size.sum())
    cut = shapely.linestrings(coords[where], indices=np.repeat(np.arange(len(owner)), size))
    return np.asarray(cut), owner.astype(np.int64)


def _cut_polygons(polygons: Geometries, max_vertices: int, max_edge_deg: float) -> tuple[Geometries, Ints]:
    """Polygons halved along their longer side until small."""
    queue, owner = polygons, np.arange(len(polygons), dtype=np.int64)
    done: list[Geometries] = [polygons[:0]]
    owners: list[Ints] = [owner[:0]]
    for _ in range(40):
        bounds = np.asarray(shapely.bounds(queue)).reshape(-1, 4)
        wide = (bounds[:, 2:] - bounds[:, :2]).max(axis=1) > MAX_SIDE_DEG
        big = (shapely.get_num_coordinates(queue) > max_vertices) | wide
        done.append(queue[~big])
        owners.append(owner[~big])
        queue, owner = queue[big], owner[big]
        if not len(queue):
            break
        queue, owner = _halve(queue, owner)
    done.append(queue)  # what forty halvings cannot make small is kept whole
    owners.append(owner)
    return shapely.segmentize(np.concatenate(done), max_edge_deg), np.concatenate(owners)


def _two(polygon: shapely.Geometry, first: Floats, second: Floats) -> tuple[shapely.Geometry, shapely.Geometry]:
    """The polygon within two boxes: the quick way where that gives valid polygons of the right area."""
    halves = shapely.clip_by_rect(polygon, *first), shapely.clip_by_rect(polygon, *second)
    area = shapely.area(polygon)
    if all(map(shapely.is_valid, halves)) and abs(shapely.area(halves).sum() - area) <= 1e-12 * area:
        return halves
    return shapely.intersection(polygon, shapely.box(*first)), shapely.intersection(polygon, shapely.box(*second))


def _halve(polygons: Geometries, owner: Ints) -> tuple[Geometries, Ints]:
    west, south, east, north = shapely.bounds(polygons).T
    wide = (east - west) >= (north - south)
    x, y = (west + east) / 2, (south + north) / 2
    first = np.column_stack([west, south, np.where(wide, x, east), np.where(wide, north, y)])
    second = np.column_stack([np.where(wide, x, west), np.where(wide, south, y), east, north])
    halves = np.empty(2 * len(polygons), dtype=object)
    for i, polygon in enumerate(polygons):
        halves[i], halves[i + len(polygons)] = _two(polygon, first[i], second[i])
    parts, index = shapely.get_parts(halves, return_index=True)
    keep = shapely.get_dimensions(parts) == 2
    return parts[keep], np.concatenate([owner, owner])[index[keep]]
