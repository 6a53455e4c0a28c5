"""Places held against the countries their owners stated: swapped coordinates, contradictions, shifted Chinese maps."""

from __future__ import annotations

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.bundle import CountryTable, countries
from greensilk.errors import GreensilkError
from greensilk.places import countries_meant, country_name
from greensilk.screening.cells import reading
from greensilk.screening.faults import Ledger

Geometries = NDArray[np.object_]


def check_countries(geometry: Geometries, stated: pl.Series, ledger: Ledger) -> None:
    """Reject swapped coordinates, note contradictions and places in countries whose maps may be shifted.

    geometry: (n,) lon/lat; stated: (n,) ISO alpha-3 code or null
    """
    try:
        outlines = countries()
    except GreensilkError:
        ledger.note(None, "country", "", "outlines_missing")
        return
    present = np.flatnonzero(~shapely.is_missing(geometry))
    _note_shifted(outlines, geometry, ledger)
    given = stated.gather(present)
    for country in given.drop_nulls().unique(maintain_order=True).to_list():
        mask = (given == country).fill_null(False).to_numpy()
        _check_one(
            _parts_of(outlines, *countries_meant(country)), country, geometry[present[mask]], present[mask], ledger
        )


def _parts_of(outlines: CountryTable, *iso_a3: str) -> Geometries:
    rows = [row for row, code in enumerate(outlines.iso_a3) if code in iso_a3]
    return outlines.features.parts[np.isin(outlines.features.feature, rows)]


def _touched(parts: Geometries, shapes: Geometries, margin_deg: float = 0.0) -> NDArray[np.bool_]:
    """(n,) whether each shape touches one of the parts, or within a margin of one."""
    tree = shapely.STRtree(shapes)
    if margin_deg:
        _, found = tree.query(parts, predicate="dwithin", distance=margin_deg)
    else:
        _, found = tree.query(parts, predicate="intersects")
    inside = np.zeros(len(shapes), dtype=bool)
    inside[found] = True
    return inside


def _check_one(parts: Geometries, country: str, shapes: Geometries, rows: NDArray[np.int64], ledger: Ledger) -> None:
    if not len(parts):
        return
    far = np.flatnonzero(~_touched(parts, shapes))
    far = far[~_touched(parts, shapes[far], reading().country_far_deg)]
    if not len(far):
        return
    middle = shapely.point_on_surface(shapes[far])
    x, y = shapely.get_x(middle), shapely.get_y(middle)
    swapped = np.abs(x) <= 90.0
    swapped[swapped] = _touched(parts, shapely.points(y[swapped], x[swapped]))
    label = country_name(country)
    name = {"en": label.en, "zh": label.zh}
    for row, lon, lat, turned in zip(rows[far], x, y, swapped, strict=True):
        if turned:
            ledger.fault(row, "lon, lat", f"{lon:.10g}, {lat:.10g}", "swapped", country=name)
        else:
            ledger.note(row, "country", country, "country_mismatch", country=name)


def _note_shifted(outlines: CountryTable, geometry: Geometries, ledger: Ledger) -> None:
    points = np.flatnonzero(shapely.get_type_id(geometry) == 0)
    for country in reading().gcj02_countries:
        for row in points[_touched(_parts_of(outlines, country), geometry[points])]:
            ledger.note(row, "location", "", "gcj02_possible")
