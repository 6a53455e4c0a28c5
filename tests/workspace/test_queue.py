"""The queue: a job is taken once, kept by its lease, ended once, and the same request twice is one job."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from greensilk.errors import ConflictError, UsageError
from greensilk.store import queue as store_queue
from greensilk.store.columns import now
from greensilk.store.opening import Store
from greensilk.store.queue import MOST_ATTEMPTS, LeaseLostError, claim, finish, hold, renew, requeue
from greensilk.store.vault import Vault
from greensilk.store.work import Job
from greensilk.workspace import queue
from greensilk.workspace.actor import Actor
from platform_people import Gathered
from platform_work import ROWS, accepted, asked, job_now, new_portfolio

ROUTES = {"name": "r", "file_sha256": "0" * 64, "file_name": "r.geojson"}
CLAIM_ALL = """
import sys
from pathlib import Path
from greensilk.store.opening import open_store
from greensilk.store.queue import claim
store = open_store(Path("."), sys.argv[1])
while (job := claim(store, "process")) is not None:
    print(job.id, flush=True)
store.close()
"""


def submitted(store: Store, who: Actor, count: int = 1) -> list[Job]:
    with store.writing() as db:
        return [queue.submit(db, who, "compare_routes", ROUTES) for _ in range(count)]


def expired(store: Store) -> None:
    """As if the workers had been silent for long."""
    with store.writing() as db:
        db.execute(update(Job).values(leased_until=now() - dt.timedelta(seconds=1)).where(Job.state == "running"))


def test_each_job_is_taken_once_by_eight_threads(store: Store, people: Gathered) -> None:
    wanted = {job.id for job in submitted(store, people.a.analyst, 40)}

    def take_all(number: int) -> list[str]:
        taken = []
        while (job := claim(store, f"thread {number}")) is not None:
            taken.append(job.id)
        return taken

    with ThreadPoolExecutor(8) as pool:
        taken = Counter(id for part in pool.map(take_all, range(8)) for id in part)
    assert set(taken) == wanted and set(taken.values()) == {1}


def test_each_job_is_taken_once_by_two_processes(store: Store, database_url: str, people: Gathered) -> None:
    wanted = {job.id for job in submitted(store, people.a.analyst, 30)}
    command = [sys.executable, "-c", CLAIM_ALL, database_url]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert Counter(id for part in said for id in part) == Counter(wanted)


def test_jobs_are_taken_in_the_order_they_came(store: Store, people: Gathered) -> None:
    first, second = submitted(store, people.a.analyst)[0], submitted(store, people.b.analyst)[0]
    taken = [claim(store, "w"), claim(store, "w"), claim(store, "w")]
    assert [one and one.id for one in taken] == [first.id, second.id, None]


def test_organisations_take_turns_whoever_came_first(store: Store, people: Gathered) -> None:
    many, few = submitted(store, people.a.analyst, 4), submitted(store, people.b.analyst, 2)
    taken = [one.id for one in iter(lambda: claim(store, "w"), None)]
    assert taken == [many[0].id, few[0].id, many[1].id, few[1].id, many[2].id, many[3].id]


def test_a_dead_workers_job_is_taken_again_and_the_dead_one_keeps_nothing(store: Store, people: Gathered) -> None:
    submitted(store, people.a.analyst)
    slow = claim(store, "slow")
    assert slow is not None and claim(store, "quick") is None
    assert renew(store, slow, 0.5, {"en": "x", "zh": "y"}) == "held"
    expired(store)
    quick = claim(store, "quick")
    assert quick is not None and quick.id == slow.id and quick.lease != slow.lease
    assert renew(store, slow, 0.9, None) == "lost"
    for act in (lambda db: hold(db, slow), lambda db: finish(db, slow, "done", {"screening_id": "x"})):
        with pytest.raises(LeaseLostError), store.writing() as db:
            act(db)
    with store.writing() as db:
        hold(db, quick)
        finish(db, quick, "done", {"comparison_id": "y"})
    seen = job_now(store, people.a.viewer, Job(id=quick.id))
    assert (seen.state, seen.share, seen.attempts, seen.result) == ("done", 1.0, 2, {"comparison_id": "y"})
    with pytest.raises(LeaseLostError), store.writing() as db:
        finish(db, quick, "failed", {"code": "x"})


def test_a_host_whose_clock_is_wrong_takes_nobodys_job(
    store: Store, people: Gathered, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store.is_sqlite:
        pytest.skip("who shares an embedded database shares a clock")
    submitted(store, people.a.analyst)
    held = claim(store, "right")
    assert held is not None
    for wrong in (dt.timedelta(hours=1), -dt.timedelta(hours=1)):
        monkeypatch.setattr(store_queue, "now", lambda wrong=wrong: now() + wrong)
        assert claim(store, "wrong") is None and renew(store, held, 0.5, None) == "held"
    expired(store)
    assert claim(store, "wrong") is not None


def test_a_job_given_back_while_it_was_to_be_cancelled_is_over(store: Store, people: Gathered) -> None:
    submitted(store, people.a.analyst)
    taken = claim(store, "w")
    assert taken is not None
    with store.writing() as db:
        queue.cancel(db, people.a.analyst, taken.id)
    requeue(store, taken)
    seen = job_now(store, people.a.viewer, Job(id=taken.id))
    assert seen.state == "cancelled" and seen.ended_at is not None and claim(store, "w") is None


def test_a_job_that_ends_its_workers_is_given_up_with_words(store: Store, people: Gathered) -> None:
    job = submitted(store, people.a.analyst)[0]
    for _ in range(MOST_ATTEMPTS):
        assert claim(store, "w") is not None
        expired(store)
    assert claim(store, "w") is None
    seen = job_now(store, people.a.viewer, job)
    assert seen.state == "failed" and seen.error is not None and seen.ended_at is not None
    assert f"{MOST_ATTEMPTS} times" in seen.error["en"] and "3 次" in seen.error["zh"]


def test_a_job_given_back_waits_as_if_nobody_had_taken_it(store: Store, people: Gathered) -> None:
    submitted(store, people.a.analyst)
    for _ in range(MOST_ATTEMPTS + 2):
        taken = claim(store, "w")
        assert taken is not None
        requeue(store, taken)
    seen = job_now(store, people.a.viewer, Job(id=taken.id))
    assert (seen.state, seen.attempts, seen.worker, seen.lease) == ("waiting", 0, None, None)
    requeue(store, taken)
    assert job_now(store, people.a.viewer, seen).attempts == 0


def test_cancelling_ends_what_waits_and_asks_what_runs(store: Store, people: Gathered) -> None:
    who = people.a.analyst
    waiting = submitted(store, who)[0]
    with store.writing() as db:
        assert queue.cancel(db, who, waiting.id).state == "cancelled"
    assert claim(store, "w") is None
    submitted(store, who)
    running = claim(store, "w")
    assert running is not None
    with store.writing() as db:
        assert queue.cancel(db, who, running.id).state == "running"
    assert renew(store, running, 0.1, None) == "cancel"
    with pytest.raises(LeaseLostError), store.writing() as db:
        hold(db, running)
    expired(store)
    assert claim(store, "w") is None
    assert job_now(store, who, Job(id=running.id)).state == "cancelled"


def test_the_same_request_twice_is_one_job(store: Store, vault: Vault, people: Gathered) -> None:
    who, other = people.a.analyst, people.b.analyst
    portfolio = new_portfolio(store, who)
    accepted(store, vault, who, portfolio, *ROWS)
    wanted = {"portfolio_id": portfolio.id, "standards": ["gdg_2020"]}
    ids: list[str] = []

    def submit() -> None:
        with store.writing() as db:
            ids.append(queue.submit(db, who, "screen", wanted, "key").id)

    threads = [threading.Thread(target=submit) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 6 and len(set(ids)) == 1
    accepted(store, vault, who, portfolio, "z,Zeta,solar,103,16")
    submit()
    assert set(ids) == {ids[0]}  # still the same, though a newer file would be rated now
    with pytest.raises(ConflictError, match="another request"), store.writing() as db:
        queue.submit(db, who, "screen", {**wanted, "on": "2020-01-01"}, "key")
    with store.writing() as db:
        assert queue.submit(db, other, "compare_routes", ROUTES, "key").id != ids[0]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("screen", {"on": "2020-13-01"}),
        ("screen", {"standards": []}),
        ("screen", {"standards": ["none_such"]}),
        ("screen", {"layers": ["none_such"]}),
        ("screen", {"position_error_m": -1.0}),
        ("screen", {"position_error_m": float("nan")}),
        ("screen", {"more": 1}),
        ("dance", {}),
        ("compare_routes", {"file_sha256": "../../etc/passwd"}),
        ("compare_routes", {"options": {"width_m": 1e9}}),
    ],
)
def test_arguments_that_cannot_be_are_refused_at_once(
    store: Store, vault: Vault, people: Gathered, kind: str, change: dict[str, object]
) -> None:
    who = people.a.analyst
    portfolio = new_portfolio(store, who)
    accepted(store, vault, who, portfolio, *ROWS)
    given = {"portfolio_id": portfolio.id} if kind == "screen" else ROUTES
    with pytest.raises(UsageError), store.writing() as db:
        queue.submit(db, who, kind, {**given, **change})  # type: ignore[arg-type]
    with store.reading() as db:
        assert queue.jobs(db, who).items == []


def test_a_portfolio_without_an_accepted_file_is_not_rated(store: Store, people: Gathered) -> None:
    with pytest.raises(ConflictError, match="no accepted file"):
        asked(store, people.a.analyst, new_portfolio(store, people.a.analyst))


def test_one_organisation_does_not_fill_the_queue(
    store: Store, people: Gathered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST_WAITING", 3)
    submitted(store, people.a.analyst, 3)
    with pytest.raises(ConflictError, match="3 jobs waiting"):
        submitted(store, people.a.analyst)
    assert submitted(store, people.b.analyst)


def test_jobs_are_listed_page_by_page(store: Store, people: Gathered) -> None:
    ids = [job.id for job in submitted(store, people.a.analyst, 7)]
    seen, after = [], None
    with store.reading() as db:
        while True:
            page = queue.jobs(db, people.a.viewer, after=after, limit=3)
            seen += [job.id for job in page.items]
            after = page.next
            if after is None:
                break
    assert sorted(seen) == sorted(ids) and len(seen) == 7
