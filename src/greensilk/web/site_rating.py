"""One place rated at once, as `greensilk site` does; nothing of it is kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greensilk.web.platform import Platform
from greensilk.workspace.actor import Actor

if TYPE_CHECKING:
    from greensilk.appraisal.dossier import Dossier


@dataclass(frozen=True)
class Place:
    """A place and what is to be built there. lon, lat: degrees; type: id, label or alias of a project type; radius_km:
    of the site; standards, layers: ids, None = all; on: the day whose law counts, None = today"""

    lon: float
    lat: float
    type: str
    radius_km: float | None = None
    standards: list[str] | None = None
    on: dt.date | None = None
    layers: list[str] | None = None


def rated_place(served: Platform, who: Actor, place: Place) -> Dossier:
    """The rating of a place with the data that who's organisation may use, without what a licence forbids to tell.

    raises: UsageError for what is not known; LayerError, LicenceError for a layer that cannot or may not be used
    """
    from greensilk.appraisal import appraise
    from greensilk.catalogue.settings import on_behalf
    from greensilk.jobs.work import use_to_be_said
    from greensilk.reports.licences import publishable
    from greensilk.screening import one_site
    from greensilk.workspace.data_use import use_of

    with served.store.reading() as db:
        use = use_of(db, who)
    portfolio = one_site(place.lon, place.lat, place.type, place.radius_km)
    with use_to_be_said(), on_behalf(use):
        return publishable(appraise(portfolio, place.standards, place.on or dt.date.today(), place.layers))
