"""Holding a job while it is worked on: a thread keeps the lease and tells how far the work is."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Literal

from greensilk.errors import StoreError
from greensilk.jobs.logs import log_event
from greensilk.records import Label
from greensilk.store.opening import Store
from greensilk.store.queue import LEASE_S, Claimed, renew

TELL_EVERY_S = 1.0  # progress that people watch
RENEW_EVERY_S = LEASE_S / 5  # several may fail before the lease is gone

Why = Literal["cancel", "lost", "stop"]


class StoppedError(Exception):
    """The work is not to go on. why: cancelled by people, taken by another worker, or this worker is to stop"""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


class Lease:
    """The lease of one job; within it, `tell` says how far the work is."""

    def __init__(self, store: Store, job: Claimed, stop: threading.Event) -> None:
        """stop: set when this worker is to stop"""
        self._store, self._job, self._stop = store, job, stop
        self._share = 0.0
        self._doing: Label | None = None
        self._told = threading.Event()
        self._ended = threading.Event()
        self._why: Why | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def tell(self, doing: Label, share: float) -> None:
        """Says how far the work is.

        raises: StoppedError if it is not to go on
        """
        why: Why | None = "stop" if self._stop.is_set() else self._why
        if why is not None:
            raise StoppedError(why)
        if (doing, share) != (self._doing, self._share):
            self._doing, self._share = doing, share
            self._told.set()

    def _keep(self) -> None:
        waited_s = 0.0
        while not self._ended.wait(TELL_EVERY_S) and self._why is None:
            waited_s += TELL_EVERY_S
            if self._told.is_set() or waited_s >= RENEW_EVERY_S:
                self._told.clear()
                waited_s = 0.0
                self._renew()

    def _renew(self) -> None:
        doing = None if self._doing is None else self._doing.model_dump()
        try:
            held = renew(self._store, self._job, self._share, doing)
        except StoreError as error:  # the database is away for a moment; what counts is decided when the job ends
            log_event("lease_not_renewed", logging.WARNING, error=error, job=self._job.id)
            return
        if held != "held":
            self._why = held
