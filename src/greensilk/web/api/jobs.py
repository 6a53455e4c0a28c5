"""Jobs: work that takes its time, watched and cancelled; files that they wrote."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import FileResponse
from pydantic import Field

from greensilk.store.work import Job
from greensilk.web.api.answers import FILE_ANSWER, Answer, Listed, Paged, Words, download, errors, listed, shown
from greensilk.web.api.uploads import CodedWords
from greensilk.web.asking import Rater, Reader
from greensilk.web.platform import Served
from greensilk.workspace import queue, ratings

router = APIRouter(prefix="/api/v1", tags=["jobs"], responses=errors())


class JobAnswer(Answer):
    """A job. state: waiting, running, done, failed or cancelled; share: done so far, 0 to 1; result: the id of what
    it made, as {"screening_id": ...} or {"comparison_id": ...}"""

    id: str
    kind: str
    state: str
    share: float
    doing: Words | None
    error: CodedWords | None
    result: dict[str, Any] | None
    arguments: dict[str, Any]
    attempts: int
    cancel_asked_at: dt.datetime | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None

    model_config = shown(
        id="0a1b2c3d4e5f60718293a4b5c6d7e8f9", kind="screen", state="running", share=0.4,
        doing={"en": "Writing report and tables", "zh": "生成报告与表格"}, error=None, result=None,
        arguments={"portfolio_id": "4f0c1d2e3a4b5c6d7e8f90a1b2c3d4e5", "standards": ["gdg_2020"], "on": None},
        attempts=1, cancel_asked_at=None, created_at="2026-11-23T08:00:00Z", started_at="2026-11-23T08:00:02Z",
        ended_at=None,
    )  # fmt: skip


class FileAnswer(Answer):
    """A file that a job wrote; its content is at /api/v1/files/{id}."""

    id: str
    name: str
    media_type: str
    sha256: str = Field(validation_alias="file_sha256")
    bytes: int = Field(validation_alias="file_bytes")
    created_at: dt.datetime


@dataclass(frozen=True)
class Submission:
    """What makes a repeated request the same job, and the answer that tells where the job is."""

    key: str | None
    response: Response

    def accepted(self, job: Job) -> JobAnswer:
        """The answer to who asked for the work."""
        self.response.headers["Location"] = f"/api/v1/jobs/{job.id}"
        return JobAnswer.model_validate(job)


async def submission(
    response: Response,
    idempotency_key: Annotated[
        str | None,
        Header(min_length=1, max_length=queue.KEY_CHARACTERS, examples=["loans-2026-11"],
               description="The same key twice is the same job, however often the request is repeated"),
    ] = None,
) -> Submission:  # fmt: skip
    """What comes with a request for work."""
    return Submission(idempotency_key, response)


Submitted = Annotated[Submission, Depends(submission)]


@router.get("/jobs", summary="Jobs, the newest first", responses=errors(422))
def jobs(
    served: Served,
    who: Reader,
    paged: Paged,
    state: Annotated[Literal["waiting", "running", "done", "failed", "cancelled"] | None, Query()] = None,
    kind: Annotated[Literal["screen", "compare_routes"] | None, Query()] = None,
) -> Listed[JobAnswer]:
    """The jobs of your organisation."""
    with served.store.reading() as db:
        page = queue.jobs(db, who, state, kind, paged.after, paged.limit)
        return listed(JobAnswer, page.items, page.next)


@router.get("/jobs/{id}", summary="How far a job is", responses=errors(404))
def job(served: Served, who: Reader, id: str) -> JobAnswer:
    """One job; ask again every few seconds until it is done, failed or cancelled."""
    with served.store.reading() as db:
        return JobAnswer.model_validate(queue.job(db, who, id))


@router.post("/jobs/{id}/cancel", summary="Stop a job", responses=errors(404))
def cancel_job(served: Served, who: Rater, id: str) -> JobAnswer:
    """A waiting job ends at once, a running one soon; one that is over stays as it is."""
    with served.store.writing() as db:
        return JobAnswer.model_validate(queue.cancel(db, who, id))


@router.get("/jobs/{id}/files", summary="The files that a job wrote", responses=errors(404))
def job_files(served: Served, who: Reader, id: str) -> Listed[FileAnswer]:
    """Reports and tables to download."""
    with served.store.reading() as db:
        return listed(FileAnswer, ratings.files(db, who, id))


@router.get(
    "/files/{id}", summary="Download a file", response_class=FileResponse, responses={**errors(404), **FILE_ANSWER}
)
def file_content(served: Served, who: Reader, id: str) -> FileResponse:
    """The content of a file that a job wrote."""
    with served.store.reading() as db:
        row = ratings.file(db, who, id)
    return download(served.vault, row.file_sha256, row.name, row.media_type)
