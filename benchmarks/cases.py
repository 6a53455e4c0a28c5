"""What is measured, at which size, and which figure each goal is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Task = dict[str, Any]


@dataclass(frozen=True)
class Scale:
    """Sizes of one run. areas: of the layers, the largest last; points: of the site lists, the longest last."""

    name: str
    areas: tuple[int, ...]
    points: tuple[int, ...]
    nearest: int
    disks: int
    shapes: int
    sample: dict[str, int]  # sites that the slow peer is asked about, by task

    @property
    def most(self) -> int:
        """Areas of the largest layer."""
        return self.areas[-1]


FULL = Scale(
    name="full",
    areas=(3_000, 30_000, 300_000),
    points=(1_000, 10_000, 100_000, 1_000_000),
    nearest=100_000,
    disks=10_000,
    shapes=20_000,
    sample={"nearest": 2_000, "disks": 1_000, "union_disks": 200},
)
SMALL = Scale(
    name="small",
    areas=(300, 3_000),
    points=(1_000, 10_000),
    nearest=2_000,
    disks=500,
    shapes=1_000,
    sample={"nearest": 100, "disks": 50, "union_disks": 20},
)
SCALES = {scale.name: scale for scale in (FULL, SMALL)}
KINDS = ("clus", "hard")
SHAPE_FORMS = {"touch_lines": "lines", "touch_polygons": "polygons"}
JOINS = ("strtree", "prepared", "geopandas_join", "duckdb_join", "sedona_join")
SCALED = ("ours", "strtree", "prepared", "duckdb_join", "sedona_join")  # the sides of the scaling plot


def tasks_of(side: str, scale: Scale, count: int) -> list[Task]:
    """What a side does over the layer of `count` areas."""
    largest = count == scale.most
    tasks: list[Task] = []
    if side in SCALED:
        lists = scale.points[:-1] if largest else scale.points
        tasks += [_task("contains", "clus", n) for n in lists]
    if not largest:
        return tasks
    if side == "local_plane":
        slow = [_task(name, kind, size, sample=scale.sample[name]) for name, size, kind in _rings(scale)]
        return slow + [_exactly(task) for task in slow]
    tasks += [_task("contains", kind, scale.points[-1]) for kind in KINDS if side in ("ours", *JOINS)]
    if side in ("ours", "strtree", "prepared"):
        tasks += [_task(name, kind, scale.shapes) for name in SHAPE_FORMS for kind in KINDS]
    if side == "ours":
        tasks += [_task(name, kind, size) for name, size, kind in _rings(scale)]
        tasks += [_task("ring_areas", kind, scale.disks) for kind in KINDS]
        tasks += [task | {"task": task["task"] + "_2", "keep": None} for task in tasks if _counts_twice(task, scale)]
    return tasks


def _rings(scale: Scale) -> list[tuple[str, int, str]]:
    sizes = {"nearest": scale.nearest, "disks": scale.disks, "union_disks": scale.disks}
    return [(name, size, kind) for name, size in sizes.items() for kind in KINDS]


def _exactly(task: Task) -> Task:
    """The same question asked of the same sites' first few, with finer disks and short edges: an oracle, not a peer."""
    name = f"{task['task']}_exact"
    return task | {"task": name, "sample": task["sample"] // 5, "keep": task["keep"].replace(task["task"], name)}


def _counts_twice(task: Task, scale: Scale) -> bool:
    """Whether a task is also measured on two threads: those that the goals are about."""
    return task["task"] != "contains" or task["n"] == scale.points[-1]


def _task(name: str, kind: str, n: int, sample: int | None = None) -> Task:
    form = SHAPE_FORMS.get(name, "points")
    return {"task": name, "kind": kind, "form": form, "n": n, "sample": sample, "keep": f"{name}-{kind}-{n}"}
