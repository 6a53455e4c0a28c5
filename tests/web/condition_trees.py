"""Random conditions, what plain three-valued logic says of them, and both ways to write them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any as Anything

import shapely
from hypothesis import strategies as st

from greensilk.web.ogc.conditions import (
    Alike,
    All,
    Any,
    Between,
    Compared,
    Condition,
    Constant,
    Meets,
    Missing,
    Not,
    OneOf,
)


def truth(condition: Condition, values: Mapping[str, Anything], shape: shapely.Geometry | None) -> bool | None:
    """What SQL's three-valued logic says of one row, spelt out."""
    if isinstance(condition, Constant):
        return condition.value
    if isinstance(condition, Not):
        inner = truth(condition.of, values, shape)
        return None if inner is None else not inner
    if isinstance(condition, All | Any):
        parts = [truth(one, values, shape) for one in condition.of]
        decisive = isinstance(condition, Any)
        return decisive if decisive in parts else None if None in parts else not decisive
    if isinstance(condition, Meets):
        return None if shape is None else bool(condition.shape.intersects(shape))
    value = values[condition.name]
    if isinstance(condition, Missing):
        return value is None
    return None if value is None else holds(condition, value)


def holds(condition: Compared | Between | Alike | OneOf, value: Anything) -> bool:
    if isinstance(condition, Between):
        return bool(condition.low <= value <= condition.high)
    if isinstance(condition, OneOf):
        return value in condition.values
    if isinstance(condition, Alike):
        return like(condition.pattern, value)
    asked: Anything = condition.value
    return bool({"=": value == asked, "<>": value != asked, "<": value < asked, "<=": value <= asked,
                 ">": value > asked, ">=": value >= asked}[condition.operator])  # fmt: skip


def like(pattern: str, text: str) -> bool:
    """LIKE letter by letter."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(like(pattern[1:], text[i:]) for i in range(len(text) + 1))
    first, rest = (pattern[1:2] or "\\", pattern[2:]) if pattern[0] == "\\" else (pattern[0], pattern[1:])
    any_letter = pattern[0] == "_"
    return bool(text) and (any_letter or text[0] == first) and like(rest, text[1:])


def quoted(value: Anything) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def as_text(condition: Condition) -> str:
    """The condition in CQL2 text, with no more parentheses than the grammar needs around AND within OR."""
    if isinstance(condition, Constant):
        return str(condition.value).upper()
    if isinstance(condition, Not):
        return f"NOT ({as_text(condition.of)})"
    if isinstance(condition, Any):
        return " OR ".join(f"({as_text(one)})" if isinstance(one, Any) else as_text(one) for one in condition.of)
    if isinstance(condition, All):
        return " AND ".join(f"({as_text(one)})" if isinstance(one, All | Any) else as_text(one) for one in condition.of)
    if isinstance(condition, Meets):
        return f"S_INTERSECTS(geometry, {shapely.to_wkt(condition.shape, rounding_precision=-1)})"
    return leaf_text(condition)


def leaf_text(condition: Compared | Between | Alike | OneOf | Missing) -> str:
    name = '"' + condition.name.replace('"', '""') + '"'
    if isinstance(condition, Missing):
        return f"{name} IS NULL"
    if isinstance(condition, Between):
        return f"{name} BETWEEN {quoted(condition.low)} AND {quoted(condition.high)}"
    if isinstance(condition, OneOf):
        return f"{name} IN ({', '.join(map(quoted, condition.values))})"
    if isinstance(condition, Alike):
        return f"{name} LIKE {quoted(condition.pattern)}"
    return f"{name} {condition.operator} {quoted(condition.value)}"


def as_json(condition: Condition) -> Anything:
    if isinstance(condition, Constant):
        return condition.value
    if isinstance(condition, Not):
        return {"op": "not", "args": [as_json(condition.of)]}
    if isinstance(condition, All | Any):
        return {"op": "and" if isinstance(condition, All) else "or", "args": [as_json(one) for one in condition.of]}
    if isinstance(condition, Meets):
        shape = json.loads(shapely.to_geojson(condition.shape))
        return {"op": "s_intersects", "args": [{"property": "geometry"}, shape]}
    return leaf_json(condition)


def leaf_json(condition: Compared | Between | Alike | OneOf | Missing) -> Anything:
    name = {"property": condition.name}
    if isinstance(condition, Missing):
        return {"op": "isNull", "args": [name]}
    if isinstance(condition, Between):
        return {"op": "between", "args": [name, condition.low, condition.high]}
    if isinstance(condition, OneOf):
        return {"op": "in", "args": [name, list(condition.values)]}
    if isinstance(condition, Alike):
        return {"op": "like", "args": [name, condition.pattern]}
    return {"op": condition.operator, "args": [name, condition.value]}


def trees(texts: Sequence[str], numbers_in: Sequence[str], known: Sequence[str]) -> st.SearchStrategy[Condition]:
    """Conditions on columns of text and of numbers. known: values that the texts have"""
    letters = st.characters(exclude_characters="\0", exclude_categories=("Cs",))
    words = st.sampled_from(known) | st.text(letters, max_size=5)
    numbers = st.integers(-20, 20) | st.floats(-10, 3000, allow_subnormal=False)
    operators = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    patterns = st.text(st.sampled_from("naNoum %_\\ab老*?[]\n"), max_size=8)
    text, number = st.sampled_from(texts), st.sampled_from(numbers_in)
    several_words = st.lists(words, min_size=1, max_size=4).map(tuple)
    several_numbers = st.lists(numbers, min_size=1, max_size=4).map(tuple)
    leaves = st.one_of(
        st.builds(Constant, st.booleans()),
        st.builds(Missing, st.sampled_from([*texts, *numbers_in])),
        st.builds(Compared, text, operators, words),
        st.builds(Compared, number, operators, numbers),
        st.builds(Between, number, numbers, numbers),
        st.builds(Between, text, words, words),
        st.builds(Alike, text, patterns),
        st.builds(OneOf, text, several_words),
        st.builds(OneOf, number, several_numbers),
        st.builds(Meets, boxes),
    )
    return st.recursive(leaves, _grown, max_leaves=8)


boxes = st.tuples(st.integers(-180, 179), st.integers(-90, 89), st.integers(1, 90), st.integers(1, 60)).map(
    lambda b: shapely.box(b[0], b[1], min(180, b[0] + b[2]), min(90, b[1] + b[3]))
)


def _grown(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, inner), st.builds(All, several), st.builds(Any, several))
