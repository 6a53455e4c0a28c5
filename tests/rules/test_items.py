"""Lists answered item by item: statuses, counts, what would settle an item, what in hand meets it, traces."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.errors import DefinitionError
from greensilk.rules import ItemTable, standard, standards
from greensilk.rules.item_list import STATUSES
from greensilk.rules.judging import judge_one
from greensilk.rules.registry import load_standards
from greensilk.rules.standard import Standard
from greensilk.rules.stated_facts import stated_facts

ON = dt.date(2026, 1, 1)
LISTS = sorted(name for name, one in standards().items() if one.method == "items")
calm = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=40)

CHECKLIST = """
id: own_list
label: {en: "own list", zh: "自有清单"}
about: {en: "two duties", zh: "两项义务"}
notice: {en: "own", zh: "自有"}
authority: {en: "own", zh: "自有"}
outcome_kind: checklist
method: items
issued: 2020-01-01
endorsed: false
confirmed: false
source: [{title: "own", href: null, page: null}]
layers: [ramsar, world_heritage]
applies_when: {fact: is_built, is: true}
applies_support: country
assessed_when: {fact: assessed_evidence, is: true}
rules:
  - id: near_wetland
    label: {en: "near a wetland", zh: "邻近湿地"}
    kind: item
    article: {en: "Article 1", zh: "第一条"}
    when: {fact: overlap_ramsar, is: true}
    met_when: {fact: mitigation_biodiversity, at_least: certified}
    since: 2020-01-01
    coarsest_support: metres
    clause: {en: "Wetlands are spared", zh: "保护湿地"}
    source: [{title: "own", href: null, page: null}]
    confirmed: false
  - id: everyone
    label: {en: "for all", zh: "适用于所有项目"}
    kind: item
    article: {en: "Article 2", zh: "第二条"}
    met_when: {any: [{fact: has_offset, is: false}, {fact: overlap_world_heritage, is: false}]}
    since: 2022-01-01
    coarsest_support: metres
    clause: {en: "No offsets, or no heritage", zh: "不作抵消，或不涉遗产"}
    source: [{title: "own", href: null, page: null}]
    confirmed: false
  - id: told
    label: {en: "told", zh: "提示"}
    kind: flag
    when: {fact: type_inferred, is: true}
    since: 2020-01-01
    coarsest_support: country
    clause: {en: "told", zh: "提示"}
    source: [{title: "own", href: null, page: null}]
    confirmed: false
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Standard:
    """A checklist of two items and a flag."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "own_list.yaml").write_text(CHECKLIST, "utf-8")
    return load_standards(folder)["own_list"]


def listed(defined: Standard, rows: list[dict[str, Any]], on: dt.date = ON) -> ItemTable:
    """Some projects by a list."""
    found = judge_one(stated_facts(rows, defined), defined, on)
    assert isinstance(found, ItemTable)
    return found


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"overlap_ramsar": False}, "not_asked"),
        ({"overlap_ramsar": False, "mitigation_biodiversity": "monitored"}, "not_asked"),
        ({}, "unknown"),
        ({"mitigation_biodiversity": "contracted"}, "unknown"),
        ({"mitigation_biodiversity": "certified"}, "unknown"),  # nobody knows whether it is asked
        ({"overlap_ramsar": True}, "open"),
        ({"overlap_ramsar": True, "mitigation_biodiversity": "none"}, "open"),
        ({"overlap_ramsar": True, "mitigation_biodiversity": "contracted"}, "open"),
        ({"overlap_ramsar": True, "mitigation_biodiversity": "certified"}, "done"),
        ({"overlap_ramsar": True, "mitigation_biodiversity": "monitored"}, "done"),
    ],
)
def test_an_item_is_open_until_something_in_hand_meets_it(own: Standard, facts: dict[str, Any], status: str) -> None:
    assert listed(own, [{"is_built": True} | facts]).table["near_wetland"].to_list() == [status]


@pytest.mark.parametrize(
    ("built", "applies", "status"), [(True, True, "open"), (None, None, "unknown"), (False, False, "not_asked")]
)
def test_an_item_for_all_is_asked_where_the_list_applies(own: Standard, built: Any, applies: Any, status: str) -> None:
    found = listed(own, [{"is_built": built}]).table
    assert found["applies"].to_list() == [applies]
    assert found["everyone"].to_list() == [status]


def test_columns_counts_and_what_is_done(own: Standard) -> None:
    rows = [
        {"is_built": True, "overlap_ramsar": True, "has_offset": False, "type_inferred": True},
        {"is_built": True, "overlap_ramsar": True, "mitigation_biodiversity": "certified", "has_offset": False},
        {"is_built": True},
        {"is_built": False, "type_inferred": True},
    ]
    found = listed(own, rows)
    assert len(found) == 4
    assert found.table.columns == ["project_id", "applies", "near_wetland", "everyone", "flags"]
    assert found.table["near_wetland"].to_list() == ["open", "done", "unknown", "not_asked"]
    assert found.table["flags"].to_list() == ["told", None, None, None]  # nothing is told where the list does not apply
    assert found.done.tolist() == [1, 2, 0, 0]
    assert found.counts.to_dicts() == [
        {"item": "near_wetland", "not_asked": 1, "unknown": 1, "open": 1, "done": 1},
        {"item": "everyone", "not_asked": 1, "unknown": 0, "open": 1, "done": 2},
    ]


def test_what_would_settle_an_item(own: Standard) -> None:
    rows = [
        {"is_built": True},
        {"is_built": True, "overlap_ramsar": True},
        {"is_built": True, "overlap_ramsar": True, "mitigation_biodiversity": "none", "has_offset": True,
         "overlap_world_heritage": True},
        {"is_built": True, "overlap_ramsar": False, "has_offset": False},
    ]  # fmt: skip
    found = listed(own, rows)
    assert found.settles(0) == {"near_wetland": ("ramsar",), "everyone": ("has_offset", "world_heritage")}
    assert found.settles(1) == {"near_wetland": ("mitigations",), "everyone": ("has_offset", "world_heritage")}
    # A better measure may be named; that the place lies inside stays as it is.
    assert found.settles(2) == {"near_wetland": ("mitigations",), "everyone": ()}
    assert found.settles(3) == {}
    assert found.settlers()["ramsar"].tolist() == [1, 0, 0, 0]


def test_trace_of_an_item_says_what_it_saw_and_what_follows(own: Standard) -> None:
    rows = [{"is_built": True, "overlap_ramsar": truth} for truth in (True, None, False)]
    found = listed(own, rows)
    steps = [{step.rule_id: step for step in found.trace(i)}["near_wetland"] for i in range(3)]
    assert [step.result for step in steps] == ["true", "unknown", "false"]
    assert [step.consequence.en for step in steps] == [
        "is asked of this project", "not known whether it is asked", "is not asked of this project",
    ]  # fmt: skip
    assert [use.name for use in steps[0].facts] == ["overlap_ramsar", "mitigation_biodiversity"]
    assert steps[0].clause is not None and steps[0].clause.zh == "保护湿地"


def test_items_come_into_force_one_by_one(own: Standard) -> None:
    row = [{"is_built": True, "overlap_ramsar": True}]
    before, after = (listed(own, row, dt.date(year, 1, 1)) for year in (2021, 2022))
    assert [item.id for item in before.items] == ["near_wetland"]
    assert [item.id for item in after.items] == ["near_wetland", "everyone"]
    nothing = listed(own, row, dt.date(2019, 12, 31))
    assert nothing.items == () and nothing.table["applies"].to_list() == [False]
    assert nothing.table.columns == ["project_id", "applies", "flags"]
    assert nothing.done.tolist() == [0] and nothing.counts.height == 0


def test_no_projects_at_all(own: Standard) -> None:
    found = listed(own, [])
    assert found.table.height == 0 and found.counts["open"].to_list() == [0, 0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("outcome_kind: checklist", "outcome_kind: trigger", "met_when is for a checklist"),
        ('    article: {en: "Article 1", zh: "第一条"}\n', "", "an item needs a clause and the article"),
        ('    clause: {en: "Wetlands are spared", zh: "保护湿地"}\n', "", "an item needs a clause and the article"),
        ("kind: item", "kind: flag", "met_when is for an item of a checklist"),
        ("method: items", "method: decision_table", "is concluded by items, not by decision_table"),
        ("fact: mitigation_biodiversity, at", "fact: mitigation_biodivrsity, at", "there is no fact called"),
    ],
)
def test_a_fault_of_a_list_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in CHECKLIST
    (tmp_path / "own_list.yaml").write_text(CHECKLIST.replace(old, new, 1), "utf-8")
    with pytest.raises(DefinitionError) as refused:
        load_standards(tmp_path)
    assert said in str(refused.value)


TRIGGERS = standard("ifc_ps_triggers")
TRUTHS = ["is_built", *(f"overlap_{layer}" for layer in TRIGGERS.layers)]
NUMBERS = ["population_within_1km", "people_within_1km", "displaced_physically", "displaced_economically",
           "footprint_area", "land_share_natural_habitat_footprint"]  # fmt: skip
VALUES = {
    **{name: st.booleans() for name in TRUTHS},
    **{name: st.sampled_from([0.0, 0.5, 3.0]) for name in NUMBERS},
    "emissions_annual": st.sampled_from([0.0, 25_000.0, 25_001.0]),
    "effect_pollution": st.sampled_from(["neutral", "moderate_harm"]),
    "effect_biodiversity": st.sampled_from(["contributes", "significant_harm"]),
    "project_type": st.sampled_from(["dam", "solar_pv"]),
    "country": st.sampled_from(["LAO", "CHN; LAO"]),
    "type_family": st.sampled_from(["energy", "mining"]),
}
hiding = st.sets(st.sampled_from(sorted(VALUES)), max_size=8)


@calm
@given(facts=st.fixed_dictionaries(VALUES), names=hiding, more=hiding)
def test_revealing_a_fact_never_takes_an_answer_back(facts: dict[str, Any], names: set[str], more: set[str]) -> None:
    rows = [
        {key: None if key in gone else value for key, value in facts.items()} for gone in (names | more, names, set())
    ]
    table = listed(TRIGGERS, rows).table
    for item in (rule.id for rule in TRIGGERS.rules):
        said = table[item].to_list()
        assert said[-1] != "unknown"
        for before, after in itertools.pairwise(said):
            assert before in (after, "unknown")


@calm
@given(facts=st.fixed_dictionaries(VALUES), names=hiding, name=st.sampled_from([*TRUTHS[1:], *NUMBERS]))
def test_more_harm_never_takes_a_trigger_away(facts: dict[str, Any], names: set[str], name: str) -> None:
    row = {key: None if key in names else value for key, value in facts.items()}
    least, most = (False, True) if name in TRUTHS else (0.0, 3.0)
    table = listed(TRIGGERS, [row | {name: least}, row | {name: most}]).table
    order = STATUSES["trigger"]
    for item in (rule.id for rule in TRIGGERS.rules):
        less, more = table[item].to_list()
        assert order.index(more) >= order.index(less)


@pytest.mark.parametrize("standard_id", LISTS)
def test_nothing_known_settles_nothing(standard_id: str) -> None:
    """Of a project of which nothing is known, no item is said to be asked, met or out of the question."""
    found = listed(standard(standard_id), [{}])
    statuses = {found.table[item.id].item() for item in found.items}
    assert statuses == {"unknown"}
    assert found.done.tolist() == [0]
