"""What the OGC API of this server is, for programs: conformance, and its definition in OpenAPI 3.0."""

from __future__ import annotations

from typing import Any

from greensilk import __version__
from greensilk.texts import Language, text
from greensilk.web.ogc.asked import CRS84, MOST_A_PAGE, USUAL_LIMIT

HOME = "/ogc"
DEFINITION_TYPE = "application/vnd.oai.openapi+json;version=3.0"
GEOJSON, SCHEMA = "application/geo+json", "application/schema+json"
_FEATURES = "http://www.opengis.net/spec/ogcapi-features"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf"
CONFORMS = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    *(f"{_FEATURES}-1/1.0/conf/{name}" for name in ("core", "oas30", "geojson")),
    *(
        f"{_FEATURES}-3/1.0/conf/{name}"
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"{_CQL2}/{name}"
        for name in ("cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators",
                     "basic-spatial-functions", "basic-spatial-functions-plus")
    ),
)  # fmt: skip


def _query(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, **more}


_NUMBERS = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
_WORD: dict[str, Any] = {"type": "string"}
_CRS = {"type": "string", "format": "uri", "enum": [CRS84]}
ITEM_PARAMETERS: tuple[dict[str, Any], ...] = (
    _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST_A_PAGE, "default": USUAL_LIMIT}),
    _query("after", _WORD),
    _query("bbox", _NUMBERS, style="form", explode=False, example=[100, 14, 108, 23]),
    _query("datetime", _WORD, example="2020-01-01T00:00:00Z/.."),
    _query("filter", _WORD, example="capacity_mw > 100"),
    _query("filter-lang", {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"}),
    *(_query(name, _CRS) for name in ("filter-crs", "bbox-crs", "crs")),
)
_LANG = _query("lang", {"type": "string", "enum": ["en", "zh"]})
_PATH = {"collectionId": "A collection", "featureId": "A feature"}
# Path -> name of the operation, media type of the answer.
_PATHS = {
    "/": ("landingPage", "application/json"),
    "/conformance": ("conformance", "application/json"),
    "/api": ("definition", DEFINITION_TYPE),
    "/collections": ("collections", "application/json"),
    "/collections/{collectionId}": ("collection", "application/json"),
    "/collections/{collectionId}/queryables": ("queryables", SCHEMA),
    "/collections/{collectionId}/items": ("features", GEOJSON),
    "/collections/{collectionId}/items/{featureId}": ("feature", GEOJSON),
}


def definition(server: str, lang: Language) -> dict[str, Any]:
    """The definition in OpenAPI 3.0. server: address of this server"""
    return {
        "openapi": "3.0.3",
        "info": {"title": text("web_ogc.title", lang), "description": text("web_ogc.about", lang),
                 "version": __version__},
        "servers": [{"url": f"{server}{HOME}"}],
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}, "schemas": {"error": ERROR}},
        "security": [{"token": []}],
        "paths": {path: {"get": _operation(path, *named)} for path, named in _PATHS.items()},
    }  # fmt: skip


ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["ok", "code", "error", "errors", "status"],
    "properties": {
        "ok": {"type": "boolean"},
        "code": {"type": "string"},
        "error": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
        "status": {"type": "integer"},
    },
}


def _operation(path: str, name: str, kind: str) -> dict[str, Any]:
    inside = [
        {"name": one, "in": "path", "required": True, "schema": _WORD, "description": words}
        for one, words in _PATH.items()
        if f"{{{one}}}" in path
    ]
    failed = {
        "description": "Refused",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}},
    }
    return {
        "operationId": name,
        "parameters": [*inside, *(ITEM_PARAMETERS if path.endswith("/items") else ()), _LANG],
        "responses": {
            "200": {"description": name, "content": {kind: {"schema": {"type": "object"}}}},
            "400": failed,
            "default": failed,
        },
    }
