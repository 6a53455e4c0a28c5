"""Numbers as text: rounded to their accuracy, never more precise than they are."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from greensilk.reports.rounding import THIN_SPACE, percent, report_style, rounded
from greensilk.vocabulary import fact_names

T = THIN_SPACE


@pytest.mark.parametrize(
    ("value", "unit", "accuracy", "english", "chinese"),
    [
        (12034.0, "m", 168.0, "about 12 km", "约 12 km"),
        (740.0, "m", 168.0, "about 800 m", "约 800 m"),
        (40.0, "m", 168.0, "less than 200 m", "不足 200 m"),
        (0.0, "m", 10.0, "less than 10 m", "不足 10 m"),
        (999.0, "m", 1.0, "about 1 km", "约 1 km"),
        (409_000.0, "m", 5000.0, "about 410 km", "约 410 km"),
        (1320.0, "MW", None, f"1{T}320 MW", f"1{T}320 MW"),
        (335_400_000.0, "m2", None, "340 km²", "340 km²"),
        (15_000.0, "m2", None, "1.5 ha", "1.5 公顷"),
        (1_234_567.0, "person", None, f"1{T}200{T}000 people", f"1{T}200{T}000 人"),
        (-3.04, "degC", None, "\u22123 °C", "\u22123 °C"),
        (0.62, "1", None, "0.62", "0.62"),
        (1.3e-14, "1/m2", None, "1.3 × 10⁻¹⁴ per m²", "1.3 × 10⁻¹⁴ 每 m²"),
        (math.nan, "m", None, "not a number", "非数值"),
    ],
)
def test_a_number_is_rounded_to_its_accuracy(
    value: float, unit: str, accuracy: float | None, english: str, chinese: str
) -> None:
    assert rounded(value, unit, accuracy) == (english, chinese)


@pytest.mark.parametrize(
    ("value", "shown"), [(1500.0, f"1{T}500"), (981.5, "981.5"), (0.1, "0.1"), (12.345678, "12.345678")]
)
def test_what_was_given_is_shown_as_it_was_given(value: float, shown: str) -> None:
    assert rounded(value, "MW", digits=9).en == f"{shown} MW"


@given(st.floats(0, 2e7), st.floats(0.5, 5e5))
def test_what_is_said_lies_within_accuracy_or_two_digits(value: float, accuracy: float) -> None:
    said = rounded(value, "m", accuracy).en
    kind, number, unit = re.fullmatch(r"(about|less than) ([\d.\u202f]+) (m|km)", said).groups()  # type: ignore[union-attr]
    shown = float(number.replace(T, "")) * (1000 if unit == "km" else 1)
    if kind == "less than":
        assert value < accuracy <= shown * (1 + 1e-9)
    else:
        # a step of the 1-2-5 ladder is at most 2.5 times the accuracy, and two digits are within 5 %
        assert abs(shown - value) <= max(1.2500001 * accuracy, 0.0500001 * value)


@given(st.floats(0, 1))
@example(math.nextafter(1, 0))
@example(1 - 2e-9)
def test_a_share_never_reads_as_nothing_or_all_unless_it_is(share: float) -> None:
    said = percent(share).en
    assert (said == "0 %") == (share == 0)
    assert (said == "100 %") == (share >= 1 - 1e-9)  # a sum of shares is the whole but for its last digits


def test_every_unit_of_the_vocabulary_has_a_style() -> None:
    units = {entry.unit for entry in fact_names().values() if entry.kind == "number"}
    assert units <= set(report_style().units)
