"""A worker as a process: takes jobs until it is told to stop, and waits where the database is away."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from greensilk.errors import StoreError
from greensilk.jobs.child import say_ready, told, when_told_to_stop
from greensilk.jobs.logs import log_event, set_up_logs
from greensilk.jobs.worker import work
from greensilk.store.opening import Store, open_store
from greensilk.store.upgrading import upgrade
from greensilk.store.vault import Vault

LONGEST_PAUSE_S = 30.0
AWAY = "store.no_answer"


def run_child() -> None:
    """A worker started by a server."""
    given = told()
    set_up_logs(given["log_format"])
    stop = threading.Event()
    when_told_to_stop(stop.set)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop_at_signals(stop, signal.SIGTERM)
    say_ready()
    run_worker(Path(given["folder"]), Path(given["vault"]), worker_name(given["name"]), stop)


def worker_name(suffix: str | None) -> str:
    """What tells workers apart in jobs and logs: host, process and, where given, a name."""
    return "-".join(filter(None, [socket.gethostname(), str(os.getpid()), suffix]))[:100]


def stop_at_signals(stop: threading.Event, *signals: signal.Signals) -> None:
    """Has signals stop a worker. In a thread: a handler runs in the middle of whatever the main thread does, which may
    hold the very lock that `set` needs."""
    for number in signals:
        signal.signal(number, lambda *_: threading.Thread(target=stop.set).start())


def run_worker(folder: Path, vault: Path, name: str, stop: threading.Event) -> None:
    """Takes jobs until told to stop.

    folder: of the embedded database, where it is used; vault: folder of the vault
    """
    log_event("worker_started", name=name)
    failures = 0
    store = open_store(folder)
    try:
        while not stop.is_set():
            try:
                failures = _worked(store, Vault(vault), name, stop)
            except (DBAPIError, StoreError) as error:
                if isinstance(error, StoreError) and error.key != AWAY:
                    raise
                failures += 1
                pause = min(2.0 ** (failures - 1), LONGEST_PAUSE_S)
                log_event("database_away", logging.ERROR, error=error, retry_in_s=pause)
                stop.wait(pause)
    finally:
        store.close()
        log_event("worker_stopped", name=name)


def _worked(store: Store, vault: Vault, name: str, stop: threading.Event) -> int:
    """Takes jobs until told to stop; the number of failures in a row, which is none where this returns."""
    upgrade(store)
    vault.sweep()
    work(store, vault, stop, name)
    return 0
