"""The maps of an evaluation of countries: one of the index, one of each element, each with its legend."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from greensilk.reports.bilingual import Bilingual, said
from greensilk.reports.choropleth import CLASSES, MapFrame, Shaded, choropleth, class_edges, class_of, swatch
from greensilk.reports.country_view import CountryMap, Legend

LARGE, SMALL = 720, 480


@dataclass(frozen=True)
class Mapped:
    """What a map shows. id: of the index or element; scores: of the ranked countries, by code"""

    id: str
    name: Bilingual
    scores: Mapping[str, float]


def country_map(
    mapped: Mapped, names: Mapping[str, Bilingual], marked: Collection[str], frame: tuple[int, Sequence[Bilingual]]
) -> CountryMap:
    """One map with its legend. names: of countries; marked: those with a strong edge; frame: width, and the foot"""
    width, foot = frame
    edges = class_edges(list(mapped.scores.values()))
    shaded = {code: _shaded(code, mapped, names, (edges, marked)) for code in {*mapped.scores, *marked}}
    title = said("country_report.map_title", name=mapped.name)
    about = title, said("country_report.map_desc", count=len(mapped.scores), classes=len(edges) + 1)
    picture = choropleth(dict(sorted(shaded.items())), MapFrame(f"map-{mapped.id}", width, foot, about))
    return CountryMap(mapped.name, picture, legend(edges))


def _shaded(
    code: str, mapped: Mapped, names: Mapping[str, Bilingual], how: tuple[Sequence[float], Collection[str]]
) -> Shaded:
    edges, marked = how
    score = mapped.scores.get(code)
    told = said("country_report.legend_none") if score is None else f"{score:.0f}"
    title = said("country_report.country_on_map", name=names[code], score=told)
    return Shaded(None if score is None else _spread(class_of(score, edges), edges), title, code in marked)


def legend(edges: Sequence[float]) -> Legend:
    """Every class with the scores it holds, then what is hatched."""
    count = len(edges) + 1
    lines = []
    for shade in range(1, count + 1):
        low = f"{edges[shade - 2]:.0f}" if shade > 1 else None
        high = f"{edges[shade - 1]:.0f}" if shade < count else None
        lines.append((swatch(_spread(shade, edges)), _range(low, high)))
    return (*lines, (swatch(None), said("country_report.legend_none")))


def _spread(shade: int, edges: Sequence[float]) -> int:
    """Where there are fewer classes, those at the end of the scale of colours."""
    return shade + CLASSES - len(edges) - 1


def _range(low: str | None, high: str | None) -> Bilingual:
    if low is None:
        return said("country_report.legend_below", high=high) if high else said("country_report.legend_all")
    if high is None:
        return said("country_report.legend_above", low=low)
    return said("country_report.legend_between", low=low, high=high)
