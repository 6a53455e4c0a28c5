"""Values of a comparison of alternatives in words: rounded to their accuracy, with bound and basis, or why unknown."""

from __future__ import annotations

from dataclasses import dataclass

from greensilk.appraisal.route_measures import ALTERNATIVES, EXACT, LEAST, MOST, ROUGH, UNIT_COSTS, Measured
from greensilk.catalogue.bundle import bundle_index
from greensilk.facts import Origin
from greensilk.reports import labels
from greensilk.reports.bilingual import Bilingual, joined, of_label, said
from greensilk.reports.rounding import rounded
from greensilk.texts import room_texts

BOUNDS = {LEAST: "least", MOST: "most", ROUGH: "rough"}
MILLION = 1e6
DIGITS = {"1": 9, "m": 4, "m2": 3, "person": 2}


@dataclass(frozen=True)
class Cell:
    """A value as shown. sort: number to sort by, above all others where unknown"""

    words: Bilingual
    known: bool
    sort: float


def cell(one: Measured, i: int) -> Cell:
    """A value rounded to its accuracy, with its bound; or why it is unknown."""
    value = one.column.values[i]
    if value is None:
        reason = one.reason(i)
        return Cell(said("routes.unknown", reason=reason_words(reason or "no_data_here")), False, float("inf"))
    shown = rounded(value, one.unit, _accuracy(one, i), DIGITS.get(one.unit, 3))
    if one.criterion.id == "cost" and value >= MILLION:
        shown = said("routes.millions", amount=rounded(value / MILLION, "1", digits=4), unit=one.unit)
    bound = int(one.bounds[i])
    words = shown if bound == EXACT else said(f"routes.{BOUNDS[bound]}", value=shown)
    return Cell(words, True, float(value))


def _accuracy(one: Measured, i: int) -> float | None:
    """How far a length may be off: by where its line lies. Areas and counts are not rounded by it."""
    if one.criterion.id != "length" or one.column.accuracy_m is None:
        return None
    off: float | None = one.column.accuracy_m[i]
    return off


def basis(one: Measured, i: int = 0) -> Bilingual:
    """What a value rests on: data set, version, scale, cells, positional accuracy."""
    origin = one.column.origin_at(i)
    parts = [_named(origin), said(f"reports.support_{origin.support.name.lower()}")]
    if one.resolution_m is not None:
        parts.append(said("routes.cells_of", size=rounded(one.resolution_m, "m")))
    off = None if one.column.accuracy_m is None else one.column.accuracy_m[i]
    if off is not None:
        parts.append(said("routes.off_by", size=rounded(off, "m")))
    if not origin.confirmed:
        parts.append(said("reports.not_confirmed"))
    return joined(parts)


def _named(origin: Origin) -> Bilingual:
    """The data set of a value and its version, in words."""
    shipped = bundle_index().get(origin.dataset)
    if origin.dataset in (ALTERNATIVES, UNIT_COSTS):
        name = said(f"routes.the_{origin.dataset}")
    elif shipped is not None:
        name = of_label(shipped.title)
    else:
        name = labels.layer(origin.dataset)
    if not origin.version:
        return name
    return Bilingual(f"{name.en} ({origin.version})", f"{name.zh}（{origin.version}）")


def reason_words(reason: str) -> Bilingual:
    """Why something is unknown, in words."""
    return said(f"facts.{reason}" if reason in room_texts("facts") else f"routes.{reason}")
