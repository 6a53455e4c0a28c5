"""The answers that the sides of one run kept, laid beside each other: a row for each question and peer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import agreement
from benchmarks.area_files import read_areas
from benchmarks.cases import JOINS, KINDS, SHAPE_FORMS, Scale
from benchmarks.sides.local_plane import RADII_M
from benchmarks.sites import sites

Row = dict[str, Any]
PYPROJ_SITES = 300


class Question(NamedTuple):
    """A task over so many sites that a side of another answers too, under its own name."""

    task: str
    sites: int
    peer: str
    peer_task: str


def questions(scale: Scale) -> Iterator[Question]:
    """What more than one side is asked."""
    for peer in JOINS:
        yield Question("contains", scale.points[-1], peer, "contains")
        for task in SHAPE_FORMS:
            yield Question(task, scale.shapes, peer, task)
    for suffix in ("", "_exact"):
        for task, n in (("nearest", scale.nearest), ("disks", scale.disks), ("union_disks", scale.disks)):
            yield Question(task, n, "local_plane", task + suffix)


def compared(scale: Scale, areas: Path, answers: Path) -> list[Row]:
    """What greensilk and its peers said of the same sites of the largest layer."""
    copies = np.load(areas.parent / "copies.npy")
    check = {
        "nearest": agreement.distances_agree,
        "disks": partial(agreement.areas_agree, copies=copies, radii_m=RADII_M),
        "union_disks": agreement.unions_agree,
    }
    pairs = partial(agreement.pairs_agree, copies=copies)
    found = []
    for one in questions(scale):
        for kind in KINDS:
            mine = agreement.read(answers / f"ours-{scale.most}", f"{one.task}-{kind}-{one.sites}")
            theirs = agreement.read(answers / f"{one.peer}-{scale.most}", f"{one.peer_task}-{kind}-{one.sites}")
            if mine is not None and theirs is not None:
                row = {"task": one.task, "kind": kind, "n": one.sites, "peer": one.peer, "peer_task": one.peer_task}
                found.append(row | check.get(one.task, pairs)(mine, theirs))
    return found + list(_beside_pyproj(scale, areas, answers / f"ours-{scale.most}"))


def _beside_pyproj(scale: Scale, areas: Path, ours: Path) -> Iterator[Row]:
    shapes = None
    for kind in KINDS:
        answer = agreement.read(ours, f"nearest-{kind}-{scale.nearest}")
        if answer is None:
            continue
        shapes = read_areas(areas) if shapes is None else shapes
        where = sites(kind, "points", scale.nearest, areas)
        right = agreement.distances_right(shapes, where.lon, where.lat, answer, PYPROJ_SITES)
        yield {"task": "nearest", "kind": kind, "n": scale.nearest, "peer": "pyproj", "peer_task": "nearest", **right}
