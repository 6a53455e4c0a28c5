"""The queue of jobs: taken once, under a lease that is renewed, and ended by whoever holds the lease.

A worker that dies loses its lease, and the job is taken again. One that was only slow finds its lease gone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, and_, case, func, literal, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from greensilk.store.columns import UtcTime, new_id, now
from greensilk.store.opening import Store
from greensilk.store.work import Job
from greensilk.texts import LANGUAGES, text

LEASE_S = 30.0  # a worker that is silent for so long is dead; it speaks every few seconds
MOST_ATTEMPTS = 3  # a job that ended its worker so often will do it again

Ending = Literal["done", "failed", "cancelled"]
Held = Literal["held", "cancel", "lost"]


class LeaseLostError(Exception):
    """Another worker has the job now, or it is over: what was made for it is not kept."""


@dataclass(frozen=True)
class Claimed:
    """A job taken from the queue; only who knows the lease may speak for it."""

    id: str
    lease: str
    organisation_id: str
    created_by: str
    kind: str
    arguments: dict[str, Any]


def claim(store: Store, worker: str, lease_s: float = LEASE_S) -> Claimed | None:
    """Takes the job that has waited longest of the organisation whose turn it is, or one whose worker has died; None if
    there is none.

    worker: who takes it, as told to people; lease_s: for how long, unless renewed
    """
    while True:
        with store.reading() as db:  # a worker without work must not queue up with those who write
            if db.scalar(select(Job.id).where(_to_take(clock(db))).limit(1)) is None:
                return None
        with store.writing() as db:
            at = clock(db)
            job = db.scalars(_next(db, at).with_for_update(skip_locked=True)).first()
            if job is None:
                return None
            if _may_run(job):
                return _taken(job, worker, at + dt.timedelta(seconds=lease_s))


def clock(db: Session) -> dt.datetime:
    """This moment as all workers see it: by PostgreSQL's clock, since those of several hosts differ; who shares an
    embedded database shares a host."""
    if db.get_bind().dialect.name == "sqlite":
        return now()
    return db.scalars(select(func.clock_timestamp(type_=UtcTime()))).one()


def _to_take(at: dt.datetime) -> Any:
    return or_(Job.state == "waiting", and_(Job.state == "running", Job.leased_until < at))


def _next(db: Session, at: dt.datetime) -> Select[Job]:
    """Organisations take turns, so that one with a hundred jobs does not keep the others waiting: first those that have
    never had a job, then those whose last one began longest ago."""
    last = func.max(Job.started_at)
    waiting = select(Job.organisation_id).where(_to_take(at))
    turns = (
        select(Job.organisation_id)
        .where(Job.organisation_id.in_(waiting))
        .group_by(Job.organisation_id)
        .order_by(last.is_not(None), last, func.min(Job.created_at))
    )
    rank = {organisation: place for place, organisation in enumerate(db.scalars(turns))}
    turn = case(rank, value=Job.organisation_id, else_=len(rank)) if rank else literal(0)
    return select(Job).where(_to_take(at)).order_by(turn, Job.created_at, Job.id).limit(1)


def _may_run(job: Job) -> bool:
    """Whether a job may be taken; one that was cancelled, or has ended its workers again and again, is ended."""
    if job.cancel_asked_at is None and job.attempts < MOST_ATTEMPTS:
        return True
    if job.cancel_asked_at is None:
        job.error = {
            "code": "worker",
            **{lang: text("jobs.worker_died", lang, times=job.attempts) for lang in LANGUAGES},
        }
    job.state = "failed" if job.cancel_asked_at is None else "cancelled"
    job.ended_at, job.lease, job.leased_until = now(), None, None
    return False


def _taken(job: Job, worker: str, leased_until: dt.datetime) -> Claimed:
    job.state, job.worker, job.lease = "running", worker[:100], new_id()
    job.attempts, job.share, job.doing = job.attempts + 1, 0.0, None
    job.started_at = job.started_at or now()
    job.leased_until = leased_until
    return Claimed(job.id, job.lease, job.organisation_id, job.created_by, job.kind, dict(job.arguments))


def renew(store: Store, job: Claimed, share: float, doing: dict[str, Any] | None, lease_s: float = LEASE_S) -> Held:
    """Keeps a lease, and tells how far the work is: whether it is still held, or cancelling was asked for.

    share: done so far, 0 to 1; doing: {en, zh}
    """
    with store.writing() as db:
        until = clock(db) + dt.timedelta(seconds=lease_s)
        if not _change(db, job, share=min(max(share, 0.0), 1.0), doing=doing, leased_until=until):
            return "lost"
        asked = db.scalar(select(Job.cancel_asked_at).where(Job.id == job.id))
        return "held" if asked is None else "cancel"


def hold(db: Session, job: Claimed) -> None:
    """Makes sure, first thing in the transaction that ends a job, that it is still ours until that is committed.

    raises: LeaseLostError if it is not, or cancelling was asked for
    """
    wanted = select(Job.cancel_asked_at).where(Job.id == job.id, Job.lease == job.lease, Job.state == "running")
    row = db.execute(wanted.with_for_update()).one_or_none()
    if row is None or row[0] is not None:
        raise LeaseLostError(job.id)


def finish(db: Session, job: Claimed, state: Ending, said: dict[str, Any]) -> None:
    """Ends a job within the transaction that keeps what it made.

    said: the result of one that is done, or the error {code, en, zh} of one that failed
    raises: LeaseLostError if another has it: then nothing of the transaction may be kept
    """
    values: dict[str, Any] = {"state": state, "ended_at": now(), "lease": None, "leased_until": None}
    if state == "done":
        values |= {"share": 1.0, "doing": None, "result": said}
    elif state == "failed":
        values |= {"error": said}
    if not _change(db, job, **values):
        raise LeaseLostError(job.id)


def requeue(store: Store, job: Claimed) -> None:
    """Gives back a job that its worker has no time to end; nothing if it is not ours any more. One that was to be
    cancelled is over."""
    asked = Job.cancel_asked_at.is_not(None)
    with store.writing() as db:
        _change(db, job, state=case((asked, "cancelled"), else_="waiting"), ended_at=case((asked, now()), else_=None),
                lease=None, leased_until=None, worker=None, share=0.0, doing=None,
                attempts=Job.attempts - 1)  # fmt: skip


def _change(db: Session, job: Claimed, **values: Any) -> bool:
    ours = update(Job).where(Job.id == job.id, Job.lease == job.lease, Job.state == "running")
    done = db.execute(ours.values(**values).execution_options(synchronize_session=False))
    return isinstance(done, CursorResult) and done.rowcount == 1
