"""Processes of one server: told what to do by one line on their input, and told to stop by its end.

So they stop by themselves when whoever started them is gone, however it went. Not asked and answered like those of
`greensilk.processes`: these serve others, and are only started, restarted and stopped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START = "import importlib, sys; importlib.import_module(sys.argv[1]).run_child()"
READY = "ready\n"


@dataclass(frozen=True)
class Task:
    """What a process is for. name: in the log; module: has the function `run_child`; told: what it reads by `told`;
    inherited: open files that it is given"""

    name: str
    module: str
    told: dict[str, Any]
    inherited: tuple[int, ...] = ()


class Child:
    """A started process of this server."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.started = time.monotonic()
        self.ready = threading.Event()
        packages = str(Path(__file__).parents[2])  # the same greensilk, however this one was found
        path = os.pathsep.join(filter(None, [packages, os.environ.get("PYTHONPATH")]))
        # A session of its own: Ctrl-C reaches the first process alone, which tells the others in good order.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", START, task.module], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            pass_fds=task.inherited, start_new_session=True, env={**os.environ, "PYTHONPATH": path}, text=True,
        )  # fmt: skip
        with suppress(BrokenPipeError):
            self._stdin.write(json.dumps(task.told) + "\n")
            self._stdin.flush()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def _stdin(self) -> Any:
        return self._process.stdin

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def status(self) -> int | None:
        """How it ended, negative = the signal that ended it; None while it lives."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """Lets it finish what it is at and end."""
        with suppress(BrokenPipeError):
            self._stdin.close()

    def wait(self, until: float) -> bool:
        """Whether it ended by a moment of time.monotonic; otherwise it is killed."""
        try:
            self._process.wait(max(until - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        return True

    def _listen(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - for the type checker: a pipe was asked for
        with self._process.stdout as said:
            for line in said:
                if line == READY:
                    self.ready.set()


def told() -> dict[str, Any]:
    """In a child: what it was told when it was started."""
    found: dict[str, Any] = json.loads(sys.stdin.readline())
    return found


def when_told_to_stop(stop: Callable[[], None]) -> None:
    """In a child: has `stop` called, in another thread, when its input ends."""

    def wait() -> None:
        sys.stdin.read()
        stop()

    threading.Thread(target=wait, daemon=True).start()


def say_ready() -> None:
    """In a child: tells that it is at work. Nothing else may be printed: what is, goes to the error stream."""
    sys.stdout.write(READY)
    sys.stdout.flush()
    os.dup2(2, 1)
