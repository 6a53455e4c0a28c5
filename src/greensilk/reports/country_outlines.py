"""The outlines of all countries in a picture of the world, in each language's view of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.reports import svg
from greensilk.reports.ground import CHN_VIEW, Ground, ground
from greensilk.reports.world_map import HEIGHT, WIDTH, cut_to_picture, projected
from greensilk.texts import Language

LEAST_DEG2, STEP_UNITS = 0.12, 0.36  # smaller islands of a larger country, and finer bends, are not seen
LEAST_SHARE = 1.7e-5  # of the width squared; a smaller country is a dot
Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class Outline:
    """A country in the picture.

    path: path data, empty if it is too small to be seen; x, y: the middle of the widest circle within it, and radius
    of that circle
    """

    path: str
    x: float
    y: float
    radius: float


@cache
def outlines(lang: Language, width: int) -> dict[str, Outline]:
    """Every country and territory by ISO 3166-1 alpha-3 code, those without one as "-" and a number.

    width: of the picture in its units; its height is in the proportion of the world map's
    """
    from greensilk.catalogue.bundle import bundle_table

    found: Ground = ground()
    chinese = lang == "zh" and found.land_chn is not None
    sheet = found.land_chn if chinese and found.land_chn else found.land
    codes = bundle_table(CHN_VIEW if chinese else "countries")["iso_a3"].to_list()
    parts, owners = sheet.features.parts, sheet.features.feature
    seen = _worth_drawing(parts, owners)
    thin = shapely.simplify(parts[seen], STEP_UNITS * 360.0 / width, preserve_topology=True)
    halves = [projected(half, width, width * HEIGHT / WIDTH) for half in cut_to_picture(thin)]
    drawn, drawn_owners = np.concatenate(halves), np.tile(owners[seen], 2)
    kept = ~shapely.is_empty(drawn)
    drawn, drawn_owners = drawn[kept], drawn_owners[kept]
    return {
        code or f"-{owner}": _outline(drawn[drawn_owners == owner], LEAST_SHARE * width**2)
        for owner, code in enumerate(codes)
        if (drawn_owners == owner).any()
    }


def _worth_drawing(parts: Geometries, owners: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Every part that is large, and the largest of each country."""
    area = shapely.area(parts)
    largest = np.zeros(int(owners.max()) + 1)
    np.maximum.at(largest, owners, area)
    seen: NDArray[np.bool_] = (area >= LEAST_DEG2) | (area == largest[owners])
    return seen


def _outline(drawn: Geometries, least_units2: float) -> Outline:
    area = shapely.area(drawn)
    widest = drawn[int(area.argmax())]
    if area.sum() < least_units2:
        centre = shapely.point_on_surface(widest) if area.max() > 0 else shapely.centroid(widest)
        return Outline("", round(centre.x, 1), round(centre.y, 1), 0.0)
    reach = shapely.maximum_inscribed_circle(shapely.simplify(widest, 0.5), 0.5)
    x, y = shapely.get_coordinates(reach)[0].tolist()
    return Outline(svg.path(drawn), round(x, 1), round(y, 1), round(float(shapely.length(reach)), 1))
