"""Lists at their edges: which of several facts keeps an item open, and names of statuses."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from greensilk.rules import ItemTable, standard
from greensilk.rules.judging import judge_one
from greensilk.rules.standard import Condition, Standard
from greensilk.rules.stated_facts import stated_facts

ON = dt.date(2026, 1, 1)


def listed(defined: Standard, rows: list[dict[str, Any]]) -> ItemTable:
    """Some projects by a list."""
    found = judge_one(stated_facts(rows, defined), defined, ON)
    assert isinstance(found, ItemTable)
    return found


def one_item(when: dict[str, Any], met_when: dict[str, Any] | None = None) -> Standard:
    """A checklist of one item that is asked and met as said."""
    shipped = standard("mee_mofcom_2022")
    asked = Condition.model_validate(when)
    met = None if met_when is None else Condition.model_validate(met_when)
    rule = next(one for one in shipped.rules if one.kind == "item")
    only = rule.model_copy(update={"id": "only", "when": asked, "met_when": met})
    return shipped.model_copy(update={"rules": (only,), "layers": ("ramsar", "world_heritage")})


APART = ({"fact": "overlap_ramsar", "is": True}, {"fact": "overlap_world_heritage", "is": True})
COUNTED = {"is_built": True, "country": "LAO", "finance_product": "project_finance"}


def test_only_what_is_unknown_would_say_whether_an_item_is_asked() -> None:
    defined = one_item({"all": APART})
    rows = [COUNTED | {"overlap_ramsar": True}, COUNTED | {"overlap_world_heritage": True}, COUNTED]
    found = listed(defined, rows)
    assert found.table["only"].to_list() == ["unknown"] * 3
    assert [found.settles(row)["only"] for row in range(3)] == [
        ("world_heritage",), ("ramsar",), ("ramsar", "world_heritage"),
    ]  # fmt: skip
    assert {name: count.tolist() for name, count in found.settlers().items()} == {
        "ramsar": [0, 1, 1], "world_heritage": [1, 0, 1],
    }  # fmt: skip


def test_of_an_item_that_is_asked_nobody_needs_to_say_why() -> None:
    found = listed(one_item({"any": APART}), [COUNTED | {"overlap_ramsar": True}])
    assert found.table["only"].to_list() == ["open"]
    assert found.settles(0) == {"only": ()}


@pytest.mark.parametrize(
    ("ramsar", "tier", "settled"),
    [
        (None, "none", {"only": ("ramsar",)}),  # first whether it is asked, then what would meet it
        (None, None, {"only": ("ramsar",)}),
        (True, "none", {"only": ("mitigations",)}),
        (True, None, {"only": ("mitigations",)}),
        (False, "none", {}),
    ],
)
def test_a_better_measure_is_wanted_only_of_what_is_asked(ramsar: Any, tier: Any, settled: dict[str, Any]) -> None:
    defined = one_item(APART[0], {"fact": "mitigation_biodiversity", "at_least": "certified"})
    found = listed(defined, [COUNTED | {"overlap_ramsar": ramsar, "mitigation_biodiversity": tier}])
    assert found.settles(0) == settled
    wanted = {name for name, count in found.settlers().items() if count.any()}
    assert wanted == set(settled.get("only", ()))


@pytest.mark.parametrize(
    ("standard_id", "unasked"),
    [("ifc_ps_triggers", "not_triggered"), ("mee_mofcom_2022", "not_asked"), ("kmgbf_30x30", "not_touched")],
)
def test_of_what_is_not_built_no_item_is_asked(standard_id: str, unasked: str) -> None:
    found = listed(standard(standard_id), [{"is_built": False, "country": "CHN"}])
    assert found.table["applies"].to_list() == [False]
    assert {found.table[item.id].item() for item in found.items} == {unasked}
    assert found.settles(0) == {}
