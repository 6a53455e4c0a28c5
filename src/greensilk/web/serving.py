"""A whole server: database brought to its newest shape, one listening socket, web processes, workers."""

from __future__ import annotations

import errno
import ipaddress
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

from greensilk.errors import StoreError, UsageError
from greensilk.jobs.child import Task
from greensilk.jobs.family import Family
from greensilk.jobs.logs import LogFormat, set_up_logs
from greensilk.store.opening import open_store
from greensilk.store.vault import Vault
from greensilk.web.process import BACKLOG, GRACE_S, settings_to
from greensilk.web.settings import Settings

START_PATIENCE_S = 120.0
MOST_PROCESSES = 64


@dataclass(frozen=True)
class Plan:
    """What `serve` starts. processes: that answer requests; workers: that take jobs, 0 = they run apart"""

    settings: Settings
    host: str
    port: int
    processes: int
    workers: int
    log_format: LogFormat


def serve(plan: Plan, tell_ready: Callable[[str], None]) -> None:
    """Runs a server until SIGINT or SIGTERM; requests and jobs at hand are finished or given back first.

    tell_ready: called with the server's address once it answers
    raises: UsageError for a port or host that cannot be had, or that others could see without TLS; WorkerError if a
    process does not start; StoreError
    """
    check(plan)
    set_up_logs(plan.log_format)
    with _listening(plan.host, plan.port) as listening:
        _prepare(plan)
        _run(plan, listening, tell_ready)


def check(plan: Plan) -> None:
    """Refuses what would put people's data at risk, or cannot be.

    raises: UsageError
    """
    for option, count, least in (("--processes", plan.processes, 1), ("--workers", plan.workers, 0)):
        if not least <= count <= MOST_PROCESSES:
            raise UsageError("serving.bad_count", option=option, value=count, least=least, most=MOST_PROCESSES)
    if os.name != "posix":  # elsewhere an open socket is not inherited
        raise UsageError("serving.not_here")
    for proxy in plan.settings.proxies:
        if not _is_address(proxy):
            raise UsageError("serving.bad_proxy", value=proxy[:60])
    if not is_loopback(plan.host):
        _check_seen(plan.host, plan.settings)


def _check_seen(host: str, settings: Settings) -> None:
    """Refuses what others on the network must not reach."""
    if settings.demo:
        raise UsageError("serving.demo_is_local", host=host[:60])
    if not settings.https and not settings.proxies:
        raise UsageError("serving.needs_https", host=host[:60])


def is_loopback(host: str) -> bool:
    """Whether this machine alone reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _listening(host: str, port: int) -> socket.socket:
    """The one socket that all web processes share: none of them loses what waits in its queue when another ends."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, OverflowError, UnicodeError) as error:
        raise UsageError("serving.bad_host", host=host[:60], port=port) from error
    found = socket.socket(family, kind, protocol)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        key = {errno.EADDRINUSE: "port_taken", errno.EACCES: "port_refused"}.get(error.errno or 0, "bad_host")
        raise UsageError(f"serving.{key}", host=host[:60], port=port, other=_another(port)) from error
    return found


def _another(port: int) -> int:
    """A port to propose: the next one, out of the range that only the administrator of a machine may use."""
    return port + 1 if 1024 <= port < 65_535 else 8000


def _prepare(plan: Plan) -> None:
    from sqlalchemy.exc import DBAPIError

    from greensilk.store.upgrading import upgrade

    store = open_store(plan.settings.folder)
    try:
        upgrade(store)
        if plan.settings.demo:
            from greensilk.workspace.demo import prepare_demo
            from greensilk.workspace.limited_reading import READERS

            prepare_demo(store, Vault(plan.settings.vault_folder))
            READERS.end()  # this process reads no further file
    except DBAPIError as error:
        raise StoreError("serving.no_database") from error
    finally:
        store.close()


def _run(plan: Plan, listening: socket.socket, tell_ready: Callable[[str], None]) -> None:
    asked: list[int] = []
    before = {number: signal.signal(number, lambda sig, _: asked.append(sig)) for number in _STOPPING}
    family = Family([*_web_tasks(plan, listening), *_worker_tasks(plan)])
    try:
        family.wait_until_ready(START_PATIENCE_S, lambda: bool(asked))
        if not asked:
            tell_ready(address(plan, listening.getsockname()[1]))
        family.keep_running(lambda: bool(asked))
    finally:
        family.end(GRACE_S + 5)
        for number, handler in before.items():
            signal.signal(number, handler)


_STOPPING = (signal.SIGINT, signal.SIGTERM)


def address(plan: Plan, port: int) -> str:
    """Where a browser on this machine finds the server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(plan.host, plan.host)  # noqa: S104 - told, not listened on
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _web_tasks(plan: Plan, listening: socket.socket) -> list[Task]:
    told = {"log_format": plan.log_format, "settings": settings_to(plan.settings), "socket": listening.fileno()}
    return [
        Task(f"web-{number}", "greensilk.web.process", told, (listening.fileno(),))
        for number in range(1, plan.processes + 1)
    ]


def _worker_tasks(plan: Plan) -> list[Task]:
    told = {
        "log_format": plan.log_format, "folder": str(plan.settings.folder), "vault": str(plan.settings.vault_folder),
    }  # fmt: skip
    return [
        Task(f"worker-{number}", "greensilk.jobs.running", {**told, "name": str(number)})
        for number in range(1, plan.workers + 1)
    ]
