"""Work asked for by people: put in the queue, watched, cancelled."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from greensilk.errors import ConflictError, UsageError
from greensilk.store.columns import Page, new_id, now
from greensilk.store.work import Job
from greensilk.workspace.actor import Actor
from greensilk.workspace.arguments import RouteArguments, ScreenArguments, alike, completed, read_arguments
from greensilk.workspace.audit import noted
from greensilk.workspace.finding import cursor, found, page_size, read_cursor

Kind = Literal["screen", "compare_routes"]
STATES = ("waiting", "running", "done", "failed", "cancelled")
KEY_CHARACTERS = 100
MOST_WAITING = 100  # jobs of one organisation; more would keep the others waiting for days


def submit(db: Session, who: Actor, kind: Kind, arguments: dict[str, Any], idempotency_key: str | None = None) -> Job:
    """Puts work in the queue; accepted once this is committed.

    arguments: see workspace.arguments; idempotency_key: the same one twice is the same job
    raises: NotAllowedError; NotFoundError for a portfolio or upload that is not there; UsageError for arguments that
    cannot be; ConflictError for a key used for something else, a portfolio without an accepted file, a full queue
    """
    who.require("rate")
    if idempotency_key is not None and not 1 <= len(idempotency_key) <= KEY_CHARACTERS:
        raise UsageError("jobs.bad_key", most=KEY_CHARACTERS)
    asked = read_arguments(kind, arguments)
    earlier = _earlier(db, who, idempotency_key)
    if earlier is not None:
        return _the_same(earlier, kind, asked)
    _require_room(db, who)
    job = Job(
        id=new_id(), organisation_id=who.organisation_id, kind=kind, arguments=completed(db, who, asked),
        created_by=who.user_id, idempotency_key=idempotency_key,
    )  # fmt: skip
    try:
        with db.begin_nested():
            db.add(job)
    except IntegrityError:
        meanwhile = _earlier(db, who, idempotency_key)
        if meanwhile is None:
            raise
        return _the_same(meanwhile, kind, asked)
    noted(db, who, "job.submit", "job", job.id, kind=kind)
    return job


def _earlier(db: Session, who: Actor, key: str | None) -> Job | None:
    if key is None:
        return None
    mine = select(Job).where(Job.organisation_id == who.organisation_id, Job.idempotency_key == key)
    return db.scalars(mine).one_or_none()


def _the_same(job: Job, kind: Kind, asked: ScreenArguments | RouteArguments) -> Job:
    if job.kind != kind or not alike(asked, job.arguments):
        raise ConflictError("jobs.key_used", id=job.id)
    return job


def _require_room(db: Session, who: Actor) -> None:
    waiting = select(Job.id).where(Job.organisation_id == who.organisation_id, Job.state == "waiting")
    if len(db.scalars(waiting.limit(MOST_WAITING)).all()) == MOST_WAITING:
        raise ConflictError("jobs.queue_full", most=MOST_WAITING)


def job(db: Session, who: Actor, id: str) -> Job:
    """One job.

    raises: NotFoundError
    """
    return found(db, who, Job, id)


def jobs(  # noqa: PLR0913, PLR0917 - which of them, and which page of those
    db: Session,
    who: Actor,
    state: str | None = None,
    kind: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Job]:
    """Jobs of the organisation, the newest first.

    raises: UsageError for a wrong `after` or `limit`
    """
    limit = page_size(limit)
    asked = select(Job).where(Job.organisation_id == who.organisation_id)
    for column, value in ((Job.state, state), (Job.kind, kind)):
        if value is not None:
            asked = asked.where(column == value)
    if after is not None:
        last = found(db, who, Job, str(read_cursor(after, str)[0]))
        asked = asked.where(tuple_(Job.created_at, Job.id) < tuple_(last.created_at, last.id))
    rows = db.scalars(asked.order_by(Job.created_at.desc(), Job.id.desc()).limit(limit + 1)).all()
    items = list(rows[:limit])
    return Page(items, cursor(items[-1].id) if len(rows) > limit else None)


def cancel(db: Session, who: Actor, id: str) -> Job:
    """Ends a waiting job; asks the worker of a running one to stop. One that is over stays as it is.

    raises: NotAllowedError; NotFoundError
    """
    who.require("rate")
    of = found(db, who, Job, id, locked=True)
    if of.state in ("waiting", "running") and of.cancel_asked_at is None:
        of.cancel_asked_at = now()
        if of.state == "waiting":
            of.state, of.ended_at = "cancelled", now()
        db.flush()
        noted(db, who, "job.cancel", "job", of.id)
    return of
