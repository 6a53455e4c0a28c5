"""The map of one project: its surroundings quiet below, sensitive areas outlined, the project strong on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from markupsafe import Markup, escape

from greensilk.reports import svg
from greensilk.reports.bilingual import Bilingual, said, same
from greensilk.reports.ground import AreaLayer, Ground, Sheet
from greensilk.reports.lettering import Lettering, shortened
from greensilk.reports.plane import LocalView, view_of
from greensilk.reports.world_map import LOCATOR_HEIGHT, LOCATOR_WIDTH, locator_point

WIDTH, HEIGHT, FOOT = 640, 480, 34
RINGS_M = (1_000.0, 10_000.0, 50_000.0)
MARGIN_M = 56_000.0
SMALL, LARGE = 11.0, 12.0


@dataclass(frozen=True)
class Site:
    """What is mapped. accuracy_m: of the location, None where unknown; light: of the first standard, for the mark."""

    name: Bilingual
    geometry: shapely.Geometry
    accuracy_m: float | None
    light: str


@dataclass(frozen=True)
class SiteMap:
    """The drawn map. shown: (pattern number, label) of the imported layers on it; river, lake: drawn or not."""

    picture: Markup
    shown: tuple[tuple[int, Bilingual], ...]
    has_river: bool


def site_map(site: Site, ground: Ground, areas: Sequence[AreaLayer], foot: Bilingual) -> SiteMap:
    """Draw the surroundings of a project. foot: world view and stamp, printed below the picture inside it."""
    view = view_of(site.geometry, WIDTH, HEIGHT, MARGIN_M)
    letters = Lettering(WIDTH, HEIGHT)
    letters.reserve(0, HEIGHT - 34, 150, HEIGHT)  # scale bar
    letters.reserve(WIDTH - LOCATOR_WIDTH - 12, 0, WIDTH, LOCATOR_HEIGHT + 12)
    drawn = view.drawn(np.array([site.geometry], dtype=object))[0]
    land = _land(view, ground)
    water, has_river, river_names = _water(view, ground)
    zones, shown, area_names = _areas(view, areas)
    rings = _rings(drawn, view, letters)
    project = _project(site, drawn, view, letters)
    labels = area_names + _places(view, ground) + river_names
    body = "".join(
        [
            f'<svg x="0" y="0" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" class="sea"/>',
            land, water, zones, rings, project,
            _lettered(labels, letters), _country_names(view, ground.land, letters),
            _scale_bar(view), _locator(view),
            "</svg>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" class="frame"/>',
            svg.words(foot, 2, HEIGHT + 21, "stamp"),
        ]
    )  # fmt: skip
    title = said("reports.map_title", name=site.name)
    about = said("reports.map_desc", lat=f"{view.lat:.2f}", lon=f"{view.lon:.2f}", km=f"{view.half_width_m / 500:.0f}")
    return SiteMap(svg.picture(WIDTH, HEIGHT + FOOT, title, about, body), shown, has_river)


def _land(view: LocalView, ground: Ground) -> str:
    first = _land_path(view, ground.land)
    if ground.land_chn is None:
        return first
    second = _land_path(view, ground.land_chn)
    return first if first == second else f'<g lang="en">{first}</g><g lang="zh">{second}</g>'


def _land_path(view: LocalView, sheet: Sheet) -> str:
    parts, _ = sheet.within(view)
    if not len(parts):
        return ""
    if len(view.windows()) == 1:
        return f'<path class="land" d="{svg.path(view.drawn(parts))}"/>'
    # The cut at the antimeridian is no border.
    lines = shapely.clip_by_rect(shapely.boundary(parts), -179.999, -90.0, 179.999, 90.0)
    fill, edge = svg.path(view.drawn(parts)), svg.path(view.drawn(lines[~shapely.is_empty(lines)]))
    return f'<path class="land unedged" d="{fill}"/><path class="border" d="{edge}"/>'


Named = tuple[Bilingual, float, float, str]  # words, x, y, css class


def _water(view: LocalView, ground: Ground) -> tuple[str, bool, list[Named]]:
    lakes, _ = ground.lakes.within(view)
    rivers, owner = ground.rivers.within(view)
    drawn = view.drawn(rivers)
    names: dict[int, Named] = {}
    for line, feature in zip(drawn, owner, strict=True):
        name = ground.rivers.names[feature]
        middle = shapely.line_interpolate_point(line, 0.5, normalized=True)
        if name and shapely.length(line) > 60 and feature not in names and not middle.is_empty:
            names[int(feature)] = (same(shortened(name.en)), middle.x, middle.y, "river-name")
    body = ""
    if len(lakes):
        body += f'<path class="lake" d="{svg.path(view.drawn(lakes))}"/>'
    if len(rivers):
        body += f'<path class="river" d="{svg.path(drawn)}"/>'
    unique = {named[0].en: named for named in names.values()}
    return body, bool(len(rivers)), list(unique.values())


def _areas(
    view: LocalView, areas: Sequence[AreaLayer]
) -> tuple[str, tuple[tuple[int, Bilingual], ...], list[Named]]:
    body, shown, names = "", [], []
    for layer in areas:
        parts, owner = layer.sheet.within(view)
        if not len(parts):
            continue
        drawn = view.drawn(parts)
        inside = _inside(drawn)
        if not inside.any():
            continue
        shown.append((layer.pattern, layer.label))
        body += _zone(drawn[inside], layer.pattern)
        for geometry, feature in zip(drawn[inside], owner[inside], strict=True):
            name = layer.sheet.names[feature]
            spot = shapely.point_on_surface(shapely.clip_by_rect(geometry, 0, 0, WIDTH, HEIGHT))
            if name and not spot.is_empty:
                names.append((same(shortened(name.en)), spot.x, spot.y, "area-name"))
    unique = {named[0].en: named for named in names}
    return body, tuple(shown), list(unique.values())[:12]


def _inside(drawn: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    return np.asarray(shapely.intersects(drawn, shapely.box(0, 0, WIDTH, HEIGHT)))


def _zone(drawn: np.ndarray, pattern: int) -> str:  # type: ignore[type-arg]
    points = shapely.get_type_id(drawn) == 0
    body = ""
    if (~points).any():
        data = svg.path(drawn[~points])
        body += f'<path class="zone" fill="url(#zone-{pattern % 6})" d="{data}"/>'
    for point in drawn[points]:
        body += f'<path class="zone-point" d="M{point.x:.1f} {point.y - 5:.1f}l5 5l-5 5l-5 -5z"/>'
    return body


def _rings(drawn: shapely.Geometry, view: LocalView, letters: Lettering) -> str:
    body = ""
    for distance_m in RINGS_M:
        reach = distance_m / view.metres_per_unit
        if reach < 4:
            continue
        ring = shapely.simplify(shapely.buffer(drawn, reach, quad_segs=24), 0.1)
        body += f'<path class="ring" d="{svg.path(np.array([ring], dtype=object))}"/>'
        if reach < 24:
            continue
        coordinates = shapely.get_coordinates(ring)
        x, y = coordinates[coordinates[:, 1].argmin()]
        name = same(f"{distance_m / 1000:.0f} km")
        if letters.centred(name, x, max(y, 9.0), SMALL):
            body += svg.words(name, x, max(y, 9.0) + SMALL * 0.35, "ring-name", "middle")
    return body


def _project(site: Site, drawn: shapely.Geometry, view: LocalView, letters: Lettering) -> str:
    body = ""
    centre = shapely.point_on_surface(drawn)
    blur = (site.accuracy_m or 0.0) / view.metres_per_unit
    kind = drawn.geom_type
    if blur > 6 and "Point" in kind:
        body += f'<circle class="blur" cx="{centre.x:.1f}" cy="{centre.y:.1f}" r="{blur:.1f}"/>'
    west, north, east, south = drawn.bounds
    if "Line" in kind:
        body += f'<path class="route-case" d="{svg.path(np.array([drawn], dtype=object))}"/>'
        body += f'<path class="route" d="{svg.path(np.array([drawn], dtype=object))}"/>'
    elif max(east - west, south - north) > 8:
        body += f'<path class="footprint" d="{svg.path(np.array([drawn], dtype=object))}"/>'
    if "Line" not in kind:
        body += _pin(centre.x, centre.y)
    letters.reserve(centre.x - 7, centre.y - 7, centre.x + 7, centre.y + 7)
    name = Bilingual(shortened(site.name.en, 34), shortened(site.name.zh, 20))
    place = letters.beside(name, centre.x, centre.y, LARGE + 1, 9)
    return body + (svg.words(name, place[0], place[1], "site-name", place[2]) if place else "")


def _pin(x: float, y: float) -> str:
    return f'<circle class="pin-case" cx="{x:.1f}" cy="{y:.1f}" r="6"/><circle class="pin" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'


def _places(view: LocalView, ground: Ground) -> list[Named]:
    found = ground.places_within(view, 14)
    if not found:
        return []
    xy = view.project(np.array([(lon, lat) for _, lon, lat in found], dtype=np.float64))
    return [(same(shortened(name)), x, y, "place") for (name, _, _), (x, y) in zip(found, xy.tolist(), strict=True)]


def _lettered(names: list[Named], letters: Lettering) -> str:
    body = ""
    for words, x, y, css in names:
        if not (0 <= x <= WIDTH and 0 <= y <= HEIGHT):
            continue
        if css == "place":
            place = letters.beside(words, x, y, SMALL)
            if place:
                letters.reserve(x - 3, y - 3, x + 3, y + 3)
                body += f'<circle class="town" cx="{x:.1f}" cy="{y:.1f}" r="2"/>'
                body += svg.words(words, place[0], place[1], css, place[2])
        elif letters.centred(words, x, y, SMALL):
            body += svg.words(words, x, y + SMALL * 0.35, css, "middle")
    return body


def _country_names(view: LocalView, land: Sheet, letters: Lettering) -> str:
    parts, owner = land.within(view)
    if len(set(owner.tolist())) < 2:
        return ""
    largest: dict[int, shapely.Geometry] = {}
    for part, feature in zip(shapely.clip_by_rect(view.drawn(parts), 0, 0, WIDTH, HEIGHT), owner.tolist(), strict=True):
        if not part.is_empty and part.area > max(1500.0, largest[feature].area if feature in largest else 0.0):
            largest[feature] = part
    body = ""
    for feature, part in sorted(largest.items(), key=lambda item: -item[1].area):
        name, spot = land.names[feature], shapely.point_on_surface(part)
        if name and letters.centred(name, spot.x, spot.y, LARGE * 1.15):
            body += svg.words(name, spot.x, spot.y + LARGE * 0.35, "country", "middle")
    return body


def _scale_bar(view: LocalView) -> str:
    longest_km = 120 * view.metres_per_unit / 1000
    power = 10.0 ** np.floor(np.log10(longest_km))
    km = max(rung * power for rung in (1, 2, 5) if rung * power <= longest_km)
    length = km * 1000 / view.metres_per_unit
    y = HEIGHT - 14
    bar = f'<path class="scale" d="M14 {y - 5}v5h{length:.1f}v-5"/>'
    return bar + f'<text class="scale-name" x="{18 + length:.1f}" y="{y}">{escape(f"{km:g} km")}</text>'


def _locator(view: LocalView) -> str:
    x, y = locator_point(view.lon, view.lat)
    left, top = WIDTH - LOCATOR_WIDTH - 6, 6
    return (
        f'<svg x="{left}" y="{top}" width="{LOCATOR_WIDTH}" height="{LOCATOR_HEIGHT}">'
        f'<rect width="{LOCATOR_WIDTH}" height="{LOCATOR_HEIGHT}" class="locator"/>'
        f'<use href="#world"/><rect class="here" x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6"/></svg>'
    )
