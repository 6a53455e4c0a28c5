"""One side in a process of its own: makes ready, answers, and writes times, memory and answers down.

Started by the run with a job file; prints nothing.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks import timing
from benchmarks.sides import side
from benchmarks.sites import Sites, sites

WARM_UP_SITES = 200
Row = dict[str, Any]


def main(job_path: Path) -> None:
    """Does every task of a job; a task that fails is a row with its reason."""
    job = json.loads(job_path.read_text("utf-8"))
    module = side(job["side"])
    areas, out = Path(job["areas"]), Path(job["out"])
    timing.pin_to_one()
    began = time.perf_counter()
    ready = module.open_areas(areas)
    prepare_s = time.perf_counter() - began
    opened = timing.memory_mb()
    rows = [_done(module, ready, task, Path(job["sites_for"]), out) for task in job["tasks"]]
    report = {
        "side": job["side"],
        "version": version(module.VERSION_OF),
        "count": job["count"],
        "prepare_s": prepare_s,
        "opened_mb": opened,
        "closed_mb": timing.memory_mb(),
        "rows": rows,
    }
    (out / "report.json").write_text(json.dumps(report), "utf-8")


def _done(module: ModuleType, ready: Any, task: Row, areas: Path, out: Path) -> Row:
    where = sites(task["kind"], task["form"], task["n"], areas)
    first = where.take(slice(0, task.get("sample") or task["n"]))
    (timing.unpin if task["task"].endswith("_2") else timing.pin_to_one)()
    try:
        return task | _measured(module, ready, task, first, out)
    except (ImportError, AttributeError) as error:
        return task | {"absent": f"{type(error).__name__}: {error}"}


def _measured(module: ModuleType, ready: Any, task: Row, where: Sites, out: Path) -> Row:
    work = module.TASKS[task["task"]]
    warm_up = where if getattr(module, "WARM_WHOLE", False) else where.take(slice(0, WARM_UP_SITES))
    work(ready, warm_up)
    load = timing.load_now()
    answer, times = timing.timed(lambda: work(ready, where))
    if task.get("keep"):
        np.savez(out / f"{task['keep']}.npz", **answer)
    clock, cpu = (times[name] / len(where) * 1e6 for name in ("seconds", "cpu_s"))
    us = clock if task["task"].endswith("_2") else cpu
    return times | {"sites": len(where), "us": us, "clock_us": clock, "load": load, **timing.memory_mb()}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
