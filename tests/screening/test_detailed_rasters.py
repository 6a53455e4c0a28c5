"""Facts from imported rasters: exact where they reach, the shipped ones or UNKNOWN elsewhere, the same whoever asks."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
import rasterio
import shapely
from affine import Affine
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray

from greensilk.appraisal import appraise
from greensilk.catalogue.bundle import bundle_raster
from greensilk.catalogue.data_info import AllowedUse, Stated
from greensilk.catalogue.outputs import RasterOutput
from greensilk.catalogue.raster_import import import_raster
from greensilk.catalogue.raster_store import ImportedRaster, open_raster
from greensilk.errors import LicenceError, WorkerError
from greensilk.facts import FactColumn, FactTable
from greensilk.geometry.geodesy import cell_area_m2
from greensilk.geometry.outlines import Outlines
from greensilk.geometry.raster import Grid, ZoneCells
from greensilk.records import Label, Support
from greensilk.screening.crew import Crew
from greensilk.screening.data_copies import DataCopy, found, named, require
from greensilk.screening.footprints import Sites, sites_of
from greensilk.screening.measure import measure
from greensilk.screening.site import one_site
from greensilk.screening.site_facts import measure_shard

ON = dt.date(2024, 6, 1)
CLASSES = {
    "10": ("natural_habitat", "forest"),
    "40": ("cropland",),
    "50": ("urban",),
    "95": ("natural_habitat", "forest", "wetland"),
}
CODES = np.array([10, 40, 50, 95], np.uint8)
LAND, PEOPLE, HEIGHT = "land_cover_detailed", "population_grid", "elevation_detailed"
WEST, NORTH, STEP, SIZE = 36.5, -1.0, 0.001, 600  # land cover about Nairobi, cells of 110 m


def put(raster: str, tiles: dict[tuple[float, float], NDArray[Any]], step: float, **given: Any) -> ImportedRaster:
    """Imports tiles by their north-west corners, and opens them."""
    nodata, use = given.pop("nodata", None), given.pop("use", AllowedUse(commercial=True, redistribute=True))
    folder: Path = given.pop("folder")
    files = []
    for (west, north), values in tiles.items():
        files.append(folder / f"{raster}_{west}_{north}.tif")
        with rasterio.open(
            files[-1], "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype=values.dtype,
            crs="EPSG:4326", transform=Affine(step, 0, west, 0, -step, north), nodata=nodata, tiled=True,
            blockxsize=64, blockysize=64,
        ) as sink:  # fmt: skip
            sink.write(values[None])
    label = Label(en=raster, zh="栅格")
    output = RasterOutput(
        kind="raster", raster=raster, label=label, files=("*",), **({"unit": "1", "accuracy_m": 30.0} | given)
    )
    import_raster(output, files, Stated(title=raster, version="2021", licence="x", use=use))
    return open_raster(raster)


@pytest.fixture
def cover(tmp_path: Path) -> NDArray[np.uint8]:
    """Land cover of 0.6 by 0.6 degrees."""
    return CODES[np.random.default_rng(1).integers(0, 4, (SIZE, SIZE))]


def put_cover(cover: NDArray[np.uint8], folder: Path, **given: Any) -> ImportedRaster:
    """The land cover in four tiles, whose seams cross in the middle."""
    half = SIZE // 2
    corners = [(row, column) for row in (0, half) for column in (0, half)]
    tiles = {(WEST + STEP * c, NORTH - STEP * r): cover[r : r + half, c : c + half] for r, c in corners}
    return put(LAND, tiles, STEP, folder=folder, nodata=0, classes=CLASSES, **given)


def facts(sites: Sites, *rasters: ImportedRaster) -> dict[str, FactColumn]:
    return {one.name: one for one in measure_shard(sites, {}, {}, {raster.info.id: raster for raster in rasters})}


def covered(values: NDArray[Any], corner: tuple[float, float], step: float, zone: shapely.Geometry) -> pl.DataFrame:
    """value, covered fraction and latitude of every cell under a zone, as another program finds them."""
    west, north = corner
    rows, columns = values.shape
    box = (west, north - step * rows, west + step * columns, north)
    source = NumPyRasterSource(values.astype(float), *box)
    feature = {"type": "Feature", "geometry": shapely.geometry.mapping(zone), "properties": {}}
    found = exact_extract(source, [feature], ["values", "coverage", "center_y"])[0]["properties"]
    return pl.DataFrame({"value": found["values"], "part": found["coverage"], "lat": found["center_y"]})


def shares(cells: pl.DataFrame, step: float) -> dict[str, float]:
    """Share of each group by area on the ellipsoid."""
    lat = cells["lat"].to_numpy()
    area = cells["part"].to_numpy() * cell_area_m2(lat - step / 2, lat + step / 2, step)
    names = {name for groups in CLASSES.values() for name in groups}
    of = {name: [float(code) for code, groups in CLASSES.items() if name in groups] for name in names}
    return {name: float(area[np.isin(cells["value"], codes)].sum() / area.sum()) for name, codes in of.items()}


def test_near_rings_are_exact_across_seams_and_say_where_they_come_from(
    make: SimpleNamespace, cover: NDArray[np.uint8], tmp_path: Path
) -> None:
    raster = put_cover(cover, tmp_path)
    area = make.project(shapely.box(36.79, -1.305, 36.812, -1.29))
    sites = sites_of(make.portfolio(area, make.point(36.8003, -1.3004)))
    found, plain = facts(sites, raster), facts(sites)
    edges = {"footprint": (0.0, 0.0), "0_1km": (0.0, 1e3), "1_10km": (1e3, 1e4)}
    for ring, (inner, outer) in edges.items():
        for i in range(len(sites)):
            if ring == "footprint" and sites.is_point[i]:
                continue
            zone = sites.zone(outer)[i]
            zone = zone if outer == 0 else zone.difference(sites.zone(inner)[i])
            for group, share in shares(covered(cover, (WEST, NORTH), STEP, zone), STEP).items():
                column = found[f"land_share_{group}_{ring}"]
                assert column.values[i] == pytest.approx(share, abs=2e-6), (group, ring, i)
                origin = column.origin_at(i)
                assert (origin.dataset, origin.version, origin.support) == (LAND, "2021", Support.METRES)
                assert column.accuracy_m is not None
                assert column.accuracy_m[i] == pytest.approx(np.hypot(10, 30))
    for name in ("land_share_forest_10_50km", "ndvi_max_10_50km", "koppen_class", "elevation"):
        assert found[name].values.equals(plain[name].values) and found[name].others == ()
    point = int(np.flatnonzero(sites.is_point)[0])
    bare = found["land_share_forest_footprint"]
    assert bare.values[point] is None and bare.origin_at(point).dataset == "land_cover"


def test_where_tiles_end_the_shipped_raster_answers_or_nobody(
    make: SimpleNamespace, cover: NDArray[np.uint8], tmp_path: Path
) -> None:
    holed = cover.copy()
    holed[250:260, 100:110] = 0  # no value about 36.605, -1.255
    raster = put_cover(holed, tmp_path)
    sites = sites_of(make.portfolio(make.point(36.55, -1.3), make.point(36.605, -1.255), make.point(39.0, 5.0)))
    order = np.argsort(sites.points[0])
    edge, hole, far = (int(i) for i in order)
    found, plain = facts(sites, raster), facts(sites)
    near, around = found["land_share_forest_0_1km"], found["land_share_forest_1_10km"]
    assert near.values[edge] is not None and near.origin_at(edge).dataset == LAND
    for column, i in ((around, edge), (near, hole), (around, hole), (near, far), (around, far)):
        before = plain[column.name]
        assert column.origin_at(i).dataset == "land_cover" and column.origin_at(i).support == Support.KILOMETRES
        assert column.values[i] == before.values[i]
        assert column.reasons is not None and before.reasons is not None
        assert column.reasons[i] == before.reasons[i]


def test_coarse_cells_are_no_detail(make: SimpleNamespace, tmp_path: Path) -> None:
    values = np.full((60, 60), 10, np.uint8)
    raster = put(LAND, {(36.5, -1.0): values}, 0.01, folder=tmp_path, nodata=0, classes=CLASSES)
    sites = sites_of(make.portfolio(make.point(36.8, -1.3)))
    found = facts(sites, raster)
    assert found["land_share_forest_0_1km"].values[0] is None  # four cells
    assert found["land_share_forest_1_10km"].values[0] == 1.0
    assert found["land_share_forest_1_10km"].origin_at(0).support == Support.KILOMETRES


def test_people_are_those_of_the_covered_parts_of_cells(make: SimpleNamespace, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    people = np.round(rng.gamma(0.3, 80, (120, 120)), 2)
    people[0, 0] = -200
    raster = put(PEOPLE, {(36.2, -0.7): people}, 0.01, folder=tmp_path, nodata=-200, unit="person")
    places = [make.point(36.8, -1.3), make.point(36.7, -0.8), make.point(50.0, 10.0), make.point(0.0, 89.9)]
    sites = sites_of(make.portfolio(*places))
    inside, edge, far, pole = (
        int(np.flatnonzero(np.isclose(sites.points[1], lat))[0]) for lat in (-1.3, -0.8, 10, 89.9)
    )
    found = facts(sites, raster)
    for name, radius in (("population_within_10km", 1e4), ("population_within_50km", 5e4)):
        cells = covered(people, (36.2, -0.7), 0.01, sites.zone(radius)[inside])
        assert found[name].values[inside] == pytest.approx((cells["value"] * cells["part"]).sum(), rel=1e-6)
    ten, fifty = found["population_within_10km"], found["population_within_50km"]
    assert ten.values[edge] is not None and fifty.values[edge] is None
    assert found["population_within_1km"].values[inside] is None
    reasons = [
        column.reasons[i]
        for column, i in ((found["population_within_1km"], inside), (fifty, edge), (ten, far), (ten, pole))
        if column.reasons is not None
    ]
    assert reasons == ["too_few_cells", "not_covered", "not_covered", "near_pole"]
    assert (ten.dataset, ten.support, ten.method) == (PEOPLE, Support.KILOMETRES, "covered_cell_sum")
    nobody = facts(sites)["population_within_10km"]
    assert nobody.reasons is not None and set(nobody.reasons) == {"no_layer"} and nobody.version == ""


def test_people_live_on_both_sides_of_the_antimeridian(make: SimpleNamespace, tmp_path: Path) -> None:
    east, west = np.full((100, 100), 3.0, np.float32), np.full((100, 100), 5.0, np.float32)
    raster = put(PEOPLE, {(179.0, -16.5): east, (-180.0, -16.5): west}, 0.01, folder=tmp_path, unit="person")
    sites = sites_of(make.portfolio(make.point(180.0, -17.0), make.point(179.5, -17.0), make.point(-179.5, -17.0)))
    found = facts(sites, raster)["population_within_10km"]
    by_lon = {round(float(lon), 1): found.values[i] for i, lon in enumerate(sites.points[0])}
    middle = by_lon[180.0] if 180.0 in by_lon else by_lon[-180.0]
    assert by_lon[179.5] / 3 == pytest.approx(by_lon[-179.5] / 5, rel=1e-9)
    assert middle == pytest.approx((by_lon[179.5] + by_lon[-179.5]) / 2, rel=1e-4)


def test_heights_are_those_of_the_cell_and_of_the_shipped_raster_elsewhere(
    make: SimpleNamespace, tmp_path: Path
) -> None:
    heights = np.arange(100, dtype=np.float32).reshape(10, 10) + 1500
    heights[9, 9] = np.nan
    raster = put(HEIGHT, {(36.0, -1.0): heights}, 0.001, folder=tmp_path, unit="m", nodata=np.nan)
    places = [(36.0035, -1.0025), (36.0095, -1.0095), (36.5, -1.5)]
    sites = sites_of(make.portfolio(*[make.point(*place) for place in places]))
    column = facts(sites, raster)["elevation"]
    lon, lat = sites.points
    shipped = bundle_raster("elevation").values_at(lon, lat)
    for i in range(3):
        fine = bool(np.isclose(lon[i], 36.0035))
        assert column.values[i] == (1523 if fine else shipped[i])
        assert column.origin_at(i).dataset == (HEIGHT if fine else "elevation")
        assert column.origin_at(i).support == (Support.METRES if fine else Support.KILOMETRES)


# ---- what is no value


def test_what_means_nothing_takes_the_place_of_no_shipped_value(make: SimpleNamespace, tmp_path: Path) -> None:
    heights = np.full((10, 10), -32768, np.int16)
    raster = put(HEIGHT, {(36.0, -1.0): heights}, 0.001, folder=tmp_path, unit="m", plausible=(-500, 9000))
    sites = sites_of(make.portfolio(make.point(36.0055, -1.0045)))
    column, plain = facts(sites, raster)["elevation"], facts(sites)["elevation"]
    assert column.values.equals(plain.values) and column.origin_at(0).dataset == "elevation"


@pytest.mark.parametrize("wrong", [-200.0, np.inf, 1e30])
def test_people_that_cannot_be_are_not_added_up(make: SimpleNamespace, tmp_path: Path, wrong: float) -> None:
    people = np.ones((120, 120))
    people[55:65, 55:65] = wrong
    raster = put(PEOPLE, {(36.2, -0.7): people}, 0.01, folder=tmp_path, unit="person", plausible=(0, 500_000))
    column = facts(sites_of(make.portfolio(make.point(36.8, -1.3))), raster)["population_within_10km"]
    assert column.values[0] is None and column.reasons is not None and column.reasons[0] == "not_covered"


def test_a_code_that_no_class_has_is_no_land_cover(make: SimpleNamespace, tmp_path: Path) -> None:
    codes = np.full((300, 300), 40, np.uint8)
    codes[150:, :] = 77
    raster = put(LAND, {(36.65, -1.15): codes}, 0.001, folder=tmp_path, nodata=0, classes=CLASSES)
    sites = sites_of(make.portfolio(make.point(36.8, -1.3)))
    column, plain = (found["land_share_cropland_0_1km"] for found in (facts(sites, raster), facts(sites)))
    assert column.values.equals(plain.values) and column.origin_at(0).dataset == "land_cover"


def test_a_fact_is_as_confirmed_as_the_definition_of_its_data_set(
    make: SimpleNamespace, cover: NDArray[np.uint8], tmp_path: Path
) -> None:
    own = put_cover(cover, tmp_path)
    sites = sites_of(make.portfolio(make.point(36.8003, -1.3004)))
    for dataset, confirmed in ((None, True), ("worldcover", False)):
        raster = ImportedRaster(own.info.model_copy(update={"dataset": dataset}), own.raster)
        origin = facts(sites, raster)["land_share_forest_0_1km"].origin_at(0)
        assert (origin.dataset, origin.confirmed) == (LAND, confirmed)


# ---- what is not read


@pytest.fixture
def cells_found(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Steps of the grids in which cells were looked for under anything."""
    asked: list[float] = []
    under = ZoneCells.under

    def counted(zones: Outlines, n: int, grid: Grid) -> ZoneCells:
        if len(zones.owner):
            asked.append(grid.step_deg)
        return under(zones, n, grid)

    monkeypatch.setattr(ZoneCells, "under", counted)
    return asked


def test_between_tiles_far_apart_no_cell_is_looked_for(
    make: SimpleNamespace, tmp_path: Path, cells_found: list[float]
) -> None:
    step = 3e-5
    values = np.full((64, 64), 10, np.uint8)
    raster = put(LAND, {(36.0, 0.0): values, (37.5, -2.5): values}, step, folder=tmp_path, nodata=0, classes=CLASSES)
    sites = sites_of(make.portfolio(make.point(36.82, -1.31)))
    column = facts(sites, raster)["land_share_forest_1_10km"]
    assert column.origin_at(0).dataset == "land_cover"
    assert cells_found and raster.info.step_deg not in cells_found


def test_a_zone_of_too_many_cells_is_left_to_the_shipped_raster(
    make: SimpleNamespace, cover: NDArray[np.uint8], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("greensilk.screening.detailed_rasters.MOST_CELLS", 10_000)
    people = np.ones((2000, 2000), np.float32)
    rasters = put_cover(cover, tmp_path), put(PEOPLE, {(35.8, -0.3): people}, 0.001, folder=tmp_path, unit="person")
    found = facts(sites_of(make.portfolio(make.point(36.8, -1.3))), *rasters)
    assert found["land_share_forest_0_1km"].origin_at(0).dataset == LAND
    assert found["land_share_forest_1_10km"].origin_at(0).dataset == "land_cover"
    ten = found["population_within_10km"]
    assert found["population_within_1km"].values[0] > 200
    assert ten.values[0] is None and ten.reasons is not None and ten.reasons[0] == "too_many_cells"


def test_a_gap_in_the_inner_zone_is_not_counted_as_ring(make: SimpleNamespace, tmp_path: Path) -> None:
    """Tiles about a gap, which is large against the inner zone and nothing against the outer one."""
    whole = np.full((400, 400), 10, np.uint8)
    cuts = [(slice(0, 199), slice(0, 400)), (slice(199, 400), slice(0, 199)), (slice(199, 400), slice(200, 400)),
            (slice(203, 400), slice(199, 200))]  # fmt: skip
    tiles = {(36.6 + 0.001 * c.start, -1.1 - 0.001 * r.start): whole[r, c] for r, c in cuts}
    raster = put(LAND, tiles, 0.001, folder=tmp_path, nodata=0, classes=CLASSES)
    sites = sites_of(make.portfolio(make.point(36.8, -1.3)))
    found = facts(sites, raster)
    for ring in ("0_1km", "1_10km"):
        assert found[f"land_share_forest_{ring}"].origin_at(0).dataset == "land_cover"


# ---- whoever measures


@pytest.fixture
def three(cover: NDArray[np.uint8], tmp_path: Path) -> dict[str, ImportedRaster]:
    people = np.random.default_rng(3).gamma(0.3, 80, (80, 80)).astype(np.float32)
    opened = [
        put_cover(cover, tmp_path),
        put(PEOPLE, {(36.3, -0.8): people}, 0.0125, folder=tmp_path, unit="person"),
        put(HEIGHT, {(36.5, -1.0): np.arange(90_000, dtype=np.int16).reshape(300, 300) % 3000}, 0.001, folder=tmp_path),
    ]
    return {one.info.id: one for one in opened}


def rows(make: SimpleNamespace) -> list[dict[str, Any]]:
    spots = np.random.default_rng(5).uniform((36.4, -1.7), (37.2, -0.9), (17, 2))
    return [
        *[make.point(*spot, id=f"p{i}") for i, spot in enumerate(spots.tolist())],
        make.project(shapely.box(36.7, -1.4, 36.74, -1.36), id="area"),
        make.project(None, id="nowhere", type="debt_relief"),
        make.point(120.0, 30.0, id="far"),
    ]


def long(table: FactTable) -> pl.DataFrame:
    return table.long().sort("project_id", "fact")


def test_facts_are_the_same_in_any_shard_order_and_on_workers(
    make: SimpleNamespace, three: dict[str, ImportedRaster]
) -> None:
    given = rows(make)
    whole = long(measure(make.portfolio(*map(dict, given)), {}, ON, {}, rasters=three))
    told = whole.filter(pl.col("fact") == "land_share_forest_1_10km")
    assert set(told["dataset"]) == {LAND, "land_cover"} and set(told["support"]) == {"metres", "kilometres"}
    for crew, seed in (
        (Crew(workers=1, shard_sites=1), 1),
        (Crew(workers=1, shard_sites=7), 2),
        (Crew(workers=2, shard_sites=6), 3),
    ):
        shuffled = [dict(given[i]) for i in np.random.default_rng(seed).permutation(len(given))]
        assert long(measure(make.portfolio(*shuffled), {}, ON, {}, crew=crew, rasters=three)).equals(whole)


def test_workers_open_rasters_by_name_and_name_what_they_lack(
    three: dict[str, ImportedRaster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = named("raster", three)
    assert all(isinstance(copy, DataCopy) for copy in copies.values())
    opened = found(copies, "w1")
    assert {name: one.info for name, one in opened.items()} == {name: one.info for name, one in three.items()}
    other = {LAND: DataCopy("raster", LAND, "abcd")}
    with pytest.raises(WorkerError, match=r"Worker w1 has another copy of raster land_cover_detailed"):
        require(other, "w1")
    monkeypatch.setenv("GREENSILK_DATA_DIR", str(tmp_path / "elsewhere"))
    with pytest.raises(WorkerError, match=r"Worker w1 has no raster land_cover_detailed.*docs/howto/cluster.md"):
        found(other, "w1")


# ---- a whole appraisal


def test_installed_rasters_are_used_named_and_part_of_the_run(three: dict[str, ImportedRaster]) -> None:
    site = one_site(36.8, -1.3, "solar_pv")
    every, some, none = (appraise(site, ["gdg_2020"], ON, layers) for layers in (None, [PEOPLE], []))
    assert every.facts["land_share_forest_0_1km"].values[0] is not None
    assert every.facts["population_within_10km"].values[0] > 0
    assert [one.id for one in every.provenance.layers] == sorted(three) and every.layers == {}
    assert some.provenance.arguments.layers == (PEOPLE,)
    assert some.facts["land_share_forest_0_1km"].values[0] is None
    assert none.provenance.layers == () and none.facts["population_within_10km"].reasons[0] == "no_layer"  # type: ignore[index]
    assert len({one.provenance.run_id for one in (every, some, none)}) == 3


def test_a_raster_that_may_not_be_used_is_refused_before_any_fact(
    cover: NDArray[np.uint8], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    put_cover(cover, tmp_path, use=AllowedUse(commercial=False, redistribute=False))
    monkeypatch.setenv("GREENSILK_USE", "commercial")

    def measured(*_: Any, **__: Any) -> None:
        raise AssertionError("facts were computed")

    monkeypatch.setattr("greensilk.screening.measure.measure", measured)
    with pytest.raises(LicenceError, match="may not be used commercially"):
        appraise(one_site(36.8, -1.3, "solar_pv"), ["gdg_2020"], ON)
