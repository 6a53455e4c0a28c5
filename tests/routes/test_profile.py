"""The cheapest profile against all profiles there are, and the thresholds between kinds of segments."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greensilk.routes.profile import (
    BRIDGE,
    CUT,
    FILL,
    KINDS,
    SURFACE,
    TUNNEL,
    Profile,
    cheapest_profile,
    kinds_of,
    over_water,
    station_spacing_m,
)
from greensilk.routes.structures import structure_rules

RULES = structure_rules()
GRADIENT, SPACING_M = 0.02, 500.0
STEP_M = GRADIENT * SPACING_M / 2


def price(depth: float) -> float:
    """Cost of a metre so deep below the ground, written out."""
    cost, rise = RULES.cost, -depth
    if depth > RULES.cut_deepest_m:
        share = min((depth - RULES.cut_deepest_m) / 0.1, 1)
        return cost.cut + share * (cost.tunnel - cost.cut)
    if depth > RULES.surface_within_m:
        return 1 + (cost.cut - 1) * (depth - RULES.surface_within_m) / (RULES.cut_deepest_m - RULES.surface_within_m)
    if rise <= RULES.surface_within_m:
        return 1.0
    if rise <= RULES.fill_highest_m:
        return 1 + (cost.fill - 1) * (rise - RULES.surface_within_m) / (RULES.fill_highest_m - RULES.surface_within_m)
    if rise <= RULES.fill_highest_m + 0.1:
        return cost.fill + (cost.bridge - cost.fill) * (rise - RULES.fill_highest_m) / 0.1
    assert rise <= RULES.bridge_highest_m
    span = RULES.bridge_highest_m - RULES.fill_highest_m - 0.1
    return cost.bridge + (cost.bridge_highest - cost.bridge) * (rise - RULES.fill_highest_m - 0.1) / span


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 8), min_size=3, max_size=6))
def test_no_profile_of_all_is_cheaper(steps: list[int]) -> None:
    ground = 300.0 + STEP_M * np.array(steps, dtype=float)
    found = cheapest_profile(ground, SPACING_M, GRADIENT, RULES)
    costs = []
    levels = ground.min() + STEP_M * np.arange(round((ground.max() - ground.min()) / STEP_M) + 2)
    for start in levels[np.abs(levels - ground[0]) <= STEP_M]:
        for moves in product((-2, -1, 0, 1, 2), repeat=len(steps) - 1):
            line = start + STEP_M * np.concatenate([[0], np.cumsum(moves)])
            inside = line.min() > levels[0] - 0.1 and line.max() < levels[-1] + 0.1
            if inside and abs(line[-1] - ground[-1]) <= STEP_M:
                costs.append(sum(price(float(depth)) for depth in (ground - line)[1:]))
    if found is None:
        assert not costs
    else:
        assert found.cost[1:].sum() == pytest.approx(min(costs), rel=1e-9)
        assert found.cost == pytest.approx([price(float(depth)) for depth in ground - found.height_m], rel=1e-9)
        assert found.steepest_permille <= GRADIENT * 1000 + 1e-9


def test_kinds_change_at_their_thresholds_and_not_before() -> None:
    rules, little = RULES, 0.01
    edges = [
        (rules.cut_deepest_m, CUT, TUNNEL),
        (rules.surface_within_m, SURFACE, CUT),
        (-rules.surface_within_m - little, FILL, SURFACE),
        (-rules.fill_highest_m - little, BRIDGE, FILL),
    ]
    for depth, at, above in edges:
        assert kinds_of(np.array([depth, depth + little]), rules).tolist() == [at, above]


def test_a_ridge_is_tunnelled_and_a_valley_bridged() -> None:
    along = np.arange(0, 10_000.0, 100.0)
    ground = 500 + 200 * np.exp(-(((along - 3_000) / 400) ** 2)) - 60 * np.exp(-(((along - 7_000) / 300) ** 2))
    found = cheapest_profile(ground, 100.0, 0.012, RULES)
    assert found is not None
    kinds = [KINDS[kind] for _, _, kind in found.runs()]
    assert "tunnel" in kinds and "bridge" in kinds
    start, end = next((start, end) for start, end, kind in found.runs() if kind == TUNNEL)
    assert start < 3_000 < end and found.longest_m(TUNNEL) == end - start
    assert found.runs()[0][0] == 0 and found.runs()[-1][1] == pytest.approx(along[-1])


def test_ends_too_far_apart_in_height_cannot_be_joined() -> None:
    assert cheapest_profile(np.array([0.0, 50.0, 100.0]), 1_000.0, 0.012, RULES) is None


def test_a_reluctant_profile_has_less_tunnel() -> None:
    along = np.arange(0, 12_000.0, 100.0)
    ground = 500 + 70 * np.exp(-(((along - 6_000) / 2_000) ** 2))
    eager = cheapest_profile(ground, 100.0, 0.012, RULES)
    reluctant = cheapest_profile(ground, 100.0, 0.012, RULES, reluctant=True)
    assert eager is not None and reluctant is not None
    assert reluctant.longest_m(TUNNEL) <= eager.longest_m(TUNNEL)


def test_water_is_bridged_but_not_above_a_tunnel() -> None:
    kind = np.array([SURFACE, SURFACE, TUNNEL, FILL])
    profile = Profile(100.0, np.zeros(4), kind, np.array([1.0, 1.0, 6.0, 2.0]))
    wet = over_water(profile, np.array([False, True, True, True]), RULES)
    assert wet.kind.tolist() == [SURFACE, BRIDGE, TUNNEL, BRIDGE]
    assert wet.cost.tolist() == [1.0, RULES.cost.bridge, 6.0, RULES.cost.bridge]


@pytest.mark.parametrize(("climb_m", "gradient"), [(0.0, 0.012), (3_000.0, 0.001), (9_000.0, 0.0001)])
def test_stations_and_heights_stay_few(climb_m: float, gradient: float) -> None:
    spacing = station_spacing_m(400_000.0, 30.0, climb_m, gradient)
    assert 400_000 / spacing <= 5_001
    assert climb_m / (gradient * spacing / 2) <= 6_001 or spacing == 200_000.0
