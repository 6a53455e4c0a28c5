"""How projects hang together: one footprint is one place; phases and associated facilities are linked, never merged."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.screening.faults import Ledger
from greensilk.screening.model import LINK_SCHEMA

GRID_DEG = 1e-7  # footprints that differ by less than a centimetre are the same
COARSE_POINT_M = 1_000.0  # two sites rounded this far can fall on one point by chance
RELATIONS = ("part_of", "associated_with")


def place_keys(geometry: NDArray[np.object_], columns: Sequence[pl.Series], *, by_shape: bool) -> list[str | None]:
    """(n,) what makes a place the same: the columns given, and the footprint if `by_shape`; None = no place."""
    present = ~shapely.is_missing(geometry)
    shapes: list[str] = [""] * len(geometry)
    if by_shape and present.any():
        blobs = shapely.to_wkb(shapely.normalize(shapely.set_precision(geometry[present], GRID_DEG, mode="pointwise")))
        for position, blob in zip(np.flatnonzero(present), blobs, strict=True):
            shapes[position] = hashlib.sha256(blob).hexdigest()
    cells = [column.fill_null("").to_list() for column in columns]
    keys = ["\x1f".join(parts) for parts in zip(*cells, shapes, strict=True)]
    return [key if key.strip("\x1f") else None for key in keys]


def place_ids(keys: Sequence[str | None]) -> list[str | None]:
    """(n,) "place-1", "place-2" ... in order of first appearance.

    >>> place_ids(["b", None, "a", "b"])
    ['place-1', None, 'place-2', 'place-1']
    """
    known: dict[str, str] = {}
    return [None if key is None else known.setdefault(key, f"place-{len(known) + 1}") for key in keys]


def find_links(projects: pl.DataFrame, rejected: set[str], ledger: Ledger, positions: Sequence[int]) -> pl.DataFrame:
    """Links between projects, LINK_SCHEMA. A project that shares a place is linked to the first one there.

    rejected: ids of rejected rows; positions: (n,) index of each project in the ledger, where unknown ids are noted
    """
    found: list[tuple[str, str, str]] = []
    first_there: dict[str, str] = {}
    places = projects.select("id", "place_id", "location_kind", "location_accuracy_m")
    for row, (identity, place, kind, accuracy_m) in enumerate(places.iter_rows()):
        if place is None or first_there.setdefault(place, identity) == identity:
            continue
        found.append((identity, first_there[place], "same_place"))
        if kind == "point" and (accuracy_m or 0.0) > COARSE_POINT_M:
            ledger.note(positions[row], "location", "", "coarse_place", other=first_there[place])
    ids = set(projects["id"].to_list())
    for relation in RELATIONS:
        for row in projects[relation].is_not_null().arg_true().to_list():
            identity = projects["id"][row]
            for other in linked_ids(projects[relation][row]):
                if other in ids and other != identity:
                    found.append((identity, other, relation))
                    continue
                key = "self_link" if other == identity else "rejected_link" if other in rejected else "unknown_link"
                ledger.note(positions[row], relation, other, key, other=other[:100], field=relation)
    return pl.DataFrame(found, schema=LINK_SCHEMA, orient="row").unique(maintain_order=True)


def linked_ids(cell: str) -> list[str]:
    """The ids in one cell, separated by semicolons.

    >>> linked_ids("A1; B2；C3")
    ['A1', 'B2', 'C3']
    """
    return [part.strip() for part in re.split(r"[;；]", cell) if part.strip()]
