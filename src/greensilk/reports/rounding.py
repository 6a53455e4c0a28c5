"""Numbers as people should read them: rounded to their accuracy, with unit, thousands parted by a thin space."""

from __future__ import annotations

import math
from functools import cache

from pydantic import Field

from greensilk.records import DEFINITIONS, Label, Record, load_file
from greensilk.reports.bilingual import Bilingual, said

THIN_SPACE = "\u202f"  # narrow and without a line break


class UnitStep(Record):
    """From this value on, in the unit of the fact, a larger unit is used."""

    from_: float = Field(alias="from")
    by: float
    unit: str


class UnitStyle(Record):
    """How numbers of one unit are shown."""

    digits: int = Field(ge=1, le=9)
    steps: tuple[UnitStep, ...]


class ReportStyle(Record):
    """definitions/report.yaml."""

    units: dict[str, UnitStyle]
    symbols: dict[str, Label]
    shown_as_percent: tuple[str, ...]
    given_as_is: tuple[str, ...]
    not_listed: tuple[str, ...]
    not_listed_without_data: tuple[str, ...]
    feature_not_shown: tuple[str, ...]
    land_cover_classes: dict[str, Label]


@cache
def report_style() -> ReportStyle:
    """How facts are shown, as defined in definitions/report.yaml."""
    return load_file(ReportStyle, DEFINITIONS / "report.yaml")


def rounded(value: float, unit: str, accuracy: float | None = None, digits: int | None = None) -> Bilingual:
    """A number as text, in both languages.

    value, accuracy: in `unit` (accuracy null = it has none, or it was given by the owner: then no "about" is said);
    digits: significant digits at most, else those of the unit
    A value smaller than its accuracy is said to be "less than" that accuracy.
    >>> rounded(12034.0, "m", accuracy=168.0).en
    'about 12 km'
    >>> rounded(40.0, "m", accuracy=168.0).en
    'less than 200 m'
    >>> rounded(1320.0, "MW").en == f"1{THIN_SPACE}320 MW"
    True
    """
    if not math.isfinite(value):
        return said("reports.not_a_number")
    style = report_style().units.get(unit) or UnitStyle(digits=3, steps=())
    if accuracy is not None and accuracy > 0:
        edge = _ladder_up(accuracy)
        if 0 <= value < accuracy:
            return said("reports.less_than", value=_with_unit(edge, _step_of(edge, 2), unit, style))
        step = max(edge, _step_of(value, digits or style.digits))
        return said("reports.about_value", value=_with_unit(value, step, unit, style))
    return _with_unit(value, _step_of(value, digits or style.digits), unit, style)


def percent(share: float) -> Bilingual:
    """A share (0 to 1) as per cent, with no false decimals.

    >>> percent(0.873).en, percent(0.004).en, percent(1 / 2 + 3 * (1 / 6)).en
    ('87 %', 'less than 1 %', '100 %')
    """
    if not math.isfinite(share):
        return said("reports.not_a_number")
    if 0 < share < 0.01:
        return said("reports.less_than", value=Bilingual("1 %", "1%"))
    if 0.99 < share < 1 - 1e-9:  # a sum of shares is the whole but for its last digits
        return said("reports.more_than", value=Bilingual("99 %", "99%"))
    return Bilingual(f"{share * 100:.0f} %", f"{share * 100:.0f}%")


def grouped(number: float, decimals: int = 0) -> str:
    """A number with thousands parted by a thin space.

    >>> grouped(1234567) == f"1{THIN_SPACE}234{THIN_SPACE}567"
    True
    """
    return f"{number:,.{decimals}f}".replace(",", THIN_SPACE).replace("-", "\u2212")


def _with_unit(value: float, step: float, unit: str, style: UnitStyle) -> Bilingual:
    shown = round(value / step) * step
    by, name = 1.0, unit
    for larger in sorted(style.steps, key=lambda one: -one.from_):
        if abs(shown) >= larger.from_:
            by, name = larger.by, larger.unit
            break
    number = _number(shown / by, step / by)
    if name == "1":
        return Bilingual(number, number)
    symbol = report_style().symbols.get(name)
    return Bilingual(f"{number} {symbol.en if symbol else name}", f"{number} {symbol.zh if symbol else name}")


def _number(value: float, step: float) -> str:
    if value != 0 and abs(value) < 1e-4:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa} × 10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    text = grouped(value, max(0, -math.floor(math.log10(step) + 1e-9)))
    return text.rstrip("0").rstrip(".") if "." in text else text


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _step_of(value: float, digits: int) -> float:
    """The unit of the last significant digit of a value."""
    if value == 0:
        return 1.0
    return float(10.0 ** (math.floor(math.log10(abs(value)) + 1e-12) - digits + 1))


def _ladder_up(accuracy: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 ... that is not below the accuracy.

    >>> _ladder_up(168.0), _ladder_up(200.0), _ladder_up(0.3)
    (200.0, 200.0, 0.5)
    """
    power = 10.0 ** math.floor(math.log10(accuracy))
    return next(rung * power for rung in (1, 2, 5, 10) if rung * power >= accuracy * (1 - 1e-9))
