"""The traffic light at its edges: what is asked first, and the order among questions that tell equally much."""

from __future__ import annotations

import datetime as dt
from typing import Any

from greensilk.rules import judge, standard

ON = dt.date(2026, 1, 1)
SOLAR = {"project_type": "solar_pv", "is_built": True, "type_liftable": False, "country": "LAO"}
SOLAR |= {"effect_pollution": "neutral", "effect_climate": "contributes", "effect_biodiversity": "neutral"}


def test_effects_are_asked_for_before_rules_that_tell_as_much(table: Any) -> None:
    found = judge(table([SOLAR | {"effect_biodiversity": None}]), standard("gdg_2020"), ON)
    asked = found.questions(0)
    assert [one.settled_by for one in asked] == [
        "type", "protected_areas", "key_biodiversity_areas", "ramsar", "world_heritage",
    ]  # fmt: skip
    assert asked[0].facts == ("effect_biodiversity",)
    assert found.table["effect_biodiversity"].to_list() == [None]
    assert found.method.effects["biodiversity"].tolist() == [-1]
