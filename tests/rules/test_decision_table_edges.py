"""Tables of rules at their edges: no rule in force yet, and what is asked first where answers tell equally much."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from greensilk.records import Label
from greensilk.rules import CategoryTable
from greensilk.rules.judging import judge_one
from greensilk.rules.registry import load_standards
from greensilk.rules.standard import Condition, Outcome, Standard
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


def asked_twice(own: Standard, fact: str, value: bool) -> Standard:
    """The table with heritage required but of no other level than the last rule, and a second rule that lowers it."""
    heritage, last = own.rules
    lowers = Condition.model_validate({"fact": fact, "is": value})
    rules = (
        heritage.model_copy(update={"required": True}),
        heritage.model_copy(update={"id": "lowers", "when": lowers, "outcome": "otherwise"}),
        last.model_copy(update={"outcome": "heritage"}),
    )
    return own.model_copy(update={"rules": rules, "layers": ("ramsar", "world_heritage")})


def test_what_could_change_the_level_is_asked_before_what_could_only_complete_the_basis(own: Standard) -> None:
    found = judged(asked_twice(own, "overlap_ramsar", True), {"is_built": True}, dt.date(2022, 1, 1))
    assert [(one.settled_by, one.changes_light, one.changes_basis) for one in found.questions(0)] == [
        ("ramsar", True, False),
        ("world_heritage", False, True),
    ]
    assert {name: where.tolist() for name, where in found.settlers().items()} == {
        "world_heritage": [True],
        "ramsar": [True],
    }
    assert found.settling().select("settled_by", "changes_light", "changes_basis").rows() == [
        ("ramsar", 1, 0),
        ("world_heritage", 0, 1),
    ]


def test_one_question_asked_by_two_rules_changes_what_either_would(own: Standard) -> None:
    found = judged(asked_twice(own, "overlap_world_heritage", False), {"is_built": True}, dt.date(2022, 1, 1))
    (only,) = found.questions(0)
    assert (only.settled_by, only.facts, only.if_true, only.if_false) == (
        "world_heritage", ("overlap_world_heritage",), "low", "medium",
    )  # fmt: skip
    assert only.changes_light and only.changes_basis
    assert found.settling().select("settled_by", "changes_light", "changes_basis").rows() == [("world_heritage", 1, 1)]


def test_what_could_give_the_worst_level_is_asked_first_wherever_its_rule_stands(own: Standard) -> None:
    heritage, last = own.rules
    wetland = Condition.model_validate({"fact": "overlap_ramsar", "is": True})
    worst = heritage.model_copy(update={"id": "in_wetland", "when": wetland, "outcome": "worst"})
    outcomes = own.outcomes | {"worst": Outcome(label=Label(en="worst", zh="最差"), level="high")}
    defined = own.model_copy(
        update={"rules": (heritage, worst, last), "outcomes": outcomes, "layers": ("ramsar", "world_heritage")}
    )
    asked = judged(defined, {"is_built": True}, dt.date(2022, 1, 1)).questions(0)
    assert [(one.settled_by, one.if_true, one.if_false) for one in asked] == [
        ("ramsar", "high", "low"),
        ("world_heritage", "medium", "low"),
    ]
