"""The maps of one project: its surroundings quiet below, sensitive areas outlined, the project strong on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from markupsafe import Markup, escape

from greensilk.reports import map_layers, svg
from greensilk.reports.bilingual import Bilingual, said, same
from greensilk.reports.ground import AreaLayer, Ground
from greensilk.reports.lettering import Lettering, shortened
from greensilk.reports.plane import LocalView, view_of
from greensilk.reports.world_map import LOCATOR_HEIGHT, LOCATOR_WIDTH, locator_point

WIDTH, HEIGHT, FOOT = 480, 400, 40
RINGS_M = (1_000.0, 10_000.0, 50_000.0)
WIDE_M, NEAR_M = 56_000.0, 11_200.0  # margins around the footprint: the outer ring of each map and a little more
NEAR_UNTIL_M = 20_000.0  # a longer footprint has no near map


@dataclass(frozen=True)
class Site:
    """What is mapped. accuracy_m: of the location, None where unknown."""

    name: Bilingual
    geometry: shapely.Geometry
    accuracy_m: float | None


@dataclass(frozen=True)
class SiteMap:
    """The drawn maps. shown: the imported layers on them, for the legend; has_river: one is drawn."""

    pictures: tuple[Markup, ...]
    shown: tuple[map_layers.Shown, ...]
    has_river: bool


class Cartographer:
    """Draws sites. foot: world view and stamp, printed below each picture inside it."""

    def __init__(self, ground: Ground, areas: Sequence[AreaLayer], foot: Sequence[Bilingual]) -> None:
        self.ground, self.areas, self.foot = ground, areas, foot

    def site_map(self, site: Site, near: bool = True) -> SiteMap:
        """Draw the surroundings of a project: 50 km around it and, if it is small, 10 km around it."""
        wide = view_of(site.geometry, WIDTH, HEIGHT, WIDE_M)
        views = [wide]
        if near and wide.half_height_m - WIDE_M < NEAR_UNTIL_M / 2:
            views.append(view_of(site.geometry, WIDTH, HEIGHT, NEAR_M))
        drawn = [self._picture(site, view, locator=view is wide) for view in views]
        shown = {entry.pattern: entry for _, entries, _ in reversed(drawn) for entry in entries}
        return SiteMap(tuple(one[0] for one in drawn), tuple(shown.values()), any(one[2] for one in drawn))

    def _picture(self, site: Site, view: LocalView, locator: bool) -> tuple[Markup, list[map_layers.Shown], bool]:
        letters = Lettering(WIDTH, HEIGHT)
        letters.reserve(0, HEIGHT - 34, 150, HEIGHT)  # scale bar
        if locator:
            letters.reserve(WIDTH - LOCATOR_WIDTH - 12, 0, WIDTH, LOCATOR_HEIGHT + 12)
        drawn = view.drawn(np.array([site.geometry], dtype=object))[0]
        water, has_river, river_names = map_layers.water(view, self.ground)
        zones, shown, area_names = map_layers.sensitive_areas(view, self.areas)
        rings = _rings(drawn, view, letters)
        project = _project(site, drawn, view, letters)
        names = area_names + map_layers.places(view, self.ground) + river_names
        body = "".join(
            [
                f'<svg x="0" y="0" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">',
                f'<rect width="{WIDTH}" height="{HEIGHT}" class="sea"/>',
                map_layers.land(view, self.ground), water, zones, rings, project,
                map_layers.lettered(names, letters), map_layers.country_names(view, self.ground.land, letters),
                scale_bar(view), locator_inset(view) if locator else "",
                "</svg>",
                f'<rect width="{WIDTH}" height="{HEIGHT}" class="frame"/>',
                svg.lines(self.foot, 2, HEIGHT + 17, "stamp", 17.0),
            ]
        )  # fmt: skip
        return svg.picture((WIDTH, HEIGHT + FOOT), "map", _about(site, view), body), shown, has_river


def _about(site: Site, view: LocalView) -> tuple[Bilingual, Bilingual]:
    title = said("reports.map_title", name=site.name)
    place = {"lat": f"{view.lat:.2f}", "lon": f"{view.lon:.2f}", "km": f"{view.half_width_m / 500:.0f}"}
    return title, said("reports.map_desc", **place)


def _rings(drawn: shapely.Geometry, view: LocalView, letters: Lettering) -> str:
    body = ""
    for distance_m in RINGS_M:
        reach = distance_m / view.metres_per_unit
        if reach < 4:
            continue
        # What is finer than a hundredth of the way to the ring does not show in it.
        plain = shapely.simplify(drawn, max(0.3, reach / 100))
        ring = shapely.simplify(shapely.buffer(plain, reach, quad_segs=16), 0.1)
        body += f'<path class="ring" d="{svg.path(np.array([ring], dtype=object))}"/>'
        if reach < 14:
            continue
        coordinates = shapely.get_coordinates(ring)
        x, y = coordinates[coordinates[:, 1].argmin()]
        name = same(f"{distance_m / 1000:.0f} km")
        if letters.centred(name, x, max(y, 9.0), map_layers.SMALL):
            body += svg.words(name, x, max(y, 9.0) + map_layers.SMALL * 0.35, "ring-name", "middle")
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
    if "Line" not in kind and max(east - west, south - north) < 40:
        body += _pin(centre.x, centre.y)
    letters.reserve(centre.x - 7, centre.y - 7, centre.x + 7, centre.y + 7)
    name = Bilingual(shortened(site.name.en, 34), shortened(site.name.zh, 20))
    place = letters.beside(name, centre.x, centre.y, map_layers.LARGE + 1, 9)
    return body + (svg.words(name, place[0], place[1], "site-name", place[2]) if place else "")


def _pin(x: float, y: float) -> str:
    place = f'cx="{x:.1f}" cy="{y:.1f}"'
    return f'<circle class="pin-case" {place} r="6"/><circle class="pin" {place} r="4"/>'


def scale_bar(view: LocalView) -> str:
    """A round length in the lower left corner."""
    longest_km = 100 * view.metres_per_unit / 1000
    power = 10.0 ** np.floor(np.log10(longest_km))
    km = max(rung * power for rung in (1, 2, 5) if rung * power <= longest_km)
    length = km * 1000 / view.metres_per_unit
    y = view.height - 14
    bar = f'<path class="scale" d="M14 {y - 5:g}v5h{length:.1f}v-5"/>'
    return bar + f'<text class="scale-name" x="{18 + length:.1f}" y="{y:g}">{escape(f"{km:g} km")}</text>'


def locator_inset(view: LocalView) -> str:
    """The world in the upper right corner, with where the view lies."""
    x, y = locator_point(view.lon, view.lat)
    x = min(max(x, 4.0), LOCATOR_WIDTH - 4.0)
    left, top = view.width - LOCATOR_WIDTH - 6, 6
    return (
        f'<svg x="{left:g}" y="{top}" width="{LOCATOR_WIDTH}" height="{LOCATOR_HEIGHT}">'
        f'<rect width="{LOCATOR_WIDTH}" height="{LOCATOR_HEIGHT}" class="locator"/>'
        f'<use href="#world"/><rect class="here" x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6"/></svg>'
    )
