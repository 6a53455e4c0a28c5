"""The page says of a file of results what is in it: ratios, goals, what is not there, and the picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
from benchmarks.goals import goals, ratio
from benchmarks.page import figure, page, scaled
from benchmarks.plot import PENS, scaling_plot

from benchmarks import agreement

COUNT = 3_000
SVG = "{http://www.w3.org/2000/svg}"


def measured(side: str, task: str, kind: str, n: int, us: float) -> dict[str, Any]:
    named = {"side": side, "task": task, "kind": kind, "form": "points", "n": n, "count": COUNT, "sites": n}
    return named | {"us": us, "clock_us": us}


@pytest.fixture
def results() -> dict[str, Any]:
    rows = [measured(side, "contains", "clus", n, us + 100 / n) for side, us in (("ours", 0.5), ("strtree", 4.0))
            for n in (1_000, 10_000)]  # fmt: skip
    rows += [measured("ours", "contains_2", "clus", 10_000, 0.3), measured("ours", "nearest", "hard", 2_000, 10.0)]
    rows += [measured("local_plane", "nearest", "hard", 2_000, 500.0) | {"sites": 100}]
    rows += [measured("ours", "disks", "hard", 500, 10.0) | {"absent": "ImportError"}]
    del rows[-1]["us"]
    return {
        "scale": "small", "commit": "abc1234", "date": "2026-01-01", "rows": rows,
        "machine": {"architecture": "x86_64", "processors": 2, "memory_gb": 8, "python": "3.11", "load_at_start": 0.5},
        "areas": {"count": COUNT, "vertices": 700_000, "parts": 3_300, "seed": 7, "version": 1},
        "sides": [{"side": "postgis_join", "count": COUNT, "absent": "no server"},
                  {"side": "ours", "count": COUNT, "prepare_s": 1.0, "closed_mb": {"peak": 512.0}}],
        "agreement": [{"task": "contains", "kind": "clus", "n": 10_000, "peer": "strtree", "peer_task": "contains",
                       "pairs": 65, "only_ours": 1, "only_peer": 2},
                      {"task": "nearest", "kind": "hard", "peer": "pyproj", "peer_task": "nearest",
                       "p50": 0.001, "p90": 0.01, "p99": 0.1, "max": 0.7, "n": 300}],
    }  # fmt: skip


def test_a_ratio_is_the_peers_time_by_ours_for_the_same_sites(results: dict[str, Any]) -> None:
    assert ratio(results, "contains", "clus", "strtree") == pytest.approx(4.01 / 0.51)
    assert ratio(results, "contains", "clus", "strtree", 1_000) == pytest.approx(4.1 / 0.6)
    assert ratio(results, "contains", "hard", "strtree") is None
    assert ratio(results, "disks", "hard", "local_plane") is None


def test_goals_are_reached_missed_or_not_measured(results: dict[str, Any]) -> None:
    found = {(goal.work, goal.unit): goal.reached for goal in goals(results)}
    work = "points in areas, sites 'clus'"
    assert found[work, "× STRtree"] is True
    assert found[work, "µs a site"] is False
    assert found[work, "× with a second thread"] is True
    assert found["nearest area within 50 km, on the ellipsoid, sites 'hard'", "× shapely"] is False
    assert found["nearest area within 50 km, on the ellipsoid, sites 'hard'", "m from pyproj, at most"] is False
    assert found["one site, new process", "s"] is None


def test_the_page_tells_misses_and_absences(results: dict[str, Any]) -> None:
    told = page(results, "abc1234-small.json")
    assert "**not reached**" in told and "not measured" in told
    assert "| points in areas | clus | shapely STRtree.query(predicate) | 65 | 1 | 2 |" in told
    assert "PostGIS GiST join: no server" in told
    assert "abc1234-small.json" in told


def test_the_picture_is_well_formed_and_names_every_side(results: dict[str, Any]) -> None:
    drawing = ET.fromstring(scaling_plot(scaled(results)))  # noqa: S314 - our own text
    words = [one.text for one in drawing.iter(f"{SVG}text")]
    assert PENS["ours"].label in words and PENS["strtree"].label in words and PENS["duckdb_join"].label not in words
    assert len({(pen.marker, pen.dash) for pen in PENS.values()}) == len(PENS)
    width, height = float(drawing.get("width", "0")), float(drawing.get("height", "0"))
    places = [(float(one.get("x", "-1")), float(one.get("y", "-1"))) for one in drawing.iter(f"{SVG}text")]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in places)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0"), (0.0002, "2.0e-04"), (0.456, "0.456"), (17.72, "17.7"), (1234.5, "1,234"), (80, "80")],
)
def test_figures_have_the_digits_they_deserve(value: float | None, text: str) -> None:
    assert figure(value) == text


def test_pairs_of_copies_count_as_the_first_of_their_kind() -> None:
    copies = np.array([0, 1, 0])
    ours = {"site": np.array([0, 0, 5]), "area": np.array([0, 2, 1])}
    peer = {"site": np.array([0, 4]), "area": np.array([2, 1])}
    assert agreement.pairs_agree(ours, peer, copies) == {"pairs": 2, "only_ours": 1, "only_peer": 1}


def test_distances_on_one_side_only_are_counted() -> None:
    ours = {"distance_m": np.array([1.0, np.nan, 5.0, 9.0])}
    found = agreement.distances_agree(ours, {"distance_m": np.array([1.5, 3.0, 5.0])})
    assert found["within_for_one"] == 1 and found["n"] == 2 and found["max"] == 0.5


def test_areas_are_compared_pair_by_pair() -> None:
    ours = {"site": np.array([0, 1]), "area": np.array([0, 1]), "area_m2": np.array([[0.0, 100.0], [10.0, 50.0]])}
    theirs = {"site": np.array([0]), "area": np.array([0]), "area_m2": np.array([[0.0, 99.0]])}
    found = agreement.areas_agree(ours, theirs | {"distance_m": np.zeros(2)}, np.arange(2), (10.0, 20.0))
    assert found["pairs"] == 1 and found["only_ours"] == 1
    assert found["relative"]["max"] == pytest.approx(0.01)
