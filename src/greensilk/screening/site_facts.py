"""Every fact of a shard of sites: one pure function, the same in every process and on every machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from greensilk.facts import FactColumn
from greensilk.screening.countries_here import countries_of, country_facts_here
from greensilk.screening.detailed_rasters import POPULATION, population_facts
from greensilk.screening.footprint_facts import footprint_facts
from greensilk.screening.footprints import Sites
from greensilk.screening.land_facts import land_facts
from greensilk.screening.layer_facts import layer_facts, river_distance
from greensilk.screening.place_facts import place_facts

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import SensitiveLayer
    from greensilk.catalogue.layers import Layer
    from greensilk.catalogue.raster_store import ImportedRaster


def measure_shard(
    sites: Sites,
    layers: Mapping[str, Layer],
    definitions: Mapping[str, SensitiveLayer],
    rasters: Mapping[str, ImportedRaster],
) -> list[FactColumn]:
    """Every fact of the footprints and their surroundings, one value a site, whatever other sites are in the shard.

    layers, rasters: id -> opened; definitions: the sensitive-area layers that have facts whether loaded or not
    """
    return list(site_facts(sites, layers, definitions, rasters))


def site_facts(
    sites: Sites,
    layers: Mapping[str, Layer],
    definitions: Mapping[str, SensitiveLayer],
    rasters: Mapping[str, ImportedRaster],
) -> Iterator[FactColumn]:
    """As measure_shard, one column after another."""
    yield from footprint_facts(sites)
    where = countries_of(sites)
    yield from country_facts_here(where)
    yield from place_facts(sites)
    yield from population_facts(rasters.get(POPULATION), sites)
    yield from land_facts(sites, rasters)
    yield river_distance(layers.get("rivers_detailed"), sites, where)
    yield from layer_facts(layers, definitions, sites, where)
