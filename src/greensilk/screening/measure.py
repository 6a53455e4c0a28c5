"""Facts of every project: measured once for each different footprint, then spread to the projects that share it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from greensilk.facts import FactColumn, FactTable
from greensilk.screening.country_facts import country_facts
from greensilk.screening.footprint_facts import footprint_facts
from greensilk.screening.footprints import Sites, sites_of
from greensilk.screening.land_facts import land_facts
from greensilk.screening.layer_facts import Surroundings, layer_facts, river_distance
from greensilk.screening.model import Portfolio
from greensilk.screening.origins import joined, taken
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


SHARD = 500  # sites measured at once: bounds memory, and paces what is told of progress


def measure(
    portfolio: Portfolio,
    layers: Mapping[str, Layer],
    on: dt.date | None = None,
    definitions: Mapping[str, SensitiveLayer] | None = None,
    progress: Callable[[float], None] | None = None,
) -> FactTable:
    """Every fact of the vocabulary for every project.

    layers: id -> loaded layer; on: day of the judgement, today if None (a certificate dated later does not count);
    definitions: the sensitive-area layers that have facts whether loaded or not, those of definitions/layers if None;
    progress: told the share of places done
    """
    if definitions is None:
        from greensilk.catalogue.layer_records import sensitive_layers

        definitions = sensitive_layers()
    projects = portfolio.projects
    columns = [*project_facts(portfolio, on or dt.date.today()), *type_facts(projects["type"])]
    sites = sites_of(portfolio)
    shards: list[list[FactColumn]] = []
    for start in range(0, max(len(sites), 1), SHARD):
        shard = sites.some(np.arange(start, min(start + SHARD, len(sites))))
        shards.append(list(_site_facts(shard, layers, definitions)))
        if progress is not None:
            progress(min(start + SHARD, len(sites)) / max(len(sites), 1))
    columns += [taken(joined(parts), sites.site_of) for parts in zip(*shards, strict=True)]
    columns += _country_context(projects["country_stated"], columns)
    labels = {name: one.label for name, one in definitions.items()}
    labels |= {name: layer.info.label for name, layer in layers.items() if name not in definitions}
    return FactTable(projects["id"], {column.name: column for column in columns}, labels)


def _site_facts(
    sites: Sites, layers: Mapping[str, Layer], definitions: Mapping[str, SensitiveLayer]
) -> Iterator[FactColumn]:
    """Every fact of the footprints and their surroundings, one value a site."""
    yield from footprint_facts(sites)
    outlines = countries_around(sites)
    lists, near = country_lists(sites, outlines), rows_near(sites, outlines)
    yield from country_facts_of_place(sites, lists, near, outlines)
    yield from place_facts(sites)
    yield from land_facts(sites)
    yield river_distance(layers.get("rivers_detailed"), sites)
    codes = country_codes()
    inside, around = ([frozenset(codes[row] for row in found) for found in rows] for rows in (lists, near))
    yield from layer_facts(layers, definitions, sites, Surroundings(inside, around))


def _country_context(stated: pl.Series, columns: list[FactColumn]) -> list[FactColumn]:
    """Facts of the first country of each project: the one it lies in, else the one its owner states."""
    located = next(column for column in columns if column.name == "country")
    pairs = zip(located.values, stated, strict=True)
    first = [code if found is None else found.split("; ")[0] for found, code in pairs]
    return [stated_country_differs(stated, located), *country_facts(first)]
