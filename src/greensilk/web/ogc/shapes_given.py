"""Shapes that a request gives: boxes, also across 180 degrees, and geometries that can be measured against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from greensilk.errors import ParameterError


def box(numbers: Sequence[float]) -> shapely.Geometry:
    """A box from four numbers, or six of which the heights do not count; west above east goes across 180 degrees.

    raises: ParameterError
    >>> box([170, -10, -170, 10]).bounds
    (-180.0, -10.0, 180.0, 10.0)
    """
    if len(numbers) not in (4, 6):
        raise ParameterError("web_ogc.bbox_numbers", count=len(numbers))
    west, south, east, north = numbers if len(numbers) == 4 else [numbers[i] for i in (0, 1, 3, 4)]
    good = np.isfinite(numbers).all() and -90 <= south <= north <= 90 and all(-180 <= x <= 180 for x in (west, east))
    if not good:
        raise ParameterError("web_ogc.bbox_range")
    if west <= east:
        return shapely.box(west, south, east, north)
    return shapely.MultiPolygon([shapely.box(west, south, 180.0, north), shapely.box(-180.0, south, east, north)])


def checked_shape(shape: shapely.Geometry | None) -> shapely.Geometry:
    """The same shape, if it has places in lon/lat and its areas do not cross themselves.

    raises: ParameterError
    """
    if shape is None or shape.is_empty or shape.has_z:
        raise ParameterError("web_ogc.shape_unusable")
    west, south, east, north = shape.bounds
    if not (np.isfinite(shape.bounds).all() and west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise ParameterError("web_ogc.shape_unusable")
    if not shape.is_valid:
        raise ParameterError("web_ogc.shape_crosses")
    return shape
