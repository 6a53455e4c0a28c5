"""An application in process, with two organisations."""

from __future__ import annotations

import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from visited import Site

from platform_people import gathered


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
