"""Jobs: how far one is, what it does, and where its results and files are."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from greensilk.store.work import Job, ResultFile
from greensilk.web.templating import onward
from greensilk.web.visits import Changing, Visiting
from greensilk.workspace import queue, ratings
from greensilk.workspace.actor import Actor
from greensilk.workspace.portfolios import portfolio

OVER = ("done", "failed", "cancelled")
# Files by what people look for first; others follow by name.
FIRST = ("report.html", "report.zip", "results.xlsx", "routes.html", "routes.csv", "routes.json")

router = APIRouter(prefix="/jobs", include_in_schema=False)


@router.get("")
def jobs_page(visit: Visiting, after: Annotated[str, Query()] = "") -> Response:
    """All jobs of the organisation, the newest first."""
    with visit.served.store.reading() as db:
        found = queue.jobs(db, visit.who, after=after or None)
    return visit.page("jobs.html.j2", found=found, after=after)


@router.get("/{job_id}")
def job_page(visit: Visiting, job_id: str) -> Response:
    """One job; the page renews itself until the job is over, and may be left."""
    with visit.served.store.reading() as db:
        job = queue.job(db, visit.who, job_id)
        of = portfolio(db, visit.who, job.arguments["portfolio_id"]) if job.kind == "screen" else None
    return visit.page("job.html.j2", job=job, portfolio=of, over=job.state in OVER, found_at=found_at(job))


@router.get("/{job_id}/progress")
def progress(visit: Visiting, job_id: str) -> Response:
    """The part of the page that changes; once the job is over, all of it does."""
    with visit.served.store.reading() as db:
        job = queue.job(db, visit.who, job_id)
    over = job.state in OVER
    answer = visit.page("job_progress.html.j2", job=job, over=over, found_at=found_at(job))
    if over:
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.post("/{job_id}/cancel")
def cancel(visit: Changing, job_id: str) -> Response:
    """Asks a job to stop."""
    with visit.served.store.writing() as db:
        queue.cancel(db, visit.who, job_id)
    return onward(f"/jobs/{job_id}")


def found_at(job: Job) -> str | None:
    """Where the results of a job are."""
    result = job.result or {}
    if "screening_id" in result:
        return f"/screenings/{result['screening_id']}"
    return f"/routes/{result['comparison_id']}" if "comparison_id" in result else None


def under_way(db: Session, who: Actor, kind: Literal["screen", "compare_routes"]) -> list[Job]:
    """Jobs of one kind that run or wait."""
    return [job for state in ("running", "waiting") for job in queue.jobs(db, who, state, kind).items]


def files_of(db: Session, who: Actor, job_id: str) -> list[ResultFile]:
    """What a job wrote, as pages list it."""
    held = ratings.files(db, who, job_id)
    return sorted(held, key=lambda one: (FIRST.index(one.name) if one.name in FIRST else len(FIRST), one.name))
