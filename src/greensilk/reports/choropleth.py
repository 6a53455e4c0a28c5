"""A map of the world with countries in five classes: by depth of colour, by texture and by number; none hatched."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from greensilk.reports import svg
from greensilk.reports.bilingual import Bilingual
from greensilk.reports.country_outlines import Outline, outlines
from greensilk.reports.world_map import HEIGHT, WIDTH
from greensilk.texts import LANGUAGES

CLASSES = 5
# Everything is an attribute, for what makes PDF pages reads no style sheet within pictures.
FILLS = ("#DCE8F4", "#B3CEE8", "#7CABD8", "#3C7CBD", "#0A3F78")
TEXTURES = (
    "",
    '<circle cx="2" cy="2" r=".8" fill="#5C8FC2"/>',
    '<path d="M-1 5L5 -1M-1 1L1 -1M3 5L5 3" stroke="#4F86BE" stroke-width=".8"/>',
    '<path d="M0 2h4" stroke="#8FBBE3" stroke-width=".8"/>',
    "",
)
INKS = ("#1d252c", "#1d252c", "#1d252c", "#fff", "#fff")
HATCH = (
    '<rect width="5" height="5" fill="#fff"/>'
    '<path d="M-1 1L1 -1M-1 6L6 -1M4 6L6 4" stroke="#9aa2a9" stroke-width=".9"/>'
)
NUMBER_SIZE, LEAST_RADIUS = 11.0, 6.5
EDGE, INK = "#8d979f", "#1d252c"
DOT_SHARE, STRONG_SHARE = 1 / 290, 1 / 600  # radius of a dot and width of a strong edge, of the width of the map


@dataclass(frozen=True)
class Shaded:
    """A country on the map. shade: class from 1 (lowest) to 5, None = it has none; title: what is said of it where
    one points at it; marked: drawn with a strong edge"""

    shade: int | None
    title: Bilingual
    marked: bool = False


@dataclass(frozen=True)
class MapFrame:
    """key: of this map within its page; width: in units; foot: world view and stamp; about: title and description"""

    key: str
    width: int
    foot: Sequence[Bilingual]
    about: tuple[Bilingual, Bilingual]


def class_edges(values: Sequence[float]) -> tuple[float, ...]:
    """Whole numbers that part values into five classes of about as many members; fewer where values are few or alike.

    >>> class_edges([10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
    (30.0, 50.0, 70.0, 90.0)
    """
    ranked = sorted(values)
    wanted = sorted({float(round(ranked[len(ranked) * k // CLASSES])) for k in range(1, CLASSES)}) if ranked else []
    edges: list[float] = []
    below = 0
    for edge in wanted:
        under = bisect.bisect_left(ranked, edge)
        if below < under < len(ranked):  # else a class would be empty
            edges.append(edge)
            below = under
    return tuple(edges)


def class_of(value: float, edges: Sequence[float]) -> int:
    """The class of a value, from 1; a value on an edge belongs to the class above.

    >>> [class_of(value, (30.0, 50.0)) for value in (29.9, 30.0, 50.0)]
    [1, 2, 3]
    """
    return bisect.bisect_right(edges, value) + 1


def choropleth(shaded: Mapping[str, Shaded], frame: MapFrame) -> Markup:
    """Draw countries by class. shaded: by ISO 3166-1 alpha-3 code; whoever is not in it is hatched."""
    height = round(frame.width * HEIGHT / WIDTH)
    english, chinese = (_layers(outlines(lang, frame.width), shaded, frame) for lang in LANGUAGES)
    body = f'<defs>{_patterns(frame.key)}</defs><rect width="{frame.width}" height="{height}" fill="#fff"/>'
    body += "".join(_for_both(*layer) for layer in zip(english, chinese, strict=True))
    body += f'<rect x=".5" y=".5" width="{frame.width - 1}" height="{height - 1}" fill="none" stroke="#B9B4A8"/>'
    size = frame.width / 40
    foot = svg.lines(frame.foot, 2, height + size * 1.3, "map-foot", size * 1.35)
    body += f'<g font-size="{size:.1f}" fill="{INK}">{foot}</g>'
    whole = height + round(size * 1.35 * len(frame.foot) + size * 0.4)
    return svg.picture((frame.width, whole), "map choropleth", frame.about, body)


def swatch(shade: int | None) -> Markup:
    """A class as the legend shows it: its fill and its number; None: hatched."""
    name = f"legend-{shade or 0}"
    fill = _fill("legend", shade)
    defs = f"<defs>{_pattern(name, shade)}</defs>" if fill.startswith("url") else ""
    box = f'<rect x=".5" y=".5" width="27" height="17" fill="{fill}" stroke="{INK}" stroke-width=".6"/>'
    number = _number(shade, 14.0, 9.0, 12.0) if shade else ""
    head = '<svg class="swatch" viewBox="0 0 28 18" width="28" height="18" aria-hidden="true">'
    return Markup(f"{head}{defs}{box}{number}</svg>")  # noqa: S704 - made of numbers


def _layers(drawn: Mapping[str, Outline], shaded: Mapping[str, Shaded], frame: MapFrame) -> tuple[list[str], ...]:
    """Areas; strong edges over them; dots and numbers on top."""
    areas, edges, tops = [], [], []
    dot, strong_edge = frame.width * DOT_SHARE, frame.width * STRONG_SHARE
    for code, outline in drawn.items():
        one = shaded.get(code)
        shade, name = (one.shade, f"<title>{escape(str(one.title))}</title>") if one else (None, "")
        fill = _fill(frame.key, shade)
        strong = one is not None and one.marked
        if outline.path:
            areas.append(f'<path d="{outline.path}" fill="{fill}" stroke="{EDGE}" stroke-width=".45">{name}</path>')
            if strong:
                edge = f'stroke="{INK}" stroke-width="{strong_edge:.2f}" stroke-linejoin="round"'
                edges.append(f'<path d="{outline.path}" fill="none" {edge}/>')
        elif one:
            edge = f'stroke="{INK}" stroke-width="{strong_edge if strong else 0.5:.2f}"'
            tops.append(f'<circle cx="{outline.x}" cy="{outline.y}" r="{dot:.1f}" fill="{fill}" {edge}>{name}</circle>')
        if shade and outline.radius >= LEAST_RADIUS:
            tops.append(_number(shade, outline.x, outline.y, NUMBER_SIZE))
    return areas, edges, tops


def _for_both(english: list[str], chinese: list[str]) -> str:
    """What both views of the world share once, what differs for each language."""
    shared = set(english) & set(chinese)
    parts = ["".join(one for one in english if one in shared)]
    for lang, found in zip(LANGUAGES, (english, chinese), strict=True):
        own = "".join(one for one in found if one not in shared)
        parts.append(f'<g lang="{lang}">{own}</g>' if own else "")
    return "".join(parts)


def _fill(key: str, shade: int | None) -> str:
    if shade and not TEXTURES[shade - 1]:
        return FILLS[shade - 1]
    return f"url(#{key}-{shade or 0})"


def _patterns(key: str) -> str:
    shades = [None, *(k + 1 for k, texture in enumerate(TEXTURES) if texture)]
    return "".join(_pattern(f"{key}-{shade or 0}", shade) for shade in shades)


def _pattern(name: str, shade: int | None) -> str:
    side = 4 if shade else 5
    fill = f'<rect width="4" height="4" fill="{FILLS[shade - 1]}"/>{TEXTURES[shade - 1]}' if shade else HATCH
    return f'<pattern id="{name}" width="{side}" height="{side}" patternUnits="userSpaceOnUse">{fill}</pattern>'


def _number(shade: int, x: float, y: float, size: float) -> str:
    place = f'x="{x:.1f}" y="{y + size * 0.36:.1f}" font-size="{size:g}" font-weight="700" text-anchor="middle"'
    halo = f'stroke="{FILLS[shade - 1]}" stroke-width="2.5" stroke-linejoin="round"'
    digit = f'<text {place} fill="{INKS[shade - 1]}"'
    return f'{digit} {halo} aria-hidden="true">{shade}</text>{digit}>{shade}</text>'
