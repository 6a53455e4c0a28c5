"""Coverage, shares and means under polygons against exactextract."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import shapely.geometry
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given, settings
from hypothesis import strategies as st

from greensilk.geometry.features import FeatureSet
from greensilk.geometry.geodesy import area_m2
from greensilk.geometry.raster import Grid, coverage, zone_sums
from greensilk.geometry.rings import widened

GRID = Grid(west=-10, north=20, step_deg=0.5, columns=60, rows=40)


def feature(shape: shapely.Geometry) -> dict[str, object]:
    return {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": {}}


def oracle(shape: shapely.Geometry, values: np.ndarray, grid: Grid, ops: list[str]) -> dict[str, np.ndarray]:
    east, south = grid.west + grid.step_deg * grid.columns, grid.north - grid.step_deg * grid.rows
    source = NumPyRasterSource(values, xmin=grid.west, ymin=south, xmax=east, ymax=grid.north)
    return exact_extract(source, [feature(shape)], ops)[0]["properties"]


def dense(shape: shapely.Geometry, grid: Grid) -> np.ndarray:
    cells = np.zeros((grid.rows, grid.columns))
    for part in coverage(np.array([shape], dtype=object), grid):
        cells[part.row, part.column] += part.fraction
    return cells


def blob(seed: int, centre: tuple[float, float] = (5.0, 10.0), size: float = 4.0) -> shapely.Geometry:
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 40)))
    radius = rng.uniform(0.1, 1, len(angle)) * size
    ring = np.column_stack([centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)])
    return shapely.make_valid(shapely.Polygon(ring))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31))
def test_fractions_agree_with_exactextract(seed: int) -> None:
    shape = blob(seed)
    if shapely.get_dimensions(shape) < 2 or not shapely.is_valid(shape):
        return
    index = np.arange(GRID.rows * GRID.columns, dtype=np.float64).reshape(GRID.rows, GRID.columns)
    want = oracle(shape, index, GRID, ["cell_id", "coverage"])
    cells = np.zeros(index.size)
    cells[np.asarray(want["cell_id"], dtype=int)] = want["coverage"]
    assert dense(shape, GRID).ravel() == pytest.approx(cells, abs=1e-6)


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(0, 0, 1, 1),
        shapely.box(0.1, 0.1, 0.2, 0.2),
        shapely.box(0, 0, 5, 5).difference(shapely.box(1, 1, 4.25, 4)),
        shapely.MultiPolygon([shapely.box(0, 0, 0.7, 0.7), shapely.box(3, 3, 4.5, 3.1)]),
        shapely.Polygon([(0, 0), (5, 0), (0, 5)]),
        shapely.Polygon([(0, 0), (0, 5), (5, 0)]),
    ],
    ids=["on-lines", "inside-one-cell", "hole", "two", "diagonal", "clockwise"],
)
def test_covered_area_is_the_polygons_area(shape: shapely.Geometry) -> None:
    assert dense(shape, GRID).sum() * GRID.step_deg**2 == pytest.approx(shape.area, rel=1e-12)


def test_shares_and_means_of_a_real_ring_agree_with_exactextract() -> None:
    rng = np.random.default_rng(3)
    grid = Grid(west=100, north=22, step_deg=0.05, columns=120, rows=120)
    classes = rng.integers(0, 6, (120, 120))
    values = rng.normal(size=(120, 120))
    zone = widened(FeatureSet.from_points(np.array([103.0]), np.array([19.0])), 50_000)
    weights = np.repeat(grid.row_area_m2()[:, None], 120, axis=1)
    east, south = 106.0, 16.0
    box = {"xmin": 100.0, "ymin": south, "xmax": east, "ymax": 22.0}
    weight = NumPyRasterSource(weights, **box)
    found = zone_sums(zone, grid, classes, None, classes=6)
    want = exact_extract(
        NumPyRasterSource(classes.astype(float), **box), [feature(zone[0])], ["unique", "weighted_frac"], weights=weight
    )[0]["properties"]
    shares = dict(zip(want["unique"], want["weighted_frac"], strict=True))
    for code in range(6):
        assert found.share((code,))[0] == pytest.approx(shares[code], abs=1e-6)
    sums = zone_sums(zone, grid, values, None)
    want = exact_extract(
        NumPyRasterSource(values, **box),
        [feature(zone[0])],
        ["weighted_mean", "weighted_stdev", "count"],
        weights=weight,
    )[0]["properties"]
    assert sums.mean()[0] == pytest.approx(want["weighted_mean"], abs=1e-6)
    assert sums.spread()[0] == pytest.approx(want["weighted_stdev"], rel=1e-5)
    assert sums.cells[0] == pytest.approx(want["count"], rel=1e-6)
    # Within a row of cells the raster cannot know which part of the cell is covered, so areas agree to that only.
    assert sums.area_m2[0] == pytest.approx(area_m2(zone)[0], rel=1e-5)


def test_rings_are_differences_and_add_up() -> None:
    rng = np.random.default_rng(4)
    grid = Grid(west=-180, north=90, step_deg=0.25, columns=1440, rows=720)
    values = rng.integers(0, 3, (720, 1440))
    point = FeatureSet.from_points(np.array([179.9]), np.array([65.0]))
    inner, outer = (zone_sums(widened(point, r), grid, values, None, classes=3) for r in (40_000, 150_000))
    ring = outer - inner
    assert ring.cells + inner.cells == pytest.approx(outer.cells)
    assert sum(ring.share((code,))[0] for code in range(3)) == pytest.approx(1)
    assert ring.by_class is not None
    assert ring.by_class.sum() == pytest.approx(np.pi * (150_000**2 - 40_000**2), rel=1e-3)


def test_columns_go_round_the_antimeridian() -> None:
    grid = Grid(west=-180, north=90, step_deg=1, columns=360, rows=180)
    values = np.zeros((180, 360))
    values[:, 0], values[:, 359] = 7, 9
    both = zone_sums(
        np.array([shapely.box(179.5, 0, 180.5, 1), shapely.box(-180.5, 0, -179.5, 1)], dtype=object), grid, values, None
    )
    assert both.mean().tolist() == [8, 8]


def test_cells_without_value_do_not_count() -> None:
    values = np.full((40, 60), 3.0)
    values[:, 30:] = 255
    zone = np.array([shapely.box(4, 10, 6, 11), None], dtype=object)
    sums = zone_sums(zone, GRID, values, 255)
    assert sums.cells.tolist() == [4, 0]
    assert sums.mean()[0] == pytest.approx(3)
    assert np.isnan(sums.mean()[1])
    values[:, :30] = np.nan
    assert zone_sums(zone, GRID, values, None).cells[0] == 4


def test_what_lies_outside_the_grid_does_not_count() -> None:
    sums = zone_sums(np.array([shapely.box(-20, 10, -9, 11)], dtype=object), GRID, np.ones((40, 60)), None)
    assert sums.cells[0] == pytest.approx(4)


def test_twenty_cells_are_enough_and_nineteen_are_not() -> None:
    zones = np.array([shapely.box(0, 0, 2.5, 2), shapely.box(0, 0, 2.5, 1.9)], dtype=object)
    assert zone_sums(zones, GRID, np.ones((40, 60)), None).enough().tolist() == [True, False]


def test_many_zones_give_what_each_gives_alone() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(size=(40, 60))
    zones = np.array([blob(seed, size=2.0) for seed in range(20)] + [None], dtype=object)
    together = zone_sums(zones, GRID, values, None)
    alone = [zone_sums(zones[i : i + 1], GRID, values, None).total[0] for i in range(len(zones))]
    assert together.total == pytest.approx(alone)
