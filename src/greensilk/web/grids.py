"""Rasters as pictures for maps, with their legends: as far as their licences let them be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response

from greensilk.catalogue.bundle import bundle_index, bundle_raster, bundle_table
from greensilk.catalogue.data_info import AllowedUse
from greensilk.catalogue.grid_pictures import MOST_SIDE, Scale, Window, picture, scale_of
from greensilk.catalogue.licences import limits, may_be_drawn, use_of_shipped
from greensilk.catalogue.raster_store import STORE, ImportedRaster, open_version, raster_states
from greensilk.catalogue.rasters import Raster
from greensilk.errors import LayerError, LicenceError, NotFoundError, ParameterError
from greensilk.records import Label
from greensilk.vocabulary import fact_name, vocabulary
from greensilk.web.asking import Reader
from greensilk.web.platform import Platform, Served
from greensilk.workspace.actor import Actor
from greensilk.workspace.data_use import may_use, used_for

router = APIRouter(prefix="/tiles/grids", tags=["maps"])
# Shipped rasters of numbers, with the fact that says their unit.
MEASURED = {"elevation": "elevation", "temperature": "temperature_mean", "precipitation": "precipitation_annual"}
CLIMATE, COVER = "koppen", "land_cover"
SHIPPED = (*MEASURED, CLIMATE, COVER)
MOST_OPEN = 16  # imported rasters
FOR_AN_HOUR = "private, max-age=3600"
BandNumber = Annotated[int, Query(ge=1, le=100)]
MOST_LATITUDE_DEG, MOST_LONGITUDE_DEG = 90.0, 360.0


@dataclass(frozen=True)
class Grid:
    """A raster that may be shown. names: of its classes, by number; groups: their groups, by which they are coloured"""

    id: str
    label: Label
    unit: str | None
    raster: Raster
    use: AllowedUse
    attribution: str
    fingerprint: str
    names: Mapping[int, Label]
    groups: Mapping[int, str]


@router.get("/index.json", summary="Rasters that can be shown on a map")
def grid_index(served: Served, who: Reader) -> JSONResponse:
    """Each with the addresses of its picture and legend."""
    found = []
    for grid_id in (*SHIPPED, *raster_states()):
        try:
            grid = _grid(served, who, grid_id)
        except NotFoundError:
            continue
        found.append({"id": grid.id, "label": _both(grid.label), "unit": grid.unit, "bands": grid.raster.count,
                      "picture": f"/tiles/grids/{grid.id}.png", "legend": f"/tiles/grids/{grid.id}.json"})  # fmt: skip
    return JSONResponse({"grids": found})


@dataclass(frozen=True)
class Wanted:
    """The picture that an address asks for."""

    window: Window
    band: int


async def wanted(
    bbox: Annotated[str, Query(max_length=200, description="west,south,east,north in degrees")],
    width: Annotated[int, Query(ge=1, le=MOST_SIDE)] = 512,
    height: Annotated[int, Query(ge=1, le=MOST_SIDE)] = 512,
    crs: Annotated[
        Literal["CRS84", "EPSG:3857"], Query(description="Whether rows stand by latitude or as on a web map")
    ] = "EPSG:3857",
    band: BandNumber = 1,
) -> Wanted:
    """The window of an address.

    raises: ParameterError for a box that is none
    """
    try:
        west, south, east, north = (float(part) for part in bbox.split(","))
    except ValueError as error:
        raise ParameterError("web_ogc.bbox_range") from error
    lowest, highest = -MOST_LATITUDE_DEG, MOST_LATITUDE_DEG
    good = lowest <= south < north <= highest and -MOST_LONGITUDE_DEG <= west < east <= MOST_LONGITUDE_DEG
    if not (good and east - west <= MOST_LONGITUDE_DEG):
        raise ParameterError("web_ogc.bbox_range")
    return Wanted(Window((west, south, east, north), width, height, mercator=crs == "EPSG:3857"), band)


@router.get("/{grid_id}.png", summary="A window of a raster as PNG", response_class=Response)
def grid_picture(served: Served, who: Reader, grid_id: str, asked: Annotated[Wanted, Depends(wanted)]) -> Response:
    """Transparent where there is no value; pixels are the cells that hold their middles."""
    grid = _grid(served, who, grid_id)
    if asked.band > grid.raster.count:
        raise ParameterError("layer_tiles.no_band", band=asked.band, count=grid.raster.count)
    drawn = picture(grid.raster, asked.window, _scale(grid, asked.band), asked.band)
    return Response(drawn, media_type="image/png", headers={"Cache-Control": FOR_AN_HOUR})


@router.get("/{grid_id}.json", summary="The legend of a raster")
def grid_legend(
    served: Served, who: Reader, grid_id: str, band: Annotated[int, Query(ge=1, le=100)] = 1
) -> JSONResponse:
    """What its colours mean, and what its licence asks for."""
    grid = _grid(served, who, grid_id)
    if band > grid.raster.count:
        raise ParameterError("layer_tiles.no_band", band=band, count=grid.raster.count)
    scale, cells = _scale(grid, band), grid.raster.grid
    return JSONResponse({
        "id": grid.id,
        "label": _both(grid.label),
        "unit": grid.unit,
        "kind": "classes" if scale.classes else "numbers",
        "stops": _stops(grid, scale),
        "bounds": [cells.west, cells.north - cells.rows * cells.step_deg,
                   cells.west + cells.columns * cells.step_deg, cells.north],
        "attribution": grid.attribution,
        "limits": [_both(line) for line in limits(grid.use)],
    })  # fmt: skip


def _stops(grid: Grid, scale: Scale) -> list[dict[str, Any]]:
    """Colours with their values: of each class, or of the steps from the lowest to the highest."""
    colours = scale.colours
    if scale.classes:
        return [
            {"value": code, "colour": colour, "label": _both(grid.names[code])}
            for code, colour in zip(scale.classes, colours, strict=True)
        ]
    step = (scale.high - scale.low) / (len(colours) - 1)
    return [{"value": scale.low + i * step, "colour": colour} for i, colour in enumerate(colours)]


def _both(label: Label) -> dict[str, str]:
    return {"en": label.en, "zh": label.zh}


def _scale(grid: Grid, band: int) -> Scale:
    if not grid.names:
        return _measured(grid.raster, grid.fingerprint, band)
    order = list(dict.fromkeys(grid.groups[code] for code in sorted(grid.names)))
    codes = tuple(sorted(grid.names))
    return Scale(0.0, 0.0, codes, tuple(order.index(grid.groups[code]) for code in codes))


@lru_cache(64)
def _measured(raster: Raster, fingerprint: str, band: int) -> Scale:
    return scale_of(raster, band)


def _grid(served: Platform, who: Actor, grid_id: str) -> Grid:
    """The raster of an id.

    raises: NotFoundError, also where its licence forbids to show it, or the use that the organisation makes of data
    """
    found = _shipped(grid_id) if grid_id in SHIPPED and grid_id in bundle_index() else _imported(served, who, grid_id)
    if found is None or not may_be_drawn(found.use):
        raise NotFoundError("layer_tiles.no_grid", id=grid_id[:60])
    return found


@lru_cache(len(SHIPPED))
def _shipped(grid_id: str) -> Grid:
    entry = bundle_index()[grid_id]
    names, groups = _climates() if grid_id == CLIMATE else _covers(None) if grid_id == COVER else ({}, {})
    unit = fact_name(MEASURED[grid_id]).unit if grid_id in MEASURED else None
    return Grid(grid_id, entry.title, unit, bundle_raster(grid_id), use_of_shipped(entry.licence), entry.attribution,
                entry.sha256, names, groups)  # fmt: skip


def _imported(served: Platform, who: Actor, grid_id: str) -> Grid | None:
    with served.store.reading() as db:
        try:
            with used_for(db, who):
                opened = STORE.steady(grid_id, _opened)
        except (LayerError, LicenceError):
            return None
        info = opened.info
        if not may_use(db, who, info):
            return None
    names, groups = _covers({int(code): found for code, found in info.classes.items()}) if info.classes else ({}, {})
    unit = None if info.classes else info.unit
    return Grid(grid_id, info.label, unit, opened.raster, info.use, info.attribution, info.raster_sha256, names, groups)


@lru_cache(MOST_OPEN)
def _opened(folder: Path, grid_id: str) -> ImportedRaster:
    """A version, by its folder: the same files may have been imported anew under another licence."""
    return open_version(folder, grid_id)


def _climates() -> tuple[dict[int, Label], dict[int, str]]:
    """Names of Köppen's classes, and the first letters of their symbols."""
    rows = list(bundle_table("koppen_classes").iter_rows(named=True))
    names = {
        row["code"]: Label(en=f"{row['symbol']} {row['label_en']}", zh=f"{row['symbol']} {row['label_zh']}")
        for row in rows
    }
    return names, {row["code"]: row["symbol"][0] for row in rows}


def _covers(stated: Mapping[int, tuple[str, ...]] | None) -> tuple[dict[int, Label], dict[int, str]]:
    """Groups of land cover by class, the narrowest of each. stated: of an imported raster, None = the shipped one"""
    words = vocabulary().land_cover_groups
    sizes = {name: len(group.classes) for name, group in words.items()}
    if stated is None:
        codes = sorted({code for group in words.values() for code in group.classes})
        stated = {code: tuple(name for name, group in words.items() if code in group.classes) for code in codes}
    groups = {code: min(found, key=lambda name: sizes[name]) for code, found in stated.items() if found}
    return {code: words[name].label for code, name in groups.items()}, groups
