"""Standards of shapes that no shipped one has: nothing unknown or unlooked-at may give the best, and none may break."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from greensilk.errors import DefinitionError
from greensilk.rules import CategoryTable, VerdictTable, standards_at_hand
from greensilk.rules.judging import Table, judge_one
from greensilk.rules.stated_facts import stated_facts
from greensilk.rules.turning_points import turning_points

ON = dt.date(2026, 1, 1)
HEAD = """
id: mine
label: {en: mine, zh: 自定}
about: {en: mine, zh: 自定}
notice: {en: mine, zh: 自定}
authority: {en: mine, zh: 自定}
issued: 2020-01-01
endorsed: false
confirmed: false
source: [{title: mine, href: null, page: null}]
applies_when: {fact: is_built, is: true}
applies_support: country
assessed_when: {fact: assessed_evidence, is: true}
"""
LIGHT_TABLE = """
outcome_kind: light
method: decision_table
outcomes:
  good: {label: {en: good, zh: 好}, light: GREEN}
  bad: {label: {en: bad, zh: 坏}, light: RED}
"""
LEVELS = """
outcome_kind: category
method: decision_table
levels: {low: {en: low, zh: 低}, high: {en: high, zh: 高}}
outcomes:
  good: {label: {en: good, zh: 好}, level: low}
  bad: {label: {en: bad, zh: 坏}, level: high}
"""
LIGHTS = """
outcome_kind: light
method: traffic_light
objectives: {climate: effect_climate}
"""
LIST = "outcome_kind: checklist\nmethod: items\n"
CLAUSE = {"clause": "{en: mine, zh: 自定}", "article": "{en: '1', zh: '1'}"}
SMALL = "{fact: emissions_annual, below: 10}"


def rule(name: str, kind: str, **more: str) -> str:
    given = {
        "label": f"{{en: {name}, zh: {name}}}", "kind": kind, "since": "2020-01-01", "coarsest_support": "country",
        "source": "[{title: mine, href: null, page: null}]", "confirmed": "false", **more,
    }  # fmt: skip
    return f"  - id: {name}\n" + "".join(f"    {key}: {value}\n" for key, value in given.items())


def judged(folder: Path, content: str, *rows: dict[str, Any]) -> Table:
    (folder / "mine.yaml").write_text(HEAD + content, "utf-8")
    standard = standards_at_hand(folder).known["mine"]
    table = judge_one(stated_facts([{"is_built": True} | row for row in rows], standard), standard, ON)
    for place in range(len(rows)):
        assert table.trace(place)
        turning_points(table, place)
    return table


def refused(folder: Path, content: str) -> str:
    with pytest.raises(DefinitionError) as found:
        judged(folder, content)
    return str(found.value)


def test_before_the_last_rule_counts_an_open_rule_concludes_nothing(tmp_path: Path) -> None:
    rules = rule("small", "outcome", when=SMALL, outcome="good") + rule(
        "else", "outcome", outcome="bad", since="2030-01-01"
    )
    table = judged(tmp_path, f"{LIGHT_TABLE}rules:\n{rules}", {}, {"emissions_annual": 5.0}, {"emissions_annual": 20.0})
    assert table.table["counted"].to_list() == ["UNKNOWN", "GREEN_BY_TYPE", "UNKNOWN"]
    assert table.table.select("best", "worst", "final").row(0) == ("GREEN", "RED", False)
    table = judged(tmp_path, f"{LEVELS}rules:\n{rules}", {}, {"emissions_annual": 20.0})
    assert table.table["category"].to_list() == ["UNKNOWN", "UNKNOWN"]


def test_a_table_of_flags_concludes_nothing(tmp_path: Path) -> None:
    table = judged(tmp_path, f"{LIGHT_TABLE}rules:\n{rule('small', 'flag', when=SMALL)}", {"emissions_annual": 5.0})
    assert table.table.select("light", "best", "worst", "final").row(0) == ("UNKNOWN", "GREEN", "RED", False)


@pytest.mark.parametrize("required", ["false", "true"])
def test_green_is_by_type_where_no_rule_had_to_be_answered(tmp_path: Path, required: str) -> None:
    rules = rule("small", "outcome", when=SMALL, outcome="good", required=required) + rule(
        "else", "outcome", outcome="bad"
    )
    (counted,) = judged(tmp_path, f"{LIGHT_TABLE}rules:\n{rules}", {"emissions_annual": 5.0}).table["counted"]
    assert counted == ("GREEN" if required == "true" else "GREEN_BY_TYPE")
    for kind, found in (("light", LIGHT_TABLE), ("category", LEVELS)):
        rows = [{"emissions_annual": one} for one in (5.0, 20.0)]
        table = judged(tmp_path, f"{found}rules:\n{rules}", *rows).table
        assert table[kind].to_list() in (["GREEN", "RED"], ["low", "high"])
        assert table["basis"].to_list() == ["desk_screened" if required == "true" else "type_only", "desk_screened"]


def test_green_that_an_open_harm_could_end_is_by_type(tmp_path: Path) -> None:
    harm = rule(
        "large", "harm", when="{fact: emissions_annual, above: 10}", objective="climate", level="significant_harm"
    )
    seen = rule("seen", "override", when="{fact: on_risk_list, is: true}", required="true")
    rows: list[dict[str, Any]] = [{"effect_climate": "contributes", "on_risk_list": False}] * 2
    table = judged(tmp_path, f"{LIGHTS}rules:\n{harm}{seen}", rows[0], rows[1] | {"emissions_annual": 5.0})
    assert table.table["counted"].to_list() == ["GREEN_BY_TYPE", "GREEN"]
    assert isinstance(table, VerdictTable)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LIGHT_TABLE.replace("light: RED", "light: UNKNOWN, between: [RED, YELLOW]"), "from the better light"),
        (LIGHT_TABLE.replace("light: RED", "light: UNKNOWN, between: [RED, RED]"), "from the better light"),
        (LIGHT_TABLE.replace("light: RED", "light: UNKNOWN, between: [RED, UNKNOWN]"), "from the better light"),
        (LIGHT_TABLE.replace("light: GREEN", "light: GREEN, presumed: true"), "only RED is presumed"),
        (LEVELS.replace("level: low", "level: low, presumed: true"), "only high is presumed"),
        (LEVELS.replace("level: high", "level: UNKNOWN"), "UNKNOWN is not one of"),
        (LEVELS.replace("levels: {", "levels: {UNKNOWN: {en: x, zh: x}, "), "levels.UNKNOWN"),
        (LIGHT_TABLE + "objectives: {climate: effect_climate}\n", "no other standard has"),
    ],
)  # fmt: skip
def test_outcomes_that_would_lie_or_break_are_refused(tmp_path: Path, content: str, said: str) -> None:
    rules = rule("small", "outcome", when=SMALL, outcome="good") + rule("else", "outcome", outcome="bad")
    assert said in refused(tmp_path, f"{content}rules:\n{rules}")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LIGHTS.replace("objectives: {climate: effect_climate}\n", ""), "a traffic light has objectives"),
        (LIGHTS.replace("{climate:", "{peace:"), "objectives.peace: not one of"),
    ],
)
def test_a_traffic_light_has_objectives_that_are_known(tmp_path: Path, content: str, said: str) -> None:
    assert said in refused(tmp_path, f"{content}rules:\n{rule('small', 'flag', when=SMALL)}")


@pytest.mark.parametrize("name", ["project_id", "applies", "flags"])
def test_an_item_does_not_take_the_name_of_another_column(tmp_path: Path, name: str) -> None:
    assert f"column {name} already" in refused(tmp_path, f"{LIST}rules:\n{rule(name, 'item', **CLAUSE)}")


def test_the_first_of_all_days_has_none_before_it(tmp_path: Path) -> None:
    rules = rule("old", "outcome", when="{fact: date_commitment, before: 0001-01-01}", outcome="bad", required="true")
    rules += rule("else", "outcome", outcome="good")
    table = judged(tmp_path, f"{LEVELS}rules:\n{rules}", {}, {"date_commitment": dt.date(1, 1, 2)})
    assert isinstance(table, CategoryTable)
    assert table.table["category"].to_list() == ["UNKNOWN", "low"]


def test_a_standard_that_comes_to_apply_to_more_turns_that_day(tmp_path: Path) -> None:
    dated = "{values: {2020-01-01: 100, 2024-06-01: 10}}"
    applies = f"applies_when: {{all: [{{fact: is_built, is: true}}, {{fact: capacity, at_least: {dated}}}]}}\n"
    head = HEAD.replace("applies_when: {fact: is_built, is: true}\n", applies)
    (tmp_path / "mine.yaml").write_text(f"{head}{LIST}rules:\n{rule('first', 'item', **CLAUSE)}", "utf-8")
    assert dt.date(2024, 6, 1) in standards_at_hand(tmp_path).known["mine"].turning_days()
