"""Where the map writes the names of countries: once each, where they have most room."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import shapely

from greensilk.reports.ground import ground
from greensilk.texts import Language

STEP_DEG = 0.02  # finer bends do not move a name
DECIMALS = 2


@cache
def country_names(is_chn: bool, lang: Language) -> dict[str, Any]:
    """GeoJSON points with name and room: the radius of the widest circle within the country's largest part, in degrees.

    is_chn: in the view of China, which must be shipped
    """
    sheet = ground().land_chn if is_chn else ground().land
    assert sheet is not None  # noqa: S101 - asked for where it is shipped
    parts, owner = sheet.features.parts, sheet.features.feature
    order = np.lexsort((-shapely.area(parts), owner))
    largest = order[np.unique(owner[order], return_index=True)[1]]
    outlines = shapely.simplify(parts[largest], STEP_DEG)
    circles = shapely.maximum_inscribed_circle(outlines, tolerance=STEP_DEG)
    features = []
    for circle, country in zip(circles, owner[largest], strict=True):
        name = sheet.names[int(country)]
        if name is not None:
            lon, lat = (round(value, DECIMALS) for value in circle.coords[0])
            room = {"name": name.within(lang), "room": round(circle.length, DECIMALS)}
            features.append(
                {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": room}
            )
    return {"type": "FeatureCollection", "features": features}
