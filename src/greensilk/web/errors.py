"""Errors as HTTP tells them: one shape, each class with its status. The only place that knows both."""

from __future__ import annotations

from typing import Any

from greensilk.errors import (
    BundleError,
    ConflictError,
    DefinitionError,
    FetchError,
    GreensilkError,
    IndexDefinitionError,
    LayerError,
    LicenceError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    ParameterError,
    PortfolioError,
    StoreError,
    TooManyError,
    UsageError,
    WorkerError,
)
from greensilk.texts import Language

STATUS: dict[type[GreensilkError], int] = {
    NotSignedInError: 401,
    NotAllowedError: 403,
    LicenceError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    PortfolioError: 422,
    ParameterError: 400,
    UsageError: 422,
    DefinitionError: 422,
    IndexDefinitionError: 422,
    TooManyError: 429,
    LayerError: 409,
    StoreError: 503,
    BundleError: 503,
    FetchError: 503,
    WorkerError: 503,
}


def status_of(error: GreensilkError) -> int:
    """The HTTP status of an error."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def told(error: GreensilkError, lang: Language) -> dict[str, Any]:
    """An error as every answer of the API tells it."""
    return shape(error.code, error.message(lang), status_of(error))


def shape(code: str, words: str, status: int, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The one shape of errors. code: short, for programs; words: which may quote what was given, half characters too;
    errors: one object a field: {field, error}"""
    told = words.encode("utf-8", "replace").decode()
    return {"ok": False, "code": code, "error": told, "errors": errors or [], "status": status}
