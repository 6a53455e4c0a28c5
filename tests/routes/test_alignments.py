"""Alignments from GeoJSON mappings: what is read, in which order, and why something is not."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from greensilk.routes import alignments
from greensilk.routes.alignments import KINDS, Alignment, Segment, alignments_of, collection_of, lines_of, plain

LINE = [[102.0, 18.0], [102.1, 18.2]]


def feature(coordinates: Any = LINE, kind: str = "LineString", **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def collection(*features: Any, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


def reasons(content: Any) -> list[tuple[int, str, str]]:
    return [(fault.feature, fault.alternative, fault.reason) for fault in alignments_of(content).faults]


def test_segments_come_in_their_order_whatever_that_of_the_file() -> None:
    found = alignments_of(
        collection(
            feature([[1, 0], [2, 0]], alternative="a", name="North", order=1, segment="tunnel"),
            feature([[5, 5], [6, 6]], alternative="b", sketch=True),
            feature([[0, 0], [1, 0]], alternative="a", order=0, segment="cut"),
            greensilk={"command": "routes generate"},
        )
    )
    assert found.faults == () and found.provenance == {"command": "routes generate"}
    a, b = found.alignments
    assert (a.id, a.name, a.sketch, [s.kind for s in a.segments]) == ("a", "North", False, ["cut", "tunnel"])
    assert (b.id, b.name, b.sketch, [s.kind for s in b.segments]) == ("b", "b", True, ["unknown"])
    assert a.states_kinds and not b.states_kinds
    assert shapely.get_coordinates(a.of_kinds("tunnel")).tolist() == [[1, 0], [2, 0]]
    assert [line.is_empty for line in lines_of(found.alignments, "tunnel")] == [False, True]


def test_a_line_alone_is_an_alternative_named_by_what_it_has() -> None:
    plain_line = feature(name="China-Laos railway")
    with_id = feature() | {"id": 7}
    found = alignments_of(collection(plain_line, with_id, feature([LINE, [[1, 1], [2, 2]]], "MultiLineString")))
    assert [(one.id, one.name) for one in found.alignments] == [
        ("route_1", "China-Laos railway"),
        ("7", "7"),
        ("route_3", "route_3"),
    ]
    assert len(found.alignments[2].segments) == 2
    assert alignments_of(plain_line).alignments[0].name == "China-Laos railway"


def test_an_alternative_with_a_piece_missing_is_rejected_whole() -> None:
    found = alignments_of(
        collection(
            feature(alternative="a"), feature(alternative="b"), feature(alternative="a", segment="viaduct"),
            feature(alternative="b") | {"geometry": None}, feature(alternative="c"),
        )
    )  # fmt: skip
    assert [one.id for one in found.alignments] == ["c"]
    assert [(f.feature, f.alternative, f.reason) for f in found.faults] == [
        (3, "a", "bad_segment"), (4, "b", "no_line"), (0, "a", "incomplete"), (0, "b", "incomplete"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("text", "no_feature"),
        ({"type": "Feature", "properties": [1], "geometry": None}, "no_properties"),
        (feature(alternative=["a"]), "bad_alternative"),
        (feature(alternative=""), "bad_alternative"),
        (feature(alternative="\u0007\u202e"), "bad_alternative"),
        (feature(alternative="x" * 201), "bad_alternative"),
        (feature(alternative=True), "bad_alternative"),
        (feature(order="first"), "bad_order"),
        (feature(order=1.5), "bad_order"),
        (feature(sketch="yes"), "bad_sketch"),
        (feature(segment=3), "bad_segment"),
        (feature(segment=["tunnel"]), "bad_segment"),
        (feature([[1, 1]]), "too_short"),
        (feature([[1, 1], [1, 1]]), "too_short"),
        (feature([[1, 1], [1]]), "bad_coordinates"),
        (feature([[1, 1], ["2", 1]]), "bad_coordinates"),
        (feature([[1, 1], [True, 1]]), "bad_coordinates"),
        (feature([[1, 1], [10**400, 1]]), "bad_coordinates"),
        (feature([[1, 1], [math.nan, 1]]), "off_the_globe"),
        (feature([[1, 1], [181.0, 1]]), "off_the_globe"),
        (feature([[1, 1], [2, -90.5]]), "off_the_globe"),
        (feature([[179, 1], [-179, 1]]), "over_antimeridian"),
        (feature([0, 0], "Point"), "no_line"),
        (feature([], "MultiLineString"), "no_line"),
        (feature("x", "MultiLineString"), "no_line"),
        (feature([[[0, 0]]], "MultiLineString"), "too_short"),
        (feature(order=10**400), "bad_order"),
        (feature(sketch=1), "bad_sketch"),
        (feature(sketch="true"), "bad_sketch"),
    ],
)
def test_what_cannot_be_used_is_told(given: Any, reason: str) -> None:
    found = alignments_of(collection(given))
    assert found.alignments == ()
    assert found.faults[0].reason == reason and found.faults[0].feature == 1


def test_a_line_that_goes_round_the_earth_and_on_is_none() -> None:
    there_and_back = [[0.0, 0.0], [170.0, 0.0]] * 3
    read = alignments_of(collection(feature(there_and_back)))
    assert read.alignments == () and [fault.reason for fault in read.faults] == ["too_long"]


def test_two_lines_of_one_id_are_not_guessed_to_be_one() -> None:
    twice = collection(feature() | {"id": "a"}, feature() | {"id": "a"})
    assert reasons(twice) == [(2, "", "same_id")]
    assert [one.id for one in alignments_of(twice).alignments] == ["a"]


@pytest.mark.parametrize("content", [None, 3, [], "x", {}, {"type": "Topology"}, {"type": "FeatureCollection"}])
def test_what_is_no_geojson_is_one_fault(content: Any) -> None:
    assert reasons(content) == [(0, "", "no_collection")]


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignments, "MOST_ALTERNATIVES", 2)
    monkeypatch.setattr(alignments, "MOST_VERTICES", 7)
    monkeypatch.setattr(alignments, "MOST_FEATURES", 9)
    many = collection(*(feature(alternative=f"r{k}") for k in range(3)))
    assert reasons(many) == [(0, "r2", "too_many_alternatives")]
    long = collection(feature(), feature(), feature(), feature())
    assert reasons(long)[0] == (4, "route_4", "too_many_vertices")
    assert reasons(collection(*[feature()] * 10)) == [(0, "", "too_many_features")]


def test_words_of_a_file_do_nothing_to_a_terminal() -> None:
    assert plain("\u001b[31mred\u001b[0m\nnext\u202e") == "[31mred [0m next"
    assert plain({"a": 1}) == "dict" and plain(None) == ""
    assert len(plain("x" * 5_000)) == 200


POINTS = st.tuples(st.floats(-20, 20).map(lambda x: round(x, 6)), st.floats(-20, 20).map(lambda x: round(x, 6)))
LINES = st.lists(POINTS, min_size=2, max_size=5).filter(
    lambda line: len(set(line)) > 1 and all(abs(a[0] - b[0]) <= 180 for a, b in pairwise(line))
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.tuples(st.sampled_from(KINDS), LINES), min_size=1, max_size=3), max_size=3), st.booleans())
def test_what_is_written_is_read_back(made: list[list[tuple[Any, Any]]], sketch: bool) -> None:
    given = tuple(
        Alignment(f"a{k}", f"Route {k}", tuple(Segment(kind, shapely.LineString(line)) for kind, line in one), sketch)
        for k, one in enumerate(made)
    )
    read = alignments_of(json.loads(json.dumps(collection_of(given, {"seed": 1}))))
    assert read.faults == () and read.alignments == given and read.provenance == {"seed": 1}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(JSON, JSON, JSON, JSON)
def test_nothing_makes_it_fall_over(properties: Any, geometry: Any, coordinates: Any, whole: Any) -> None:
    hostile = [
        {"type": "Feature", "properties": properties, "geometry": geometry},
        feature(coordinates), feature([coordinates, coordinates], "MultiLineString"), whole,
        {"type": "Feature", "id": whole, "properties": {"segment": geometry, "name": whole}, "geometry": coordinates},
    ]  # fmt: skip
    found = alignments_of(collection(*hostile))
    assert all(one.segments for one in found.alignments)
    alignments_of(whole)
