"""The verdict mark: shape and word carry the meaning, colour helps."""

from __future__ import annotations

import math

from markupsafe import Markup

from greensilk.records import Basis, Light

# What rests on the type alone, while the site is unchecked, is a mark of its own: hatched, and counted apart.
GREEN_BY_TYPE, YELLOW_BY_TYPE = "GREEN_BY_TYPE", "YELLOW_BY_TYPE"
BY_TYPE = {Light.GREEN.value: GREEN_BY_TYPE, Light.YELLOW.value: YELLOW_BY_TYPE}
COUNTED = (Light.RED.value, Light.YELLOW.value, YELLOW_BY_TYPE, Light.GREEN.value, GREEN_BY_TYPE, Light.UNKNOWN.value,
           Light.NOT_APPLICABLE.value)  # fmt: skip
SEVERITY = (Light.RED.value, Light.YELLOW.value, YELLOW_BY_TYPE, Light.UNKNOWN.value, GREEN_BY_TYPE, Light.GREEN.value,
            Light.NOT_APPLICABLE.value)  # fmt: skip


def mark(light: str, basis: str) -> str:
    """The mark of a verdict: its light, or what stands for that light by type only.

    >>> mark("YELLOW", "type_only"), mark("YELLOW", "desk_screened"), mark("RED", "type_only")
    ('YELLOW_BY_TYPE', 'YELLOW', 'RED')
    """
    return BY_TYPE.get(light, light) if basis == Basis.TYPE_ONLY else light


def shape(kind: str, x: float, y: float, r: float) -> str:
    """The mark's outline as path data: disc, triangle, octagon, ring with a gap, dash.

    kind: a light, or what stands for it by type only
    """
    if kind in {Light.GREEN.value, GREEN_BY_TYPE}:
        return f"M{x - r:.1f} {y:.1f}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z"
    if kind in {Light.YELLOW.value, YELLOW_BY_TYPE}:
        return f"M{x:.1f} {y - r * 1.05:.1f}l{r * 1.1:.1f} {r * 1.95:.1f}h{-2.2 * r:.1f}z"
    if kind == Light.RED.value:
        corners = [(x + r * 1.06 * math.cos(a), y + r * 1.06 * math.sin(a))
                   for a in (math.pi / 8 + k * math.pi / 4 for k in range(8))]  # fmt: skip
        return "M" + "L".join(f"{cx:.1f} {cy:.1f}" for cx, cy in corners) + "z"
    if kind == Light.UNKNOWN.value:
        a = math.radians(35)
        dx, dy = r * 0.85 * math.cos(a), r * 0.85 * math.sin(a)
        return f"M{x + dx:.1f} {y - dy:.1f}A{r * 0.85:.1f} {r * 0.85:.1f} 0 1 0 {x + dx:.1f} {y + dy:.1f}"
    return f"M{x - r:.1f} {y:.1f}h{2 * r:.1f}"


def symbols() -> Markup:
    """The marks as symbols, once a page; `<use href="#m-RED">` draws one."""
    drawn = "".join(
        f'<symbol id="m-{kind}" viewBox="0 0 20 20"><path class="{kind}" d="{shape(kind, 10, 10, 8)}"/></symbol>'
        for kind in COUNTED
    )
    return Markup(drawn)  # noqa: S704 - made of numbers and of our own names


# How an item of a list stands: boxes and diamonds in ink, so that none is taken for a light.
_BOX = "M3 3h14v14h-14z"
_STATUS_SHAPES = {
    "open": _BOX,
    "done": f"{_BOX}M6 10l3 3l6 -7",
    "triggered": "M10 2l8 8l-8 8l-8 -8z",
    "touched": "M10 2l8 8l-8 8l-8 -8z",
    "unknown": "M3 6v-3h3M9 3h2M14 3h3v3M17 9v2M17 14v3h-3M11 17h-2M6 17h-3v-3M3 11v-2M9 8q1 -2 2 0t-1 3M10 13v1",
    "not_asked": "M7 10h6",
    "not_triggered": "M7 10h6",
    "not_touched": "M7 10h6",
}


def status_symbols() -> Markup:
    """The marks of items as symbols, once a page; `<use href="#k-open">` draws one."""
    drawn = "".join(
        f'<symbol id="k-{name}" viewBox="0 0 20 20"><path class="k-{name}" d="{path}"/></symbol>'
        for name, path in _STATUS_SHAPES.items()
    )
    return Markup(drawn)  # noqa: S704 - made of our own names
