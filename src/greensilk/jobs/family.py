"""The processes of one server, kept running: who dies is started again, a little later each time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from greensilk.errors import WorkerError
from greensilk.jobs.child import Child, Task
from greensilk.jobs.logs import log_event

LOOK_EVERY_S = 0.2
LONGEST_PAUSE_S = 30.0
SETTLED_S = 60.0  # who lived so long and dies is not one that cannot start


@dataclass
class _Place:
    """One process that must run. failures: deaths in a row, each soon after its start; not_before: of the next"""

    child: Child
    failures: int = 0
    not_before: float | None = None


class Family:
    """Processes of one server."""

    def __init__(self, tasks: list[Task]) -> None:
        self._places = [_Place(Child(task)) for task in tasks]

    def wait_until_ready(self, patience_s: float, stopped: Callable[[], bool]) -> None:
        """Waits until all are at work, or until somebody stops the server.

        raises: WorkerError if one ended or is not at work in time
        """
        until = time.monotonic() + patience_s
        for place in self._places:
            while not place.child.ready.wait(LOOK_EVERY_S) and not stopped():
                if place.child.status() is not None or time.monotonic() > until:
                    raise WorkerError("serving.did_not_start", name=place.child.task.name)

    def keep_running(self, stopped: Callable[[], bool]) -> None:
        """Starts again who died, until somebody stops the server."""
        while not stopped():
            for place in self._places:
                self._look_at(place)
            time.sleep(LOOK_EVERY_S)

    def _look_at(self, place: _Place) -> None:
        status = place.child.status()
        if status is None:
            return
        if place.not_before is None:
            lived = time.monotonic() - place.child.started
            place.failures = 0 if lived > SETTLED_S else place.failures + 1
            pause = min(2.0 ** (place.failures - 1), LONGEST_PAUSE_S) if place.failures > 1 else 0.0
            place.not_before = time.monotonic() + pause
            log_event("process_died", logging.ERROR, name=place.child.task.name, status=status, restart_in_s=pause)
        if time.monotonic() >= place.not_before:
            place.child, place.not_before = Child(place.child.task), None

    def end(self, grace_s: float) -> None:
        """Lets all finish and end; who has not after a while is killed."""
        for place in self._places:
            place.child.ask_to_stop()
        until = time.monotonic() + grace_s
        for place in self._places:
            if not place.child.wait(until):
                log_event("process_killed", logging.WARNING, name=place.child.task.name)
