"""Opening the database: SQLite inside the data folder, or the one that GREENSILK_DATABASE_URL names.

A block of `writing` is one transaction, kept whole when it ends, or nothing of it. SQLite has one writer at a time: a
block takes its turn at its beginning, so that it never fails half way.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    StatementError,
    TimeoutError,
)
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

import greensilk.store.tables  # noqa: F401 - foreign keys look for each other's tables
from greensilk.errors import ConflictError, GreensilkError, StoreError, UsageError
from greensilk.store.columns import stored_document

WAIT_FOR_TURN_S = 30.0
TRUSTED_S = 1.0  # a connection that was used so lately is not asked whether it lives
SQLITE_FILE = "platform.db"
UNIQUE = "23505"  # PostgreSQL's number for what is there already
log = logging.getLogger(__name__)


class Store:
    """An open database. Sessions of it are for one thread and one piece of work each."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # In SQLite every transaction has one view; PostgreSQL gives one when asked.
        self._views = engine if self.is_sqlite else engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )  # fmt: skip
        self._looks = engine if self.is_sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that keeps nothing: one view of the database for one answer."""
        with _told(), Session(self._views, autoflush=False, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """A session for one question alone, which needs no transaction around it: PostgreSQL is spared two of its
        three answers."""
        with _told(), Session(self._looks, autoflush=False, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose work is kept when the block ends, or undone when it raises.

        raises: ConflictError if somebody else changed a row meanwhile; StoreError if the database does not answer
        """
        with _told(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            session.connection(execution_options={"greensilk_writes": True})
            yield session

    def close(self) -> None:
        """Ends all connections."""
        self.engine.dispose()


@contextmanager
def _told() -> Iterator[None]:
    """What the database says, as errors that people are told."""
    try:
        yield
    except StaleDataError as error:
        raise ConflictError("store.changed_meanwhile") from error
    except IntegrityError as error:
        if _is_taken(error):  # two at once, where one would have been told
            raise ConflictError("store.changed_meanwhile") from error
        raise
    except (DataError, UnicodeEncodeError, OverflowError) as error:  # the latter two where SQLite's driver refuses
        raise UsageError("store.bad_character") from error
    except (OperationalError, InterfaceError, TimeoutError) as error:
        log.warning("database: %s", error.orig if isinstance(error, DBAPIError) else error)
        raise StoreError("store.no_answer") from error
    except StatementError as error:
        if isinstance(error.orig, GreensilkError):  # what a column refuses, wrapped on its way
            raise error.orig from error
        raise


def _is_taken(error: IntegrityError) -> bool:
    return getattr(error.orig, "sqlstate", "") == UNIQUE or "UNIQUE constraint failed" in str(error.orig)


def open_store(folder: Path, url: str | None = None) -> Store:
    """The database of a platform.

    folder: where the embedded one lies; url: of another, None = GREENSILK_DATABASE_URL, else the embedded one
    raises: StoreError for an address that is no database of a kind known here
    """
    given = url or os.environ.get("GREENSILK_DATABASE_URL", "")
    engine = _engine(given) if given else _embedded(folder)
    return Store(engine)


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError("store.bad_url") from error  # the address itself may hold a password
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return _embedded(Path(parsed.database).parent, Path(parsed.database).name)
    if parsed.get_backend_name() != "postgresql":
        raise StoreError("store.unknown_kind", kind=parsed.get_backend_name()[:40])
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"), pool_size=10, max_overflow=10,
        connect_args={"connect_timeout": 10}, json_serializer=stored_document,
    )  # fmt: skip
    _check_before_use(engine)
    return engine


def _check_before_use(engine: Engine) -> None:
    """A database that was started anew has closed the connections that lie in the pool. The pool's own check asks
    each time, which is a sixth of what a page asks in all."""

    @event.listens_for(engine, "checkin")
    def note(connection: Any, record: Any) -> None:
        record.info["used_at_s"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def check(connection: Any, record: Any, proxy: Any) -> None:
        if time.monotonic() - record.info.get("used_at_s", time.monotonic()) < TRUSTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another one


def _embedded(folder: Path, name: str = SQLITE_FILE) -> Engine:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).touch(mode=0o600)  # SQLite gives its other files the same mode
    engine = create_engine(f"sqlite:///{folder / name}", connect_args={"timeout": WAIT_FOR_TURN_S}, pool_size=10,
                           max_overflow=30, json_serializer=stored_document)  # fmt: skip

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the driver's own guesses when to begin are wrong for readers and writers
        for setting in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "recursive_triggers=ON",
        ):  # so that REPLACE meets the triggers against DELETE
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("greensilk_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")

    return engine
