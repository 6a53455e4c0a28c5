"""Portfolios, files and jobs for tests of the platform."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from greensilk.store.holdings import Portfolio, Upload
    from greensilk.store.opening import Store
    from greensilk.store.vault import Vault
    from greensilk.store.work import Job
    from greensilk.workspace.actor import Actor

HEAD = "id,name,type,lon,lat"
ROWS = ("a,Alpha,solar,103.0,16.5", "b,Beta,coal plant,102.7,18.2", "c,Gamma,nonsense,102.8,18.3")
MOST_BYTES = 10_000_000


def table(*rows: str) -> bytes:
    """A CSV file of HEAD and these rows."""
    return "\n".join((HEAD, *rows, "")).encode()


def new_portfolio(store: Store, who: Actor, name: str = "mine") -> Portfolio:
    """A portfolio without projects."""
    from greensilk.workspace.portfolios import create_portfolio

    with store.writing() as db:
        return create_portfolio(db, who, name)


def received(  # noqa: PLR0917 - where it is kept, who gives it, what for, and the file
    store: Store, vault: Vault, who: Actor, portfolio: Portfolio, content: bytes, name: str = "p.csv"
) -> Upload:
    """A file given for a portfolio."""
    from greensilk.workspace.uploads import receive

    return receive(store, vault, who, portfolio.id, name, io.BytesIO(content), MOST_BYTES)


def accepted(store: Store, vault: Vault, who: Actor, portfolio: Portfolio, *rows: str) -> Upload:
    """A file given for a portfolio, and accepted."""
    from greensilk.workspace.uploads import accept

    given = received(store, vault, who, portfolio, table(*rows))
    return accept(store, vault, who, given.id, given.version)


def asked(store: Store, who: Actor, portfolio: Portfolio, **arguments: Any) -> Job:
    """A rating asked for, by one standard where nothing else is said."""
    from greensilk.workspace.queue import submit

    wanted = {"portfolio_id": portfolio.id, "standards": ["gdg_2020"], **arguments}
    with store.writing() as db:
        return submit(db, who, "screen", wanted)


def job_now(store: Store, who: Actor, job: Job) -> Job:
    """A job as it stands."""
    from greensilk.workspace.queue import job as found

    with store.reading() as db:
        return found(db, who, job.id)


def worked_off(store: Store, vault: Vault) -> None:
    """Does all jobs that wait, in this thread."""
    from greensilk.jobs.worker import do
    from greensilk.store.queue import claim

    while (taken := claim(store, "test")) is not None:
        do(store, vault, taken, threading.Event())
