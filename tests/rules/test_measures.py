"""Measures that count: facts with more of them, the smallest sets that change a light, and that nothing worsens."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.facts import FactTable
from greensilk.project_types import OBJECTIVES, Aliases, Lowers, Mitigation, mitigations, project_types
from greensilk.records import DEFINITIONS, Effect, Label, Source, Tier, read_yaml
from greensilk.rules import Standard, judge, judge_all, standard, standards
from greensilk.rules.measure_sets import HIERARCHY, MeasureSet, WouldChange, smallest_sets, tier_asked
from greensilk.rules.measures import with_measures
from greensilk.rules.registry import load_standards
from greensilk.rules.stated_facts import facts_of_type, stated_facts

ON = dt.date(2026, 1, 1)
ORDER = ["NOT_APPLICABLE", "GREEN", "YELLOW", "RED"]
EFFECTS = ["contributes", "neutral", "moderate_harm", "significant_harm"]
TIERS = ["none", "promised", "contracted", "certified", "monitored"]
TYPES = ["solar_pv", "hydropower_large", "rail_freight", "coal_power_new", "metal_ore_mining"]
NO_GO = [f"overlap_{layer}" for layer in ("protected_areas", "key_biodiversity_areas", "ramsar", "world_heritage")]
CLEAR: dict[str, Any] = dict.fromkeys(NO_GO, False) | {"country": "LAO"}

calm = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
few = settings(calm, max_examples=20)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Those values, or unknown."""
    return st.none() | values


tiers = maybe(st.sampled_from(TIERS))
projects = st.fixed_dictionaries(
    {
        "project_type": maybe(st.sampled_from(TYPES)),
        "is_built": maybe(st.sampled_from([True, True, True, False])),
        "type_liftable": maybe(st.booleans()),
        "country": maybe(st.sampled_from(["CHN", "LAO"])),
        "power_density": maybe(st.sampled_from([1.0, 12.0])),
        "assessed_evidence": maybe(st.booleans()),
        "has_offset": maybe(st.booleans()),
        "measures_in_hand": maybe(st.sampled_from(["none", "grievance_mechanism", "fish_passage;wildlife_passages"])),
        "overlap_protected_areas": maybe(st.booleans()),
        "overlap_ramsar": maybe(st.booleans()),
        **{f"effect_{name}": maybe(st.sampled_from(EFFECTS)) for name in OBJECTIVES},
        **{f"mitigation_{name}": tiers for name in OBJECTIVES},
        **{f"mitigation_part_{name}": tiers for name in OBJECTIVES},
    }
)
# Mostly known and harmful, so that there is something to lift.
harmful = st.fixed_dictionaries(
    {
        "project_type": st.just("rail_freight"),
        "is_built": st.just(True),
        "type_liftable": st.sampled_from([True] * 6 + [False, None]),
        "overlap_ramsar": st.sampled_from([False] * 6 + [True, None]),
        **{f"effect_{name}": st.sampled_from(EFFECTS) for name in OBJECTIVES},
        **{
            f"mitigation_{name}": st.sampled_from([None, "none", "none", "promised", "certified"])
            for name in OBJECTIVES
        },
        **{f"mitigation_part_{name}": st.sampled_from([None, "none", "none", "contracted"]) for name in OBJECTIVES},
    }
)
sets = st.dictionaries(st.sampled_from(sorted(mitigations())), st.sampled_from(list(Tier)[1:]), max_size=4)

# ---- a small standard that lets every objective be lifted, and small registers of measures


def small_standard() -> dict[str, Any]:
    """The traffic light with lifts for every objective, to moderate and to no harm, and one area that sets red."""
    raw = read_yaml(DEFINITIONS / "standards" / "gdg_2020.yaml")
    plain = {"since": "2020-12-01", "coarsest_support": "metres", "source": raw["source"], "confirmed": False}
    named = {"label": raw["label"], **plain}
    override = {"id": "no_go", "kind": "override", "when": {"fact": "overlap_ramsar", "is": True}, **named}
    lifts = [
        {
            "id": f"lift_{name}_{level}", "kind": "lift", "objective": name, "level": level,
            "when": {"fact": "type_liftable", "is": True},
            "evidence": {"fact": fact.format(name), "at_least": "certified", "conditional_at_least": "promised"},
            **named,
        }
        for name in OBJECTIVES
        for fact, level in (("mitigation_{}", "neutral"), ("mitigation_part_{}", "moderate_harm"))
    ]  # fmt: skip
    return raw | {"id": "small", "rules": [override, *lifts], "conditions": {}}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Standard]:
    """The small standard as written and as loaded."""
    folder = tmp_path_factory.mktemp("standards")
    (folder / "small.yaml").write_text(json.dumps(small_standard()), "utf-8")
    loaded: dict[str, Standard] = load_standards(folder)
    return read_yaml(folder / "small.yaml"), loaded["small"]


LOWERS = [
    None,
    Lowers(moderate_harm=Effect.NEUTRAL),
    Lowers(significant_harm=Effect.MODERATE_HARM),
    Lowers(significant_harm=Effect.MODERATE_HARM, moderate_harm=Effect.NEUTRAL),
    Lowers(significant_harm=Effect.NEUTRAL, moderate_harm=Effect.NEUTRAL),
]


@st.composite
def registers(draw: st.DrawFn) -> dict[str, Mitigation]:
    """Up to six measures of any kind."""
    found = {}
    for number in range(draw(st.sampled_from([0, 3, 4, 5, 5, 6]))):
        hierarchy = draw(st.sampled_from([*HIERARCHY, *HIERARCHY[:3]]))
        lowers = draw(st.sampled_from(LOWERS))
        families = draw(st.sampled_from([(), (), (), ("rail_freight",), ("transport",), ("energy",)]))
        offset = hierarchy == "offset"
        name = f"m{number}"
        recognised = not offset and draw(st.sampled_from([True, True, True, False]))
        found[name] = Mitigation(
            id=name, label=Label(en=name, zh=name), aliases=Aliases(), hierarchy=hierarchy,
            objective=OBJECTIVES[number % 3], recognised=recognised,
            families=families, lowers=None if offset else lowers,
            asks_for=Label(en="x", zh="x"), source=(Source(title="test"),), confirmed=False,
        )  # fmt: skip
    return found


def by_hand(
    facts: dict[str, Any], names: tuple[str, ...], tier: str, register: dict[str, Mitigation]
) -> dict[str, Any]:
    """The facts of one project with some measures at one tier, worked out in plain words."""
    changed = dict(facts)
    kind = project_types().get(facts.get("project_type") or "")
    for objective in OBJECTIVES:
        first = facts.get(f"effect_{objective}") or "significant_harm"
        for fact, limit in ((f"mitigation_{objective}", "neutral"), (f"mitigation_part_{objective}", "moderate_harm")):
            best = facts.get(fact) or "none"
            for name in names:
                one = register[name]
                meant = not one.families or (kind is not None and {kind.id, kind.family} & set(one.families))
                left = None
                if one.lowers is not None and first.endswith("harm"):
                    left = getattr(one.lowers, first)
                leaves = first if left is None else Effect(left).name.lower()
                reaches = EFFECTS.index(leaves) <= EFFECTS.index(limit)
                if one.recognised and one.objective == objective and meant and reaches:
                    best = max(best, tier, key=TIERS.index)
            changed[fact] = best if names else facts.get(fact)
    return changed


def tried_all(
    raw: dict[str, Any], facts: dict[str, Any], register: dict[str, Mitigation], oracle: ModuleType
) -> list[tuple[str, tuple[str, ...], str | None]]:
    """(light, measures, conditional light) of the smallest sets, from every subset there is."""
    now = oracle.verdict(raw, facts, ON)["light"]
    if now not in ("YELLOW", "RED"):
        return []
    lights: dict[tuple[str, ...], str] = {}
    for size in range(1, len(register) + 1):
        for names in itertools.combinations(sorted(register), size):
            lights[names] = oracle.verdict(raw, by_hand(facts, names, "certified", register), ON)["light"]
    found, fewest = [], len(register)
    for light in ("GREEN", "YELLOW"):
        same = [names for names, given in lights.items() if given == light and ORDER.index(light) < ORDER.index(now)]
        if same and min(map(len, same)) <= fewest:
            fewest = min(map(len, same))
            found += [(light, names) for names in same if len(names) == fewest]
    return [
        (light, names, oracle.verdict(raw, by_hand(facts, names, "promised", register), ON)["conditional_light"])
        for light, names in found
    ]


@calm
@given(register=registers(), rows=st.lists(harmful, min_size=4, max_size=10))
def test_smallest_sets_are_those_of_all_subsets(
    register: dict[str, Mitigation],
    rows: list[dict[str, Any]],
    small: tuple[dict[str, Any], Standard],
    oracle: ModuleType,
) -> None:
    raw, defined = small
    found = smallest_sets(judge(stated_facts(rows, defined), defined, ON), register)
    for facts, one in zip(rows, found, strict=True):
        expected = tried_all(raw, facts, register, oracle)
        told = [(each.light, tuple(sorted(each.measures)), each.conditional_light) for each in one.sets]
        assert sorted(told, key=str) == sorted(expected, key=str)
        assert (one.reason is None) == bool(expected)
        assert one.reason is None or one.reason.why != "not_told"
        assert one.light == oracle.verdict(raw, facts, ON)["light"]


@few
@given(register=registers(), rows=st.lists(harmful, min_size=1, max_size=8))
def test_better_lights_come_first_then_the_order_of_the_hierarchy(
    register: dict[str, Mitigation], rows: list[dict[str, Any]], small: tuple[dict[str, Any], Standard]
) -> None:
    defined = small[1]
    for one in smallest_sets(judge(stated_facts(rows, defined), defined, ON), register):
        ranks = [
            (ORDER.index(each.light), [(HIERARCHY.index(register[name].hierarchy), name) for name in each.measures])
            for each in one.sets
        ]
        assert ranks == sorted(ranks)
        assert all(register[name].hierarchy != "offset" for each in one.sets for name in each.measures)


@calm
@given(register=registers(), facts=harmful | projects, data=st.data())
def test_verdicts_after_equal_the_oracle(
    register: dict[str, Mitigation],
    facts: dict[str, Any],
    data: st.DataObject,
    small: tuple[dict[str, Any], Standard],
    oracle: ModuleType,
) -> None:
    raw, defined = small
    names = tuple(data.draw(st.sets(st.sampled_from(sorted(register)))) if register else ())
    tier = data.draw(st.sampled_from(TIERS[1:]))
    table = with_measures(stated_facts([facts], defined), [dict.fromkeys(names, Tier[tier.upper()])], register)
    found = judge(table, defined, ON).table.row(0, named=True)
    expected = oracle.verdict(raw, by_hand(facts, names, tier, register), ON)
    assert {name: found[name] for name in expected} == expected


# ---- nothing worsens, by any standard that is defined


def answers(facts: FactTable) -> list[list[int]]:
    """Everything that all standards conclude as numbers, greater = worse; an unknown is left out as None."""
    found = []
    judged = judge_all(facts, standards().values(), ON)
    for table in (*judged.verdicts.values(), *judged.categories.values()):
        unknown = len(table.hearing.scale) - 1
        found.append([None if code == unknown else int(code) for code in table.method.lights])
    for one in judged.verdicts.values():
        soft = one.method.conditional
        found.append([None if code == len(one.hearing.scale) - 1 else int(code) for code in soft])
    for listed in judged.items.values():
        worst = dict.fromkeys(listed.statuses, 0) | {"open": 1}  # what is done is better than what is open
        names = listed.table
        found += [[worst[name] for name in names[item.id]] for item in listed.items]
    return found


def never_worse(before: list[Any], after: list[Any]) -> bool:
    """Whether no answer that is known before and after got worse, and none that was known got lost."""
    return all(
        now is not None and now <= then
        for row_before, row_after in zip(before, after, strict=True)
        for then, now in zip(row_before, row_after, strict=True)
        if then is not None
    )


@few
@given(facts=projects, named=sets, more=sets)
def test_adding_measures_never_worsens_any_answer(facts: dict[str, Any], named: Any, more: Any) -> None:
    table = stated_facts([facts], standard("gdg_2020"))
    before = with_measures(table, [named])
    after = with_measures(table, [more | {name: max(tier, more.get(name, tier)) for name, tier in named.items()}])
    assert never_worse(answers(table), answers(before))
    assert never_worse(answers(before), answers(after))


@few
@given(facts=projects, named=sets, raised=st.sampled_from(list(Tier)[1:]))
def test_raising_a_tier_never_worsens_any_answer(facts: dict[str, Any], named: Any, raised: Tier) -> None:
    table = stated_facts([facts], standard("gdg_2020"))
    after = with_measures(table, [{name: max(tier, raised) for name, tier in named.items()}])
    assert never_worse(answers(with_measures(table, [named])), answers(after))


@few
@given(facts=projects, layer=st.sampled_from(sorted({layer for one in standards().values() for layer in one.layers})))
def test_a_further_sensitive_area_never_improves_an_answer(facts: dict[str, Any], layer: str) -> None:
    off, on = (stated_facts([facts | {f"overlap_{layer}": there}], standard("gdg_2020")) for there in (False, True))
    without, within = judge_all(off, standards().values(), ON), judge_all(on, standards().values(), ON)
    for kind in ("verdicts", "categories"):
        for name, table in getattr(without, kind).items():
            other = getattr(within, kind)[name]
            for bound in (0, 1):
                assert other.method.bounds[bound][0] >= table.method.bounds[bound][0], name
    for name, listed in without.items.items():
        touched = ("triggered", "open", "done", "touched")
        for item in listed.items:
            before, after = listed.table[item.id][0], within.items[name].table[item.id][0]
            if before in touched:
                # What is met by being outside is met no longer; whether it is asked at all may not be known.
                assert after in touched or (before, after) == ("done", "unknown"), (name, item.id)


@few
@given(facts=projects, named=sets, no_go=st.sampled_from(NO_GO))
def test_an_infringed_area_is_red_whatever_the_measures(facts: dict[str, Any], named: Any, no_go: str) -> None:
    infringed = facts | {"is_built": True, no_go: True}
    table = with_measures(stated_facts([infringed], standard("gdg_2020")), [named])
    found = judge(table, standard("gdg_2020"), ON)
    assert found.table.row(0, named=True) | {"light": "RED", "conditional_light": None} == found.table.row(
        0, named=True
    )
    assert smallest_sets(found)[0].sets == ()
    reason = smallest_sets(found)[0].reason
    assert reason is not None and reason.why == "no_go"


# ---- by example


def would(type_id: str, **facts: Any) -> WouldChange:
    """What would change the light of one project of a type on a clear site."""
    rows = [facts_of_type(project_types()[type_id]) | CLEAR | facts]
    defined = standard("gdg_2020")
    return smallest_sets(judge(stated_facts(rows, defined), defined, ON))[0]


def test_a_railway_needs_one_recognised_measure() -> None:
    found = would("rail_mixed")
    assert found.light == "YELLOW"
    plan = MeasureSet(("ifc_ps6_biodiversity_action_plan",), "GREEN", "assessed", "GREEN")
    assert found.sets[0] == plan
    assert {one.measures for one in found.sets} == {plan.measures, ("world_bank_ess6",)}


def test_an_unchecked_site_is_green_by_type_only() -> None:
    assert {one.basis for one in would("rail_mixed", overlap_ramsar=None).sets} == {"type_only"}


def test_hydropower_may_reach_green_or_yellow_once_its_reservoir_passes() -> None:
    lights = {one.measures[0]: one.light for one in would("hydropower_large", power_density=12.0).sets}
    assert lights == {
        "hydropower_sustainability_assessment_protocol": "GREEN",
        "hydropower_sustainability_standard": "GREEN",
        "ifc_ps6_biodiversity_action_plan": "YELLOW",
        "world_bank_ess6": "YELLOW",
    }


@pytest.mark.parametrize(
    ("type_id", "facts", "why", "about"),
    [
        ("solar_pv", {}, "already_best", ()),
        ("debt_relief", {}, "not_applicable", ()),
        ("school", {}, "nothing_contributed", ()),
        ("steel", {}, "never_lifted", ("pollution", "climate")),
        ("coal_power_new", {"type_liftable": True}, "never_lifted", ("pollution", "climate", "biodiversity")),
        ("waste_to_energy", {}, "never_lifted", ("pollution",)),
        ("rail_mixed", {"overlap_ramsar": True}, "no_go", ("infringes_ramsar_site",)),
        ("steel", {"overlap_ramsar": True}, "no_go", ("infringes_ramsar_site",)),
        ("hydropower_large", {}, "facts_missing", ("power_density", "emission_intensity", "date_operation")),
        (
            "hydropower_large",
            {"power_density": 1.0, "emission_intensity": 500.0, "date_operation": dt.date(2019, 5, 5)},
            "conditions_fail",
            ("power_density", "emission_intensity"),
        ),
        ("rail_mixed", {"effect_climate": "moderate_harm"}, "harm_stays", ("climate",)),
    ],
)
def test_why_nothing_would(type_id: str, facts: dict[str, Any], why: str, about: tuple[str, ...]) -> None:
    found = would(type_id, **facts)
    assert found.sets == () and found.reason is not None
    assert (found.reason.why, found.reason.about) == (why, about)


def test_a_light_that_is_unknown_names_the_facts_that_are_missing() -> None:
    found = would("nuclear_power")
    assert found.reason is not None and found.reason.why == "light_unknown"
    assert found.reason.about[:2] == ("effect_pollution", "effect_biodiversity")


def test_a_register_without_the_measure_says_so_and_a_table_without_measures_too() -> None:
    rows = [facts_of_type(project_types()["rail_mixed"]) | CLEAR]
    defined = standard("gdg_2020")
    (found,) = smallest_sets(judge(stated_facts(rows, defined), defined, ON), {})
    assert found.reason is not None
    assert (found.reason.why, found.reason.about) == ("no_measure", ("biodiversity",))
    dates = {"date_construction_start": dt.date(2020, 5, 5), "country": "PAK"}
    coal = standard("no_new_coal_2021")
    rows = [facts_of_type(project_types()["coal_power_new"]) | dates]
    (found,) = smallest_sets(judge(stated_facts(rows, coal), coal, ON))
    assert found.light == "YELLOW" and found.reason is not None and found.reason.why == "asks_of_no_measure"


def test_what_may_not_be_told_is_no_reason() -> None:
    rows = [facts_of_type(project_types()[name]) | CLEAR | {"overlap_ramsar": True} for name in ("rail_mixed", "steel")]
    defined = standard("gdg_2020")
    found = smallest_sets(judge(stated_facts(rows, defined), defined, ON), withheld={"overlap_ramsar"})
    reasons = [one.reason for one in found]
    assert [one.why for one in reasons if one] == ["not_told", "never_lifted"]
    assert all("ramsar" not in " ".join(one.about) for one in reasons if one)


def test_a_measure_in_hand_that_is_promised_is_told_as_the_one_to_certify() -> None:
    found = would("rail_mixed", mitigation_biodiversity="promised", mitigation_part_biodiversity="promised")
    assert found.sets[0].measures == ("ifc_ps6_biodiversity_action_plan",)


def test_measures_are_told_apart_by_project() -> None:
    rows = [facts_of_type(project_types()["rail_mixed"]) | CLEAR] * 3
    defined = standard("gdg_2020")
    named: list[dict[str, Tier]] = [
        {},
        {"world_bank_ess6": Tier.CERTIFIED, "carbon_offset": Tier.PROMISED},
        {"dust_control": Tier.MONITORED},
    ]
    table = with_measures(stated_facts(rows, defined), named)
    assert judge(table, defined, ON).table["light"].to_list() == ["YELLOW", "GREEN", "YELLOW"]
    assert table["measures_in_hand"].values.to_list() == [None, "world_bank_ess6", "dust_control"]
    assert table["has_offset"].values.to_list() == [None, True, False]
    assert table["assessed_evidence"].values.to_list() == [None, True, False]


@pytest.mark.parametrize("tiers", [("certified", "promised"), ("promised", "certified")])
def test_of_two_measures_for_one_objective_the_better_evidence_counts(tiers: tuple[str, str]) -> None:
    row = facts_of_type(project_types()["rail_mixed"]) | CLEAR
    named = {
        name: Tier[tier.upper()]
        for name, tier in zip(("ifc_ps6_biodiversity_action_plan", "world_bank_ess6"), tiers, strict=True)
    }
    defined = standard("gdg_2020")
    found = with_measures(stated_facts([row], defined), [named])
    assert found["mitigation_biodiversity"].values.to_list() == [int(Tier.CERTIFIED)]
    assert judge(found, defined, ON).table["light"].to_list() == ["GREEN"]


@pytest.mark.parametrize(
    ("tier", "in_hand", "assessed"),
    [
        (Tier.PROMISED, "none", False),
        (Tier.CONTRACTED, "ifc_ps6_biodiversity_action_plan", False),
        (Tier.CERTIFIED, "ifc_ps6_biodiversity_action_plan", True),  # though it leaves moderate harm
    ],
)
def test_from_which_tier_a_measure_is_in_hand_and_answers_for_the_harm(
    tier: Tier, in_hand: str, assessed: bool
) -> None:
    row = facts_of_type(project_types()["hydropower_large"]) | CLEAR
    found = with_measures(stated_facts([row], standard("gdg_2020")), [{"ifc_ps6_biodiversity_action_plan": tier}])
    assert found["measures_in_hand"].values.to_list() == [in_hand]
    assert found["assessed_evidence"].values.to_list() == [assessed]
    assert found["mitigation_biodiversity"].values.to_list() == [int(Tier.NONE)]
    assert found["mitigation_part_biodiversity"].values.to_list() == [int(tier)]


@pytest.mark.parametrize(
    ("type_id", "measure", "tier"),
    [
        ("hydropower_large", "hydropower_sustainability_standard", Tier.CERTIFIED),
        ("rail_mixed", "hydropower_sustainability_standard", Tier.NONE),  # meant for other types
        ("hydropower_large", "hydropower_esg_gap_analysis", Tier.NONE),  # not recognised
    ],
)
def test_only_a_recognised_measure_meant_for_the_type_is_evidence(type_id: str, measure: str, tier: Tier) -> None:
    row = facts_of_type(project_types()[type_id]) | CLEAR
    found = with_measures(stated_facts([row], standard("gdg_2020")), [{measure: Tier.CERTIFIED}])
    assert found["mitigation_part_biodiversity"].values.to_list() == [int(tier)]
    assert found["assessed_evidence"].values.to_list() == [tier == Tier.CERTIFIED]


@pytest.mark.parametrize(
    ("measure", "in_hand", "offset"),
    [
        ("dust_control", "dust_control", False),
        ("fish_passage", "none", False),  # meant for other types
        ("biodiversity_offset", "none", True),  # said, and never in hand
    ],
)
def test_what_does_not_fit_the_type_and_an_offset_are_not_in_hand(measure: str, in_hand: str, offset: bool) -> None:
    row = facts_of_type(project_types()["rail_mixed"]) | CLEAR
    found = with_measures(stated_facts([row], standard("gdg_2020")), [{measure: Tier.MONITORED}])
    assert found["measures_in_hand"].values.to_list() == [in_hand]
    assert found["has_offset"].values.to_list() == [offset]


def test_of_a_type_without_harm_the_place_is_assessed_whatever_stands_beside_it() -> None:
    rows = [facts_of_type(project_types()[name]) | CLEAR for name in ("solar_pv", "solar_pv", "hydropower_large")]
    named = [{"dust_control": Tier.MONITORED}, {"ifc_ps6_biodiversity_action_plan": Tier.CERTIFIED}, {}]
    found = with_measures(stated_facts(rows, standard("gdg_2020")), named)
    assert found["assessed_evidence"].values.to_list() == [False, True, None]


def test_what_was_assessed_already_stays_so() -> None:
    row = facts_of_type(project_types()["rail_mixed"]) | CLEAR | {"assessed_evidence": True, "has_offset": True}
    found = with_measures(stated_facts([row], standard("gdg_2020")), [{"dust_control": Tier.PROMISED}])
    assert found["assessed_evidence"].values.to_list() == [True]
    assert found["has_offset"].values.to_list() == [True]


def test_evidence_in_hand_that_no_rule_asks_for_still_answers_for_its_harm() -> None:
    facts = {"power_density": 12.0, "effect_pollution": "moderate_harm"}
    bases = [
        {one.basis for one in would("hydropower_large", mitigation_part_pollution=tier, **facts).sets}
        for tier in ("none", "certified")
    ]
    assert bases == [{"desk_screened"}, {"assessed"}]


@pytest.mark.parametrize(("at_least", "tier"), [("contracted", Tier.CERTIFIED), ("monitored", Tier.MONITORED)])
def test_measures_are_tried_at_the_tier_that_any_rule_asks_for(at_least: str, tier: Tier) -> None:
    defined = standard("gdg_2020")
    first = next(rule for rule in defined.rules if rule.evidence is not None)
    assert first.evidence is not None
    asking = first.model_copy(update={"evidence": first.evidence.model_copy(update={"at_least": at_least})})
    others = [rule for rule in defined.rules if rule.evidence is None]
    assert tier_asked(defined.model_copy(update={"rules": (asking, *others)})) is tier
    assert tier_asked(defined) is Tier.CERTIFIED
