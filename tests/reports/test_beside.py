"""Two ratings of a project side by side: what differs is told, what is alike is not, what was asked once stays."""

from __future__ import annotations

from typing import Any

from greensilk.reports.beside import beside


def rated(light: str, basis: str = "desk_screened", **changes: Any) -> dict[str, Any]:
    facts = changes.pop("facts", {"overlap_protected_areas": False})
    uses = [{"name": name, "value": value} for name, value in facts.items()]
    verdict = {"light": light, "basis": basis, "trace": [{"facts": uses}]}
    return {
        "name": "Dam", "type": "hydropower_large", "stage": "planned", "capacity_mw": 120.0,
        "verdicts": {"gdg_2020": verdict}, "categories": {}, "items": {}, **changes,
    }  # fmt: skip


def test_what_is_alike_is_not_told_but_for_the_lights() -> None:
    told = beside(rated("RED"), rated("RED"))
    assert [(one.then, one.now) for one in told.lights] == [("RED", "RED")]
    assert (told.levels, told.given, told.facts) == ([], [], [])


def test_a_light_by_type_is_a_mark_of_its_own() -> None:
    told = beside(rated("GREEN", "type_only"), rated("GREEN"))
    assert [(one.then, one.now) for one in told.lights] == [("GREEN_BY_TYPE", "GREEN")]


def test_a_standard_asked_once_stays_with_a_gap() -> None:
    with_coal = rated("RED")
    with_coal["verdicts"]["coal_pledge_2021"] = {"light": "NOT_APPLICABLE", "basis": None, "trace": []}
    assert [(one.then, one.now) for one in beside(with_coal, rated("RED")).lights][1] == ("NOT_APPLICABLE", None)
    assert [(one.then, one.now) for one in beside(rated("RED"), with_coal).lights][1] == (None, "NOT_APPLICABLE")


def test_facts_and_given_values_that_differ_are_told_in_words() -> None:
    then = rated("YELLOW", facts={"overlap_protected_areas": None, "same": 1.0, "only_then": True})
    now = rated("RED", facts={"overlap_protected_areas": True, "same": 1.0}, stage="operating", capacity_mw=None)
    told = beside(then, now)
    assert [(one.then and one.then.en, one.now and one.now.en) for one in told.facts] == [("unknown", "yes")]
    assert "Protected areas" in told.facts[0].label.en and told.facts[0].label.zh != told.facts[0].label.en
    given = {one.label.en: (one.then and one.then.zh, one.now and one.now.zh) for one in told.given}
    assert given == {"stage": ("规划中", "运营中"), "capacity": ("120", None)}


def test_levels_that_differ_are_told() -> None:
    then, now = rated("RED"), rated("RED")
    for one, level in ((then, "A"), (now, "B")):
        one["categories"] = {"equator_principles_4": {"category": level, "trace": []}}
    assert [(one.then, one.now) for one in beside(then, now).levels] != []
    assert beside(then, then).levels == []
