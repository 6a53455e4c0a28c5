"""Facts of the countries around a place: those it lies in or touches, those within 50 km, and whether it is on land."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from greensilk.catalogue.bundle import bundle_table, countries
from greensilk.facts import FactColumn
from greensilk.geometry.areas import areas_inside
from greensilk.geometry.arrays import Floats, Ints
from greensilk.geometry.containment import containing
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.nearest import within
from greensilk.geometry.routes import crossings
from greensilk.screening.footprints import Sites
from greensilk.screening.origins import Detail, measures, nothing, origin, texts, truths
from greensilk.screening.place_facts import unmeasured

NEAR_RADIUS_M = 50_000.0


@dataclass(frozen=True)
class Countries:
    """Countries about (n,) sites. inside: rows of those each lies in or cannot be told from, the one with most of it
    first; near: rows of those within 50 km, itself left out."""

    sites: Sites
    inside: list[list[int]]
    near: list[list[int]]

    @cached_property
    def codes_inside(self) -> list[frozenset[str]]:
        """ISO codes of the countries that each site lies in."""
        codes = country_codes()
        return [frozenset(codes[row] for row in rows) for rows in self.inside]

    @cached_property
    def codes_near(self) -> list[frozenset[str]]:
        """ISO codes of all countries within 50 km of each site."""
        codes = country_codes()
        return [frozenset(codes[row] for row in rows) for rows in self.near]


def country_codes() -> list[str]:
    """For each row of the countries its ISO 3166-1 alpha-3 code, else the code tables use, else its English name."""
    table = bundle_table("countries")
    columns = (table[name] for name in ("iso_a3", "join_code", "name_en"))
    return [code or used or name for code, used, name in zip(*columns, strict=True)]


def countries_of(sites: Sites) -> Countries:
    """The countries in and about each site."""
    outlines = countries().features
    tolerance_m = sites.accuracy_m + measures().border_tolerance_m
    offshore_m = sites.accuracy_m + measures().offshore_tolerance_m
    reach_m = max(NEAR_RADIUS_M, float(tolerance_m.max(initial=0.0)))
    site, row, distance_m = within(outlines, sites.features, reach_m)
    touched = distance_m == 0
    inside = _by_site(len(sites), site[touched], row[touched])
    for i in [i for i, rows in enumerate(inside) if len(rows) > 1]:
        inside[i] = _by_share(sites, i, inside[i], outlines)[: 1 if sites.administrative[i] else None]
    found = np.array([bool(rows) for rows in inside], dtype=bool)
    border = ~touched & found[site] & ~sites.administrative[site] & (distance_m <= tolerance_m[site])
    for i, j in zip(site[border].tolist(), row[border].tolist(), strict=True):
        inside[i].append(j)
    for i, j in _nearest_offshore(site, row, distance_m, ~found[site] & (distance_m <= offshore_m[site])):
        inside[i].append(j)
    close = (distance_m <= NEAR_RADIUS_M) & ~sites.administrative[site]
    return Countries(sites, inside, _by_site(len(sites), site[close], row[close]))


def _by_site(n: int, site: Ints, row: Ints) -> list[list[int]]:
    lists: list[list[int]] = [[] for _ in range(n)]
    for i, j in zip(site.tolist(), row.tolist(), strict=True):
        lists[i].append(j)
    return lists


def _nearest_offshore(site: Ints, row: Ints, distance_m: Floats, allowed: np.ndarray) -> list[tuple[int, int]]:
    """A site at sea takes the nearest country where the outlines and the coordinates leave room for it."""
    order = np.flatnonzero(allowed)
    order = order[np.lexsort((row[order], distance_m[order], site[order]))]
    first = order[np.unique(site[order], return_index=True)[1]]
    return list(zip(site[first].tolist(), row[first].tolist(), strict=True))


def _by_share(sites: Sites, i: int, rows: list[int], outlines: FeatureSet) -> list[int]:
    """Countries by the area, else the length, of the footprint that lies in each, most first."""
    one = np.array([i])
    _, area_row, area_m2 = areas_inside(outlines, sites.frame[one])
    _, line_row, _, length_m = crossings(outlines, sites.only(one))
    area, length = dict(zip(area_row, area_m2, strict=True)), dict(zip(line_row, length_m, strict=True))
    return sorted(rows, key=lambda row: (-area.get(row, 0.0), -length.get(row, 0.0), row))


def country_facts_here(found: Countries) -> list[FactColumn]:
    """Country, countries within 50 km, whether on land."""
    sites, codes = found.sites, country_codes()
    inside = ["; ".join(codes[row] for row in rows) or None for rows in found.inside]
    near = nothing(len(sites))
    for i in sites.measured:
        near[i] = "; ".join(sorted(codes[row] for row in set(found.near[i]) - set(found.inside[i])))
    at, _ = containing(countries().features, *sites.points)
    # A point beside an outline that the footprint touches may be on land: outlines are off by more than that.
    land = np.array([None if rows else False for rows in found.inside], dtype=object)
    land[at] = True
    land[sites.administrative] = None
    return [
        texts("country", inside, origin("country"), Detail(reason="no_country", accuracy_m=sites.accuracy_m)),
        texts("countries_within_50km", near, origin("countries_near"), Detail(reason=unmeasured(sites))),
        truths("on_land", land, origin("on_land"), Detail(reason=unmeasured(sites, "within_tolerance"))),
    ]
