"""The strict door of the standards: what is refused when it is loaded, and what it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from greensilk.errors import DefinitionError, UsageError
from greensilk.records import DEFINITIONS
from greensilk.rules import standard, standards
from greensilk.rules.faults import entries_of, layer_label
from greensilk.rules.registry import load_standards

GDG, COAL = "gdg_2020", "no_new_coal_2021"
Loader = Callable[..., str]


@pytest.fixture
def faults_after(tmp_path: Path) -> Loader:
    """What is said when one shipped standard is loaded with some text of it replaced."""

    def load(name: str, *changes: tuple[str, str]) -> str:
        text = (DEFINITIONS / "standards" / f"{name}.yaml").read_text("utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
        with pytest.raises(DefinitionError) as refused:
            load_standards(tmp_path)
        return str(refused.value)

    return load


def test_the_shipped_standards_load() -> None:
    assert set(standards()) >= {"gdg_2020", "no_new_coal_2021", "ndrc_2022_408"}  # all: tests/house/test_clauses.py
    assert all(not one.endorsed for one in standards().values())


def test_an_unknown_standard_names_the_nearest() -> None:
    with pytest.raises(UsageError) as refused:
        standard("gdg_2021")
    assert "gdg_2021" in str(refused.value) and "gdg_2020" in str(refused.value)
    with pytest.raises(UsageError) as refused:
        standard("???")
    assert all(name in str(refused.value) for name in standards())


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            GDG,
            "fact: overlap_ramsar",
            "fact: overlap_ramsr",
            "there is no fact called overlap_ramsr (near: overlap_ramsar",
        ),
        (GDG, "fact: power_density, above: 10}", "fact: power_density, is: true}", "a number is not compared by is"),
        (GDG, "fact: power_density, above: 10}", "fact: power_density, above: ten}", "'ten' is not a number"),
        (GDG, "fact: power_density, above: 10}", "fact: is_built, above: 10}", "a truth is not compared by above"),
        (GDG, "fact: overlap_ramsar, is: true}", "fact: overlap_ramsar, is: very}", "'very' is not a truth"),
        (
            GDG,
            "fact: country, includes: CHN}",
            "fact: country, before: 2020-01-01}",
            "a text is not compared by before",
        ),
        (
            GDG,
            "fact: date_operation, before: 2020-01-01}",
            "fact: date_operation, is: x}",
            "a date is not compared by is",
        ),
        (GDG, "is: dam}", "is: true}", "project_type: True is not a text"),
        (GDG, "is: dam}", "is: damm}", "project_type: damm is not known"),
        (GDG, "is: mining}", "is: minin}", "type_family: minin is not known"),
        (GDG, "in: [hydropower_large,", "in: [hydropower_lrge,", "project_type: hydropower_lrge is not known"),
        (COAL, "coal_case, is: captive}", "coal_case, is: captiv}", "coal_case: captiv is not known"),
        (GDG, "{condition: is_railway}", "{condition: is_rail}", "condition is_rail: not defined"),
        (
            GDG,
            "objective: climate\n",
            "objective: clima\n",
            "objective clima is not one of pollution, climate, biodiversity",
        ),
        (GDG, "climate: effect_climate", "climate: mitigation_climate", "mitigation_climate is not an effect"),
        (GDG, "climate: effect_climate", "climate: effect_clim", "effect_clim is not an effect"),
        (GDG, "level: moderate_harm", "level: harm", "level"),
        (GDG, "at_least: certified", "at_least: certifed", "are not levels of mitigation_biodiversity"),
        (GDG, "fact: mitigation_biodiversity, at", "fact: mitigation_bio, at", "are not levels of mitigation_bio"),
        (GDG, "conditional_at_least: promised", "conditional_at_least: certified", "must lie below the full one"),
        (GDG, "conditional_at_least: promised", "conditional_at_least: monitored", "must lie below the full one"),
        (GDG, "method: traffic_light", "method: decision_table", "does not belong to the method decision_table"),
        (GDG, "method: traffic_light", "method: traffic", "method: Input should be 'traffic_light'"),
        (
            GDG,
            "id: infringes_ramsar_site",
            "id: infringes_protected_area",
            "rules.infringes_protected_area: defined twice",
        ),
        (GDG, "coarsest_support: metres", "coarsest_support: meters", "coarsest_support"),
        (GDG, "since: 2020-12-01", "since: 2020-12-32", "since"),
        (GDG, "confirmed: true", "confirmed: yes", "confirmed"),
        (
            GDG,
            "applies_when: {fact: is_built",
            "applies_when: {fact: isbuilt",
            "applies_when: there is no fact called isbuilt",
        ),
        (
            GDG,
            "assessed_when: {fact: assessed_e",
            "assessed_when: {fact: asessed_e",
            "assessed_when: there is no fact called",
        ),
        (GDG, "fact: is_built, is: true", "fact: is_built, is: true, known: true", "needs exactly one of"),
        (GDG, "{fact: is_built, is: true}", "{fact: is_built}", "needs exactly one of"),
        (GDG, "{fact: is_built, is: true}", "{is: true}", "needs exactly one of"),
        (
            GDG,
            "{fact: is_built, is: true}",
            "{fact: is_built, is: true, not: {fact: is_built, is: true}}",
            "exactly one of",
        ),
        (GDG, "    required: true\n", "    required: true\n    spare: true\n", "spare"),
        (GDG, "    required: true\n", "    required: true\n    objective: climate\n", "kind override needs exactly []"),
        (GDG, "    level: moderate_harm\n", "", "kind harm needs exactly ['level', 'objective']"),
        (GDG, "kind: lift\n", "kind: lift\n    required: true\n", "a lift cannot be required"),
        (COAL, "    outcome: retrofit\n", "", "kind outcome needs exactly ['outcome']"),
        (COAL, "    outcome: retrofit\n", "    outcome: retro\n", "outcome retro is not defined"),
        (COAL, ", between: [YELLOW, RED]", "", "between is for the light UNKNOWN"),
        (COAL, "light: YELLOW}", "light: YELLOW, between: [YELLOW, RED]}", "between is for the light UNKNOWN"),
        (COAL, "    when: {fact: coal_case, is: retrofit}\n", "", "only the last rule of a table has no when"),
        (COAL, "{fact: stage, known: false}", "{fact: stages, known: false}", "there is no fact called stages"),
    ],
)
def test_a_fault_is_refused_by_name(faults_after: Loader, name: str, old: str, new: str, said: str) -> None:
    message = faults_after(name, (old, new))
    assert said in message
    assert f"{name}.yaml" in message


def test_all_faults_come_in_one_message(faults_after: Loader) -> None:
    message = faults_after(GDG, ("fact: overlap_ramsar", "fact: overlap_x"), ("is: dam}", "is: damm}"))
    assert "2 fault(s)" in message
    assert sum(line.startswith("gdg_2020.yaml: ") for line in message.splitlines()) == 2
    assert "overlap_x" in message and "damm" in message


def test_the_last_rule_of_a_table_needs_no_condition_and_must_have_none(faults_after: Loader) -> None:
    text = (DEFINITIONS / "standards" / f"{COAL}.yaml").read_text("utf-8")
    last = text.index("    outcome: financed_before_started_after")
    message = faults_after(COAL, (text[last:], "    when: {fact: is_built, is: true}\n" + text[last:]))
    assert "rules.financed_before: the last rule of a table holds always" in message


def test_a_condition_that_names_itself_is_refused(faults_after: Loader) -> None:
    named = "is_coal: {fact: project_type, in: [coal_power_new"
    message = faults_after(
        GDG,
        (named, "is_loop: {not: {condition: is_loop}}\n  " + named),
        ("{condition: is_coal}", "{condition: is_loop}"),
    )
    assert "condition is_loop: not defined, or defined by itself" in message


def test_a_threshold_may_be_dated(tmp_path: Path) -> None:
    text = (DEFINITIONS / "standards" / f"{GDG}.yaml").read_text("utf-8")
    dated = text.replace("above: 10}", "above: {values: {2021-03-25: 10, 2030-01-01: null}}}")
    (tmp_path / f"{GDG}.yaml").write_text(dated, "utf-8")
    rule = load_standards(tmp_path)[GDG].rule("reservoir_emits")
    assert rule is not None and rule.when is not None
    above = [leaf for leaf in rule.when.leaves() if leaf.given("above") is not None]
    days = [dt.date(2021, 3, 24), dt.date(2021, 3, 25), dt.date(2029, 12, 31), dt.date(2030, 1, 1)]
    assert [above[0].threshold(day) for day in days] == [None, 10, 10, None]
    assert [above[1].threshold(day) for day in days] == [5, 5, 5, 5]


def test_every_standard_layer_has_a_definition() -> None:
    for one in standards().values():
        for layer in one.layers:
            assert (DEFINITIONS / "layers" / f"{layer}.yaml").is_file()
            assert layer_label(layer).en != layer
            assert entries_of(one)[f"overlap_{layer}"].settled_by == layer


def test_a_layer_without_definition_keeps_its_id() -> None:
    assert layer_label("nobodys_layer").en == "nobodys_layer"


def test_every_source_and_clause_is_given() -> None:
    for one in standards().values():
        assert all(source.title for source in one.source)
        for rule in one.rules:
            assert rule.source, rule.id
            # What claims to be confirmed must say where it was read.
            if rule.confirmed:
                assert any(source.href for source in rule.source), rule.id
