"""Real footprints against slow, independent ways: PROJ's own projection, exactextract, every feature tried."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
import shapely.geometry
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from pyproj import Geod, Transformer

from greensilk.catalogue.bundle import bundle_features, bundle_raster
from greensilk.catalogue.readers import read_table
from greensilk.facts import FactTable
from greensilk.screening.measure import measure
from greensilk.vocabulary import vocabulary

pytestmark = pytest.mark.shared
GEOD = Geod(ellps="WGS84")
EVERY = 150
CELL = 0.05


@pytest.fixture(scope="module")
def footprints(shared: Path) -> list[shapely.Geometry]:
    """Every 150th footprint that is small enough for one plane and clear of the antimeridian."""
    raw = read_table(shared / "aiddata_gcdf_v2_geo" / "projects_simplified.gpkg")
    assert raw.geometry is not None
    bounds = shapely.bounds(raw.geometry)
    small = (bounds[:, 2] - bounds[:, 0] < 0.5) & (bounds[:, 3] - bounds[:, 1] < 0.5)
    return list(raw.geometry[small & (bounds[:, 2] < 178)][::EVERY])


@pytest.fixture(scope="module")
def table(footprints: list[shapely.Geometry], make: SimpleNamespace) -> FactTable:
    rows = [make.project(shape, location_kind="polygon") for shape in footprints]
    return measure(make.portfolio(*rows), {}, dt.date(2024, 6, 1), {})


def plane(shape: shapely.Geometry) -> Transformer:
    centre = shape.centroid
    return Transformer.from_crs(
        "EPSG:4326", f"+proj=aeqd +lon_0={centre.x} +lat_0={centre.y} +ellps=WGS84", always_xy=True
    )


def flat(shape: shapely.Geometry, to: Transformer) -> shapely.Geometry:
    fine = shapely.segmentize(shape, 0.01)
    return shapely.transform(fine, lambda c: np.column_stack(to.transform(c[:, 0], c[:, 1])))


def zone(shape: shapely.Geometry, radius_m: float) -> shapely.Geometry:
    to = plane(shape)
    wide = shapely.segmentize(flat(shape, to).buffer(radius_m, quad_segs=256), 1_000)
    back = lambda c: np.column_stack(to.transform(c[:, 0], c[:, 1], direction="INVERSE"))  # noqa: E731
    return shapely.transform(wide, back)


def shares(shape: shapely.Geometry) -> dict[int, float]:
    """Share of each class under a lon/lat polygon, cells weighted by their geodesic area."""
    west, south, east, north = shapely.bounds(shape)
    values, corner = bundle_raster("land_cover").read_window((west - 1, south - 1, east + 1, north + 1))
    rows, columns = values.shape
    tops = corner.f - CELL * np.arange(rows)
    area = [
        abs(GEOD.polygon_area_perimeter([0, CELL / 2, CELL, CELL, CELL / 2, 0], [top] * 3 + [top - CELL] * 3)[0])
        for top in tops
    ]
    box = {"xmin": corner.c, "ymax": corner.f, "xmax": corner.c + CELL * columns, "ymin": corner.f - CELL * rows}
    weight = NumPyRasterSource(np.repeat(np.array(area)[:, None], columns, axis=1), **box)
    feature = {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": {}}
    source = NumPyRasterSource(values, **box, nodata=np.nan)
    found = exact_extract(source, [feature], ["unique", "weighted_frac", "weighted_sum"], weights=weight)[0][
        "properties"
    ]
    return {int(code): float(share) for code, share in zip(found["unique"], found["weighted_frac"], strict=True)}


def test_there_are_enough_footprints(footprints: list[shapely.Geometry]) -> None:
    assert len(footprints) >= 15


def test_land_cover_between_10_and_50_km(footprints: list[shapely.Geometry], table: FactTable) -> None:
    for i, shape in enumerate(footprints):
        ring = zone(shape, 50_000).difference(zone(shape, 10_000))
        want = shares(ring)
        for name, group in vocabulary().land_cover_groups.items():
            share = sum(want.get(code, 0.0) for code in group.classes)
            assert table[f"land_share_{name}_10_50km"].values[i] == pytest.approx(share, abs=3e-4)


@pytest.mark.parametrize(
    ("fact", "layer"), [("distance_major_river_1to10m", "rivers"), ("distance_coast_1to10m", "coastline")]
)
def test_distances_to_lines(footprints: list[shapely.Geometry], table: FactTable, fact: str, layer: str) -> None:
    parts = bundle_features(layer).parts
    for i, shape in enumerate(footprints):
        found = table[fact].values[i]
        if found > 400_000:  # farther than one plane is good for
            continue
        reach = 1.3 * found / 111_000 / np.cos(np.radians(abs(shape.centroid.y))) + 0.2
        near = parts[shapely.intersects(parts, shapely.box(*shapely.bounds(shape)).buffer(reach))]
        to = plane(shape)
        want = shapely.distance(flat(shape, to), [flat(line, to) for line in near]).min()
        assert found == pytest.approx(want, rel=1e-4, abs=0.5)


def test_distances_to_towns(footprints: list[shapely.Geometry], table: FactTable) -> None:
    towns = shapely.get_coordinates(bundle_features("places").parts)
    for i, shape in enumerate(footprints):
        fine = shapely.get_coordinates(shapely.segmentize(shape, 0.0005))
        near = towns[np.argsort(np.hypot(*(towns - [shape.centroid.x, shape.centroid.y]).T))[:40]]
        if shapely.intersects_xy(shape, *near.T).any():
            assert table["distance_town"].values[i] == 0
            continue
        want = min(GEOD.inv(np.full(len(fine), x), np.full(len(fine), y), *fine.T)[2].min() for x, y in near)
        assert table["distance_town"].values[i] == pytest.approx(want, abs=30)  # vertices 55 m apart
