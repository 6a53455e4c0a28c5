"""Corridors over made-up ground whose right answer is known, and what must hold over any ground."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Geod

from greensilk.routes.corridor import Corridor, Wishes
from greensilk.routes.generation import Generated, generate, window_of
from greensilk.routes.obstacles import Obstacles
from greensilk.routes.structures import structure_rules
from greensilk.routes.surface import Areas

GEOD = Geod(ellps="WGS84")
RULES = structure_rules()
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MadeGround:
    """Flat land at 100 m with a ridge across it at one longitude, lower by so much of it about one latitude."""

    ridge_lon: float = 0.15
    ridge_m: float = 0.0
    half_width_deg: float = 0.01
    pass_lat: float = 0.06
    pass_depth: float = 0.0
    height_step_m: float = 90.0

    def heights_m(self, lon: Floats, lat: Floats) -> Floats:
        gap = 1 - self.pass_depth * np.exp(-(((lat - self.pass_lat) / 0.015) ** 2))
        ridge = self.ridge_m * np.exp(-(((lon - self.ridge_lon) / self.half_width_deg) ** 2))
        return np.asarray(100 + ridge * gap)

    def factors(self, lon: Floats, lat: Floats) -> Floats:
        return np.ones(len(lon))

    def over_water(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        return np.zeros(len(lon), dtype=bool)


def run(
    ground: MadeGround, hard: list[shapely.Geometry], stops: list[tuple[float, float]], count: int = 1, **more: float
) -> Generated:
    wishes = Wishes(
        stops=np.array(stops, dtype=float),
        count=count,
        spacing_m=more.get("spacing_m", 2_000.0),
        gradient=more.get("gradient", 0.012),
        min_radius_m=more.get("min_radius_m", 500.0),
        longest_tunnel_m=more.get("longest_tunnel_m", 1_000.0),
        rules=RULES,
    )
    return generate(wishes, ground, Areas(Obstacles(np.array(hard, dtype=object))))


ACROSS = [(0.0, 0.0), (0.3, 0.0)]


def lat_at(corridor: Corridor, lon: float) -> float:
    line = shapely.LineString(corridor.line)
    at = shapely.intersection(line, shapely.LineString([(lon, -9), (lon, 9)]))
    return float(shapely.centroid(at).y)


def test_the_one_gap_in_a_reserve_and_the_one_pass_in_a_ridge_are_found() -> None:
    reserve = [shapely.box(0.05, -0.5, 0.06, -0.02), shapely.box(0.05, -0.015, 0.06, 0.5)]
    ground = MadeGround(ridge_m=600, pass_depth=0.97)
    (found,) = run(ground, reserve, ACROSS).corridors
    assert -0.02 < lat_at(found, 0.055) < -0.015
    assert abs(lat_at(found, 0.15) - 0.06) < 0.004
    assert found.metres_of().get("tunnel", 0) == 0
    assert found.steepest_permille <= 12 + 1e-6 and found.smallest_radius_m >= 500
    straight = sum(GEOD.inv(*a, *b)[2] for a, b in pairwise([(0, 0), (0.055, -0.0175), (0.15, 0.06), (0.3, 0)]))
    assert straight * 0.99 < found.length_m < straight * 1.05
    assert found.length_m == pytest.approx(GEOD.line_length(*found.line.T), rel=1e-6)
    assert found.off_stops_m.max() < 1


def test_a_gap_that_the_coarse_cells_cannot_show_is_found_by_the_finer_ones() -> None:
    # 55 m wide, in coarse cells of some 90 m, with a slit beside the straight way that is closed behind
    reserve = [shapely.box(0.05, -0.5, 0.06, 0.0301), shapely.box(0.05, 0.0306, 0.06, 0.5)]
    (found,) = run(MadeGround(), reserve, ACROSS).corridors
    assert 0.0301 < lat_at(found, 0.055) < 0.0306


def test_a_ridge_without_a_pass_is_tunnelled_between_two_portals() -> None:
    (found,) = run(MadeGround(ridge_m=600), [], ACROSS, longest_tunnel_m=6_000.0).corridors
    kinds = [kind for kind, _ in found.segments]
    at = kinds.index("tunnel")
    assert kinds[at - 1] == kinds[at + 1] == "portal"
    assert 2_000 < found.longest_tunnel_m <= 6_000
    assert found.metres_of()["portal"] == pytest.approx(2 * RULES.portal_length_m, rel=1e-3)
    assert sum(found.metres_of().values()) == pytest.approx(found.length_m, rel=1e-4)
    for (_, before), (_, after) in pairwise(found.segments):
        assert np.array_equal(before[-1], after[0])


def test_a_tunnel_that_is_too_long_is_no_corridor_and_is_told() -> None:
    wall = MadeGround(ridge_m=900, half_width_deg=0.03, height_step_m=300.0)  # few cells, many tries
    found = run(wall, [], ACROSS, longest_tunnel_m=500.0)
    assert not found.corridors and found.joined
    assert found.dropped.get("tunnel", 0) + found.dropped.get("bridge", 0) > 0


def test_the_way_round_is_taken_where_the_tunnel_straight_on_would_be_too_long() -> None:
    ground = MadeGround(ridge_m=300, pass_depth=0.97, pass_lat=0.05)
    (through,) = run(ground, [], ACROSS, longest_tunnel_m=9_000.0, gradient=0.02).corridors
    (round_about,) = run(ground, [], ACROSS, longest_tunnel_m=300.0, gradient=0.02).corridors
    assert round_about.longest_tunnel_m <= 300
    assert abs(lat_at(round_about, 0.15) - 0.05) < 0.01
    assert through.cost_m <= round_about.cost_m * 1.05


def test_no_way_and_a_walled_in_stop_are_told() -> None:
    wall = [shapely.box(0.05, -5, 0.06, 5)]
    assert not run(MadeGround(), wall, ACROSS).corridors
    room = shapely.box(-0.1, -0.1, 0.1, 0.1).difference(shapely.box(-0.0001, -0.0001, 0.0001, 0.0001))
    assert not run(MadeGround(), [room], ACROSS).corridors
    nowhere = MadeGround(ridge_m=np.nan)
    assert run(nowhere, [], ACROSS).blocked == 0


def far_share(corridor: Corridor, others: list[Corridor], spacing_m: float) -> float:
    """Share of a corridor's length that is far from all others, place by place with geodesics."""
    line = shapely.LineString(corridor.line)
    mine = np.array([line.interpolate(share, normalized=True).coords[0] for share in np.linspace(0, 1, 150)])
    theirs = [
        np.array(
            [
                shapely.LineString(o.line).interpolate(share, normalized=True).coords[0]
                for share in np.linspace(0, 1, 600)
            ]
        )
        for o in others
    ]
    known = np.concatenate(theirs)
    far = 0
    for lon, lat in mine:
        far += GEOD.inv(np.full(len(known), lon), np.full(len(known), lat), *known.T)[2].min() > spacing_m
    return far / len(mine)


def test_corridors_are_as_far_apart_as_they_say() -> None:
    found = run(MadeGround(), [], ACROSS, count=5).corridors
    assert len(found) == 5
    for i, one in enumerate(found):
        if i:
            share = far_share(one, list(found[:i]), 2_000.0)
            assert share == pytest.approx(one.apart_share, abs=0.03)
        assert one.apart_share >= RULES.distinct_share
    costs = [one.cost_m for one in found]
    assert costs == sorted(costs)


def test_what_is_looked_at_is_no_place_twice() -> None:
    """Exclusions are laid once round the earth, so that a farther window would have none in it."""
    wishes = Wishes(np.array(ACROSS), 200, 500_000.0, 0.012, 500.0, 1_000.0, RULES)
    west, _, east, _ = window_of(wishes)
    assert east - west <= 360


def test_fewer_are_found_where_there_are_no_more() -> None:
    lane = [shapely.box(-1, 0.01, 1, 1), shapely.box(-1, -1, 1, -0.01)]
    found = run(MadeGround(height_step_m=200.0), lane, ACROSS, count=4)
    assert len(found.corridors) == 1


def test_a_way_by_way_of_a_place_goes_there_and_over_the_antimeridian() -> None:
    found = run(MadeGround(), [], [(179.9, 10.0), (180.05, 10.05), (180.2, 10.0)], count=3).corridors
    assert len(found) == 3
    for one in found:
        assert one.off_stops_m.max() < 100
        assert one.line[:, 0].min() < 180 < one.line[:, 0].max()
        assert np.abs(np.diff(one.line[:, 0])).max() < 0.1


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(10.0, 50.0), (179.95, -20.0)]))
def test_no_corridor_touches_an_exclusion(seed: int, corner: tuple[float, float]) -> None:
    random = np.random.default_rng(seed)
    lon, lat = corner
    areas = []
    for _ in range(8):
        ring = np.column_stack([random.random(5), random.random(5)]) * 0.05
        centre = lon + 0.02 + 0.1 * random.random(), lat - 0.05 + 0.1 * random.random()
        areas.append(shapely.Polygon(ring + centre).convex_hull)
    areas.append(shapely.LineString(lon + 0.07 + 0.01 * random.random((2, 2))).buffer(1e-5))
    inside = shapely.union_all(areas)
    stops = [(lon, lat), (lon + 0.15, lat)]
    if any(shapely.Point(stop).intersects(inside) for stop in stops):
        return
    found = run(MadeGround(), areas, stops, count=2, spacing_m=1_000.0, min_radius_m=200.0)
    for one in found.corridors:
        assert not shapely.LineString(one.line).intersects(inside)
        assert one.smallest_radius_m >= 200
