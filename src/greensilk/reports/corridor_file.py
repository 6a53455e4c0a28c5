"""Generated corridors as a GeoJSON file of alternatives that says how they were made and what is known of each."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from greensilk.appraisal.provenance import DataUsed, code_used, definitions_used
from greensilk.appraisal.route_generation import GeneratedRoutes
from greensilk.reports.files import write_whole
from greensilk.routes.alignments import HELD_BACK, collection_of
from greensilk.routes.corridor import FINER


def write_corridors(routes: GeneratedRoutes, out: Path) -> None:
    """Writes the corridors as GeoJSON in one step; see routes.alignments.

    raises: UsageError if it cannot be written
    """
    content = collection_of(routes.alignments, _provenance(routes))
    write_whole(out, json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n")


def _provenance(routes: GeneratedRoutes) -> dict[str, Any]:
    """How the corridors were made, and what is known of each."""
    asked, wishes, lattice = routes.asked, routes.wishes, routes.generated.coarse
    return {
        "kind": "sketch corridors" if asked.sketch else "corridors",
        "sketch": asked.sketch,
        "notices": [one.model_dump() for one in routes.notices],
        **({HELD_BACK: routes.held_back} if routes.held_back else {}),
        "created_at": dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat(),
        "code": code_used().model_dump(),
        "definitions": {name: definitions_used()[name] for name in ("route_structures.yaml", "vocabulary.yaml")},
        "dem": {**_said_of(routes.ground.heights.used), "step_deg": routes.ground.heights.step_deg},
        "rasters": [_said_of(one) for one in routes.ground.used()[1:]],
        "layers": [
            {**_said_of(one.used), "treatment": one.avoid.shown, "geometry": one.info.geometry_kind}
            for one in routes.layers
        ],
        "rivers": routes.crossings.rivers and _said_of(routes.crossings.rivers),
        "arguments": {
            **{name: value for name, value in asdict(asked).items() if name not in ("avoid", "dem")},
            "avoid": [one.shown for one in asked.avoid],
            "max_gradient_permille": round(wishes.gradient * 1000, 6),
            "min_radius_m": wishes.min_radius_m,
            "max_tunnel_km": wishes.longest_tunnel_m / 1000,
            "spacing_km": round(wishes.spacing_m / 1000, 3),
        },
        "cells_m": {"coarse": round(lattice.step_m), "fine": round(lattice.step_m / FINER)},
        "distinct_share": wishes.rules.distinct_share,
        "dropped": routes.dropped,
        "alternatives": [summary(routes, i) for i in range(len(routes.corridors))],
    }  # fmt: skip


def _said_of(used: DataUsed) -> dict[str, Any]:
    return used.model_dump(include={"id", "title", "version", "sha256", "licence", "attribution"})


def summary(routes: GeneratedRoutes, i: int) -> dict[str, Any]:
    """What is known of one corridor, rounded to what it is worth; null is unknown, with its reason beside it."""
    one, crossings = routes.corridors[i], routes.crossings
    return {
        "alternative": routes.alignments[i].id,
        "length_km": round(one.length_m / 1000, 1),
        "relative_cost_km": round(one.cost_m / 1000, 1),
        "smallest_radius_m": None if np.isinf(one.smallest_radius_m) else round(one.smallest_radius_m),
        "steepest_permille": round(one.steepest_permille, 1),
        "longest_tunnel_km": round(one.longest_tunnel_m / 1000, 1),
        "km_of": {kind: round(metres / 1000, 1) for kind, metres in sorted(one.metres_of().items())},
        "apart_share": round(one.apart_share, 2),
        "off_stops_m": [round(metres) for metres in one.off_stops_m.tolist()],
        "river_crossings": crossings.count[i],
        "river_crossings_reason": crossings.why_unknown if crossings.count[i] is None else None,
    }
