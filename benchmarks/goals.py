"""The figures the engine is to reach, and what one run says of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks.cases import KINDS, SCALES, SHAPE_FORMS

Results = dict[str, Any]
Row = dict[str, Any]
TWICE = ("contains", "nearest", "disks", "union_disks", "touch_lines", "touch_polygons")
WORK = {
    "contains": "points in areas",
    "nearest": "nearest area within 50 km, on the ellipsoid",
    "disks": "nearest, and each area's share of disks of 1, 10 and 50 km",
    "ring_areas": "each area's share of disks of 1, 10 and 50 km",
    "union_disks": "union of all areas in disks of 1, 10 and 50 km",
    "touch_lines": "areas that a line of 50 vertices meets",
    "touch_polygons": "areas that a polygon of 64 vertices meets",
}


class Goal(NamedTuple):
    """What was wanted of some work, and what came out. better: up or down; value: None where it was not measured."""

    work: str
    wanted: float
    better: str
    unit: str
    value: float | None

    @property
    def reached(self) -> bool | None:
        """Whether it came out as wanted; None where it was not measured."""
        if self.value is None:
            return None
        return self.value >= self.wanted if self.better == "up" else self.value <= self.wanted


def row(results: Results, side: str, task: str, kind: str, n: int | None = None) -> Row | None:
    """The row of a side over the largest layer; the longest list of sites unless n is said; None if not measured."""
    largest = results["areas"]["count"]
    found = [
        one
        for one in results["rows"]
        if (one["side"], one["task"], one["kind"], one["count"]) == (side, task, kind, largest)
        and "us" in one
        and n in (None, one["n"])
    ]
    return max(found, key=lambda one: int(one["n"]), default=None)


def ratio(results: Results, task: str, kind: str, peer: str, n: int | None = None) -> float | None:
    """How many times as long as greensilk a peer takes for a site."""
    ours, theirs = row(results, "ours", task, kind, n), row(results, peer, task, kind, n)
    return theirs["us"] / ours["us"] if ours and theirs else None


def said(results: Results, task: str, kind: str, peer_task: str, peer: str) -> Row | None:
    """What was found when greensilk's answers were laid beside a peer's."""
    key = {"task": task, "kind": kind, "peer_task": peer_task, "peer": peer}
    return next((one for one in results["agreement"] if key.items() <= one.items()), None)


def goals(results: Results) -> list[Goal]:
    """Every goal, in the order of the work."""
    found: list[Goal] = []
    for kind in KINDS:
        found += _of_kind(results, kind)
    return found + list(_of_the_whole(results))


def _of_kind(results: Results, kind: str) -> Iterator[Goal]:
    def goal(task: str, wanted: float, value: float | None, unit: str = "×", better: str = "up") -> Goal:
        return Goal(f"{WORK[task]}, sites '{kind}'", wanted, better, unit, value)

    ours = row(results, "ours", "contains", kind)
    yield goal("contains", 6, ratio(results, "contains", kind, "strtree"), "× STRtree")
    yield goal("contains", {"clus": 0.45, "hard": 0.8}[kind], ours and ours["us"], "µs a site", "down")
    yield goal("nearest", 80, ratio(results, "nearest", kind, "local_plane"), "× shapely")
    right = said(results, "nearest", kind, "nearest", "pyproj")
    yield goal("nearest", 0.5, right and right.get("max"), "m from pyproj, at most", "down")
    yield goal("disks", 15, ratio(results, "disks", kind, "local_plane"), "× shapely")
    exact = said(results, "disks", kind, "disks_exact", "local_plane")
    error = exact["relative"].get("p99") if exact and "relative" in exact else None
    yield goal("disks", 2e-4, error, "of the area, 99th percentile", "down")
    union, single = row(results, "ours", "union_disks", kind), row(results, "ours", "ring_areas", kind)
    yield goal("union_disks", 2, union and single and union["us"] / single["us"], "× the areas one by one", "down")
    for task in SHAPE_FORMS:
        ways = [ratio(results, task, kind, peer) for peer in ("strtree", "prepared")]
        measured = [way for way in ways if way is not None]
        yield goal(task, 3, min(measured, default=None), "× the better way of GEOS")
    for task in TWICE:
        one, two = row(results, "ours", task, kind), row(results, "ours", f"{task}_2", kind)
        yield goal(task, 1.5, one and two and one["clock_us"] / two["clock_us"], "× with a second thread")


def _of_the_whole(results: Results) -> Iterator[Goal]:
    portfolio, memory, cold = (results.get(name) or {} for name in ("portfolio", "memory", "cold_start"))
    yield Goal("facts of the 3,319 real footprints", 10, "down", "s", portfolio.get("measure_s"))
    sites = f"{SCALES[results['scale']].points[-1]:,}"
    yield Goal(f"memory beside the mapped file, {sites} sites", 1.5, "down", "GB", memory.get("own_gb"))
    yield Goal("one site, new process", 1.5, "down", "s", cold.get("whole_s"))
