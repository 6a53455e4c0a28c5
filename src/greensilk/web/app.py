"""The application assembled: routes, errors, headers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from greensilk import __version__
from greensilk.store.opening import open_store
from greensilk.store.vault import Vault
from greensilk.web.platform import Platform
from greensilk.web.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """A server's application; its database is opened here and closed when the server ends."""
    store = open_store(settings.folder, settings.database_url)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        store.close()

    app = FastAPI(title="greensilk", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.platform = Platform(settings, store, Vault(settings.vault_folder))
    return app
