"""The map of alternatives: every line with its number, told apart by width, dashes and words, not by colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from markupsafe import Markup

from greensilk.reports import map_layers, svg
from greensilk.reports.bilingual import Bilingual, said, same
from greensilk.reports.ground import AreaLayer, Ground
from greensilk.reports.lettering import Lettering, text_width
from greensilk.reports.plane import Geometries, LocalView, view_of
from greensilk.reports.site_map import locator_inset, scale_bar
from greensilk.reports.world_map import LOCATOR_HEIGHT, LOCATOR_WIDTH
from greensilk.routes.comparison import Standing

WIDTH, FOOT = 560, 40
LOWEST, HIGHEST = 380, 760
MARGIN_SHARE, LEAST_MARGIN_M = 0.12, 3_000.0
PLACES_ALONG = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.45, 0.55, 0.35, 0.65, 0.25, 0.75, 0.15, 0.85)
DRAWN_FIRST: tuple[Standing, ...] = ("outdone", "open", "front")  # the last lies on top


@dataclass(frozen=True)
class DrawnRoute:
    """One alternative on the map. number: that of its row in the table"""

    number: int
    geometry: shapely.Geometry
    standing: Standing
    sketch: bool


@dataclass(frozen=True)
class RouteMap:
    """The drawn map. shown: the layers on it, for the legend; has_river: a river of the shipped ground is drawn."""

    picture: Markup
    shown: tuple[map_layers.Shown, ...]
    has_river: bool


def route_map(
    routes: Sequence[DrawnRoute], ground: Ground, areas: Sequence[AreaLayer], foot: Sequence[Bilingual]
) -> RouteMap:
    """Draw all alternatives over their surroundings. foot: world view and stamp, printed inside the picture"""
    view = _view(routes)
    letters = Lettering(view.width, view.height)
    letters.reserve(0, view.height - 34, 150, view.height)  # scale bar
    letters.reserve(view.width - LOCATOR_WIDTH - 12, 0, view.width, LOCATOR_HEIGHT + 12)
    water, has_river, river_names = map_layers.water(view, ground)
    zones, shown, area_names = map_layers.sensitive_areas(view, areas)
    drawn = view.drawn(np.array([one.geometry for one in routes], dtype=object))
    lines = "".join(_line(one, line) for one, line in _upwards(routes, drawn))
    badges = "".join(_badge(one, line, letters) for one, line in reversed(_upwards(routes, drawn)))
    names = map_layers.places(view, ground) + area_names + river_names
    width, height = f"{view.width:g}", f"{view.height:g}"
    body = "".join(
        [
            f'<svg x="0" y="0" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
            f'<rect width="{width}" height="{height}" class="sea"/>',
            map_layers.land(view, ground), water, zones, lines, badges,
            map_layers.lettered(names, letters), map_layers.country_names(view, ground.land, letters),
            scale_bar(view), locator_inset(view),
            "</svg>",
            f'<rect width="{width}" height="{height}" class="frame"/>',
            svg.lines(foot, 2, view.height + 17, "stamp", 17.0),
        ]
    )  # fmt: skip
    picture = svg.picture((WIDTH, int(view.height) + FOOT), "map routes", _about(routes, view), body)
    return RouteMap(picture, tuple(shown), has_river)


def _view(routes: Sequence[DrawnRoute]) -> LocalView:
    """A picture as high as the lines ask for, within limits."""
    whole = shapely.GeometryCollection([one.geometry for one in routes])
    flat = view_of(whole, WIDTH, WIDTH, 0.0)
    xy = flat.project(shapely.get_coordinates(whole))
    wide, high = np.ptp(xy, axis=0)
    height = float(np.clip(WIDTH * (high + 1) / (wide + 1), LOWEST, HIGHEST)) // 1
    margin = max(LEAST_MARGIN_M, MARGIN_SHARE * max(wide, high) * flat.metres_per_unit / 2)
    return view_of(whole, WIDTH, height, margin)


def _upwards(routes: Sequence[DrawnRoute], drawn: Geometries) -> list[tuple[DrawnRoute, shapely.Geometry]]:
    pairs = zip(routes, drawn, strict=True)
    return sorted(pairs, key=lambda pair: (DRAWN_FIRST.index(pair[0].standing), -pair[0].number))


def _line(route: DrawnRoute, drawn: shapely.Geometry) -> str:
    data = svg.path(np.array([shapely.simplify(drawn, 0.25)], dtype=object))
    css = f"alt alt-{route.standing}" + (" sketched" if route.sketch else "")
    return f'<path class="alt-case" d="{data}"/><path class="{css}" d="{data}"/>'


def _badge(route: DrawnRoute, drawn: shapely.Geometry, letters: Lettering) -> str:
    """The number of a route at the first place along it that is free; none where there is none."""
    words = same(str(route.number))
    longest = max(shapely.get_parts(drawn), key=shapely.length)
    for share in PLACES_ALONG:
        spot = shapely.line_interpolate_point(longest, share, normalized=True)
        if letters.centred(words, spot.x, spot.y, map_layers.SMALL + 3):
            half = text_width(words.en, map_layers.SMALL) / 2 + 5
            box = f'x="{spot.x - half:.1f}" y="{spot.y - 8:.1f}" width="{2 * half:.1f}" height="16" rx="8"'
            body = f'<rect class="badge badge-{route.standing}" {box}/>'
            return body + svg.words(words, spot.x, spot.y + 4.2, f"badge-{route.standing}", "middle")
    return ""


def _about(routes: Sequence[DrawnRoute], view: LocalView) -> tuple[Bilingual, Bilingual]:
    place = {"lat": f"{view.lat:.2f}", "lon": f"{view.lon:.2f}", "km": f"{view.half_width_m / 500:.0f}"}
    return said("routes.map_title", count=len(routes)), said("routes.map_desc", **place)
