"""Who measures: this process, worker processes beside it, or those of a cluster. All do the same to every shard."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue, SimpleQueue

import numpy as np
import shapely

from greensilk.errors import UsageError, WorkerError
from greensilk.processes import OwnProcess, ProcessDied
from greensilk.screening.footprints import Sites
from greensilk.screening.shards import SHARD_SITES, Parts, shard_starts
from greensilk.screening.worker import MODULE, Assignment, Shard, measured_part

WORTH_A_PROCESS = 2_000  # points: about 2 s of one core, which is what a process needs to start
VERTICES_OF_A_POINT = 100  # so many vertices take about as long to measure as a point
MOST_TRIES = 3
MOST_WORKERS = 1_024
LISTEN_S = 0.5  # so that Ctrl-C is heard while waiting, on every system


@dataclass(frozen=True)
class Crew:
    """Who is to measure. workers: processes of this machine, None = as many as pay; dask: address of a cluster's
    scheduler, None = this machine; shard_sites: sites measured at once.

    raises: UsageError if the two exclude each other, or the number is none
    """

    workers: int | None = None
    dask: str | None = None
    shard_sites: int = SHARD_SITES

    def __post_init__(self) -> None:
        if self.workers is not None and self.dask is not None:
            raise UsageError("workers.both")
        if self.workers is not None and not 1 <= self.workers <= MOST_WORKERS:
            from greensilk.texts import text

            hint = text("workers.bad_count", most=MOST_WORKERS)
            raise UsageError("cli.bad_option", option="--workers", value=self.workers, hint=hint)

    def processes(self, sites: int, vertices: int = 0) -> int:
        """How many worker processes measure so many sites of so many vertices; 1 = none but this one."""
        work = sites + vertices // VERTICES_OF_A_POINT
        wanted = min(cores(), work // WORTH_A_PROCESS) if self.workers is None else self.workers
        return max(1, min(wanted, len(shard_starts(sites, self.shard_sites))))


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Walk:
    """All shards of a run. sites: along the curve; told: called with the number of sites that are done."""

    sites: Sites
    shard_sites: int
    told: Callable[[int], None]

    def __len__(self) -> int:
        return len(shard_starts(len(self.sites), self.shard_sites))

    @property
    def vertices(self) -> int:
        """Of all footprints."""
        return int(shapely.get_num_coordinates(self.sites.geometry).sum())

    def shard(self, number: int) -> Shard:
        """The sites of one shard."""
        start = number * self.shard_sites
        return Shard(number, self.sites.some(np.arange(start, min(start + self.shard_sites, len(self.sites)))))


def measure_parts(crew: Crew, walk: Walk, assignment: Assignment, parts: Parts) -> None:
    """Every shard of a walk measured into a part.

    raises: WorkerError if workers keep dying, differ from this machine, or cannot be reached
    """
    if crew.dask is not None:
        from greensilk.screening.on_cluster import measure_on_cluster

        measure_on_cluster(crew.dask, walk, assignment.for_others(), parts)
    elif (count := crew.processes(len(walk.sites), walk.vertices)) > 1:
        _Processes(walk, (assignment.for_others(), parts.folder)).run(count)
    else:
        for number in range(len(walk)):
            shard = walk.shard(number)
            parts.put(number, measured_part(assignment, shard.sites, str(os.getpid())))
            walk.told(len(shard))


class _Processes:
    """Worker processes, each fed by a thread; what one that dies had in hand is done again.

    first: what every process is told before it gets shards
    """

    def __init__(self, walk: Walk, first: tuple[Assignment, Path]) -> None:
        self._walk = walk
        self._first = first
        self._open: SimpleQueue[tuple[int, int]] = SimpleQueue()  # shard, tries so far
        self._done: Queue[int | BaseException] = Queue()
        self._alive: set[OwnProcess] = set()
        self._guard = threading.Lock()
        self._stopped = False

    def run(self, count: int) -> None:
        """Measure everything with so many processes; none of them is left when this returns or raises."""
        for number in range(len(self._walk)):
            self._open.put((number, 0))
        threads = [threading.Thread(target=self._feed, daemon=True) for _ in range(count)]
        try:
            for thread in threads:
                thread.start()
            for _ in range(len(self._walk)):
                self._walk.told(self._next_done())
        finally:
            self._stop()
            for thread in threads:
                thread.join()

    def _next_done(self) -> int:
        while True:
            try:
                done = self._done.get(timeout=LISTEN_S)
            except Empty:
                continue
            if isinstance(done, BaseException):
                raise done
            return done

    def _feed(self) -> None:
        """Keeps one process at work until no shard is open."""
        process: OwnProcess | None = None
        try:
            while not self._stopped:
                number, tries = self._open.get_nowait()
                shard = self._walk.shard(number)
                try:
                    process = process or self._started()
                    self._done.put(process.ask(shard))
                except ProcessDied as death:
                    self._dropped(process)
                    process = None
                    self._again(shard, tries + 1, death)
        except Empty:
            pass
        except BaseException as error:
            self._done.put(error)
        finally:
            self._dropped(process)

    def _started(self) -> OwnProcess:
        with self._guard:
            if self._stopped:
                raise ProcessDied(None)
            process = OwnProcess(MODULE)
            self._alive.add(process)
        try:
            process.ask(self._first)
        except BaseException:
            self._dropped(process)
            raise
        return process

    def _dropped(self, process: OwnProcess | None) -> None:
        if process is not None:
            with self._guard:
                self._alive.discard(process)
            process.end()

    def _again(self, shard: Shard, tries: int, death: ProcessDied) -> None:
        if tries < MOST_TRIES:
            self._open.put((shard.number, tries))
        elif not self._stopped:
            raise WorkerError("workers.died", tries=tries, sites=len(shard), status=death.status)

    def _stop(self) -> None:
        with self._guard:
            self._stopped = True
            for process in self._alive:
                process.kill()
