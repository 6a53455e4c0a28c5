"""What was accepted is kept, and every job ends once, whatever is killed in the middle. Real processes throughout.

A lease lasts half a minute; where a worker was killed, its end is moved to now, so that the tests need not wait for it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import func, select, update

from greensilk.errors import StoreError
from greensilk.store.audit import AuditEntry
from greensilk.store.columns import now
from greensilk.store.holdings import Upload
from greensilk.store.opening import Store, open_store
from greensilk.store.people import User
from greensilk.store.vault import Vault
from greensilk.store.work import Job, Rating, Screening
from greensilk.workspace.actor import actor
from greensilk.workspace.demo import demo_user_id
from greensilk.workspace.portfolios import portfolios
from greensilk.workspace.tokens import create_token
from platform_store import Postgres, postgres_or_skip
from running_server import RunningServer, keep_what_is_committed, kill_postgres, serving, start_postgres_again, until

RATED_S = 240.0  # where nothing was rated before, the engine is compiled first
PROJECTS = 36  # of the example
WEB, WORKER = "greensilk.web.process", "greensilk.jobs.running"


@dataclass(frozen=True)
class Platform:
    """A running platform with the example, seen from outside and from within its database."""

    server: RunningServer
    store: Store
    vault: Vault
    headers: dict[str, str]
    portfolio_id: str

    def states(self) -> list[str]:
        """States of all jobs."""
        with self.store.reading() as db:
            return list(db.scalars(select(Job.state)))

    def wait_for(self, state: str) -> None:
        """Waits until all jobs are in a state."""
        assert until(lambda: set(self.states()) == {state}, RATED_S), self.states()

    def end_leases(self) -> None:
        """Moves the end of every lease to now."""
        with self.store.writing() as db:
            db.execute(update(Job).where(Job.state == "running").values(leased_until=now() - dt.timedelta(seconds=1)))

    def upload(self, number: int, client: httpx.Client) -> tuple[int, str]:
        """Sends a file, different for each number; the status, and what the file is."""
        content = file_of(number)
        path = f"/api/v1/portfolios/{self.portfolio_id}/uploads"
        answer = client.post(path, headers=self.headers, files={"file": (f"{number}.csv", content)})
        return answer.status_code, hashlib.sha256(content).hexdigest()

    def uploads(self) -> list[str]:
        """What the database holds of files sent, by sha256."""
        with self.store.reading() as db:
            return list(db.scalars(select(Upload.file_sha256)))


def file_of(number: int) -> bytes:
    return f"id,name,type,lon,lat,country\nA{number},Solar {number},solar pv,71.5,30.1,PAK\n".encode()


@contextmanager
def platform(folder: Path, *options: str, **environment: str) -> Iterator[Platform]:
    with serving(folder, "--demo", *options, **environment) as server:
        store = open_store(folder / "platform", environment.get("GREENSILK_DATABASE_URL"))
        try:
            with store.writing() as db:
                who = actor(db.get_one(User, demo_user_id(db)))
                token, _ = create_token(db, who, "tests", ["read", "rate"], 1)
                into = portfolios(db, who)[0].id
            headers = {"Authorization": f"Bearer {token}"}
            yield Platform(server, store, Vault(folder / "platform" / "files"), headers, into)
        finally:
            store.close()


@contextmanager
def asking(stop: threading.Event, ask: Callable[[int], None], askers: int) -> Iterator[None]:
    """So many threads ask until the block ends, each with numbers of its own; what failed in one fails the test."""
    with ThreadPoolExecutor(askers) as pool:
        futures = [pool.submit(ask, 1000 * asker) for asker in range(askers)]
        try:
            yield
        finally:
            stop.set()
        for future in futures:
            future.result()


def require_ended_once(of: Platform) -> None:
    """Every job is done, once: one screening each, whole, and one line of the audit."""
    with of.store.reading() as db:
        jobs = list(db.scalars(select(Job)))
        assert {job.state for job in jobs} == {"done"}
        assert Counter(db.scalars(select(Screening.job_id))) == Counter(job.id for job in jobs)
        assert db.scalar(select(func.count()).select_from(Rating)) == PROJECTS * len(jobs)
        ended = db.scalars(select(AuditEntry.object_id).where(AuditEntry.action == "job.done"))
        assert Counter(ended) == Counter(job.id for job in jobs)


def require_kept(of: Platform, accepted: set[str]) -> None:
    """Whatever was accepted has its row and its bytes; no row is without its file."""
    rows = set(of.uploads())
    assert accepted <= rows
    for sha256 in rows:
        assert hashlib.sha256(of.vault.read(sha256)).hexdigest() == sha256


def test_a_worker_killed_in_the_middle_of_a_job_leaves_it_to_another_and_it_ends_once(tmp_path: Path) -> None:
    with platform(tmp_path, "--workers", "1") as of:
        of.wait_for("running")
        (killed,) = of.server.children(WORKER)
        os.kill(killed, signal.SIGKILL)
        assert until(lambda: of.server.children(WORKER) not in ([], [killed]))
        of.end_leases()
        of.wait_for("done")
        require_ended_once(of)
        with of.store.reading() as db:
            assert db.scalars(select(Job.attempts)).all() == [2]
        assert of.server.stop() == 0


def test_a_web_process_killed_while_files_come_in_accepts_whole_files_or_none(tmp_path: Path) -> None:
    with platform(tmp_path, "--workers", "0", "--processes", "2") as of:
        before = set(of.uploads())
        half = half_sent(of)
        accepted: set[str] = set()
        stop = threading.Event()

        def send(start: int) -> None:
            for number in range(start, start + 1000):
                if stop.is_set():
                    return
                try:
                    with of.server.client() as client:
                        status, sha256 = of.upload(number, client)
                except httpx.TransportError:
                    continue  # not answered, so nothing is claimed
                if status == 201:
                    accepted.add(sha256)

        with asking(stop, send, 4):
            assert until(lambda: len(accepted) >= 3)
            for pid in of.server.children(WEB):  # both: one of them holds the file that is half sent
                os.kill(pid, signal.SIGKILL)
            seen = len(accepted)
            assert until(lambda: len(accepted) >= seen + 3)
        half.close()
        require_kept(of, accepted)
        assert BIG not in set(of.uploads()) - before
        assert of.server.stop() == 0


BIG_BYTES = 3_000_000
BIG = hashlib.sha256(b"x" * BIG_BYTES).hexdigest()


def half_sent(of: Platform) -> socket.socket:
    """A file of which the first half is on its way."""
    address = urlsplit(of.server.base)
    assert address.hostname is not None
    assert address.port is not None
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="big.csv"\r\n\r\n'
    tail = b"\r\n--b--\r\n"
    lines = [
        f"POST /api/v1/portfolios/{of.portfolio_id}/uploads HTTP/1.1", f"Host: {address.netloc}",
        f"Authorization: {of.headers['Authorization']}", "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {len(head) + BIG_BYTES + len(tail)}", "", "",
    ]  # fmt: skip
    sending = socket.create_connection((address.hostname, address.port))
    sending.sendall("\r\n".join(lines).encode() + head + b"x" * (BIG_BYTES // 2))
    return sending


def test_a_stop_under_load_breaks_no_answer_and_gives_the_job_back(tmp_path: Path) -> None:
    with platform(tmp_path, "--workers", "1", "--processes", "2") as of:
        of.wait_for("running")
        outcomes: Counter[str] = Counter()
        stop = threading.Event()
        with asking(stop, lambda _: ask_again_and_again(of, stop, outcomes), 6):
            assert until(lambda: outcomes["whole"] > 50)
            assert of.server.stop(signal.SIGTERM) == 0
        assert set(outcomes) <= {"whole", "not answered"}, outcomes
        assert "Traceback" not in of.server.written()
        assert of.states() == ["waiting"]
    with platform(tmp_path, "--workers", "1") as of:
        of.wait_for("done")
        require_ended_once(of)


def ask_again_and_again(of: Platform, stop: threading.Event, outcomes: Counter[str]) -> None:
    """Asks for the list of projects until the server is gone. Not answered at all is how a client learns of a stop."""
    with of.server.client() as client:
        while not stop.is_set():
            try:
                answer = client.get("/api/v1/projects", headers=of.headers)
                outcomes["whole" if answer.status_code == 200 else str(answer.status_code)] += 1
            except httpx.RemoteProtocolError as error:
                outcomes["not answered" if "without sending a response" in str(error) else str(error)] += 1
            except (httpx.ConnectError, httpx.ReadError, httpx.WriteError):
                outcomes["not answered"] += 1


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL that may be killed."""
    for server in postgres_or_skip():
        keep_what_is_committed(server)
        yield server


def test_a_database_killed_amid_uploads_and_a_job_loses_nothing_that_was_accepted(
    tmp_path: Path, own_postgres: Postgres
) -> None:
    environment = {"GREENSILK_DATABASE_URL": own_postgres.empty()}
    with platform(tmp_path, "--workers", "1", "--processes", "1", **environment) as of:
        of.wait_for("running")
        answers: list[tuple[int, str]] = []
        stop = threading.Event()

        def send(start: int) -> None:
            with of.server.client() as client:
                for number in range(start, start + 1000):
                    if stop.is_set():
                        return
                    answers.append(of.upload(number, client))
                    if answers[-1][0] != 201:
                        time.sleep(0.2)  # as programs do; else their bucket of requests is soon empty

        with asking(stop, send, 3):
            assert until(lambda: count(answers, 201) >= 3)
            kill_postgres(own_postgres)
            assert until(lambda: count(answers, 503) >= 1)
            start_postgres_again(own_postgres)
            seen = count(answers, 201)
            assert until(lambda: count(answers, 201) >= seen + 3)
        assert {status for status, _ in answers} == {201, 503}
        assert eventually(of.end_leases)
        of.wait_for("done")
        require_ended_once(of)
        require_kept(of, {sha256 for status, sha256 in answers if status == 201})
        assert of.server.stop() == 0


def count(answers: list[tuple[int, str]], status: int) -> int:
    return sum(1 for given, _ in answers if given == status)


def eventually(work: Callable[[], None]) -> bool:
    """Whether something can be done while the pool's old connections are found out to be dead."""
    for _ in range(10):
        try:
            work()
        except StoreError:
            time.sleep(0.2)
        else:
            return True
    return False
