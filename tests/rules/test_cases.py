"""Every rule of every standard, worked out case by case; the cases ship with the program."""

from __future__ import annotations

import pytest

from greensilk.rules import standards
from greensilk.rules.worked_cases import CaseResult, run_all

RESULTS = run_all(standards())


@pytest.mark.parametrize("result", RESULTS, ids=[f"{result.standard}: {result.case.name}" for result in RESULTS])
def test_worked_case(result: CaseResult) -> None:
    assert [one.en for one in result.differences] == []


@pytest.mark.parametrize("standard_id", sorted(standards()))
def test_every_rule_has_a_case_in_which_it_holds(standard_id: str) -> None:
    held = {rule for result in RESULTS if result.standard == standard_id for rule in result.held}
    assert {rule.id for rule in standards()[standard_id].rules} <= held
