"""Asking the processes that read uploaded files: few at a time, each file within its time, whatever it does to them."""

from __future__ import annotations

import atexit
import os
import queue
import threading
from dataclasses import dataclass

from greensilk.errors import PortfolioError
from greensilk.processes import OwnProcess, ProcessDied
from greensilk.workspace.reader_process import Answer, Question, told

READING_S = 120.0  # by the clock, for one file
MOST_FILES = 50  # that one process reads; then it is replaced, whatever its libraries kept
MODULE = "greensilk.workspace.reader_process"


@dataclass
class _Reader:
    process: OwnProcess
    files: int = 0


class Readers:
    """Some processes that read files, started when they are needed and kept for the next file."""

    def __init__(self, most: int) -> None:
        self._free: queue.LifoQueue[_Reader | None] = queue.LifoQueue()
        for _ in range(most):
            self._free.put(None)

    def ask(self, question: Question, patience_s: float = READING_S) -> Answer:
        """What a file holds; an answer with an error if its reader did not live to tell."""
        reader = self._free.get()
        kept: _Reader | None = None
        try:
            if reader is not None and not reader.process.lives():  # the system may have ended it while it was idle
                reader.process.end()
                reader = None
            reader = reader or _Reader(OwnProcess(MODULE))
            found = _asked(reader, question, patience_s)
            kept = reader if found is not None and reader.files < MOST_FILES else None
            return found or Answer(error=told(PortfolioError("uploads.reader_died", file=question.path.name)))
        finally:
            if reader is not None and kept is None:
                reader.process.kill()
                reader.process.end()
            self._free.put(kept)

    def end(self) -> None:
        """Ends those that are idle."""
        while not self._free.empty():
            reader = self._free.get()
            if reader is not None:
                reader.process.end()


def _asked(reader: _Reader, question: Question, patience_s: float) -> Answer | None:
    """The answer; None if the process ended first, or had to be ended."""
    reader.files += 1
    clock = threading.Timer(patience_s, reader.process.kill)
    clock.start()
    try:
        answer: Answer = reader.process.ask(question)
        return answer
    except ProcessDied:
        return None
    finally:
        clock.cancel()


READERS = Readers(os.cpu_count() or 1)
atexit.register(READERS.end)
