"""Tables of rules at their edges: no rule in force yet, and what is asked first where answers tell equally much."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from greensilk.rules import CategoryTable
from greensilk.rules.judging import judge_one
from greensilk.rules.registry import load_standards
from greensilk.rules.standard import Standard
from greensilk.rules.stated_facts import stated_facts

TABLE = """
id: own_table
label: {en: "own table", zh: "自有表"}
about: {en: "two rules", zh: "两条规则"}
notice: {en: "own", zh: "自有"}
authority: {en: "own", zh: "自有"}
outcome_kind: category
method: decision_table
issued: 2020-01-01
endorsed: false
confirmed: false
source: [{title: "own", href: null, page: null}]
layers: [world_heritage]
levels:
  low: {en: "low", zh: "低"}
  medium: {en: "medium", zh: "中"}
  high: {en: "high", zh: "高"}
applies_when: {fact: is_built, is: true}
applies_support: country
assessed_when: {fact: assessed_evidence, is: true}
outcomes:
  heritage: {label: {en: "heritage", zh: "遗产"}, level: medium}
  otherwise: {label: {en: "otherwise", zh: "其他"}, level: low}
rules:
  - id: in_heritage
    label: {en: "in heritage", zh: "位于遗产地"}
    kind: outcome
    when: {fact: overlap_world_heritage, is: true}
    outcome: heritage
    since: 2022-01-01
    coarsest_support: metres
    source: [{title: "own", href: null, page: null}]
    confirmed: false
  - id: every_other
    label: {en: "every other", zh: "其余"}
    kind: outcome
    outcome: otherwise
    since: 2022-01-01
    coarsest_support: metres
    source: [{title: "own", href: null, page: null}]
    confirmed: false
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Standard:
    """A category standard of two rules, which come into force two years after it."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "own_table.yaml").write_text(TABLE, "utf-8")
    return load_standards(folder)["own_table"]


def judged(defined: Standard, facts: dict[str, Any], on: dt.date) -> CategoryTable:
    """One project by the table."""
    found = judge_one(stated_facts([facts], defined), defined, on)
    assert isinstance(found, CategoryTable)
    return found


def test_before_any_rule_is_in_force_no_level_is_concluded(own: Standard) -> None:
    found = judged(own, {"is_built": True, "overlap_world_heritage": True}, dt.date(2021, 12, 31))
    assert found.table.select("category", "outcome", "basis").row(0) == ("UNKNOWN", None, "type_only")
    assert found.questions(0) == ()


def test_from_the_first_day_of_its_rules_the_table_concludes(own: Standard) -> None:
    found = judged(own, {"is_built": True, "overlap_world_heritage": True}, dt.date(2022, 1, 1))
    assert found.table.select("category", "outcome").row(0) == ("medium", "heritage")


def test_whether_the_table_applies_is_asked_before_rules_that_tell_as_much(own: Standard) -> None:
    asked = judged(own, {}, dt.date(2022, 1, 1)).questions(0)
    assert [(one.settled_by, one.if_true, one.if_false) for one in asked] == [
        ("type", "low", "NOT_APPLICABLE"),
        ("world_heritage", "medium", "low"),
    ]
