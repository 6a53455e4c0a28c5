"""Facts of every project: measured once for each different footprint, then spread to the projects that share it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from greensilk.facts import FactColumn, FactTable
from greensilk.records import Label
from greensilk.screening.country_facts import country_facts
from greensilk.screening.footprints import Sites, sites_of
from greensilk.screening.land_facts import land_facts
from greensilk.screening.layer_facts import Surroundings, layer_facts, river_distance
from greensilk.screening.model import Portfolio
from greensilk.screening.origins import Detail, numbers, origin, taken
from greensilk.screening.place_facts import (
    countries_around,
    country_codes,
    country_facts_of_place,
    country_lists,
    place_facts,
    rows_near,
)
from greensilk.screening.project_facts import project_facts, stated_country_differs
from greensilk.screening.type_facts import type_facts

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import SensitiveLayer
    from greensilk.catalogue.layers import Layer


def measure(
    portfolio: Portfolio,
    layers: Mapping[str, Layer],
    on: dt.date | None = None,
    definitions: Mapping[str, SensitiveLayer] | None = None,
) -> FactTable:
    """Every fact of the vocabulary for every project.

    layers: id -> loaded layer; on: day of the judgement, today if None (a certificate dated later does not count);
    definitions: the sensitive-area layers that have facts whether loaded or not, those of definitions/layers if None
    """
    if definitions is None:
        from greensilk.catalogue.layer_records import sensitive_layers

        definitions = sensitive_layers()
    sites = sites_of(portfolio)
    columns = [*project_facts(portfolio, on or dt.date.today()), *type_facts(portfolio.projects["type"])]
    columns += [*_footprint_facts(sites), *_site_facts(portfolio, sites, layers, definitions)]
    labels = {name: one.label for name, one in definitions.items()} | _labels(layers, definitions)
    return FactTable(portfolio.projects["id"], {column.name: column for column in columns}, labels)


def _labels(layers: Mapping[str, Layer], definitions: Mapping[str, SensitiveLayer]) -> dict[str, Label]:
    return {name: layer.info.label for name, layer in layers.items() if name not in definitions}


def _footprint_facts(sites: Sites) -> Iterator[FactColumn]:
    area = np.where(sites.area_m2 > 0, sites.area_m2, np.nan)
    length = np.where(sites.length_m > 0, sites.length_m, np.nan)
    for fact, values in (("footprint_area", area), ("route_length", length)):
        column = numbers(
            fact, values, origin("project_geometry", version=""), Detail("not_computable", None, sites.accuracy_m)
        )
        yield taken(column, sites.site_of)


def _site_facts(
    portfolio: Portfolio,
    sites: Sites,
    layers: Mapping[str, Layer],
    definitions: Mapping[str, SensitiveLayer],
) -> Iterator[FactColumn]:
    outlines = countries_around(sites)
    lists, near = country_lists(sites, outlines), rows_near(sites, outlines)
    located = [taken(column, sites.site_of) for column in country_facts_of_place(sites, lists, near, outlines)]
    yield from located
    stated = portfolio.projects["country_stated"]
    yield stated_country_differs(stated, located[0])
    first = [
        code if found is None else found.split("; ")[0] for found, code in zip(located[0].values, stated, strict=True)
    ]
    yield from country_facts(first)
    yield taken(river_distance(layers.get("rivers_detailed"), sites), sites.site_of)
    for facts in (place_facts(sites), land_facts(sites), layer_facts(layers, definitions, sites, _where(lists, near))):
        for column in facts:
            yield taken(column, sites.site_of)


def _where(lists: list[list[int]], near: list[set[int]]) -> Surroundings:
    codes = country_codes()
    return Surroundings(
        inside=[frozenset(codes[row] for row in found) for found in lists],
        near=[frozenset(codes[row] for row in found) for found in near],
    )
