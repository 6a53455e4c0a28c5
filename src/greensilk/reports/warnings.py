"""What a reader must know before using a verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from greensilk.reports import labels
from greensilk.reports.rounding import rounded

COARSE_M = 1_000.0  # from this accuracy on the page says that the location is rough
# Practice asks that a dam or mine rated without its lines, roads, quarries, camps and reservoir says so.
ASKS_INFLUENCE = ("hydropower", "dam", "quarry", "mining")


@dataclass(frozen=True, slots=True)
class Case:
    """One project: its row, a fact by name (null = unknown), whether all that its verdicts rest on is confirmed, and
    whether a light is fragile."""

    row: dict[str, Any]
    fact: Callable[[str], Any]
    confirmed: bool
    fragile: bool


Values = dict[str, Any] | None  # what fills the text; null = no warning


def warning_keys(case: Case) -> list[tuple[str, dict[str, Any]]]:
    """Text keys (reports.warn_<key>) with what fills them, in the order in which they are shown."""
    asked = ((key, ask(case)) for key, ask in _WARNINGS.items())
    return [(key, values) for key, values in asked if values is not None]


def _when(holds: object) -> Values:
    return {} if holds else None


def _coarse(case: Case) -> Values:
    accuracy_m = case.row["location_accuracy_m"]
    return {"accuracy": rounded(accuracy_m, "m")} if accuracy_m is not None and accuracy_m >= COARSE_M else None


def _country_differs(case: Case) -> Values:
    stated = case.row["country_stated"] or ""
    return {"stated": labels.country(stated)} if case.fact("country_stated_differs") else None


def _no_influence(case: Case) -> Values:
    asks = any(word in (case.row["type"] or "") for word in ASKS_INFLUENCE)
    return _when(asks and not case.fact("area_of_influence_given"))


_WARNINGS: dict[str, Callable[[Case], Values]] = {
    "administrative_area": lambda case: _when(case.row["location_kind"] == "administrative_area"),
    "no_location": lambda case: _when(case.row["location_kind"] == "none"),
    "type_inferred": lambda case: _when(case.row["type_inferred"]),
    "coarse_location": _coarse,
    "country_differs": _country_differs,
    "gcj02": lambda case: _when("CHN" in str(case.fact("country") or "")),
    "no_influence": _no_influence,
    "fragile": lambda case: _when(case.fragile),
    "unconfirmed": lambda case: _when(not case.confirmed),
}
