"""Twenty sketch corridors between Boten and Vientiane, over what ships alone: distinct, on land, within limits."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import shapely

from greensilk.appraisal.route_generation import Asked, generate_routes
from greensilk.catalogue.bundle import bundle_raster
from greensilk.reports.corridor_file import write_corridors
from greensilk.routes.alignments import alignments_of
from greensilk.routes.alternatives import apart_share
from greensilk.routes.structures import structure_rules


def test_twenty_sketch_corridors_from_boten_to_vientiane(tmp_path: Path) -> None:
    routes = generate_routes(Asked((101.68, 21.19), (102.63, 17.97), sketch=True, count=20))
    write_corridors(routes, tmp_path / "out.geojson")
    read = alignments_of(json.loads((tmp_path / "out.geojson").read_text("utf-8")))
    assert not read.faults and len(read.alignments) == 20 and all(one.sketch for one in read.alignments)
    said = read.provenance["alternatives"]
    assert said[0]["length_km"] < 450  # the built line has 415 km; a corridor says nothing about it
    rules = structure_rules()
    # Numbered by cost, one may lie beside cheaper ones found later; but of any two, one lies apart from the other.
    lines = [np.array(corridor.line) for corridor in routes.corridors]
    spacing_m = 1_000 * read.provenance["arguments"]["spacing_km"]
    apart = [max(apart_share(a, [b], spacing_m), apart_share(b, [a], spacing_m)) for a, b in combinations(lines, 2)]
    assert min(apart) >= rules.distinct_share
    for one, corridor in zip(said, routes.corridors, strict=True):
        assert one["steepest_permille"] <= rules.ruling_gradient_permille
        assert one["smallest_radius_m"] >= rules.min_radius_m
        assert one["longest_tunnel_km"] <= rules.longest_tunnel_km
        assert (one["river_crossings"], one["river_crossings_reason"]) == (None, "needs_detail")
        assert sum(one["km_of"].values()) - one["length_km"] < 0.5
        lon, lat = shapely.get_coordinates(shapely.segmentize(shapely.LineString(corridor.line), 0.01)).T
        assert (bundle_raster("land_mask").values_at(lon, lat) == 1).all()
    lengths = np.array([one["length_km"] for one in said])
    assert lengths.min() > 357  # as the crow flies
