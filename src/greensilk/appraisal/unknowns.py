"""What would tell most: the layer, data set or answer of the owner that could change most verdicts of a portfolio."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from greensilk.appraisal.dossier import Dossier

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "settled_by": pl.String,
    "kind": pl.String,
    "projects": pl.Int64,
    "lights": pl.Int64,
    "categories": pl.Int64,
    "items": pl.Int64,
    "data_sets": pl.List(pl.String()),
}


def value_of_information(dossier: Dossier) -> pl.DataFrame:
    """One row a layer or portfolio field, the most telling first.

    returns: settled_by; kind: layer or field; projects: that an answer could change in a light or category, or in what
    it rests on; lights, categories: verdicts that it could; items: of lists that it could settle; data_sets: defined
    data sets that give the layer
    """
    from greensilk.catalogue.next_steps import giving

    of_lights = [table.settlers() for table in dossier.verdicts.values()]
    of_categories = [table.settlers() for table in dossier.categories.values()]
    of_items = [table.settlers() for table in dossier.items.values()]
    names = dict.fromkeys([*chain(*of_lights), *chain(*of_categories), *chain(*of_items)])
    layers = set(dossier.facts.layers)
    none = np.zeros(len(dossier), np.bool_)
    rows = []
    for name in names:
        scales: list[NDArray[np.bool_]] = [found[name] for found in [*of_lights, *of_categories] if name in found]
        rows.append({
            "settled_by": name,
            "kind": "layer" if name in layers else "field",
            "projects": int(np.logical_or.reduce([none, *scales]).sum()),
            "lights": sum(int(found[name].sum()) for found in of_lights if name in found),
            "categories": sum(int(found[name].sum()) for found in of_categories if name in found),
            "items": sum(int(found[name].sum()) for found in of_items if name in found),
            "data_sets": giving(name) if name in layers else [],
        })  # fmt: skip
    frame = pl.DataFrame(rows, schema=SCHEMA)
    useful = frame.filter(pl.sum_horizontal("projects", "items") > 0)
    return useful.sort("projects", "lights", "categories", "items", descending=True, maintain_order=True)
