"""Facts of the footprint itself: its area and length on the ellipsoid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from greensilk.facts import FactColumn
from greensilk.screening.footprints import Sites
from greensilk.screening.origins import Detail, numbers, origin


def footprint_facts(sites: Sites) -> Iterator[FactColumn]:
    """Area and length, one value a site. A strip of the usual width of its type is no area that anyone gave."""
    of = origin("project_geometry", version="")
    area = np.where((sites.area_m2 > 0) & ~sites.assumed, sites.area_m2, np.nan)
    why = np.where(sites.assumed, "not_given", "not_computable").astype(object)
    yield numbers("footprint_area", area, of, Detail(why, None, sites.accuracy_m))
    length = np.where(sites.length_m > 0, sites.length_m, np.nan)
    yield numbers("route_length", length, of, Detail("not_computable", None, sites.accuracy_m))
