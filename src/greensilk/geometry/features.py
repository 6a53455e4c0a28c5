"""Features of a layer, and footprints: shapes ready to be searched, and what is known of each feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from greensilk.geometry.arrays import Floats, Geometries, Ints, spans, starts
from greensilk.geometry.outlines import POINT, Outlines, outlines_of, point_outlines
from greensilk.geometry.shapes import Shapes, sealed, shapes_of, to_units

if TYPE_CHECKING:
    from greensilk.geometry.union import Union

GeometryKind = Literal["point", "line", "polygon"]

KINDS: tuple[GeometryKind, ...] = ("point", "line", "polygon")


@dataclass(frozen=True)
class FeatureSet:
    """Features of one layer, or footprints.

    shapes: what is measured; shape_of: (n,) index of the shape of each feature, -1 for none (exact duplicates share
    one); names, ids: (n,); accuracy_m: (n,) positional accuracy, NaN where unknown; geometry_kind: polygon wins if
    mixed; stored_union: what the polygons cover, where it is known from before
    """

    shapes: Shapes
    shape_of: Ints
    names: Sequence[str | None]
    ids: Sequence[str]
    accuracy_m: Floats
    geometry_kind: GeometryKind
    stored_union: Union | None = None

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
        return cls.from_outlines(outlines_of(geometries), len(geometries), names, ids, accuracy_m)

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
        good = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        outlines = point_outlines(np.asarray(lon)[good], np.asarray(lat)[good], good)
        return cls.from_outlines(outlines, len(lon), names, ids, accuracy_m)

    @classmethod
    def from_outlines(
        cls,
        outlines: Outlines,
        n: int,
        names: Sequence[str | None] | None = None,
        ids: Sequence[str] | None = None,
        accuracy_m: Floats | float | None = None,
    ) -> FeatureSet:
        """(n,) features from outlines whose owners are the features."""
        have = np.zeros(n, dtype=bool)
        have[outlines.owner] = True
        accuracy = np.full(n, np.nan) if accuracy_m is None else np.broadcast_to(np.asarray(accuracy_m, float), (n,))
        return cls(
            shapes=shapes_of(outlines),
            shape_of=np.where(have, np.arange(n), -1),
            names=tuple(names) if names is not None else (None,) * n,
            ids=tuple(ids) if ids is not None else tuple(map(str, range(n))),
            accuracy_m=accuracy,
            geometry_kind=KINDS[int(outlines.kind.max(initial=POINT))],
        )

    def __len__(self) -> int:
        return len(self.shape_of)

    @cached_property
    def shape_parts(self) -> tuple[Ints, Ints]:
        """(shapes + 1,) where the parts of each shape begin in the second array, and the parts shape by shape."""
        return _grouped(self.shapes.part_owner, int(self.shape_of.max(initial=-1)) + 1)

    @cached_property
    def shape_features(self) -> tuple[Ints, Ints]:
        """(shapes + 1,) where the features of each shape begin in the second array, and the features shape by shape."""
        have = np.flatnonzero(self.shape_of >= 0)
        start, order = _grouped(self.shape_of[have], int(self.shape_of.max(initial=-1)) + 1)
        return start, have[order]

    @cached_property
    def first_feature(self) -> Ints:
        """(shapes,) the first of the features that share each shape."""
        start, features = self.shape_features
        return features[start[:-1]]

    def pairs_of_shapes(self, item: Ints, shape: Ints) -> tuple[Ints, Ints]:
        """Pairs (item, shape), in any order and some twice -> pairs (item, feature), sorted, each once."""
        start, features = self.shape_features
        count = (start[1:] - start[:-1])[shape]
        pairs = np.sort(np.repeat(item, count) * len(self) + features[spans(start[shape], count)])
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        return pairs // max(len(self), 1), pairs % max(len(self), 1)

    @cached_property
    def union(self) -> Union:
        """What the polygons cover, each place once."""
        from greensilk.geometry.union import dissolved

        return self.stored_union or dissolved(self.shapes)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """From a pickle, which forgets that arrays are read-only: compiled functions know one make."""
        vars(self).update(state, shapes=sealed(state["shapes"]))

    @cached_property
    def known_as_points(self) -> FeatureSet:
        """The points among the parts, as features of their own."""
        outlines = self.shapes.outlines(np.flatnonzero(self.shapes.part_kind == POINT))
        count = len(outlines.kind)
        return FeatureSet.from_outlines(outlines._replace(owner=np.arange(count)), count)

    @cached_property
    def _parts_by_feature(self) -> tuple[Ints, Ints]:
        """Part and feature, feature by feature; a part of a shape that several share comes several times."""
        start, parts = self.shape_parts
        have = np.flatnonzero(self.shape_of >= 0)
        count = (start[1:] - start[:-1])[self.shape_of[have]]
        return parts[spans(start[self.shape_of[have]], count)], np.repeat(have, count)

    @cached_property
    def parts(self) -> Geometries:
        """(p,) the parts as shapely points, lines and polygons, feature by feature."""
        return self.shapes.outlines(self._parts_by_feature[0]).geometries()

    @cached_property
    def feature(self) -> Ints:
        """(p,) index of the feature that each of `parts` belongs to."""
        return self._parts_by_feature[1]

    def parts_within(self, west: float, south: float, east: float, north: float) -> tuple[Geometries, Ints]:
        """The parts whose boxes meet a box in degrees, feature by feature: shapely geometries, the feature of each."""
        low, high = to_units(np.array([west, south])), to_units(np.array([east, north]))
        box = self.shapes.part_box
        seen = np.flatnonzero((box[:, :2] <= high).all(axis=1) & (box[:, 2:] >= low).all(axis=1))
        start, features = self.shape_features
        shape = self.shapes.part_owner[seen]
        count = (start[1:] - start[:-1])[shape]
        parts = np.repeat(self.shapes.outlines(seen).geometries(), count)
        feature = features[spans(start[shape], count)]
        order = np.argsort(feature, kind="stable")
        return parts[order], feature[order]

    def with_parts(self, keep: Ints) -> FeatureSet:
        """The same features with only some of their parts."""
        order, feature = self._parts_by_feature
        outlines = self.shapes.outlines(order[keep])._replace(owner=feature[keep])
        return FeatureSet.from_outlines(outlines, len(self), self.names, self.ids, self.accuracy_m)

    def name_of(self, index: int) -> str | None:
        """The name of a feature, or its id where it has none; None for a negative index."""
        return None if index < 0 else self.names[index] or self.ids[index]


def _grouped(group: Ints, n: int) -> tuple[Ints, Ints]:
    """Indices sorted by group, in order within one, and where each of n groups begins."""
    order = np.argsort(group, kind="stable").astype(np.int64)
    return starts(np.bincount(group, minlength=n)), order
