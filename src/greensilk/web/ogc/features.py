"""OGC API – Features: projects and layers for other programs, as far as /ogc/conformance declares."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from greensilk.errors import NotFoundError
from greensilk.store.columns import now
from greensilk.texts import Language, text
from greensilk.web.asking import Lang, Reader
from greensilk.web.ogc.asked import CRS84, only, read_asked
from greensilk.web.ogc.collections import Collection, collection, collections, stamp
from greensilk.web.ogc.conditions import GEOMETRY
from greensilk.web.ogc.definition import (
    CONFORMS,
    DEFINITION_TYPE,
    GEOJSON,
    HOME,
    ITEM_PARAMETERS,
    SCHEMA,
    definition,
)
from greensilk.web.platform import Served
from greensilk.workspace.actor import Actor

router = APIRouter(prefix=HOME, tags=["ogc"], responses={
    400: {"description": "A parameter is unknown or wrong"}, 404: {"description": "Nothing of that name is there"},
})  # fmt: skip
JSON = "application/json"
Link = dict[str, str]
_PLAIN = ("lang",)  # the parameter that every address takes


class Visit:
    """Who asks, for what, in which language."""

    def __init__(self, request: Request, served: Served, who: Actor, lang: Language) -> None:
        self.request, self.served, self.who, self.lang = request, served, who, lang
        self.server = str(request.base_url).rstrip("/")

    def plain(self) -> None:
        """Nothing, if no parameter but the language is given.

        raises: ParameterError
        """
        only(self.request.query_params, _PLAIN)

    def link(self, rel: str, path: str, kind: str = JSON, **more: str) -> Link:
        """A link to an address below the home of this API."""
        return {"rel": rel, "type": kind, "href": f"{self.server}{HOME}{path}", **more}


async def _visit(request: Request, served: Served, who: Reader, lang: Lang) -> Visit:
    return Visit(request, served, who, lang)


Visited = Annotated[Visit, Depends(_visit)]


@router.get("", summary="What there is")
def ogc_landing(visit: Visited) -> JSONResponse:
    """The landing page."""
    visit.plain()
    links = [
        visit.link("self", ""), visit.link("service-desc", "/api", DEFINITION_TYPE),
        visit.link("conformance", "/conformance"), visit.link("data", "/collections"),
    ]  # fmt: skip
    told = {"title": text("web_ogc.title", visit.lang), "description": text("web_ogc.about", visit.lang)}
    return JSONResponse({**told, "links": links})


@router.get("/conformance", summary="What it conforms to")
def ogc_conformance(visit: Visited) -> JSONResponse:
    """The conformance classes."""
    visit.plain()
    return JSONResponse({"conformsTo": list(CONFORMS)})


@router.get("/api", summary="Its definition in OpenAPI 3.0")
def ogc_definition(visit: Visited) -> JSONResponse:
    """The definition that the standard asks for; the whole server's is /openapi.json."""
    visit.plain()
    return JSONResponse(definition(visit.server, visit.lang), media_type=DEFINITION_TYPE)


@router.get("/collections", summary="Collections of features")
def ogc_collections(visit: Visited) -> JSONResponse:
    """Projects, portfolios, layers that may be handed on, countries."""
    visit.plain()
    with visit.served.store.reading() as db:
        found = [_told(visit, one) for one in collections(db, visit.who)]
    return JSONResponse({
        "description": text("web_ogc.about", visit.lang),
        "links": [visit.link("self", "/collections")],
        "collections": found,
    })  # fmt: skip


@router.get("/collections/{collection_id}", summary="One collection")
def ogc_collection(visit: Visited, collection_id: str) -> JSONResponse:
    """What is known of it."""
    visit.plain()
    with visit.served.store.reading() as db:
        return JSONResponse(_told(visit, collection(db, visit.who, collection_id)))


def _told(visit: Visit, one: Collection) -> dict[str, Any]:
    path, title = f"/collections/{one.id}", one.title.within(visit.lang)
    extent = {"spatial": {"bbox": [one.features.bounds], "crs": CRS84}} if one.features.bounds else {}
    return {
        "id": one.id,
        "title": title,
        "description": one.about.within(visit.lang).strip(),
        "itemType": "feature",
        "crs": [CRS84],
        **({"extent": extent} if extent else {}),
        "links": [
            visit.link("self", path),
            visit.link("items", f"{path}/items", GEOJSON, title=title),
            visit.link("http://www.opengis.net/def/rel/ogc/1.0/queryables", f"{path}/queryables", SCHEMA),
        ],
    }


@router.get("/collections/{collection_id}/queryables", summary="What can be asked for")
def ogc_queryables(visit: Visited, collection_id: str) -> JSONResponse:
    """Its properties, as JSON Schema."""
    visit.plain()
    with visit.served.store.reading() as db:
        one = collection(db, visit.who, collection_id)
        properties = {name: _schema(field.kind) for name, field in one.features.fields.items()}
    return JSONResponse({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{visit.server}{HOME}/collections/{collection_id}/queryables",
        "type": "object",
        "title": one.title.within(visit.lang),
        "properties": {**properties, GEOMETRY: {"format": "geometry-any"}},
        "additionalProperties": False,
    }, media_type=SCHEMA)  # fmt: skip


def _schema(kind: str) -> dict[str, str]:
    return {"type": "string", "format": kind} if kind.startswith("date") else {"type": kind}


@router.get("/collections/{collection_id}/items", summary="Features", openapi_extra={"parameters": [*ITEM_PARAMETERS]})
def ogc_items(visit: Visited, collection_id: str) -> Response:
    """Features of a collection, page by page; properties are parameters too."""
    given = visit.request.query_params
    with visit.served.store.reading() as db:
        one = collection(db, visit.who, collection_id)
        found = one.features.page(read_asked(given, one.features.fields))
    path = f"/collections/{collection_id}/items"
    links = [visit.link("self", f"{path}?{urlencode(given.multi_items())}" if given else path, GEOJSON),
             visit.link("collection", f"/collections/{collection_id}")]  # fmt: skip
    if found.after is not None:
        onward = [(name, value) for name, value in given.multi_items() if name != "after"]
        links.append(visit.link("next", f"{path}?{urlencode([*onward, ('after', found.after)])}", GEOJSON))
    body = "},".join(found.features) + ("}" if found.features else "")
    told = f'"numberMatched":{found.matched},"numberReturned":{len(found.features)},"links":{json.dumps(links)}'
    moment = now().isoformat(timespec="seconds").replace("+00:00", "Z")
    content = f'{{"type":"FeatureCollection","features":[{body}],{told},"timeStamp":"{moment}"}}'
    return Response(content, media_type=GEOJSON, headers={"ETag": stamp(body, told), **_crs()})


@router.get("/collections/{collection_id}/items/{feature_id}", summary="One feature")
def ogc_item(visit: Visited, collection_id: str, feature_id: str) -> Response:
    """A feature by its id."""
    visit.plain()
    with visit.served.store.reading() as db:
        found = collection(db, visit.who, collection_id).features.one(feature_id)
    if found is None:
        raise NotFoundError("web_ogc.no_feature", collection=collection_id[:60], id=feature_id[:60])
    path = f"/collections/{collection_id}"
    links = [visit.link("self", f"{path}/items/{feature_id}", GEOJSON), visit.link("collection", path)]
    content = f'{found},"links":{json.dumps(links)}}}'
    return Response(content, media_type=GEOJSON, headers={"ETag": stamp(content), **_crs()})


def _crs() -> dict[str, str]:
    return {"Content-Crs": f"<{CRS84}>"}
