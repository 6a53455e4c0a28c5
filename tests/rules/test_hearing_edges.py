"""What a standard asks at its edges: its first day, rules older than itself, and flags told together or not at all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from greensilk.rules import ItemTable, judge, standard, standards
from greensilk.rules.judging import judge_one
from greensilk.rules.stated_facts import stated_facts

ON = dt.date(2026, 1, 1)
SOLAR = {"project_type": "solar_pv", "is_built": True, "type_liftable": False, "country": "LAO"}
SOLAR |= {"effect_pollution": "neutral", "effect_climate": "contributes", "effect_biodiversity": "neutral"}


def test_flags_that_hold_are_joined_and_the_others_left_out(table: Any) -> None:
    rows = [
        SOLAR | {"overlap_indigenous_lands": True, "type_inferred": True, "has_offset": False},
        SOLAR | {"type_inferred": True},
        SOLAR | {"overlap_indigenous_lands": False},
        SOLAR | {"type_inferred": True, "is_built": False},
    ]
    found = judge(table(rows), standard("gdg_2020"), ON).table["flags"].to_list()
    assert found == ["on_indigenous_lands;type_was_inferred", "type_was_inferred", None, None]


@pytest.mark.parametrize("standard_id", sorted(standards()))
def test_flags_are_text_even_where_a_standard_has_none(standard_id: str) -> None:
    defined = standard(standard_id)
    for rows in ([SOLAR, {}], [SOLAR]):
        found = judge_one(stated_facts(rows, defined), defined, ON).table["flags"]
        assert found.dtype == pl.String and len(found) == len(rows)


@pytest.mark.parametrize("standard_id", sorted(standards()))
def test_a_standard_speaks_from_the_day_it_was_issued(standard_id: str) -> None:
    defined = standard(standard_id)
    coal = {"project_type": "coal_power_new", "is_built": True, "country": "PAK", "coal_case": "new_build"}
    facts = stated_facts([coal | {"finance_product": "project_finance", "capital_cost": 400.0}], defined)
    before, from_then = (judge_one(facts, defined, defined.issued - dt.timedelta(days=days)).hearing for days in (1, 0))
    assert (before.applies.tolist(), before.rules) == ([0], ())
    assert from_then.in_force and from_then.rules
    assert from_then.applies.tolist() != [0]


def test_before_a_standard_was_issued_no_rule_is_asked_however_old() -> None:
    shipped = standard("ifc_ps_triggers")
    older = tuple(one.model_copy(update={"since": dt.date(1990, 1, 1)}) for one in shipped.rules)
    defined = shipped.model_copy(update={"rules": older})
    found = judge_one(stated_facts([{"is_built": True}], defined), defined, dt.date(2000, 1, 1))
    assert isinstance(found, ItemTable)
    assert found.items == () and found.table.columns == ["project_id", "applies", "flags"]
