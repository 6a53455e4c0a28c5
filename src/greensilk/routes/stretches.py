"""What alignments are made of on the ground: unbroken runs at the surface and below it, tunnel mouths, gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import shapely

from greensilk.geometry.arrays import Floats, Geometries
from greensilk.geometry.geodesy import distance_m
from greensilk.routes.alignments import Alignment

TOUCHING_M = 1.0  # ends no farther apart are one place
MOST_RUNS = 500  # an alignment in more pieces is not put together to see what lies between them


def runs(alignment: Alignment, *, tunnels: bool | None = None) -> list[shapely.LineString]:
    """The unbroken runs of an alignment, in its order.

    tunnels: those in tunnels, or those that are not; None = all, whatever their kind
    """
    chosen = [
        shapely.get_coordinates(segment.line) if tunnels is None or (segment.kind == "tunnel") == tunnels else None
        for segment in alignment.segments
    ]
    found = []
    for is_there, row in groupby(chosen, key=lambda xy: xy is not None):
        if is_there:
            found += [shapely.linestrings(xy) for xy in _joined([xy for xy in row if xy is not None])]
    return found


def _joined(pieces: Sequence[Floats]) -> Iterator[Floats]:
    """Pieces that go on where the one before ends, made one."""
    ends = np.array([[*xy[0], *xy[-1]] for xy in pieces])
    apart = distance_m(ends[:-1, 2], ends[:-1, 3], ends[1:, 0], ends[1:, 1]) > TOUCHING_M
    for row in np.split(np.arange(len(pieces)), np.flatnonzero(apart) + 1):
        yield np.concatenate([pieces[i][int(i > row[0]) :] for i in row])


def runs_of(alignments: Sequence[Alignment], *, tunnels: bool | None = None) -> Geometries:
    """(n,) the runs of each alignment as one geometry, empty where there are none; tunnels: see `runs`."""
    made = np.full(len(alignments), None, dtype=object)
    for i, alignment in enumerate(alignments):
        made[i] = shapely.MultiLineString(runs(alignment, tunnels=tunnels))
    return made


def tunnel_mouths(alignment: Alignment) -> shapely.MultiPoint:
    """Both ends of every run of tunnel: there it opens to the surface, whether a portal is drawn or not."""
    ends = [end for run in runs(alignment, tunnels=True) for end in (run.coords[0], run.coords[-1])]
    return shapely.MultiPoint(ends)


def gaps_m(alignment: Alignment) -> float:
    """Metres that lie between the runs of an alignment and are not drawn; NaN for too many runs to tell.

    Runs of a line whose order is not stated may come in any: each next one is that with the nearest end.
    """
    pieces = runs(alignment)
    if len(pieces) > MOST_RUNS:
        return float("nan")
    ends = np.array([[run.coords[0], run.coords[-1]] for run in pieces])
    left = np.ones(len(pieces), dtype=bool)
    reached = np.full(len(pieces), np.inf)
    total, last = 0.0, 0
    for _ in range(len(pieces) - 1):
        left[last] = False
        for end in (0, 1):
            for lon, lat in ends[last]:
                there = distance_m(np.full(len(pieces), lon), np.full(len(pieces), lat), *ends[:, end].T)
                reached = np.minimum(reached, there)
        last = int(np.where(left, reached, np.inf).argmin())
        total += float(reached[last])
    return total


def ends_apart_m(alignments: Sequence[Alignment]) -> float:
    """How far alignments begin or end from where the first one does, at most, whichever way each is drawn."""
    ends = np.array([[found[0].coords[0], found[-1].coords[-1]] for found in map(runs, alignments)])
    first = np.broadcast_to(ends[0], ends.shape)
    off = [
        distance_m(*ends.reshape(-1, 2).T, *other.reshape(-1, 2).T).reshape(-1, 2).max(axis=1)
        for other in (first, first[:, ::-1])
    ]
    return float(np.minimum(*off).max())
