"""What lies under every map: land, lakes, rivers, places, in each language's view of the world; and imported areas."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.reports.bilingual import Bilingual, same
from greensilk.reports.plane import LocalView

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import LayerInfo
    from greensilk.geometry.features import FeatureSet

Geometries = NDArray[np.object_]
CHN_VIEW = "countries_chn"


@dataclass(frozen=True)
class Sheet:
    """One layer to draw from. names: (n,) of its features."""

    features: FeatureSet
    names: tuple[Bilingual | None, ...]

    def unnamed(self) -> Sheet:
        """The same shapes without names."""
        return Sheet(self.features, (None,) * len(self.names))

    def within(self, view: LocalView) -> tuple[Geometries, NDArray[np.int64]]:
        """Clipped and thinned parts that a view shows, in lon/lat, and the feature of each."""
        found: list[Geometries] = []
        owners: list[NDArray[np.int64]] = []
        for window in view.windows():
            parts, feature = self.features.parts_within(*window)
            if len(parts):
                found.append(shapely.clip_by_rect(parts, *window))
                owners.append(feature)
        if not found:
            return np.empty(0, dtype=object), np.empty(0, dtype=np.int64)
        step = view.metres_per_unit * 0.4 / 111_000.0
        parts = shapely.simplify(np.concatenate(found), step, preserve_topology=False)
        kept = ~shapely.is_empty(parts)
        return parts[kept], np.concatenate(owners)[kept]


@dataclass(frozen=True)
class Places:
    """Named places, the largest first. lonlat: (n, 2)."""

    names: list[str]
    lonlat: NDArray[np.float64]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the places."""
        return shapely.STRtree(shapely.points(self.lonlat))

    def within(self, view: LocalView, most: int) -> list[tuple[str, float, float]]:
        """Name, lon, lat of the largest places that a view shows."""
        hits = np.sort(np.concatenate([self.tree.query(shapely.box(*window)) for window in view.windows()]))[:most]
        return [(self.names[k], *self.lonlat[k].tolist()) for k in hits]


@dataclass(frozen=True)
class Ground:
    """All sheets of the shipped data. land_chn: the view of China, None where it is not shipped."""

    land: Sheet
    land_chn: Sheet | None
    lakes: Sheet
    rivers: Sheet
    places: Places


@cache
def ground() -> Ground:
    """The shipped ground, read once a process."""
    from greensilk.catalogue.bundle import bundle_features, bundle_index, bundle_table

    return Ground(
        land=_country_sheet("countries"),
        land_chn=_country_sheet(CHN_VIEW) if CHN_VIEW in bundle_index() else None,
        lakes=sheet_of(bundle_features("lakes")),
        rivers=sheet_of(bundle_features("rivers")),
        places=_places(bundle_table("places")),
    )


def _places(table: pl.DataFrame) -> Places:
    ranked = table.sort("population", "name", descending=[True, False], nulls_last=True)
    return Places(ranked["name"].to_list(), ranked.select("lon", "lat").cast(pl.Float64).to_numpy())


def _country_sheet(file_id: str) -> Sheet:
    from greensilk.catalogue.bundle import bundle_features, bundle_table

    features, table = bundle_features(file_id), bundle_table(file_id)
    names = [Bilingual(en or zh or "", zh or en or "") for en, zh in table.select("name_en", "name_zh").iter_rows()]
    return Sheet(features, tuple(names))


def sheet_of(features: FeatureSet) -> Sheet:
    """Any set of features as a sheet to draw from."""
    names = tuple(same(name) if name else None for name in features.names)
    return Sheet(features, names)


@dataclass(frozen=True)
class AreaLayer:
    """An imported layer as a map shows it.

    pattern: number of its fill; coarse: no finer than the dots of a picture; attribution: owed wherever it is shown
    """

    id: str
    label: Bilingual
    sheet: Sheet
    pattern: int
    coarse: bool = False
    attribution: str = ""


def area_layers(
    layers: Mapping[str, tuple[LayerInfo, Bilingual]], coarse: Collection[str], owed: Mapping[str, str]
) -> list[AreaLayer]:
    """The imported layers that a report draws, in the order of their ids.

    layers: id -> record of the very version that was measured, and its label; coarse, owed: see AreaLayer
    """
    if not layers:
        return []
    from greensilk.catalogue.layers import open_same

    return [
        AreaLayer(name, label, sheet_of(open_same(info).features), position, name in coarse, owed[name])
        for position, (name, (info, label)) in enumerate(sorted(layers.items()))
    ]
