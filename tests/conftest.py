"""Fixtures that every room's tests share."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from platform_people import Gathered, gathered
from platform_store import DATABASES, Postgres, postgres_or_skip, prepared_sqlite

if TYPE_CHECKING:
    from greensilk.store.opening import Store
    from greensilk.store.vault import Vault

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("needs the real data in ../shared/data, which is not here")
    return SHARED


@pytest.fixture(autouse=True)
def own_data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Every test has an empty data folder and speaks English, whatever the machine has."""
    folder = tmp_path / "greensilk-data"
    monkeypatch.setenv("GREENSILK_DATA_DIR", str(folder))
    monkeypatch.setenv("GREENSILK_LANG", "en")
    for name in (
        "GREENSILK_USE",
        "GREENSILK_MIRROR",
        "GREENSILK_DATABASE_URL",
        "GREENSILK_NEW_PASSWORD",
        "http_proxy",
        "https_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    yield folder


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded database with all tables and no row, to be copied."""
    return prepared_sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL of our own, for the whole session."""
    yield from postgres_or_skip()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with all tables and no row: an embedded one, then one of PostgreSQL."""
    if request.param == "sqlite":
        copy = tmp_path / "platform.db"
        shutil.copy(request.getfixturevalue("sqlite_file"), copy)
        yield f"sqlite:///{copy}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        address = server.ready()
        yield address
        server.drop(address)


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """The same, open."""
    from greensilk.store.opening import open_store

    opened = open_store(tmp_path, database_url)
    yield opened
    opened.close()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """An empty vault of files."""
    from greensilk.store.vault import Vault

    return Vault(tmp_path / "files")


@pytest.fixture
def people(store: Store) -> Gathered:
    """Two organisations, `people.a` and `people.b`, each with a person of every role as an Actor."""
    return gathered(store)
