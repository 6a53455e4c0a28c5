"""Charts of the size of a word: a score from zero, and a line over the years."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from greensilk.reports.interval_chart import ACCENT, GRID, QUIET

BAR_WIDTH, BAR_HEIGHT = 200, 10
LINE_WIDTH, LINE_HEIGHT, EDGE = 120, 30, 4


def score_bar(score: float, highest: float, strong: bool = False) -> Markup:
    """A score as a bar from zero. highest: the end of the scale; strong: of the index itself"""
    length = BAR_WIDTH * min(max(score / highest, 0.0), 1.0)
    ink = ACCENT if strong else QUIET
    body = f'<rect width="{BAR_WIDTH}" height="{BAR_HEIGHT}" fill="#eef0f2"/>'
    body += f'<rect width="{length:.1f}" height="{BAR_HEIGHT}" fill="{ink}"/>'
    return _picture(BAR_WIDTH, BAR_HEIGHT, 'preserveAspectRatio="none" ', body)


def sparkline(points: Sequence[tuple[int, float]]) -> Markup:
    """Values over years as a line that ends in a dot; the scale is its own, so no two are to be compared by height.

    points: year and value, at least two, in the order of the years
    """
    years, values = [year for year, _ in points], [value for _, value in points]
    span, rise = years[-1] - years[0], max(values) - min(values)
    xs = [EDGE + (LINE_WIDTH - 2 * EDGE) * (year - years[0]) / span for year in years]
    low = min(values)
    ys = [LINE_HEIGHT - EDGE - (LINE_HEIGHT - 2 * EDGE) * ((value - low) / rise if rise else 0.5) for value in values]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True))
    body = f'<path d="M0 {LINE_HEIGHT - 0.5}h{LINE_WIDTH}" stroke="{GRID}"/>'
    body += f'<path d="M{line}" fill="none" stroke="{ACCENT}" stroke-width="1.8" stroke-linejoin="round"/>'
    body += f'<circle cx="{xs[-1]:.1f}" cy="{ys[-1]:.1f}" r="3" fill="{ACCENT}"/>'
    return _picture(LINE_WIDTH, LINE_HEIGHT, "", body)


def _picture(width: int, height: int, more: str, body: str) -> Markup:
    head = f'<svg viewBox="0 0 {width} {height}" {more}aria-hidden="true">'
    return Markup(f"{head}{body}</svg>")  # noqa: S704 - made of numbers
