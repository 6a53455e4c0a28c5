"""What a fact could be instead: every region that comparisons can tell apart, once, and nothing that cannot be."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from greensilk.cli.supposed_words import supposed_words
from greensilk.project_types import project_types
from greensilk.rules import standard
from greensilk.rules.faults import entries_of
from greensilk.rules.judging import judge_one
from greensilk.rules.standard import Condition
from greensilk.rules.stated_facts import facts_of_type, stated_facts
from greensilk.rules.suppositions import Supposed, suppositions
from greensilk.rules.turning_points import TurningPoint, turning_points
from greensilk.texts import LANGUAGES
from greensilk.vocabulary import FactName, fact_names

ON = dt.date(2024, 6, 1)
NAMES = fact_names()


def leaf(fact: str, **asked: Any) -> Condition:
    return Condition.model_validate({"fact": fact, **asked})


def tried(fact: str, *leaves: Condition, stands: Any = None) -> list[Any]:
    return [one.value for one in suppositions(NAMES[fact], fact, leaves, ON, stands)]


def test_numbers_are_tried_between_and_at_thresholds() -> None:
    found = tried("power_density", leaf("power_density", above=10), leaf("power_density", below=5))
    assert [value < 5 or value == 5 or 5 < value < 10 or value == 10 or value > 10 for value in found] == [True] * 5
    assert found == sorted(found) and found[1::2] == [5.0, 10.0] and min(found) >= 0


def test_nothing_lies_below_nothing_but_temperature() -> None:
    assert min(tried("power_density", leaf("power_density", above=0))) == 0.0
    assert min(tried("temperature_mean", leaf("temperature_mean", above=0))) < 0.0


def test_a_threshold_below_nothing_parts_nothing_and_one_below_one_does() -> None:
    assert tried("power_density", leaf("power_density", above=-5)) == [0.0]
    assert min(tried("temperature_mean", leaf("temperature_mean", above=-5))) < -5.0
    below, at, above = tried("power_density", leaf("power_density", above=0.5))
    assert 0.0 <= below < at == 0.5 < above


def test_ranges_lie_side_by_side_open_between_thresholds_and_closed_at_them() -> None:
    asked = [leaf("power_density", above=10), leaf("power_density", at_least=0)]
    found = list(suppositions(NAMES["power_density"], "power_density", asked, ON))
    assert all(one.ordered for one in found)
    assert [(one.supposed.low, one.supposed.high, one.supposed.closed) for one in found] == [
        (0.0, 0.0, (True, True)),
        (0.0, 10.0, (False, False)),
        (10.0, 10.0, (True, True)),
        (10.0, None, (False, False)),
    ]


def test_a_threshold_counts_as_of_the_day() -> None:
    asked = leaf("power_density", above={"values": {dt.date(2020, 1, 1): 4, dt.date(2025, 1, 1): 10}})
    assert 4.0 in tried("power_density", asked) and 10.0 not in tried("power_density", asked)


def test_days_split_before_each_threshold() -> None:
    found = tried("date_operation", leaf("date_operation", before=dt.date(2020, 1, 1)))
    assert found == [dt.date(2019, 12, 31), dt.date(2020, 1, 1)]


def test_truths_levels_and_texts_take_every_value() -> None:
    assert tried("is_built", leaf("is_built", **{"is": True})) == [True, False]
    assert tried("mitigation_climate", leaf("mitigation_climate", at_least="certified")) == [0, 1, 2, 3, 4]
    assert tried("stage", leaf("stage", **{"in": ("planned", "financed")})) == ["planned", "financed", "?"]
    assert tried("stage", leaf("stage", known=True)) == ["?"]


@pytest.mark.parametrize(
    ("stands", "expected"),
    [(None, ["CHN", "?"]), ("LAO", ["LAO; CHN"]), ("CHN; LAO", ["LAO"]), ("CHN", ["none"]), ("none", ["CHN"])],
)
def test_a_list_gains_or_loses_one(stands: str | None, expected: list[str]) -> None:
    assert tried("country", leaf("country", includes="CHN"), stands=stands) == expected


def duties(**facts: Any) -> tuple[TurningPoint, ...]:
    """What would change the duties of a dam in Laos by the guidelines of 2022."""
    defined = standard("mee_mofcom_2022")
    row = facts_of_type(project_types()["hydropower_large"]) | {"country": "LAO"} | facts
    return turning_points(judge_one(stated_facts([row], defined), defined, dt.date(2026, 1, 1)), 0).points


def test_a_document_more_takes_nothing_from_those_in_hand() -> None:
    found = [one for one in duties(documents="emergency_plan; waste_plan") if one.supposed.fact == "documents"]
    more = [one for one in found if one.supposed.how == "with"]
    less = [one for one in found if one.supposed.how == "without"]
    assert more and less
    assert {change.after for one in more for change in one.changes} == {"done"}
    assert {change.before for one in less for change in one.changes} == {"done"}
    assert {one.supposed.values for one in less} <= {
        ("emergency_plan",),
        ("waste_plan",),
        ("emergency_plan", "waste_plan"),
    }


WORDS = [
    (Supposed("power_density", low=10.0), "were above 10 W/m²", "高于 10 W/m²"),
    (Supposed("power_density", high=10.0, closed=(False, True)), "were at most 10 W/m²", "不高于 10 W/m²"),
    (Supposed("power_density", low=5.0, high=10.0, closed=(True, False)),
     "were at least 5 W/m² and below 10 W/m²", "不低于 5 W/m²且低于 10 W/m²"),
    (Supposed("power_density", low=5.0, high=5.0, closed=(True, True)), "were exactly 5 W/m²", "恰为 5 W/m²"),
    (Supposed("power_density"), "were known", "已知"),
    (Supposed("date_operation", low=dt.date(2020, 1, 1), closed=(True, False)),
     "were on or after 2020-01-01", "在 2020-01-01 或之后"),
    (Supposed("date_operation", high=dt.date(2020, 1, 1)), "were before 2020-01-01", "早于 2020-01-01"),
    (Supposed("is_built", (False,)), "were not so", "不成立"),
    (Supposed("country", ("LAO", "CHN")), "were Laos; China", "为：老挝；中国"),
    (Supposed("country", ("CHN",), "without"), "did not hold China", "不含：中国"),
    (Supposed("country", another=True, but=("CHN",)), "were none of China", "不属于：中国"),
    (Supposed("mitigation_climate", ("certified", "monitored")), "were certified; monitored", "为：已认证；已监测"),
]  # fmt: skip


@pytest.mark.parametrize(("supposed", "en", "zh"), WORDS)
def test_a_supposed_fact_in_words(supposed: Supposed, en: str, zh: str) -> None:
    entries: dict[str, FactName] = entries_of(standard("gdg_2020"))
    assert [supposed_words(supposed, entries, lang) for lang in LANGUAGES] == [en, zh]
