"""Pieces of SVG as text. Everything that comes from data is escaped here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from markupsafe import Markup, escape
from numpy.typing import NDArray

from greensilk.reports.bilingual import Bilingual
from greensilk.texts import LANGUAGES


def path(geometries: NDArray[np.object_]) -> str:
    """Path data of lines and polygons in picture units, one decimal; points within a tenth of a unit are merged.

    geometries: (n,) of any mixture; y already points down
    """
    steps: list[str] = []
    for ring in _rings(geometries):
        xy = np.round(shapely.get_coordinates(ring), 1)
        keep = np.ones(len(xy), dtype=bool)
        keep[1:] = np.any(np.diff(xy, axis=0) != 0, axis=1)
        xy = xy[keep]
        if len(xy) < 2:
            continue
        closed = bool((xy[0] == xy[-1]).all())
        steps.append(_moves(xy[:-1] if closed and len(xy) > 2 else xy) + ("z" if closed else ""))
    return "".join(steps)


def _moves(xy: NDArray[np.float64]) -> str:
    tenths = np.round(xy * 10)
    steps = np.diff(tenths, axis=0).ravel() / 10
    start = f"M{tenths[0, 0] / 10:g} {tenths[0, 1] / 10:g}"
    return start + "l" + " ".join([f"{step:g}" for step in steps.tolist()]) if len(steps) else start


def _rings(geometries: NDArray[np.object_]) -> list[shapely.Geometry]:
    parts = shapely.get_parts(shapely.get_parts(geometries))
    kinds = shapely.get_type_id(parts)
    rings = shapely.get_rings(parts[kinds == 3])
    lines = parts[(kinds == 1) | (kinds == 2)]
    return [*rings, *lines]


def lines(content: Sequence[Bilingual], x: float, y: float, css: str, step: float) -> str:
    """Several texts below one another."""
    return "".join(words(one, x, y + k * step, css) for k, one in enumerate(content))


def words(content: Bilingual, x: float, y: float, css: str, anchor: str = "start") -> str:
    """A text at a place; two texts, one a language, where they differ."""
    place = f'x="{x:.1f}" y="{y:.1f}" class="{css}"' + ("" if anchor == "start" else f' text-anchor="{anchor}"')
    if content.en == content.zh:
        return f"<text {place}>{escape(content.en)}</text>"
    return "".join(f'<text {place} lang="{lang}">{escape(content.within(lang))}</text>' for lang in LANGUAGES)


def picture(size: tuple[int, int], css: str, about: tuple[Bilingual, Bilingual], body: str) -> Markup:
    """A whole SVG. size: width and height; about: title and description for readers who do not see it."""
    title, description = about
    whole = (
        f'<svg class="{css}" viewBox="0 0 {size[0]} {size[1]}" role="img" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(str(title))}</title><desc>{escape(str(description))}</desc>{body}</svg>"
    )
    return Markup(whole)  # noqa: S704 - words() and this function escape all that comes from data
