"""Findings: every shipped rule by worked cases, the three answers, what is told where values are missing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from greensilk.catalogue.country_values import country_indicators
from greensilk.indices.findings import FindingRule, Known, Standing, When, finding_rules, findings_for
from greensilk.project_types import project_types
from greensilk.records import Label, read_yaml

CASES = read_yaml(Path(__file__).parents[1] / "cases" / "findings" / "cases.yaml")["cases"]
RULES = {rule.id: rule for rule in finding_rules()}


def standing_of(case: dict[str, Any]) -> Standing:
    values: dict[str, dict[str, Known]] = {}
    regions = {"LAO": "here"}
    for name, value in case["values"].items():
        values.setdefault(name, {})["LAO"] = Known(float(value), 2020, "made up")
    for region, others in (("there", case.get("elsewhere", {})), ("here", case.get("region", {}))):
        for name, numbers in others.items():
            for i, value in enumerate(numbers):
                regions[f"{region}{i}"] = region
                values.setdefault(name, {})[f"{region}{i}"] = Known(float(value))
    return Standing(values, regions)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}-{case['expect']}")
def test_worked_case(case: dict[str, Any]) -> None:
    (found,) = findings_for("LAO", standing_of(case), [RULES[case["id"]]])
    assert found.state == case["expect"]
    if found.state == "not_known":
        assert found.missing


def test_every_rule_has_a_case_of_each_answer() -> None:
    seen = {(case["id"], case["expect"]) for case in CASES}
    expected = {(name, state) for name in RULES for state in ("holds", "does_not_hold", "not_known")}
    assert expected - seen == set()


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_rule_speaks_of_what_is_there(rule: FindingRule) -> None:
    asked = {test.indicator for test in rule.when.tests()}
    assert asked <= set(country_indicators())
    assert set(rule.project_types) <= set(project_types())
    assert rule.id[3] == {"air": "A", "water": "W", "ecology": "E", "climate": "C"}[rule.element]
    for lang in ("en", "zh"):
        filled = set(re.findall(r"\{(\w+)\}", rule.text.within(lang)))
        plain = {name.removesuffix("_median").removesuffix("_region") for name in filled}
        assert plain == asked, f"{rule.id} {lang}: every value that decides is told"


def test_withdrawal_ratio_never_goes_without_its_note() -> None:
    for rule in RULES.values():
        if "water_withdrawal_ratio" in {test.indicator for test in rule.when.tests()}:
            assert "nvironmental flow" in rule.text.en and "生态环境流量" in rule.text.zh, rule.id


def test_text_carries_values_and_medians_in_both_languages() -> None:
    case = next(case for case in CASES if case["id"] == "CE-A-05" and case["expect"] == "holds")
    names = {"co2_oil_per_person": "t/person", "urban_population_share": "%"}
    made = standing_of(case)
    (found,) = findings_for("LAO", Standing(made.values, made.regions, units=names), [RULES["CE-A-05"]])
    # 1, 2, 3, 5 and the country's own 4: the median is 3.
    assert "4 t/person of CO₂ (median of all: 3 t/person)" in found.text.en
    assert "4 t/人" in found.text.zh and "61 %" in found.text.zh
    first, second = found.evidence
    assert (first.value, first.year, first.source, first.against, first.scope, first.limit) == (
        4.0, 2020, "made up", "above_median", "all", 3.0,
    )  # fmt: skip
    assert (second.against, second.limit) == ("above", 60.0)


def test_missing_is_named_and_told() -> None:
    (found,) = findings_for("LAO", Standing({}), [RULES["CE-W-06"]])
    assert found.state == "not_known"
    assert found.missing == ("agricultural_withdrawal_share", "water_withdrawal_ratio")
    assert "agricultural_withdrawal_share, water_withdrawal_ratio" in found.text.en
    assert found.text.zh.startswith("无法判断")


def test_every_rule_answers_for_a_country_without_any_value() -> None:
    found = findings_for("XXX", Standing({}))
    assert [one.id for one in found] == list(RULES)
    assert {one.state for one in found} == {"not_known"}


def test_nested_conditions_and_three_valued_logic() -> None:
    when = When.model_validate_json(
        '{"any_of": [{"indicator": "a", "above": 1}, {"all_of": [{"indicator": "b", "below": 5},'
        ' {"indicator": "c", "quarter": "lowest"}]}]}'
    )
    rule = RULES["CE-A-01"].model_copy(update={"when": when, "text": Label(en="yes", zh="是")})

    def answer(**values: float) -> str:
        others = {f"o{i}": Known(float(i)) for i in range(1, 5)}
        held = {name: {"LAO": Known(value)} for name, value in values.items()}
        held["c"] = others | held.get("c", {})
        return findings_for("LAO", Standing(held), [rule])[0].state

    assert answer(a=2) == "holds"  # one yes decides, whatever is missing
    assert answer(a=1, b=5) == "does_not_hold"  # one no below all_of decides
    assert answer(a=1, b=4) == "not_known"
    assert answer(a=1, b=4, c=1.5) == "holds"  # 1, 1.5, 2, 3, 4: a quarter lies at or below 1.5
    assert answer(a=1, b=4, c=2.5) == "does_not_hold"


@pytest.mark.parametrize(
    "wrong",
    [
        '{"all_of": [{"indicator": "a"}]}',
        '{"all_of": [{"indicator": "a", "above": 1, "below": 2}]}',
        '{"all_of": [], "any_of": []}',
        '{"all_of": [{"indicator": "a", "above": 1}], "any_of": [{"indicator": "a", "above": 1}]}',
        '{"all_of": [{"indicator": "a", "above": "1 + 1"}]}',
    ],
)
def test_conditions_that_say_nothing_or_too_much_are_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        When.model_validate_json(wrong)
