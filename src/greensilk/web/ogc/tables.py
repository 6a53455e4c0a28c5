"""Features of a layer or of shipped data: asked by columns and by the layer's own index, written as GeoJSON once.

Columns of files are text; one whose every cell is a number, written as JSON writes numbers, is one of numbers here.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any as Anything

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.errors import ParameterError
from greensilk.geometry.arrays import Geometries, Ints, spans
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.shapes import UNITS_PER_DEGREE
from greensilk.web.ogc.asked import Asked, Moments
from greensilk.web.ogc.conditions import (
    Alike,
    All,
    Any,
    Between,
    Compared,
    Condition,
    Constant,
    Field,
    Kind,
    Meets,
    Missing,
    Not,
    OneOf,
)

ROW = "row\0"  # no column of a file has this name
DECIMALS = 7  # of degrees: 1 cm
INTEGER, NUMBER = r"^-?(0|[1-9][0-9]{0,14})$", r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$"
ROW_ID = re.compile(r"0|[1-9][0-9]{0,11}")
AT_ONCE = 100  # features written at once
KEPT_ANSWERS, KEPT_ROWS = 64, 100_000
KEPT_CHARACTERS = 24_000_000  # of features written, of a table
PAGE_CHARACTERS = 20_000_000  # a page ends there, whatever its limit


@dataclass(frozen=True)
class Found:
    """A page. features: each as JSON; matched: on all pages; after: where the next one begins, None at the end"""

    features: list[str]
    matched: int
    after: str | None


def typed(texts: pl.DataFrame) -> pl.DataFrame:
    """Columns of text, those of numbers as such."""
    return texts.select(_typed(texts[name]) for name in texts.columns)


def _typed(column: pl.Series) -> pl.Series:
    known = column.drop_nulls()
    if column.dtype != pl.String or not len(known):
        return column
    if known.str.contains(INTEGER).all():
        return column.cast(pl.Int64)
    return column.cast(pl.Float64) if known.str.contains(NUMBER).all() else column


def fields_of(frame: pl.DataFrame) -> dict[str, Field]:
    """The properties of a table by name."""
    kinds: dict[pl.DataType, Kind] = {pl.Int64(): "integer", pl.Float64(): "number"}
    return {name: Field(name, kinds.get(dtype, "string")) for name, dtype in frame.schema.items()}


@dataclass(frozen=True)
class FeatureTable:
    """Features with typed columns. years: (n,) since when each counts, NaN = not known, None = nothing says it"""

    features: FeatureSet
    frame: pl.DataFrame
    years: NDArray[np.float64] | None = None
    _answers: OrderedDict[Anything, Ints] = field(default_factory=OrderedDict)
    _written: dict[int, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """The properties by name."""
        return fields_of(self.frame)

    @cached_property
    def numbered(self) -> pl.DataFrame:
        """The columns with the number of each row."""
        return self.frame.with_columns(pl.Series(ROW, np.arange(len(self.features))))

    @cached_property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of all features, in degrees."""
        box = self.features.shapes.part_box / UNITS_PER_DEGREE
        if not len(box):
            return None
        west, south = box[:, :2].min(axis=0).tolist()
        east, north = box[:, 2:].max(axis=0).tolist()
        return west, south, east, north

    def page(self, asked: Asked) -> Found:
        """The features asked for, in the order of the file."""
        rows = self.rows(asked.condition, asked.when)
        first = int(np.searchsorted(rows, _row(asked.after) + 1)) if asked.after is not None else 0
        texts: list[str] = []
        characters = 0
        for row in range(first, min(first + asked.limit, len(rows)), AT_ONCE):
            if characters > PAGE_CHARACTERS:
                break
            texts += self.written(rows[row : min(row + AT_ONCE, first + asked.limit)])
            characters = sum(map(len, texts))
        last = first + len(texts)
        return Found(texts, len(rows), str(rows[last - 1]) if texts and last < len(rows) else None)

    def one(self, feature_id: str) -> str | None:
        """A feature by its id, the number of its row; None where there is none."""
        row = int(feature_id) if ROW_ID.fullmatch(feature_id) else len(self.features)
        return self.written(np.array([row]))[0] if row < len(self.features) else None

    def rows(self, condition: Condition | None, when: Moments | None) -> Ints:
        """The rows for which a condition is true."""
        key = condition, when
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        found = self._rows(condition, when)
        if len(found) <= KEPT_ROWS:
            with self._lock:
                self._answers[key] = found
                if len(self._answers) > KEPT_ANSWERS:
                    self._answers.popitem(last=False)
        return found

    def _rows(self, condition: Condition | None, when: Moments | None) -> Ints:
        wanted = pl.lit(value=True) if condition is None else self._expression(condition)
        rows: Ints = self.numbered.filter(wanted)[ROW].to_numpy().astype(np.int64)
        if when is None or self.years is None:
            return rows
        years, low, high = self.years[rows], when[0], when[1]
        seen = np.ones(len(rows), dtype=bool)
        if low is not None:
            seen &= ~(years < low.year)
        if high is not None:
            seen &= ~(years > high.year)
        return rows[seen]

    def _expression(self, condition: Condition) -> pl.Expr:
        if isinstance(condition, All | Any):
            parts = [self._expression(one) for one in condition.of]
            return pl.all_horizontal(parts) if isinstance(condition, All) else pl.any_horizontal(parts)
        if isinstance(condition, Not):
            return ~self._expression(condition.of)
        if isinstance(condition, Meets):
            return pl.lit(pl.Series(meeting(self.features, condition.shape)))
        return _of_column(condition)

    def written(self, rows: Ints) -> list[str]:
        """Some features as GeoJSON, without the brace that closes them."""
        missing = [row for row in rows.tolist() if row not in self._written]
        made = dict(zip(missing, self._write(np.array(missing, dtype=np.int64)), strict=True)) if missing else {}
        texts = [made.get(row) or self._written[row] for row in rows.tolist()]
        if made:
            with self._lock:
                if sum(map(len, self._written.values())) > KEPT_CHARACTERS:
                    self._written.clear()
                self._written.update(made)
        return texts

    def _write(self, rows: Ints) -> list[str]:
        shapes = shapely.to_geojson(shapely.transform(geometries_of(self.features, rows), _rounded))
        properties = self.frame[rows].iter_rows(named=True) if self.frame.width else ({} for _ in rows)
        return [
            f'{{"type":"Feature","id":{row},"geometry":{shape or "null"},"properties":{_json(values)}'
            for row, shape, values in zip(rows.tolist(), shapes, properties, strict=True)
        ]


def _row(after: str) -> int:
    if not ROW_ID.fullmatch(after):
        raise ParameterError("web_ogc.bad_after")
    return int(after)


def _rounded(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round(xy, DECIMALS)


def _json(values: Mapping[str, Anything]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _of_column(condition: Compared | Between | Alike | OneOf | Missing | Constant) -> pl.Expr:
    if isinstance(condition, Constant):
        return pl.lit(condition.value)
    column = pl.col(condition.name)
    if isinstance(condition, Missing):
        return column.is_null()
    if isinstance(condition, Between):
        return (column >= pl.lit(condition.low)) & (column <= pl.lit(condition.high))
    if isinstance(condition, Alike):
        return column.str.contains(pattern_of(condition.pattern))
    if isinstance(condition, OneOf):
        if isinstance(condition.values[0], str):
            return column.is_in(list(condition.values))
        return column.cast(pl.Float64).is_in([float(str(value)) for value in condition.values])
    return _compared(column, condition)


def _compared(column: pl.Expr, condition: Compared) -> pl.Expr:
    value = pl.lit(condition.value)
    return {
        "=": column == value, "<>": column != value, "<": column < value, "<=": column <= value,
        ">": column > value, ">=": column >= value,
    }[condition.operator]  # fmt: skip


def pattern_of(like: str) -> str:
    r"""A pattern of LIKE as a regular expression.

    >>> pattern_of("a%b_\\%")
    '(?s)^a.*b.%$'
    """
    found, letters = "", iter(like)
    for letter in letters:
        if letter == "\\":
            found += re.escape(next(letters, "\\"))
        else:
            found += {"%": ".*", "_": "."}.get(letter) or re.escape(letter)
    return f"(?s)^{found}$"


def meeting(features: FeatureSet, shape: shapely.Geometry) -> NDArray[np.bool_]:
    """(n,) whether features have a point in common with a shape, in lon/lat."""
    box, owner = features.shapes.part_box, features.shapes.part_owner
    hit = np.zeros(int(features.shape_of.max(initial=-1)) + 2, dtype=bool)  # the last one: of features without shape
    for piece in shapely.get_parts(shape):
        west, south, east, north = (np.array(piece.bounds) * UNITS_PER_DEGREE).tolist()
        near = (box[:, 0] <= east + 1) & (box[:, 2] >= west - 1) & (box[:, 1] <= north + 1) & (box[:, 3] >= south - 1)
        inside = np.zeros(len(box), dtype=bool)
        if _is_box(piece):
            inside = (box[:, 0] > west) & (box[:, 2] < east) & (box[:, 1] > south) & (box[:, 3] < north)
            hit[owner[inside]] = True
        open_ones = np.flatnonzero(near & ~inside & ~hit[owner])
        shapely.prepare(piece)
        parts = features.shapes.outlines(open_ones).geometries()
        hit[owner[open_ones[shapely.intersects(piece, parts)]]] = True
    return hit[features.shape_of]


def _is_box(piece: shapely.Geometry) -> bool:
    return piece.geom_type == "Polygon" and bool(shapely.get_num_coordinates(piece) == 5) and piece.equals(
        shapely.box(*piece.bounds)
    )  # fmt: skip


def geometries_of(features: FeatureSet, rows: Sequence[int] | Ints) -> Geometries:
    """(n,) the whole geometry of some features, None where there is none."""
    start, parts = features.shape_parts
    found = np.full(len(rows), None, dtype=object)
    shape = features.shape_of[rows]
    have = np.flatnonzero(shape >= 0)
    count = (start[1:] - start[:-1])[shape[have]]
    single = features.shapes.outlines(parts[spans(start[shape[have]], count)]).geometries()
    for position, geometries in zip(have.tolist(), np.split(single, np.cumsum(count)[:-1]), strict=False):
        found[position] = _whole(geometries)
    return found


def _whole(parts: Geometries) -> shapely.Geometry | None:
    if len(parts) < 2:
        return parts[0] if len(parts) else None
    kinds = set(shapely.get_type_id(parts).tolist())
    make = {0: shapely.multipoints, 1: shapely.multilinestrings, 3: shapely.multipolygons}
    return make[kinds.pop()](parts) if len(kinds) == 1 else shapely.geometrycollections(parts)
