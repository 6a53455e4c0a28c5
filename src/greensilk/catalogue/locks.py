"""One at a time: a lock that other processes see, and that goes with the process that holds it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = ".lock"


@contextmanager
def alone(folder: Path, *, wait: bool = True) -> Iterator[bool]:
    """Holds the lock of a folder, which must exist; gives False where another process has it and nobody waits.

    Windows has no such lock: there everybody gets it.
    """
    if sys.platform == "win32":
        yield True
        return
    import fcntl

    with (folder / LOCK).open("ab") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
