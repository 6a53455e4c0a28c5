"""An application in process, with two organisations."""

from __future__ import annotations

import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from browsed import launched
from furnished import Full, Holdings, Key, furnish, key_of, queue
from visited import Site

from platform_people import Gathered, gathered

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Pattern = tuple[Path, Gathered, dict[str, Holdings], dict[str, Key]]


@pytest.fixture
def site(tmp_path: Path, sqlite_file: Path) -> Iterator[Site]:
    """The application on an embedded database of its own."""
    from greensilk.store.opening import SQLITE_FILE
    from greensilk.web.app import create_app
    from greensilk.web.settings import Settings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client that comes with the framework asks for another library
        from fastapi.testclient import TestClient

    folder = tmp_path / "site"
    folder.mkdir()
    shutil.copy(sqlite_file, folder / SQLITE_FILE)
    app = create_app(Settings(folder))
    with TestClient(app, raise_server_exceptions=False) as client:
        served = app.state.platform
        yield Site(client, served.store, served.vault, gathered(served.store))


@pytest.fixture(scope="session")
def full_folder(tmp_path_factory: pytest.TempPathFactory, sqlite_file: Path) -> Pattern:
    """A platform's folder in which both organisations hold something of everything, to be copied."""
    from greensilk.store.opening import SQLITE_FILE, open_store
    from greensilk.store.vault import Vault
    from greensilk.web.settings import Settings

    folder = tmp_path_factory.mktemp("full")
    shutil.copy(sqlite_file, folder / SQLITE_FILE)
    store, vault = open_store(folder, f"sqlite:///{folder / SQLITE_FILE}"), Vault(Settings(folder).vault_folder)
    people = gathered(store)
    held = {"a": furnish(store, vault, people.a), "b": furnish(store, vault, people.b)}
    held = {name: queue(store, staff, held[name]) for name, staff in (("a", people.a), ("b", people.b))}
    keys = {one.login: key_of(store, one) for staff in (people.a, people.b) for one in staff.all}
    store.close()
    return folder, people, held, keys


@pytest.fixture
def full(full_folder: Pattern, tmp_path: Path) -> Iterator[Full]:
    """The application on a copy of that."""
    from greensilk.web.app import create_app
    from greensilk.web.settings import Settings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient

    pattern, people, held, keys = full_folder
    folder = tmp_path / "full"
    shutil.copytree(pattern, folder)
    app = create_app(Settings(folder))
    with TestClient(app, raise_server_exceptions=False) as client:
        served = app.state.platform
        yield Full(Site(client, served.store, served.vault, people), held["a"], held["b"], keys, pattern, folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser."""
    with launched() as found:
        yield found
