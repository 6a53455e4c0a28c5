"""Which projects the map and the list beside it show, and where."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator
from sqlalchemy.orm import Session

from greensilk.reports import marks
from greensilk.store.columns import Page
from greensilk.store.holdings import ProjectVersion
from greensilk.texts import Language
from greensilk.workspace.actor import Actor
from greensilk.workspace.finding import MOST_A_PAGE
from greensilk.workspace.projects import ProjectSeen, Wanted, projects

NOT_RATED = "NOT_RATED"
LEADS = (*marks.COUNTED, NOT_RATED)
MOST_ON_MAP = 20_000
A_LIST = 50  # projects of one page of the list
DECIMALS = 5  # of degrees, about a metre

Chosen = Annotated[str | None, BeforeValidator(lambda value: value or None)]  # a form sends "" for no choice


class Shown(BaseModel):
    """What is shown. portfolio: id, None = all; light: a mark, NOT_RATED, None = all"""

    portfolio: Chosen = None
    light: Chosen = None

    def wanted(self, after: str | None, limit: int) -> Wanted:
        """The same as a question to the projects."""
        lead = "" if self.light == NOT_RATED else self.light
        return Wanted(portfolio_id=self.portfolio, lead=lead, after=after, limit=limit)


def listed(db: Session, who: Actor, shown: Shown, after: str | None) -> Page[ProjectSeen]:
    """One page of the list.

    raises: NotFoundError for a portfolio that is not there; UsageError for a wrong `after`
    """
    return projects(db, who, shown.wanted(after, A_LIST))


def on_map(db: Session, who: Actor, shown: Shown, lang: Language) -> dict[str, Any]:
    """All of them as GeoJSON points in the middle of what each covers. more: whether some are left out for their number

    raises: NotFoundError for a portfolio that is not there
    """
    features: list[dict[str, Any]] = []
    after: str | None = None
    for _ in range(MOST_ON_MAP // MOST_A_PAGE):
        found = projects(db, who, shown.wanted(after, MOST_A_PAGE))
        features += [_feature(one, lang) for one in found.items if one.version.min_lon is not None]
        after = found.next
        if after is None:
            break
    return {"type": "FeatureCollection", "features": features, "more": after is not None}


def _feature(seen: ProjectSeen, lang: Language) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": middle(seen.version)},
        "properties": {"id": seen.project.id, "name": name_in(seen.version, lang), "mark": lead(seen)},
    }


def lead(seen: ProjectSeen) -> str:
    """The mark of a project's newest rating."""
    return NOT_RATED if seen.rating is None else seen.rating.lead


def name_in(version: ProjectVersion, lang: Language) -> str:
    """The project's name, in Chinese where its owner gave one."""
    return (version.name_zh if lang == "zh" else None) or version.name


def middle(version: ProjectVersion) -> tuple[float, float] | None:
    """The middle of what a project covers as lon, lat; None without a location."""
    west, east, south, north = version.min_lon, version.max_lon, version.min_lat, version.max_lat
    if west is None or east is None or south is None or north is None:
        return None
    lon = (west + east + (360.0 if west > east else 0.0)) / 2  # west > east: it lies across 180 degrees
    return round(lon - 360.0 if lon > 180.0 else lon, DECIMALS), round((south + north) / 2, DECIMALS)
