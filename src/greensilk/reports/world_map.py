"""The world with every project on it, and the small world that says where a local map lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from markupsafe import Markup, escape
from numpy.typing import NDArray

from greensilk.reports import svg
from greensilk.reports.bilingual import Bilingual, said
from greensilk.reports.ground import Ground, Sheet
from greensilk.reports.marks import SEVERITY, shape
from greensilk.reports.plane import WORLD_LON, equal_earth

WIDTH, HEIGHT, FOOT = 720, 338, 50
LOCATOR_WIDTH, LOCATOR_HEIGHT = 132, 64
SOUTH, NORTH = -58.0, 84.0  # the world without Antarctica
MOST_MARKS = 200  # above that, marks that would lie on one another become one with a count
CELL = 7.0
Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class MarkedPlace:
    """One project on the world map. href: where its page is."""

    lon: float
    lat: float
    light: str
    name: Bilingual
    href: str


def world_map(places: Sequence[MarkedPlace], ground: Ground, foot: Sequence[Bilingual]) -> Markup:
    """Draw every project on the world, by its mark. foot: world view and stamp, printed inside the picture."""
    top, bottom = _edges()
    body = f'<rect width="{WIDTH}" height="{HEIGHT}" class="sea"/>' + _land(ground)
    lonlat = np.array([(place.lon, place.lat) for place in places], dtype=np.float64).reshape(-1, 2)
    xy = _placed(lonlat, WIDTH, HEIGHT, top, bottom)
    body += _single(places, xy) if len(places) <= MOST_MARKS else _grouped(places, xy)
    body += f'<rect width="{WIDTH}" height="{HEIGHT}" class="frame"/>' + svg.lines(foot, 2, HEIGHT + 22, "stamp", 24.0)
    title = said("reports.world_title")
    about = title, said("reports.world_desc", count=len(places))
    return svg.picture((WIDTH, HEIGHT + FOOT), "map world", about, body)


def locator_symbol(ground: Ground) -> Markup:
    """The small world as a symbol, once a page; `<use href="#world">` draws it."""
    land = _coarse_land(ground.land, 1.8, 12.0)
    data = svg.path(projected(land, LOCATOR_WIDTH, LOCATOR_HEIGHT))
    box = f"0 0 {LOCATOR_WIDTH} {LOCATOR_HEIGHT}"
    drawn = f'<symbol id="world" viewBox="{box}"><path class="land small" d="{data}"/></symbol>'
    return Markup(drawn)  # noqa: S704 - made of numbers


def locator_point(lon: float, lat: float) -> tuple[float, float]:
    """Where a place lies on the small world."""
    x, y = _placed(np.array([[lon, lat]]), LOCATOR_WIDTH, LOCATOR_HEIGHT, *_edges())[0]
    return float(x), float(y)


def _edges() -> tuple[float, float]:
    """Height of the picture's northern and southern edge in a world that is 1000 wide."""
    y = equal_earth(np.array([[WORLD_LON, NORTH], [WORLD_LON, SOUTH]]), 1000.0, 1000.0)[:, 1]
    return float(y[0]), float(y[1])


def _placed(lonlat: NDArray[np.float64], width: float, height: float, top: float, bottom: float) -> NDArray[np.float64]:
    xy = equal_earth(lonlat, 1000.0, 1000.0)
    scale = min(width / 1000.0, height / (bottom - top))
    left = (width - 1000.0 * scale) / 2
    return np.column_stack([left + xy[:, 0] * scale, (xy[:, 1] - top) * scale + (height - (bottom - top) * scale) / 2])


def projected(parts: Geometries, width: float, height: float) -> Geometries:
    """Lon/lat geometries, cut where the picture ends (see cut_to_picture), as geometries in a picture of the world."""
    top, bottom = _edges()
    drawn = shapely.transform(parts, lambda lonlat: _placed(lonlat, width, height, top, bottom))
    return np.asarray(drawn, dtype=object)


def cut_to_picture(parts: Geometries) -> tuple[Geometries, Geometries]:
    """(n,) lon/lat geometries cut where the picture ends: what lies west and what lies east of the cut, (n,) each."""
    cut = WORLD_LON - 180.0
    west = shapely.clip_by_rect(parts, -180.0, SOUTH, cut - 1e-6, NORTH)
    east = shapely.clip_by_rect(parts, cut + 1e-6, SOUTH, 180.0, NORTH)
    return np.asarray(west, dtype=object), np.asarray(east, dtype=object)


def _coarse_land(sheet: Sheet, step_deg: float, least_deg2: float) -> Geometries:
    """Land thinned for a world map, cut where the picture ends."""
    parts = sheet.features.parts
    parts = parts[shapely.area(parts) >= least_deg2]
    thin = shapely.simplify(parts, step_deg, preserve_topology=True)
    land = np.concatenate(cut_to_picture(thin))
    return np.asarray(land[~shapely.is_empty(land)], dtype=object)


def _land(ground: Ground) -> str:
    first = _world_land("en")
    if ground.land_chn is None:
        return first
    return f'<g lang="en">{first}</g><g lang="zh">{_world_land("zh")}</g>'


@cache
def _world_land(lang: str) -> str:
    from greensilk.reports.ground import ground

    found = ground()
    sheet = found.land_chn if lang == "zh" and found.land_chn is not None else found.land
    land = _coarse_land(sheet, 0.18, 0.12)
    return f'<path class="land" d="{svg.path(projected(land, WIDTH, HEIGHT))}"/>'


def _single(places: Sequence[MarkedPlace], xy: NDArray[np.float64]) -> str:
    body = []
    for k in _mildest_first(places):
        place, (x, y) = places[k], xy[k].tolist()
        body.append(
            f'<a href="{escape(place.href)}"><path class="mark {place.light}" d="{shape(place.light, x, y, 5.0)}">'
            f"<title>{escape(str(place.name))}</title></path></a>"
        )
    return "".join(body)


def _grouped(places: Sequence[MarkedPlace], xy: NDArray[np.float64]) -> str:
    """Marks of one light that would lie on one another become one, larger by their number."""
    cells: dict[tuple[str, int, int], list[int]] = {}
    for k in _mildest_first(places):
        cells.setdefault((places[k].light, int(xy[k, 0] // CELL), int(xy[k, 1] // CELL)), []).append(k)
    body = []
    for (light, _, _), members in cells.items():
        x, y = xy[members].mean(axis=0).tolist()
        r = min(9.0, 2.6 + 0.8 * np.sqrt(len(members)))
        body.append(f'<path class="mark {light}" d="{shape(light, x, y, round(float(r), 1))}"/>')
    return "".join(body)


def _mildest_first(places: Sequence[MarkedPlace]) -> list[int]:
    """Order of drawing: the graver lie on top."""
    rank = {light: k for k, light in enumerate(SEVERITY)}
    return sorted(range(len(places)), key=lambda k: -rank.get(places[k].light, 0))
