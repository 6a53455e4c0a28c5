"""Longitudes and latitudes as people write them: decimal, decimal comma, with hemisphere, in degrees and minutes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

METRES_A_DEGREE = 111_320.0  # of a great circle; half a unit of the last place is an estimate, not a measurement
MIN_ACCURACY_M = 1.0
AXIS = {"lon": "EW东西", "lat": "NS北南"}
_HEMISPHERE = {"东": "E", "西": "W", "北": "N", "南": "S"}
_PARTS = re.compile(
    r"""^(?P<before>[NSEW东西北南][经纬]?)?\s*(?P<sign>[+-])?(?P<degrees>\d{1,3}(?:\.\d+)?)\s*(?:[°º度d]\s*
    (?:(?P<minutes>\d{1,2}(?:\.\d+)?)\s*['′’分m]\s*)?(?:(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:["″”秒s]|''|′′))?)?\s*
    (?P<after>[NSEW东西北南])?$""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Axis:
    """One coordinate of many points. degrees: (n,), NaN = unreadable; half_step_deg: half a unit of the last place."""

    degrees: NDArray[np.float64]
    half_step_deg: NDArray[np.float64]


def read_axis(cells: pl.Series, axis: Literal["lon", "lat"]) -> Axis:
    """(n,) text cells as degrees. What is not plainly a coordinate of this axis is NaN, never guessed.

    >>> read_axis(pl.Series(["12.50", "12°30'N", "12,5", "12°30'E", "n/a"]), "lat").degrees.tolist()
    [12.5, 12.5, 12.5, nan, nan]
    """
    plain = cells.cast(pl.String).str.normalize("NFKC").str.strip_chars()
    plain = plain.str.replace(r"^([+-]?\d+),(\d+)$", "$1.$2")
    decimal = plain.str.contains(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$").fill_null(False)
    numbers = pl.select(pl.when(decimal).then(plain)).to_series().cast(pl.Float64, strict=False)
    degrees = numbers.fill_null(float("nan")).to_numpy().astype(np.float64)
    steps = 0.5 * 10.0 ** -decimals(plain)
    for position in (plain.is_not_null() & ~decimal).arg_true().to_list():
        degrees[position], steps[position] = _parts(str(plain[position]), axis)
    degrees[~np.isfinite(degrees)] = np.nan
    return Axis(degrees, steps)


def decimals(plain: pl.Series) -> NDArray[np.float64]:
    """(n,) number of digits after the point of each number, its exponent taken into account; 0 where there are none."""
    fraction = plain.str.extract(r"\.(\d+)").str.len_chars().fill_null(0).cast(pl.Float64)
    exponent = plain.str.extract(r"[eE]([+-]?\d{1,3})$").cast(pl.Float64, strict=False).fill_null(0.0)
    return np.asarray(np.clip((fraction - exponent).to_numpy(), 0.0, 15.0), dtype=np.float64)


def _parts(text: str, axis: Literal["lon", "lat"]) -> tuple[float, float]:
    found = _PARTS.match(text)
    if found is None:
        return np.nan, np.nan
    sides = [_side(found[name]) for name in ("before", "after") if found[name]]
    minutes, seconds = float(found["minutes"] or 0), float(found["seconds"] or 0)
    wrong_side = any(side not in AXIS[axis] for side in sides) or len(sides) > 1 or (sides and found["sign"])
    if wrong_side or minutes >= 60 or seconds >= 60:
        return np.nan, np.nan
    value = float(found["degrees"]) + minutes / 60 + seconds / 3600
    negative = found["sign"] == "-" or (sides and sides[0] in "SW")
    return (-value if negative else value), _half_step(found)


def _side(name: str) -> str:
    first = name[0].upper()
    return _HEMISPHERE.get(first, first)


def _half_step(found: re.Match[str]) -> float:
    last, unit = "degrees", 1.0
    for name, size in (("minutes", 60.0), ("seconds", 3600.0)):
        if found[name]:
            last, unit = name, size
    _, _, fraction = found[last].partition(".")
    return float(0.5 * 10.0 ** -len(fraction) / unit)


def point_accuracy_m(lon: Axis, lat: Axis, *, exact_decimals: bool) -> NDArray[np.float64]:
    """(n,) positional accuracy in metres that the written digits allow: half a unit of the last place, at least 1 m.

    exact_decimals: the digits stand as written, so the coarser axis governs. Numbers that passed through a binary file
    have lost their trailing zeros: there 101.5 beside 17.966 is more likely 101.500, and the finer axis governs.
    """
    coarser = np.fmax if exact_decimals else np.fmin
    return np.fmax(coarser(lon.half_step_deg, lat.half_step_deg) * METRES_A_DEGREE, MIN_ACCURACY_M)


def plain_text(text: str) -> str:
    """Text with full-width digits and letters made plain and outer blanks removed."""
    return unicodedata.normalize("NFKC", text).strip()
