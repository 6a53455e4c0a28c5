"""What must hold for every project, whatever its facts: compared with an oracle, and by invariants."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.facts import FactTable
from greensilk.records import DEFINITIONS, read_yaml
from greensilk.rules import judge, standard
from greensilk.rules.conditions import Reading
from greensilk.rules.standard import Condition

ON = dt.date(2026, 1, 1)
LIGHTS = ["GREEN", "YELLOW", "RED"]
ORDER = ["NOT_APPLICABLE", *LIGHTS]
EFFECTS = ["contributes", "neutral", "moderate_harm", "significant_harm"]
TIERS = ["none", "promised", "contracted", "certified", "monitored"]
LAYERS = ["protected_areas", "key_biodiversity_areas", "ramsar", "world_heritage", "ecological_redline"]
TYPES = ["solar_pv", "hydropower_large", "hydropower_small", "rail_freight", "coal_power_new", "metal_ore_mining"]
COAL = ["coal_power_new", "captive_coal_power", "coal_power_retrofit", "coal_equipment", "solar_pv"]
CASES = {"coal_power_new": "new_build", "captive_coal_power": "captive", "coal_power_retrofit": "retrofit"}

calm = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Those values, or unknown."""
    return st.none() | values


truth = st.booleans()
SITE: dict[str, st.SearchStrategy[Any]] = {
    "project_type": st.sampled_from(TYPES),
    "is_built": st.sampled_from([True, True, True, False]),
    "type_liftable": truth,
    "type_family": st.sampled_from(["energy", "mining"]),
    "country": st.sampled_from(["CHN", "LAO", "CHN; LAO"]),
    "effect_pollution": st.sampled_from(EFFECTS),
    "effect_climate": st.sampled_from(EFFECTS),
    "effect_biodiversity": st.sampled_from(EFFECTS),
    "power_density": st.sampled_from([0.0, 5.0, 5.5, 10.0, 10.5]),
    "emission_intensity": st.sampled_from([10.0, 50.0, 75.0, 100.0, 900.0]),
    "date_operation": st.sampled_from([dt.date(2019, 12, 31), dt.date(2020, 1, 1), dt.date(2020, 1, 2)]),
    "mitigation_biodiversity": st.sampled_from(TIERS),
    "mitigation_part_biodiversity": st.sampled_from(TIERS),
    "assessed_evidence": truth,
    "overlap_indigenous_lands": truth,
    **{f"overlap_{layer}": truth for layer in LAYERS},
}
projects = st.fixed_dictionaries({name: maybe(values) for name, values in SITE.items()})
answered = st.fixed_dictionaries(SITE)

DAYS = [dt.date(2021, 9, 20), dt.date(2021, 9, 21), dt.date(2022, 3, 27), dt.date(2022, 3, 28), dt.date(2024, 7, 7)]
DAYS += [dt.date(year, 1, 1) for year in (2019, 2021, 2022, 2023)]  # may stand for the whole year
DAYS += [dt.date(2021, 9, 1), dt.date(2022, 3, 1)]  # may stand for the whole month


IMPRECISE = ["none", "date_commitment; date_operation/month", "date_construction_start;date_operation"]
IMPRECISE += ["date_construction_start/month"]


@st.composite
def coal_projects(draw: st.DrawFn) -> dict[str, Any]:
    """Coal projects whose dates are in the order of things, every fact known.

    A start given as a year or month that reaches past the day of operation is out of that order: such a project stays
    open to red, where without the start what ran before counts as started before.
    """
    start, operation = sorted([draw(st.sampled_from(DAYS)), draw(st.sampled_from(DAYS))])
    kind = draw(st.sampled_from(COAL))
    imprecise = draw(st.sampled_from(IMPRECISE))
    if "date_construction_start" in imprecise and start.replace(month=12, day=31) > operation:
        imprecise = "none"
    return {
        "project_type": kind,
        "coal_case": CASES.get(kind, "equipment_only"),
        "country": draw(st.sampled_from(["PAK", "CHN"])),
        "date_construction_start": start,
        "date_operation": operation,
        "date_commitment": draw(st.sampled_from(DAYS)),
        "date_financial_close": draw(st.sampled_from(DAYS)),
        "stage": draw(st.sampled_from(["planned", "under_construction", "operating"])),
        "dates_imprecise": imprecise,
    }


def hidden(facts: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """The same project with some facts unknown."""
    return {name: None if name in names else value for name, value in facts.items()}


hiding = st.sets(st.sampled_from(sorted(SITE)), max_size=8)
DATES = ["date_construction_start", "date_operation", "date_commitment", "date_financial_close", "dates_imprecise"]
coal_hiding = st.sets(st.sampled_from(["project_type", "country", "stage", *DATES]))


def rows_of(table: Any, rows: list[dict[str, Any]], standard_id: str) -> list[dict[str, Any]]:
    """The verdicts of some projects."""
    return judge(table(rows, standard_id), standard(standard_id), ON).table.to_dicts()


@calm
@given(
    rows=st.lists(projects, min_size=1, max_size=30), on=st.sampled_from([ON, dt.date(2021, 1, 1), dt.date(2020, 1, 1)])
)
def test_traffic_light_equals_the_oracle(
    rows: list[dict[str, Any]], on: dt.date, table: Any, oracle: ModuleType
) -> None:
    raw = read_yaml(DEFINITIONS / "standards" / "gdg_2020.yaml")
    found = judge(table(rows), standard("gdg_2020"), on).table.to_dicts()
    for row, facts in zip(found, rows, strict=True):
        expected = oracle.verdict(raw, facts, on)
        assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("standard_id", ["no_new_coal_2021", "ndrc_2022_408"])
@calm
@given(rows=st.lists(st.tuples(coal_projects(), coal_hiding), min_size=1, max_size=30))
def test_decision_table_equals_the_oracle(rows: list[Any], standard_id: str, table: Any, oracle: ModuleType) -> None:
    raw = read_yaml(DEFINITIONS / "standards" / f"{standard_id}.yaml")
    facts = [hidden(*row) for row in rows]
    for row, one in zip(rows_of(table, facts, standard_id), facts, strict=True):
        expected = oracle.verdict(raw, one, ON)
        assert {name: row[name] for name in expected} == expected


HARMS: dict[str, list[Any]] = {f"effect_{name}": EFFECTS for name in ("pollution", "climate", "biodiversity")}
HARMS |= {f"overlap_{layer}": [False, True] for layer in LAYERS}


@calm
@given(facts=projects, name=st.sampled_from(sorted(HARMS)), data=st.data())
def test_adding_harm_never_improves_a_light(facts: dict[str, Any], name: str, data: st.DataObject, table: Any) -> None:
    scale = HARMS[name]
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(scale) - 1)] * 2)))
    better, worse = rows_of(table, [facts | {name: scale[low]}, facts | {name: scale[high]}], "gdg_2020")
    for bound in ("best", "worst"):
        assert ORDER.index(worse[bound]) >= ORDER.index(better[bound])
    if better["light"] in LIGHTS and worse["light"] in LIGHTS:
        assert LIGHTS.index(worse["light"]) >= LIGHTS.index(better["light"])
    assert not (worse["counted"] == "GREEN" and better["counted"] != "GREEN")


@calm
@given(facts=answered, names=hiding)
def test_a_missing_fact_never_gives_a_counted_green(facts: dict[str, Any], names: set[str], table: Any) -> None:
    whole, partial = rows_of(table, [facts, hidden(facts, names)], "gdg_2020")
    if whole["counted"] != "GREEN":
        assert partial["counted"] != "GREEN"


@calm
@given(facts=answered, layer=st.sampled_from(LAYERS[:4]))
def test_a_site_layer_that_is_missing_never_counts_as_green(facts: dict[str, Any], layer: str, table: Any) -> None:
    found = rows_of(table, [hidden(facts, {f"overlap_{layer}"})], "gdg_2020")[0]
    assert found["counted"] != "GREEN"


@calm
@given(facts=answered, names=hiding, more=hiding)
def test_revealing_facts_only_narrows(facts: dict[str, Any], names: set[str], more: set[str], table: Any) -> None:
    rows = rows_of(table, [hidden(facts, names | more), hidden(facts, names), facts], "gdg_2020")
    for before, after in itertools.pairwise(rows):
        assert ORDER.index(before["best"]) <= ORDER.index(after["best"])
        assert ORDER.index(before["worst"]) >= ORDER.index(after["worst"])
        if before["final"]:
            assert after["light"] == before["light"]


@pytest.mark.parametrize("standard_id", ["no_new_coal_2021", "ndrc_2022_408"])
@calm
@given(facts=coal_projects(), names=coal_hiding, more=coal_hiding)
def test_revealing_dates_only_narrows(
    facts: dict[str, Any], names: set[str], more: set[str], standard_id: str, table: Any
) -> None:
    rows = rows_of(table, [hidden(facts, names | more), hidden(facts, names), facts], standard_id)
    for before, after in itertools.pairwise(rows):
        assert ORDER.index(before["best"]) <= ORDER.index(after["best"])
        assert ORDER.index(before["worst"]) >= ORDER.index(after["worst"])
    assert all(row["counted"] != "GREEN" for row in rows)


@calm
@given(rows=st.lists(projects, min_size=2, max_size=12), data=st.data())
def test_order_of_projects_does_not_matter(rows: list[dict[str, Any]], data: st.DataObject, table: Any) -> None:
    order = data.draw(st.permutations(range(len(rows))))
    straight = rows_of(table, rows, "gdg_2020")
    shuffled = rows_of(table, [rows[place] for place in order], "gdg_2020")
    for place, row in zip(order, shuffled, strict=True):
        assert row | {"project_id": ""} == straight[place] | {"project_id": ""}


@calm
@given(rows=st.lists(projects, min_size=1, max_size=12))
def test_questions_say_what_the_answer_does(rows: list[dict[str, Any]], table: Any) -> None:
    """Answering a question about a site layer gives the light that the question foretold."""
    verdicts = judge(table(rows), standard("gdg_2020"), ON)
    asked, answers = [], []
    for place, facts in enumerate(rows):
        questions = verdicts.questions(place)
        assert [question.rank for question in questions] == list(range(1, len(questions) + 1))
        assert not (verdicts.table["final"][place] and questions)
        for question in questions:
            if question.kind == "layer" and question.settled_by != "ecological_redline":
                asked.append(question)
                answers += [facts | {f"overlap_{question.settled_by}": answer} for answer in (True, False)]
    lights = [row["light"] for row in rows_of(table, answers, "gdg_2020")] if answers else []
    for place, question in enumerate(asked):
        told = lights[2 * place : 2 * place + 2]
        assert told == [question.if_true, question.if_false]
        assert question.changes_light == (told[0] != told[1])


@calm
@given(rows=st.lists(projects, min_size=1, max_size=12))
def test_settling_counts_what_the_questions_say(rows: list[dict[str, Any]], table: Any) -> None:
    verdicts = judge(table(rows), standard("gdg_2020"), ON)
    asked = [question for place in range(len(rows)) for question in verdicts.questions(place)]
    counted = {
        row["settled_by"]: (row["changes_light"], row["changes_basis"]) for row in verdicts.settling().to_dicts()
    }
    for key in {question.settled_by for question in asked} | set(counted):
        mine = [question for question in asked if question.settled_by == key]
        assert counted[key] == (sum(q.changes_light for q in mine), sum(q.changes_basis for q in mine))


def test_a_hundred_thousand_projects_in_one_pass(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each comparison is asked once for all projects, however many there are."""
    solar = {"project_type": "solar_pv", "is_built": True, "effect_pollution": "neutral"}
    solar |= {"effect_climate": "contributes", "effect_biodiversity": "neutral"}
    small: FactTable = table([solar | {"overlap_ramsar": True}, solar | {"overlap_ramsar": None}])
    size = 100_000
    rows = np.arange(size) % 2
    columns = {
        name: replace(column, values=column.values.gather(rows), reasons=None) for name, column in small.columns.items()
    }
    large = FactTable(pl.Series(np.arange(size)).cast(pl.String), columns, small.layers)
    asked: list[tuple[int, int]] = []
    plain = Reading._leaf

    def counting(self: Reading, condition: Condition) -> Any:
        asked.append((id(self), id(condition)))
        return plain(self, condition)

    monkeypatch.setattr(Reading, "_leaf", counting)
    found = judge(large, standard("gdg_2020"), ON)
    counts = dict(found.table["counted"].value_counts().iter_rows())
    assert counts == {"RED": size // 2, "GREEN_BY_TYPE": size // 2}
    assert found.settling().row(0, named=True)["changes_light"] == size // 2
    found.trace(0)
    assert len(asked) == len(set(asked)) < 200
