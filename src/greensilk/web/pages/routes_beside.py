"""Two routes of a comparison side by side: what one takes more or less than the other, as far as it is certain."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from greensilk.reports.bilingual import Bilingual, said
from greensilk.reports.interval_chart import Ranked
from greensilk.reports.rounding import rounded
from greensilk.reports.route_values import DIGITS, MILLION, reason_words

COST = "cost"
DIFFERENCE_DIGITS = 2
UNKNOWN = (-math.inf, math.inf)
Result = Mapping[str, Any]  # the part "result" of a comparison: see reports.route_files.results


@dataclass(frozen=True)
class Side:
    """One of the two. ranked: None where it has no rank"""

    id: str
    name: str
    sketch: bool
    standing: Bilingual
    ranked: Ranked | None


@dataclass(frozen=True)
class Line:
    """One criterion. weight: whether the ranking rests on it; difference: of the second to the first, in words"""

    label: Bilingual
    counts: bool
    first: Bilingual
    second: Bilingual
    difference: Bilingual


@dataclass(frozen=True)
class Beside:
    """Two routes. alike: whether a line and a sketch are set apart, None = both are of a kind"""

    first: Side
    second: Side
    apart: Bilingual | None
    lines: tuple[Line, ...]


def beside(result: Result, first: str, second: str) -> Beside | None:
    """Two alternatives of a comparison by their ids; None where either is not there, or both are the same."""
    by_id = {one["id"]: one for one in result["alternatives"]}
    if first == second or first not in by_id or second not in by_id:
        return None
    a, b = by_id[first], by_id[second]
    apart = said("web_routes.apart") if a["sketch"] != b["sketch"] else None
    lines = [_line(one, a, b, one["id"] in result["compared"], apart is not None) for one in result["criteria"]]
    known = [one for one in lines if one is not None]
    return Beside(_side(a), _side(b), apart, tuple(sorted(known, key=lambda one: not one.counts)))


def _side(one: Mapping[str, Any]) -> Side:
    rank = one["rank"]
    ranked = Ranked(rank["nominal"], rank["low"], rank["high"], rank["of"]) if rank else None
    return Side(one["id"], one["name"], one["sketch"], said(f"routes.standing_{one['standing']}"), ranked)


def _line(
    criterion: Mapping[str, Any], a: Mapping[str, Any], b: Mapping[str, Any], counts: bool, apart: bool
) -> Line | None:
    """A criterion; None where nothing is known of either, and where one that is not compared is nothing in both."""
    first, second = a["values"][criterion["id"]], b["values"][criterion["id"]]
    both = {first["value"], second["value"]}
    if both == {None} or (both == {0} and not counts):
        return None
    difference = said("web_routes.not_set_against") if apart else _difference(criterion, first, second)
    label = Bilingual(**criterion["label"])
    return Line(label, counts, _shown(criterion, first), _shown(criterion, second), difference)


def _shown(criterion: Mapping[str, Any], value: Mapping[str, Any]) -> Bilingual:
    if value["value"] is None:
        return said("routes.unknown", reason=reason_words(value["reason"] or "no_data_here"))
    shown = _amount(criterion, value["value"], value["accuracy_m"])
    return shown if value["bound"] is None else said(f"routes.{value['bound']}", value=shown)


def _amount(criterion: Mapping[str, Any], value: float, off_m: float | None = None) -> Bilingual:
    unit = criterion["unit"]
    if criterion["id"] == COST and value >= MILLION:
        return said("routes.millions", amount=rounded(value / MILLION, "1", digits=4), unit=unit)
    return rounded(value, unit, off_m if criterion["id"] == "length" else None, DIGITS.get(unit, 3))


def _apart(criterion: Mapping[str, Any], difference: float) -> Bilingual:
    """A difference; both values may be off, so that its last digits say nothing."""
    unit = criterion["unit"]
    if criterion["id"] == COST:
        return _amount(criterion, difference)
    return rounded(difference, unit, None, DIGITS["1"] if unit == "1" else DIFFERENCE_DIGITS)


def _difference(criterion: Mapping[str, Any], a: Mapping[str, Any], b: Mapping[str, Any]) -> Bilingual:
    """What the second takes more or less; bounds are heeded, and what lies within the margin proves nothing."""
    if a["value"] is None or b["value"] is None:
        return said("web_routes.cannot_tell")
    (a_low, a_high), (b_low, b_high) = _range(a), _range(b)
    more, less = b_low - a_high, a_low - b_high  # by how much at least
    if max(more, less) > criterion["margin"]:
        exact = a["bound"] is None and b["bound"] is None
        key = ("more" if more > less else "less") + ("" if exact else "_at_least")
        return said(f"web_routes.{key}", amount=_apart(criterion, max(more, less)))
    if a["bound"] is None and b["bound"] is None:
        return said("web_routes.the_same" if a["value"] == b["value"] else "web_routes.within_margin")
    return said("web_routes.cannot_tell")


def _range(value: Mapping[str, Any]) -> tuple[float, float]:
    """Between what a value lies, by its bound."""
    known = float(value["value"])
    return {None: (known, known), "least": (known, math.inf), "most": (0.0, known)}.get(value["bound"], UNKNOWN)
