"""Verdict tables: bases, confirmation, questions, traces; and a standard read on an earlier day."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from greensilk.facts import FactTable
from greensilk.records import DEFINITIONS, Label, Record, Support, load_file, read_yaml
from greensilk.rules import GREEN_BY_TYPE, ItemTable, explain, judge, standard, standards
from greensilk.rules.explain import in_words
from greensilk.rules.faults import entries_of
from greensilk.rules.hearing import Hearing
from greensilk.rules.judging import judge_one
from greensilk.rules.registry import load_standards
from greensilk.rules.standard import COMPARISONS, Condition
from greensilk.texts import LANGUAGES, Language, room_texts

ON = dt.date(2026, 1, 1)
SOLAR = {"project_type": "solar_pv", "is_built": True, "type_liftable": False, "country": "LAO"}
SOLAR |= {"effect_pollution": "neutral", "effect_climate": "contributes", "effect_biodiversity": "neutral"}
CLEAR = {
    f"overlap_{layer}": False for layer in ("protected_areas", "key_biodiversity_areas", "ramsar", "world_heritage")
}
HYDRO = SOLAR | {"project_type": "hydropower_large", "type_liftable": True, "effect_biodiversity": "significant_harm"}
COAL = {"project_type": "coal_power_new", "coal_case": "new_build", "country": "PAK"}


def test_columns_and_order(table: Any) -> None:
    found = judge(table([SOLAR, HYDRO | CLEAR]), standard("gdg_2020"), ON)
    assert len(found) == 2
    assert found.standard.id == "gdg_2020" and found.on == ON
    assert found.table.columns == [
        "project_id", "light", "basis", "best", "worst", "final", "conditional_light", "counted", "confirmed",
        "outcome", "flags", "effect_pollution", "effect_climate", "effect_biodiversity",
    ]  # fmt: skip
    assert found.table["project_id"].to_list() == ["p0", "p1"]
    assert found.table["outcome"].to_list() == [None, None]
    assert found.table["counted"].to_list() == [GREEN_BY_TYPE, "RED"]
    assert found.table["effect_biodiversity"].to_list() == ["neutral", "significant_harm"]


def test_no_projects_at_all(table: Any) -> None:
    empty = table([SOLAR])
    nothing = FactTable(pl.Series([], dtype=pl.String), {}, empty.layers)
    for one in standards().values():
        found = judge_one(nothing, one, ON)
        assert found.table.height == 0
        assert isinstance(found, ItemTable) or found.settling().height == 0


def test_facts_that_no_rule_knows_do_no_harm(table: Any) -> None:
    facts = table([SOLAR | CLEAR | {"distance_port": 12.0}])
    assert judge(facts, standard("gdg_2020"), ON).table["light"].to_list() == ["GREEN"]


def test_a_table_needs_no_layer_at_all(table: Any) -> None:
    facts = table([SOLAR])
    bare = FactTable(facts.project_ids, facts.columns)
    found = judge(bare, standard("gdg_2020"), ON)
    assert found.table["counted"].to_list() == [GREEN_BY_TYPE]


def test_confirmed_needs_the_type_and_the_rules_that_hold(table: Any) -> None:
    rows = [
        SOLAR | CLEAR,  # a confirmed row of the type table
        SOLAR | CLEAR | {"project_type": "gas_power"},  # an unconfirmed row
        SOLAR | CLEAR | {"project_type": None},
        SOLAR | CLEAR | {"overlap_ramsar": True},  # which layers count is greensilk's reading
        SOLAR | CLEAR | {"overlap_indigenous_lands": True},  # a flag decides nothing
    ]
    found = judge(table(rows), standard("gdg_2020"), ON)
    assert found.table["confirmed"].to_list() == [True, False, False, False, True]
    without = {name: value for name, value in SOLAR.items() if name != "project_type"}
    assert judge(table([without]), standard("gdg_2020"), ON).table["confirmed"].to_list() == [False]


def test_basis_of_each_kind_of_verdict(table: Any) -> None:
    rows = [
        SOLAR | {"assessed_evidence": True},
        SOLAR | CLEAR,
        SOLAR | CLEAR | {"assessed_evidence": True},
        SOLAR | CLEAR | {"assessed_evidence": False},
        SOLAR | {"overlap_ramsar": True},
        SOLAR | {"overlap_ramsar": True, "assessed_evidence": True},
        SOLAR | CLEAR | {"effect_climate": None},
        SOLAR | CLEAR | {"is_built": False},
    ]
    expected = [
        "type_only",
        "desk_screened",
        "assessed",
        "desk_screened",
        "desk_screened",
        "assessed",
        "type_only",
        "type_only",
    ]
    assert judge(table(rows), standard("gdg_2020"), ON).table["basis"].to_list() == expected


def test_questions_of_a_green_by_type(table: Any) -> None:
    found = judge(table([SOLAR, SOLAR | CLEAR]), standard("gdg_2020"), ON)
    asked = found.questions(0)
    assert [q.settled_by for q in asked] == ["protected_areas", "key_biodiversity_areas", "ramsar", "world_heritage"]
    assert {(q.kind, q.if_true, q.if_false, q.changes_light, q.changes_basis) for q in asked} == {
        ("layer", "RED", "GREEN", True, True)
    }
    assert asked[0].facts == ("overlap_protected_areas",) and asked[0].rank == 1
    assert found.questions(1) == ()


def test_what_could_lift_a_red_comes_before_what_could_complete_a_basis(table: Any) -> None:
    facts = HYDRO | {"mitigation_biodiversity": "certified", "mitigation_part_biodiversity": "certified"}
    found = judge(table([facts]), standard("gdg_2020"), ON)
    asked = found.questions(0)
    assert [(q.kind, q.settled_by) for q in asked] == [
        ("field", "reservoir_area_km2"),
        ("field", "emission_intensity_g_kwh"),
        ("field", "date_operation"),
    ]
    # The reservoir is asked twice: whether it harms the climate (no other light), and whether measures can lift.
    assert (asked[0].if_true, asked[0].if_false) == ("GREEN", "RED")


def test_a_red_that_nothing_can_lift_asks_nothing(table: Any) -> None:
    coal = SOLAR | {"project_type": "coal_power_new", "effect_climate": "significant_harm"}
    assert judge(table([coal]), standard("gdg_2020"), ON).questions(0) == ()


def test_an_unknown_type_is_asked_for(table: Any) -> None:
    found = judge(table([{"country": "LAO"}]), standard("gdg_2020"), ON)
    asked = found.questions(0)
    assert (asked[0].settled_by, asked[0].facts) == ("type", ("is_built",))
    assert (asked[0].if_true, asked[0].if_false) == ("UNKNOWN", "NOT_APPLICABLE")
    assert asked[0].changes_light and not asked[0].changes_basis


@pytest.mark.parametrize(("effect", "light"), [("contributes", "GREEN"), ("significant_harm", "RED")])
def test_whether_it_applies_is_asked_with_the_light_it_would_have(table: Any, effect: str, light: str) -> None:
    found = judge(table([SOLAR | CLEAR | {"is_built": None, "effect_climate": effect}]), standard("gdg_2020"), ON)
    assert found.table["light"].to_list() == ["UNKNOWN"]
    (asked,) = found.questions(0)
    assert (asked.settled_by, asked.if_true, asked.if_false) == ("type", light, "NOT_APPLICABLE")
    assert asked.changes_light and not asked.changes_basis


def test_a_fact_asked_twice_is_open_where_either_question_is(table: Any) -> None:
    rows = [{"date_operation": dt.date(2022, 1, 1)}, {"date_operation": dt.date(2022, 1, 2)}]
    hearing = Hearing(standard("gdg_2020"), table(rows), entries_of(standard("gdg_2020")), ON)
    within = Condition(fact="date_operation", before=dt.date(2022, 3, 28))
    beyond = Condition(fact="date_operation", before=dt.date(2030, 1, 1))
    for order in ((within, beyond), (beyond, within)):
        ((fact, unknown),) = hearing.unknown_facts(order, Support.COUNTRY)
        assert (fact, unknown.tolist()) == ("date_operation", [True, False])


def test_an_unknown_effect_is_asked_for_with_both_ends(table: Any) -> None:
    found = judge(table([SOLAR | CLEAR | {"effect_biodiversity": None}]), standard("gdg_2020"), ON)
    asked = found.questions(0)
    assert [(q.settled_by, q.facts, q.if_true, q.if_false) for q in asked] == [
        ("type", ("effect_biodiversity",), "RED", "GREEN"),
    ]


def test_dates_asked_for_by_a_coal_plant(table: Any) -> None:
    found = judge(table([COAL], "no_new_coal_2021"), standard("no_new_coal_2021"), ON)
    told = {q.settled_by: (q.kind, q.if_true, q.if_false) for q in found.questions(0)}
    assert told["date_commitment"] == ("field", "RED", "UNKNOWN")
    assert told["date_financial_close"] == ("field", "RED", "UNKNOWN")
    assert told["date_construction_start"] == ("field", "YELLOW", "UNKNOWN")


def test_settling_adds_up_over_the_portfolio(table: Any) -> None:
    rows = [SOLAR, SOLAR | {"overlap_ramsar": False}, SOLAR | CLEAR]
    found = judge(table(rows), standard("gdg_2020"), ON).settling()
    counts = {row["settled_by"]: (row["kind"], row["changes_light"], row["changes_basis"]) for row in found.to_dicts()}
    assert counts == {
        "protected_areas": ("layer", 2, 2),
        "key_biodiversity_areas": ("layer", 2, 2),
        "world_heritage": ("layer", 2, 2),
        "ramsar": ("layer", 1, 1),
    }
    assert found["settled_by"].to_list()[-1] == "ramsar"


def test_the_country_of_a_coal_plant_is_asked_for(table: Any) -> None:
    dated = {"date_commitment": dt.date(2024, 5, 5), "date_construction_start": dt.date(2025, 5, 5)}
    found = judge(table([COAL | dated | {"country": None}], "no_new_coal_2021"), standard("no_new_coal_2021"), ON)
    (asked,) = found.questions(0)
    assert (asked.settled_by, asked.facts) == ("geometry", ("country",))
    assert (asked.if_true, asked.if_false) == ("RED", "NOT_APPLICABLE")
    assert asked.changes_light and not asked.changes_basis


def test_settling_by_what_the_owner_can_say(table: Any) -> None:
    found = judge(table([COAL], "no_new_coal_2021"), standard("no_new_coal_2021"), ON).settling()
    told = {row["settled_by"]: (row["kind"], row["changes_light"], row["changes_basis"]) for row in found.to_dicts()}
    for name in ("date_commitment", "date_financial_close", "date_construction_start"):
        assert told[name] == ("field", 1, 0)


def test_trace_of_a_lift_kept_back_by_the_place(table: Any) -> None:
    facts = HYDRO | CLEAR | {"mitigation_biodiversity": "certified", "power_density": 12.0, "overlap_ramsar": True}
    trace = judge(table([facts]), standard("gdg_2020"), ON).trace(0)
    steps = {step.rule_id: step for step in trace}
    assert list(steps)[:4] == ["applies", "effect_pollution", "effect_climate", "effect_biodiversity"]
    assert [step.rule_id for step in trace[4:]] == [rule.id for rule in standard("gdg_2020").rules]
    assert steps["infringes_ramsar_site"].consequence.en == "the light is red, and no mitigation lifts it"
    assert steps["hydropower_mitigated"].result == "true"
    assert "lifts nothing, because" in steps["hydropower_mitigated"].consequence.en
    assert steps["reservoir_emits"].consequence.en == "adds no harm"
    assert steps["effect_biodiversity"].consequence.en == "biodiversity starts at: significant harm"
    assert steps["effect_biodiversity"].source and steps["effect_biodiversity"].confirmed
    assert steps["applies"].consequence.en == "it does"
    assert steps["applies"].confirmed is True and steps["applies"].source == standard("gdg_2020").source
    assert [(use.name, use.value) for use in steps["applies"].facts] == [("is_built", True)]
    assert [use.name for use in steps["infringes_ecological_redline"].facts] == [
        "country",
        "overlap_ecological_redline",
    ]


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ("none", "lifts nothing"),
        ("promised", "only promised or contracted: would lift biodiversity to neutral once certified"),
        ("contracted", "only promised or contracted: would lift biodiversity to neutral once certified"),
        ("certified", "biodiversity is lifted to: neutral"),
        ("monitored", "biodiversity is lifted to: neutral"),
        (None, "could still lift biodiversity to: neutral"),
    ],
)
def test_trace_of_a_lift_by_its_evidence(table: Any, evidence: str | None, said: str) -> None:
    facts = SOLAR | CLEAR | {"project_type": "rail_mixed", "type_liftable": True, "mitigation_biodiversity": evidence}
    trace = judge(table([facts]), standard("gdg_2020"), ON).trace(0)
    assert next(step for step in trace if step.rule_id == "railway_mitigated").consequence.en == said


def test_trace_of_a_promise_while_the_rest_is_open(table: Any) -> None:
    rows = [HYDRO | CLEAR | {"mitigation_biodiversity": tier} for tier in ("none", "promised")]
    found = judge(table(rows), standard("gdg_2020"), ON)
    said = [next(step for step in found.trace(i) if step.rule_id == "hydropower_mitigated") for i in range(2)]
    assert [step.result for step in said] == ["false", "false"]
    assert said[0].consequence.en == "lifts nothing"
    assert said[1].consequence.en.startswith("only promised or contracted, and the rest is not known")


def test_trace_of_what_is_unknown_or_does_not_apply(table: Any) -> None:
    rows = [{"country": "LAO"}, SOLAR | {"is_built": False}]
    found = judge(table(rows), standard("gdg_2020"), ON)
    steps = {step.rule_id: step for step in found.trace(0)}
    assert (steps["applies"].result, steps["applies"].consequence.en) == (
        "unknown",
        "not known, so no light can be given",
    )
    assert steps["effect_climate"].result == "unknown" and not steps["effect_climate"].confirmed
    assert steps["effect_climate"].consequence.en.startswith("climate change could be anything")
    assert steps["infringes_ramsar_site"].consequence.en == "could still make the light red"
    assert steps["infringes_ramsar_site"].facts[0].reason == "no_layer"
    assert steps["on_indigenous_lands"].consequence.en == "not known; the light stays"
    (only,) = found.trace(1)
    assert (only.rule_id, only.result, only.consequence.en) == ("applies", "false", "it does not: not applicable")


def test_trace_of_a_table_ends_where_it_concludes(table: Any) -> None:
    rows = [
        COAL | {"date_construction_start": dt.date(2020, 5, 5)},
        COAL | {"date_commitment": dt.date(2024, 5, 5)},
        COAL | {"date_commitment": dt.date(2019, 5, 5), "date_financial_close": dt.date(2019, 6, 5),
                "date_construction_start": dt.date(2024, 5, 5)},
    ]  # fmt: skip
    found = judge(table(rows, "no_new_coal_2021"), standard("no_new_coal_2021"), ON)
    first = found.trace(0)
    assert [(step.rule_id, step.result) for step in first[-3:]] == [
        ("captive_started_before", "false"),
        ("built_before", "unknown"),
        ("started_before", "true"),
    ]
    assert first[-1].consequence.en.startswith("concludes: started before the pledge")
    assert first[-1].consequence.en.endswith("(yellow)")
    assert first[-3].consequence.en == "does not hold; the next rule is asked"
    second = {step.rule_id: step.consequence.en for step in found.trace(1)}
    assert second["started_before"].startswith("not known; possible still: started before")
    assert second["presumed_new"].endswith("presumed, as no start of construction is given (red)")
    last = found.trace(2)[-1]
    assert last.rule_id == "financed_before"
    assert last.consequence.en.endswith("the text does not settle the light, which lies between yellow and red")


def test_before_it_was_issued_nothing_is_asked(table: Any) -> None:
    found = judge(table([SOLAR]), standard("gdg_2020"), dt.date(2020, 11, 30))
    assert found.table["light"].to_list() == ["NOT_APPLICABLE"]
    assert found.questions(0) == ()
    (only,) = found.trace(0)
    assert (only.rule_id, only.result, only.label.en) == ("in_force", "false", "Issued on 2020-12-01")
    assert only.source == standard("gdg_2020").source


def test_a_threshold_of_another_day_gives_the_verdict_of_that_day(table: Any, tmp_path: Path) -> None:
    written = (DEFINITIONS / "standards" / "gdg_2020.yaml").read_text("utf-8")
    dated = written.replace(
        "power_density, above: 10}", "power_density, above: {values: {2021-03-25: 10, 2025-01-01: 20}}}"
    )
    (tmp_path / "gdg_2020.yaml").write_text(dated, "utf-8")
    changed = load_standards(tmp_path)["gdg_2020"]
    facts = table(
        [HYDRO | CLEAR | {"mitigation_biodiversity": "certified", "power_density": 15.0, "emission_intensity": 99.0}]
    )
    lights = [
        judge(facts, changed, day).table["light"].item()
        for day in (dt.date(2021, 3, 24), dt.date(2021, 3, 25), dt.date(2024, 12, 31), dt.date(2025, 1, 1))
    ]
    assert lights == ["RED", "GREEN", "GREEN", "RED"]
    step = next(
        step for step in judge(facts, changed, dt.date(2025, 1, 1)).trace(0) if step.rule_id == "reservoir_emits"
    )
    assert step.facts[1].threshold == 20.0


def test_rules_hold_from_their_first_day_to_the_day_before_their_last() -> None:
    rule = standard("gdg_2020").rules[0].model_copy(update={"until": dt.date(2025, 1, 1)})
    days = [dt.date(2020, 11, 30), dt.date(2020, 12, 1), dt.date(2024, 12, 31), dt.date(2025, 1, 1)]
    assert [rule.in_force(day) for day in days] == [False, True, True, False]
    assert standard("gdg_2020").rules[0].in_force(dt.date(2099, 1, 1))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("standard_id", sorted(standards()))
def test_every_standard_explains_itself(standard_id: str, lang: Any) -> None:
    found = explain(standard(standard_id), None, lang)
    assert [rule.rule_id for rule in found.rules] == [rule.id for rule in standard(standard_id).rules]
    said = [found.label, found.about, found.notice, found.authority, found.method, found.applies_when]
    said += [text for rule in found.rules for text in (rule.label, rule.kind, rule.asks, rule.follows)]
    for text in said:
        assert text and "{" not in text and "_" not in text
        if lang == "zh":
            assert re.search(r"[\u4e00-\u9fff]", text)
        else:
            assert not re.search(r"[\u4e00-\u9fff]", text)


def test_one_rule_in_words() -> None:
    (rule,) = explain(standard("gdg_2020"), "infringes_ecological_redline", "en").rules
    assert rule.asks == "Country or countries: among them China and Overlaps Ecological conservation redline"
    assert (rule.since, rule.until, rule.coarsest_support, rule.required) == ("2020-12-01", None, "metres", True)
    (lift,) = explain(standard("gdg_2020"), "hydropower_mitigated", "en").rules
    assert "Power density (capacity per reservoir area) above 10 W/m²" in lift.asks
    assert lift.asks.endswith("Recognised measures that leave no harm to biodiversity: evidence at least certified")
    assert lift.follows == "biodiversity is lifted to: neutral"
    (table,) = explain(standard("no_new_coal_2021"), "financed_before", "en").rules
    assert table.asks == "in every other case"


class Words(Record):
    """One rule as it must read in one language."""

    standard: str
    rule: str
    lang: Language
    asks: str
    follows: str


class AllWords(Record):
    """The rules whose words are kept."""

    words: tuple[Words, ...]


WORDS = load_file(AllWords, Path(__file__).parents[1] / "cases" / "rules_in_words.yaml").words


@pytest.mark.parametrize("words", WORDS, ids=[f"{words.rule}-{words.lang}" for words in WORDS])
def test_rules_word_for_word(words: Words) -> None:
    (rule,) = explain(standard(words.standard), words.rule, words.lang).rules
    assert (rule.asks, rule.follows) == (words.asks, words.follows)


def test_a_standard_word_for_word() -> None:
    found = explain(standard("no_new_coal_2021"), "new_build", "zh")
    assert found.label == "2021 年承诺：不再新建境外煤电项目"
    assert found.notice == "本软件对一句宣示的解读，并非官方解释"
    assert found.authority == "中华人民共和国主席在联合国大会的讲话"
    assert found.method == "决策表法：依次询问各条规则，首条成立者得出结论。"
    assert found.applies_when.endswith("，且（并非：所在国家（地区）为中国）")
    assert (found.issued, found.endorsed, found.confirmed) == (
        "2021-09-21 发布",
        False,
        True,
    )
    assert found.source == standard("no_new_coal_2021").source
    (rule,) = found.rules
    assert (rule.kind, rule.clause, rule.confirmed, rule.required) == ("得出结论", "不再新建境外煤电项目", True, False)
    assert rule.label == "承诺当日或之后签约或融资，且此前未开工"
    assert rule.coarsest_support == "country" and rule.source
    equipment = explain(standard("ndrc_2022_408"), "is_equipment_only", "en").rules[0]
    assert equipment.clause is None
    assert equipment.follows == "concludes: equipment only: the text does not name it (unknown)"


def test_an_unknown_rule_names_those_there_are() -> None:
    with pytest.raises(Exception, match="railway_mitigated") as refused:
        explain(standard("gdg_2020"), "nonsense", "en")
    assert "nonsense" in str(refused.value)


def test_every_comparison_has_words_in_both_languages() -> None:
    entries = entries_of(standard("gdg_2020"))
    written = [
        ({"fact": "country", "is": "LAO"}, "Country or countries: Laos"),
        ({"fact": "stage", "in": ("planned", "operating")}, "Stage is one of: planned; operating"),
        ({"fact": "is_built", "is": False}, "not: Something is built"),
        ({"fact": "stage", "known": True}, "Stage is known"),
        ({"fact": "stage", "known": False}, "Stage is not given"),
        ({"fact": "elevation", "below": 5.0}, "Elevation below 5 m"),
        ({"fact": "elevation", "at_most": 5.5}, "Elevation at most 5.5 m"),
        ({"fact": "effect_climate", "at_least": "neutral"}, "First effect on climate at least neutral"),
    ]
    for condition, expected in written:
        assert in_words(Condition.model_validate(condition), entries, "en") == expected
    dated = Condition.model_validate_json(
        '{"fact": "elevation", "above": {"values": {"2020-01-01": 5, "2024-01-01": 6}}}'
    )
    assert in_words(dated, entries, "en") == "Elevation above 2020-01-01: 5 m; 2024-01-01: 6 m"
    assert {f"comparison_{name}" for name in COMPARISONS} <= set(room_texts("rules"))


def test_labels_of_rules_are_chinese_where_they_should_be() -> None:
    def labels(node: Any) -> list[Label]:
        if isinstance(node, dict):
            here = [Label(**node)] if set(node) == {"en", "zh"} else []
            return here + [label for value in node.values() for label in labels(value)]
        return [label for value in node for label in labels(value)] if isinstance(node, list) else []

    for path in sorted((DEFINITIONS / "standards").glob("*.yaml")):
        for label in labels(read_yaml(path)):
            assert re.search(r"[\u4e00-\u9fff]", label.zh), label
            assert not re.search(r"[\u4e00-\u9fff]", label.en), label
            assert not re.search(r"[\u4e00-\u9fff][,;:()]|[,;:()][\u4e00-\u9fff]", label.zh), label
