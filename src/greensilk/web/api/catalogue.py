"""The catalogue of data as STAC: what is defined, shipped and imported, with licence and attribution."""

from __future__ import annotations

import posixpath
from typing import Any

from fastapi import APIRouter

from greensilk.errors import NotFoundError
from greensilk.web.api.answers import errors
from greensilk.web.asking import Reader

HOME = "/api/v1/stac"
router = APIRouter(prefix=HOME, tags=["catalogue"], responses=errors())
CONFORMS = ("https://api.stacspec.org/v1.0.0/core", "https://api.stacspec.org/v1.0.0/collections")
Object = dict[str, Any]


@router.get("", summary="The catalogue", response_model=None)
def catalogue(who: Reader) -> Object:
    """Its root, with a link to each collection."""
    from greensilk.catalogue.stac import ROOT

    root = _files()[ROOT]
    links = [
        {"rel": "self", "href": HOME, "type": "application/json"},
        {"rel": "data", "href": f"{HOME}/collections", "type": "application/json"},
        {"rel": "service-desc", "href": "/openapi.json", "type": "application/vnd.oai.openapi+json;version=3.1"},
    ]
    return {**root, "conformsTo": list(CONFORMS), "links": [*root["links"], *links]}


@router.get("/collections", summary="Data sets, shipped files, own layers", response_model=None)
def collections(who: Reader) -> Object:
    """One collection each."""
    found = [one for name, one in _files().items() if name.endswith("/collection.json")]
    links = [{"rel": rel, "href": href, "type": "application/json"}
             for rel, href in (("root", HOME), ("self", f"{HOME}/collections"))]  # fmt: skip
    return {"collections": found, "links": links}


@router.get("/collections/{id}", summary="One collection", responses=errors(404), response_model=None)
def collection(who: Reader, id: str) -> Object:
    """A data set, with its licence, providers and versions."""
    return _one(f"{id}/collection.json", id)


@router.get("/collections/{id}/items", summary="What is in use of it", responses=errors(404), response_model=None)
def collection_items(who: Reader, id: str) -> Object:
    """One item a version that was imported."""
    _one(f"{id}/collection.json", id)
    found = [one for one in _files().values() if one["type"] == "Feature" and one["collection"] == id]
    return {"type": "FeatureCollection", "features": found, "links": []}


@router.get("/collections/{id}/items/{item}", summary="One version in use", responses=errors(404), response_model=None)
def collection_item(who: Reader, id: str, item: str) -> Object:
    """When it was imported, what it covers."""
    return _one(f"{id}/{item}/{item}.json", item)


def _files() -> dict[str, Object]:
    """The files of the static catalogue, their links turned into addresses here."""
    from greensilk.catalogue.stac import catalogue_files

    return {name: _linked(name, one) for name, one in catalogue_files()}


def _one(name: str, asked: str) -> Object:
    found = _files().get(name)
    if found is None:
        raise NotFoundError("web_api.not_in_catalogue", id=asked[:60])
    return found


def _linked(name: str, one: Object) -> Object:
    return one | {"links": [link | {"href": _address(name, link["href"])} for link in one["links"]]}


def _address(name: str, href: str) -> str:
    """Where a file that another one links to is here.

    >>> _address("wdpa/collection.json", "./a/a.json"), _address("catalog.json", "./wdpa/collection.json")
    ('/api/v1/stac/collections/wdpa/items/a', '/api/v1/stac/collections/wdpa')
    """
    if not href.startswith("."):
        return href
    parts = posixpath.normpath(posixpath.join(posixpath.dirname(name), href)).split("/")
    return "/".join([HOME, *(["collections", parts[0]] if len(parts) > 1 else []),
                     *(["items", parts[1]] if len(parts) > 2 else [])])  # fmt: skip
