"""Processes of our own: started by the name of a module, asked through pipes, and gone when the one that asks is gone.

Not forked: a forked process waits for ever for thread pools it did not inherit. Not the standard library's pools: they
run the user's script a second time.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NoReturn

PATIENCE_S = 5.0  # to end by itself once nothing more is asked
# Imported by its name, not run as __main__, so that what is sent is of the classes that it knows.
START = "import importlib, sys; importlib.import_module(sys.argv[1]).answer_parent()"
ONE_THREAD = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}  # the processes are the threads


class ProcessDied(Exception):
    """A process ended before it answered. status: its exit status, negative = the signal that ended it."""

    def __init__(self, status: int | None) -> None:
        super().__init__(status)
        self.status = status


class OwnProcess:
    """A process that runs a module of greensilk: its function `answer_parent`, which calls `answer_all`."""

    def __init__(self, module: str) -> None:
        packages = str(Path(__file__).parents[1])  # the same greensilk, however this one was found
        path = os.pathsep.join(filter(None, [packages, os.environ.get("PYTHONPATH")]))
        # -P: a module that lies in the folder where the program is run is not ours. A session of its own: Ctrl-C
        # reaches the parent alone, and with the parent the pipe ends.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", START, module],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": path},
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def send(self, question: Any) -> None:
        """Ask without waiting. raises: ProcessDied"""
        assert self._process.stdin is not None  # noqa: S101 - for the type checker: a pipe was asked for
        try:
            pickle.dump(question, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError) as error:  # ValueError: closed by `end`
            raise ProcessDied(self._status()) from error

    def answer(self) -> Any:
        """Wait for the answer to what was sent.

        raises: ProcessDied; what answering raised, with the lines of code where it did as a note
        """
        assert self._process.stdout is not None  # noqa: S101 - for the type checker: a pipe was asked for
        try:
            failed, value = pickle.load(self._process.stdout)  # noqa: S301 - from our own process, through its own pipe
        except (EOFError, pickle.UnpicklingError, ValueError) as error:
            raise ProcessDied(self._status()) from error
        if failed:
            raise value
        return value

    def ask(self, question: Any) -> Any:
        """Ask and wait for the answer; see `send` and `answer`."""
        self.send(question)
        return self.answer()

    def lives(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once; `end` still closes its pipes."""
        self._process.kill()

    def end(self) -> None:
        """Let it end, now that nothing more is asked, and wait until it has."""
        with suppress(BrokenPipeError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        self._status()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _status(self) -> int | None:
        try:
            return self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def answer_all(answer: Callable[[Any], Any]) -> NoReturn:
    """What a process of ours does: answer every question until the pipe ends, then end at once."""
    with suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed must not get between the answers
    questions: SimpleQueue[tuple[bool, Any]] = SimpleQueue()
    threading.Thread(target=_listen, args=(questions,), daemon=True).start()
    while True:
        failed, value = questions.get()
        if not failed:
            failed, value = _answered(answer, value)
        try:
            pickle.dump((failed, value), replies, pickle.HIGHEST_PROTOCOL)
            replies.flush()
        except BrokenPipeError:
            os._exit(1)


def _listen(questions: SimpleQueue[tuple[bool, Any]]) -> None:
    """Puts questions into the queue. The end of the pipe ends the process, even in the middle of an answer."""
    while True:
        try:
            questions.put((False, pickle.load(sys.stdin.buffer)))  # noqa: S301 - from our parent, through its own pipe
        except EOFError:
            os._exit(0)
        except Exception as error:
            questions.put((True, _portable(error)))


def _answered(answer: Callable[[Any], Any], question: Any) -> tuple[bool, Any]:
    try:
        return False, answer(question)
    except Exception as error:
        return True, _portable(error)


def _portable(error: Exception) -> Exception:
    """The error with its lines of code as a note; in plain words where it cannot be sent."""
    lines = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(lines)
    return error
