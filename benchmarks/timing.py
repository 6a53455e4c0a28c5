"""Times and memory of one process: medians on a warm cache, on one processor where the system lets us choose.

Work on one thread is told in processor time, which other programs disturb little; work on two by the clock.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

LONG_S = 6.0  # what takes longer is run once
RUNS = 3
Result = TypeVar("Result")


def pin_to_one() -> None:
    """Keeps this process on the last processor it may use, so that it is not moved about."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def unpin() -> None:
    """Lets this process use every processor again."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


def timed(work: Callable[[], Result]) -> tuple[Result, dict[str, float]]:
    """The result of a piece of work, with the median of three times (one if long): seconds, cpu_s, runs."""
    wall, cpu = [], []
    while True:
        began, cpu_began = time.perf_counter(), time.process_time()
        result = work()
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - cpu_began)
        if len(wall) == RUNS or cpu[0] > LONG_S:
            return result, {"seconds": statistics.median(wall), "cpu_s": statistics.median(cpu), "runs": len(wall)}


def memory_mb() -> dict[str, float]:
    """Of this process: the most it ever held, what it holds now, and how much of that is mapped files."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return {}
    found = dict(line.split(":", 1) for line in lines)
    names = {"peak": "VmHWM", "resident": "VmRSS", "mapped_files": "RssFile"}
    return {name: int(found[key].split()[0]) / 1024 for name, key in names.items()}


def load_now() -> float | None:
    """The load average of the last minute; None where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None
