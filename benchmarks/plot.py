"""The scaling plot as SVG: time of a site over the number of sites, a panel for each size of layer.

Sides are told apart by marker, dash and a label at the line's end; colour only helps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

PANEL_WIDTH, PANEL_HEIGHT, GAP = 220, 300, 32
LEFT, TOP, RIGHT, BOTTOM = 62, 58, 146, 52
LABEL_GAP = 15
INK, FAINT = "#1a1a1a", "#d9d9d9"
Point = tuple[float, float]


class Pen(NamedTuple):
    """How a side is drawn."""

    label: str
    colour: str
    marker: str
    dash: str
    width: float = 1.6


PENS = {
    "ours": Pen("greensilk", "#0b3954", "circle", "", 2.8),
    "prepared": Pen("shapely prepared", "#a23b00", "square", ""),
    "strtree": Pen("shapely STRtree", "#c8870a", "triangle", "7 3"),
    "sedona_join": Pen("SedonaDB", "#5a7d2b", "diamond", "2 3"),
    "duckdb_join": Pen("DuckDB", "#8a6fb0", "cross", "9 3 2 3"),
}


class Axes(NamedTuple):
    """Powers of ten between which both axes run."""

    x: tuple[int, int]
    y: tuple[int, int]

    def place(self, left: float, sites: float, us: float) -> Point:
        """Where a value lies in the panel that begins at `left`."""
        across = (math.log10(sites) - self.x[0]) / (self.x[1] - self.x[0])
        up = (math.log10(us) - self.y[0]) / (self.y[1] - self.y[0])
        return left + across * PANEL_WIDTH, TOP + (1 - up) * PANEL_HEIGHT


def scaling_plot(rows: Sequence[dict[str, Any]]) -> str:
    """The picture of all rows of points in clustered places. rows: side, count, n, us."""
    drawn = [row for row in rows if row["side"] in PENS and row["us"] > 0]
    counts = sorted({row["count"] for row in drawn})
    axes = Axes(_powers([row["n"] for row in drawn]), _powers([row["us"] for row in drawn]))
    width = LEFT + len(counts) * (PANEL_WIDTH + GAP) - GAP + RIGHT
    height = TOP + PANEL_HEIGHT + BOTTOM
    body = [_line_of_text((LEFT, 20), "Points in areas: time of one site, in µs", size=15, weight="600")]
    for k, count in enumerate(counts):
        left = LEFT + k * (PANEL_WIDTH + GAP)
        body += _frame(axes, left, count, first=k == 0)
        body += _lines(axes, left, [row for row in drawn if row["count"] == count], last=k == len(counts) - 1)
    middle = LEFT + (width - LEFT - RIGHT) / 2
    body.append(_line_of_text((middle, height - 10), "sites in one call", anchor="middle"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="system-ui, sans-serif" role="img" aria-label="Time of one site over the number of sites">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _powers(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _line_of_text(at: Point, words: str, size: int = 12, anchor: str = "start", weight: str = "400") -> str:
    return (
        f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="{INK}">{escape(words)}</text>'
    )


def _frame(axes: Axes, left: float, count: int, *, first: bool) -> list[str]:
    """Grid, ticks and heading of one panel."""
    drawn = [_line_of_text((left, TOP - 12), f"{count:,} areas", size=13, weight="600")]
    for power in range(axes.y[0], axes.y[1] + 1):
        _, y = axes.place(left, 10 ** axes.x[0], 10.0**power)
        drawn.append(f'<path d="M{left} {y:.1f}h{PANEL_WIDTH}" stroke="{FAINT}" fill="none"/>')
        if first:
            drawn.append(_line_of_text((left - 8, y + 4), _figure(power), anchor="end"))
    for power in range(axes.x[0], axes.x[1] + 1):
        x, y = axes.place(left, 10.0**power, 10.0 ** axes.y[0])
        drawn.append(f'<path d="M{x:.1f} {TOP}V{y:.1f}" stroke="{FAINT}" fill="none"/>')
        drawn.append(_line_of_text((x, y + 18), f"10{_raised(power)}", anchor="middle"))
    return drawn


def _figure(power: int) -> str:
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _lines(axes: Axes, left: float, rows: list[dict[str, Any]], *, last: bool) -> list[str]:
    drawn, ends = [], {}
    for side, pen in PENS.items():
        points = [
            axes.place(left, row["n"], row["us"])
            for row in sorted(rows, key=lambda row: int(row["n"]))
            if row["side"] == side
        ]
        if not points:
            continue
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        drawn.append(
            f'<path d="{path}" fill="none" stroke="{pen.colour}" stroke-width="{pen.width}" '
            f'stroke-dasharray="{pen.dash}"/>'
        )
        drawn += [_marker(pen, point) for point in points]
        ends[side] = points[-1]
    return drawn + (_labels(ends) if last else [])


def _marker(pen: Pen, at: Point) -> str:
    x, y = at
    shapes = {
        "circle": f"M{x - 4:.1f} {y:.1f}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
        "square": f"M{x - 3.5:.1f} {y - 3.5:.1f}h7v7h-7z",
        "triangle": f"M{x:.1f} {y - 4.5:.1f}l4.5 8h-9z",
        "diamond": f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z",
        "cross": f"M{x - 4:.1f} {y - 4:.1f}l8 8M{x - 4:.1f} {y + 4:.1f}l8 -8",
    }
    fill = pen.colour if pen.marker == "circle" else "#ffffff"
    return f'<path d="{shapes[pen.marker]}" fill="{fill}" stroke="{pen.colour}" stroke-width="1.6"/>'


def _labels(ends: dict[str, Point]) -> list[str]:
    """Labels at the ends of the lines, moved apart where they would lie on each other, with a thin leader."""
    order = sorted(ends, key=lambda side: ends[side][1])
    heights = [ends[side][1] for side in order]
    for k in range(1, len(heights)):
        heights[k] = max(heights[k], heights[k - 1] + LABEL_GAP)
    over = max(0.0, heights[-1] - (TOP + PANEL_HEIGHT)) if heights else 0.0
    drawn = []
    for side, height in zip(order, heights, strict=True):
        x, y = ends[side]
        weight = "700" if side == "ours" else "400"
        leader = f"M{x + 6:.1f} {y:.1f}L{x + 16:.1f} {height - over:.1f}"
        drawn.append(f'<path d="{leader}" stroke="{PENS[side].colour}" fill="none"/>')
        drawn.append(_line_of_text((x + 19, height - over + 4), PENS[side].label, weight=weight))
    return drawn
