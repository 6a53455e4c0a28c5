"""CQL2 in both spellings: random trees against a plain evaluation, hostile input against a kind refusal."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any as Anything

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from greensilk.errors import ParameterError
from greensilk.geometry.features import FeatureSet
from greensilk.web.ogc.conditions import (
    Alike,
    All,
    Any,
    Between,
    Compared,
    Condition,
    Meets,
    Missing,
    Not,
    OneOf,
    checked,
)
from greensilk.web.ogc.cql2_json import read_json
from greensilk.web.ogc.cql2_text import read_text
from greensilk.web.ogc.tables import FeatureTable, fields_of, typed

sys.path.insert(0, str(Path(__file__).parent))
from condition_trees import as_json, as_text, trees, truth

ROWS: list[dict[str, str | None]] = [
    {"name": name, "odd \"name'": odd, "count": count, "share": share}
    for name, odd, count, share in (
        ("Nam Ou", "a%b", "3", "0.5"), ("nam ou", "A_B", "12", "2.5e3"), (None, "it's", "-7", "-1.25"),
        ("老挝 100%", None, None, "0.0"), ("", "a\\b", "0", None), ("Z\nz", "", "9007199", "7"),
    )
]  # fmt: skip
PLACES = [(0.0, 0.0), (10.0, 10.0), (179.5, -16.0), (-179.5, -16.0), (102.0, 18.0), (5.0, 5.0)]
TEXTS, NUMBERS = ["name", "odd \"name'"], ["count", "share"]
NUMBER_OF: dict[str, Callable[[str], Anything]] = {"count": int, "share": float}


def table() -> FeatureTable:
    lon, lat = (np.array(axis) for axis in zip(*PLACES, strict=True))
    frame = typed(pl.DataFrame(ROWS, schema=dict.fromkeys(ROWS[0], pl.String)))
    return FeatureTable(FeatureSet.from_points(lon, lat), frame)


TABLE = table()


def values_of(row: int) -> dict[str, Anything]:
    numbers = {name: cell if (cell := ROWS[row][name]) is None else NUMBER_OF[name](cell) for name in NUMBERS}
    return {**ROWS[row], **numbers}


KNOWN = [str(row[name]) for row in ROWS for name in TEXTS if row[name] is not None]


@settings(max_examples=300, deadline=None)
@given(trees(TEXTS, NUMBERS, KNOWN))
def test_any_tree_finds_the_rows_that_plain_logic_finds_in_both_spellings(tree: Condition) -> None:
    expected = [row for row in range(len(ROWS)) if truth(tree, values_of(row), shapely.Point(PLACES[row])) is True]
    for read in (read_text(as_text(tree)), read_json(json.dumps(as_json(tree)))):
        assert TABLE.rows(checked(read, TABLE.fields), None).tolist() == expected


def test_and_binds_before_or() -> None:
    found = read_text("count = 3 OR count = 12 AND share = 0.5")
    assert found == Any((Compared("count", "=", 3), All((Compared("count", "=", 12), Compared("share", "=", 0.5)))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name NOT LIKE 'N%'", Not(Alike("name", "N%"))),
        ("a not between 1 and 2", Not(Between("a", 1, 2))),
        ("a NOT IN ('x')", Not(OneOf("a", ("x",)))),
        ("a IS NOT NULL", Not(Missing("a"))),
        ("d >= DATE('2024-02-29')", Compared("d", ">=", dt.date(2024, 2, 29))),
        ("t < TIMESTAMP('2024-02-29T08:00:00+08:00')", Compared("t", "<", dt.datetime(2024, 2, 29, tzinfo=dt.UTC))),
        ("S_INTERSECTS(geometry, BBOX(1, 2, 3, 4))", Meets(shapely.box(1, 2, 3, 4))),
        ("s_intersects(POINT(1 2), geometry)", Meets(shapely.Point(1, 2))),
    ],
)
def test_what_the_text_says(text: str, expected: Condition) -> None:
    assert read_text(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "name", "name =", "= 'x'", "name = 'x", "name ~ 'x'", "a = 1 b = 2", "a = 1 AND", "(a = 1", "a = 1)",
     "NOT", "a BETWEEN 1 OR 2", "a IN ()", "a IN (1", "a LIKE 1", "S_INTERSECTS(geometry)", "S_INTERSECTS(a, b)",
     "S_INTERSECTS(geometry, POINT(1 2 3))", "S_INTERSECTS(geometry, POINT(200 2))", "S_INTERSECTS(geometry, POINT)",
     "S_INTERSECTS(geometry, POLYGON((0 0, 2 2, 2 0, 0 2, 0 0)))", "S_INTERSECTS(geometry, BBOX(1,2,3))",
     "S_INTERSECTS(geometry, POLYGON((((((", "a = DATE('2024-13-01')", "a = TIMESTAMP('2024-01-01')", "a = DATE(1)",
     "(" * 200 + "a = 1" + ")" * 200, "a = 1 OR " * 2000 + "a = 1", "a = '" + "x" * 9000 + "'", "'); DROP TABLE x"],
)  # fmt: skip
def test_what_is_not_understood_is_refused_in_words(text: str) -> None:
    with pytest.raises(ParameterError) as refused:
        read_text(text)
    assert refused.value.message("zh") and refused.value.message("en")


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(
    ["a", "count", "=", "<", "(", ")", "AND", "OR", "NOT", "IN", "LIKE", "BETWEEN", "IS", "NULL", "'x'", '"', "'",
     "1", "-1e9", "1e999", ",", "S_INTERSECTS", "BBOX", "POINT", "POLYGON", "geometry", "DATE", "TRUE", "\0", "%"]
), max_size=14).map(" ".join))  # fmt: skip
def test_no_text_does_anything_but_be_read_or_refused(text: str) -> None:
    try:
        found = checked(read_text(text), TABLE.fields)
    except ParameterError:
        return
    assert set(TABLE.rows(found, None).tolist()) <= set(range(len(ROWS)))


MEMBERS = ["op", "args", "property", "bbox", "type", "coordinates", "date", "timestamp"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["and", "or", "not", "=", "in", "like", "between", "isNull", "s_intersects", "count", "name"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(json_values)
def test_no_json_does_anything_but_be_read_or_refused(node: Anything) -> None:
    try:
        found = checked(read_json(json.dumps(node)), TABLE.fields)
    except ParameterError:
        return
    assert set(TABLE.rows(found, None).tolist()) <= set(range(len(ROWS)))


@pytest.mark.parametrize("text", ["[" * 4000, "{}", "nope", '{"op": "and", "args": [true]}', "NaN"])
def test_json_that_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ParameterError):
        read_json(text)


@pytest.mark.parametrize("text", ["nobody = 1", "count = 'x'", "name = 3", "name = TRUE", "count LIKE 'x'",
                                  "count = DATE('2024-01-01')", "count = 1e999"])  # fmt: skip
def test_a_property_is_there_and_is_compared_with_its_kind(text: str) -> None:
    with pytest.raises(ParameterError):
        checked(read_text(text), TABLE.fields)


def test_columns_of_numbers_are_told_from_numbers_that_are_names() -> None:
    frame = typed(
        pl.DataFrame({"code": ["007", "12"], "whole": ["7", None], "real": ["1.5", "2"], "long": ["1" * 20, "2"]})
    )
    assert [field.kind for field in fields_of(frame).values()] == ["string", "integer", "number", "string"]


def test_a_box_across_180_degrees_finds_both_sides() -> None:
    found = read_text("S_INTERSECTS(geometry, BBOX(179, -20, -179, -10))")
    assert TABLE.rows(found, None).tolist() == [2, 3]
    assert re.search("MULTIPOLYGON", str(found))
