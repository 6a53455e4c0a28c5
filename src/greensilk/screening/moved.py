"""Places moved by as much as their coordinates may be off, and what they would touch there.

An error is taken as normal in both directions, with 95 % of positions within the error stated. A place keeps its
shape: every vertex goes the same way, as far. The draws of a place depend on its outline alone, not on what is rated
beside it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from greensilk.facts import FactColumn
from greensilk.geometry.arrays import Floats, Geometries
from greensilk.geometry.frames import framed, split_at_antimeridian
from greensilk.geometry.geodesy import from_plane
from greensilk.screening.countries_here import countries_of, country_facts_here
from greensilk.screening.footprints import Sites
from greensilk.screening.layer_facts import overlap_facts

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import SensitiveLayer
    from greensilk.catalogue.layers import Layer

SEED = 20260101
# Within 2.4477 standard deviations of a normal distribution in two directions lie 95 % of draws: sqrt(-2 ln 0.05).
SIGMAS_OF_ERROR = float(np.sqrt(-2 * np.log(0.05)))
EXACT_M = 1.0  # a draw is where the place is taken to be
SITES_AT_ONCE = 20_000


@dataclass(frozen=True)
class Draws:
    """Places drawn for sites. sites: the moved places, those of one site side by side; each: draws a site."""

    sites: Sites
    each: int


def drawn(sites: Sites, error_m: Floats, each: int) -> Draws:
    """Every site moved `each` times. error_m: (n,) within which 95 % of positions lie; administrative areas stay."""
    east, north = (part.reshape(-1) for part in _offsets_m(sites, np.where(sites.administrative, 0.0, error_m), each))
    at = np.repeat(np.arange(len(sites)), each)
    return Draws(
        Sites(
            geometry=_moved(sites.geometry[at], east, north),
            given=_moved(sites.given[at], east, north),
            accuracy_m=np.full(len(at), EXACT_M),
            administrative=sites.administrative[at],
            site_of=np.empty(0, dtype=np.int64),
            assumed=sites.assumed[at],
            reach_m=sites.reach_m[at],
        ),
        each,
    )


def facts_where_drawn(
    draws: Draws, layers: Mapping[str, Layer], definitions: Mapping[str, SensitiveLayer], wanted: Sequence[int]
) -> Iterator[list[FactColumn]]:
    """Country and overlaps of drawn places, some thousand at a time. wanted: numbers of the drawn places, in order."""
    for start in range(0, len(wanted), SITES_AT_ONCE):
        some = draws.sites.some(np.asarray(wanted[start : start + SITES_AT_ONCE], dtype=np.int64))
        where = countries_of(some)
        country = next(column for column in country_facts_here(where) if column.name == "country")
        yield [country, *overlap_facts(layers, definitions, some, where)]


def _offsets_m(sites: Sites, error_m: Floats, each: int) -> tuple[Floats, Floats]:
    """(n, each) metres east and north."""
    keys = [zlib.crc32(wkb) for wkb in shapely.to_wkb(sites.given)]
    draws = np.array([np.random.default_rng([SEED, key]).standard_normal((2, each)) for key in keys])
    metres = draws.reshape(len(sites), 2, each) * (error_m / SIGMAS_OF_ERROR)[:, None, None]
    return metres[:, 0], metres[:, 1]


def _moved(geometries: Geometries, east_m: Floats, north_m: Floats) -> Geometries:
    whole = framed(geometries)
    coords, index = shapely.get_coordinates(whole, return_index=True)
    lon, lat = from_plane(east_m[index], north_m[index], coords[:, 0], coords[:, 1])
    moved = shapely.set_coordinates(whole.copy(), np.column_stack([lon, lat]))
    return split_at_antimeridian(np.asarray(moved, dtype=object))
