"""A fact taken away from a worked case never gives an item a better answer than `unknown` or `open`."""

from __future__ import annotations

import pytest

from greensilk.rules import standards
from greensilk.rules.judging import judge_one
from greensilk.rules.stated_facts import statable, stated_facts
from greensilk.rules.worked_cases import FOLDER, Cases, facts_of, load_cases

LISTS = [cases for cases in load_cases(FOLDER, standards()) if standards()[cases.standard].method == "items"]
ALLOWED = {"unknown", "open"}  # of what changes at all


@pytest.mark.parametrize("cases", LISTS, ids=lambda cases: cases.standard)
def test_what_is_not_known_settles_no_item(cases: Cases) -> None:
    standard = standards()[cases.standard]
    entries = statable(standard)
    for on in {case.on for case in cases.cases}:
        known = [facts_of(case, entries) for case in cases.cases if case.on == on]
        hidden = [(row, name) for row, facts in enumerate(known) for name in facts]
        rows = [{name: value for name, value in known[row].items() if name != gone} for row, gone in hidden]
        table = judge_one(stated_facts([*known, *rows], standard), standard, on).table
        for item in (rule.id for rule in standard.rules if rule.id in table.columns and rule.kind == "item"):
            status = table[item].to_list()
            for (row, gone), after in zip(hidden, status[len(known) :], strict=True):
                assert after == status[row] or after in ALLOWED, (item, gone, known[row])
