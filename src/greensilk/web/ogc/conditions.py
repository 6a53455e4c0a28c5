"""Conditions on features as a tree, whichever of the two spellings of CQL2 they came in, checked against the fields.

Truth has three values, as in SQL: what is compared with a missing value is unknown, and only what is true is found.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import shapely

from greensilk.errors import ParameterError
from greensilk.records import Label
from greensilk.store.columns import SURROGATE

Kind = Literal["string", "number", "integer", "boolean", "date", "date-time"]
Operator = Literal["=", "<>", "<", "<=", ">", ">="]
Value = str | bool | int | float | dt.date | dt.datetime
OPERATORS: tuple[Operator, ...] = ("=", "<>", "<=", ">=", "<", ">")
GEOMETRY = "geometry"
MOST_CHARACTERS, MOST_DEPTH, MOST_NODES = 8_000, 32, 400
MOST_VERTICES = 5_000  # of the shapes of one filter
NUMBERS: tuple[Kind, ...] = ("number", "integer")


@dataclass(frozen=True)
class Field:
    """A property that can be asked for. title: in words, None = its name says it"""

    name: str
    kind: Kind
    title: Label | None = None


@dataclass(frozen=True)
class Constant:
    """TRUE or FALSE."""

    value: bool


@dataclass(frozen=True)
class Compared:
    """A property compared with a value."""

    name: str
    operator: Operator
    value: Value


@dataclass(frozen=True)
class Between:
    """A property between two values, both included."""

    name: str
    low: Value
    high: Value


@dataclass(frozen=True)
class Alike:
    """A text like a pattern: % is any text, _ any one letter, a backslash takes the meaning of the next one away."""

    name: str
    pattern: str


@dataclass(frozen=True)
class OneOf:
    """A property that has one of some values."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Missing:
    """A property without value."""

    name: str


@dataclass(frozen=True)
class Meets:
    """The geometry has a point in common with a shape in lon/lat."""

    shape: shapely.Geometry


@dataclass(frozen=True)
class Not:
    """The opposite."""

    of: Condition


@dataclass(frozen=True)
class All:
    """All of some conditions."""

    of: tuple[Condition, ...]


@dataclass(frozen=True)
class Any:
    """Any of some conditions."""

    of: tuple[Condition, ...]


Condition = Constant | Compared | Between | Alike | OneOf | Missing | Meets | Not | All | Any


def walk(condition: Condition) -> Iterator[Condition]:
    """A condition and all that it is made of."""
    yield condition
    if isinstance(condition, Not):
        yield from walk(condition.of)
    elif isinstance(condition, All | Any):
        for one in condition.of:
            yield from walk(one)


def checked(condition: Condition, fields: Mapping[str, Field]) -> Condition:
    """The same condition, if every property is there and is compared with values of its kind.

    raises: ParameterError naming the property, or saying that there is too much of it
    """
    nodes = list(walk(condition))
    shapes = [node.shape for node in nodes if isinstance(node, Meets)]
    if len(nodes) > MOST_NODES or shapely.get_num_coordinates(shapes).sum() > MOST_VERTICES:
        raise ParameterError("web_ogc.filter_too_large", nodes=MOST_NODES, vertices=MOST_VERTICES)
    for node in nodes:
        if isinstance(node, Compared | Between | Alike | OneOf | Missing):
            _check(node, fields)
    return condition


def _check(node: Compared | Between | Alike | OneOf | Missing, fields: Mapping[str, Field]) -> None:
    field = fields.get(node.name)
    if field is None:
        names = ", ".join(list(fields)[:40])
        raise ParameterError("web_ogc.no_property", name=node.name[:60], known=names)
    for value in _values(node):
        if not _fits(value, field.kind):
            raise ParameterError("web_ogc.wrong_kind", name=node.name[:60], kind=field.kind, value=str(value)[:60])
    if isinstance(node, Compared) and field.kind == "boolean" and node.operator not in ("=", "<>"):
        raise ParameterError("web_ogc.no_order", name=node.name[:60])


def _values(node: Compared | Between | Alike | OneOf | Missing) -> tuple[Value, ...]:
    if isinstance(node, Compared):
        return (node.value,)
    if isinstance(node, Between):
        return node.low, node.high
    return node.values if isinstance(node, OneOf) else (node.pattern,) if isinstance(node, Alike) else ()


def _fits(value: Value, kind: Kind) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, int | float):
        return kind in NUMBERS and math.isfinite(value)
    if isinstance(value, dt.datetime):
        return kind == "date-time"
    if isinstance(value, dt.date):
        return kind == "date"
    return kind == "string" and "\0" not in value and not SURROGATE.search(value)
