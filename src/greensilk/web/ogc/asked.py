"""What a request for features asks, from the parameters of its address; anything else there is refused."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from greensilk.errors import ParameterError
from greensilk.web.ogc.conditions import All, Compared, Condition, Field, Meets, Value, checked
from greensilk.web.ogc.cql2_json import read_json
from greensilk.web.ogc.cql2_text import day, moment, read_text
from greensilk.web.ogc.shapes_given import box

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
USUAL_LIMIT, MOST_A_PAGE = 10, 10_000
LANGUAGES = {"cql2-text": read_text, "cql2-json": read_json}
CRS_PARAMETERS = ("crs", "bbox-crs", "filter-crs")
PARAMETERS = ("limit", "after", "bbox", "datetime", "filter", "filter-lang", "lang", *CRS_PARAMETERS)
MOST_AFTER = 200  # characters
Moments = tuple[dt.datetime | None, dt.datetime | None]  # from, to; None where open


@dataclass(frozen=True)
class Asked:
    """Which features. when: moments that theirs must meet; after: where the page begins, as the page before said"""

    condition: Condition | None
    when: Moments | None
    limit: int
    after: str | None


def read_asked(given: QueryParams, fields: Mapping[str, Field]) -> Asked:
    """The question of an address.

    raises: ParameterError naming the parameter
    """
    only(given, (*PARAMETERS, *fields))
    for name in CRS_PARAMETERS:
        if given.get(name, CRS84) != CRS84:
            raise ParameterError("web_ogc.bad_crs", name=name, value=given[name][:60], crs=CRS84)
    parts = [*_box(given), *_filter(given), *_equal(given, fields)]
    condition = None if not parts else parts[0] if len(parts) == 1 else All(tuple(parts))
    when = _moments(given["datetime"]) if "datetime" in given else None
    return Asked(
        None if condition is None else checked(condition, fields), when, _limit(given), given.get("after", None)
    )


def only(given: QueryParams, known: tuple[str, ...]) -> None:
    """Nothing, if every parameter is known and given once.

    raises: ParameterError
    """
    names = [name for name, _ in given.multi_items()]
    for name in names:
        if name not in known:
            raise ParameterError("web_ogc.unknown_parameter", name=name[:60], known=", ".join(known[:40]))
        if names.count(name) > 1:
            raise ParameterError("web_ogc.given_twice", name=name[:60])


def _limit(given: QueryParams) -> int:
    text = given.get("limit", str(USUAL_LIMIT))
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < 1:
        raise ParameterError("web_ogc.bad_limit", value=text[:40])
    return min(int(text), MOST_A_PAGE)


def _box(given: QueryParams) -> list[Condition]:
    if "bbox" not in given:
        return []
    return [Meets(box([_number("bbox", part) for part in given["bbox"].split(",")[:7]]))]


def _number(name: str, text: str) -> float:
    try:
        found = float(text) if len(text) <= 40 else math.nan
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ParameterError("web_ogc.bad_number", name=name[:60], value=text[:40])
    return found


def _filter(given: QueryParams) -> list[Condition]:
    language = given.get("filter-lang", "cql2-text")
    if language not in LANGUAGES:
        raise ParameterError("web_ogc.bad_language", value=language[:40])
    return [LANGUAGES[language](given["filter"])] if "filter" in given else []


def _equal(given: QueryParams, fields: Mapping[str, Field]) -> list[Condition]:
    """Properties as parameters: what they must be."""
    names = [name for name in given if name in fields and name not in PARAMETERS]
    return [Compared(name, "=", _value(fields[name], given[name])) for name in names]


def _value(field: Field, text: str) -> Value:
    if field.kind in ("number", "integer"):
        return _number(field.name, text)
    found = day(text) if field.kind == "date" else moment(text) if field.kind == "date-time" else text
    if found is None:
        raise ParameterError("web_ogc.wrong_kind", name=field.name[:60], kind=field.kind, value=text[:60])
    return found


def _moments(text: str) -> Moments:
    """An instant, or an interval that may be open at one end.

    >>> _moments("2024-02-01/..")[0].isoformat()
    '2024-02-01T00:00:00+00:00'
    """
    first, slash, last = text[:100].partition("/")
    said = (first, last) if slash else (first, first)
    low, high = _end(said[0], last=False), _end(said[1], last=True)
    for words, found in zip(said, (low, high), strict=True):
        if found is None and not (slash and words in ("", "..")):
            raise ParameterError("web_ogc.bad_datetime", value=text[:60])
    if low and high and low > high:
        raise ParameterError("web_ogc.bad_datetime", value=text[:60])
    return low, high


def _end(text: str, *, last: bool) -> dt.datetime | None:
    """The first or last moment of what is said; None where nothing is, or nothing that is a time."""
    whole = day(text)
    if whole is not None:
        return dt.datetime.combine(whole, dt.time.max if last else dt.time.min, dt.UTC)
    return moment(text)
