"""Lines against features: how often they enter, and how far they run inside."""

from __future__ import annotations

import numpy as np
import shapely

from greensilk.geometry.arrays import Floats, Ints, spans
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.geodesy import length_m
from greensilk.geometry.nearest import features_of
from greensilk.geometry.outlines import LINE
from greensilk.geometry.shapes import Shapes

_SAME_PLACE = 1e-9  # in edges: stretches that lie no farther apart are one
_SAME_LAT_DEG = 1e-9


def crossings(features: FeatureSet, lines: FeatureSet) -> tuple[Ints, Ints, Ints, Floats]:
    """How often lines enter features and how far they run inside them.

    returns: line, feature, count, metres inside, sorted by line and feature; a line that begins inside enters once; a
    feature that is a line or a point is entered at each place where it is crossed, over no length. Parts of other kinds
    than lines among `lines` are passed over
    """
    shapes = lines.shapes
    part, shape, ends = _stretches(features, shapes)
    part, shape, ends = _joined(part, shape, ends)
    metres = _metres(shapes, part, ends)
    line, pair = features_of(lines, shapes.part_owner[part])
    feature, again = features_of(features, shape[pair])
    line, pair = line[again], pair[again]
    keys, place, count = np.unique(line * len(features) + feature, return_inverse=True, return_counts=True)
    inside = np.bincount(place, weights=metres[pair], minlength=len(keys)).astype(np.float64)
    entered: Ints = count - _over_antimeridian(shapes, part[pair], ends[pair], place, len(keys))
    return keys // max(len(features), 1), keys % max(len(features), 1), entered, inside


def lengths_inside_m(features: FeatureSet, lines: FeatureSet) -> Floats:
    """(n,) metres of each line that lie in any feature, nothing counted twice; 0 for a line without a shape."""
    shapes = lines.shapes
    part, _, ends = _stretches(features, shapes)
    part, _, ends = _joined(part, np.zeros(len(part), dtype=np.int64), ends)
    count = int(lines.shape_of.max(initial=-1)) + 1
    inside = np.bincount(shapes.part_owner[part], weights=_metres(shapes, part, ends), minlength=count)
    return np.where(lines.shape_of >= 0, np.append(inside, 0.0)[lines.shape_of], 0.0)


def _stretches(features: FeatureSet, lines: Shapes) -> tuple[Ints, Ints, Floats]:
    """Line part, shape, and (m, 2) where along the part each stretch begins and ends."""
    from greensilk.geometry.kernel.routes import stretches
    from greensilk.geometry.kernel.touch import touching_parts

    part, other = touching_parts(features.shapes, lines)
    of_line = lines.part_kind[part] == LINE
    part, other = part[of_line], other[of_line]
    pair, ends = stretches(lines, part, features.shapes, other)
    return part[pair], features.shapes.part_owner[other[pair]], ends


def _joined(part: Ints, shape: Ints, ends: Floats) -> tuple[Ints, Ints, Floats]:
    """Stretches of one line part and one shape that overlap or follow each other made one."""
    if not len(part):
        return part, shape, ends
    order = np.lexsort((ends[:, 1], ends[:, 0], shape, part))
    part, shape, ends = part[order], shape[order], ends[order]
    new = np.ones(len(part), dtype=bool)
    new[1:] = (np.diff(part) != 0) | (np.diff(shape) != 0)
    # Ends of earlier groups lie far below: a running maximum never reaches over from one group to the next.
    far = (ends[:, 1].max() + 1) * np.cumsum(new)
    reached = np.maximum.accumulate(ends[:, 1] + far)
    new[1:] |= ends[1:, 0] + far[1:] > reached[:-1] + _SAME_PLACE
    first = np.flatnonzero(new)
    last = np.maximum.reduceat(ends[:, 1], first)
    return part[first], shape[first], np.column_stack([ends[first, 0], last])


def _metres(shapes: Shapes, part: Ints, ends: Floats) -> Floats:
    """(m,) geodesic lengths of stretches of line parts."""
    metres, long = np.zeros(len(part)), np.flatnonzero(ends[:, 1] > ends[:, 0])
    if not len(long):
        return metres
    part, ends = part[long], ends[long]
    first = shapes.ring_start[shapes.part_start[part]]
    low, high = np.floor(ends[:, 0]).astype(np.int64) + 1, np.ceil(ends[:, 1]).astype(np.int64)
    count = np.maximum(high - low, 0) + 2
    # Each stretch: its first place, the vertices between, its last place.
    step = spans(np.zeros(len(part), dtype=np.int64), count)
    owner = np.repeat(np.arange(len(part)), count)
    last = step == (count - 1)[owner]
    at = np.select([step == 0, last], [ends[owner, 0], ends[owner, 1]], (low - 1)[owner] + step)
    lon, lat = _places(shapes, first[owner], at)
    metres[long] = length_m(shapely.linestrings(np.column_stack([lon, lat]), indices=owner))
    return metres


def _places(shapes: Shapes, first: Ints, at: Floats) -> tuple[Floats, Floats]:
    """Degrees of places some edges along lines that begin at vertex `first`."""
    whole = np.floor(at).astype(np.int64)
    share = at - whole
    vertex = first + whole
    after = np.where(share > 0, vertex + 1, vertex)
    lon = shapes.lon[vertex] + (shapes.lon[after] - shapes.lon[vertex]) * share
    lat = shapes.lat[vertex] + (shapes.lat[after] - shapes.lat[vertex]) * share
    return lon, lat


def _over_antimeridian(shapes: Shapes, part: Ints, ends: Floats, group: Ints, n: int) -> Ints:
    """(n,) how many stretches of each group only go on, over the antimeridian, one that ends there."""
    first = shapes.ring_start[shapes.part_start[part]]
    sides: dict[float, set[tuple[int, float]]] = {-180.0: set(), 180.0: set()}
    for end in (0, 1):
        lon, lat = _places(shapes, first, ends[:, end])
        for side, seen in sides.items():
            there = np.flatnonzero(lon == side)
            seen.update(zip(group[there].tolist(), np.round(lat[there] / _SAME_LAT_DEG).tolist(), strict=True))
    both = sides[-180.0] & sides[180.0]
    return np.bincount(np.array([group for group, _ in both], dtype=np.int64), minlength=n).astype(np.int64)
