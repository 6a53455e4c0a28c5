"""Tables of categories: bounds, questions, traces; held to a plain reading of the YAML, and to what always holds."""

from __future__ import annotations

import datetime as dt
import itertools
import operator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.records import DEFINITIONS, read_yaml
from greensilk.rules import CategoryTable, standard, standards
from greensilk.rules.judging import judge_one

ON = dt.date(2026, 1, 1)
CATEGORIES = sorted(name for name, one in standards().items() if one.outcome_kind == "category")
EFFECTS = ["contributes", "neutral", "moderate_harm", "significant_harm"]
PRODUCTS = ["project_finance", "project_finance_advisory", "corporate_loan", "bridge_loan", "refinancing"]
LAYERS = sorted({layer for name in CATEGORIES for layer in standard(name).layers})

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "is_built": st.sampled_from([True, True, True, False]),
    "country": st.sampled_from(["LAO", "CHN", "CHN; LAO"]),
    "finance_product": st.sampled_from(PRODUCTS),
    "capital_cost": st.sampled_from([9.0, 10.0, 400.0]),
    "loan_total": st.sampled_from([49.0, 50.0, 90.0]),
    "own_commitment": st.sampled_from([49.0, 50.0, 60.0]),
    "loan_tenor": st.sampled_from([1.0, 2.0, 12.0]),
    "equator_financed_before": st.booleans(),
    "stage": st.sampled_from(["planned", "under_construction", "operating"]),
    "displaced_physically": st.sampled_from([0.0, 0.0, 1.0, 199.0, 200.0]),
    "displaced_economically": st.sampled_from([0.0, 0.0, 1.0]),
    "emissions_annual": st.sampled_from([0.0, 100_000.0, 100_001.0]),
    "land_share_natural_habitat_footprint": st.sampled_from([0.0, 0.0, 0.5]),
    "assessed_evidence": st.booleans(),
    **{f"effect_{name}": st.sampled_from(EFFECTS) for name in ("pollution", "climate", "biodiversity")},
    **{f"overlap_{layer}": st.sampled_from([False] * 9 + [True]) for layer in LAYERS},
}
answered = st.fixed_dictionaries(VALUES)
hiding = st.sets(st.sampled_from(sorted(VALUES)), max_size=10)
calm = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)

COMPARE = {"above": operator.gt, "at_least": operator.ge, "below": operator.lt, "at_most": operator.le}


def holds(condition: dict[str, Any], named: dict[str, Any], facts: dict[str, Any]) -> bool:
    """Whether a condition of the YAML holds, all facts being known: the plainest reading there is."""
    if "condition" in condition:
        return holds(named[condition["condition"]], named, facts)
    if "all" in condition or "any" in condition:
        parts = [holds(part, named, facts) for part in condition.get("all") or condition["any"]]
        return all(parts) if "all" in condition else any(parts)
    if "not" in condition:
        return not holds(condition["not"], named, facts)
    value = facts[condition["fact"]]
    if "is" in condition or "in" in condition:
        return bool(value == condition["is"] if "is" in condition else value in condition["in"])
    if "includes" in condition:
        return condition["includes"] in value.split("; ")
    (name,) = set(condition) & set(COMPARE)
    low, high = value, condition[name]
    if isinstance(value, str):
        low, high = EFFECTS.index(value), EFFECTS.index(high)
    return bool(COMPARE[name](low, high))


def by_hand(raw: dict[str, Any], facts: dict[str, Any]) -> str:
    """The category of a project of which all is known: the level of the first rule in force that holds."""
    named = raw.get("conditions", {})
    if not holds(raw["applies_when"], named, facts):
        return "NOT_APPLICABLE"
    for rule in raw["rules"]:
        until = rule.get("until")
        in_force = until is None or dt.date.fromisoformat(str(until)) > ON
        concludes = rule["kind"] == "outcome" and in_force
        if concludes and ("when" not in rule or holds(rule["when"], named, facts)):
            return str(raw["outcomes"][rule["outcome"]]["level"])
    raise AssertionError("the last rule holds always")


def hidden(facts: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """The same project with some facts unknown."""
    return {name: None if name in names else value for name, value in facts.items()}


def judged(table: Any, standard_id: str, rows: list[dict[str, Any]]) -> CategoryTable:
    """Some projects by a category standard."""
    asked = standard(standard_id).facts_asked()
    kept = [{name: value for name, value in row.items() if name in asked} for row in rows]
    found = judge_one(table(kept, standard_id), standard(standard_id), ON)
    assert isinstance(found, CategoryTable)
    return found


@pytest.mark.parametrize("standard_id", CATEGORIES)
@calm
@given(rows=st.lists(answered, min_size=1, max_size=20))
def test_what_is_fully_known_has_the_category_read_by_hand(standard_id: str, rows: list[Any], table: Any) -> None:
    raw = read_yaml(DEFINITIONS / "standards" / f"{standard_id}.yaml")
    found = judged(table, standard_id, rows).table
    assert found["category"].to_list() == [by_hand(raw, row) for row in rows]
    assert found["final"].all() and (found["best"] == found["worst"]).all()


@pytest.mark.parametrize("standard_id", CATEGORIES)
@calm
@given(facts=answered, names=hiding, more=hiding)
def test_revealing_a_fact_only_narrows(
    standard_id: str, facts: dict[str, Any], names: set[str], more: set[str], table: Any
) -> None:
    scale = standard(standard_id).scale
    rows = judged(table, standard_id, [hidden(facts, names | more), hidden(facts, names), facts]).table.to_dicts()
    for before, after in itertools.pairwise(rows):
        assert scale.index(before["best"]) <= scale.index(after["best"])
        assert scale.index(before["worst"]) >= scale.index(after["worst"])
        if before["final"]:
            assert after["category"] == before["category"]
    for row in rows:
        assert row["category"] == (row["best"] if row["final"] else "UNKNOWN")


@pytest.mark.parametrize("standard_id", CATEGORIES)
@calm
@given(facts=answered, names=hiding, layer=st.sampled_from(LAYERS))
def test_a_sensitive_area_more_never_lowers_a_category(
    standard_id: str, facts: dict[str, Any], names: set[str], layer: str, table: Any
) -> None:
    scale, fact = standard(standard_id).scale, f"overlap_{layer}"
    rows = [hidden(facts, names) | {fact: value} for value in (False, None, True)]
    clear, unknown, touched = judged(table, standard_id, rows).table.to_dicts()
    for bound in ("best", "worst"):
        assert scale.index(clear[bound]) <= scale.index(touched[bound])
    assert scale.index(unknown["best"]) <= scale.index(clear["best"])
    assert scale.index(unknown["worst"]) >= scale.index(touched["worst"])


@pytest.mark.parametrize("standard_id", CATEGORIES)
@calm
@given(facts=answered, names=hiding)
def test_what_is_missing_never_gives_the_least_category(
    standard_id: str, facts: dict[str, Any], names: set[str], table: Any
) -> None:
    whole, partial = judged(table, standard_id, [facts, hidden(facts, names)]).table["category"].to_list()
    assert partial in (whole, "UNKNOWN")


@pytest.mark.parametrize("standard_id", CATEGORIES)
@calm
@given(facts=answered, names=hiding)
def test_a_question_foretells_the_category_of_its_answer(
    standard_id: str, facts: dict[str, Any], names: set[str], table: Any
) -> None:
    """Where one fact alone is unknown, the two answers it is asked with are the categories it can have."""
    for name in sorted(names & standard(standard_id).facts_asked())[:2]:
        found = judged(table, standard_id, [facts | {name: None}])
        row = found.table.row(0, named=True)
        asked = [question for question in found.questions(0) if question.changes_light]
        assert bool(asked) == (row["best"] != row["worst"])
        for question in asked:
            assert question.facts == (name,)
            assert {question.if_true, question.if_false} <= {row["best"], row["worst"], "UNKNOWN"}


SITE = {f"overlap_{layer}": False for layer in LAYERS} | {"displaced_physically": 0.0, "displaced_economically": 0.0}
SITE |= {"country": "LAO"}
SOLAR = {"is_built": True, "effect_pollution": "neutral", "effect_climate": "contributes",
         "effect_biodiversity": "neutral"}  # fmt: skip
LOAN = {"finance_product": "project_finance", "capital_cost": 10.0, "emissions_annual": 0.0}


def test_columns_and_order(table: Any) -> None:
    found = judged(table, "equator_ep4", [LOAN | SOLAR | SITE, SOLAR])
    assert len(found) == 2
    assert found.table.columns == [
        "project_id", "category", "basis", "best", "worst", "final", "confirmed", "outcome", "flags",
    ]  # fmt: skip
    assert found.table["category"].to_list() == ["c", "UNKNOWN"]
    assert found.table["outcome"].to_list() == ["c_otherwise", None]
    assert standard("equator_ep4").scale == ("NOT_APPLICABLE", "c", "b", "a", "UNKNOWN")


def test_the_worst_found_at_the_site_is_screened_whatever_else_is_open(table: Any) -> None:
    rows = [{"is_built": True, "overlap_world_heritage": True}, {"is_built": True, "overlap_ramsar": True}]
    found = judged(table, "ifc_ps6", rows).table
    assert found["category"].to_list() == ["no_go", "UNKNOWN"]
    assert found["basis"].to_list() == ["desk_screened", "type_only"]
    assert found["best"].to_list() == ["no_go", "possible"]


def test_questions_of_a_category_name_layers_and_fields_the_most_telling_first(table: Any) -> None:
    facts = LOAN | SOLAR | SITE | {"overlap_oecms": None, "overlap_ramsar": None, "emissions_annual": None}
    found = judged(table, "equator_ep4", [facts])
    asked = [(q.settled_by, q.kind, q.if_true, q.changes_light) for q in found.questions(0)]
    assert asked[0] == ("ramsar", "layer", "a", True)
    assert {name: kind for name, kind, _, _ in asked} == {
        "ramsar": "layer",
        "oecms": "layer",
        "emissions_t_co2e_per_year": "field",
    }
    told = {row["settled_by"]: row["changes_light"] for row in found.settling().to_dicts()}
    assert told["ramsar"] == 1


def test_trace_of_a_category_ends_where_it_concludes(table: Any) -> None:
    found = judged(table, "ifc_ps6", [{"is_built": True} | SITE | {"overlap_key_biodiversity_areas": True}])
    steps = {step.rule_id: step for step in found.trace(0)}
    assert steps["in_key_biodiversity_area"].result == "true"
    assert steps["in_key_biodiversity_area"].consequence.en.endswith("(critical habitat likely)")
    assert steps["in_key_biodiversity_area"].consequence.zh.endswith("（很可能属于关键栖息地）")
    assert steps["in_natural_world_heritage"].result == "false"
    assert "in_strictly_protected_area" not in steps and "of_world_rank_before_2019" not in steps
    assert steps["cultural_heritage_is_ps8"].result == "false"  # a flag is asked wherever the table ends


def test_the_least_of_performance_standard_6_does_not_say_that_there_is_none() -> None:
    defined = standard("ifc_ps6")
    least = next(iter(defined.levels.values()))
    assert least.en == "no trigger in the layers loaded"
    said = [*defined.levels.values(), *(one.label for one in defined.outcomes.values())]
    assert not any("not critical" in one.en or "非关键" in one.zh for one in said)


def test_a_category_is_indicative_and_says_so() -> None:
    for name in CATEGORIES:
        defined = standard(name)
        assert not defined.endorsed and not defined.confirmed and defined.not_read is not None
        assert "indicative" in defined.notice.en or "first look" in defined.notice.en
        assert "参考" in defined.notice.zh or "初步" in defined.notice.zh
