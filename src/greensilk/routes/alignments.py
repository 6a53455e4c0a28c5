"""Alignments of a line: segments of stated kinds, read from and written to GeoJSON mappings. Opens no file.

One feature is one segment, its alternative named in `alternative`; a feature without `segment` leaves the kind open,
and one without `alternative` stands alone. An alternative with a feature that cannot be used is rejected whole: with a
piece missing it would take less than it does.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import shapely

from greensilk.geometry.arrays import Geometries

SegmentKind = Literal["surface", "cut", "fill", "bridge", "tunnel", "portal", "unknown"]
KINDS: tuple[SegmentKind, ...] = get_args(SegmentKind)
NOT_STATED: SegmentKind = "unknown"
PROVENANCE = "greensilk"  # the foreign member that tells how a file was made
HELD_BACK = "not_to_be_handed_on"  # its entry that names data whose licence does not allow handing on what it gave
MOST_ALTERNATIVES = 1_000
MOST_FEATURES = 100_000
MOST_VERTICES = 2_000_000
MOST_CHARACTERS = 200  # of an id or a name
LONGEST_DEG = 720.0  # of one alternative, twice round the earth: farther is no line, and is long to measure
WIDEST_EDGE_DEG = 180.0  # an edge wider than that goes over the antimeridian, or is a mistake


@dataclass(frozen=True)
class Segment:
    """A stretch of one kind. line: longitude and latitude within ±180, drawn in the direction of the alignment."""

    kind: SegmentKind
    line: shapely.LineString


@dataclass(frozen=True)
class Alignment:
    """One alternative. segments: in their order along it; sketch: drawn without the terrain needed to build by it."""

    id: str
    name: str
    segments: tuple[Segment, ...]
    sketch: bool = False

    @property
    def states_kinds(self) -> bool:
        """Whether every segment says what it is."""
        return all(segment.kind != NOT_STATED for segment in self.segments)

    def of_kinds(self, *kinds: SegmentKind) -> shapely.MultiLineString:
        """The segments of some kinds as one geometry, empty where there are none."""
        return shapely.MultiLineString([segment.line for segment in self.segments if segment.kind in kinds])


@dataclass(frozen=True)
class Fault:
    """Why a feature, or the alternative it belongs to, is not read.

    feature: counted from 1; alternative: its id, "" where none is known; reason: key in texts/routes.yaml; value: what
    was found, shortened
    """

    feature: int
    alternative: str
    reason: str
    value: str = ""


@dataclass(frozen=True)
class ReadAlignments:
    """What a mapping holds. provenance: how its file was made, as it says itself; {} where it does not."""

    alignments: tuple[Alignment, ...]
    faults: tuple[Fault, ...]
    provenance: Mapping[str, Any]


@dataclass
class _Gathered:
    """An alternative while its features are read. stretches: where in the order, kind, lines."""

    name: str | None = None
    sketch: bool = False
    spoilt: bool = False
    stretches: list[tuple[float, SegmentKind, list[shapely.LineString]]] = field(default_factory=list)


class _Unusable(Exception):
    def __init__(self, reason: str, value: Any = "") -> None:
        super().__init__(reason)
        self.reason, self.value = reason, plain(value)


def alignments_of(content: Any) -> ReadAlignments:
    """The alignments in a GeoJSON FeatureCollection or Feature, and why others are not read.

    content: as parsed from JSON, of any make
    returns: alternatives in the order of their first feature; nothing but faults where it is no GeoJSON
    >>> line = {"type": "LineString", "coordinates": [[102.0, 18.0], [102.1, 18.2]]}
    >>> a = {"type": "Feature", "properties": {"alternative": "a", "segment": "tunnel"}, "geometry": line}
    >>> read = alignments_of({"type": "FeatureCollection", "features": [a, {**a, "geometry": None}]})
    >>> [fault.reason for fault in read.faults], read.alignments
    (['no_line', 'incomplete'], ())
    """
    features = _features(content)
    if features is None or len(features) > MOST_FEATURES:
        reason = "no_collection" if features is None else "too_many_features"
        return ReadAlignments((), (Fault(0, "", reason),), {})
    gathered: dict[str, _Gathered] = {}
    faults: list[Fault] = []
    vertices = 0
    for number, feature in enumerate(features, start=1):
        known = ""
        try:
            properties = _properties(feature)
            known = _id_of(feature, properties, number, gathered)
            one = gathered.setdefault(known, _Gathered())
            stretch = _stretch(properties, feature, number)
            vertices += sum(shapely.get_num_coordinates(line) for line in stretch[2])
            if vertices > MOST_VERTICES:
                raise _Unusable("too_many_vertices", MOST_VERTICES)
            one.name = one.name or plain(properties.get("name")) or None
            one.sketch |= properties.get("sketch") is True
            one.stretches.append(stretch)
        except _Unusable as error:
            if known in gathered and error.reason != "same_id":
                gathered[known].spoilt = True
            faults.append(Fault(number, known, error.reason, error.value))
    provenance = content.get(PROVENANCE)
    alignments, incomplete = _whole(gathered)
    return ReadAlignments(alignments, (*faults, *incomplete), provenance if isinstance(provenance, dict) else {})


def _whole(gathered: Mapping[str, _Gathered]) -> tuple[tuple[Alignment, ...], list[Fault]]:
    """The alternatives of which every feature could be read, no more than are compared."""
    made: list[Alignment] = []
    faults: list[Fault] = []
    for known, one in gathered.items():
        if one.spoilt:
            faults.append(Fault(0, known, "incomplete"))
        elif shapely.length([line for _, _, lines in one.stretches for line in lines]).sum() > LONGEST_DEG:
            faults.append(Fault(0, known, "too_long", f"{LONGEST_DEG:g}"))
        elif len(made) >= MOST_ALTERNATIVES:
            faults.append(Fault(0, known, "too_many_alternatives", str(MOST_ALTERNATIVES)))
        else:
            along = sorted(one.stretches, key=lambda stretch: stretch[0])
            segments = tuple(Segment(kind, line) for _, kind, lines in along for line in lines)
            made.append(Alignment(known, one.name or known, segments, one.sketch))
    return tuple(made), faults


def _features(content: Any) -> list[Any] | None:
    if not isinstance(content, dict):
        return None
    features = content.get("features") if content.get("type") == "FeatureCollection" else None
    if isinstance(features, list):
        return features
    return [content] if content.get("type") == "Feature" else None


def _properties(feature: Any) -> Mapping[str, Any]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _Unusable("no_feature", feature)
    properties = feature.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise _Unusable("no_properties", properties)
    return properties or {}


def _id_of(feature: Mapping[str, Any], properties: Mapping[str, Any], number: int, seen: Mapping[str, Any]) -> str:
    """The alternative that a feature belongs to; one that names none is an alternative of its own."""
    if properties.get("alternative") is not None:
        return _word(properties["alternative"], "bad_alternative")
    own = feature.get("id") if feature.get("id") is not None else properties.get("id")
    known = f"route_{number}" if own is None else _word(own, "bad_alternative")
    if known in seen:
        raise _Unusable("same_id", known)
    return known


def _word(value: Any, reason: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > MOST_CHARACTERS:
        raise _Unusable(reason, value)
    word = plain(value)
    if not word:
        raise _Unusable(reason, value)
    return word


def plain(value: Any) -> str:
    """A value of a file as one short line that does nothing to a terminal."""
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        return type(value).__name__
    spaced = "".join(" " if unicodedata.category(letter) in _UNSEEN else letter for letter in str(value)[:1_000])
    return " ".join(spaced.split())[:MOST_CHARACTERS]


_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def _stretch(
    properties: Mapping[str, Any], feature: Mapping[str, Any], number: int
) -> tuple[float, SegmentKind, list[shapely.LineString]]:
    kind = properties.get("segment")
    if kind is not None and kind not in KINDS:
        raise _Unusable("bad_segment", kind)
    order = properties.get("order")
    if order is not None and (type(order) is not int or abs(order) > MOST_FEATURES**2):
        raise _Unusable("bad_order", order)
    sketch = properties.get("sketch")
    if sketch is not None and not isinstance(sketch, bool):  # 1 equals True and is not it: no label may be lost so
        raise _Unusable("bad_sketch", sketch)
    return float(number if order is None else order), kind or NOT_STATED, _lines(feature.get("geometry"))


def _lines(shape: Any) -> list[shapely.LineString]:
    kind = shape.get("type") if isinstance(shape, dict) else None
    if kind not in ("LineString", "MultiLineString"):
        raise _Unusable("no_line", kind)
    rows = shape.get("coordinates")
    rows = [rows] if kind == "LineString" else rows
    if not isinstance(rows, list) or not rows:
        raise _Unusable("no_line", kind)
    return [_line(row) for row in rows]


def _line(row: Any) -> shapely.LineString:
    if not isinstance(row, list) or len(row) < 2:
        raise _Unusable("too_short")
    if not all(isinstance(place, list) and 2 <= len(place) <= 4 and _are_numbers(place) for place in row):
        raise _Unusable("bad_coordinates", next((p for p in row if not isinstance(p, list) or len(p) < 2), "number"))
    xy = np.array([place[:2] for place in row], dtype=np.float64)
    off = ~np.isfinite(xy).all(axis=1) | (np.abs(xy[:, 0]) > 180) | (np.abs(xy[:, 1]) > 90)
    if off.any():
        raise _Unusable("off_the_globe", ", ".join(str(value) for value in xy[off][0]))
    if (np.abs(np.diff(xy[:, 0])) > WIDEST_EDGE_DEG).any():
        raise _Unusable("over_antimeridian")
    if (xy == xy[0]).all():
        raise _Unusable("too_short")
    return shapely.linestrings(xy)


def _are_numbers(place: list[Any]) -> bool:
    # A whole number of a thousand digits is JSON too, and no float.
    return all(isinstance(value, float) or (type(value) is int and abs(value) < 10**9) for value in place[:2])


def collection_of(alignments: Iterable[Alignment], provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Alignments as a GeoJSON FeatureCollection, one feature a segment; what `alignments_of` reads.

    provenance: how they were made, for the member `greensilk`
    """
    features = [
        {
            "type": "Feature",
            "properties": {
                "alternative": alignment.id,
                "name": alignment.name,
                "order": order,
                "segment": segment.kind,
                "sketch": alignment.sketch,
            },
            "geometry": {"type": "LineString", "coordinates": shapely.get_coordinates(segment.line).tolist()},
        }
        for alignment in alignments
        for order, segment in enumerate(alignment.segments)
    ]
    return {"type": "FeatureCollection", PROVENANCE: dict(provenance), "features": features}


def lines_of(alignments: Iterable[Alignment], *kinds: SegmentKind) -> Geometries:
    """(n,) the segments of some kinds of each alignment; all where no kind is named."""
    wanted = kinds or KINDS
    made = [alignment.of_kinds(*wanted) for alignment in alignments]
    lines = np.full(len(made), None, dtype=object)
    lines[:] = made
    return lines
