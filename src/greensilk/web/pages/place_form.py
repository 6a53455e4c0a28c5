"""A place to be rated, as somebody writes it into a form."""

from __future__ import annotations

import math

from greensilk.errors import UsageError
from greensilk.project_types import find_type, project_types, suggest_types
from greensilk.reports.bilingual import joined, of_label, said
from greensilk.web.site_rating import Place

MOST_RADIUS_KM = 100.0


def place_of(lon: str, lat: str, type_name: str, radius_km: str) -> Place:
    """The place that is meant.

    lon, lat: degrees; type_name: a project type by id, label or alias; radius_km: of the site, "" = not said
    raises: UsageError for a place or type that cannot be rated
    """
    radius = _number(radius_km, "web_map.radius", 0.001, MOST_RADIUS_KM) if radius_km.strip() else None
    east, north = _number(lon, "web_map.lon", -180.0, 180.0), _number(lat, "web_map.lat", -90.0, 90.0)
    return Place(east, north, _type(type_name), radius)


def _type(written: str) -> str:
    found = find_type(written)
    if found is None:
        near = [of_label(project_types()[name].label) for name in suggest_types(written[:60])]
        key = "web_map.type_near" if near else "web_map.type_unknown"
        raise UsageError(key, type=written[:60], near=joined(near))
    return found


def _number(written: str, field: str, least: float, most: float) -> float:
    try:
        value = float(written)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise UsageError("web_map.not_a_number", field=said(field), value=written[:40], least=least, most=most)
    return value
