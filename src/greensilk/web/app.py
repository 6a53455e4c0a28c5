"""The application assembled: routes, errors, headers, limits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

from fastapi import FastAPI
from fastapi.routing import APIRoute

from greensilk import __version__
from greensilk.store.opening import open_store
from greensilk.store.vault import Vault
from greensilk.web.caught import Caught
from greensilk.web.failing import add_error_handlers
from greensilk.web.headers import Headers
from greensilk.web.limits import Limits
from greensilk.web.packing import Packed
from greensilk.web.platform import Platform
from greensilk.web.request_log import RequestLog
from greensilk.web.settings import Settings
from greensilk.web.spoken import describe

# Modules below greensilk.web that answer requests, each with a `router`; the first that knows a path answers it.
ROUTERS: tuple[str, ...] = (
    "api.me",
    "api.organisation",
    "api.portfolios",
    "api.uploads",
    "api.projects",
    "api.screenings",
    "api.documents",
    "api.ratings",
    "api.overrides",
    "api.jobs",
    "api.sites",
    "api.countries",
    "api.knowledge",
    "api.catalogue",
    "api.comparisons",
    "grids",
    "tiles",
    "ogc.features",
    "health",
    "static_files",
    "pages.signing",
    "pages.start",
    "pages.me",
    "pages.portfolios",
    "pages.rating",
    "pages.uploads",
    "pages.jobs",
    "pages.screenings",
    "pages.projects",
    "pages.project_forms",
    "pages.map",
    "pages.countries",
    "pages.standards",
    "pages.administration",
    "pages.routes",
    "pages.catalogue",
)


def operation_id(route: APIRoute) -> str:
    """The name of a route's function: the client's methods have the same names."""
    return route.name


def create_app(settings: Settings) -> FastAPI:
    """A server's application; its database is opened here and closed when the server ends."""
    store = open_store(settings.folder, settings.database_url)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        store.close()

    app = FastAPI(
        title="greensilk", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
        generate_unique_id_function=operation_id,
    )  # fmt: skip
    app.state.platform = Platform(settings, store, Vault(settings.vault_folder))
    for name in ROUTERS:
        described = not name.startswith("pages.")  # openapi.json is for programs
        app.include_router(import_module(f"greensilk.web.{name}").router, include_in_schema=described)
    add_error_handlers(app)
    describe(app)
    # What is added last sees a request first.
    app.add_middleware(Caught)
    app.add_middleware(Packed)
    app.add_middleware(Limits, settings=settings)
    app.add_middleware(Headers, https=settings.https)
    app.add_middleware(RequestLog)
    return app
