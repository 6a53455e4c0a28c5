"""One small portfolio through measuring and judging."""

from __future__ import annotations

import datetime as dt

import pytest

from greensilk.appraisal import appraise
from greensilk.errors import GreensilkError, UsageError
from greensilk.screening.site import one_site

ON = dt.date(2026, 1, 1)


def test_a_site_is_measured_and_judged_by_each_standard() -> None:
    told: list[str] = []
    found = appraise(
        one_site(39.65, -0.36, "solar_pv"),
        ["no_new_coal_2021", "gdg_2020"],
        ON,
        [],
        lambda doing, _: told.append(doing),
    )
    assert list(found.verdicts) == ["no_new_coal_2021", "gdg_2020"]
    assert found.verdicts["gdg_2020"].table["counted"].to_list() == ["GREEN_BY_TYPE"]
    assert found.facts["country"].values.to_list() == ["KEN"]
    assert found.layers == {} and found.provenance.arguments.layers == ()
    assert len(told) >= 3 and len(found) == 1


def test_a_standard_asked_for_twice_is_judged_once() -> None:
    found = appraise(one_site(39.65, -0.36, "solar_pv"), ["gdg_2020", "gdg_2020"], ON, [])
    assert list(found.verdicts) == ["gdg_2020"]


def test_an_unknown_standard_or_layer_is_refused() -> None:
    site = one_site(39.65, -0.36, "solar_pv")
    with pytest.raises(UsageError):
        appraise(site, ["gdg_2021"], ON, [])
    with pytest.raises(GreensilkError):
        appraise(site, ["gdg_2020"], ON, ["no_such_layer"])
