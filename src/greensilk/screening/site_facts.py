"""Every fact of a shard of sites: one pure function, the same in every process and on every machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from greensilk.facts import FactColumn
from greensilk.screening.footprint_facts import footprint_facts
from greensilk.screening.footprints import Sites
from greensilk.screening.land_facts import land_facts
from greensilk.screening.layer_facts import Surroundings, layer_facts, river_distance
from greensilk.screening.place_facts import (
    countries_around,
    country_codes,
    country_facts_of_place,
    country_lists,
    place_facts,
    rows_near,
)

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import SensitiveLayer
    from greensilk.catalogue.layers import Layer


def measure_shard(
    sites: Sites, layers: Mapping[str, Layer], definitions: Mapping[str, SensitiveLayer]
) -> list[FactColumn]:
    """Every fact of the footprints and their surroundings, one value a site, whatever other sites are in the shard.

    layers: id -> opened layer; definitions: the sensitive-area layers that have facts whether loaded or not
    """
    return list(_site_facts(sites, layers, definitions))


def _site_facts(
    sites: Sites, layers: Mapping[str, Layer], definitions: Mapping[str, SensitiveLayer]
) -> Iterator[FactColumn]:
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
