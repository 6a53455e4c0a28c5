"""Small portfolios and layers to measure, without files."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely

from greensilk.catalogue.data_info import AllowedUse
from greensilk.catalogue.layer_records import Coverage, LayerInfo
from greensilk.catalogue.layers import Layer
from greensilk.geometry.features import FeatureSet
from greensilk.records import Label
from greensilk.screening.model import LINK_SCHEMA, PROJECT_SCHEMA, REJECT_SCHEMA, Portfolio

KINDS = {"Point": "point", "LineString": "line", "MultiLineString": "line"}


def project(shape: shapely.Geometry | None, **given: Any) -> dict[str, Any]:
    """One project's row with its shape under "shape"; what is not given is null, but for id, type and kind."""
    kind = "none" if shape is None else KINDS.get(shape.geom_type, "polygon")
    own = {"type": "solar_pv", "type_inferred": False, "location_kind": kind, "location_accuracy_m": 10.0}
    return dict.fromkeys(PROJECT_SCHEMA) | own | {"shape": shape, "reservoir": None} | given


def portfolio(*projects: dict[str, Any]) -> Portfolio:
    """A portfolio of the projects given; ids are p0, p1 ... where none is given."""
    rows = [row | {"row": i + 1, "id": row["id"] or f"p{i}"} for i, row in enumerate(projects)]
    shapes, reservoirs = np.full(len(rows), None, dtype=object), np.full(len(rows), None, dtype=object)
    for i, row in enumerate(rows):
        shapes[i], reservoirs[i] = row.pop("shape"), row.pop("reservoir")
    return Portfolio(
        projects=pl.DataFrame(rows, schema=PROJECT_SCHEMA),
        geometry=shapes,
        reservoirs=reservoirs,
        rejects=pl.DataFrame(schema=REJECT_SCHEMA),
        links=pl.DataFrame(schema=LINK_SCHEMA),
        rows_read=len(rows),
        source_name="test",
        source_sha256="0" * 64,
    )


def point(lon: float, lat: float, **given: Any) -> dict[str, Any]:
    """A project at a point, and no larger; radius_m=None is a point whose extent nobody gave."""
    return project(shapely.Point(lon, lat), **({"radius_m": 0.0} | given))


def layer(
    *shapes: shapely.Geometry,
    complete: str | tuple[str, ...] = (),
    accuracy_m: float | None = 50.0,
    names: list[str | None] | None = None,
) -> Layer:
    """A loaded layer. complete: ISO codes where it is complete, "*" for everywhere."""
    features = FeatureSet.from_geometries(np.array(shapes, dtype=object), names=names)
    where = {"*": Coverage(status="partial")}
    where |= {code: Coverage(status="complete") for code in ((complete,) if isinstance(complete, str) else complete)}
    info = LayerInfo(
        id="own_layer", label=Label(en="own", zh="自有"), title="own", version="7", licence="own",
        use=AllowedUse(commercial=True, redistribute=None), attribution="", source="", file_name="own.csv",
        file_sha256="0" * 64, features_sha256="0" * 64, imported_at="2024-01-01T00:00:00Z", features=len(shapes),
        geometry_kind=features.geometry_kind, accuracy_m=accuracy_m, coverage=where, repaired=0, split=0, rejected=0,
        left_out=0,
    )  # fmt: skip
    return Layer(info=info, features=features)


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """Builders of small portfolios and layers: project, point, portfolio, layer."""
    return SimpleNamespace(project=project, point=point, portfolio=portfolio, layer=layer)
