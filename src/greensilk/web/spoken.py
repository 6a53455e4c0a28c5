"""The description of the API for programs: /openapi.json with the one shape of errors and both ways to sign in."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from greensilk.texts import text

OTHERS_SHAPES = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> None:
    """Replaces the description that FastAPI would make."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _schema(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _schema(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=app.title, version=app.version, routes=app.routes, summary=text("web_api.summary", "en"),
        description=text("web_api.about", "en"), license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )  # fmt: skip
    parts = found.setdefault("components", {})
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": text("web_api.token_about", "en")}
    }
    for name in OTHERS_SHAPES:
        parts.get("schemas", {}).pop(name, None)
    for ways in found["paths"].values():
        for operation in ways.values():
            _in_one_shape(operation["responses"])
    return found


def _in_one_shape(answers: dict[str, Any]) -> None:
    """Puts our shape in place of the one that FastAPI describes for requests that are not right."""
    content = answers.get("422", {}).get("content", {}).get("application/json", {})
    if content.get("schema", {}).get("$ref", "").endswith(f"/{OTHERS_SHAPES[0]}"):
        content["schema"] = {"$ref": "#/components/schemas/ErrorAnswer"}
