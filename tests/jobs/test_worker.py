"""A worker: every accepted job ends exactly once, whatever happens to who does it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from greensilk.errors import PortfolioError, StoreError
from greensilk.jobs import worker
from greensilk.jobs.work import Work
from greensilk.records import said
from greensilk.store.audit import AuditEntry
from greensilk.store.opening import Store
from greensilk.store.queue import claim
from greensilk.store.vault import Vault
from greensilk.store.work import Job, Rating, ResultFile, Screening, Verdict
from greensilk.workspace import queue
from platform_people import Gathered
from platform_work import ROWS, accepted, asked, job_now, new_portfolio

PATIENCE_S = 120.0
WORK = """
import sys, threading
from pathlib import Path
from greensilk.jobs import screening_job, worker
from greensilk.store import queue
from greensilk.store.opening import open_store
from greensilk.store.vault import Vault
address, files, at = sys.argv[1:]
queue.LEASE_S = 2.0
queue.claim.__defaults__ = queue.renew.__defaults__ = (2.0,)
stop = threading.Event()
def held(name):
    real = getattr(screening_job, name)
    def hang(*arguments):
        print("here", flush=True)
        stop.wait()
        return real(*arguments)
    setattr(screening_job, name, hang)
if at:
    held(at)
worker.work(open_store(Path("."), address), Vault(Path(files)), stop, "process")
"""


@contextmanager
def running(store: Store, vault: Vault) -> Iterator[threading.Event]:
    """A worker in a thread of this process."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.work, args=(store, vault, stop, "thread"))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join()


def until(true: Callable[[], bool]) -> None:
    """Waits until something is so."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def counted(store: Store) -> dict[str, int]:
    """How many rows there are of what a job makes."""
    with store.reading() as db:
        return {table.__tablename__: db.scalar(select(func.count()).select_from(table)) or 0
                for table in (Screening, Rating, Verdict, ResultFile)}  # fmt: skip


@pytest.fixture
def job(store: Store, vault: Vault, people: Gathered) -> Job:
    """A rating of two projects that waits."""
    portfolio = new_portfolio(store, people.a.analyst)
    accepted(store, vault, people.a.analyst, portfolio, *ROWS)
    return asked(store, people.a.analyst, portfolio, layers=[])


def replaced(monkeypatch: pytest.MonkeyPatch, do: Callable[[Work], None]) -> None:
    monkeypatch.setitem(worker.DONE_BY, "screen", do)


@pytest.mark.parametrize("at", ["rating_rows"])  # within the transaction that keeps all
def test_a_worker_killed_in_the_middle_leaves_the_job_to_the_next(  # noqa: PLR0917 - fixtures, each its own
    store: Store, database_url: str, vault: Vault, people: Gathered, job: Job, at: str
) -> None:
    who = people.a.viewer
    with _process(database_url, vault, at) as first:
        assert first.stdout is not None and first.stdout.readline() == "here\n"
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    assert job_now(store, who, job).state == "running" and set(counted(store).values()) == {0}
    with _process(database_url, vault, ""):
        until(lambda: job_now(store, who, job).state not in ("waiting", "running"))
    ended = job_now(store, who, job)
    assert (ended.state, ended.attempts, ended.error) == ("done", 2, None)
    made = counted(store)
    assert made["screening"] == 1 and made["rating"] == made["verdict"] == 2 and made["result_file"] == 10
    with store.reading() as db:
        ends = select(AuditEntry.action).where(AuditEntry.action.like("job.%"), AuditEntry.object_id == job.id)
        assert list(db.scalars(ends.order_by(AuditEntry.seq))) == ["job.submit", "job.done"]


@contextmanager
def _process(database_url: str, vault: Vault, at: str) -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own, held up where it is told."""
    command = [sys.executable, "-c", WORK, database_url, str(vault.folder), at]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_running_job_is_cancelled(
    store: Store, vault: Vault, people: Gathered, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = threading.Event()

    def endless(asked: Work) -> None:
        share = 0.0
        while True:
            asked.tell(said("jobs.reading"), share % 1)
            share += 0.01
            at_work.set()
            time.sleep(0.01)

    replaced(monkeypatch, endless)
    with running(store, vault):
        assert at_work.wait(PATIENCE_S)
        until(lambda: job_now(store, people.a.viewer, job).doing == {"en": "Reading the file", "zh": "读取文件"})
        with store.writing() as db:
            queue.cancel(db, people.a.analyst, job.id)
        until(lambda: job_now(store, people.a.viewer, job).state == "cancelled")
    assert set(counted(store).values()) == {0}


def test_a_worker_that_is_to_stop_gives_its_job_back(
    store: Store, vault: Vault, people: Gathered, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = threading.Event()

    def endless(asked: Work) -> None:
        while True:
            at_work.set()
            asked.tell(said("jobs.reading"), 0.5)
            time.sleep(0.01)

    replaced(monkeypatch, endless)
    with running(store, vault) as stop:
        assert at_work.wait(PATIENCE_S)
        stop.set()
    seen = job_now(store, people.a.viewer, job)
    assert (seen.state, seen.attempts) == ("waiting", 0)


def test_what_cannot_be_done_is_told_in_both_languages(
    store: Store, vault: Vault, people: Gathered, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(asked: Work) -> None:
        raise PortfolioError("uploads.reader_died", file="p.csv")

    replaced(monkeypatch, refuse)
    _do(store, vault)
    seen = job_now(store, people.a.viewer, job)
    assert seen.state == "failed" and seen.error is not None and seen.error["code"] == "portfolio"
    assert "p.csv" in seen.error["en"] and "p.csv" in seen.error["zh"] and seen.error["en"] != seen.error["zh"]


def test_a_fault_of_the_program_is_told_by_a_number_and_nothing_else(
    store: Store, vault: Vault, people: Gathered, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(asked: Work) -> None:
        raise ZeroDivisionError("secret place")

    replaced(monkeypatch, break_down)
    _do(store, vault)
    seen = job_now(store, people.a.viewer, job)
    assert seen.state == "failed" and seen.error is not None and seen.error["code"] == "internal"
    assert "secret" not in str(seen.error) and "this number" in seen.error["en"]


def test_a_database_that_is_away_does_not_end_a_job(
    store: Store, vault: Vault, people: Gathered, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_database(asked: Work) -> None:
        raise StoreError("store.no_answer")

    replaced(monkeypatch, without_database)
    with pytest.raises(StoreError):
        _do(store, vault)
    assert job_now(store, people.a.viewer, job).state == "running"


def test_a_job_taken_over_is_not_ended_by_who_had_it(
    store: Store, vault: Vault, people: Gathered, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(asked: Work) -> None:
        with store.writing() as db:
            taken = db.get_one(Job, asked.job.id)
            taken.lease, taken.worker = "another", "another"
        with store.writing() as db:
            asked.done(db, {"screening_id": "x"})

    replaced(monkeypatch, slow)
    _do(store, vault)
    seen = job_now(store, people.a.viewer, job)
    assert (seen.state, seen.worker, seen.result) == ("running", "another", None)


def _do(store: Store, vault: Vault) -> None:
    taken = claim(store, "test")
    assert taken is not None
    worker.do(store, vault, taken, threading.Event())
