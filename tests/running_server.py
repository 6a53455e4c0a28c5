"""A whole platform as its own processes, started as its users start it, on a port that is free."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from platform_store import Postgres

START_S = 60.0
STOP_S = 40.0


@dataclass
class RunningServer:
    """A started `greensilk serve`. base: its address; lines: what it has written so far, both streams"""

    process: subprocess.Popen[str]
    base: str = ""
    lines: list[str] = field(default_factory=list)

    def client(self) -> httpx.Client:
        """A client of its own connections."""
        return httpx.Client(base_url=self.base, timeout=30.0, trust_env=False)

    def children(self, module: str) -> list[int]:
        """Process ids of what it started for one module."""
        return [pid for pid in _children(self.process.pid) if module in _command(pid)]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Stops it; its exit status."""
        self.process.send_signal(how)
        return self.process.wait(STOP_S)

    def written(self) -> str:
        """All that it has written."""
        return "\n".join(self.lines)


@contextmanager
def serving(folder: Path, *options: str, **environment: str) -> Iterator[RunningServer]:
    """Runs `greensilk serve` on a free port until the block ends."""
    told: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    process = subprocess.Popen(
        [sys.executable, "-m", "greensilk", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "GREENSILK_DATA_DIR": str(folder), **environment},
    )  # fmt: skip
    server = RunningServer(process)

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as stream:
            for line in stream:
                server.lines.append(line.rstrip("\n"))
                told.put(line)
        told.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while not server.base:
            line = told.get(timeout=START_S)
            if line is None:
                raise AssertionError(f"the server ended: {server.written()}")
            if "http://" in line:
                server.base = line[line.index("http://") :].strip()
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        reader.join(STOP_S)


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return [int(child) for child in found]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except FileNotFoundError:
        return ""


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(holds: object, seconds: float = 30.0) -> bool:
    """Waits until something holds; whether it came to."""
    assert callable(holds)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if holds():
            return True
        time.sleep(0.1)
    return bool(holds())


def kill_postgres(server: Postgres) -> None:
    """Ends a PostgreSQL as a cut of power would: all of its processes at once."""
    first = server.server.get_pid()
    assert first is not None
    for pid in [first, *_children(first)]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert until(lambda: not is_alive(first))


def start_postgres_again(server: Postgres) -> None:
    """Starts it on the same folder, at the same address."""
    # Where nobody waits for a process that ended, its number stays taken, and PostgreSQL would believe that it runs.
    for left_behind in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (server.server.pgdata / left_behind).unlink(missing_ok=True)
    server.server.ensure_postgres_running()


def keep_what_is_committed(server: Postgres) -> None:
    """Has it write what is committed before it says so, as it does by itself; other tests go without for speed."""
    import psycopg

    with psycopg.connect(server.server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM RESET {setting}")  # type: ignore[call-overload]
        connection.execute("SELECT pg_reload_conf()")
