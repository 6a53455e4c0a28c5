"""What lies around a project on its map: land, water, sensitive areas, places, and their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.reports import svg
from greensilk.reports.bilingual import Bilingual, same
from greensilk.reports.ground import AreaLayer, Ground, Sheet
from greensilk.reports.lettering import Lettering, shortened
from greensilk.reports.plane import Geometries, LocalView

SMALL, LARGE = 12.0, 13.0
MOST_PLACES, MOST_AREA_NAMES = 14, 12
_SIZES = {"area-name": LARGE, "area-point": LARGE}  # for the room they take: bold letters are wider
Named = tuple[Bilingual, float, float, str]  # words, x, y, css class


def land(view: LocalView, ground: Ground) -> str:
    """Land and borders, in each language's view of the world where the two differ here."""
    parts, _ = ground.land.within(view)
    first = _land_path(view, parts)
    if ground.land_chn is None:
        return first
    parts_chn, _ = ground.land_chn.within(view)
    if len(parts) == len(parts_chn) and shapely.equals_exact(parts, parts_chn).all():
        return first
    return f'<g lang="en">{first}</g><g lang="zh">{_land_path(view, parts_chn)}</g>'


def _land_path(view: LocalView, parts: Geometries) -> str:
    if not len(parts):
        return ""
    if len(view.windows()) == 1:
        return f'<path class="land" d="{svg.path(view.drawn(parts))}"/>'
    # The cut at the antimeridian is no border.
    lines = shapely.clip_by_rect(shapely.boundary(parts), -179.999, -90.0, 179.999, 90.0)
    fill, edge = svg.path(view.drawn(parts)), svg.path(view.drawn(lines[~shapely.is_empty(lines)]))
    return f'<path class="land unedged" d="{fill}"/><path class="border" d="{edge}"/>'


def water(view: LocalView, ground: Ground) -> tuple[str, bool, list[Named]]:
    """Lakes and rivers: the drawing, whether a river is on it, and the names of rivers."""
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


@dataclass(frozen=True, slots=True)
class Shown:
    """One imported layer as drawn: what the legend says of it. as_areas, as_points: how it is drawn, maybe both;
    attribution: owed to its source"""

    pattern: int
    label: Bilingual
    as_areas: bool
    as_points: bool
    attribution: str


def sensitive_areas(view: LocalView, areas: Sequence[AreaLayer]) -> tuple[str, list[Shown], list[Named]]:
    """Sensitive areas: the drawing, the legend, and the names, those next to the centre first."""
    body = ""
    shown: list[Shown] = []
    names: dict[str, Named] = {}
    for layer in areas:
        parts, owner = layer.sheet.within(view)
        drawn = _in_dots(view.drawn(parts)) if layer.coarse else view.drawn(parts)
        inside = _inside(view, drawn)
        if not inside.any():
            continue
        points = shapely.get_type_id(drawn[inside]) == 0
        shown.append(Shown(layer.pattern, layer.label, not points.all(), bool(points.any()), layer.attribution))
        body += _zone(drawn[inside], layer.pattern)
        for geometry, feature in zip(drawn[inside], owner[inside], strict=True):
            name = layer.sheet.names[feature]
            if name:
                names.setdefault(name.en, _area_name(view, name, geometry))
    centre = view.width / 2, view.height / 2
    ranked = sorted(names.values(), key=lambda name: np.hypot(name[1] - centre[0], name[2] - centre[1]))
    return body, shown, ranked[:MOST_AREA_NAMES]


def _in_dots(drawn: Geometries) -> Geometries:
    """Shapes as a picture with a dot a unit would show them; what is smaller than a dot becomes one."""
    rounded = np.asarray(shapely.transform(shapely.simplify(drawn, 0.7, preserve_topology=False), np.round))
    gone = (shapely.get_type_id(drawn) != 0) & (shapely.length(rounded) == 0)
    x, y = np.floor(shapely.get_coordinates(shapely.centroid(drawn[gone]))).T
    rounded[gone] = shapely.box(x, y, x + 1, y + 1)
    return rounded


def _area_name(view: LocalView, name: Bilingual, geometry: shapely.Geometry) -> Named:
    if geometry.geom_type == "Point":
        return same(shortened(name.en)), geometry.x, geometry.y, "area-point"
    spot = shapely.point_on_surface(shapely.clip_by_rect(geometry, 0, 0, view.width, view.height))
    return (same(shortened(name.en)), -1.0, -1.0, "") if spot.is_empty else (
        same(shortened(name.en)), spot.x, spot.y, "area-name")  # fmt: skip


def _inside(view: LocalView, drawn: Geometries) -> NDArray[np.bool_]:
    return np.asarray(shapely.intersects(drawn, shapely.box(0, 0, view.width, view.height)))


def _zone(drawn: Geometries, pattern: int) -> str:
    points = shapely.get_type_id(drawn) == 0
    body = ""
    if (~points).any():
        data = svg.path(drawn[~points])
        body += f'<path class="zone" fill="url(#zone-{pattern % 6})" d="{data}"/>'
    for point in drawn[points]:
        body += f'<path class="zone-point" d="M{point.x:.1f} {point.y - 5:.1f}l5 5l-5 5l-5 -5z"/>'
    return body


def places(view: LocalView, ground: Ground) -> list[Named]:
    """The largest named places, by population."""
    found = ground.places.within(view, MOST_PLACES)
    if not found:
        return []
    xy = view.project(np.array([(lon, lat) for _, lon, lat in found], dtype=np.float64))
    return [(same(shortened(name)), x, y, "place") for (name, _, _), (x, y) in zip(found, xy.tolist(), strict=True)]


def lettered(names: list[Named], letters: Lettering) -> str:
    """Names written where there is room, in the order given."""
    body = ""
    for words, x, y, css in names:
        if not (0 <= x <= letters.width and 0 <= y <= letters.height):
            continue
        if css in {"place", "area-point"}:
            body += _marked(words, x, y, css, letters)
        elif letters.centred(words, x, y, _SIZES.get(css, SMALL)):
            body += svg.words(words, x, y + SMALL * 0.35, css, "middle")
    return body


def _marked(words: Bilingual, x: float, y: float, css: str, letters: Lettering) -> str:
    """A name beside a point; the town's dot is drawn only with its name."""
    if letters.is_taken(x, y):
        return ""
    place = letters.beside(words, x, y, _SIZES.get(css, SMALL), 7.0 if css == "area-point" else 5.0)
    if not place:
        return ""
    letters.reserve(x - 3, y - 3, x + 3, y + 3)
    dot = f'<circle class="town" cx="{x:.1f}" cy="{y:.1f}" r="2"/>' if css == "place" else ""
    return dot + svg.words(words, place[0], place[1], css, place[2])


def country_names(view: LocalView, land: Sheet, letters: Lettering) -> str:
    """The names of countries, where more than one is in view."""
    parts, owner = land.within(view)
    if len(set(owner.tolist())) < 2:
        return ""
    largest: dict[int, shapely.Geometry] = {}
    for part, feature in zip(
        shapely.clip_by_rect(view.drawn(parts), 0, 0, letters.width, letters.height), owner.tolist(), strict=True
    ):
        if not part.is_empty and part.area > max(1500.0, largest[feature].area if feature in largest else 0.0):
            largest[feature] = part
    body = ""
    for feature, part in sorted(largest.items(), key=lambda item: -item[1].area):
        name, spot = land.names[feature], shapely.point_on_surface(part)
        if name and letters.centred(name, spot.x, spot.y, LARGE * 1.15):
            body += svg.words(name, spot.x, spot.y + LARGE * 0.35, "country", "middle")
    return body
