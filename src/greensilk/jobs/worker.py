"""A worker: takes jobs one after the other, does them, and ends each once."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from typing import Any

from greensilk.errors import GreensilkError, StoreError
from greensilk.jobs import routes_job, screening_job
from greensilk.jobs.lease import Lease, StoppedError
from greensilk.jobs.logs import log_event
from greensilk.jobs.work import Work
from greensilk.store.opening import Store
from greensilk.store.queue import Claimed, Ending, LeaseLostError, claim, finish, requeue
from greensilk.store.vault import Vault
from greensilk.texts import speaking
from greensilk.workspace.audit import Command, noted
from greensilk.workspace.reader_process import told

LOOK_EVERY_S = 1.0
DONE_BY: dict[str, Callable[[Work], None]] = {"screen": screening_job.do, "compare_routes": routes_job.do}


def work(store: Store, vault: Vault, stop: threading.Event, name: str) -> None:
    """Takes jobs until told to stop; the one in hand is then given back.

    stop: set when this worker is to stop; name: what people are told that it is called
    raises: StoreError if the database does not answer
    """
    while not stop.is_set():
        job = claim(store, name)
        if job is None:
            stop.wait(LOOK_EVERY_S)
        else:
            do(store, vault, job, stop)


def do(store: Store, vault: Vault, job: Claimed, stop: threading.Event) -> None:
    """Does one job and ends it, unless another worker has it meanwhile.

    raises: StoreError if the database does not answer: then the job is taken again once its lease is over
    """
    log_event("job_started", job=job.id, kind=job.kind)
    with Lease(store, job, stop) as lease:
        ending, said = _done(Work(store, vault, job, lease.tell))
    if ending == "given_back":
        requeue(store, job)
    elif ending in ("failed", "cancelled"):
        _end(store, job, ending, said)
    log_event(f"job_{ending}", job=job.id, kind=job.kind)


def _done(asked: Work) -> tuple[Any, dict[str, str]]:
    """How a job ended: done, lost, given_back, failed or cancelled; and the error of one that failed."""
    job = asked.job
    try:
        with speaking(asked.language()):
            DONE_BY[job.kind](asked)
    except StoppedError as stopped:
        return {"cancel": "cancelled", "lost": "lost", "stop": "given_back"}[stopped.why], {}
    except LeaseLostError:  # another has it, or cancelling was asked for at the last moment: `finish` knows
        return "cancelled", {}
    except GreensilkError as error:
        if isinstance(error, StoreError) and error.key == "store.no_answer":
            raise
        return "failed", told(error)
    except Exception as error:
        reference = secrets.token_hex(4)
        log_event("job_broke", logging.ERROR, error=error, job=job.id, told=reference)
        return "failed", told(GreensilkError("jobs.broke", reference=reference)) | {"code": "internal"}
    return "done", {}


def _end(store: Store, job: Claimed, ending: Ending, said: dict[str, str]) -> None:
    """Ends a job that made nothing; not if another worker has it."""
    try:
        with store.writing() as db:
            finish(db, job, ending, said)
            noted(db, Command(job.organisation_id, login="worker"), f"job.{ending}", "job", job.id, **said)
    except LeaseLostError:
        log_event("job_lost", logging.WARNING, job=job.id, kind=job.kind)
