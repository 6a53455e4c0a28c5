"""One place rated at once, as `greensilk site` does; nothing of it is kept."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from greensilk.errors import UsageError
from greensilk.project_types import find_type, project_types, suggest_types
from greensilk.reports.bilingual import joined, of_label, said

if TYPE_CHECKING:
    from greensilk.reports.project_view import ProjectView

MOST_RADIUS_KM = 100.0


def rated_here(lon: str, lat: str, type_name: str, radius_km: str) -> ProjectView:
    """The rating of a place, in words, without what a licence forbids to tell.

    lon, lat: degrees as somebody wrote them; type_name: a project type by id, label or alias; radius_km: of the site,
    "" = not said
    raises: UsageError for a place or type that cannot be rated; LayerError, LicenceError for a layer that cannot or may
    not be used
    """
    from greensilk.appraisal import appraise
    from greensilk.reports.licences import publishable
    from greensilk.reports.project_view import Reading
    from greensilk.screening import one_site

    radius = _number(radius_km, "web_map.radius", 0.001, MOST_RADIUS_KM) if radius_km.strip() else None
    east, north = _number(lon, "web_map.lon", -180.0, 180.0), _number(lat, "web_map.lat", -90.0, 90.0)
    portfolio = one_site(east, north, _type(type_name), radius)
    dossier = appraise(portfolio, None, dt.date.today())
    return Reading(publishable(dossier)).view(0)


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
