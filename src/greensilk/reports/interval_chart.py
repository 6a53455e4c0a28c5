"""Ranks with their intervals, one line a country: a line from the low to the high bound, a dot at the rank itself."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from greensilk.reports.bilingual import Bilingual, said

ACCENT, QUIET, GRID = "#0B5CAD", "#55606a", "#d5d9dd"
WIDTH, HEIGHT, AXIS_HEIGHT, MARGIN = 220, 16, 20, 7  # of one line, in units; margin: room for half a dot


@dataclass(frozen=True)
class Ranked:
    """A rank that cannot be had without its interval.

    nominal: as computed with the definition as it stands; low, high: bounds between which nine in ten replications
    lie; of: how many are ranked
    """

    nominal: int
    low: int
    high: int
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.low <= self.high <= self.of or not 1 <= self.nominal <= self.of:
            raise ValueError(f"{self} is no rank with an interval")

    @property
    def words(self) -> Bilingual:
        """Rank and interval: "12 (8–19)"."""
        return said("country_report.rank", rank=self.nominal, low=self.low, high=self.high)


def interval_bar(ranked: Ranked, strong: bool = True, title: str = "country_report.rank_of") -> Markup:
    """One line of the chart: grid, interval and dot, rank 1 to the left.

    strong: drawn in the accent colour, as the countries that the report is about are; title: key of the text that says
    the rank, and of how many
    """
    ink = ACCENT if strong else QUIET
    middle = HEIGHT / 2
    low, high, nominal = (_x(rank, ranked.of) for rank in (ranked.low, ranked.high, ranked.nominal))
    grid = "".join(f'<path d="M{_x(tick, ranked.of):.1f} 0v{HEIGHT}" stroke="{GRID}"/>' for tick in ticks(ranked.of))
    line = f'<path d="M{low:.1f} {middle}H{high:.1f}" stroke="{ink}" stroke-width="2.5"/>'
    ends = f'<path d="M{low:.1f} {middle - 4}v8M{high:.1f} {middle - 4}v8" stroke="{ink}" stroke-width="1.5"/>'
    dot = f'<circle cx="{nominal:.1f}" cy="{middle}" r="4.5" fill="{ink}" stroke="#fff" stroke-width="1"/>'
    named = f"<title>{escape(str(said(title, rank=ranked.words, of=ranked.of)))}</title>"
    return _svg(HEIGHT, 'role="img"', named + grid + line + ends + dot)


def interval_axis(of: int) -> Markup:
    """The scale above the lines. of: how many are ranked"""
    return _svg(AXIS_HEIGHT, 'aria-hidden="true"', "".join(_tick(tick, of) for tick in ticks(of)))


def _tick(tick: int, of: int) -> str:
    x = f"{_x(tick, of):.1f}"
    place = f'x="{x}" y="{AXIS_HEIGHT - 9}" font-size="11" text-anchor="{_anchor(tick, of)}"'
    return f'<path d="M{x} {AXIS_HEIGHT - 6}v6" stroke="{QUIET}"/><text {place} fill="{QUIET}">{tick}</text>'


def ticks(of: int) -> list[int]:
    """Ranks at which the scale is marked: the first, the last and round ones between.

    >>> ticks(168), ticks(24), ticks(1)
    ([1, 50, 100, 168], [1, 10, 24], [1])
    """
    step = next(step for step in (1, 5, 10, 25, 50, 100, 250, 1000) if of / step <= 4.5 or step == 1000)
    between = [tick for tick in range(step, of, step) if tick > 1 and of - tick >= 0.18 * of]
    return [1, *between, of] if of > 1 else [1]


def _x(rank: int, of: int) -> float:
    return MARGIN + (WIDTH - 2 * MARGIN) * ((rank - 1) / (of - 1) if of > 1 else 0.5)


def _anchor(tick: int, of: int) -> str:
    return "start" if tick == 1 and of > 1 else "end" if tick == of and of > 1 else "middle"


def _svg(height: int, role: str, body: str) -> Markup:
    whole = f'<svg class="interval" viewBox="0 0 {WIDTH} {height}" {role}>{body}</svg>'
    return Markup(whole)  # noqa: S704 - numbers, and a title that is escaped
