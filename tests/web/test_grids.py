"""Pictures of rasters: every pixel is the cell under it, by an independent reader; limits, licences and legends."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))
from visited import Site, Visitor

from greensilk.catalogue import grid_pictures
from greensilk.catalogue.bundle import bundle_path, bundle_raster
from greensilk.catalogue.grid_pictures import Scale, Window, scale_of

CELLS = np.arange(64, dtype=np.uint8).reshape(8, 8)


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return site.visitor(site.people.a.viewer)


def drawn(answer: Any) -> Any:
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA")).astype(int)


def test_each_pixel_is_the_cell_under_it(visitor: Visitor) -> None:
    west, south, east, north, size = 95.3, 10.2, 110.9, 25.7, 64
    pixels = drawn(visitor.get(
        f"/tiles/grids/elevation.png?bbox={west},{south},{east},{north}&width={size}&height={size}&crs=CRS84"
    ))  # fmt: skip
    lon = west + (np.arange(size) + 0.5) / size * (east - west)
    lat = north - (np.arange(size) + 0.5) / size * (north - south)
    scale = scale_of(bundle_raster("elevation"))
    with rasterio.open(bundle_path("elevation")) as source:
        for row in range(0, size, 9):
            values = np.array([value[0] for value in source.sample([(x, lat[row]) for x in lon])], dtype=float)
            share = np.clip((values - scale.low) / (scale.high - scale.low), 0, 1)
            expected = np.array([scale.palette()[1 + round(254 * one)] for one in share])
            assert np.abs(pixels[row] - expected).max() <= 3
    darkness = pixels[:, :, :3].sum(axis=2)
    assert darkness.min() < darkness.max()


def test_rows_of_a_web_map_stand_by_mercator() -> None:
    lon, lat = Window((0.0, 0.0, 10.0, 60.0), 10, 3, mercator=True).places()
    assert lon.tolist() == [0.5 + i for i in range(10)]
    ys = np.arcsinh(np.tan(np.radians(lat)))
    assert np.diff(ys) == pytest.approx([np.diff(ys)[0]] * 2) and 0 < lat[2] < lat[0] < 60


def test_what_has_no_value_is_transparent(visitor: Visitor) -> None:
    sea = drawn(visitor.get("/tiles/grids/koppen.png?bbox=-150,-55,-130,-45&width=32&height=32"))
    assert (sea[:, :, 3] == 0).all()
    beyond = drawn(visitor.get("/tiles/grids/koppen.png?bbox=-360,-30,-350,-20&width=8&height=8"))
    assert beyond.shape == (8, 8, 4)


@pytest.mark.parametrize("grid", ["elevation", "temperature", "precipitation", "koppen", "land_cover"])
def test_a_legend_says_what_every_colour_means(visitor: Visitor, grid: str) -> None:
    told = visitor.get(f"/tiles/grids/{grid}.json").json()
    assert told["attribution"] and told["label"]["zh"] and len(told["stops"]) >= 5
    if told["kind"] == "numbers":
        assert told["unit"] and [stop["value"] for stop in told["stops"]] == sorted(
            stop["value"] for stop in told["stops"]
        )
        return
    colours = {tuple(int(stop["colour"][i : i + 2], 16) for i in (1, 3, 5)) for stop in told["stops"]}
    pixels = drawn(visitor.get(f"/tiles/grids/{grid}.png?bbox=90,0,120,30&width=64&height=64"))
    seen = {tuple(pixel[:3]) for pixel in pixels.reshape(-1, 4).tolist() if pixel[3]}
    assert seen <= colours and len(seen) > 1


@pytest.mark.parametrize(
    "query",
    ["", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=0,0,0,0", "bbox=0,10,10,0", "bbox=0,0,400,10", "bbox=nan,0,1,1",
     "bbox=0,0,1,1&width=1025", "bbox=0,0,1,1&height=0", "bbox=0,0,1,1&crs=EPSG:4326", "bbox=0,0,1,1&band=2"],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(visitor: Visitor, query: str) -> None:
    answer = visitor.get(f"/tiles/grids/elevation.png?{query}")
    assert answer.status_code in (400, 422) and answer.json()["ok"] is False


def test_a_window_of_too_many_blocks_is_refused(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_pictures, "MOST_BLOCKS", 3)
    answer = visitor.get("/tiles/grids/elevation.png?bbox=-180,-85,180,85")
    assert answer.status_code == 422 and "zoom" in answer.json()["error"]


def test_rasters_that_are_not_there(site: Site, visitor: Visitor) -> None:
    for name in ("land_mask", "nobody", "..", "countries", "%00"):
        assert visitor.get(f"/tiles/grids/{name}.png?bbox=0,0,1,1").status_code == 404
    assert site.client.get("/tiles/grids/elevation.png?bbox=0,0,1,1").status_code == 401
    listed = [one["id"] for one in visitor.get("/tiles/grids/index.json").json()["grids"]]
    assert listed == ["elevation", "temperature", "precipitation", "koppen", "land_cover"]


def test_classes_and_numbers_become_colours() -> None:
    classes = Scale(0, 0, (3, 7), (1, 0))
    assert classes.indices(np.array([[3.0, 7.0, 5.0, np.nan, 99.0]])).tolist() == [[1, 2, 0, 0, 0]]
    assert classes.palette()[1][:3] == (0x56, 0xB4, 0xE9)
    assert Scale(0, 10).indices(np.array([[-5.0, 0, 5, 10, 50, np.nan]])).tolist() == [[1, 1, 128, 255, 255, 0]]


@pytest.fixture
def cells_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A raster of which one cell has no value; the machine's owner, who imports it, uses data for no profit."""
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    path = tmp_path / "cells.tif"
    profile = {"driver": "GTiff", "height": 8, "width": 8, "count": 1, "dtype": "uint8", "nodata": 0,
               "crs": "EPSG:4326", "transform": Affine(1, 0, 10, 0, -1, 58)}  # fmt: skip
    with rasterio.open(path, "w", **profile) as sink:
        sink.write(CELLS[None])
    return path


@pytest.mark.parametrize(
    ("allowed", "use", "status"),
    [((True, True), None, 200), ((None, True), None, 200), ((False, True), None, 404),
     ((True, False), "commercial", 404), ((True, False), "non_commercial", 200), ((True, None), None, 404)],
)  # fmt: skip
def test_an_imported_raster_is_shown_as_its_licence_allows(
    site: Site, cells_file: Path, allowed: tuple[Any, Any], use: Any, status: int
) -> None:
    from greensilk.catalogue.data_info import AllowedUse, Stated
    from greensilk.catalogue.outputs import RasterOutput
    from greensilk.catalogue.raster_import import import_raster
    from greensilk.records import Label
    from greensilk.store.people import Organisation

    made = RasterOutput(kind="raster", raster="made_up", label=Label(en="made up", zh="虚构"), files=("*",), unit="m",
                        accuracy_m=10.0)  # fmt: skip
    display, commercial = allowed
    terms = AllowedUse(commercial=commercial, redistribute=None, display=display)
    import_raster(made, [cells_file], Stated(title="made up", version="1", licence="own", use=terms))
    with site.store.writing() as db:
        db.get_one(Organisation, site.people.a.id).use = use
    answer = site.visitor(site.people.a.viewer).get(
        "/tiles/grids/made_up.png?bbox=9,49,19,59&width=10&height=10&crs=CRS84"
    )
    assert answer.status_code == status
    if status == 200:
        opaque = drawn(answer)[:, :, 3] == 255
        expected = np.zeros((10, 10), dtype=bool)
        expected[1:9, 1:9] = CELLS > 0
        assert (opaque == expected).all()
