"""Places moved by as much as their coordinates may be off, and what they would touch there.

An error is taken as normal in both directions, with 95 % of positions within the error stated. A place keeps its
shape: every vertex goes the same way, as far. The draws of a place depend on its outline alone, not on what is rated
beside it.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.bundle import countries
from greensilk.facts import FactColumn
from greensilk.geometry.arrays import Floats, Geometries
from greensilk.geometry.frames import framed, split_at_antimeridian
from greensilk.geometry.geodesy import from_plane
from greensilk.geometry.nearest import within
from greensilk.screening.countries_here import NEAR_RADIUS_M, countries_of, country_facts_here
from greensilk.screening.footprints import Sites
from greensilk.screening.layer_overlaps import accuracy_in, overlap_facts
from greensilk.screening.origins import measures
from greensilk.screening.place_facts import nearest_to

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import SensitiveLayer
    from greensilk.catalogue.layers import Layer

SEED = 20260101
# Within 2.4477 standard deviations of a normal distribution in two directions lie 95 % of draws: sqrt(-2 ln 0.05).
SIGMAS_OF_ERROR = float(np.sqrt(-2 * np.log(0.05)))
MOST_SIGMAS = 6.0  # one draw in 65 million goes farther
EXACT_M = 1.0  # a draw is where the place is taken to be


def drawn(sites: Sites, error_m: Floats, numbers: Sequence[int]) -> Sites:
    """Every site at some of its drawn places, side by side. error_m: (n,) within which 95 % of positions lie;
    administrative areas stay; numbers: which draws of each"""
    error_m = np.where(sites.administrative, 0.0, error_m)
    east, north = (part.reshape(-1) for part in _offsets_m(sites, error_m, numbers))
    at = np.repeat(np.arange(len(sites)), len(numbers))
    return Sites(
        geometry=_moved(sites.geometry[at], east, north),
        given=_moved(sites.given[at], east, north),
        accuracy_m=np.full(len(at), EXACT_M),
        administrative=sites.administrative[at],
        site_of=np.empty(0, dtype=np.int64),
        assumed=sites.assumed[at],
        reach_m=sites.reach_m[at],
    )


def facts_where_drawn(
    places: Sites, layers: Mapping[str, Layer], definitions: Mapping[str, SensitiveLayer]
) -> list[FactColumn]:
    """Country and overlaps of drawn places, one value a place."""
    where = countries_of(places)
    country = next(column for column in country_facts_here(where) if column.name == "country")
    return [country, *overlap_facts(layers, definitions, places, where)]


def may_change(sites: Sites, error_m: Floats, layers: Mapping[str, Layer]) -> NDArray[np.bool_]:
    """(n,) whether a draw could find another country or overlap: something lies as near as the farthest of draws goes.

    error_m: (n,) within which 95 % of positions lie
    """
    farthest_m = error_m / SIGMAS_OF_ERROR * MOST_SIGMAS
    border_m = sites.accuracy_m + max(measures().border_tolerance_m, measures().offshore_tolerance_m) + farthest_m
    # Which countries lie within 50 km bears on absence only where a project may reach over a border.
    reaching = sites.reach_m >= measures().undrawn_reservoir_reach_m
    reach_m = np.where(reaching, NEAR_RADIUS_M + farthest_m, border_m)
    site, _, distance_m = within(countries().features, sites.features, float(reach_m.max(initial=0.0)))
    count = np.bincount(site[distance_m <= reach_m[site]], minlength=len(sites))
    touched = np.bincount(site[distance_m == 0], minlength=len(sites))
    found = (count != 1) | (touched != 1)
    for layer in layers.values():
        nearest = nearest_to(layer.features, sites)
        off_m = sites.accuracy_m + accuracy_in(layer, nearest.feature) + sites.reach_m
        found |= nearest.distance_m <= np.maximum(off_m, measures().point_feature_reach_m) + farthest_m
    return np.asarray(found & ~sites.administrative)


def _offsets_m(sites: Sites, error_m: Floats, numbers: Sequence[int]) -> tuple[Floats, Floats]:
    """(n, draws) metres east and north. The k-th draw of a place is the same whichever others are asked for."""
    keys = [zlib.crc32(wkb) for wkb in shapely.to_wkb(sites.given)]
    most = max(numbers) + 1
    draws = np.array([np.random.default_rng([SEED, key]).standard_normal((most, 2)) for key in keys]).reshape(
        -1, most, 2
    )
    metres = draws[:, list(numbers)] * (error_m / SIGMAS_OF_ERROR)[:, None, None]
    return metres[:, :, 0], metres[:, :, 1]


def _moved(geometries: Geometries, east_m: Floats, north_m: Floats) -> Geometries:
    whole = framed(geometries)
    coords, index = shapely.get_coordinates(whole, return_index=True)
    lon, lat = from_plane(east_m[index], north_m[index], coords[:, 0], coords[:, 1])
    moved = shapely.set_coordinates(whole.copy(), np.column_stack([lon, lat]))
    return split_at_antimeridian(np.asarray(moved, dtype=object))
