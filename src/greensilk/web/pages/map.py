"""The map: projects by light over local tiles, layers on and off, and a place rated at once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from pydantic import BaseModel, BeforeValidator

from greensilk.catalogue.base_tiles import WorldView, base_attributions
from greensilk.catalogue.bundle import bundle_index
from greensilk.errors import GreensilkError, NotFoundError
from greensilk.project_types import project_types
from greensilk.reports import labels, marks
from greensilk.reports.bilingual import Bilingual, said
from greensilk.reports.ground import CHN_VIEW
from greensilk.reports.project_view import ProjectView, Reading
from greensilk.texts import Language, text
from greensilk.web.asking import Computing
from greensilk.web.errors import status_of
from greensilk.web.pages.approved_base import ApprovedBase, approved_base
from greensilk.web.pages.country_names import country_names
from greensilk.web.pages.place_form import place_of
from greensilk.web.pages.projects_on_map import (
    LEADS,
    NOT_RATED,
    Chosen,
    Shown,
    lead,
    listed,
    middle,
    name_in,
    on_map,
)
from greensilk.web.site_rating import rated_place
from greensilk.web.static_files import FOLDER, asset
from greensilk.web.visits import Visit, Visiting
from greensilk.workspace.people import organisation
from greensilk.workspace.portfolios import portfolios

router = APIRouter(include_in_schema=False)
SCRIPTS = {"maplibre": "js/maplibre-gl.mjs", "worker": "js/maplibre-gl-worker.mjs"}
FACT_GROUPS = frozenset(("sensitive", "place", "people", "land", "climate"))  # of a place, not of a project
BASE_PATH = "/tiles/own/base.pmtiles"
GEOJSON = "application/geo+json"
TILES_TYPE = "application/vnd.pmtiles"
# Words that the script puts on the page, and those of the map's own controls (under the names that it knows them by).
WORDS = ("open_project", "chosen_place", "drawn", "too_many", "not_drawn", "coarse")
CONTROLS = {
    "Map.Title": "map_title",
    "NavigationControl.ZoomIn": "zoom_in",
    "NavigationControl.ZoomOut": "zoom_out",
    "Popup.Close": "close",
}


class Asked(Shown):
    """What an address of the map asks for. view: whose borders; after: which page of the list"""

    view: Annotated[WorldView | None, BeforeValidator(lambda value: value or None)] = None
    after: Chosen = None


class Place(BaseModel):
    """The form of a place, as somebody filled it in; what cannot be used is told at the form."""

    lon: str = ""
    lat: str = ""
    type: str = ""
    radius_km: str = ""


@dataclass(frozen=True)
class Answer:
    """A place and what was found there. refused: why nothing was, in words; status: of HTTP"""

    place: Place = field(default_factory=Place)
    rated: ProjectView | None = None
    refused: str | None = None
    status: int = 200


@router.get("/map")
def map_page(visit: Visiting, asked: Annotated[Asked, Query()]) -> HTMLResponse:
    """The map, with the same projects as a list beside it."""
    return _page(visit, asked, Answer())


@router.get("/map/projects")
def map_projects(visit: Visiting, shown: Annotated[Shown, Query()]) -> JSONResponse:
    """What the map draws."""
    with visit.served.store.reading() as db:
        return JSONResponse(on_map(db, visit.who, shown, visit.lang), media_type=GEOJSON)


@router.get("/map/names")
def map_names(visit: Visiting, asked: Annotated[Asked, Query()]) -> JSONResponse:
    """Where the names of countries stand."""
    is_chn = world_view(asked.view, visit.lang) == "chn"
    return JSONResponse(country_names(is_chn, visit.lang), media_type=GEOJSON)


@router.get(BASE_PATH)
def own_base(visit: Visiting) -> FileResponse:
    """The organisation's approved base map, whole or in ranges."""
    base = approved_base(visit.served.settings.folder, visit.who.organisation_id)
    if base is None or not base.usable:
        raise NotFoundError("web_map.no_base")
    return FileResponse(base.path, media_type=TILES_TYPE)


@router.post("/map/site")
def map_site(visit: Visiting, place: Annotated[Place, Form()], turn: Computing) -> HTMLResponse:
    """A place rated: the answer alone for the script of the page, the whole page for a browser without script."""
    answer = _answer(visit, place)
    if "hx-request" in visit.request.headers:
        return visit.page("map_rating.html.j2", answer.status, answer=answer, fact_groups=FACT_GROUPS)
    return _page(visit, Asked(), answer)


def _answer(visit: Visit, place: Place) -> Answer:
    try:
        meant = place_of(place.lon, place.lat, place.type, place.radius_km)
        return Answer(place, Reading(rated_place(visit.served, visit.who, meant)).view(0))
    except GreensilkError as error:
        return Answer(place, refused=visit.said(error), status=status_of(error))


def _page(visit: Visit, asked: Asked, answer: Answer) -> HTMLResponse:
    base = approved_base(visit.served.settings.folder, visit.who.organisation_id)
    with visit.served.store.reading() as db:
        approval = organisation(db, visit.who).map_approval
        held, found = portfolios(db, visit.who), listed(db, visit.who, asked, asked.after)
    view = world_view(asked.view, visit.lang)
    return visit.page(
        "map.html.j2", answer.status, answer=answer, asked=asked, view=view, portfolios=held, found=found, leads=LEADS,
        lead=lead, name_in=name_in, middle=middle, country=labels.country, type_of=labels.project_type,
        types=project_types().values(), has_chn=_has_chn(), foot=foot(view, approval, base), lights=lights(visit.lang),
        base_broken=base is not None and not base.usable, settings=told(asked, view, visit.lang, base),
        is_installed=is_installed(), credits=credits(view, base), fact_groups=FACT_GROUPS,
    )  # fmt: skip


def _has_chn() -> bool:
    return CHN_VIEW in bundle_index()


def world_view(asked: str | None, lang: Language) -> WorldView:
    """Whose borders are drawn: as asked, else by language."""
    if not _has_chn():
        return "ne"
    return "chn" if asked == "chn" or (not asked and lang == "zh") else "ne"


def foot(view: WorldView, approval: str | None, base: ApprovedBase | None) -> tuple[Bilingual, Bilingual]:
    """What stands below the map: whose borders it shows; a stamp, or the number of an approval."""
    borders = said("web_map.own_base") if base is not None and base.usable else said(f"reports.world_view_{view}")
    return borders, said("reports.approved", number=approval) if approval else said("reports.stamp")


def credits(view: WorldView, base: ApprovedBase | None) -> list[str]:
    """To whom the ground of the map is owed; whoever gives a map of their own names its source on it."""
    return [] if base is not None and base.usable else base_attributions(view)


def told(shown: Shown, view: WorldView, lang: Language, base: ApprovedBase | None) -> str:
    """What the script of the page is told, as JSON."""
    own = base is not None and base.usable
    asked = urlencode(shown.model_dump(include={"portfolio", "light"}, exclude_none=True) | {"lang": lang})
    return json.dumps({
        "base": BASE_PATH if own else f"/tiles/base-{view}.pmtiles",
        "base_is_pictures": own,
        "projects": f"/map/projects?{asked}",
        "portfolio": shown.portfolio,
        "credits": credits(view, base),
        "names": f"/map/names?{urlencode({'view': view, 'lang': lang})}",
        "lang": lang,
        "severity": [*marks.SEVERITY, NOT_RATED],
        "words": {name: text(f"web_map.{name}", lang, count="{count}") for name in WORDS},
        "lights": lights(lang),
        "scripts": {name: asset(path) for name, path in SCRIPTS.items()} if is_installed() else {},
        "controls": {name: text(f"web_map.{key}", lang) for name, key in CONTROLS.items()},
    })  # fmt: skip


def is_installed() -> bool:
    """Whether the build put the script of the map there (it needs a registry of packages, once)."""
    return all((FOLDER / path).is_file() for path in SCRIPTS.values())


def lights(lang: Language) -> dict[str, str]:
    """The word of every mark."""
    keys = {name: "web_layout.not_rated" if name == NOT_RATED else f"reports.light_{name}" for name in LEADS}
    return {name: text(key, lang) for name, key in keys.items()}
