"""Shards measured by the workers of a dask cluster: sites go out, parts come back; layers stay where they are.

A worker that dies loses nothing: the scheduler gives what it had in hand to another one.
"""

from __future__ import annotations

import pickle
import socket
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any

from greensilk.errors import UsageError, WorkerError
from greensilk.screening import data_copies
from greensilk.screening.likeness import likeness, require_likeness
from greensilk.screening.worker import Assignment, Shard, measured_part

if TYPE_CHECKING:
    from greensilk.screening.crew import Walk
    from greensilk.screening.shards import Parts

CONNECT_S, LISTEN_S, ALONE_S = 10.0, 1.0, 60.0
SCHEDULER_PORT = 8786  # where none is named
AHEAD = 2  # shards waiting for each thread of the cluster: enough to keep it at work, few to hold in memory


def measure_on_cluster(address: str, walk: Walk, assignment: Assignment, parts: Parts) -> None:
    """Every shard of a walk measured by the workers of the scheduler at an address.

    raises: UsageError without dask.distributed, or if nothing answers there; WorkerError if workers differ from this
    machine, keep dying, or are gone
    """
    packed = pickle.dumps((assignment, likeness()), pickle.HIGHEST_PROTOCOL)
    with _client(address) as client:
        _await_workers(client, address)
        client.run(_require_alike, packed)
        _Cluster(client, address, packed).measure(walk, parts)


@contextmanager
def _client(address: str) -> Iterator[Any]:
    distributed, dask = _library("distributed"), _library("dask")
    quiet = {"distributed.admin.large-graph-warning-threshold": "1GB"}  # a shard of large footprints is large
    with dask.config.set(quiet), warnings.catch_warnings():
        # What differs and matters is told as an error.
        warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
        try:
            _knock(distributed.comm, address)
            client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise UsageError("workers.no_scheduler", address=address, reason=reason) from error
        try:
            with client.as_current():
                yield client
        finally:
            client.close()


def _knock(comm: Any, address: str) -> None:
    """Whether anything listens there: asked of the library itself, it waits long and complains.

    raises: OSError if nothing does
    """
    scheme, location = comm.parse_address(address)
    if scheme in ("tcp", "tls"):
        host, port = comm.parse_host_port(location, SCHEDULER_PORT)
        socket.create_connection((host, port), CONNECT_S).close()


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise UsageError("workers.no_distributed") from error


def _await_workers(client: Any, address: str) -> None:
    """raises: WorkerError if the cluster has no worker and gets none in time"""
    try:
        client.wait_for_workers(1, timeout=ALONE_S)
    except TimeoutError as error:
        raise WorkerError("workers.no_workers", address=address, seconds=int(ALONE_S)) from error


class _Cluster:
    """One run on a cluster. packed: what every worker is told, as bytes."""

    def __init__(self, client: Any, address: str, packed: bytes) -> None:
        self._client = client
        self._address = address
        self._packed = packed
        self._flying: dict[Any, Shard] = {}

    def measure(self, walk: Walk, parts: Parts) -> None:
        """Hand out shards, a few ahead of the workers, and store what comes back."""
        waiting = iter(range(len(walk)))
        try:
            while True:
                room = AHEAD * max(1, sum(self._client.nthreads().values())) - len(self._flying)
                for number in islice(waiting, max(room, 0)):
                    self._submit(walk.shard(number))
                if not self._flying:
                    return
                for future in self._finished():
                    shard = self._flying.pop(future)
                    parts.put(shard.number, self._part(future, shard))
                    walk.told(len(shard))
        finally:
            self._client.cancel(list(self._flying))

    def _submit(self, shard: Shard) -> None:
        future = self._client.submit(
            _measured_there, self._packed, pickle.dumps(shard.sites, pickle.HIGHEST_PROTOCOL), pure=False
        )
        self._flying[future] = shard

    def _finished(self) -> list[Any]:
        """The shards that are done, at least one."""
        wait = _library("distributed").wait
        while True:
            try:
                return list(wait(list(self._flying), timeout=LISTEN_S, return_when="FIRST_COMPLETED").done)
            except TimeoutError:
                if not self._client.nthreads():
                    _await_workers(self._client, self._address)

    def _part(self, future: Any, shard: Shard) -> bytes:
        import distributed

        try:
            return bytes(future.result())
        except distributed.KilledWorker as error:
            raise WorkerError(
                "workers.died", tries=int(error.allowed_failures) + 1, sites=len(shard), status="-"
            ) from error


def _require_alike(packed: bytes, dask_worker: Any = None) -> None:
    """Run on every worker before anything is handed out. dask_worker: itself, given by the library."""
    assignment, wanted = _unpacked(packed)
    require_likeness(wanted, str(dask_worker.address))
    for copies in (assignment.layers, assignment.rasters):
        data_copies.require(copies, str(dask_worker.address))


def _measured_there(packed: bytes, sites: bytes) -> bytes:
    """Run on a worker, which may have joined late: its likeness is looked at again."""
    assignment, wanted = _unpacked(packed)
    worker = str(_library("distributed").get_worker().address)
    require_likeness(wanted, worker)
    return measured_part(assignment, pickle.loads(sites), worker)  # noqa: S301 - sent by our client


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> tuple[Assignment, Mapping[str, str]]:
    assignment, wanted = pickle.loads(packed)  # noqa: S301 - sent by our client
    return assignment, wanted
