"""CQL2 as JSON: the same conditions as in text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any as Anything

import shapely

from greensilk.errors import ParameterError
from greensilk.web.ogc.conditions import (
    GEOMETRY,
    MOST_CHARACTERS,
    MOST_DEPTH,
    OPERATORS,
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
    Value,
)
from greensilk.web.ogc.cql2_text import day, moment
from greensilk.web.ogc.shapes_given import box, checked_shape

Args = list[Anything]


def read_json(given: str) -> Condition:
    """The condition that a CQL2 JSON object states.

    raises: ParameterError naming the part that is not understood
    """
    if len(given) > MOST_CHARACTERS:
        raise ParameterError("web_ogc.filter_too_long", most=MOST_CHARACTERS)
    try:
        return _condition(json.loads(given), 0)
    except (ValueError, RecursionError) as error:
        raise ParameterError("web_ogc.filter_no_json") from error


def _refused(node: Anything) -> ParameterError:
    return ParameterError("web_ogc.filter_part", part=json.dumps(node, ensure_ascii=False)[:80])


def _condition(node: Anything, depth: int) -> Condition:
    if depth > MOST_DEPTH:
        raise ParameterError("web_ogc.filter_too_deep", most=MOST_DEPTH)
    if isinstance(node, bool):
        return Constant(node)
    if not (isinstance(node, dict) and isinstance(node.get("args"), list) and isinstance(node.get("op"), str)):
        raise _refused(node)
    op, args = node["op"].lower(), node["args"]
    if op in ("and", "or", "not"):
        return _joined(op, args, depth)
    if op in _LEAVES and len(args) == _LEAVES[op][0]:
        return _LEAVES[op][1](args)
    for operator in OPERATORS:
        if op == operator and len(args) == 2:
            return Compared(_name(args[0]), operator, _value(args[1]))
    raise _refused(node)


def _joined(op: str, args: Args, depth: int) -> Condition:
    parts = tuple(_condition(one, depth + 1) for one in args)
    if op == "not" and len(parts) == 1:
        return Not(parts[0])
    if op == "not" or len(parts) < 2:
        raise _refused({"op": op, "args": args})
    return All(parts) if op == "and" else Any(parts)


def _name(node: Anything) -> str:
    if isinstance(node, dict) and isinstance(node.get("property"), str):
        name: str = node["property"]
        return name
    raise _refused(node)


def _value(node: Anything) -> Value:
    if isinstance(node, str | bool | int | float):
        return float(node) if isinstance(node, int) and abs(node) > 10**15 else node
    for key, read in (("date", day), ("timestamp", moment)):
        if isinstance(node, dict) and isinstance(node.get(key), str):
            found = read(node[key])
            if found is not None:
                return found
    raise _refused(node)


def _between(args: Args) -> Condition:
    return Between(_name(args[0]), _value(args[1]), _value(args[2]))


def _like(args: Args) -> Condition:
    if not isinstance(args[1], str):
        raise _refused(args[1])
    return Alike(_name(args[0]), args[1])


def _one_of(args: Args) -> Condition:
    if not (isinstance(args[1], list) and args[1]):
        raise _refused(args[1])
    return OneOf(_name(args[0]), tuple(_value(one) for one in args[1]))


def _missing(args: Args) -> Condition:
    return Missing(_name(args[0]))


def _meets(args: Args) -> Condition:
    shapes = [_shape(one) for one in args if not (isinstance(one, dict) and one.get("property") == GEOMETRY)]
    if len(shapes) != 1:
        raise ParameterError("web_ogc.one_shape")
    return Meets(shapes[0])


def _shape(node: Anything) -> shapely.Geometry:
    if not isinstance(node, dict):
        raise _refused(node)
    if "type" not in node and isinstance(node.get("bbox"), list):
        if not all(type(one) in (int, float) for one in node["bbox"]):
            raise _refused(node)
        return box(node["bbox"])
    try:
        return checked_shape(shapely.from_geojson(json.dumps(node)))
    except shapely.errors.GEOSException as error:
        raise _refused(node) from error


# Operator -> how many arguments it has, and what they mean.
_LEAVES: dict[str, tuple[int, Callable[[Args], Condition]]] = {
    "between": (3, _between),
    "like": (2, _like),
    "in": (2, _one_of),
    "isnull": (1, _missing),
    "s_intersects": (2, _meets),
}
