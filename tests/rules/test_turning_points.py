"""What single fact would change a judgement: told right by the engine, by the oracle, and nothing left out."""

from __future__ import annotations

import datetime as dt
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.project_types import project_types
from greensilk.records import DEFINITIONS, Support, read_yaml
from greensilk.rules import standard, standards
from greensilk.rules.judging import judge_one
from greensilk.rules.stated_facts import facts_of_type, statable, stated_facts
from greensilk.rules.suppositions import ANOTHER, Supposed
from greensilk.rules.turning_points import TurningPoint, turning_points
from greensilk.rules.worked_cases import FOLDER, facts_of, load_cases

ON = dt.date(2026, 1, 1)
CASES = load_cases(FOLDER, standards())
DATES = ["date_commitment", "date_financial_close", "date_construction_start", "date_operation"]


def told(rows: list[dict[str, Any]], standard_id: str, on: dt.date = ON) -> tuple[TurningPoint, ...]:
    """The turning points of the first row."""
    defined = standard(standard_id)
    return turning_points(judge_one(stated_facts(rows, defined), defined, on), 0).points


def values_of(one: Supposed) -> list[Any]:
    """Values that a supposition speaks of, at both ends and between."""
    if one.another:
        return [*one.values, ANOTHER]
    if one.values:
        return list(one.values)
    low: Any = one.low
    high: Any = one.high
    if isinstance(low, dt.date) or isinstance(high, dt.date):
        day = dt.timedelta(days=1)
        first = low if isinstance(low, dt.date) else high - 400 * day
        last = high - day if isinstance(high, dt.date) else first + 400 * day
        return [first, first + (last - first) // 2, last]
    if low is None and high is None:
        return [dt.date(2020, 2, 3)] if one.fact.startswith("date_") else [0.0, 7.0]
    bottom = 0.0 if low is None else low if one.closed[0] else low + 1e-6
    top = bottom + 1e6 if high is None else high if one.closed[1] else high - 1e-6
    return [bottom, (bottom + top) / 2, top]


def with_value(row: dict[str, Any], fact: str, value: Any, how: str = "is") -> dict[str, Any]:
    """The row with one fact changed; a day is a day, whatever was said of the year; a list gains or loses one."""
    if how != "is":
        held = [one for one in row[fact].split(";") if one.strip() not in (value, "none", "")]
        value = ";".join([*held, value] if how == "with" else held) or "none"
    changed = row | {fact: value}
    if isinstance(value, dt.date):
        said = row.get("dates_imprecise")
        kept = DATES if said is None else [one.strip() for one in said.split(";")]
        changed["dates_imprecise"] = "; ".join(one for one in kept if not one.startswith(fact)) or "none"
    return changed


def shown(table: Any, row: int, item: str | None) -> str:
    found = table.table.row(row, named=True)
    return str(found[item or ("counted" if "counted" in found else "category")])


EXAMPLES = [(cases.standard, case) for cases in CASES for case in cases.cases if not case.coarse]


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=120)
@given(example=st.sampled_from(EXAMPLES), hidden=st.integers(0, 2**20), data=st.data())
def test_every_turning_point_turns_as_told(example: Any, hidden: int, data: st.DataObject, oracle: ModuleType) -> None:
    standard_id, case = example
    defined = standard(standard_id)
    facts = facts_of(case, statable(defined))
    row = {name: value for place, (name, value) in enumerate(facts.items()) if not hidden >> place & 1}
    points = told([row], standard_id, case.on)
    tried = [(one, value) for one in points for value in values_of(one.supposed)]
    if not tried:
        return
    rows = [row, *(with_value(row, one.supposed.fact, value, one.supposed.how) for one, value in tried)]
    table = judge_one(stated_facts(rows, defined), defined, case.on)
    raw = read_yaml(DEFINITIONS / "standards" / f"{standard_id}.yaml")
    for place, (one, _) in enumerate(tried, start=1):
        for change in one.changes:
            assert change.before == shown(table, 0, change.item) != change.after
            assert change.after == shown(table, place, change.item)
            if defined.outcome_kind == "light":
                assert oracle.verdict(raw, rows[place], case.on)["light"] == change.after.removesuffix("_BY_TYPE")


@pytest.mark.parametrize("cases", CASES, ids=lambda cases: cases.standard)
def test_no_value_of_a_fact_changes_the_outcome_untold(cases: Any) -> None:
    """Values that nobody thought of, one fact at a time: what changes the outcome is among what is told."""
    defined = standard(cases.standard)
    for case in cases.cases[::4]:
        row = facts_of(case, statable(defined))
        table = judge_one(stated_facts([row], defined, [dict.fromkeys(case.coarse, Support.COUNTRY)]), defined, case.on)
        found = {one.supposed.fact for one in turning_points(table, 0).points}
        tries = [with_value(row, name, value) for name, value in row.items() for value in others(name, value)]
        changed = judge_one(stated_facts([row, *tries], defined), defined, case.on).table
        names = [name for name in changed.columns if name in {"light", "category", *(r.id for r in defined.rules)}]
        plain = changed.select(names).rows()
        for place, one in enumerate(tries, start=1):
            fact = next(name for name in one if one[name] != row.get(name) and name != "dates_imprecise")
            if plain[place] != plain[0] and fact not in case.coarse:
                assert fact in found


def others(name: str, value: Any) -> list[Any]:
    if name in ("project_type", "dates_imprecise", "coal_case", "type_family") or name.startswith(("effect_", "type_")):
        return []
    if isinstance(value, bool) and name != "is_built":
        return [not value]
    if isinstance(value, float):
        return [one for one in (0.001, value / 3 + 0.5, value * 2 + 0.5, value * 50 + 1) if one != value]
    if isinstance(value, dt.date):
        return [value - dt.timedelta(days=5000), value + dt.timedelta(days=5000)]
    return []


def dam(**facts: Any) -> dict[str, Any]:
    """A large dam on a site clear of every area asked for."""
    clear = ("protected_areas", "key_biodiversity_areas", "ramsar", "world_heritage")
    places = {f"overlap_{layer}": False for layer in clear} | {"country": "LAO"}
    return facts_of_type(project_types()["hydropower_large"]) | places | facts


def as_words(points: tuple[TurningPoint, ...]) -> set[tuple[Any, ...]]:
    return {
        (one.supposed.fact, one.supposed.values, one.supposed.low, one.supposed.high, change.after)
        for one in points
        for change in one.changes
    }


def test_a_certified_dam_turns_at_its_power_density() -> None:
    facts = {"emission_intensity": 80.0, "date_operation": dt.date(2022, 5, 5)}
    row = dam(mitigation_biodiversity="certified", power_density=8.0, **facts)
    found = as_words(told([row], "gdg_2020"))
    assert ("power_density", (), 10.0, None, "GREEN") in found
    assert ("emission_intensity", (), None, 50.0, "GREEN") in found
    assert ("date_operation", (), None, dt.date(2020, 1, 1), "GREEN") in found
    assert {after for *_, after in found} == {"GREEN"}


def test_what_no_single_fact_changes_has_no_turning_point() -> None:
    row = dam(mitigation_biodiversity="none", power_density=1.0, emission_intensity=900.0, overlap_ramsar=True)
    assert [one for one in told([row], "gdg_2020") if not one.is_open] == []


def test_a_known_fact_of_the_type_is_left_alone_and_an_unknown_one_is_asked() -> None:
    names = {one.supposed.fact for one in told([dam(effect_biodiversity=None)], "gdg_2020")}
    assert "effect_biodiversity" in names
    assert not names & {"project_type", "effect_climate", "effect_pollution", "type_liftable", "is_built"}


def test_a_fact_too_coarse_for_the_rule_is_open() -> None:
    defined = standard("gdg_2020")
    row = dam(mitigation_biodiversity="certified", power_density=12.0)
    facts = stated_facts([row], defined, [{"overlap_ramsar": Support.COUNTRY}])
    found = turning_points(judge_one(facts, defined, ON), 0)
    assert "overlap_ramsar" in found.open_facts
    points = [one for one in found.points if one.supposed.fact == "overlap_ramsar"]
    answers = {(one.is_open, one.supposed.values, one.changes[0].before, one.changes[0].after) for one in points}
    assert answers == {(True, (True,), "GREEN_BY_TYPE", "RED"), (True, (False,), "GREEN_BY_TYPE", "GREEN")}


def test_before_a_standard_was_issued_nothing_turns() -> None:
    found = told([dam()], "gdg_2020", dt.date(2019, 1, 1))
    assert found == ()


def test_levels_with_one_outcome_are_told_together() -> None:
    clear = ("protected_areas", "key_biodiversity_areas", "ramsar", "world_heritage")
    row = facts_of_type(project_types()["rail_mixed"]) | {f"overlap_{layer}": False for layer in clear}
    row |= {"country": "LAO", "mitigation_biodiversity": "none", "mitigation_part_biodiversity": "none"}
    (point,) = (one for one in told([row], "gdg_2020") if one.supposed.fact == "mitigation_biodiversity")
    assert point.supposed.values == ("certified", "monitored")
    assert [change.after for change in point.changes] == ["GREEN"]


@pytest.mark.parametrize(("coarsest", "is_open"), [(Support.METRES, False), (Support.COUNTRY, True)])
def test_a_fact_fine_enough_for_one_rule_only_is_open(coarsest: Support, is_open: bool) -> None:
    defined = standard("cbirc_2022")  # one item takes it as coarse as a country, others only as fine as the site
    facts = stated_facts([{"is_built": True, "on_risk_list": True}], defined, [{"on_risk_list": coarsest}])
    found = turning_points(judge_one(facts, defined, ON), 0)
    assert ("on_risk_list" in found.open_facts) is is_open
