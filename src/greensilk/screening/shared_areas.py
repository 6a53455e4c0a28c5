"""Sensitive areas that several places of a portfolio overlap: what each takes, and what they take together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from greensilk.geometry.areas import areas_inside
from greensilk.geometry.frames import one_frame
from greensilk.screening.footprints import Sites
from greensilk.screening.layer_overlaps import overlapping

if TYPE_CHECKING:
    from greensilk.catalogue.layers import Layer
    from greensilk.geometry.arrays import Ints
    from greensilk.geometry.features import FeatureSet

LEAST_PLACES = 2


@dataclass(frozen=True)
class SharedArea:
    """One feature of a layer and the places that overlap it by more than coordinates are off.

    sites: numbers of the places; taken_m2: area of the feature that they cover together, nothing counted twice; None
    where no place has an area, or the feature has none
    """

    layer: str
    feature: int
    name: str | None
    sites: tuple[int, ...]
    taken_m2: float | None


def shared_areas(layers: Mapping[str, Layer], sites: Sites) -> Iterator[SharedArea]:
    """Features that two places or more overlap, by layer, those with most places first."""
    for layer_id, layer in layers.items():
        site, feature = overlapping(layer, sites)
        order = np.lexsort((site, feature))
        site, feature = site[order], feature[order]
        found, start, count = np.unique(feature, return_index=True, return_counts=True)
        shared = np.flatnonzero(count >= LEAST_PLACES)
        for k in shared[np.argsort(-count[shared], kind="stable")]:
            inside = site[start[k] : start[k] + count[k]]
            taken = _taken_m2(layer.features, int(found[k]), sites, inside)
            name = layer.features.name_of(int(found[k]))
            yield SharedArea(layer_id, int(found[k]), name, tuple(inside.tolist()), taken)


def _taken_m2(features: FeatureSet, feature: int, sites: Sites, inside: Ints) -> float | None:
    areal = inside[sites.area_m2[inside] > 0]
    if not len(areal) or features.geometry_kind != "polygon":
        return None
    together = shapely.union_all(one_frame(sites.frame[areal], np.zeros(len(areal), dtype=np.int64), 1))
    _, found, area = areas_inside(features, np.array([together], dtype=object))
    return float(area[found == feature].sum())
