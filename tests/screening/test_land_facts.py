"""Facts of land, terrain and climate: read by tiles, one site like many, with the accuracy of place and raster."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from greensilk.catalogue import rasters
from greensilk.catalogue.blocks import KEPT_BYTES
from greensilk.facts import FactColumn
from greensilk.screening.footprints import sites_of
from greensilk.screening.land_facts import land_facts


@pytest.fixture(scope="module")
def places(make: SimpleNamespace) -> list[dict[str, object]]:
    rng = np.random.default_rng(8)
    points = [
        make.point(lon, lat) for lon, lat in zip(rng.uniform(-180, 180, 30), rng.uniform(-85, 85, 30), strict=True)
    ]
    drawn = [make.project(shapely.box(lon, 40, lon + 0.9, 41)) for lon in (-120.0, 10.3, 100.7)]
    return points + drawn + [make.point(0.0, 89.9), make.point(179.99, -17.0)]


def columns(make: SimpleNamespace, rows: list[dict[str, object]]) -> dict[str, FactColumn]:
    return {column.name: column for column in land_facts(sites_of(make.portfolio(*map(dict, rows))), {})}


def test_a_site_has_the_same_facts_alone_and_among_others(
    make: SimpleNamespace, places: list[dict[str, object]]
) -> None:
    together = columns(make, places)
    for i in (0, 7, 30, 33, 34):
        for name, column in columns(make, places[i : i + 1]).items():
            assert column.values.to_list() == [together[name].values[i]], name


def test_accuracy_is_that_of_the_place_and_of_the_raster(make: SimpleNamespace) -> None:
    found = columns(make, [make.point(36.8, -1.3), make.point(36.8, -1.3, location_accuracy_m=20_000.0)])
    for name, raster_m in [("land_share_forest_10_50km", 2_800), ("land_cover_here", 2_800), ("elevation", 4_600)]:
        accuracy = found[name].accuracy_m
        assert accuracy is not None
        assert accuracy.to_list() == pytest.approx([np.hypot(10, raster_m), np.hypot(20_000, raster_m)])


def test_no_more_than_the_bound_stays_in_memory(make: SimpleNamespace, places: list[dict[str, object]]) -> None:
    columns(make, places)
    assert 0 < rasters.BLOCKS.held_bytes <= KEPT_BYTES == rasters.BLOCKS.most_bytes
