"""Coverage, shares, means and largest values under zones against exactextract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import shapely
import shapely.affinity
import shapely.geometry
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given, settings
from hypothesis import strategies as st

from greensilk.geometry.circles import circles
from greensilk.geometry.geodesy import area_m2
from greensilk.geometry.outlines import Outlines, outlines_of
from greensilk.geometry.raster import Grid, ZoneCells, ZoneSums

GRID = Grid(west=-10, north=20, step_deg=0.5, columns=60, rows=40)


@dataclass
class ArrayBand:
    """A band whose numbers lie in memory, cut into tiles that do not fit its size."""

    values: np.ndarray
    grid: Grid = GRID
    nodata: float = np.nan
    scale: float = 1.0
    offset: float = 0.0
    tile_shape: tuple[int, int] = (16, 23)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.values.dtype

    def tiles(self, wanted: np.ndarray) -> np.ndarray:
        height, width = self.tile_shape
        found = np.zeros((len(wanted), height, width), self.dtype)
        for i, (row, column) in enumerate(wanted):
            tile = self.values[row * height : (row + 1) * height, column * width : (column + 1) * width]
            found[i, : tile.shape[0], : tile.shape[1]] = tile
        return found


def shapes(*zones: shapely.Geometry | None) -> Outlines:
    return outlines_of(np.array(zones, dtype=object))


def sums(zones: list[shapely.Geometry | None], band: ArrayBand, classes: int = 0) -> ZoneSums:
    return ZoneCells.under(shapes(*zones), len(zones), band.grid).sums(band, classes)


def feature(shape: shapely.Geometry) -> dict[str, object]:
    return {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": {}}


def oracle(
    shape: shapely.Geometry, values: np.ndarray, grid: Grid, ops: list[str], nodata: float | None = None
) -> dict[str, Any]:
    """What exactextract finds; cells weigh as the grid says."""
    east, south = grid.west + grid.step_deg * grid.columns, grid.north - grid.step_deg * grid.rows
    box = {"xmin": grid.west, "ymin": south, "xmax": east, "ymax": grid.north}
    source = NumPyRasterSource(values.astype(float), **box, nodata=nodata)
    weights = np.repeat(grid.row_area_m2()[:, None], grid.columns, axis=1)
    found: dict[str, Any] = exact_extract(source, [feature(shape)], ops, weights=NumPyRasterSource(weights, **box))[0][
        "properties"
    ]
    return found


def dense(shape: shapely.Geometry, grid: Grid) -> np.ndarray:
    """(rows, columns) covered part of each cell."""
    found = ZoneCells.under(shapes(shape), 1, grid)
    cells = np.zeros((grid.rows, grid.columns))
    for (_, row, column, length), fraction in zip(found.runs, found.fraction, strict=True):
        cells[row, column : column + length] += fraction
    return cells


def blob(seed: int, centre: tuple[float, float] = (5.0, 10.0), size: float = 4.0) -> shapely.Geometry:
    """A star with a hole and an island, as valid as can be."""
    rng = np.random.default_rng(seed)
    rings = []
    for scale in (1.0, 0.5, 0.25):
        angle = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 40)))
        radius = rng.uniform(0.1, 1, len(angle)) * size * scale
        ring = np.column_stack([centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)])
        rings.append(shapely.make_valid(shapely.Polygon(ring)))
    return shapely.union(shapely.difference(rings[0], rings[1]), rings[2])


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**31),
    st.sampled_from([0.07, 0.5, 3.7]),
    st.tuples(st.floats(-12, 22), st.floats(-2, 22)),
    st.sampled_from([0.02, 1.0, 40.0]),
)
def test_fractions_agree_with_exactextract(seed: int, step: float, centre: tuple[float, float], size: float) -> None:
    grid = Grid(west=-10.01, north=20.003, step_deg=step, columns=int(30 / step), rows=int(20 / step))
    shape = blob(seed, centre, size)
    index = np.arange(grid.rows * grid.columns, dtype=np.float64).reshape(grid.rows, grid.columns)
    want = oracle(shape, index, grid, ["cell_id", "coverage"])
    cells = np.zeros(index.size)
    cells[np.asarray(want["cell_id"], dtype=int)] = want["coverage"]
    assert dense(shape, grid).ravel() == pytest.approx(cells, abs=1e-6)  # which are single precision there


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(0, 0, 1, 1),
        shapely.box(0.1, 0.1, 0.2, 0.2),
        shapely.box(0, 0, 5, 5).difference(shapely.box(1, 1, 4.25, 4)),
        shapely.MultiPolygon([shapely.box(0, 0, 0.7, 0.7), shapely.box(3, 3, 4.5, 3.1)]),
        shapely.Polygon([(0, 0), (5, 0), (0, 5)]),
        shapely.Polygon([(0, 0), (0, 5), (5, 0)]),
        shapely.Polygon([(-10, 0), (20, 1e-5), (20, 1), (-10, 1 - 1e-5)]),
    ],
    ids=["on-lines", "inside-one-cell", "hole", "two", "diagonal", "clockwise", "nearly-level"],
)
def test_covered_area_is_the_polygons_area(shape: shapely.Geometry) -> None:
    assert dense(shape, GRID).sum() * GRID.step_deg**2 == pytest.approx(shape.area, rel=1e-12)


def test_whole_cells_are_covered_wholly() -> None:
    covered = dense(shapely.box(-10, 0.1, 20, 19.7), GRID)
    assert set(covered[1:-1].ravel()) == {1.0}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.floats(0.1, 12))
def test_sums_agree_with_exactextract(seed: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    values, classes = rng.normal(400, 90, (40, 60)).round(), rng.integers(0, 6, (40, 60)).astype(np.uint8)
    values[rng.random(values.shape) < 0.2] = -999
    shape = blob(seed, size=size)
    found = sums([shape], ArrayBand(values, nodata=-999))
    want = oracle(shape, values, GRID, ["weighted_mean", "weighted_stdev", "count", "max"], nodata=-999)
    if not want["count"] > 1e-6:
        return
    assert found.mean()[0] == pytest.approx(want["weighted_mean"], rel=1e-6)
    assert found.spread()[0] == pytest.approx(want["weighted_stdev"], rel=1e-4, abs=1e-3)
    assert found.cells[0] == pytest.approx(want["count"], rel=1e-5)
    assert found.largest[0] == want["max"]
    want = oracle(shape, classes, GRID, ["unique", "weighted_frac"])
    shares = dict(zip(want["unique"], want["weighted_frac"], strict=True))
    counted = sums([shape], ArrayBand(classes), classes=6)
    for code in range(6):
        assert counted.share((code,))[0] == pytest.approx(shares.get(code, 0.0), abs=1e-6)


def test_a_disc_of_fifty_kilometres_agrees_with_exactextract() -> None:
    rng = np.random.default_rng(3)
    grid = Grid(west=100, north=22, step_deg=0.05, columns=120, rows=120)
    values = rng.normal(size=(120, 120))
    disc = circles(np.array([103.0]), np.array([19.0]), np.array([50_000.0]))
    found = ZoneCells.under(disc, 1, grid).sums(ArrayBand(values, grid))
    want = oracle(disc.geometries()[0], values, grid, ["weighted_mean", "weighted_stdev", "count", "max"])
    assert found.mean()[0] == pytest.approx(want["weighted_mean"], abs=1e-6)
    assert found.spread()[0] == pytest.approx(want["weighted_stdev"], rel=1e-5)
    assert found.cells[0] == pytest.approx(want["count"], rel=1e-6)
    assert found.largest[0] == want["max"]
    # Within a row of cells the raster cannot know which part of the cell is covered, so areas agree to that only.
    assert found.area_m2[0] == pytest.approx(area_m2(disc.geometries())[0], rel=1e-5)


def test_rings_are_differences_and_add_up() -> None:
    rng = np.random.default_rng(4)
    grid = Grid(west=-180, north=90, step_deg=0.25, columns=1440, rows=720)
    band = ArrayBand(rng.integers(0, 3, (720, 1440)), grid)
    lon, lat = np.array([179.9]), np.array([65.0])
    inner, outer = (
        ZoneCells.under(circles(lon, lat, np.array([radius])), 1, grid).sums(band, classes=3)
        for radius in (40_000.0, 150_000.0)
    )
    ring = outer - inner
    assert ring.cells + inner.cells == pytest.approx(outer.cells)
    assert sum(ring.share((code,))[0] for code in range(3)) == pytest.approx(1)
    assert ring.by_class.sum() == pytest.approx(np.pi * (150_000**2 - 40_000**2), rel=1e-3)
    assert np.isnan(ring.largest).all()


@pytest.mark.parametrize("turn", [-360.0, 0.0, 360.0, 720.0])
def test_columns_go_round_the_globe(turn: float) -> None:
    grid = Grid(west=-180, north=90, step_deg=1, columns=360, rows=180)
    values = np.zeros((180, 360))
    values[:, 0], values[:, 1], values[:, 359] = 7, 1, 9
    across = [shapely.box(179.5 + turn, 0, 180.5 + turn, 1), shapely.box(178 + turn, 0, 181.5 + turn, 1)]
    found = sums(across, ArrayBand(values, grid))
    assert found.mean() == pytest.approx([8, (0 + 9 + 7 + 0.5) / 3.5])
    assert found.cells == pytest.approx([1, 3.5])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.floats(-500, 500), st.sampled_from([0.3, 30.0, 260.0]))
def test_a_globe_is_a_long_grid_rolled_up(seed: int, lon: float, size: float) -> None:
    long = Grid(west=-900, north=90, step_deg=2.5, columns=720, rows=72)
    shape = shapely.affinity.scale(blob(seed, (lon, 3.0), size), yfact=0.3, origin=(lon, 3.0))
    unrolled = dense(shape, long).reshape(72, 5, 144).sum(axis=1)
    assert dense(shape, Grid(west=-180, north=90, step_deg=2.5, columns=144, rows=72)) == pytest.approx(unrolled)


def test_a_band_round_the_globe_covers_every_cell_once() -> None:
    grid = Grid(west=-180, north=90, step_deg=1, columns=360, rows=180)
    values = np.arange(180 * 360, dtype=np.float64).reshape(180, 360)
    found = sums([shapely.box(-170, 10, 190, 12), shapely.box(-180, -90, 180, 90)], ArrayBand(values, grid))
    assert found.cells == pytest.approx([720, 180 * 360])
    assert found.largest.tolist() == [values[78:80].max(), values.max()]
    assert found.area_m2[1] == pytest.approx(5.10065621724e14)


def test_rows_beyond_a_pole_have_the_area_of_what_lies_this_side() -> None:
    grid = Grid(west=-180.5, north=90.5, step_deg=1, columns=360, rows=181)
    found = sums([shapely.box(-180, -90, 180, 90)], ArrayBand(np.ones((181, 360)), grid))
    assert found.area_m2[0] == pytest.approx(5.10065621724e14)
    assert found.cells[0] == pytest.approx(360 * 180)


def test_cells_without_value_do_not_count() -> None:
    values = np.full((40, 60), 3.0)
    values[:, 30:] = 255
    zone = [shapely.box(4, 10, 6, 11), None]
    found = sums(zone, ArrayBand(values, nodata=255))
    assert found.cells.tolist() == [4, 0]
    assert found.largest[0] == 3
    assert found.mean()[0] == pytest.approx(3)
    assert np.isnan(found.mean()[1])
    assert np.isnan(found.largest[1])
    values[:, :30] = np.nan
    assert sums(zone, ArrayBand(values)).cells[0] == 4


def test_a_code_that_is_no_class_has_no_value() -> None:
    classes = np.zeros((40, 60), dtype=np.int16)
    classes[:, 30:] = 6
    classes[:, 40:] = -1
    found = sums([shapely.box(4, 10, 16, 11)], ArrayBand(classes), classes=6)
    assert found.cells[0] == 4
    assert found.share((0,))[0] == 1


def test_numbers_come_in_the_unit_of_the_band() -> None:
    raw = np.random.default_rng(1).integers(0, 200, (40, 60)).astype(np.uint8)
    zone = [shapely.box(0.2, 1.1, 9, 9)]
    found, plain = sums(zone, ArrayBand(raw, scale=0.5, offset=-7)), sums(zone, ArrayBand(raw * 0.5 - 7))
    for name in ("mean", "spread"):
        assert getattr(found, name)() == pytest.approx(getattr(plain, name)())
    assert found.largest == plain.largest


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(-20, 10, -9, 11),
        shapely.box(18.5, -30, 40, 0.5),
        shapely.box(-9, 19, -8, 400),
        shapely.box(-60, -70, 80, 80),
        shapely.box(-60, -70, 80, 80).difference(shapely.box(-50, 1, 19.3, 79)),
        shapely.Point(0, -10).buffer(17),
        shapely.box(30, 0, 40, 10),
        shapely.box(-40, 0, -30, 10),
        shapely.box(0, 40, 10, 50),
    ],
)
def test_what_lies_outside_the_grid_does_not_count(shape: shapely.Geometry) -> None:
    here = shapely.intersection(shape, shapely.box(-10, 0, 20, 20))
    found = dense(shape, GRID)
    assert found == pytest.approx(dense(here, GRID), abs=1e-9)
    assert found.sum() == pytest.approx(here.area / 0.25)


@pytest.mark.parametrize(
    "shape",
    [
        None,
        shapely.Polygon(),
        shapely.Point(1, 1),
        shapely.LineString([(0, 0), (5, 5)]),
        shapely.Polygon([(1, 1), (2, 2), (1, 1)]),
        shapely.Polygon([(1, 1), (1, 1), (1, 1)]),
    ],
)
def test_what_has_no_area_covers_nothing(shape: shapely.Geometry) -> None:
    found = sums([shape, shapely.box(0, 0, 1, 1)], ArrayBand(np.ones((40, 60))))
    assert found.cells.tolist() == [0, 4]


def test_no_zones_at_all() -> None:
    assert sums([], ArrayBand(np.ones((40, 60)))).cells.shape == (0,)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e9])
def test_coordinates_that_are_none_are_refused(bad: float) -> None:
    zone = shapes(shapely.box(0, 0, 1, 1))
    zone.lon[2] = bad
    with pytest.raises(ValueError, match="no longitudes"):
        ZoneCells.under(zone, 1, GRID)


def test_a_band_of_another_grid_is_refused() -> None:
    cells = ZoneCells.under(shapes(shapely.box(0, 0, 1, 1)), 1, GRID)
    other = Grid(west=-10, north=20, step_deg=0.25, columns=120, rows=80)
    with pytest.raises(ValueError, match="another grid"):
        cells.sums(ArrayBand(np.ones((80, 120)), other))


def test_twenty_cells_are_enough_and_nineteen_are_not() -> None:
    zones = [shapely.box(0, 0, 2.5, 2), shapely.box(0, 0, 2.5, 1.9)]
    assert sums(zones, ArrayBand(np.ones((40, 60)))).enough().tolist() == [True, False]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 5))
def test_a_zone_gets_the_same_bits_alone_and_among_others(seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    band, codes = ArrayBand(rng.normal(size=(40, 60))), ArrayBand(rng.integers(0, 12, (40, 60)))
    zones = [blob(seed + i, tuple(rng.uniform(-10, 20, 2)), 6.0) for i in range(9)] + [None]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("greensilk.geometry.raster.TILES_AT_ONCE_BYTES", most * 16 * 23 * 8)
        together, counted = sums(zones, band), sums(zones, codes, 12)
    for i in rng.permutation(len(zones)):
        alone = sums([zones[i]], band)
        for name in ("cells", "area_m2", "total", "squares", "largest"):
            assert np.array_equal(getattr(alone, name), getattr(together, name)[i : i + 1], equal_nan=True)
        share = sums([zones[i]], codes, 12).share(tuple(range(10)))
        assert np.array_equal(share, counted.share(tuple(range(10)))[i : i + 1], equal_nan=True)
