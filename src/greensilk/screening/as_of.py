"""Layers as they were in an earlier year, as far as their features say when they were established.

A layer of today can show that a place lay inside an area that was established by then. It cannot show that a place lay
outside: what was taken off a list since is not in it, and what has no date may have been there or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from greensilk.facts import FactColumn
from greensilk.geometry.arrays import Floats
from greensilk.screening.countries_here import Countries
from greensilk.screening.footprints import Sites
from greensilk.screening.layer_overlaps import overlap_facts

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import SensitiveLayer
    from greensilk.catalogue.layers import Layer

EARLIEST_YEAR, LATEST_YEAR = 1800, 2100  # what is no year between them is no date: databases write 0 for unknown
NOT_OF_THEN = "not_of_then"


@dataclass(frozen=True)
class DatedLayer:
    """A layer with the years of its features. established: (features,) year, NaN where none is given."""

    layer: Layer
    established: Floats

    def by(self, year: int) -> Layer:
        """Only the features that were established by the end of a year."""
        features = self.layer.features
        kept = np.flatnonzero((self.established <= year)[features.feature])
        return replace(self.layer, features=features.with_parts(kept), stored=None)


def dated(layer: Layer, definition: SensitiveLayer | None) -> DatedLayer:
    """A layer with the years that its own columns give. definition: names the columns that hold them."""
    columns = definition.established_columns if definition else ()
    known = [name for name in columns if name in layer.attributes.columns]
    years = np.full(len(layer.features), np.nan)
    for name in known:
        found = layer.attributes[name].str.extract(r"^\s*(\d{4})", 1).cast(pl.Float64).fill_null(np.nan).to_numpy()
        found = np.where((found >= EARLIEST_YEAR) & (found <= LATEST_YEAR), found, np.nan)
        years = np.where(np.isnan(years), found, years)
    return DatedLayer(layer, years)


def overlaps_as_of(
    year: int,
    layers: Mapping[str, DatedLayer],
    definitions: Mapping[str, SensitiveLayer],
    sites: Sites,
    where: Countries,
) -> list[FactColumn]:
    """Whether each layer was overlapped by the end of a year, one value a site.

    True inside an area established by then, false where nothing of the layer can be (another country), else unknown
    """
    then = overlap_facts({name: one.by(year) for name, one in layers.items()}, definitions, sites, where)
    nowhere = {column.name: column for column in overlap_facts({}, definitions, sites, where)}
    return [_known(column, nowhere.get(column.name)) for column in then]


def _known(then: FactColumn, nowhere: FactColumn | None) -> FactColumn:
    inside = (then.values.cast(pl.Int8) == 1).fill_null(False)
    outside = inside & False if nowhere is None else (nowhere.values.cast(pl.Int8) == 0).fill_null(False)
    frame = pl.DataFrame({"inside": inside, "outside": outside})
    said = frame.select(
        pl.when("inside").then(True).when("outside").then(False).otherwise(None).alias(then.name),
        pl.when(~(pl.col("inside") | pl.col("outside"))).then(pl.lit(NOT_OF_THEN)).alias("why"),
    )
    return replace(then, values=said[then.name], reasons=said["why"])
