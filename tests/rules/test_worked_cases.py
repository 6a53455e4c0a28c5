"""Cases that fail are told in words, faulty ones are refused by name, and own ones run beside the shipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from greensilk.errors import DefinitionError, UsageError
from greensilk.rules import standard, standards
from greensilk.rules.worked_cases import Case, Cases, load_cases, run_all, run_cases

HEAD = "standard: gdg_2020\ncases:\n"
A = HEAD + "- {name: a, "


def result(**case: Any) -> Any:
    (found,) = run_cases(
        Cases(standard="gdg_2020", cases=(Case(name="one", type="solar_pv", **case),)), standard("gdg_2020")
    )
    return found


def test_a_case_as_expected_has_no_differences() -> None:
    found = result(site="clear", expect={"light": "GREEN", "flags": None, "final": True})
    assert (found.differences, found.found) == ((), {"light": "GREEN", "flags": None, "final": True})
    assert result(facts={"overlap_ramsar": True}, held={"infringes_ramsar_site": ""}).differences == ()


def test_every_difference_is_told_in_both_languages() -> None:
    found = result(expect={"light": "RED", "flags": "x", "final": True}, held={"infringes_ramsar_site": "Ramsar"})
    assert [one.en for one in found.differences] == [
        "light: expected RED, found GREEN",
        "flags: expected x, found nothing",
        "final: expected true, found false",
        "infringes_ramsar_site does not hold",
    ]
    assert "应为 RED，实为 GREEN" in found.differences[0].zh and "空" in found.differences[1].zh


def test_other_words_of_the_clause_are_a_difference() -> None:
    found = result(facts={"overlap_ramsar": True}, held={"infringes_ramsar_site": "no such words"})
    assert [one.en for one in found.differences] == ["the clause of infringes_ramsar_site does not say “no such words”"]


def test_cases_of_several_days_come_back_in_the_order_written() -> None:
    days = ["2020-11-30", "2026-01-01", "2020-11-30", "2020-12-01"]
    cases = [{"name": f"case {n}", "on": day, "type": "coal_power_new", "expect": {"light": "RED"}}
             for n, day in enumerate(days)]  # fmt: skip
    found = run_cases(
        Cases.model_validate({"standard": "gdg_2020", "cases": cases}, strict=False), standard("gdg_2020")
    )
    assert [one.case.name for one in found] == ["case 0", "case 1", "case 2", "case 3"]
    assert [one.found["light"] for one in found] == ["NOT_APPLICABLE", "RED", "NOT_APPLICABLE", "RED"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "standard: gdg_2021\ncases: [{name: a, expect: {light: RED}}]\n",
            "no standard called gdg_2021 (near: gdg_2020",
        ),
        (A + "type: solr_pv, expect: {light: RED}}\n", "a: there is no project type called solr_pv (near"),
        (A + "facts: {overlap_ramsr: true}, expect: {light: RED}}\n", "a: there is no fact called overlap_ra"),
        (A + "coarse: [nothing], expect: {light: RED}}\n", "a: there is no fact called nothing"),
        (A + "facts: {power_density: ten}, expect: {light: RED}}\n", "power_density: 'ten' is not a number"),
        (A + "facts: {power_density: true}, expect: {light: RED}}\n", "power_density: True is not a number"),
        (A + "facts: {overlap_ramsar: 1}, expect: {light: RED}}\n", "overlap_ramsar: 1 is not a truth"),
        (A + "facts: {mitigation_climate: sure}, expect: {light: RED}}\n", "'sure' is not a level"),
        (A + "facts: {date_operation: 2020-13-01}, expect: {light: RED}}\n", "'2020-13-01' is not a date"),
        (A + "facts: {date_operation: 20200101}, expect: {light: RED}}\n", "20200101 is not a date"),
        (A + "expect: {ligt: RED}}\n", "a: expect: gdg_2020 gives no ligt (near: light"),
        (A + "held: {no_rule: x}}\n", "a: held: there is no rule called no_rule"),
        (HEAD + "- {name: a}\n", "a: expects nothing"),
        (A + "expect: {light: RED}}\n- {name: a, expect: {light: RED}}\n", "a: two cases of that name"),
        (A + "site: clean, expect: {light: RED}}\n", "site"),
        (A + "on: NO, expect: {light: RED}}\n", "on"),
        (HEAD + "- &a {name: a, expect: {light: RED}}\n- *a\n", "aliases"),
        (A + "expect: " + "[" * 200 + "]" * 200 + "}\n", "nested deeper"),
    ],
)
def test_a_faulty_case_is_refused_by_name(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "mine.yaml").write_text(content, "utf-8")
    with pytest.raises(DefinitionError) as refused:
        load_cases(tmp_path, standards())
    assert said in str(refused.value) and "mine.yaml" in str(refused.value)


def test_own_cases_run_after_the_shipped_of_the_same_standard(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(HEAD + '- {name: "my own", type: solar_pv, expect: {light: RED}}\n', "utf-8")
    shipped, both = run_all(standards()), run_all(standards(), tmp_path)
    assert len(both) == len(shipped) + 1
    assert [one.case.name for one in both if one.differences] == ["my own"]


def test_a_folder_without_cases_is_refused(tmp_path: Path) -> None:
    for folder, said in ((tmp_path / "absent", "is no folder"), (tmp_path, "no *.yaml file")):
        with pytest.raises(UsageError) as refused:
            run_all(standards(), folder)
        assert said in str(refused.value)
