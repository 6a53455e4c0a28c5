"""python -m benchmarks.soak [minutes]: a platform under load while workers, web processes and its database are killed
again and again; afterwards whatever was accepted must be there, and every job ended once; writes its figures to
docs/method/serving.md.

Bounded: five minutes if nothing is said, on loopback, with a PostgreSQL of its own.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from benchmarks.one_machine import commit
from benchmarks.one_platform import OnePlatform, one_platform
from benchmarks.serving import file_of
from benchmarks.serving_page import write

HEADING = "## Parts killed under load"

MINUTES = 5.0
SENDERS = 4
KILL_EVERY_S = 15.0
JOB_EVERY_S = 10.0
REST_S = 300.0  # for leases to run out and the jobs that are left
WEB, WORKER = "greensilk.web.process", "greensilk.jobs.running"


def main() -> None:
    """Loads, kills, counts."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    with one_platform("postgresql", "--processes", "2", "--workers", "2") as platform:
        stop = threading.Event()
        statuses: Counter[str] = Counter()
        accepted: set[str] = set()
        jobs: set[str] = set()
        tokens = platform.tokens(SENDERS + 1)
        with ThreadPoolExecutor(SENDERS + 1) as pool:
            senders = [
                pool.submit(send, platform, (number, token), (stop, statuses, accepted))
                for number, token in enumerate(tokens[:-1])
            ]
            senders.append(pool.submit(submit, platform, tokens[-1], (stop, statuses, jobs)))
            killed = kill(platform, time.monotonic() + 60 * minutes)
            stop.set()
            for sender in senders:
                sender.result()
        print(f"killed: {dict(killed)}; answers: {dict(statuses)}; files: {len(accepted)}; jobs: {len(jobs)}")
        faults = lost(platform, accepted, jobs)
    write(HEADING, section(minutes, killed, statuses, (len(accepted), len(jobs), faults)))
    print("\n".join(faults) or "nothing was lost, every job ended once")
    sys.exit(1 if faults else 0)


def send(platform: OnePlatform, who: tuple[int, str], shared: tuple[threading.Event, Counter[str], set[str]]) -> None:
    """Sends files until told to stop; notes those that were accepted."""
    import httpx

    (first, token), (stop, statuses, accepted) = who, shared
    path, number = f"/api/v1/portfolios/{platform.portfolio_id}/uploads", first
    while not stop.wait(0.1):
        number += SENDERS
        content = file_of(number)
        try:
            with platform.server.client() as client:
                headers = {"Authorization": f"Bearer {token}"}
                answer = client.post(path, headers=headers, files={"file": (f"{number}.csv", content)})
            statuses[str(answer.status_code)] += 1
            if answer.status_code == 201:
                accepted.add(hashlib.sha256(content).hexdigest())
        except httpx.TransportError:
            statuses["not answered"] += 1


def submit(platform: OnePlatform, token: str, shared: tuple[threading.Event, Counter[str], set[str]]) -> None:
    """Asks for ratings, each with a key of its own that is sent again until it is answered."""
    import httpx

    stop, statuses, jobs = shared
    number = 0
    while not stop.wait(JOB_EVERY_S):
        number += 1
        for _ in range(20):
            try:
                with platform.server.client() as client:
                    answer = client.post(
                        f"/api/v1/portfolios/{platform.portfolio_id}/screenings",
                        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": f"soak-{number}"},
                        json={"standards": ["gdg_2020"], "layers": []},
                    )
                statuses[f"job {answer.status_code}"] += 1
                if answer.is_success:
                    jobs.add(str(answer.json()["id"]))
                    break
            except httpx.TransportError:
                statuses["job not answered"] += 1
            time.sleep(0.5)


def kill(platform: OnePlatform, until: float) -> Counter[str]:
    """Kills one thing after the other until a moment; what, how often."""
    from running_server import kill_postgres, start_postgres_again

    drawn, killed = random.Random(1), Counter[str]()  # noqa: S311 - which one falls is no secret
    while time.monotonic() < until:
        time.sleep(min(KILL_EVERY_S, max(until - time.monotonic(), 0.0)))
        what = drawn.choice(("worker", "web", "database"))
        killed[what] += 1
        if what == "database":
            kill_postgres(platform.postgres)
            time.sleep(2.0)
            start_postgres_again(platform.postgres)
        elif children := platform.server.children(WORKER if what == "worker" else WEB):
            os.kill(drawn.choice(children), signal.SIGKILL)
    return killed


def lost(platform: OnePlatform, accepted: set[str], jobs: set[str]) -> list[str]:
    """What is wrong in the end; nothing, it is hoped."""
    from sqlalchemy import select

    from greensilk.store.holdings import Upload
    from greensilk.store.vault import Vault
    from greensilk.store.work import Job, Screening

    ends = time.monotonic() + REST_S
    states: Counter[str] = Counter()
    while time.monotonic() < ends:
        with platform.store.reading() as db:
            states = Counter(db.scalars(select(Job.state)))
        if not states["waiting"] + states["running"]:
            break
        time.sleep(1.0)
    with platform.store.reading() as db:
        rows = set(db.scalars(select(Upload.file_sha256)))
        known = {job.id: job for job in db.scalars(select(Job))}
        screened = Counter(db.scalars(select(Screening.job_id)))
    vault = Vault(platform.folder / "platform" / "files")
    broken = [one for one in accepted & rows if hashlib.sha256(vault.read(one)).hexdigest() != one]
    done = {name for name, job in known.items() if job.state == "done"}
    given_up = {name for name, job in known.items() if job.state == "failed"}
    return [
        f"{name}: {len(found)}"
        for name, found in {
            "files without a row": accepted - rows,
            "files whose bytes differ": broken,
            "jobs that are gone": jobs - known.keys(),
            "jobs that did not end": known.keys() - done - given_up,
            "jobs done with no screening, or several": {job for job in done if screened[job] != 1},
            "jobs not done but screened": screened.keys() - done,
            # Three workers died over the same job: it is ended on purpose, and told so; here that is chance.
            "jobs given up though their workers did not die three times": {
                name for name in given_up if known[name].attempts < 3
            },
        }.items()
        if found
    ]


TEXT = """By `python -m benchmarks.soak`, commit {commit}: for {minutes:g} minutes {senders} users send files to a
platform on PostgreSQL with two web processes and two workers, and one more asks for a rating every {job_every:g}
seconds. Every {kill_every:g} seconds one thing is killed (SIGKILL), in all: {killed}.

{asked} requests: {told}. One without an answer, or with 503, was not accepted; that for a rating is sent again with the
same key.

Accepted and looked for afterwards: {files:,} files, by their row and by the sha256 of their bytes, and {jobs} jobs, of
which each must have ended once, with one rating. **{found}.**
"""
WORDS = {"not answered": "no answer", "job not answered": "no answer for a rating", "job 202": "202 for a rating",
         "job 503": "503 for a rating"}  # fmt: skip


def section(minutes: float, killed: Counter[str], statuses: Counter[str], found: tuple[int, int, list[str]]) -> str:
    """What the page says of it."""
    files, jobs, faults = found
    told = (f"{WORDS.get(status, status)}: {count:,}" for status, count in statuses.most_common())
    return TEXT.format(
        commit=commit(), minutes=minutes, senders=SENDERS, job_every=JOB_EVERY_S, kill_every=KILL_EVERY_S,
        killed=", ".join(f"{what} {count}" for what, count in sorted(killed.items())), told=", ".join(told),
        asked=f"{statuses.total():,}", files=files, jobs=jobs,
        found="; ".join(faults) or "Nothing was lost, every job ended once",
    )  # fmt: skip


if __name__ == "__main__":
    main()
