"""A platform to be measured: started as its users start it, with the example rated and people in it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.one_machine import ROOT

if TYPE_CHECKING:
    from greensilk.store.opening import Store
    from greensilk.workspace.actor import Actor
    from running_server import RunningServer

sys.path.insert(0, str(ROOT / "tests"))
RATED_S = 240.0  # the engine is compiled first, on a machine where nothing was rated before
DATABASES = ("sqlite", "postgresql")


@dataclass
class OnePlatform:
    """A running platform. who: the administrator of the example; portfolio_id: the example's; postgres: its server"""

    server: RunningServer
    store: Store
    folder: Path
    who: Actor
    portfolio_id: str
    postgres: object | None

    def sessions(self, count: int) -> list[str]:
        """Cookies of so many new sessions."""
        from greensilk.web.asking import cookie_name
        from greensilk.workspace.signing_in import enter

        with self.store.writing() as db:
            return [f"{cookie_name(False)}={enter(db, self.who.user_id)}" for _ in range(count)]

    def tokens(self, count: int) -> list[str]:
        """Tokens of so many new people of the example's organisation, one each."""
        from greensilk.store.people import User
        from greensilk.workspace.actor import actor
        from greensilk.workspace.people import NewPerson, create_user
        from greensilk.workspace.tokens import create_token

        made = []
        for number in range(count):
            with self.store.writing() as db:
                new = NewPerson(f"user-{number}-{time.time_ns()}", f"User {number}", "analyst", os.urandom(12).hex())
                user = create_user(db, self.who, self.who.organisation_id, new)
                made.append(create_token(db, actor(db.get_one(User, user.id)), "load", ["read", "rate"], 1)[0])
        return made

    def project_ids(self) -> list[str]:
        """The example's projects."""
        from sqlalchemy import select

        from greensilk.store.holdings import Project

        with self.store.reading() as db:
            return list(db.scalars(select(Project.id).where(Project.portfolio_id == self.portfolio_id)))


@contextmanager
def one_platform(database: str, *options: str) -> Iterator[OnePlatform]:
    """Runs a platform with the example on one kind of database, until the block ends; everything is taken away."""
    from greensilk.store.opening import open_store
    from platform_store import Postgres
    from running_server import keep_what_is_committed, serving

    folder = Path(tempfile.mkdtemp(prefix="greensilk-bench-"))
    postgres = Postgres() if database == "postgresql" else None
    if postgres:
        keep_what_is_committed(postgres)
    environment = {"GREENSILK_DATABASE_URL": postgres.empty()} if postgres else {}
    try:
        with serving(folder, "--demo", *options, **environment) as server:
            store = open_store(folder / "platform", environment.get("GREENSILK_DATABASE_URL"))
            try:
                yield OnePlatform(server, store, folder, *_example(store), postgres)
            finally:
                store.close()
    finally:
        if postgres:
            postgres.end()
        shutil.rmtree(folder, ignore_errors=True)


def _example(store: Store) -> tuple[Actor, str]:
    from greensilk.store.people import User
    from greensilk.workspace.actor import actor
    from greensilk.workspace.demo import demo_user_id
    from greensilk.workspace.portfolios import portfolios

    with store.reading() as db:
        who = actor(db.get_one(User, demo_user_id(db)))
        return who, portfolios(db, who)[0].id


def wait_until_rated(platform: OnePlatform) -> None:
    """Waits for the example's rating.

    raises: TimeoutError; RuntimeError if it failed
    """
    from sqlalchemy import select

    from greensilk.store.work import Job

    ends = time.monotonic() + RATED_S
    while time.monotonic() < ends:
        with platform.store.reading() as db:
            states = set(db.scalars(select(Job.state)))
        if states <= {"done"}:
            return
        if states & {"failed", "cancelled"}:
            raise RuntimeError(f"the example's rating: {states}")
        time.sleep(0.5)
    raise TimeoutError("the example was not rated in time")
