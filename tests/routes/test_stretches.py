"""Runs, tunnel mouths and gaps of alignments, against what stands in their segments."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from greensilk.geometry.geodesy import length_m
from greensilk.routes.alignments import KINDS, Alignment, Segment, lines_of
from greensilk.routes.stretches import gaps_m, runs, runs_of, tunnel_mouths

GEOD = Geod(ellps="WGS84")


def alignment(*stretches: tuple[str, float, float]) -> Alignment:
    """Segments along the equator: kind, west, east."""
    segments = (Segment(kind, shapely.LineString([(a, 0), (b, 0)])) for kind, a, b in stretches)  # type: ignore[arg-type]
    return Alignment("a", "a", tuple(segments))


def ends(lines: list[shapely.LineString]) -> list[tuple[float, float]]:
    return [(line.coords[0][0], line.coords[-1][0]) for line in lines]


def test_what_touches_is_one_run_and_a_tunnel_parts_two() -> None:
    one = alignment(("surface", 0, 1), ("cut", 1, 2), ("tunnel", 2, 3), ("tunnel", 3, 4), ("bridge", 4, 5))
    assert ends(runs(one)) == [(0, 5)]
    assert ends(runs(one, tunnels=False)) == [(0, 2), (4, 5)]
    assert ends(runs(one, tunnels=True)) == [(2, 4)]
    assert [point.x for point in tunnel_mouths(one).geoms] == [2, 4]
    assert shapely.get_num_coordinates(runs(one)[0]) == 6  # no vertex twice
    assert gaps_m(one) == 0.0


def test_a_gap_parts_two_runs_of_one_kind() -> None:
    one = alignment(("tunnel", 0, 1), ("tunnel", 1.5, 2))
    assert ends(runs(one)) == [(0, 1), (1.5, 2)]
    assert len(tunnel_mouths(one).geoms) == 4
    assert gaps_m(one) == pytest.approx(GEOD.inv(1, 0, 1.5, 0)[2])


def test_gaps_do_not_depend_on_the_order_of_the_pieces() -> None:
    pieces = [("unknown", 0.0, 1.0), ("unknown", 1.1, 2.0), ("unknown", 2.3, 3.0), ("unknown", 3.0, 4.0)]
    want = GEOD.inv(1, 0, 1.1, 0)[2] + GEOD.inv(2, 0, 2.3, 0)[2]
    for order in ([0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]):
        assert gaps_m(alignment(*(pieces[k] for k in order))) == pytest.approx(want)


def test_without_tunnels_there_is_no_mouth() -> None:
    assert tunnel_mouths(alignment(("surface", 0, 1))).is_empty
    assert runs_of([alignment(("tunnel", 0, 1))], tunnels=False)[0].is_empty


CUTS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 5), st.integers(0, 2)), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(CUTS)
def test_no_metre_is_lost_or_counted_twice(cuts: list[tuple[str, int, int]]) -> None:
    stretches, at = [], 0.0
    for kind, long, gap in cuts:
        stretches.append((kind, at, at + long / 10))
        at += (long + gap) / 10
    one = alignment(*stretches)
    whole = length_m(lines_of([one]))
    parts = [length_m(runs_of([one], tunnels=below)) for below in (False, True)]
    np.testing.assert_allclose(sum(parts), whole, rtol=1e-9)
    np.testing.assert_allclose(length_m(runs_of([one])), whole, rtol=1e-9)
    assert len(tunnel_mouths(one).geoms) == 2 * len(runs(one, tunnels=True))
    reached = GEOD.inv(0, 0, stretches[-1][2], 0)[2]
    assert whole[0] + gaps_m(one) == pytest.approx(reached, rel=1e-6)
