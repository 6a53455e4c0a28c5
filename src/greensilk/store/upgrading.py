"""Brings the tables of a database to the shape that this program knows, or back to an earlier one.

One process at a time: a second one waits, and finds nothing left to do. A step is done whole or not at all, since both
databases change tables within transactions.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text

from greensilk.errors import StoreError
from greensilk.store.opening import Store
from greensilk.store.tables import METADATA

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

FOLDER = Path(__file__).parent / "migrations"
TURN = 7_317_201  # number of the lock in PostgreSQL: any, but always the same
BASE = "base"


def upgrade(store: Store) -> None:
    """Brings the database to the newest shape; makes all tables in an empty one.

    raises: StoreError if a newer program made it
    """
    steps = _steps()
    newest = _newest(steps)
    if revision(store) != newest:
        _run(store, lambda found, context: steps._upgrade_revs(newest, found))


def downgrade(store: Store, to: str) -> None:
    """Brings the database back to an earlier shape; what only the later one could hold is lost.

    to: a revision, or "base" for none: no table is left
    """
    steps = _steps()
    _run(store, lambda found, context: steps._downgrade_revs(to, found))


def revision(store: Store) -> str | None:
    """The shape of the database: a revision, None for an empty one.

    raises: StoreError for a shape that this program does not know
    """
    with store.engine.connect() as connection:
        return _revision(connection)


def newest() -> str:
    """The shape that this program knows."""
    return _newest(_steps())


def _newest(steps: ScriptDirectory) -> str:
    found = steps.get_current_head()
    if found is None:
        raise LookupError("no migration is installed")
    return found


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is not None and found not in {step.revision for step in _steps().walk_revisions()}:
        raise StoreError("store.newer", found=found, known=newest())
    return found


def _steps() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(FOLDER), version_locations=[str(FOLDER)])


def _run(store: Store, chosen: Callable[[Any, MigrationContext], Any]) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext

    with store.engine.connect().execution_options(greensilk_writes=True) as connection, connection.begin():
        if not store.is_sqlite:  # there the transaction itself is the turn
            connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
        _revision(connection)
        with EnvironmentContext(Config(), _steps(), fn=chosen) as environment:
            environment.configure(connection=connection, target_metadata=METADATA)
            environment.run_migrations()
